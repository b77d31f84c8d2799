//===- GraphAttributes.td - Dimensions, indices, sizes --------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_GRAPHATTRIBUTES_TD
#define HEDDLE_DIALECTS_GRAPH_GRAPHATTRIBUTES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "dialects/Graph/GraphDialect.td"

class Graph_Attr<string name, string attrMnemonic>
    : AttrDef<Graph_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Graph_DimParameter : AttrOrTypeParameter<"::heddle::Dim", "a dimension"> {
  let parser = "::heddle::graph::parseDim($_parser)";
  let printer = "$_self.print($_printer.getStream(), /*words=*/true)";
}

def Graph_DimAttr : Graph_Attr<"Dim", "dim"> {
  let summary = "a dimension";
  let description = "`#graph.dim<S * 32>`. `floordiv` and `mod` are the language's `//` and `%`.";
  let parameters = (ins Graph_DimParameter:$value);
  let assemblyFormat = "`<` $value `>`";
  let returnType = "::heddle::Dim";
  let convertFromStorage = "$_self.getValue()";
}

def Graph_IndexAttr : Graph_Attr<"Index", "index"> {
  let summary = "an iteration index: it runs from 0 to below its extent";
  let description = "`#graph.index<\"b\", B>`.";
  let parameters = (ins StringRefParameter<"the name in the model file">:$name,
                        Graph_DimParameter:$extent);
  let assemblyFormat = "`<` $name `,` $extent `>`";
}

def Graph_IndicesAttr : Graph_Attr<"Indices", "indices"> {
  let summary = "the indices of a comprehension, in order";
  let description = "`#graph.indices<[b: B, s: S]>`.";
  let parameters = (ins OptionalArrayRefParameter<"::heddle::graph::IndexAttr">:$list);
  let hasCustomAssemblyFormat = 1;
  let returnType = "::llvm::ArrayRef<::heddle::graph::IndexAttr>";
  let convertFromStorage = "$_self.getList()";
  let constBuilderCall = "::heddle::graph::IndicesAttr::get($_builder.getContext(), $0)";
}

def Graph_SizeAttr : Graph_Attr<"Size", "size"> {
  let summary = "a run-time dimension and its bounds, both included";
  let description = "`#graph.size<\"S\", 1, 512>`. 0 <= least <= most <= 2^31 - 1.";
  let parameters = (ins StringRefParameter<"the symbol">:$name, "int64_t":$least,
                        "int64_t":$most);
  let assemblyFormat = "`<` $name `,` $least `,` $most `>`";
  let genVerifyDecl = 1;
}

def Graph_FactKind : I32EnumAttr<"FactKind", "what holds of a dimension", [
    I32EnumAttrCase<"Zero", 0, "zero">,
    I32EnumAttrCase<"NonNegative", 1, "nonnegative">]> {
  let cppNamespace = "::heddle::graph";
  let genSpecializedAttr = 0;
}

def Graph_FactAttr : Graph_Attr<"Fact", "fact"> {
  let summary = "something that holds of the run-time dimensions";
  let description = "`#graph.fact<zero, S - N * W>`, `#graph.fact<nonnegative, N - 1>`.";
  let parameters = (ins EnumParameter<Graph_FactKind>:$kind, Graph_DimParameter:$value);
  let assemblyFormat = "`<` $kind `,` $value `>`";
}

def Graph_PanelsAttr : Graph_Attr<"Panels", "panels"> {
  let summary = "a layout: one axis cut into panels";
  let description = [{
    `#graph.panels<axis, width>`: axis `axis` is cut into panels of `width`
    elements, the last one filled up with zeros; stored row-major as
    `[ceil(extent / width)][other axes in order][width]`.
  }];
  let parameters = (ins "int32_t":$axis, "int32_t":$width);
  let assemblyFormat = "`<` $axis `,` $width `>`";
  let genVerifyDecl = 1;
}

def Graph_Combiner : I32EnumAttr<"Combiner", "how values combine", [
    I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Sum", 1, "sum">,
    I32EnumAttrCase<"Prod", 2, "prod">, I32EnumAttrCase<"Min", 3, "min">,
    I32EnumAttrCase<"Max", 4, "max">, I32EnumAttrCase<"And", 5, "and">,
    I32EnumAttrCase<"Or", 6, "or">]> {
  let cppNamespace = "::heddle::graph";
  let genSpecializedAttr = 0;
}
def Graph_CombinerAttr : EnumAttr<Graph_Dialect, Graph_Combiner, "combiner">;

def Graph_ScatterMode : I32EnumAttr<"ScatterMode", "what a write does", [
    I32EnumAttrCase<"Set", 0, "set">, I32EnumAttrCase<"Add", 1, "add">]> {
  let cppNamespace = "::heddle::graph";
  let genSpecializedAttr = 0;
}
def Graph_ScatterModeAttr : EnumAttr<Graph_Dialect, Graph_ScatterMode, "mode">;

#endif // HEDDLE_DIALECTS_GRAPH_GRAPHATTRIBUTES_TD
