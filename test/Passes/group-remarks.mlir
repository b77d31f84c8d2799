// RUN: heddle-opt %s -graph-group -split-input-file -verify-diagnostics -o /dev/null

func.func @transposed(%x: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 32], f32> {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{not fused with the contraction that it reads: it reads the contraction's result at other elements than its own}}
  %z = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%j, %i] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  return %z : !graph.tensor<[32, 32], f32>
}

// -----

func.func @across_rows(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[64, 32], f32> {
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  // expected-remark @below {{not fused with the op that it reads: they do not share rows}}
  %z = graph.map [j: 64, i: 32] {
  ^bb0(%j: index, %i: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.sqrt %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[64, 32], f32>
  return %z : !graph.tensor<[64, 32], f32>
}

// -----

// Two results need the sum, which would have to be kept until both are done.
func.func @shared(%x: !graph.tensor<[8, 64], f32>) -> (!graph.tensor<[8, 64], f32>, !graph.tensor<[8, 64], f32>) {
  // expected-remark @below {{ends its group: two results of the group need it}}
  %s = graph.reduce sum [i: 8] over [k: 64] {
  ^bb0(%i: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[8, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[8], f32>
  %a = graph.map [i: 8, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[8, 64], f32>
    %1 = graph.read %s[%i] : !graph.tensor<[8], f32>
    %2 = arith.subf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[8, 64], f32>
  %b = graph.map [i: 8, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[8, 64], f32>
    %1 = graph.read %s[%i] : !graph.tensor<[8], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[8, 64], f32>
  return %a, %b : !graph.tensor<[8, 64], f32>, !graph.tensor<[8, 64], f32>
}

// -----

// A row of the softmax may be longer than what a thread's stack holds.
func.func @long_rows(%x: !graph.tensor<[B, S], f32>) -> !graph.tensor<[B], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 100000>]} {
  %p = graph.softmax [b: B, s: S] along [s] {
  ^bb0(%b: index, %s: index):
    %0 = graph.read %x[%b, %s] : !graph.tensor<[B, S], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, S], f32>
  // expected-remark @below {{not fused with the op that it reads: a row of what lies between them may be too large to keep}}
  %m = graph.reduce max [b: B] over [s: S] {
  ^bb0(%b: index, %s: index):
    %0 = graph.read %p[%b, %s] : !graph.tensor<[B, S], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B], f32>
  return %m : !graph.tensor<[B], f32>
}

// -----

func.func @other_readers(%x: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>) {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %x[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{not fused with the contraction that it reads: the contraction's result has other readers}}
  %z = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  return %y, %z : !graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>
}

// -----

func.func @two_results(%x: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>) {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %x[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{not fused with the contraction that it reads: an epilogue has one result}}
  %z:2 = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %0, %1 : f32, f32
  } : !graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>
  return %z#0, %z#1 : !graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>
}

// -----

func.func @read_elsewhere(%x: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 64], f32>, !graph.tensor<[32], f32>) {
  // expected-remark @below {{ends its group: other kernels read it too}}
  %z = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %sum = graph.reduce sum [i: 32] over [j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %z[%i, %j] : !graph.tensor<[32, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32], f32>
  return %z, %sum : !graph.tensor<[32, 64], f32>, !graph.tensor<[32], f32>
}

// -----

func.func @around_a_contraction(%x: !graph.tensor<[32, 32], f32>) -> !graph.tensor<[32], f32> {
  %a = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  %y = graph.reduce sum [i: 32, o: 32] over [k: 32] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %a[%i, %k] : !graph.tensor<[32, 32], f32>
    %1 = graph.read %x[%o, %k] : !graph.tensor<[32, 32], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{not fused with the op that it reads: another group stands between them}}
  %sum = graph.reduce sum [i: 32] over [j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %a[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32], f32>
  return %sum : !graph.tensor<[32], f32>
}
