// A function of some of the indices becomes a map, unless it is of the leading ones or too large.
// RUN: heddle-opt %s -graph-hoist-invariants -cse -split-input-file -o - | FileCheck %s

// The largest part: the product of both functions; and once for two readers.
// CHECK-LABEL: func.func @rotate
// CHECK: %[[A:.*]] = graph.map [s: S, m: 8]
// CHECK: %[[P:.*]] = graph.read %arg1[%s]
// CHECK: %[[F:.*]] = graph.read %arg2[%m]
// CHECK: %[[T:.*]] = arith.mulf %[[P]], %[[F]]
// CHECK: %[[C:.*]] = math.cos %[[T]]
// CHECK: %[[D:.*]] = arith.mulf %[[C]], %[[F]]
// CHECK: graph.yield %[[D]]
// CHECK-NOT: graph.map [s: S, m: 8]
// CHECK: graph.map [h: 4, s: S, m: 8]
// CHECK-NOT: math.cos
// CHECK: graph.read %[[A]][%s, %m]
// CHECK: graph.map [h: 4, s: S, m: 8]
// CHECK-NOT: math.cos
// CHECK: graph.read %[[A]][%s, %m]
// CHECK: return
func.func @rotate(%x: !graph.tensor<[4, S, 8], f32>, %t: !graph.tensor<[S], f32>, %f: !graph.tensor<[8], f32>)
    -> (!graph.tensor<[4, S, 8], f32>, !graph.tensor<[4, S, 8], f32>) attributes {graph.dims = [#graph.size<"S", 1, 99>]} {
  %q = graph.map [h: 4, s: S, m: 8] {
  ^bb0(%h: index, %s: index, %m: index):
    %0 = graph.read %x[%h, %s, %m] : !graph.tensor<[4, S, 8], f32>
    %1 = graph.read %t[%s] : !graph.tensor<[S], f32>
    %2 = graph.read %f[%m] : !graph.tensor<[8], f32>
    %3 = arith.mulf %1, %2 : f32
    %4 = math.cos %3 : f32
    %5 = arith.mulf %4, %2 : f32
    %6 = arith.mulf %0, %5 : f32
    graph.yield %6 : f32
  } : !graph.tensor<[4, S, 8], f32>
  %k = graph.map [h: 4, s: S, m: 8] {
  ^bb0(%h: index, %s: index, %m: index):
    %0 = graph.read %x[%h, %s, %m] : !graph.tensor<[4, S, 8], f32>
    %1 = graph.read %t[%s] : !graph.tensor<[S], f32>
    %2 = graph.read %f[%m] : !graph.tensor<[8], f32>
    %3 = arith.mulf %1, %2 : f32
    %4 = math.cos %3 : f32
    %5 = arith.mulf %4, %2 : f32
    %6 = arith.addf %0, %5 : f32
    graph.yield %6 : f32
  } : !graph.tensor<[4, S, 8], f32>
  return %q, %k : !graph.tensor<[4, S, 8], f32>, !graph.tensor<[4, S, 8], f32>
}

// -----

// A sum that becomes a product of two reads.
// CHECK-LABEL: func.func @contraction
// CHECK: %[[E:.*]] = graph.map [j: S, e: 8]
// CHECK: math.exp
// CHECK: graph.reduce sum [i: S, j: S] over [e: 8]
// CHECK-NOT: math.exp
// CHECK: graph.read %[[E]][%j, %e]
func.func @contraction(%x: !graph.tensor<[S, 8], f32>) -> !graph.tensor<[S, S], f32> attributes {graph.dims = [#graph.size<"S", 1, 99>]} {
  %y = graph.reduce sum [i: S, j: S] over [e: 8] {
  ^bb0(%i: index, %j: index, %e: index):
    %0 = graph.read %x[%i, %e] : !graph.tensor<[S, 8], f32>
    %1 = graph.read %x[%j, %e] : !graph.tensor<[S, 8], f32>
    %2 = math.exp %1 : f32
    %3 = arith.mulf %0, %2 : f32
    graph.yield %3 : f32
  } : !graph.tensor<[S, S], f32>
  return %y : !graph.tensor<[S, S], f32>
}

// -----

// The leading index; all indices; a root, which is no function; three elements that share.
// CHECK-LABEL: func.func @not
// CHECK-COUNT-1: graph.map
// CHECK-NOT: graph.map
func.func @not(%x: !graph.tensor<[S, 8, 3], f32>, %t: !graph.tensor<[S], f32>, %f: !graph.tensor<[8], f32>, %g: !graph.tensor<[S, 3], f32>)
    -> !graph.tensor<[S, 8, 3], f32> attributes {graph.dims = [#graph.size<"S", 1, 99>]} {
  %y = graph.map [s: S, m: 8, c: 3] {
  ^bb0(%s: index, %m: index, %c: index):
    %0 = graph.read %x[%s, %m, %c] : !graph.tensor<[S, 8, 3], f32>
    %1 = graph.read %t[%s] : !graph.tensor<[S], f32>
    %2 = math.exp %1 : f32
    %3 = math.exp %0 : f32
    %4 = graph.read %f[%m] : !graph.tensor<[8], f32>
    %5 = math.sqrt %4 : f32
    %6 = arith.mulf %1, %4 : f32
    %7 = math.exp %6 : f32
    %8 = arith.addf %2, %3 : f32
    %9 = arith.addf %8, %5 : f32
    %10 = arith.addf %9, %7 : f32
    graph.yield %10 : f32
  } : !graph.tensor<[S, 8, 3], f32>
  return %y : !graph.tensor<[S, 8, 3], f32>
}

// -----

// What could be 5000 x 5000 elements was not meant to lie in memory.
// CHECK-LABEL: func.func @large
// CHECK-COUNT-1: graph.reduce
// CHECK-NOT: graph.map
func.func @large(%x: !graph.tensor<[4, S], f32>) -> !graph.tensor<[4], f32> attributes {graph.dims = [#graph.size<"S", 1, 5000>]} {
  %y = graph.reduce sum [h: 4] over [i: S, j: S] {
  ^bb0(%h: index, %i: index, %j: index):
    %0 = graph.read %x[%h, %i] : !graph.tensor<[4, S], f32>
    %c1 = arith.constant 1 : index
    %1 = arith.addi %i, %j : index
    %2 = arith.addi %1, %c1 : index
    %3 = arith.index_cast %2 : index to i32
    %4 = arith.sitofp %3 : i32 to f32
    %5 = math.log %4 : f32
    %6 = arith.mulf %0, %5 : f32
    graph.yield %6 : f32
  } : !graph.tensor<[4], f32>
  return %y : !graph.tensor<[4], f32>
}
