// Products of one input with weights of one shape but for their columns become one.
// RUN: heddle-opt %s -graph-join-contractions -canonicalize -split-input-file -o - | FileCheck %s

// CHECK-LABEL: func.func @projections
// CHECK: %[[W:.*]] = graph.weight joined ["q.weight", "k.weight"] : !graph.tensor<[12, 6], f32>
// CHECK: %[[P:.*]] = graph.reduce sum [s: S, o: 12] over [e: 6]
// CHECK: graph.read %[[W]]
// CHECK: } : !graph.tensor<[S, 12], f32>
// CHECK: %[[B:.*]] = graph.weight joined ["q.bias", "k.bias"] : !graph.tensor<[12], f32>
// CHECK: %[[Y:.*]] = graph.map [s: S, o: 12]
// CHECK: graph.read %[[P]]
// CHECK: graph.read %[[B]]
// CHECK: %[[A:.*]] = graph.reduce sum [i: S, j: S] over [e: 4]
// CHECK: graph.read %[[Y]][%i, %e]
// CHECK: %[[AT:.*]] = arith.addi %e, %c8 : index
// CHECK: graph.read %[[Y]][%j, %[[AT]]]
// CHECK: return %[[A]]
func.func @projections(%x: !graph.tensor<[S, 6], f32>) -> !graph.tensor<[S, S], f32> attributes {graph.dims = [#graph.size<"S", 1, 9>]} {
  %wq = graph.weight "q.weight" : !graph.tensor<[8, 6], f32>
  %bq = graph.weight "q.bias" : !graph.tensor<[8], f32>
  %q0 = graph.reduce sum [s: S, o: 8] over [e: 6] {
  ^bb0(%s: index, %o: index, %e: index):
    %0 = graph.read %x[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = graph.read %wq[%o, %e] : !graph.tensor<[8, 6], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 8], f32>
  %q = graph.map [s: S, o: 8] {
  ^bb0(%s: index, %o: index):
    %0 = graph.read %q0[%s, %o] : !graph.tensor<[S, 8], f32>
    %1 = graph.read %bq[%o] : !graph.tensor<[8], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 8], f32>
  %wk = graph.weight "k.weight" : !graph.tensor<[4, 6], f32>
  %bk = graph.weight "k.bias" : !graph.tensor<[4], f32>
  %k0 = graph.reduce sum [s: S, o: 4] over [e: 6] {
  ^bb0(%s: index, %o: index, %e: index):
    %0 = graph.read %x[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = graph.read %wk[%o, %e] : !graph.tensor<[4, 6], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 4], f32>
  %k = graph.map [s: S, o: 4] {
  ^bb0(%s: index, %o: index):
    %0 = graph.read %k0[%s, %o] : !graph.tensor<[S, 4], f32>
    %1 = graph.read %bk[%o] : !graph.tensor<[4], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 4], f32>
  %a = graph.reduce sum [i: S, j: S] over [e: 4] {
  ^bb0(%i: index, %j: index, %e: index):
    %0 = graph.read %q[%i, %e] : !graph.tensor<[S, 8], f32>
    %1 = graph.read %k[%j, %e] : !graph.tensor<[S, 4], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, S], f32>
  return %a : !graph.tensor<[S, S], f32>
}

// -----

// A gate: the map would no longer be the end of a product's kernel.
// CHECK-LABEL: func.func @gate
// CHECK-NOT: joined
// CHECK: return
func.func @gate(%x: !graph.tensor<[S, 6], f32>) -> !graph.tensor<[S, 8], f32> attributes {graph.dims = [#graph.size<"S", 1, 9>]} {
  %wa = graph.weight "a" : !graph.tensor<[8, 6], f32>
  %a = graph.reduce sum [s: S, o: 8] over [e: 6] {
  ^bb0(%s: index, %o: index, %e: index):
    %0 = graph.read %x[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = graph.read %wa[%o, %e] : !graph.tensor<[8, 6], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 8], f32>
  %wb = graph.weight "b" : !graph.tensor<[8, 6], f32>
  %b = graph.reduce sum [s: S, o: 8] over [e: 6] {
  ^bb0(%s: index, %o: index, %e: index):
    %0 = graph.read %x[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = graph.read %wb[%o, %e] : !graph.tensor<[8, 6], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 8], f32>
  %y = graph.map [s: S, o: 8] {
  ^bb0(%s: index, %o: index):
    %0 = graph.read %a[%s, %o] : !graph.tensor<[S, 8], f32>
    %1 = graph.read %b[%s, %o] : !graph.tensor<[S, 8], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 8], f32>
  return %y : !graph.tensor<[S, 8], f32>
}

// -----

// Other inputs, other formulas behind, a result that is returned, and a condition on
// the column: none is joined.
// CHECK-LABEL: func.func @apart
// CHECK-NOT: joined
// CHECK: return
func.func @apart(%x: !graph.tensor<[S, 6], f32>, %z: !graph.tensor<[S, 6], f32>) -> (!graph.tensor<[S, 8], f32>, !graph.tensor<[S], f32>) attributes {graph.dims = [#graph.size<"S", 1, 9>]} {
  %wa = graph.weight "a" : !graph.tensor<[8, 6], f32>
  %wb = graph.weight "b" : !graph.tensor<[8, 6], f32>
  %wc = graph.weight "c" : !graph.tensor<[8, 6], f32>
  %a = graph.reduce sum [s: S, o: 8] over [e: 6] {
  ^bb0(%s: index, %o: index, %e: index):
    %0 = graph.read %x[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = graph.read %wa[%o, %e] : !graph.tensor<[8, 6], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 8], f32>
  %b = graph.reduce sum [s: S, o: 8] over [e: 6] {
  ^bb0(%s: index, %o: index, %e: index):
    %0 = graph.read %z[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = graph.read %wb[%o, %e] : !graph.tensor<[8, 6], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S, 8], f32>
  %c = graph.reduce sum [s: S, o: 8] over [e: 6] {
  ^bb0(%s: index, %o: index, %e: index):
    %0 = graph.read %x[%s, %e] : !graph.tensor<[S, 6], f32>
    %1 = graph.read %wc[%o, %e] : !graph.tensor<[8, 6], f32>
    %2 = arith.mulf %0, %1 : f32
    %3 = arith.cmpi slt, %o, %e : index
    graph.yield %2 if %3 : f32
  } : !graph.tensor<[S, 8], f32>
  %y = graph.reduce sum [s: S] over [o: 8] {
  ^bb0(%s: index, %o: index):
    %0 = graph.read %b[%s, %o] : !graph.tensor<[S, 8], f32>
    %1 = graph.read %c[%s, %o] : !graph.tensor<[S, 8], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[S], f32>
  return %a, %y : !graph.tensor<[S, 8], f32>, !graph.tensor<[S], f32>
}
