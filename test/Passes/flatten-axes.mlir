// RUN: heddle-opt %s -graph-flatten-axes -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @windows
// CHECK: graph.map [b: 2, w: W * 8, e: 16] {
// CHECK-NEXT: ^bb0(%[[B:.*]]: index, %[[T:.*]]: index, %[[E:.*]]: index):
// CHECK-NEXT: %[[C:.*]] = arith.constant 8 : index
// CHECK-NEXT: %[[I:.*]] = arith.remsi %[[T]], %[[C]] : index
// CHECK-NEXT: %[[W:.*]] = arith.floordivsi %[[T]], %[[C]] : index
// CHECK-NEXT: graph.read %{{.*}}[%[[B]], %[[W]], %[[I]], %[[E]]]
func.func @windows(%x: !graph.tensor<[2, W, 8, 16], f32>) -> !graph.tensor<[2, W * 8, 16], f32>
    attributes {graph.dims = [#graph.size<"W", 1, 64>]} {
  %y = graph.map [b: 2, (w: W, i: 8), e: 16] {
  ^bb0(%b: index, %w: index, %i: index, %e: index):
    %0 = graph.read %x[%b, %w, %i, %e] : !graph.tensor<[2, W, 8, 16], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[2, W * 8, 16], f32>
  return %y : !graph.tensor<[2, W * 8, 16], f32>
}

// -----

// A sum keeps its indices; a map behind it makes the axis.
// CHECK-LABEL: func.func @summed
// CHECK: %[[S:.*]] = graph.reduce sum [w: W, i: 8] over [k: 4]
// CHECK: } : !graph.tensor<[W, 8], f32>
// CHECK: graph.map [w: W * 8] {
// CHECK: arith.remsi
// CHECK: arith.floordivsi
// CHECK: graph.read %[[S]]
// CHECK: } : !graph.tensor<[W * 8], f32>
func.func @summed(%x: !graph.tensor<[W, 8, 4], f32>) -> !graph.tensor<[W * 8], f32>
    attributes {graph.dims = [#graph.size<"W", 1, 64>]} {
  %y = graph.reduce sum [(w: W, i: 8)] over [k: 4] {
  ^bb0(%w: index, %i: index, %k: index):
    %0 = graph.read %x[%w, %i, %k] : !graph.tensor<[W, 8, 4], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[W * 8], f32>
  return %y : !graph.tensor<[W * 8], f32>
}

// -----

// It must not fire where the extent is known: heads.
// CHECK-LABEL: func.func @heads
// CHECK: graph.map [b: B, (h: 4, d: 8)] {
// CHECK-NOT: arith.remsi
func.func @heads(%x: !graph.tensor<[B, 4, 8], f32>) -> !graph.tensor<[B, 32], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>]} {
  %y = graph.map [b: B, (h: 4, d: 8)] {
  ^bb0(%b: index, %h: index, %d: index):
    %0 = graph.read %x[%b, %h, %d] : !graph.tensor<[B, 4, 8], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, 32], f32>
  return %y : !graph.tensor<[B, 32], f32>
}
