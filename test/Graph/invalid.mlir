// RUN: heddle-opt %s -split-input-file -verify-diagnostics

// Constraints of the graph dialect, by label. Those of all comprehensions first.

func.func @comprehension_c1() {
  // expected-error@+1 {{expected a body with 1 arguments of type index, got 0 arguments}}
  %0 = graph.map [i: 4] {
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c1_type() {
  // expected-error@+1 {{expected a body with 1 arguments of type index}}
  %0 = graph.map [i: 4] {
  ^bb0(%i: i32):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c2() {
  // expected-error@+1 {{has two indices 'i'}}
  %0 = graph.map [i: 4, i: 4] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4, 4], f32>
  return
}

// -----

func.func @comprehension_c3_bound() {
  // expected-error@+1 {{expected axes of 2 indices, got 1}}
  %0 = graph.map [i: 4] over [k: 3] {
  ^bb0(%i: index, %k: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c3_many() {
  // expected-error@+1 {{expected axes of at most 1 indices, got 2}}
  %0 = "graph.reduce"() <{combiner = #graph<combiner sum>, indices = #graph.indices<[i: 4]>, axes = array<i32: 2>}> ({
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  }) : () -> !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c3_empty() {
  // expected-error@+1 {{expected axes of at least one index, got -1}}
  %0 = "graph.map"() <{indices = #graph.indices<[i: 4]>, axes = array<i32: -1, 2>}> ({
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  }) : () -> !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c4() {
  // expected-error@+1 {{expected a result of dimensions [S, 8], got '!graph.tensor<[S, 4], f32>'}}
  %0 = graph.map [s: S, (h: 2, d: 4)] {
  ^bb0(%s: index, %h: index, %d: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[S, 4], f32>
  return
}

// -----

func.func @comprehension_c5_number() {
  // expected-error@+1 {{expected the body to yield 1 values}}
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c, %c : f32, f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c5_type() {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1 : i32
    // expected-error@+1 {{expected a value of type 'f32' for a result '!graph.tensor<[4], f16>', got 'i32'}}
    graph.yield %c : i32
  } : !graph.tensor<[4], f16>
  return
}

// -----

func.func @comprehension_c6_op() {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    // expected-error@+1 {{'graph.weight' op may not stand in the body of a comprehension}}
    %w = graph.weight "w" : !graph.tensor<[4], f32>
    %r = graph.read %w[%i] : !graph.tensor<[4], f32>
    graph.yield %r : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c6_type(%x: !graph.tensor<[4], f32>) {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %r = graph.read %x[%i] : !graph.tensor<[4], f32>
    // expected-error@+1 {{expected a scalar in the body of a comprehension, got 'f16'}}
    %t = arith.truncf %r : f32 to f16
    graph.yield %r : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c7(%s: f32) {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    // expected-error@+1 {{expected only tensors, constants and extents from outside the comprehension, got 'f32'}}
    %1 = arith.negf %s : f32
    graph.yield %1 : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c8_position() {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    // expected-error@+1 {{gives a position, but only a scatter takes one}}
    graph.yield %c at [%i] : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c8_condition() {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    %t = arith.constant true
    // expected-error@+1 {{gives a condition, but a map takes none}}
    graph.yield %c if %t : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @comprehension_c9() {
  // expected-error@+1 {{expected a dense result, got '!graph.tensor<[4], f32, panels<0, 2>>'}}
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32, panels<0, 2>>
  return
}

// -----

func.func @map_c1() {
  // expected-error@+1 {{expected at least one result}}
  "graph.map"() <{indices = #graph.indices<[i: 4]>, axes = array<i32: 1>}> ({
  ^bb0(%i: index):
    "graph.yield"() <{operandSegmentSizes = array<i32: 0, 0, 0>}> : () -> ()
  }) : () -> ()
  return
}

// -----

func.func @reduce_c1() {
  // expected-error@+1 {{expected a combiner, got 'none'}}
  %0 = graph.reduce none [] over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[], f32>
  return
}

// -----

func.func @reduce_c2_number() {
  // expected-error@+1 {{expected 'and' to combine i1, got 'f32'}}
  %0 = graph.reduce and [] over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[], f32>
  return
}

// -----

func.func @reduce_c2_bool() {
  // expected-error@+1 {{expected 'max' to combine numbers, got 'i1'}}
  %0 = graph.reduce max [] over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant true
    graph.yield %c : i1
  } : !graph.tensor<[], i1>
  return
}

// -----

func.func @arg_reduce_c1() {
  // expected-error@+1 {{expected 'max' or 'min', got 'sum'}}
  %0 = graph.arg_reduce sum [] over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[], i32>
  return
}

// -----

func.func @arg_reduce_c2() {
  // expected-error@+1 {{expected one bound index, got 2}}
  %0 = graph.arg_reduce max [] over [i: 4, j: 4] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[], i32>
  return
}

// -----

func.func @arg_reduce_c3() {
  // expected-error@+1 {{expected a result of i32, got '!graph.tensor<[], f32>'}}
  %0 = graph.arg_reduce max [] over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[], f32>
  return
}

// -----

func.func @arg_reduce_c4() {
  // expected-error@+1 {{expected numbers to compare, got 'i1'}}
  %0 = graph.arg_reduce max [] over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant true
    graph.yield %c : i1
  } : !graph.tensor<[], i32>
  return
}

// -----

func.func @softmax_c1() {
  // expected-error@+1 {{expected axes of 2 indices, got 1}}
  %0 = graph.softmax [i: 4] over [j: 4] along [i] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @softmax_c2_none() {
  // expected-error@+1 {{expected 'along' to be ascending positions of indices, got [}}
  %0 = graph.softmax [i: 4] along [] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @softmax_c2_order() {
  // expected-error@+1 {{expected 'along' to be ascending positions of indices, got [}}
  %0 = graph.softmax [i: 4, j: 4] along [j, i] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4, 4], f32>
  return
}

// -----

func.func @softmax_c2_range() {
  // expected-error@+1 {{expected 'along' to be ascending positions of indices, got [}}
  %0 = "graph.softmax"() <{indices = #graph.indices<[i: 4]>, axes = array<i32: 1>, along = array<i32: 1>}> ({
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  }) : () -> !graph.tensor<[4], f32>
  return
}

// -----

func.func @softmax_c3() {
  // expected-error@+1 {{expected floating values, got 'i32'}}
  %0 = graph.softmax [i: 4] along [i] {
  ^bb0(%i: index):
    %c = arith.constant 1 : i32
    graph.yield %c : i32
  } : !graph.tensor<[4], i32>
  return
}

// -----

func.func @along_names_an_index() {
  // expected-error@+1 {{'k' is not an index of this op}}
  %0 = graph.softmax [i: 4] along [k] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @cumulate_c1() {
  // expected-error@+1 {{expected 'sum', 'prod' or 'max', got 'min'}}
  %0 = graph.cumulate min [i: 4] along [i] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @cumulate_c2() {
  // expected-error@+1 {{expected axes of 2 indices, got 1}}
  %0 = graph.cumulate sum [i: 4] over [j: 4] along [i] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @cumulate_c3() {
  // expected-error@+1 {{expected 'along' to be the position of one index, got [}}
  %0 = graph.cumulate sum [i: 4, j: 4] along [i, j] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[4, 4], f32>
  return
}

// -----

func.func @cumulate_c4() {
  // expected-error@+1 {{expected numbers to cumulate, got 'i1'}}
  %0 = graph.cumulate max [i: 4] along [i] {
  ^bb0(%i: index):
    %c = arith.constant true
    graph.yield %c : i1
  } : !graph.tensor<[4], i1>
  return
}

// -----

func.func @scatter_c1(%x: !graph.tensor<[4], f32>) {
  // expected-error@+1 {{failed to verify that all of {base, result} have same type}}
  %0 = "graph.scatter"(%x) <{mode = #graph<mode set>, indices = #graph.indices<[i: 4]>}> ({
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c at [%i] : f32
  }) : (!graph.tensor<[4], f32>) -> !graph.tensor<[5], f32>
  return
}

// -----

func.func @scatter_c2(%x: !graph.tensor<[4, 4], f32>) {
  %0 = graph.scatter set %x over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    // expected-error@+1 {{expected a position with 2 subscripts, got 1}}
    graph.yield %c at [%i] : f32
  } : !graph.tensor<[4, 4], f32>
  return
}

// -----

func.func @scatter_c3(%x: !graph.tensor<[4], i1>) {
  // expected-error@+1 {{expected numbers to add, got 'i1'}}
  %0 = graph.scatter add %x over [i: 4] {
  ^bb0(%i: index):
    %c = arith.constant true
    graph.yield %c at [%i] : i1
  } : !graph.tensor<[4], i1>
  return
}

// -----

func.func @read_c1(%x: !graph.tensor<[4, 4], f32>) {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    // expected-error@+1 {{expected 2 subscripts, got 1}}
    %c = graph.read %x[%i] : !graph.tensor<[4, 4], f32>
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  return
}

// -----

func.func @read_c2(%x: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected to stand in a comprehension}}
  %0 = graph.read %x[] : !graph.tensor<[], f32>
  return
}

// -----

func.func @read_widens(%x: !graph.tensor<[4], f16>) {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    // expected-error@+2 {{failed to infer returned types}}
    // expected-error@+1 {{inferred type(s) 'f32' are incompatible with return type(s) of operation 'f16'}}
    %c = "graph.read"(%x, %i) : (!graph.tensor<[4], f16>, index) -> f16
    graph.yield %c : f16
  } : !graph.tensor<[4], f16>
  return
}

// -----

func.func @weight_c1_empty() {
  // expected-error@+1 {{expected one path, a stack of paths or tensors joined along an axis, no path empty}}
  %0 = graph.weight "" : !graph.tensor<[4], f32>
  return
}

// -----

func.func @weight_c1_two() {
  // expected-error@+1 {{expected one path, a stack of paths or tensors joined along an axis, no path empty}}
  %0 = graph.weight joined ["a", "b"] : !graph.tensor<[], f32>
  return
}

// -----

func.func @weight_c2() {
  // expected-error@+1 {{expected constant dimensions, got '!graph.tensor<[S], f32>'}}
  %0 = graph.weight "w" : !graph.tensor<[S], f32>
  return
}

// -----

func.func @weight_c3() {
  // expected-error@+1 {{expected a first dimension of 2, one for each path, got '!graph.tensor<[3], f32>'}}
  %0 = graph.weight ["a", "b"] : !graph.tensor<[3], f32>
  return
}

// -----

func.func @weight_c4() {
  // expected-error@+1 {{expected integers to be bounded, got '!graph.tensor<[3], f32>'}}
  %0 = graph.weight "a" below 4 : !graph.tensor<[3], f32>
  return
}

// -----

// expected-error@+1 {{expected a body without arguments that returns a '!graph.tensor<[3], f32>'}}
graph.global @global_c1 : !graph.tensor<[3], f32> {
  %0 = graph.weight "a" : !graph.tensor<[4], f32>
  graph.return %0 : !graph.tensor<[4], f32>
}

// -----

// expected-error@+1 {{expected constant dimensions, got '!graph.tensor<[S], f32>'}}
graph.global @global_c2 : !graph.tensor<[S], f32> {
  %0 = graph.map [i: S] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[S], f32>
  graph.return %0 : !graph.tensor<[S], f32>
}

// -----

func.func @get_global_c1() {
  // expected-error@+1 {{expected 'table' to be a graph.global of type '!graph.tensor<[3], f32>'}}
  %0 = graph.get_global @table : !graph.tensor<[3], f32>
  return
}

// -----

func.func @read_scalar(%x: f32, %i: index) {
  // expected-error@+1 {{expected a tensor to read}}
  %0 = graph.read %x[%i] : f32
  return
}

// -----

func.func @sort_c5(%x: !graph.tensor<[4, 6], f32>) -> !graph.tensor<[24], i32> {
  // expected-error @below {{expected a last axis of one index}}
  %y = graph.sort max [(b: 4, r: 6)] over [t: 6] {
  ^bb0(%b: index, %r: index, %t: index):
    %0 = graph.read %x[%b, %t] : !graph.tensor<[4, 6], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[24], i32>
  return %y : !graph.tensor<[24], i32>
}

// -----

func.func @sort_c5_rank(%x: !graph.tensor<[4, 6], f32>) -> !graph.tensor<[4, 6], i32> {
  // expected-error @below {{expected a body that does not depend on index 'r'}}
  %y = graph.sort max [b: 4, r: 6] over [t: 6] {
  ^bb0(%b: index, %r: index, %t: index):
    %0 = graph.read %x[%b, %r] : !graph.tensor<[4, 6], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[4, 6], i32>
  return %y : !graph.tensor<[4, 6], i32>
}

// -----

func.func @sort_c1(%x: !graph.tensor<[4, 6], f32>) -> !graph.tensor<[4, 6], i32> {
  // expected-error @below {{expected 'max' or 'min', got 'sum'}}
  %y = graph.sort sum [b: 4, r: 6] over [t: 6] {
  ^bb0(%b: index, %r: index, %t: index):
    %0 = graph.read %x[%b, %t] : !graph.tensor<[4, 6], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[4, 6], i32>
  return %y : !graph.tensor<[4, 6], i32>
}

// Control and state.

// -----

func.func @loop_c1(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected i32 scalars as 'lower' and 'upper'}}
  graph.loop %c to %i {
  ^bb0(%k: !graph.tensor<[], i32>):
    graph.next
  } : (!graph.tensor<[], i1>, !graph.tensor<[], i32>) -> ()
  return
}

// -----

func.func @loop_c2(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected a body that takes an i32 scalar and what is carried, which are the results}}
  %y = graph.loop %i to %i carries(%x) {
  ^bb0(%k: !graph.tensor<[], i32>):
    graph.next %x : !graph.tensor<[4], f32>
  } : (!graph.tensor<[], i32>, !graph.tensor<[], i32>, !graph.tensor<[4], f32>) -> !graph.tensor<[4], f32>
  return
}

// -----

func.func @loop_c3(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected the body to end in a graph.next of what is carried}}
  %y = graph.loop %i to %i carries(%x) {
  ^bb0(%k: !graph.tensor<[], i32>, %z: !graph.tensor<[4], f32>):
    graph.next
  } : (!graph.tensor<[], i32>, !graph.tensor<[], i32>, !graph.tensor<[4], f32>) -> !graph.tensor<[4], f32>
  return
}

// -----

func.func @scan_c1(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected a body that takes an i32 scalar and what is carried, with which the results begin}}
  %y = graph.scan <"t", 5> carries(%x) {
  ^bb0(%k: !graph.tensor<[], i32>):
    graph.next %x : !graph.tensor<[4], f32>
  } : (!graph.tensor<[4], f32>) -> !graph.tensor<[4], f32>
  return
}

// -----

func.func @scan_c2(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected the body to end in a graph.next of what is carried and of what is stacked}}
  %y = graph.scan <"t", 5> {
  ^bb0(%k: !graph.tensor<[], i32>):
    graph.next %x : !graph.tensor<[4], f32>
  } : () -> !graph.tensor<[6, 4], f32>
  return
}

// -----

func.func @if_c1(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected an i1 scalar as 'condition'}}
  graph.if %i then {
    graph.next
  } else {
    graph.next
  } : (!graph.tensor<[], i32>) -> ()
  return
}

