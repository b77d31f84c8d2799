// RUN: heddle-opt %s -graph-outline-kernels '-remarks-filter-missed=rows|copy' -split-input-file -verify-diagnostics -o /dev/null

func.func @position(%x: !graph.tensor<[B, S, 64], f32>, %p: !graph.tensor<[512, 64], f32>) -> !graph.tensor<[B, S, 64], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %c0 = arith.constant 0 : index
  // expected-remark @below {{RowsApart | Category:rows | Function=position | Reason="its leading axes are not one loop: index s is read by itself, or in another order", Suggestion="nothing is lost with many rows in the first axis; else read by all leading axes, in order"}}
  %y = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 64], f32>
    %1 = graph.read %p[%s, %e] : !graph.tensor<[512, 64], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 64], f32>
  return %y : !graph.tensor<[B, S, 64], f32>
}

// -----

func.func @number(%x: !graph.tensor<[B, S, 64], f32>) -> !graph.tensor<[B, S, 64], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %c0 = arith.constant 0 : index
  // expected-remark @below {{RowsApart | Category:rows | Function=number | Reason="its leading axes are not one loop: index s is a number in the formula", Suggestion="nothing is lost with many rows in the first axis; else read by all leading axes, in order"}}
  %y = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 64], f32>
    %1 = arith.cmpi eq, %s, %c0 : index
    %2 = arith.select %1, %0, %0 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 64], f32>
  return %y : !graph.tensor<[B, S, 64], f32>
}

// -----

func.func @both(%x: !graph.tensor<[B, S, 64], f32>) -> !graph.tensor<[B, S, 64], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %c0 = arith.constant 0 : index
  // expected-remark @below {{RowsApart | Category:rows | Function=both | Reason="its leading axes are not one loop: a tensor is read by these rows and by others", Suggestion="nothing is lost with many rows in the first axis; else read by all leading axes, in order"}}
  %y = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 64], f32>
    %1 = graph.read %x[%c0, %c0, %e] : !graph.tensor<[B, S, 64], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[B, S, 64], f32>
  return %y : !graph.tensor<[B, S, 64], f32>
}

// -----

func.func @beside(%x: !graph.tensor<[B, S, 64], f32>) -> !graph.tensor<[B, S, 64], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 64>, #graph.size<"S", 1, 512>]} {
  %c0 = arith.constant 0 : index
  %t = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %x[%b, %s, %e] : !graph.tensor<[B, S, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } {kernel.group = 0 : i64} : !graph.tensor<[B, S, 64], f32>
  // expected-remark @below {{RowsApart | Category:rows | Function=beside | Reason="its leading axes are not one loop: it reads other rows of what is computed beside it", Suggestion="nothing is lost with many rows in the first axis; else read by all leading axes, in order"}}
  %y = graph.map [b: B, s: S, e: 64] {
  ^bb0(%b: index, %s: index, %e: index):
    %0 = graph.read %t[%c0, %c0, %e] : !graph.tensor<[B, S, 64], f32>
    graph.yield %0 : f32
  } {kernel.group = 0 : i64} : !graph.tensor<[B, S, 64], f32>
  return %y : !graph.tensor<[B, S, 64], f32>
}

// -----

// A parameter, and a result that is another too, are copied.
func.func @copies(%x: !graph.tensor<[8], f32>) -> (!graph.tensor<[8], f32>, !graph.tensor<[8], f32>, !graph.tensor<[8], f32>) {
  %y = graph.map [i: 8] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[8], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[8], f32>
  // expected-remark @below {{ReturnsInput | Category:copy | Function=copies | Reason="result 0 is a parameter or a weight, and results have memory of their own", Suggestion="leave the result out, where the caller has it already"}}
  // expected-remark @below {{ReturnedTwice | Category:copy | Function=copies | Reason="result 2 is another result too, and each has memory of its own", Suggestion="leave the result out, where the caller has it already"}}
  return %x, %y, %y : !graph.tensor<[8], f32>, !graph.tensor<[8], f32>, !graph.tensor<[8], f32>
}
