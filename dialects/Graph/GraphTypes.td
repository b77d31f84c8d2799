//===- GraphTypes.td - Tensors with symbolic dimensions -------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_GRAPHTYPES_TD
#define HEDDLE_DIALECTS_GRAPH_GRAPHTYPES_TD

include "dialects/Graph/GraphAttributes.td"

def Graph_TensorType : TypeDef<Graph_Dialect, "GraphTensor"> {
  let mnemonic = "tensor";
  let summary = "a tensor with symbolic dimensions";
  let description = [{
    `!graph.tensor<[B, S, 384], f32>`: a dimension for each axis, and the type of
    the elements in memory, one of i1, i8, ui8, i32, i64, f16, bf16, f32, f64. A
    scalar is `!graph.tensor<[], f32>`. Without a layout it is row-major and
    dense; `!graph.tensor<[384, 384], f32, panels<0, 24>>` is packed, and another
    type: a packed tensor can never be taken for an unpacked one.

    Bodies compute with the widened scalar: f16 and bf16 as f32, i8 and ui8 as
    i32, the others as they are.

    * (C1) `elementType` is one of the nine.
    * (C2) no dimension is a negative constant.
    * (C3) `layout.axis < rank`.
  }];
  let parameters = (ins ArrayRefParameter<"::heddle::Dim", "a dimension for each axis">:$shape,
                        "::mlir::Type":$elementType,
                        OptionalParameter<"::heddle::graph::PanelsAttr">:$layout);
  let builders = [TypeBuilderWithInferredContext<
      (ins "::llvm::ArrayRef<::heddle::Dim>":$shape, "::mlir::Type":$elementType,
           CArg<"::heddle::graph::PanelsAttr", "{}">:$layout), [{
    return $_get(elementType.getContext(), shape, elementType, layout);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRank() const { return getShape().size(); }
    ::heddle::Dim getDim(unsigned axis) const { return getShape()[axis]; }
    /// The product of the dimensions.
    ::heddle::Dim getNumElements() const { return ::heddle::Dim::product(getShape()); }
    /// The type of an element once read.
    ::mlir::Type getScalarType() const;
    /// The same shape and layout with other elements.
    GraphTensorType withElementType(::mlir::Type type) const {
      return get(getShape(), type, getLayout());
    }
    GraphTensorType withLayout(::heddle::graph::PanelsAttr layout) const {
      return get(getShape(), getElementType(), layout);
    }
  }];
}

#endif // HEDDLE_DIALECTS_GRAPH_GRAPHTYPES_TD
