// The columns of a chain's contractions are packed in panels of their own; not without a width,
// not where the two are no group, and not where they are vectors as they lie (chain.mlir).
// RUN: heddle-opt %s -graph-group -graph-pack-columns=width=16 -o - | FileCheck %s
// RUN: heddle-opt %s -graph-group -graph-pack-columns -o - | FileCheck %s --check-prefix=NONE
// RUN: heddle-opt %s -graph-pack-columns=width=16 -o - | FileCheck %s --check-prefix=NONE

// CHECK-LABEL: func.func @heads
// CHECK: graph.map [p: (T + 15) floordiv 16, b: B, h: 2, d: 6, l: 16]
// CHECK: kernel.group = 1
// CHECK: graph.map [p: 1, b: B, h: 2, j: T, l: 16]
// CHECK: kernel.group = 2
// NONE-LABEL: func.func @heads
// NONE-NOT: l: 16
// NONE: return
func.func @heads(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  %z = graph.map [b: B, s: S, e: 12] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %y[%b, %s, %e] : !graph.tensor<[B, S, 12], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %z : !graph.tensor<[B, S, 12], f32>
}
