// RUN: heddle-opt %s -graph-group -split-input-file 2>/dev/null | FileCheck %s

// A linear layer with bias and residual is one group; the normalization behind
// it, whose ops share rows, another.
// CHECK-LABEL: func.func @linear_then_norm
// CHECK: graph.reduce sum
// CHECK: {kernel.group = 0 : i64}
// CHECK: graph.map
// CHECK: {kernel.group = 0 : i64}
// CHECK: graph.reduce sum
// CHECK: {kernel.group = 1 : i64}
// CHECK: graph.map
// CHECK: {kernel.group = 1 : i64}
func.func @linear_then_norm(%x: !graph.tensor<[B, S, 64], f32>, %w: !graph.tensor<[32, 64], f32>, %r: !graph.tensor<[B, S, 32], f32>) -> !graph.tensor<[B, S, 32], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %y = graph.reduce sum [b: B, s: S, o: 32] over [k: 64] {
  ^bb0(%b: index, %s: index, %o: index, %k: index):
    %0 = graph.read %x[%b, %s, %k] : !graph.tensor<[B, S, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 32], f32>
  %z = graph.map [b: B, s: S, e: 32] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %y[%b, %s, %e] : !graph.tensor<[B, S, 32], f32>
    %1 = graph.read %r[%b, %s, %e] : !graph.tensor<[B, S, 32], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 32], f32>
  %sum = graph.reduce sum [b: B, s: S] over [e: 32] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %z[%b, %s, %e] : !graph.tensor<[B, S, 32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, S], f32>
  %n = graph.map [b: B, s: S, e: 32] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %z[%b, %s, %e] : !graph.tensor<[B, S, 32], f32>
    %1 = graph.read %sum[%b, %s] : !graph.tensor<[B, S], f32>
    %2 = arith.subf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 32], f32>
  return %n : !graph.tensor<[B, S, 32], f32>
}

// -----

// The mean over positions goes by rows [b]: the tensor before it would stay in
// the kernel whole, for each b. What follows the mean joins it.
// CHECK-LABEL: func.func @mean_apart
// CHECK: graph.map
// CHECK: {kernel.group = 0 : i64}
// CHECK: graph.reduce sum
// CHECK: {kernel.group = 1 : i64}
// CHECK: graph.reduce sum
// CHECK: {kernel.group = 1 : i64}
// CHECK: graph.map
// CHECK: {kernel.group = 1 : i64}
func.func @mean_apart(%x: !graph.tensor<[B, S, 384], f32>, %keep: !graph.tensor<[B, S], i1>) -> !graph.tensor<[B, 384], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %c1 = arith.constant 1.0 : f32
  %a = graph.map [b: B, s: S, e: 384] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 384], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[B, S, 384], f32>
  %sum = graph.reduce sum [b: B, e: 384] over [s: S] {
  ^bb0(%b: index, %e: index, %s: index):
    %0 = graph.read %a[%b, %s, %e] : !graph.tensor<[B, S, 384], f32>
    %1 = graph.read %keep[%b, %s] : !graph.tensor<[B, S], i1>
    graph.yield %0 if %1 : f32
  } : !graph.tensor<[B, 384], f32>
  %count = graph.reduce sum [b: B] over [s: S] {
  ^bb0(%b: index, %s: index):
    %1 = graph.read %keep[%b, %s] : !graph.tensor<[B, S], i1>
    graph.yield %c1 if %1 : f32
  } : !graph.tensor<[B], f32>
  %mean = graph.map [b: B, e: 384] {
  ^bb0(%b: index, %e: index):
    %0 = graph.read %sum[%b, %e] : !graph.tensor<[B, 384], f32>
    %1 = graph.read %count[%b] : !graph.tensor<[B], f32>
    %2 = arith.divf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, 384], f32>
  return %mean : !graph.tensor<[B, 384], f32>
}

// -----

// Not an epilogue: another reader, or another element.
// CHECK-LABEL: func.func @not_an_epilogue
// CHECK: graph.reduce sum
// CHECK: {kernel.group = 0 : i64}
// CHECK: graph.map
// CHECK: {kernel.group = 1 : i64}
func.func @not_an_epilogue(%x: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 32], f32> {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  %z = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%j, %i] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  return %z : !graph.tensor<[32, 32], f32>
}

// -----

// CHECK-LABEL: func.func @two_readers
// CHECK: graph.reduce sum
// CHECK: {kernel.group = 0 : i64}
// CHECK: graph.map
// CHECK: {kernel.group = 1 : i64}
func.func @two_readers(%x: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>) {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  %z = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  return %y, %z : !graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>
}

// -----

// What the norm reads is returned too: it ends a group of its own, since a kernel
// does not read its outputs back.
// CHECK-LABEL: func.func @read_elsewhere
// CHECK: graph.map
// CHECK: {kernel.group = 0 : i64}
// CHECK: graph.reduce sum
// CHECK: {kernel.group = 1 : i64}
// CHECK: graph.map
// CHECK: {kernel.group = 1 : i64}
func.func @read_elsewhere(%x: !graph.tensor<[B, 32], f32>) -> (!graph.tensor<[B, 32], f32>, !graph.tensor<[B, 32], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 64>]} {
  %z = graph.map [b: B, e: 32] {
  ^bb0(%b: index, %e: index):
    %0 = graph.read %x[%b, %e] : !graph.tensor<[B, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[B, 32], f32>
  %sum = graph.reduce sum [b: B] over [e: 32] {
  ^bb0(%b: index, %e: index):
    %0 = graph.read %z[%b, %e] : !graph.tensor<[B, 32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B], f32>
  %n = graph.map [b: B, e: 32] {
  ^bb0(%b: index, %e: index):
    %0 = graph.read %z[%b, %e] : !graph.tensor<[B, 32], f32>
    %1 = graph.read %sum[%b] : !graph.tensor<[B], f32>
    %2 = arith.divf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, 32], f32>
  return %z, %n : !graph.tensor<[B, 32], f32>, !graph.tensor<[B, 32], f32>
}
