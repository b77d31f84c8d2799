// RUN: heddle-opt %s | heddle-opt | FileCheck %s
// RUN: heddle-opt %s -mlir-print-op-generic | heddle-opt | FileCheck %s

// The pretty form and the generic form both come back as they were.

// CHECK: module attributes {graph.model = "tiny"}
module attributes {graph.model = "tiny"} {

// CHECK-LABEL: func.func @entry(
// CHECK-SAME: %[[IDS:.*]]: !graph.tensor<[B, S], i32> {graph.bound = #graph.dim<1000>, graph.name = "ids"}
// CHECK-SAME: -> (!graph.tensor<[B, 64], f32> {graph.name = "out"})
// CHECK-SAME: graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]
// CHECK-SAME: graph.example = {B = 2 : i64, S = 16 : i64}
// CHECK-SAME: graph.facts = [#graph.fact<nonnegative, S - B>, #graph.fact<zero, S mod 2>]
func.func @entry(%ids: !graph.tensor<[B, S], i32> {graph.name = "ids", graph.bound = #graph.dim<1000>},
                 %keep: !graph.tensor<[B, S], i1> {graph.name = "keep"})
    -> (!graph.tensor<[B, 64], f32> {graph.name = "out"})
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>],
                graph.facts = [#graph.fact<nonnegative, S - B>, #graph.fact<zero, S mod 2>],
                graph.example = {B = 2 : i64, S = 16 : i64}, graph.doc = "an entry"} {
  // CHECK: %[[W:.*]] = graph.weight "embed.weight" : !graph.tensor<[1000, 64], f16>
  %w = graph.weight "embed.weight" : !graph.tensor<[1000, 64], f16>
  // CHECK: %[[X:.*]] = graph.map [b: B, s: S, e: 64] {
  // CHECK-NEXT: ^bb0(%b: index, %s: index, %e: index):
  // CHECK-NEXT: %[[I:.*]] = graph.read %[[IDS]][%b, %s] : !graph.tensor<[B, S], i32>
  // CHECK-NEXT: %[[J:.*]] = arith.index_cast %[[I]] : i32 to index
  // CHECK-NEXT: %[[V:.*]] = graph.read %[[W]][%[[J]], %e] : !graph.tensor<[1000, 64], f16>
  // CHECK-NEXT: graph.yield %[[V]] : f32
  // CHECK-NEXT: } : !graph.tensor<[B, S, 64], f32>
  %x = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %i = graph.read %ids[%b, %s] : !graph.tensor<[B, S], i32>
    %j = arith.index_cast %i : i32 to index
    %v = graph.read %w[%j, %e] : !graph.tensor<[1000, 64], f16>
    graph.yield %v : f32
  } : !graph.tensor<[B, S, 64], f32>
  // CHECK: graph.reduce sum [b: B, s: S, (h: 4, d: 16)] over [k: 64] {
  %q = graph.reduce sum [b: B, s: S, (h: 4, d: 16)] over [k: 64] {
  ^bb0(%b: index, %s: index, %h: index, %d: index, %k: index):
    %0 = graph.read %x[%b, %s, %k] : !graph.tensor<[B, S, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, S, 64], f32>
  // CHECK: graph.softmax [b: B, i: S, j: S] along [j] {
  // CHECK: graph.read %{{.*}}[%b, %j, %{{.*}}] guarded : !graph.tensor<[B, S, 64], f32>
  // CHECK: graph.yield %{{.*}} if %{{.*}} : f32
  %p = graph.softmax [b: B, i: S, j: S] along [j] {
  ^bb0(%b: index, %i: index, %j: index):
    %n = graph.extent S - 1
    %0 = graph.read %q[%b, %j, %n] guarded : !graph.tensor<[B, S, 64], f32>
    %c = graph.read %keep[%b, %j] : !graph.tensor<[B, S], i1>
    graph.yield %0 if %c : f32
  } : !graph.tensor<[B, S, S], f32>
  // CHECK: graph.arg_reduce max [b: B, i: S] over [j: S] {
  %a = graph.arg_reduce max [b: B, i: S] over [j: S] {
  ^bb0(%b: index, %i: index, %j: index):
    %0 = graph.read %p[%b, %i, %j] : !graph.tensor<[B, S, S], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, S], i32>
  // CHECK: graph.cumulate sum [b: B, t: S] along [t] {
  %cum = graph.cumulate sum [b: B, t: S] along [t] {
  ^bb0(%b: index, %t: index):
    %0 = graph.read %a[%b, %t] : !graph.tensor<[B, S], i32>
    graph.yield %0 : i32
  } : !graph.tensor<[B, S], i32>
  // CHECK: graph.reduce sum [b: B, e: 64] over [s: S] {
  %m = graph.reduce sum [b: B, e: 64] over [s: S] {
  ^bb0(%b: index, %e: index, %s: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, 64], f32>
  // CHECK: graph.scatter add %{{.*}} over [b: B, s: S] {
  // CHECK: graph.yield %{{.*}} at [%b, %{{.*}}] if %{{.*}} : f32
  // CHECK: } : !graph.tensor<[B, 64], f32>
  %y = graph.scatter add %m over [b: B, s: S] {
  ^bb0(%b: index, %s: index):
    %0 = graph.read %cum[%b, %s] : !graph.tensor<[B, S], i32>
    %1 = arith.index_cast %0 : i32 to index
    %c = graph.read %keep[%b, %s] : !graph.tensor<[B, S], i1>
    %2 = arith.constant 1.0 : f32
    graph.yield %2 at [%b, %1] if %c : f32
  } : !graph.tensor<[B, 64], f32>
  return %y : !graph.tensor<[B, 64], f32>
}

// CHECK-LABEL: graph.global @table : !graph.tensor<[8, 4], f32> {
graph.global @table : !graph.tensor<[8, 4], f32> {
  // CHECK: graph.weight ["a.0", "a.1"] : !graph.tensor<[2, 4], f32>
  %0 = graph.weight ["a.0", "a.1"] : !graph.tensor<[2, 4], f32>
  // CHECK: graph.weight joined ["a.0", "a.1"] : !graph.tensor<[9], f32>
  %two = graph.weight joined ["a.0", "a.1"] : !graph.tensor<[9], f32>
  // CHECK: graph.weight "bucket" below 4 : !graph.tensor<[8], i32>
  %b = graph.weight "bucket" below 4 : !graph.tensor<[8], i32>
  %1 = graph.map [i: 8, j: 4] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 1 : index
    %2 = graph.read %0[%c, %j] : !graph.tensor<[2, 4], f32>
    graph.yield %2 : f32
  } : !graph.tensor<[8, 4], f32>
  // CHECK: graph.return %{{.*}} : !graph.tensor<[8, 4], f32>
  graph.return %1 : !graph.tensor<[8, 4], f32>
}

// CHECK-LABEL: func.func @more
func.func @more(%s: !graph.tensor<[], f64>, %w: !graph.tensor<[48, 7], ui8, panels<0, 24>>) {
  // CHECK: graph.get_global @table : !graph.tensor<[8, 4], f32>
  %0 = graph.get_global @table : !graph.tensor<[8, 4], f32>
  // CHECK: graph.map [] {
  // CHECK-NEXT: graph.read %{{.*}}[] : !graph.tensor<[], f64>
  // CHECK: } : !graph.tensor<[], f64>, !graph.tensor<[], f64>
  %1:2 = graph.map [] {
    %2 = graph.read %s[] : !graph.tensor<[], f64>
    graph.yield %2, %2 : f64, f64
  } : !graph.tensor<[], f64>, !graph.tensor<[], f64>
  // Dimensions come out in their normal form.
  // CHECK: graph.extent (L + 1) floordiv 2 + min(N, S mod 3)
  %3 = graph.extent (L - 1) floordiv 2 + 1 + min(S mod 3, N)
  return
}

}