// -----

func.func @if_c2(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected regions without arguments that end in a graph.next of the results}}
  %y = graph.if %c then {
    graph.next %x : !graph.tensor<[4], f32>
  } else {
    graph.next
  } : (!graph.tensor<[], i1>) -> !graph.tensor<[4], f32>
  return
}

// -----

func.func @while_c1(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  graph.loop %i to %i {
  ^bb0(%k: !graph.tensor<[], i32>):
    // expected-error@+1 {{expected an i1 scalar as 'condition'}}
    graph.while %x : !graph.tensor<[4], f32>
    graph.next
  } : (!graph.tensor<[], i32>, !graph.tensor<[], i32>) -> ()
  return
}

// -----

func.func @require_c1(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected an i1 scalar as 'condition'}}
  graph.require %i, "no" : !graph.tensor<[], i32>
  return
}

// -----

func.func @dim_c1(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected an i32 scalar as 'value'}}
  graph.dim "N" = %x at most 4 : !graph.tensor<[4], f32>
  return
}

// -----

func.func @grad_c1(%i: !graph.tensor<[], i32>, %c: !graph.tensor<[], i1>, %x: !graph.tensor<[4], f32>, %s: !graph.tensor<[], f32>) {
  // expected-error@+1 {{expected an f32 scalar as 'loss'}}
  %y = graph.grad %i by %x : !graph.tensor<[], i32>, !graph.tensor<[4], f32>
  return
}

