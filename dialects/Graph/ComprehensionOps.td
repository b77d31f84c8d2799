//===- ComprehensionOps.td - Ops that compute -----------------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_COMPREHENSIONOPS_TD
#define HEDDLE_DIALECTS_GRAPH_COMPREHENSIONOPS_TD

include "dialects/Graph/GraphAttributes.td"
include "dialects/Graph/GraphInterfaces.td"
include "dialects/Graph/GraphTypes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Graph_ComprehensionOp<string mnemonic, string kind, list<Trait> traits = []>
    : Graph_Op<mnemonic, !listconcat([
        Pure, SingleBlock, ComprehensionOpInterface,
        DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>],
        traits)> {
  code kindDeclaration = [{
    ::heddle::graph::ComprehensionKind getKind() {
      return ::heddle::graph::ComprehensionKind::}] # kind # [{;
    }
  }];
  // Builders make the body's block too, with an argument for each index; its
  // graph.yield is the caller's to add.
  let skipDefaultBuilders = 1;
  let extraClassDeclaration = kindDeclaration;
  let extraClassDefinition = [{
    void $cppClass::getAsmBlockArgumentNames(::mlir::Region &region,
                                             ::mlir::OpAsmSetValueNameFn name) {
      ::heddle::graph::detail::nameIndices(region, getIndices(), name);
    }
  }];
}

def Graph_MapOp : Graph_ComprehensionOp<"map", "Map"> {
  let summary = "each element its own formula";
  let description = [{
    For every point `i` of the index space and every result `r`:

    `result_r[i] = body_r(i)`

    Several results share one index space. The constraints are those of
    `ComprehensionOpInterface`, and

    * (C1) there is at least one result.

    A map that only reads one tensor at its own indices folds to that tensor.

    Example: the element-wise product of a tensor and a vector.

    ```mlir
    %y = graph.map [b: B, e: 384] {
    ^bb0(%b: index, %e: index):
      %0 = graph.read %x[%b, %e] : !graph.tensor<[B, 384], f32>
      %1 = graph.read %w[%e] : !graph.tensor<[384], f32>
      %2 = arith.mulf %0, %1 : f32
      graph.yield %2 : f32
    } : !graph.tensor<[B, 384], f32>
    ```
  }];
  let arguments = (ins Graph_IndicesAttr:$indices, DenseI32ArrayAttr:$axes);
  let results = (outs Variadic<Graph_TensorType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::mlir::TypeRange":$types, "::llvm::ArrayRef<IndexAttr>":$indices, "::llvm::ArrayRef<int32_t>":$axes), [{
    $_state.addTypes(types);
    $_state.getOrAddProperties<Properties>().indices = IndicesAttr::get($_builder.getContext(), indices);
    $_state.getOrAddProperties<Properties>().axes = $_builder.getDenseI32ArrayAttr(axes);
    detail::addBody($_builder, $_state, indices);
  }]>];
  let assemblyFormat = [{
    custom<IndexSpace>($indices, $axes) $body attr-dict `:` type($results)
  }];
  let hasRegionVerifier = 1; /*map_c1*/
  let hasFolder = 1;
}

def Graph_ReduceOp : Graph_ComprehensionOp<"reduce", "Reduce"> {
  let summary = "values combined over the bound indices";
  let description = [{
    For every point `i` of the result's indices, over the points `j` of the bound
    ones for which the condition holds:

    `result[i] = combine_j(body(i, j))`

    A floating sum or product accumulates in at least f32, in the fixed order of
    sums; integers wrap. Besides the constraints of `ComprehensionOpInterface`:

    * (C1) `combiner` is not `none`.
    * (C2) `and` and `or` combine i1; the others do not.

    Example: a linear layer.

    ```mlir
    %y = graph.reduce sum [b: B, s: S, o: 1536] over [k: 384] {
    ^bb0(%b: index, %s: index, %o: index, %k: index):
      %0 = graph.read %x[%b, %s, %k] : !graph.tensor<[B, S, 384], f32>
      %1 = graph.read %w[%o, %k] : !graph.tensor<[1536, 384], f32>
      %2 = arith.mulf %0, %1 : f32
      graph.yield %2 : f32
    } : !graph.tensor<[B, S, 1536], f32>
    ```
  }];
  let arguments = (ins Graph_CombinerAttr:$combiner, Graph_IndicesAttr:$indices,
                       DenseI32ArrayAttr:$axes);
  let results = (outs Graph_TensorType:$result);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "Combiner":$combiner, "::llvm::ArrayRef<IndexAttr>":$indices, "::llvm::ArrayRef<int32_t>":$axes), [{
    $_state.addTypes(type);
    $_state.getOrAddProperties<Properties>().combiner = CombinerAttr::get($_builder.getContext(), combiner);
    $_state.getOrAddProperties<Properties>().indices = IndicesAttr::get($_builder.getContext(), indices);
    $_state.getOrAddProperties<Properties>().axes = $_builder.getDenseI32ArrayAttr(axes);
    detail::addBody($_builder, $_state, indices);
  }]>];
  let assemblyFormat = [{
    `` $combiner custom<IndexSpace>($indices, $axes) $body attr-dict `:` qualified(type($result))
  }];
  let hasRegionVerifier = 1; /*reduce_c1...reduce_c2*/
}

