// RUN: heddle-opt %s -split-input-file -verify-diagnostics

// Constraints of kernel.func, by label.

// expected-error@+1 {{expected arguments and results to be tensors, got 'f32'}}
kernel.func @func_c1(%x: f32) -> !graph.tensor<[4], f32> sizes [] {
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    graph.yield %x : f32
  } : !graph.tensor<[4], f32>
  kernel.return %0 : !graph.tensor<[4], f32>
}

// -----

// expected-error@+1 {{declares size 'm' twice}}
kernel.func @func_c2_twice(%x: !graph.tensor<[m], f32>) sizes [#graph.size<"m", 1, 2>, #graph.size<"m", 1, 2>] {
  kernel.return
}

// -----

// expected-error@+1 {{uses dimension 'S' (in S), which the enclosing function does not declare}}
kernel.func @func_c2_undeclared(%x: !graph.tensor<[S], f32>) sizes [#graph.size<"m", 1, 2>] {
  kernel.return
}

// -----

kernel.func @func_c3_weight() -> !graph.tensor<[4], f32> sizes [] {
  // expected-error@+1 {{'graph.weight' op may not stand in a kernel}}
  %0 = graph.weight "w" : !graph.tensor<[4], f32>
  kernel.return %0 : !graph.tensor<[4], f32>
}

// -----

// expected-error@+1 {{expected the body to return the kernel's results}}
kernel.func @func_c3_results() -> !graph.tensor<[4], f32> sizes [] {
  kernel.return
}

// -----

kernel.func @func_c4_argument(%x: !graph.tensor<[4], f32>) -> !graph.tensor<[4], f32> sizes [] {
  // expected-error@+1 {{returns an argument, whose memory is the caller's}}
  kernel.return %x : !graph.tensor<[4], f32>
}

// -----

kernel.func @func_c4_twice() -> (!graph.tensor<[4], f32>, !graph.tensor<[4], f32>) sizes [] {
  %c = arith.constant 1.0 : f32
  %0 = graph.map [i: 4] {
  ^bb0(%i: index):
    graph.yield %c : f32
  } : !graph.tensor<[4], f32>
  // expected-error@+1 {{returns a value twice}}
  kernel.return %0, %0 : !graph.tensor<[4], f32>, !graph.tensor<[4], f32>
}

// -----

// expected-error@+1 {{has an unknown attribute 'kernel.weight' on an argument}}
kernel.func @unknown_argument_attribute(%x: !graph.tensor<[4], f32> {kernel.weight}) sizes [] {
  kernel.return
}

// -----

// Constraints of kernel.call, by label.

func.func @call_c1() {
  // expected-error@+1 {{expected 'nothing' to be a kernel.func}}
  kernel.call @nothing() sizes [] : () -> ()
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[m], f32>) sizes [#graph.size<"m", 1, 8>] {
  kernel.return
}
func.func @call_c2_sizes(%x: !graph.tensor<[4], f32>) {
  // expected-error@+1 {{expected 1 sizes for 'f', got 0}}
  kernel.call @f(%x) sizes [] : (!graph.tensor<[4], f32>) -> ()
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[m], f32>) sizes [#graph.size<"m", 1, 8>] {
  kernel.return
}
func.func @call_c2_operands(%x: !graph.tensor<[4], f32>) {
  // expected-error@+1 {{expected 1 operands for 'f', got 2}}
  kernel.call @f(%x, %x) sizes [4] : (!graph.tensor<[4], f32>, !graph.tensor<[4], f32>) -> ()
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[m], f32>) sizes [#graph.size<"m", 1, 8>] {
  kernel.return
}
func.func @call_c2_results(%x: !graph.tensor<[4], f32>) {
  // expected-error@+1 {{expected 0 results for 'f', got 1}}
  kernel.call @f(%x) sizes [4] : (!graph.tensor<[4], f32>) -> !graph.tensor<[4], f32>
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[m, 2], f32>) sizes [#graph.size<"m", 1, 8>] {
  kernel.return
}
func.func @call_c3_count(%x: !graph.tensor<[4, 3], f32>) {
  // expected-error@+1 {{expected operand 0 to be a '!graph.tensor<[4, 2], f32>', got '!graph.tensor<[4, 3], f32>'}}
  kernel.call @f(%x) sizes [4] : (!graph.tensor<[4, 3], f32>) -> ()
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[m, 2], f32>) sizes [#graph.size<"m", 1, 8>] {
  kernel.return
}
func.func @call_c3_elements(%x: !graph.tensor<[4, 2], f16>) {
  // expected-error@+1 {{expected operand 0 to be a '!graph.tensor<[4, 2], f32>', got '!graph.tensor<[4, 2], f16>'}}
  kernel.call @f(%x) sizes [4] : (!graph.tensor<[4, 2], f16>) -> ()
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[8, 2], f32, panels<0, 4>>) sizes [] {
  kernel.return
}
func.func @call_c3_layout(%x: !graph.tensor<[8, 2], f32>) {
  // expected-error@+1 {{expected operand 0 to be a '!graph.tensor<[8, 2], f32, panels<0, 4>>', got '!graph.tensor<[8, 2], f32>'}}
  kernel.call @f(%x) sizes [] : (!graph.tensor<[8, 2], f32>) -> ()
  return
}

// -----

// The same elements, packed along another axis' order: merging axes is for dense tensors.
kernel.func @f(%x: !graph.tensor<[8, 2], f32, panels<0, 4>>) sizes [] {
  kernel.return
}
func.func @call_c3_packed_shape(%x: !graph.tensor<[4, 4], f32, panels<0, 4>>) {
  // expected-error@+1 {{expected operand 0 to be a}}
  kernel.call @f(%x) sizes [] : (!graph.tensor<[4, 4], f32, panels<0, 4>>) -> ()
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[m], f32>) sizes [#graph.size<"m", 2, 8>] {
  kernel.return
}
func.func @call_c4_least(%x: !graph.tensor<[S], f32>) attributes {graph.dims = [#graph.size<"S", 1, 8>]} {
  // expected-error@+1 {{expected size 'm' to be within 2 and 8, which is not proved of S}}
  kernel.call @f(%x) sizes [S] : (!graph.tensor<[S], f32>) -> ()
  return
}

// -----

kernel.func @f(%x: !graph.tensor<[m], f32>) sizes [#graph.size<"m", 1, 8>] {
  kernel.return
}
func.func @call_c4_most(%x: !graph.tensor<[S * 2], f32>) attributes {graph.dims = [#graph.size<"S", 1, 8>]} {
  // expected-error@+1 {{expected size 'm' to be within 1 and 8, which is not proved of S * 2}}
  kernel.call @f(%x) sizes [S * 2] : (!graph.tensor<[S * 2], f32>) -> ()
  return
}
