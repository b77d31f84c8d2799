// RUN: heddle-opt %s -cse -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @merges_equal_maps(
// CHECK: %[[M:.*]] = graph.map
// CHECK-NOT: graph.map
// CHECK: return %[[M]], %[[M]]
func.func @merges_equal_maps(%x: !graph.tensor<[N], f32>) -> (!graph.tensor<[N], f32>, !graph.tensor<[N], f32>) {
  %0 = graph.map [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    %e = math.exp %r : f32
    graph.yield %e : f32
  } : !graph.tensor<[N], f32>
  %1 = graph.map [i: N] {
  ^bb0(%k: index):
    %r = graph.read %x[%k] : !graph.tensor<[N], f32>
    %e = math.exp %r : f32
    graph.yield %e : f32
  } : !graph.tensor<[N], f32>
  return %0, %1 : !graph.tensor<[N], f32>, !graph.tensor<[N], f32>
}

// -----

// CHECK-LABEL: func.func @keeps_other_capture(
// CHECK-COUNT-2: graph.map
func.func @keeps_other_capture(%x: !graph.tensor<[N], f32>, %y: !graph.tensor<[N], f32>) -> (!graph.tensor<[N], f32>, !graph.tensor<[N], f32>) {
  %0 = graph.map [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    %e = math.exp %r : f32
    graph.yield %e : f32
  } : !graph.tensor<[N], f32>
  %1 = graph.map [i: N] {
  ^bb0(%i: index):
    %r = graph.read %y[%i] : !graph.tensor<[N], f32>
    %e = math.exp %r : f32
    graph.yield %e : f32
  } : !graph.tensor<[N], f32>
  return %0, %1 : !graph.tensor<[N], f32>, !graph.tensor<[N], f32>
}

// -----

// CHECK-LABEL: func.func @keeps_other_body(
// CHECK-COUNT-2: graph.map
func.func @keeps_other_body(%x: !graph.tensor<[N], f32>) -> (!graph.tensor<[N], f32>, !graph.tensor<[N], f32>) {
  %0 = graph.map [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    %e = math.exp %r : f32
    graph.yield %e : f32
  } : !graph.tensor<[N], f32>
  %1 = graph.map [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    %e = math.log %r : f32
    graph.yield %e : f32
  } : !graph.tensor<[N], f32>
  return %0, %1 : !graph.tensor<[N], f32>, !graph.tensor<[N], f32>
}

// -----

// CHECK-LABEL: func.func @keeps_other_extents(
// CHECK-COUNT-2: graph.reduce
func.func @keeps_other_extents(%x: !graph.tensor<[N], f32>) -> (!graph.tensor<[], f32>, !graph.tensor<[], f32>) {
  %0 = graph.reduce sum [] over [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    graph.yield %r : f32
  } : !graph.tensor<[], f32>
  %1 = graph.reduce sum [] over [i: N - 1] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    graph.yield %r : f32
  } : !graph.tensor<[], f32>
  return %0, %1 : !graph.tensor<[], f32>, !graph.tensor<[], f32>
}

// -----

// A tied weight is one value; a captured constant may come from outside.
// CHECK-LABEL: func.func @merges_weights_and_constants(
// CHECK: graph.weight
// CHECK-NOT: graph.weight
// CHECK: %[[C:.*]] = arith.constant
// CHECK: arith.mulf %{{.*}}, %[[C]]
func.func @merges_weights_and_constants() -> (!graph.tensor<[4], f32>, !graph.tensor<[4], f32>, f32) {
  %0 = graph.weight "w" : !graph.tensor<[4], f32>
  %1 = graph.weight "w" : !graph.tensor<[4], f32>
  %c = arith.constant 2.0 : f32
  %2 = graph.map [i: 4] {
  ^bb0(%i: index):
    %d = arith.constant 2.0 : f32
    %r = graph.read %0[%i] : !graph.tensor<[4], f32>
    %e = arith.mulf %r, %d : f32
    graph.yield %e : f32
  } : !graph.tensor<[4], f32>
  return %1, %2, %c : !graph.tensor<[4], f32>, !graph.tensor<[4], f32>, f32
}
