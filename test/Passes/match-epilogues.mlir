// A map behind a contraction takes the contraction's indices; one that has an axis for each
// index already, and one of another group, stay.
// RUN: heddle-opt %s -graph-match-epilogues -split-input-file -o - | FileCheck %s

// CHECK-LABEL: func.func @digits
// CHECK: graph.map [s: S, (h: 2, d: 3)]
// CHECK-NEXT: ^bb0(%[[S:.*]]: index, %[[H:.*]]: index, %[[D:.*]]: index):
// CHECK: %[[M:.*]] = arith.muli %[[H]], %{{.*}} : index
// CHECK: %[[E:.*]] = arith.addi %[[M]], %[[D]] : index
// CHECK: graph.read %{{.*}}[%[[S]], %[[E]]] : !graph.tensor<[S, 6], f32>
// CHECK: kernel.group = 0
// CHECK: graph.map [s: S, e: 6]
// CHECK: kernel.group = 1
func.func @digits(%x: !graph.tensor<[S, 4], f32>, %w: !graph.tensor<[6, 4], f32>) -> !graph.tensor<[S, 6], f32> attributes {graph.dims = [#graph.size<"S", 1, 9>]} {
  %y = graph.reduce sum [s: S, (h: 2, d: 3)] over [k: 4] {
  ^bb0(%s: index, %h: index, %d: index, %k: index):
    %three = arith.constant 3 : index
    %m = arith.muli %h, %three : index
    %e = arith.addi %m, %d : index
    %0 = graph.read %x[%s, %k] : !graph.tensor<[S, 4], f32>
    %1 = graph.read %w[%e, %k] : !graph.tensor<[6, 4], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } {kernel.group = 0} : !graph.tensor<[S, 6], f32>
  %z = graph.map [s: S, e: 6] {
  ^bb0(%s: index, %e: index):
    %0 = graph.read %y[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 0} : !graph.tensor<[S, 6], f32>
  %u = graph.map [s: S, e: 6] {
  ^bb0(%s: index, %e: index):
    %0 = graph.read %z[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = math.sqrt %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 1} : !graph.tensor<[S, 6], f32>
  return %u : !graph.tensor<[S, 6], f32>
}

// -----

// CHECK-LABEL: func.func @plain
// CHECK: graph.map [s: S, e: 6]
func.func @plain(%x: !graph.tensor<[S, 4], f32>, %w: !graph.tensor<[6, 4], f32>) -> !graph.tensor<[S, 6], f32> attributes {graph.dims = [#graph.size<"S", 1, 9>]} {
  %y = graph.reduce sum [s: S, o: 6] over [k: 4] {
  ^bb0(%s: index, %o: index, %k: index):
    %0 = graph.read %x[%s, %k] : !graph.tensor<[S, 4], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[6, 4], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } {kernel.group = 0} : !graph.tensor<[S, 6], f32>
  %z = graph.map [s: S, e: 6] {
  ^bb0(%s: index, %e: index):
    %0 = graph.read %y[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 0} : !graph.tensor<[S, 6], f32>
  return %z : !graph.tensor<[S, 6], f32>
}
