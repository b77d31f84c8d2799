// Entries whose kernels are written in C (host-kernels.c). The bodies here only
// say which tensors a kernel reads and writes; what it computes is C's to say.
module attributes {graph.model = "toy"} {

graph.global @shift : !graph.tensor<[8], f32> {
  %0 = graph.map [e: 8] {
  ^bb0(%e: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[8], f32>
  graph.return %0 : !graph.tensor<[8], f32>
}

// x[m][8], w[8] -> x * w + 1
kernel.func @toy_scale(%x: !graph.tensor<[m, 8], f32>, %w: !graph.tensor<[8], f32> {kernel.constant})
    -> !graph.tensor<[m, 8], f32> sizes [#graph.size<"m", 1, 32>] {
  %0 = graph.map [i: m, e: 8] {
  ^bb0(%i: index, %e: index):
    %1 = graph.read %x[%i, %e] : !graph.tensor<[m, 8], f32>
    graph.yield %1 : f32
  } : !graph.tensor<[m, 8], f32>
  kernel.return %0 : !graph.tensor<[m, 8], f32>
}

// x[m][8] -> the sums of rows, and of everything
kernel.func @toy_sums(%x: !graph.tensor<[m, 8], f32>)
    -> (!graph.tensor<[m], f32>, !graph.tensor<[], f32>) sizes [#graph.size<"m", 1, 32>] {
  %0 = graph.reduce sum [i: m] over [e: 8] {
  ^bb0(%i: index, %e: index):
    %1 = graph.read %x[%i, %e] : !graph.tensor<[m, 8], f32>
    graph.yield %1 : f32
  } : !graph.tensor<[m], f32>
  %2 = graph.reduce sum [] over [i: m] {
  ^bb0(%i: index):
    %3 = graph.read %0[%i] : !graph.tensor<[m], f32>
    graph.yield %3 : f32
  } : !graph.tensor<[], f32>
  kernel.return %0, %2 : !graph.tensor<[m], f32>, !graph.tensor<[], f32>
}

// rows[m], total, ids[m], bias -> rows / total + ids + bias
kernel.func @toy_mix(%rows: !graph.tensor<[m], f32>, %total: !graph.tensor<[], f32>,
                     %ids: !graph.tensor<[m], i32>, %bias: !graph.tensor<[], f32>)
    -> !graph.tensor<[m], f32> sizes [#graph.size<"m", 1, 32>] {
  %0 = graph.map [i: m] {
  ^bb0(%i: index):
    %1 = graph.read %rows[%i] : !graph.tensor<[m], f32>
    graph.yield %1 : f32
  } : !graph.tensor<[m], f32>
  kernel.return %0 : !graph.tensor<[m], f32>
}

// A chain of rows: two slots are enough for three values of one size, and what
// is returned lies in none.
func.func @run(%x: !graph.tensor<[B, S, 8], f32> {graph.name = "x"},
               %ids: !graph.tensor<[B, S], i32> {graph.name = "ids", graph.bound = #graph.dim<10>},
               %bias: !graph.tensor<[], f32> {graph.name = "bias"},
               %kind: !graph.tensor<[], i32> {graph.name = "kind", graph.bound = #graph.dim<S>})
    -> (!graph.tensor<[B, S, 8], f32> {graph.name = "y"},
        !graph.tensor<[], f32> {graph.name = "total"},
        !graph.tensor<[B, S], f32> {graph.name = "mixed"})
    attributes {graph.doc = "Runs the toy.", graph.example = {B = 2, S = 4},
                graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 8>, #graph.size<"W", 1, 8>],
                graph.bound_names = {S = "P"},
                graph.facts = [#graph.fact<zero, S mod W>, #graph.fact<nonnegative, W + 2 - B>],
                graph.fact_texts = ["S % W == 0", "B <= W + 2"]} {
  %w = graph.weight "w" : !graph.tensor<[8], f32>
  %s = graph.get_global @shift : !graph.tensor<[8], f32>
  %a = kernel.call @toy_scale(%x, %w) sizes [B * S]
      : (!graph.tensor<[B, S, 8], f32>, !graph.tensor<[8], f32>) -> !graph.tensor<[B, S, 8], f32>
  %b = kernel.call @toy_scale(%a, %s) sizes [B * S]
      : (!graph.tensor<[B, S, 8], f32>, !graph.tensor<[8], f32>) -> !graph.tensor<[B, S, 8], f32>
  %c = kernel.call @toy_scale(%b, %w) sizes [B * S]
      : (!graph.tensor<[B, S, 8], f32>, !graph.tensor<[8], f32>) -> !graph.tensor<[B, S, 8], f32>
  %y = kernel.call @toy_scale(%c, %s) sizes [B * S]
      : (!graph.tensor<[B, S, 8], f32>, !graph.tensor<[8], f32>) -> !graph.tensor<[B, S, 8], f32>
  %rows, %total = kernel.call @toy_sums(%y) sizes [B * S]
      : (!graph.tensor<[B, S, 8], f32>) -> (!graph.tensor<[B, S], f32>, !graph.tensor<[], f32>)
  %mixed = kernel.call @toy_mix(%rows, %total, %ids, %bias) sizes [B * S]
      : (!graph.tensor<[B, S], f32>, !graph.tensor<[], f32>, !graph.tensor<[B, S], i32>, !graph.tensor<[], f32>)
      -> !graph.tensor<[B, S], f32>
  return %y, %total, %mixed : !graph.tensor<[B, S, 8], f32>, !graph.tensor<[], f32>, !graph.tensor<[B, S], f32>
}

// a[n] -> a half, the greatest and the rest, filled with 1, 2 and 3
kernel.func @toy_fill(%x: !graph.tensor<[L], f32>)
    -> (!graph.tensor<[h], f32>, !graph.tensor<[g], f32>, !graph.tensor<[r], i8>)
    sizes [#graph.size<"L", 0, 100>, #graph.size<"h", 0, 50>, #graph.size<"g", 3, 100>, #graph.size<"r", 1, 3>] {
  %c = arith.constant 1.0 : f32
  %i = arith.constant 3 : i32
  %0 = graph.map [i: h] {
  ^bb0(%p: index):
    graph.yield %c : f32
  } : !graph.tensor<[h], f32>
  %1 = graph.map [i: g] {
  ^bb0(%p: index):
    graph.yield %c : f32
  } : !graph.tensor<[g], f32>
  %2 = graph.map [i: r] {
  ^bb0(%p: index):
    graph.yield %i : i32
  } : !graph.tensor<[r], i8>
  kernel.return %0, %1, %2 : !graph.tensor<[h], f32>, !graph.tensor<[g], f32>, !graph.tensor<[r], i8>
}
kernel.func @toy_count(%h: !graph.tensor<[h], f32>, %g: !graph.tensor<[g], f32>, %r: !graph.tensor<[r], i8>)
    -> !graph.tensor<[], i64>
    sizes [#graph.size<"h", 0, 50>, #graph.size<"g", 3, 100>, #graph.size<"r", 1, 3>] {
  %c = arith.constant 1 : i64
  %0 = graph.map [] {
    graph.yield %c : i64
  } : !graph.tensor<[], i64>
  kernel.return %0 : !graph.tensor<[], i64>
}

// Sizes that are no polynomials; tensors that may be empty.
func.func @parts(%x: !graph.tensor<[L], f32> {graph.name = "x"}) -> !graph.tensor<[], i64>
    attributes {graph.dims = [#graph.size<"L", 0, 100>]} {
  %h, %g, %r = kernel.call @toy_fill(%x) sizes [L, (L + 1) floordiv 2, max(L, 3), L mod 3 + 1]
      : (!graph.tensor<[L], f32>)
      -> (!graph.tensor<[(L + 1) floordiv 2], f32>, !graph.tensor<[max(L, 3)], f32>, !graph.tensor<[L mod 3 + 1], i8>)
  %n = kernel.call @toy_count(%h, %g, %r) sizes [(L + 1) floordiv 2, max(L, 3), L mod 3 + 1]
      : (!graph.tensor<[(L + 1) floordiv 2], f32>, !graph.tensor<[max(L, 3)], f32>, !graph.tensor<[L mod 3 + 1], i8>)
      -> !graph.tensor<[], i64>
  return %n : !graph.tensor<[], i64>
}

// flag, half, small, byte, large -> the sum of the last three, and true
kernel.func @toy_gather(%f: !graph.tensor<[], i1>, %h: !graph.tensor<[], f16>, %s: !graph.tensor<[], i8>,
                         %u: !graph.tensor<[], ui8>, %l: !graph.tensor<[], i64>)
    -> (!graph.tensor<[], i64>, !graph.tensor<[], i1>) sizes [] {
  %c = arith.constant 1 : i64
  %t = arith.constant true
  %0 = graph.map [] {
    graph.yield %c : i64
  } : !graph.tensor<[], i64>
  %1 = graph.map [] {
    graph.yield %t : i1
  } : !graph.tensor<[], i1>
  kernel.return %0, %1 : !graph.tensor<[], i64>, !graph.tensor<[], i1>
}

// Values of rank 0 of every width stand in the arguments themselves; no
// dimension, no workspace.
func.func @scalars(%f: !graph.tensor<[], i1> {graph.name = "flag"}, %h: !graph.tensor<[], f16> {graph.name = "half"},
                   %s: !graph.tensor<[], i8> {graph.name = "small"},
                   %u: !graph.tensor<[], ui8> {graph.name = "byte", graph.bound = #graph.dim<200>},
                   %l: !graph.tensor<[], i64> {graph.name = "large", graph.bound = #graph.dim<5000000000>})
    -> (!graph.tensor<[], i64> {graph.name = "sum"}, !graph.tensor<[], i1> {graph.name = "any"}) {
  %0:2 = kernel.call @toy_gather(%f, %h, %s, %u, %l) sizes []
      : (!graph.tensor<[], i1>, !graph.tensor<[], f16>, !graph.tensor<[], i8>, !graph.tensor<[], ui8>, !graph.tensor<[], i64>)
      -> (!graph.tensor<[], i64>, !graph.tensor<[], i1>)
  return %0#0, %0#1 : !graph.tensor<[], i64>, !graph.tensor<[], i1>
}
}
