// What the kernel library has no word for.
kernel.func @composite(%x: !graph.tensor<[n, 2], f32>) -> !graph.tensor<[n * 2], f32>
    sizes [#graph.size<"n", 1, 9>] {

  %0 = graph.map [(i: n, j: 2)] {
  ^bb0(%i: index, %j: index):
    %1 = graph.read %x[%i, %j] : !graph.tensor<[n, 2], f32>
    %2 = arith.addf %1, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[n * 2], f32>
  kernel.return %0 : !graph.tensor<[n * 2], f32>
}

kernel.func @unknown(%x: !graph.tensor<[4], f32>) -> !graph.tensor<[4], f32> sizes [] {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %1 = graph.read %x[%i] : !graph.tensor<[4], f32>
    %2 = math.atan %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[4], f32>
  kernel.return %0 : !graph.tensor<[4], f32>
}