// CHECK-LABEL: func.func @sort
// CHECK: graph.sort min [b: 4, r: 3] over [t: 6] {
// CHECK: graph.yield %{{.*}} if %{{.*}} : f32
// CHECK: } : !graph.tensor<[4, 3], i32>
func.func @sort(%x: !graph.tensor<[4, 6], f32>, %keep: !graph.tensor<[6], i1>) -> !graph.tensor<[4, 3], i32> {
  %y = graph.sort min [b: 4, r: 3] over [t: 6] {
  ^bb0(%b: index, %r: index, %t: index):
    %0 = graph.read %x[%b, %t] : !graph.tensor<[4, 6], f32>
    %1 = graph.read %keep[%t] : !graph.tensor<[6], i1>
    graph.yield %0 if %1 : f32
  } : !graph.tensor<[4, 3], i32>
  return %y : !graph.tensor<[4, 3], i32>
}

// CHECK-LABEL: graph.state @cache ["n"] dims [#graph.size<"B", 1, 8>] {
graph.state @cache ["n"] dims [#graph.size<"B", 1, 8>] {
  %0 = graph.map [b: B] {
  ^bb0(%b: index):
    %zero = arith.constant 0 : i32
    graph.yield %zero : i32
  } : !graph.tensor<[B], i32>
  // CHECK: graph.next %{{.*}} : !graph.tensor<[B], i32>
  graph.next %0 : !graph.tensor<[B], i32>
}

