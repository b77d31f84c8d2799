// What keeps a softmax and its contractions apart, and that it is said.
// RUN: heddle-opt %s -graph-group -remarks-filter-missed=fusion -split-input-file -o /dev/null 2>&1 | FileCheck %s

// CHECK: NoChain {{.*}}Function=along {{.*}}Reason="its softmax does not go along the last axis alone"
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
