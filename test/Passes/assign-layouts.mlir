// RUN: heddle-opt %s -kernel-assign-layouts=panels=8 | FileCheck %s
// RUN: heddle-opt %s -kernel-assign-layouts | FileCheck %s --check-prefix=NONE

// NONE-NOT: panels

kernel.func @linear(%x: !graph.tensor<[m, 64], f32>, %w: !graph.tensor<[16, 64], f32> {kernel.constant})
    -> !graph.tensor<[m, 16], f32> sizes [#graph.size<"m", 1, 64>] {
  %0 = graph.reduce sum [m: m, o: 16] over [k: 64] {
  ^bb0(%r: index, %o: index, %k: index):
    %1 = graph.read %x[%r, %k] : !graph.tensor<[m, 64], f32>
    %2 = graph.read %w[%o, %k] : !graph.tensor<[16, 64], f32>
    %3 = arith.mulf %1, %2 : f32
    graph.yield %3 : f32
  } : !graph.tensor<[m, 16], f32>
  kernel.return %0 : !graph.tensor<[m, 16], f32>
}
// CHECK-LABEL: kernel.func @linear(
// CHECK-SAME: !graph.tensor<[16, 64], f32, panels<0, 8>> {kernel.constant}
// CHECK: graph.read %{{.*}}[%o, %k] : !graph.tensor<[16, 64], f32, panels<0, 8>>

kernel.func @twice(%w: !graph.tensor<[4, 4], f32> {kernel.constant}) -> !graph.tensor<[4, 4], f32> sizes [] {
  %0 = graph.map [i: 4, j: 4] {
  ^bb0(%i: index, %j: index):
    %1 = graph.read %w[%i, %j] : !graph.tensor<[4, 4], f32>
    %2 = arith.addf %1, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[4, 4], f32>
  kernel.return %0 : !graph.tensor<[4, 4], f32>
}
// A weight and a global take the layout alike.
// CHECK-LABEL: kernel.func @twice(
// CHECK-SAME: !graph.tensor<[4, 4], f32, panels<0, 8>> {kernel.constant}

kernel.func @thrice(%w: !graph.tensor<[4, 4], f32> {kernel.constant}) -> !graph.tensor<[4, 4], f32> sizes [] {
  %0 = graph.map [i: 4, j: 4] {
  ^bb0(%i: index, %j: index):
    %1 = graph.read %w[%i, %j] : !graph.tensor<[4, 4], f32>
    %2 = arith.mulf %1, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[4, 4], f32>
  kernel.return %0 : !graph.tensor<[4, 4], f32>
}
// One call gives another view of a weight: all stay dense.
// CHECK-LABEL: kernel.func @thrice(
// CHECK-SAME: !graph.tensor<[4, 4], f32> {kernel.constant}

graph.global @g : !graph.tensor<[4, 4], f32> {
  %w = graph.weight "g" : !graph.tensor<[4, 4], f32>
  graph.return %w : !graph.tensor<[4, 4], f32>
}

// CHECK-LABEL: func.func @entry
// CHECK: %[[W:.*]] = graph.weight "w" : !graph.tensor<[16, 64], f32, panels<0, 8>>
// CHECK-NOT: graph.weight "w"
// CHECK: kernel.call @linear(%{{.*}}, %[[W]])
// CHECK-DAG: graph.get_global @g : !graph.tensor<[4, 4], f32, panels<0, 8>>
// CHECK-DAG: graph.weight "v" : !graph.tensor<[4, 4], f32, panels<0, 8>>
// CHECK-DAG: graph.weight "v" : !graph.tensor<[4, 4], f32>
func.func @entry(%x: !graph.tensor<[N, 64], f32>) -> (!graph.tensor<[N, 16], f32>, !graph.tensor<[4, 4], f32>, !graph.tensor<[4, 4], f32>, !graph.tensor<[4, 4], f32>, !graph.tensor<[4, 4], f32>)
    attributes {graph.dims = [#graph.size<"N", 1, 64>]} {
  %w = graph.weight "w" : !graph.tensor<[16, 64], f32>
  %y = kernel.call @linear(%x, %w) sizes [N] : (!graph.tensor<[N, 64], f32>, !graph.tensor<[16, 64], f32>) -> !graph.tensor<[N, 16], f32>
  %g = graph.get_global @g : !graph.tensor<[4, 4], f32>
  %v = graph.weight "v" : !graph.tensor<[4, 4], f32>
  %a = kernel.call @twice(%g) sizes [] : (!graph.tensor<[4, 4], f32>) -> !graph.tensor<[4, 4], f32>
  %b = kernel.call @twice(%v) sizes [] : (!graph.tensor<[4, 4], f32>) -> !graph.tensor<[4, 4], f32>
  %f = graph.weight "f" : !graph.tensor<[2, 8], f32>
  %c = kernel.call @thrice(%v) sizes [] : (!graph.tensor<[4, 4], f32>) -> !graph.tensor<[4, 4], f32>
  %d = kernel.call @thrice(%f) sizes [] : (!graph.tensor<[2, 8], f32>) -> !graph.tensor<[4, 4], f32>
  return %y, %a, %b, %c, %d : !graph.tensor<[N, 16], f32>, !graph.tensor<[4, 4], f32>, !graph.tensor<[4, 4], f32>, !graph.tensor<[4, 4], f32>, !graph.tensor<[4, 4], f32>
}
