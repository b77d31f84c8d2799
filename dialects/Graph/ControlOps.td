//===- ControlOps.td - What happens at run time, in its order -*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_CONTROLOPS_TD
#define HEDDLE_DIALECTS_GRAPH_CONTROLOPS_TD

include "dialects/Graph/GraphAttributes.td"
include "dialects/Graph/GraphTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// What runs in turns or not at all, and what can end a call. Regions see the
// tensors around them; what they change they take as block arguments and give
// back, so that every tensor is still a value. None of these is Pure: a region
// may hold a graph.require.

def Graph_LoopOp : Graph_Op<"loop", [SingleBlock]> {
  let summary = "turns, one after another";
  let description = [{
    The body runs for `k = lower .. upper - 1`. Its arguments are `k` and the
    carried tensors: in the first turn `inits`, then what the turn before gave.
    The results are what the last turn gave; without a turn, `inits`. A
    `graph.while` in the body ends the loop early.

    * (C1) `lower` and `upper` are `!graph.tensor<[], i32>`.
    * (C2) the body's arguments are an i32 scalar and a tensor of each type of
      `inits`; these are the types of the results.
    * (C3) the body ends in a `graph.next` of values of these types.

    ```mlir
    %y = graph.loop %a to %b carries(%x) {
    ^bb0(%k: !graph.tensor<[], i32>, %c: !graph.tensor<[B], f32>):
      ...
      graph.next %d : !graph.tensor<[B], f32>
    } : (!graph.tensor<[], i32>, !graph.tensor<[], i32>, !graph.tensor<[B], f32>) -> !graph.tensor<[B], f32>
    ```
  }];
  let arguments = (ins Graph_TensorType:$lower, Graph_TensorType:$upper,
                       Variadic<Graph_TensorType>:$inits);
  let results = (outs Variadic<Graph_TensorType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $lower `to` $upper (`carries` `(` $inits^ `)`)? $body attr-dict
    `:` functional-type(operands, results)
  }];
  let hasRegionVerifier = 1; /*loop_c1...loop_c3*/
}

def Graph_ScanOp : Graph_Op<"scan", [SingleBlock]> {
  let summary = "turns whose values are stacked";
  let description = [{
    The body runs for every value of `index`, ascending. Its arguments are that
    value and the carried tensors, as in `graph.loop`. It gives the carried
    tensors and, behind them, what is stacked: the results are the carried
    tensors behind the last turn, then each of the others with a new first axis
    of the index's extent.

    * (C1) the body's arguments are an i32 scalar and a tensor of each type of
      `inits`; with these types the results begin.
    * (C2) the body ends in a `graph.next` of a value for each result: of the
      same type, or, behind the carried ones, of the result's type without its
      first axis, which is the extent of `index`.
  }];
  let arguments = (ins Graph_IndexAttr:$index, Variadic<Graph_TensorType>:$inits);
  let results = (outs Variadic<Graph_TensorType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $index (`carries` `(` $inits^ `)`)? $body attr-dict
    `:` functional-type(operands, results)
  }];
  let hasRegionVerifier = 1; /*scan_c1...scan_c2*/
}

def Graph_IfOp : Graph_Op<"if", [SingleBlock]> {
  let summary = "one of two regions";
  let description = [{
    * (C1) `condition` is `!graph.tensor<[], i1>`.
    * (C2) both regions have no arguments and end in a `graph.next` of the
      results' types.
  }];
  let arguments = (ins Graph_TensorType:$condition);
  let results = (outs Variadic<Graph_TensorType>:$results);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = [{
    $condition `then` $thenRegion `else` $elseRegion attr-dict
    `:` functional-type(operands, results)
  }];
  let hasRegionVerifier = 1; /*if_c1...if_c2*/
}

def Graph_NextOp : Graph_Op<"next", [
    Pure, Terminator, ParentOneOf<["LoopOp", "ScanOp", "IfOp", "StateOp"]>]> {
  let summary = "what a region gives";
  let arguments = (ins Variadic<Graph_TensorType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def Graph_WhileOp : Graph_Op<"while", [HasParent<"LoopOp">]> {
  let summary = "the turn goes on only where this holds";
  let description = [{
    Else the loop has ended, with the carried tensors as they were when the turn
    began.

    * (C1) `condition` is `!graph.tensor<[], i1>`.
  }];
  let arguments = (ins Graph_TensorType:$condition);
  let assemblyFormat = "$condition attr-dict `:` qualified(type($condition))";
  let hasVerifier = 1; /*while_c1*/
}

def Graph_RequireOp : Graph_Op<"require"> {
  let summary = "a call goes on only where this holds";
  let description = [{
    Else the entry returns a status with `text`. It stands before any
    `graph.state_set`: a refused call has changed nothing.

    * (C1) `condition` is `!graph.tensor<[], i1>`.
  }];
  let arguments = (ins Graph_TensorType:$condition, StrAttr:$text);
  let assemblyFormat = "$condition `,` $text attr-dict `:` qualified(type($condition))";
  let hasVerifier = 1; /*require_c1*/
}

def Graph_DimOp : Graph_Op<"dim"> {
  let summary = "a dimension that data makes";
  let description = [{
    From here on the symbol `name`, which `graph.born` of the function declares,
    stands for `value`. A value below 0 or above `most` ends the call with a
    status.

    * (C1) `value` is `!graph.tensor<[], i32>`.

    `graph.dim "N" = %n at most T + 1 : !graph.tensor<[], i32>`
  }];
  let arguments = (ins StrAttr:$name, Graph_TensorType:$value, Graph_DimAttr:$most);
  let assemblyFormat = [{
    $name `=` $value `at` `most` custom<DimValue>($most) attr-dict
    `:` qualified(type($value))
  }];
  let hasVerifier = 1; /*dim_c1*/
}

def Graph_GradOp : Graph_Op<"grad", [Pure, AllTypesMatch<["of", "result"]>]> {
  let summary = "the derivative of a number by a tensor";
  let description = [{
    * (C1) `loss` is `!graph.tensor<[], f32>`.
  }];
  let arguments = (ins Graph_TensorType:$loss, Graph_TensorType:$of);
  let results = (outs Graph_TensorType:$result);
  let assemblyFormat = [{
    $loss `by` $of attr-dict `:` qualified(type($loss)) `,` qualified(type($result))
  }];
  let hasVerifier = 1; /*grad_c1*/
}

#endif // HEDDLE_DIALECTS_GRAPH_CONTROLOPS_TD
