// RUN: heddle-opt %s | heddle-opt | FileCheck %s
// RUN: heddle-opt %s -mlir-print-op-generic | heddle-opt | FileCheck %s

// CHECK-LABEL: kernel.func @linear(
// CHECK-SAME: %[[X:.*]]: !graph.tensor<[m, 64], f32> {graph.name = "x"}
// CHECK-SAME: %[[W:.*]]: !graph.tensor<[48, 64], f32, panels<0, 24>> {kernel.constant}
// CHECK-SAME: -> !graph.tensor<[m, 48], f32> sizes [#graph.size<"m", 1, 32768>] attributes {sym_visibility = "private"} {
kernel.func @linear(%x: !graph.tensor<[m, 64], f32> {graph.name = "x"},
                    %w: !graph.tensor<[48, 64], f32, panels<0, 24>> {kernel.constant})
    -> !graph.tensor<[m, 48], f32> sizes [#graph.size<"m", 1, 32768>]
    attributes {sym_visibility = "private"} {
  // CHECK-NEXT: graph.reduce sum [r: m, o: 48] over [k: 64]
  %0 = graph.reduce sum [r: m, o: 48] over [k: 64] {
  ^bb0(%r: index, %o: index, %k: index):
    %1 = graph.read %x[%r, %k] : !graph.tensor<[m, 64], f32>
    %2 = graph.read %w[%o, %k] : !graph.tensor<[48, 64], f32, panels<0, 24>>
    %3 = arith.mulf %1, %2 : f32
    graph.yield %3 : f32
  } : !graph.tensor<[m, 48], f32>
  // CHECK: kernel.return %{{.*}} : !graph.tensor<[m, 48], f32>
  kernel.return %0 : !graph.tensor<[m, 48], f32>
}

// CHECK-LABEL: kernel.func @fixed() -> !graph.tensor<[4], f32> sizes [] {
kernel.func @fixed() -> !graph.tensor<[4], f32> sizes [] {
  %c = arith.constant 1.0 : f32
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  kernel.return %0 : !graph.tensor<[4], f32>
}

// CHECK-LABEL: func.func @entry
func.func @entry(%x: !graph.tensor<[B, S, 64], f32>, %w: !graph.tensor<[48, 64], f32, panels<0, 24>>)
    -> !graph.tensor<[B, S, 48], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  // CHECK: kernel.call @linear(%{{.*}}, %{{.*}}) sizes [B * S] : (!graph.tensor<[B, S, 64], f32>, !graph.tensor<[48, 64], f32, panels<0, 24>>) -> !graph.tensor<[B, S, 48], f32>
  %y = kernel.call @linear(%x, %w) sizes [B * S]
      : (!graph.tensor<[B, S, 64], f32>, !graph.tensor<[48, 64], f32, panels<0, 24>>)
      -> !graph.tensor<[B, S, 48], f32>
  // CHECK: kernel.call @fixed() sizes [] : () -> !graph.tensor<[4], f32>
  %z = kernel.call @fixed() sizes [] : () -> !graph.tensor<[4], f32>
  return %y : !graph.tensor<[B, S, 48], f32>
}

// What the caller's facts say counts: N runs further, but not beyond B.
// CHECK-LABEL: func.func @by_fact
func.func @by_fact(%x: !graph.tensor<[N, 64], f32>, %w: !graph.tensor<[48, 64], f32, panels<0, 24>>)
    -> !graph.tensor<[N, 48], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"N", 1, 100000>],
                graph.facts = [#graph.fact<nonnegative, B - N>]} {
  %y = kernel.call @linear(%x, %w) sizes [N]
      : (!graph.tensor<[N, 64], f32>, !graph.tensor<[48, 64], f32, panels<0, 24>>)
      -> !graph.tensor<[N, 48], f32>
  return %y : !graph.tensor<[N, 48], f32>
}
