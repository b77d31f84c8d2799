//===- StateOps.td - Memory that outlives a call --------------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_STATEOPS_TD
#define HEDDLE_DIALECTS_GRAPH_STATEOPS_TD

include "dialects/Graph/GraphAttributes.td"
include "dialects/Graph/GraphTypes.td"
include "mlir/IR/SymbolInterfaces.td"

// An entry takes the fields that it touches as values when it begins, and gives
// back those that it changed when it ends; between the two a write is a
// graph.scatter like any other. That it happens in place is the plan's affair.

def Graph_StateOp : Graph_Op<"state", [Symbol, IsolatedFromAbove, SingleBlock]> {
  let summary = "a state: named tensors";
  let description = [{
    The body makes what a new state holds, a value for each field. `dims` are the
    dimensions that are fixed when a state is made.

    * (C1) there is at least one field, and no two have one name.
    * (C2) the body has no arguments and ends in a `graph.next` of a value for
      each field.
    * (C3) `dims` declares every symbol inside.

    ```mlir
    graph.state @cache ["n"] dims [#graph.size<"B", 1, 8>] {
      %0 = graph.map [b: B] { ... } : !graph.tensor<[B], i32>
      graph.next %0 : !graph.tensor<[B], i32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$fields,
                       TypedArrayAttrBase<Graph_SizeAttr, "sizes">:$dims);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name $fields `dims` $dims $body attr-dict";
  let hasRegionVerifier = 1; /*state_c1...state_c3*/
  let extraClassDeclaration = [{
    /// The type of a field in the state's own dimensions, or null.
    GraphTensorType getFieldType(::llvm::StringRef field);
  }];
}

class Graph_StateUseOp<string mnemonic> : Graph_Op<mnemonic, [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]>;

def Graph_StateGetOp : Graph_StateUseOp<"state_get"> {
  let summary = "what a field holds when the entry begins";
  let description = [{
    * (C1) `state` names a `graph.state` that has the field, with these elements
      and this number of axes. (Its own dimensions have the entry's names here.)

    `%n = graph.state_get @cache["n"] : !graph.tensor<[B], i32>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, StrAttr:$field);
  let results = (outs Graph_TensorType:$result);
  let assemblyFormat = "$state `[` $field `]` attr-dict `:` qualified(type($result))";
}

def Graph_StateSetOp : Graph_StateUseOp<"state_set"> {
  let summary = "what a field holds when the entry ends";
  let description = [{
    * (C1) as of `graph.state_get`.

    `graph.state_set @cache["n"] = %m : !graph.tensor<[B], i32>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, StrAttr:$field, Graph_TensorType:$value);
  let assemblyFormat = "$state `[` $field `]` `=` $value attr-dict `:` qualified(type($value))";
}

#endif // HEDDLE_DIALECTS_GRAPH_STATEOPS_TD
