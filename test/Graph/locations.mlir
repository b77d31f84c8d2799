// RUN: heddle-opt %s -canonicalize -cse -mlir-print-debuginfo | FileCheck %s

// A comprehension keeps its place in the model file.

// CHECK-LABEL: func.func @keeps_location(
// CHECK: } : !graph.tensor<[4], f32> loc(#[[L:.*]])
// CHECK: #[[L]] = loc("model.heddle":7:3)
func.func @keeps_location(%x: !graph.tensor<[4], f32>) -> !graph.tensor<[4], f32> {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %n = graph.extent 4 * 2
    %v = arith.index_cast %n : index to i32
    %f = arith.sitofp %v : i32 to f32
    graph.yield %f : f32
  } : !graph.tensor<[4], f32> loc("model.heddle":7:3)
  return %0 : !graph.tensor<[4], f32>
}
