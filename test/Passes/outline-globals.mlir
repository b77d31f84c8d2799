// RUN: heddle-opt %s -graph-outline-globals | FileCheck %s

// CHECK-LABEL: graph.global @table : !graph.tensor<[4], f32> {
// CHECK: graph.weight "w"
// CHECK: math.exp
// CHECK: math.sqrt
// CHECK: graph.return
// CHECK-NOT: graph.global
// CHECK-LABEL: func.func @table_of_weights
// CHECK: %[[T:.*]] = graph.get_global @table
// CHECK-NOT: math.exp
// CHECK: graph.read %[[T]]
func.func @table_of_weights(%x: !graph.tensor<[4], f32>) -> !graph.tensor<[4], f32> {
  %w = graph.weight "w" : !graph.tensor<[4], f32>
  %a = graph.map [i: 4] {
  ^bb0(%i: index):
    %0 = graph.read %w[%i] : !graph.tensor<[4], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[4], f32>
  %b = graph.map [i: 4] {
  ^bb0(%i: index):
    %0 = graph.read %a[%i] : !graph.tensor<[4], f32>
    %1 = math.sqrt %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[4], f32>
  %y = graph.map [i: 4] {
  ^bb0(%i: index):
    %0 = graph.read %b[%i] : !graph.tensor<[4], f32>
    %1 = graph.read %x[%i] : !graph.tensor<[4], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[4], f32>
  return %y : !graph.tensor<[4], f32>
}

// The extent of a table, or a value in it, that comes with a call.
// CHECK-LABEL: func.func @keeps_run_time
// CHECK-COUNT-2: graph.map
func.func @keeps_run_time(%x: !graph.tensor<[N], f32>) -> (!graph.tensor<[N], f32>, !graph.tensor<[4], i32>)
    attributes {graph.dims = [#graph.size<"N", 1, 64>]} {
  %c = arith.constant 1.0 : f32
  %a = graph.map [i: N] {
  ^bb0(%i: index):
    graph.yield %c : f32
  } : !graph.tensor<[N], f32>
  %b = graph.map [i: 4] {
  ^bb0(%i: index):
    %n = graph.extent N
    %0 = arith.index_cast %n : index to i32
    graph.yield %0 : i32
  } : !graph.tensor<[4], i32>
  return %a, %b : !graph.tensor<[N], f32>, !graph.tensor<[4], i32>
}
