//===- GraphDialect.td - The graph dialect --------------------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_GRAPHDIALECT_TD
#define HEDDLE_DIALECTS_GRAPH_GRAPHDIALECT_TD

include "mlir/IR/OpBase.td"

def Graph_Dialect : Dialect {
  let name = "graph";
  let cppNamespace = "::heddle::graph";
  let summary = "what a model says: comprehensions over tensors with symbolic dimensions";
  let description = [{
    Every op that computes is a comprehension: iteration indices with extents, a
    scalar body (`arith` and `math` ops) over reads of tensors at index
    expressions, a condition, and a way in which values combine.

    An entry of a model is a `func.func`. Attributes of this dialect on it:

    | attribute | on | value |
    |---|---|---|
    | `graph.model` | module | the model's name |
    | `graph.dims` | entry | array of `#graph.size`: the run-time dimensions; every symbol in the entry is one of them |
    | `graph.facts` | entry | array of `#graph.fact`: what holds of them and is checked at each call |
    | `graph.example` | entry | dictionary from dimension to integer |
    | `graph.doc` | entry, argument, result | text for people |
    | `graph.name` | argument, result | the name in the model file |
    | `graph.bound` | argument, result | `#graph.dim`: each element is at least 0 and below it |
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerTypes();
    void registerAttributes();
  }];
}

class Graph_Op<string mnemonic, list<Trait> traits = []>
    : Op<Graph_Dialect, mnemonic, traits>;

#endif // HEDDLE_DIALECTS_GRAPH_GRAPHDIALECT_TD