// CHECK-LABEL: func.func @control(
func.func @control(%c: !graph.tensor<[], i1>, %k: !graph.tensor<[], i32>, %x: !graph.tensor<[B], f32>, %seed: !graph.tensor<[], i64>)
    -> (!graph.tensor<[B], f32>, !graph.tensor<[5, B], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 8>], graph.born = [#graph.size<"N", 0, 9>]} {
  // CHECK: graph.require %{{.*}}, "too late" : !graph.tensor<[], i1>
  graph.require %c, "too late" : !graph.tensor<[], i1>
  // CHECK: graph.dim "N" = %{{.*}} at most B + 1 : !graph.tensor<[], i32>
  graph.dim "N" = %k at most B + 1 : !graph.tensor<[], i32>
  // CHECK: graph.state_get @cache["n"] : !graph.tensor<[B], i32>
  %n = graph.state_get @cache["n"] : !graph.tensor<[B], i32>
  // CHECK: graph.loop %{{.*}} to %{{.*}} carries(%{{.*}}) {
  // CHECK-NEXT: ^bb0(%{{.*}}: !graph.tensor<[], i32>, %{{.*}}: !graph.tensor<[B], f32>):
  %y = graph.loop %k to %k carries(%x) {
  ^bb0(%turn: !graph.tensor<[], i32>, %z: !graph.tensor<[B], f32>):
    // CHECK: graph.while %{{.*}} : !graph.tensor<[], i1>
    graph.while %c : !graph.tensor<[], i1>
    // CHECK: graph.next %{{.*}} : !graph.tensor<[B], f32>
    graph.next %z : !graph.tensor<[B], f32>
  // CHECK: } : (!graph.tensor<[], i32>, !graph.tensor<[], i32>, !graph.tensor<[B], f32>) -> !graph.tensor<[B], f32>
  } : (!graph.tensor<[], i32>, !graph.tensor<[], i32>, !graph.tensor<[B], f32>) -> !graph.tensor<[B], f32>
  // CHECK: graph.scan <"t", 5> carries(%{{.*}}) {
  %s:2 = graph.scan <"t", 5> carries(%y) {
  ^bb0(%t: !graph.tensor<[], i32>, %z: !graph.tensor<[B], f32>):
    graph.next %z, %z : !graph.tensor<[B], f32>, !graph.tensor<[B], f32>
  } : (!graph.tensor<[B], f32>) -> (!graph.tensor<[B], f32>, !graph.tensor<[5, B], f32>)
  // CHECK: graph.if %{{.*}} then {
  // CHECK: } else {
  %i = graph.if %c then {
    graph.next %s#0 : !graph.tensor<[B], f32>
  } else {
    graph.next %x : !graph.tensor<[B], f32>
  } : (!graph.tensor<[], i1>) -> !graph.tensor<[B], f32>
  %l = graph.reduce sum [] over [b: B] {
  ^bb0(%b: index):
    %0 = graph.read %i[%b] : !graph.tensor<[B], f32>
    %1 = graph.read %seed[] : !graph.tensor<[], i64>
    // CHECK: graph.uniform %[[SEED:.*]], %[[SEED]] : f32
    %2 = graph.uniform %1, %1 : f32
    %3 = arith.addf %0, %2 : f32
    graph.yield %3 : f32
  } : !graph.tensor<[], f32>
  // CHECK: graph.grad %{{.*}} by %{{.*}} : !graph.tensor<[], f32>, !graph.tensor<[B], f32>
  %g = graph.grad %l by %x : !graph.tensor<[], f32>, !graph.tensor<[B], f32>
  // CHECK: graph.state_set @cache["n"] = %{{.*}} : !graph.tensor<[B], i32>
  graph.state_set @cache["n"] = %n : !graph.tensor<[B], i32>
  return %g, %s#1 : !graph.tensor<[B], f32>, !graph.tensor<[5, B], f32>
}