// -----

// expected-error@+1 {{has two fields 'n'}}
graph.state @state_c1 ["n", "n"] dims [] {
  graph.next
}

// -----

// expected-error@+1 {{expected at least one field}}
graph.state @state_c1_none [] dims [] {
  graph.next
}

// -----

// expected-error@+1 {{expected a body without arguments that gives a value for each field}}
graph.state @state_c2 ["n"] dims [] {
  graph.next
}

// -----

graph.state @state_c3 ["n"] dims [#graph.size<"B", 1, 8>] {
  // expected-error@+1 {{uses dimension 'S' (in S), which the enclosing function does not declare}}
  %0 = graph.map [s: S] {
  ^bb0(%s: index):
    %c = arith.constant 0 : i32
    graph.yield %c : i32
  } : !graph.tensor<[S], i32>
  graph.next %0 : !graph.tensor<[S], i32>
}

// -----

graph.state @cache ["n"] dims [] {
  %0 = graph.map [] {
    %c = arith.constant 0 : i32
    graph.yield %c : i32
  } : !graph.tensor<[], i32>
  graph.next %0 : !graph.tensor<[], i32>
}
func.func @state_get_c1() {
  // expected-error@+1 {{expected 'cache' to be a graph.state with a field 'm' like '!graph.tensor<[], i32>'}}
  %0 = graph.state_get @cache["m"] : !graph.tensor<[], i32>
  return
}

// -----

graph.state @cache ["n"] dims [] {
  %0 = graph.map [] {
    %c = arith.constant 0 : i32
    graph.yield %c : i32
  } : !graph.tensor<[], i32>
  graph.next %0 : !graph.tensor<[], i32>
}
func.func @state_set_c1(%x: !graph.tensor<[4], i32>) {
  // expected-error@+1 {{expected 'cache' to be a graph.state with a field 'n' like '!graph.tensor<[4], i32>'}}
  graph.state_set @cache["n"] = %x : !graph.tensor<[4], i32>
  return
}

// -----

// expected-error@+1 {{expected 'graph.born' to be an array of #graph.size beside 'graph.dims'}}
func.func @born() attributes {graph.born = [#graph.size<"N", 0, 8>]} {
  return
}
