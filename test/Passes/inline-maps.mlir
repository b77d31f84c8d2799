// RUN: heddle-opt %s -graph-inline-maps -split-input-file | FileCheck %s

// A transpose is a view: it goes into the contraction.
// CHECK-LABEL: func.func @views
// CHECK-NOT: graph.map
// CHECK: graph.reduce sum
// CHECK: graph.read %arg0[%k, %i]
func.func @views(%x: !graph.tensor<[64, 32], f32>, %w: !graph.tensor<[8, 64], f32>) -> !graph.tensor<[32, 8], f32> {
  %t = graph.map [i: 32, k: 64] {
  ^bb0(%i: index, %k: index):
    %0 = graph.read %x[%k, %i] : !graph.tensor<[64, 32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.reduce sum [i: 32, o: 8] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %t[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[8, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 8], f32>
  return %y : !graph.tensor<[32, 8], f32>
}

// -----

// An axis of two indices, read by its digits.
// CHECK-LABEL: func.func @digits
// CHECK: graph.map [h: 4, d: 8]
// CHECK: graph.read %arg0[%h, %d]
// CHECK-NOT: graph.map
// CHECK: return
func.func @digits(%x: !graph.tensor<[4, 8], f32>) -> !graph.tensor<[4, 8], f32> {
  %c8 = arith.constant 8 : index
  %t = graph.map [(h: 4, d: 8)] {
  ^bb0(%h: index, %d: index):
    %0 = graph.read %x[%h, %d] : !graph.tensor<[4, 8], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32], f32>
  %y = graph.map [h: 4, d: 8] {
  ^bb0(%h: index, %d: index):
    %0 = arith.muli %h, %c8 : index
    %1 = arith.addi %0, %d : index
    %2 = graph.read %t[%1] : !graph.tensor<[32], f32>
    %3 = math.exp %2 : f32
    graph.yield %3 : f32
  } : !graph.tensor<[4, 8], f32>
  return %y : !graph.tensor<[4, 8], f32>
}

// -----

// exp is not evaluated 64 times for each element.
// CHECK-LABEL: func.func @keeps_dear
// CHECK: graph.map
// CHECK: math.exp
// CHECK: graph.map
func.func @keeps_dear(%x: !graph.tensor<[32], f32>) -> !graph.tensor<[32, 64], f32> {
  %t = graph.map [i: 32] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32], f32>
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %t[%i] : !graph.tensor<[32], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  return %y : !graph.tensor<[32, 64], f32>
}

// -----

// An operand of a contraction stays a plain read.
// CHECK-LABEL: func.func @keeps_contraction
// CHECK: graph.map
// CHECK: graph.reduce sum
// CHECK: graph.read %0[%i, %k]
func.func @keeps_contraction(%x: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[8, 64], f32>) -> !graph.tensor<[32, 8], f32> {
  %t = graph.map [i: 32, k: 64] {
  ^bb0(%i: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.reduce sum [i: 32, o: 8] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %t[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[8, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 8], f32>
  return %y : !graph.tensor<[32, 8], f32>
}

// -----

// Storing an f16 rounds; a returned tensor and a clamped read need the tensor.
// CHECK-LABEL: func.func @keeps_stored
// CHECK-COUNT-4: graph.map
func.func @keeps_stored(%x: !graph.tensor<[32], f32>) -> (!graph.tensor<[32], f32>, !graph.tensor<[32], f32>) {
  %c1 = arith.constant 1 : index
  %t = graph.map [i: 32] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32], f16>
  %a = graph.map [i: 32] {
  ^bb0(%i: index):
    %0 = graph.read %t[%i] : !graph.tensor<[32], f16>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32], f32>
  %g = graph.map [i: 32] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[32], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32], f32>
  %b = graph.map [i: 32] {
  ^bb0(%i: index):
    %j = arith.addi %i, %c1 : index
    %0 = graph.read %g[%j] guarded : !graph.tensor<[32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32], f32>
  return %a, %b : !graph.tensor<[32], f32>, !graph.tensor<[32], f32>
}

// -----

// Once for each point, but by columns: the rows of the map would be lost.
// CHECK-LABEL: func.func @keeps_rows
// CHECK: graph.map
// CHECK: math.exp
// CHECK: graph.reduce sum
func.func @keeps_rows(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[64], f32> {
  %t = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.reduce sum [j: 64] over [i: 32] {
  ^bb0(%j: index, %i: index):
    %0 = graph.read %t[%i, %j] : !graph.tensor<[32, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[64], f32>
  return %y : !graph.tensor<[64], f32>
}
