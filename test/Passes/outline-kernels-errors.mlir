// RUN: heddle-opt %s -graph-outline-kernels -split-input-file -verify-diagnostics

func.func @run_time_in_composite(%x: !graph.tensor<[N, 2], f32>) -> !graph.tensor<[N * 2], f32>
    attributes {graph.dims = [#graph.size<"N", 1, 64>]} {
  // expected-error @below {{cannot make a kernel of a result axis that is made of several indices and has the run-time extent N * 2}}
  %a = graph.map [(i: N, j: 2)] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[N, 2], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[N * 2], f32>
  return %a : !graph.tensor<[N * 2], f32>
}

// -----

// expected-error @below {{has groups of ops that need each other's results}}
func.func @cycle(%x: !graph.tensor<[N], f32>) -> !graph.tensor<[N], f32>
    attributes {graph.dims = [#graph.size<"N", 1, 64>]} {
  %a = graph.map [i: N] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[N], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 0} : !graph.tensor<[N], f32>
  %b = graph.map [i: N] {
  ^bb0(%i: index):
    %0 = graph.read %a[%i] : !graph.tensor<[N], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[N], f32>
  %c = graph.map [i: N] {
  ^bb0(%i: index):
    %0 = graph.read %b[%i] : !graph.tensor<[N], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 0} : !graph.tensor<[N], f32>
  return %c : !graph.tensor<[N], f32>
}

// -----

func.func @not_a_tensor(%x: i32) -> i32 {
  // expected-error @below {{cannot stand in an entry once its kernels are outlined}}
  %0 = arith.addi %x, %x : i32
  return %0 : i32
}
