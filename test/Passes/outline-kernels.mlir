// RUN: heddle-opt %s -graph-outline-kernels -split-input-file | FileCheck %s

// Rows collapse, and two linear layers share one kernel.
module attributes {graph.model = "two"} {
// CHECK-LABEL: kernel.func @two_k0(
// CHECK-SAME: %[[X:.*]]: !graph.tensor<[m, 64], f32>, %[[W:.*]]: !graph.tensor<[64, 64], f32> {kernel.constant})
// CHECK-SAME: -> !graph.tensor<[m, 64], f32> sizes [#graph.size<"m", 1, 32768>]
// CHECK: graph.reduce sum [m: m, o: 64] over [k: 64]
// CHECK: graph.read %[[X]][%m, %k]
// CHECK: graph.read %[[W]][%o, %k]
// CHECK-NOT: kernel.func
// CHECK-LABEL: func.func @shares
// CHECK-NEXT: %[[W0:.*]] = graph.weight "a"
// CHECK-NEXT: %[[W1:.*]] = graph.weight "b"
// CHECK-NEXT: %[[Y:.*]] = kernel.call @two_k0(%{{.*}}, %[[W0]]) sizes [B * S]
// CHECK-NEXT: %[[Z:.*]] = kernel.call @two_k0(%[[Y]], %[[W1]]) sizes [B * S]
// CHECK-NEXT: return %[[Z]]
func.func @shares(%x: !graph.tensor<[B, S, 64], f32>) -> !graph.tensor<[B, S, 64], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %w = graph.weight "a" : !graph.tensor<[64, 64], f32>
  %y = graph.reduce sum [b: B, s: S, o: 64] over [k: 64] {
  ^bb0(%b: index, %s: index, %o: index, %k: index):
    %0 = graph.read %x[%b, %s, %k] : !graph.tensor<[B, S, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[64, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 64], f32>
  %v = graph.weight "b" : !graph.tensor<[64, 64], f32>
  %z = graph.reduce sum [b: B, s: S, o: 64] over [k: 64] {
  ^bb0(%b: index, %s: index, %o: index, %k: index):
    %0 = graph.read %y[%b, %s, %k] : !graph.tensor<[B, S, 64], f32>
    %1 = graph.read %v[%o, %k] : !graph.tensor<[64, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 64], f32>
  return %z : !graph.tensor<[B, S, 64], f32>
}
}

// -----

// A position is no row: the index stands alone in the read of the table.
// CHECK-LABEL: kernel.func @model_k0(
// CHECK-SAME: !graph.tensor<[B, S, 64], f32>
// CHECK-SAME: sizes [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]
// CHECK-LABEL: func.func @keeps_positions
func.func @keeps_positions(%x: !graph.tensor<[B, S, 64], f32>, %p: !graph.tensor<[512, 64], f32>) -> !graph.tensor<[B, S, 64], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %y = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 64], f32>
    %1 = graph.read %p[%s, %e] : !graph.tensor<[512, 64], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 64], f32>
  return %y : !graph.tensor<[B, S, 64], f32>
}

// -----

// A tensor read by rows and also otherwise keeps its axes.
// CHECK-LABEL: kernel.func @model_k0(
// CHECK-SAME: !graph.tensor<[B, S, 64], f32>
// CHECK-LABEL: func.func @keeps_shifted
func.func @keeps_shifted(%x: !graph.tensor<[B, S, 64], f32>) -> !graph.tensor<[B, S, 64], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %c0 = arith.constant 0 : index
  %y = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 64], f32>
    %1 = graph.read %x[%c0, %c0, %e] : !graph.tensor<[B, S, 64], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 64], f32>
  return %y : !graph.tensor<[B, S, 64], f32>
}

// -----

// What a kernel does not compute is copied by one, and a value returned twice
// is two results. A composite dimension becomes a size.
// CHECK-LABEL: kernel.func @model_k0(%{{.*}}: !graph.tensor<[n], f32>) -> !graph.tensor<[n], f32> sizes [#graph.size<"n", 3, 129>]
// CHECK-LABEL: kernel.func @model_k1(
// CHECK-SAME: {kernel.constant}
// CHECK-NOT: kernel.func
// CHECK-LABEL: func.func @copies(
// CHECK-SAME: %[[X:.*]]: !graph.tensor<[N * 2 + 1], f32>)
// CHECK: %[[A:.*]] = kernel.call @model_k0(%[[X]]) sizes [N * 2 + 1]
// CHECK: %[[B:.*]] = kernel.call @model_k0(%[[X]]) sizes [N * 2 + 1]
// CHECK: %[[C:.*]] = kernel.call @model_k1
// CHECK: return %[[A]], %[[B]], %[[C]]
func.func @copies(%x: !graph.tensor<[N * 2 + 1], f32>) -> (!graph.tensor<[N * 2 + 1], f32>, !graph.tensor<[N * 2 + 1], f32>, !graph.tensor<[4], f16>)
    attributes {graph.dims = [#graph.size<"N", 1, 64>]} {
  %w = graph.weight "w" : !graph.tensor<[4], f16>
  return %x, %x, %w : !graph.tensor<[N * 2 + 1], f32>, !graph.tensor<[N * 2 + 1], f32>, !graph.tensor<[4], f16>
}

// -----

// One group of two ops; the inner tensor stays inside, and nobody reads %dead.
// CHECK-LABEL: kernel.func @model_k0(%{{.*}}: !graph.tensor<[N], f32>) -> !graph.tensor<[N], f32>
// CHECK: %[[E:.*]] = graph.map
// CHECK: math.exp
// CHECK: %[[R:.*]] = graph.map
// CHECK: graph.read %[[E]]
// CHECK: math.sqrt
// CHECK: kernel.return %[[R]]
// CHECK-NOT: kernel.func
// CHECK-LABEL: func.func @groups
// CHECK-NEXT: kernel.call @model_k0
// CHECK-NEXT: return
func.func @groups(%x: !graph.tensor<[N], f32>) -> !graph.tensor<[N], f32>
    attributes {graph.dims = [#graph.size<"N", 1, 64>]} {
  %a = graph.map [i: N] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[N], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 7} : !graph.tensor<[N], f32>
  %b = graph.map [i: N] {
  ^bb0(%i: index):
    %0 = graph.read %a[%i] : !graph.tensor<[N], f32>
    %1 = math.sqrt %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 7} : !graph.tensor<[N], f32>
  %dead = graph.map [i: N] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[N], f32>
    %1 = math.sin %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[N], f32>
  return %b : !graph.tensor<[N], f32>
}
