// A contraction over a softmax of what another contraction gives is one group.
// RUN: heddle-opt %s -graph-group -split-input-file -o - | FileCheck %s
// RUN: heddle-opt %s -graph-group -graph-pack-columns=width=32 -graph-match-epilogues -split-input-file -o - | FileCheck %s --check-prefix=PACK

// CHECK-LABEL: func.func @heads
// CHECK: graph.reduce 
// CHECK: kernel.group = 0
// CHECK: graph.softmax 
// CHECK: kernel.group = 0
// CHECK: graph.reduce 
// CHECK: kernel.group = 0
// CHECK: graph.map
// CHECK: kernel.group = 0
//
// Keys and values of six columns a head lie apart, so both are packed; the map behind takes the digits.
// PACK-LABEL: func.func @heads
// PACK: %[[K:.*]] = graph.map [p: (T + 31) floordiv 32, b: B, h: 2, d: 6, l: 32]
// PACK: graph.read %{{.*}} guarded : !graph.tensor<[B, T, 12], f32>
// PACK: kernel.group = 1
// PACK: graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6]
// PACK: arith.floordivsi
// PACK: arith.remsi
// PACK: graph.read %[[K]]
// PACK: %[[V:.*]] = graph.map [p: 1, b: B, h: 2, j: T, l: 32]
// PACK: kernel.group = 2
// PACK: graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T]
// PACK: graph.read %[[V]]
// PACK: graph.map [b: B, i: S, (h: 2, d: 6)]
// PACK: kernel.group = 0
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

// -----

// Values whose columns are whole vectors are read as they lie.
// PACK-LABEL: func.func @vectors
// PACK-COUNT-1: graph.map
// PACK-NOT: graph.map
// PACK: return
func.func @vectors(%q: !graph.tensor<[B, S, 32], f32>, %k: !graph.tensor<[B, T, 32], f32>, %v: !graph.tensor<[B, T, 32], f32>) -> (!graph.tensor<[B, S, 32], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 16] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 16 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 32], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 32], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 16)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 16 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 32], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 32], f32>
  return %y : !graph.tensor<[B, S, 32], f32>
}