def Graph_ArgReduceOp : Graph_ComprehensionOp<"arg_reduce", "ArgReduce"> {
  let summary = "the position of the greatest or least value";
  let description = [{
    For every point `i` of the result's indices, over the bound index `j`:

    `result[i]` = the least `j` at which `body(i, j)` is greatest (`max`) or
    least (`min`)

    Any position is right for a row with a NaN. Besides the constraints of
    `ComprehensionOpInterface`:

    * (C1) `combiner` is `max` or `min`.
    * (C2) one index is bound.
    * (C3) the result's elements are i32.
    * (C4) the value is a number, not i1.
  }];
  let arguments = (ins Graph_CombinerAttr:$combiner, Graph_IndicesAttr:$indices,
                       DenseI32ArrayAttr:$axes);
  let results = (outs Graph_TensorType:$result);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "Combiner":$combiner, "::llvm::ArrayRef<IndexAttr>":$indices, "::llvm::ArrayRef<int32_t>":$axes), [{
    $_state.addTypes(type);
    $_state.getOrAddProperties<Properties>().combiner = CombinerAttr::get($_builder.getContext(), combiner);
    $_state.getOrAddProperties<Properties>().indices = IndicesAttr::get($_builder.getContext(), indices);
    $_state.getOrAddProperties<Properties>().axes = $_builder.getDenseI32ArrayAttr(axes);
    detail::addBody($_builder, $_state, indices);
  }]>];
  let assemblyFormat = [{
    `` $combiner custom<IndexSpace>($indices, $axes) $body attr-dict `:` qualified(type($result))
  }];
  let hasRegionVerifier = 1; /*arg_reduce_c1...arg_reduce_c4*/
}

def Graph_SoftmaxOp : Graph_ComprehensionOp<"softmax", "Softmax"> {
  let summary = "a distribution along some indices";
  let description = [{
    With `j` the indices of `along`, `i` the others and `m[i]` the greatest value
    along `j`, all over points where the condition holds:

    `result[i, j] = exp(body(i, j) - m[i]) / sum_j(exp(body(i, j) - m[i]))`

    and 0 where it does not hold. Besides the constraints of
    `ComprehensionOpInterface`:

    * (C1) no index is bound.
    * (C2) `along` has positions of indices, ascending, at least one.
    * (C3) the values are f32 or f64.
  }];
  let arguments = (ins Graph_IndicesAttr:$indices, DenseI32ArrayAttr:$axes,
                       DenseI32ArrayAttr:$along);
  let results = (outs Graph_TensorType:$result);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "::llvm::ArrayRef<IndexAttr>":$indices, "::llvm::ArrayRef<int32_t>":$axes, "::llvm::ArrayRef<int32_t>":$along), [{
    $_state.addTypes(type);
    $_state.getOrAddProperties<Properties>().indices = IndicesAttr::get($_builder.getContext(), indices);
    $_state.getOrAddProperties<Properties>().axes = $_builder.getDenseI32ArrayAttr(axes);
    $_state.getOrAddProperties<Properties>().along = $_builder.getDenseI32ArrayAttr(along);
    detail::addBody($_builder, $_state, indices);
  }]>];
  let assemblyFormat = [{
    custom<IndexSpace>($indices, $axes) `along`
    custom<Along>($along, ref($indices)) $body attr-dict `:` qualified(type($result))
  }];
  let hasRegionVerifier = 1; /*softmax_c1...softmax_c3*/
}

def Graph_CumulateOp : Graph_ComprehensionOp<"cumulate", "Cumulate"> {
  let summary = "a running sum, product or maximum";
  let description = [{
    With `t` the index of `along` and `i` the others:

    `result[i, t] = combine_{u <= t}(body(i, u))`

    over the points where the condition holds; where it does not hold the result
    is 0. Besides the constraints of `ComprehensionOpInterface`:

    * (C1) `combiner` is `sum`, `prod` or `max`.
    * (C2) no index is bound.
    * (C3) `along` is one position of an index.
    * (C4) the values are numbers, not i1.
  }];
  let arguments = (ins Graph_CombinerAttr:$combiner, Graph_IndicesAttr:$indices,
                       DenseI32ArrayAttr:$axes, DenseI32ArrayAttr:$along);
  let results = (outs Graph_TensorType:$result);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "Combiner":$combiner, "::llvm::ArrayRef<IndexAttr>":$indices, "::llvm::ArrayRef<int32_t>":$axes, "::llvm::ArrayRef<int32_t>":$along), [{
    $_state.addTypes(type);
    $_state.getOrAddProperties<Properties>().combiner = CombinerAttr::get($_builder.getContext(), combiner);
    $_state.getOrAddProperties<Properties>().indices = IndicesAttr::get($_builder.getContext(), indices);
    $_state.getOrAddProperties<Properties>().axes = $_builder.getDenseI32ArrayAttr(axes);
    $_state.getOrAddProperties<Properties>().along = $_builder.getDenseI32ArrayAttr(along);
    detail::addBody($_builder, $_state, indices);
  }]>];
  let assemblyFormat = [{
    `` $combiner custom<IndexSpace>($indices, $axes) `along`
    custom<Along>($along, ref($indices)) $body attr-dict `:` qualified(type($result))
  }];
  let hasRegionVerifier = 1; /*cumulate_c1...cumulate_c4*/
}

