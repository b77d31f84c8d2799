//===- WeightOps.td - What is known before any data -----------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_WEIGHTOPS_TD
#define HEDDLE_DIALECTS_GRAPH_WEIGHTOPS_TD

include "dialects/Graph/GraphAttributes.td"
include "dialects/Graph/GraphTypes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Graph_WeightOp : Graph_Op<"weight", [Pure]> {
  let summary = "a tensor of the checkpoint";
  let description = [{
    The tensor at `path`; its data is never in the IR. With a list of paths, the
    tensors at them stacked along a new first axis, or `joined` one behind the other
    along the first axis that they have. With `below`, every element is at least 0
    and less than that dimension.

    * (C1) there is at least one path, and none is empty; what is joined has an axis.
    * (C2) all dimensions are constants.
    * (C3) the first dimension of a stack is the number of its paths.
    * (C4) only the elements of integer tensors are `below` something.

    ```mlir
    %w = graph.weight "layer.0.query.weight" : !graph.tensor<[384, 384], f32>
    %e = graph.weight ["expert.0.w", "expert.1.w"] : !graph.tensor<[2, 64, 64], f16>
    %j = graph.weight joined ["query.weight", "key.weight"] : !graph.tensor<[768, 384], f32>
    %m = graph.weight "map" below 30522 : !graph.tensor<[512], i32>
    ```
  }];
  let arguments = (ins StrArrayAttr:$paths, UnitAttr:$stacked,
                       OptionalAttr<Graph_DimAttr>:$bound);
  let results = (outs Graph_TensorType:$result);
  let builders = [OpBuilder<(ins "GraphTensorType":$type, "::llvm::StringRef":$path), [{
    build($_builder, $_state, type, $_builder.getStrArrayAttr({path}),
          /*stacked=*/::mlir::UnitAttr(), /*bound=*/DimAttr());
  }]>];
  let assemblyFormat = [{
    custom<Paths>($paths, $stacked) (`below` custom<DimValue>($bound)^)? attr-dict
    `:` qualified(type($result))
  }];
  let hasVerifier = 1; /*weight_c1...weight_c4*/
  let extraClassDeclaration = [{
    /// The path of a weight that has one.
    ::llvm::StringRef getPath() {
      return ::llvm::cast<::mlir::StringAttr>(getPaths()[0]).getValue();
    }
  }];
}

def Graph_GlobalOp : Graph_Op<"global", [
    Symbol, IsolatedFromAbove, SingleBlock]> {
  let summary = "a tensor computed when the model is compiled";
  let description = [{
    Comprehensions over weights and indices alone: tables of sines, masks,
    expressions of weights. They are evaluated once, in double precision.

    * (C1) the body has no arguments and ends in `graph.return` of one value of
      the global's type.
    * (C2) all dimensions of the type are constants.

    ```mlir
    graph.global @scale : !graph.tensor<[384], f32> {
      %w = graph.weight "norm.weight" : !graph.tensor<[384], f32>
      %y = graph.map [e: 384] { ... } : !graph.tensor<[384], f32>
      graph.return %y : !graph.tensor<[384], f32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Graph_TensorType>:$type);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `:` $type $body attr-dict
  }];
  let hasRegionVerifier = 1; /*global_c1...global_c2*/
  let extraClassDeclaration = [{
    GraphTensorType getTensorType() {
      return ::llvm::cast<GraphTensorType>(getTypeAttr().getValue());
    }
    /// What the body returns.
    ::mlir::Value getReturned();
  }];
}

def Graph_GetGlobalOp : Graph_Op<"get_global", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the value of a graph.global";
  let description = [{
    * (C1) `global` names a `graph.global` of the result's type, whatever the layout.

    `%s = graph.get_global @scale : !graph.tensor<[384], f32>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$global);
  let results = (outs Graph_TensorType:$result);
  let assemblyFormat = "$global attr-dict `:` qualified(type($result))";
}

def Graph_ReturnOp : Graph_Op<"return", [Pure, Terminator, HasParent<"GlobalOp">]> {
  let summary = "the value of the enclosing graph.global";
  let arguments = (ins Graph_TensorType:$value);
  let assemblyFormat = "$value attr-dict `:` qualified(type($value))";
}

#endif // HEDDLE_DIALECTS_GRAPH_WEIGHTOPS_TD
