// What keeps a softmax and its contractions apart, and that it is said.
// RUN: heddle-opt %s -graph-group -remarks-filter-missed=fusion -split-input-file -o /dev/null 2>&1 | FileCheck %s

// CHECK: NoChain {{.*}}Function=along {{.*}}Reason="its softmax does not go along the last axis alone", Suggestion="let the softmax go along the last axis of a product of rows and columns, and one sum over that axis read it"
func.func @along(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [i] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----


// CHECK: NoChain {{.*}}Function=shared {{.*}}Reason="its softmax has other readers"
func.func @shared(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>, !graph.tensor<[B, 2, S, T], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y, %p : !graph.tensor<[B, S, 12], f32>, !graph.tensor<[B, 2, S, T], f32>
}

// -----


// CHECK: NoChain {{.*}}Function=kept {{.*}}Reason="its scores have other readers"
func.func @kept(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>, !graph.tensor<[B, 2, S, T], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y, %a : !graph.tensor<[B, S, 12], f32>, !graph.tensor<[B, 2, S, T], f32>
}

// -----


// CHECK: NoChain {{.*}}Function=condition {{.*}}Reason="its condition reads its scores"
func.func @condition(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %z = arith.constant 0.0 : f32
    %c = arith.cmpf olt, %s, %z : f32
    graph.yield %s if %c : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----


// CHECK: NoChain {{.*}}Function=elsewhere {{.*}}Reason="it reads its scores at other elements than its own"
func.func @elsewhere(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %o = arith.constant 0 : index
    %s = graph.read %a[%b, %o, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----


// CHECK: NoChain {{.*}}Function=long {{.*}}Reason="a row of its softmax can have more than 32768 elements"
func.func @long(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 40000>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----


// CHECK: NoChain {{.*}}Function=rows {{.*}}Reason="its scores are no product of rows and columns"
func.func @rows(%q: !graph.tensor<[B, 1, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, 1, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: 1, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, 1, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, 1, T], f32>
  %p = graph.softmax [b: B, h: 2, i: 1, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, 1, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, 1, T], f32>
  %y = graph.reduce sum [b: B, i: 1, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, 1, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 1, 12], f32>
  return %y : !graph.tensor<[B, 1, 12], f32>
}

// -----


// CHECK: NoChain {{.*}}Function=values {{.*}}Reason="both its factors run along the rows"
func.func @values(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, S, T, 6], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %i, %j, %d] : !graph.tensor<[B, S, T, 6], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}
// -----

// CHECK: NoChain {{.*}}Function=added {{.*}}Reason="its scores are no contraction"
func.func @added(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.addf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----

// CHECK: NoChain {{.*}}Function=padded {{.*}}Reason="it does not read its softmax row by row"
func.func @padded(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %one = arith.constant 0 : index
    %l = graph.read %p[%b, %one, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----

// CHECK: NoChain {{.*}}Function=sums {{.*}}Reason="it combines more than the columns of its softmax"
func.func @sums(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T, z: 2] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index, %z: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----

// CHECK: NoChain {{.*}}Function=weights {{.*}}Reason="one of its factors is a weight, which all rows share"
func.func @weights(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, 90, 12], f32>, %v: !graph.tensor<[B, 90, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: 90] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, 90, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, 90], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: 90] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, 90], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, 90], f32>
  %table = graph.weight "table" : !graph.tensor<[90, 12], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: 90] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, 90], f32>
    %r = graph.read %table[%j, %c] : !graph.tensor<[90, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----

// CHECK: NoChain {{.*}}Function=padded_values {{.*}}Reason="its other factor is no tensor with the columns of the result"
func.func @padded_values(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %zero = arith.constant 0.0 : f32
    %inside = arith.cmpi slt, %d, %j : index
    %read = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %r = arith.select %inside, %read, %zero : f32
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----

// CHECK: NoChain {{.*}}Function=digits {{.*}}Reason="its scores have an axis of several indices"
func.func @digits(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, 12, 12], f32>, %v: !graph.tensor<[B, 12, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, (t: 3, u: 4)] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %t: index, %u: index, %d: index):
    %four = arith.constant 4 : index
    %up = arith.muli %t, %four : index
    %j = arith.addi %up, %u : index
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, 12, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, 12], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: 12] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, 12], f32>
    graph.yield %s : f32
  } : !graph.tensor<[B, 2, S, 12], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: 12] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, 12], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, 12, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

// -----

// CHECK: EndsContraction {{.*}}Function=bias {{.*}}Reason="it is in the kernel of two contractions, which reads the rest from memory", Suggestion="nothing in the model; a kernel has no whole rows beside its contractions"
// CHECK-NOT: NoChain
func.func @bias(%q: !graph.tensor<[B, S, 12], f32>, %k: !graph.tensor<[B, T, 12], f32>, %v: !graph.tensor<[B, T, 12], f32>) -> (!graph.tensor<[B, S, 12], f32>)
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 70>, #graph.size<"T", 1, 90>]} {
  %a = graph.reduce sum [b: B, h: 2, i: S, j: T] over [d: 6] {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %d: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %q[%b, %i, %c] : !graph.tensor<[B, S, 12], f32>
    %r = graph.read %k[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %t = graph.map [b: B, h: 2, i: S, j: T] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %0 = graph.read %q[%b, %i, %h] : !graph.tensor<[B, S, 12], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %p = graph.softmax [b: B, h: 2, i: S, j: T] along [j] {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %s = graph.read %a[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %term = graph.read %t[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %sum = arith.addf %s, %term : f32
    graph.yield %sum : f32
  } : !graph.tensor<[B, 2, S, T], f32>
  %y = graph.reduce sum [b: B, i: S, (h: 2, d: 6)] over [j: T] {
  ^bb0(%b: index, %i: index, %h: index, %d: index, %j: index):
    %w = arith.constant 6 : index
    %m = arith.muli %h, %w : index
    %c = arith.addi %m, %d : index
    %l = graph.read %p[%b, %h, %i, %j] : !graph.tensor<[B, 2, S, T], f32>
    %r = graph.read %v[%b, %j, %c] : !graph.tensor<[B, T, 12], f32>
    %x = arith.mulf %l, %r : f32
    graph.yield %x : f32
  } : !graph.tensor<[B, S, 12], f32>
  return %y : !graph.tensor<[B, S, 12], f32>
}

