// RUN: heddle-opt %s -canonicalize -split-input-file | FileCheck %s

// An extent that is known is a constant, and stays in its body.
// CHECK-LABEL: func.func @folds_constant_extent(
// CHECK-NEXT: graph.map [i: 4] {
// CHECK-NEXT: ^bb0
// CHECK-NEXT: %[[C:.*]] = arith.constant 8 : i32
// CHECK-NEXT: graph.read
// CHECK-NEXT: arith.addi %{{.*}}, %[[C]] : i32
func.func @folds_constant_extent(%x: !graph.tensor<[4], i32>) -> !graph.tensor<[4], i32> {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %n = graph.extent 4 * 2
    %v = arith.index_cast %n : index to i32
    %r = graph.read %x[%i] : !graph.tensor<[4], i32>
    %s = arith.addi %v, %r : i32
    graph.yield %s : i32
  } : !graph.tensor<[4], i32>
  return %0 : !graph.tensor<[4], i32>
}

// -----

// CHECK-LABEL: func.func @keeps_symbolic_extent(
// CHECK: graph.extent S
func.func @keeps_symbolic_extent() -> index {
  %0 = graph.extent S
  return %0 : index
}

// -----

// CHECK-LABEL: func.func @folds_identity(
// CHECK-SAME: %[[X:.*]]: !graph.tensor
// CHECK-NEXT: return %[[X]], %[[X]]
func.func @folds_identity(%x: !graph.tensor<[N, 4], f16>) -> (!graph.tensor<[N, 4], f16>, !graph.tensor<[N, 4], f16>) {
  %0:2 = graph.map [i: N, j: 4] {
  ^bb0(%i: index, %j: index):
    %r = graph.read %x[%i, %j] : !graph.tensor<[N, 4], f16>
    graph.yield %r, %r : f32, f32
  } : !graph.tensor<[N, 4], f16>, !graph.tensor<[N, 4], f16>
  return %0#0, %0#1 : !graph.tensor<[N, 4], f16>, !graph.tensor<[N, 4], f16>
}

// -----

// CHECK-LABEL: func.func @keeps_transpose(
// CHECK: graph.map
func.func @keeps_transpose(%x: !graph.tensor<[N, N], f32>) -> !graph.tensor<[N, N], f32> {
  %0 = graph.map [i: N, j: N] {
  ^bb0(%i: index, %j: index):
    %r = graph.read %x[%j, %i] : !graph.tensor<[N, N], f32>
    graph.yield %r : f32
  } : !graph.tensor<[N, N], f32>
  return %0 : !graph.tensor<[N, N], f32>
}

// -----

// The same indices, other elements: a conversion.
// CHECK-LABEL: func.func @keeps_conversion(
// CHECK: graph.map
func.func @keeps_conversion(%x: !graph.tensor<[N], f16>) -> !graph.tensor<[N], f32> {
  %0 = graph.map [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f16>
    graph.yield %r : f32
  } : !graph.tensor<[N], f32>
  return %0 : !graph.tensor<[N], f32>
}

// -----

// A packed tensor is not its dense copy.
// CHECK-LABEL: func.func @keeps_unpacking(
// CHECK: graph.map
func.func @keeps_unpacking(%x: !graph.tensor<[N], f32, panels<0, 8>>) -> !graph.tensor<[N], f32> {
  %0 = graph.map [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32, panels<0, 8>>
    graph.yield %r : f32
  } : !graph.tensor<[N], f32>
  return %0 : !graph.tensor<[N], f32>
}

// -----

// CHECK-LABEL: func.func @removes_dead(
// CHECK-NEXT: return
func.func @removes_dead(%x: !graph.tensor<[N], f32>) {
  %w = graph.weight "w" : !graph.tensor<[4], f32>
  %0 = graph.reduce sum [] over [i: N] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    graph.yield %r : f32
  } : !graph.tensor<[], f32>
  return
}

// -----

// CHECK-LABEL: func.func @drops_true_condition(
// CHECK: graph.yield %{{[^ ]*}} : f32
func.func @drops_true_condition(%x: !graph.tensor<[N], f32>) -> !graph.tensor<[], f32> {
  %0 = graph.reduce sum [] over [i: N] {
  ^bb0(%i: index):
    %t = arith.constant true
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    graph.yield %r if %t : f32
  } : !graph.tensor<[], f32>
  return %0 : !graph.tensor<[], f32>
}

// -----

// CHECK-LABEL: func.func @keeps_false_condition(
// CHECK: graph.yield %{{.*}} if %{{.*}} : f32
func.func @keeps_false_condition(%x: !graph.tensor<[N], f32>) -> !graph.tensor<[], f32> {
  %0 = graph.reduce sum [] over [i: N] {
  ^bb0(%i: index):
    %t = arith.constant false
    %r = graph.read %x[%i] : !graph.tensor<[N], f32>
    graph.yield %r if %t : f32
  } : !graph.tensor<[], f32>
  return %0 : !graph.tensor<[], f32>
}
