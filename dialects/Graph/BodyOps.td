//===- BodyOps.td - Ops in the body of a comprehension --------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_BODYOPS_TD
#define HEDDLE_DIALECTS_GRAPH_BODYOPS_TD

include "dialects/Graph/GraphAttributes.td"
include "dialects/Graph/GraphTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Graph_ReadOp : Graph_Op<"read", [
    Pure, InferTypeOpAdaptor]> {
  let summary = "an element of a tensor";
  let description = [{
    `result = tensor[subscripts]`, widened: f16 and bf16 to f32, i8 and ui8 to
    i32.

    Reads are total. Without `guarded` every subscript is proved to be inside
    its axis for all values of the indices, whatever the condition. With it, a
    subscript may be outside, and then the read is that of the subscript clamped
    into its axis; of a tensor with an empty axis it is 0.

    * (C1) there is a subscript for each axis.
    * (C2) a read stands in a comprehension.

    ```mlir
    %0 = graph.read %x[%b, %s] : !graph.tensor<[B, S], f16>
    %1 = graph.read %x[%b, %t] guarded : !graph.tensor<[B, S], f16>
    ```
  }];
  let arguments = (ins Graph_TensorType:$tensor, Variadic<Index>:$subscripts,
                       UnitAttr:$guarded);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $tensor `[` $subscripts `]` (`guarded` $guarded^)? attr-dict `:` qualified(type($tensor))
  }];
  let hasVerifier = 1; /*read_c1...read_c2*/
}

def Graph_ExtentOp : Graph_Op<"extent", [Pure]> {
  let summary = "the value of a dimension";
  let description = [{
    `graph.extent S * 32`. Of a constant it folds to `arith.constant`.
  }];
  let arguments = (ins Graph_DimAttr:$dim);
  let results = (outs Index:$result);
  let assemblyFormat = "custom<DimValue>($dim) attr-dict";
  let hasFolder = 1;
}

def Graph_UniformOp : Graph_Op<"uniform", [Pure]> {
  let summary = "a number in [0, 1) that its operands decide";
  let description = [{
    Philox4x32-10: `seed` is its key, the `counter` is folded into its counter;
    the top 24 bits of the first word, over 2^24. The same on every machine.

    `%0 = graph.uniform %seed, %b, %v : f32`
  }];
  let arguments = (ins I64:$seed, Variadic<I64>:$counter);
  let results = (outs F32:$result);
  let assemblyFormat = "$seed (`,` $counter^)? attr-dict `:` type($result)";
}

def Graph_YieldOp : Graph_Op<"yield", [
    Pure, Terminator, AttrSizedOperandSegments,
    ParentOneOf<["MapOp", "ReduceOp", "ArgReduceOp", "SoftmaxOp", "CumulateOp",
                 "ScatterOp", "SortOp"]>]> {
  let summary = "what one point of the index space gives";
  let description = [{
    A value for each result; of a scatter also where it goes; and perhaps a
    condition: where that is false the point does not exist. Storing converts to
    the result's element type: floats round to nearest even, an i32 into an i8 or
    ui8 keeps its low 8 bits (it is in range by whoever made the body).

    ```mlir
    graph.yield %0 : f32
    graph.yield %0 if %c : f32
    graph.yield %0 at [%i, %j] if %c : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values, Variadic<Index>:$position,
                       Optional<I1>:$condition);
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$values,
      CArg<"::mlir::Value", "{}">:$condition), [{
    build($_builder, $_state, values, /*position=*/::mlir::ValueRange(), condition);
  }]>];
  let assemblyFormat = [{
    ($values^)? (`at` ` ` `[` $position^ `]`)? (`if` $condition^)? attr-dict
    `:` type($values)
  }];
  let hasCanonicalizeMethod = 1;
}

#endif // HEDDLE_DIALECTS_GRAPH_BODYOPS_TD