def Graph_ScatterOp : Graph_ComprehensionOp<"scatter", "Scatter", [
    AllTypesMatch<["base", "result"]> /*scatter_c1*/]> {
  let summary = "elements replaced or increased at computed positions";
  let description = [{
    The result is `base`, but that for every point `i` of the indices for which
    the condition holds, in row-major order, the body's value is written (`set`)
    or added (`add`) at the body's position. The body reads the old `base`. A
    write outside is dropped. Besides the constraints of
    `ComprehensionOpInterface`:

    * (C1) `type(result) = type(base)`.
    * (C2) the position has a subscript for each axis of `base`.
    * (C3) only numbers are added, not i1.

    Example:

    ```mlir
    %z = graph.scatter set %y over [n: N] {
    ^bb0(%n: index):
      %0 = graph.read %p[%n] : !graph.tensor<[N], i32>
      %1 = arith.index_cast %0 : i32 to index
      %2 = graph.read %x[%n] : !graph.tensor<[N], f32>
      graph.yield %2 at [%1] : f32
    } : !graph.tensor<[M], f32>
    ```
  }];
  let arguments = (ins Graph_ScatterModeAttr:$mode, Graph_TensorType:$base,
                       Graph_IndicesAttr:$indices);
  let results = (outs Graph_TensorType:$result);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "ScatterMode":$mode, "::mlir::Value":$base,
      "::llvm::ArrayRef<IndexAttr>":$indices), [{
    $_state.addTypes(base.getType());
    $_state.addOperands(base);
    $_state.getOrAddProperties<Properties>().mode = ScatterModeAttr::get($_builder.getContext(), mode);
    $_state.getOrAddProperties<Properties>().indices = IndicesAttr::get($_builder.getContext(), indices);
    detail::addBody($_builder, $_state, indices);
  }]>];
  let assemblyFormat = [{
    `` $mode $base `over` custom<BoundIndices>($indices) $body attr-dict
    `:` qualified(type($result))
  }];
  let extraClassDeclaration = kindDeclaration # [{
    ::heddle::graph::Combiner getCombiner() {
      return getMode() == ::heddle::graph::ScatterMode::Add
                 ? ::heddle::graph::Combiner::Sum
                 : ::heddle::graph::Combiner::None;
    }
    ::mlir::Value getBaseTensor() { return getBase(); }
  }];
  let hasRegionVerifier = 1; /*scatter_c2...scatter_c3*/
}

def Graph_SortOp : Graph_ComprehensionOp<"sort", "Sort"> {
  let summary = "the positions of values in their order";
  let description = [{
    With `r` the last of the result's indices, `i` the others and `j` the bound one:

    `result[i, r]` = the `j` of the `r`-th value of `body(i, j)`, from the greatest
    down (`max`) or from the least up (`min`)

    among the points where the condition holds, of equal ones the smaller `j` first;
    behind them come the points where it does not hold, by `j`; where there are no
    more, 0. Any order is right for values that are NaN. Besides the constraints of
    `ComprehensionOpInterface`:

    * (C1) `combiner` is `max` or `min`.
    * (C2) one index is bound.
    * (C3) the result's elements are i32.
    * (C4) the value is a number, not i1.
    * (C5) the last axis of the result is one index, on which the body does not
      depend.
  }];
  let arguments = (ins Graph_CombinerAttr:$combiner, Graph_IndicesAttr:$indices,
                       DenseI32ArrayAttr:$axes);
  let results = (outs Graph_TensorType:$result);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "Combiner":$combiner, "::llvm::ArrayRef<IndexAttr>":$indices, "::llvm::ArrayRef<int32_t>":$axes), [{
    $_state.addTypes(type);
    $_state.getOrAddProperties<Properties>().combiner = CombinerAttr::get($_builder.getContext(), combiner);
    $_state.getOrAddProperties<Properties>().indices = IndicesAttr::get($_builder.getContext(), indices);
    $_state.getOrAddProperties<Properties>().axes = $_builder.getDenseI32ArrayAttr(axes);
    detail::addBody($_builder, $_state, indices);
  }]>];
  let assemblyFormat = [{
    `` $combiner custom<IndexSpace>($indices, $axes) $body attr-dict `:` qualified(type($result))
  }];
  let hasRegionVerifier = 1; /*sort_c1...sort_c5*/
}

#endif // HEDDLE_DIALECTS_GRAPH_COMPREHENSIONOPS_TD
