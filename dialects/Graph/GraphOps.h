//===- GraphOps.h - The graph dialect -------------------------------------===//
//
// Types, attributes, the comprehension interface and the ops. Their meaning is
// in the .td files.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_DIALECTS_GRAPH_GRAPHOPS_H
#define HEDDLE_DIALECTS_GRAPH_GRAPHOPS_H

#include "dialects/Graph/Dim.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Graph/GraphDialect.h.inc"
#include "dialects/Graph/GraphEnums.h.inc"

namespace heddle::graph {

class GraphTensorType;
class YieldOp;

/// Which comprehension an op is.
enum class ComprehensionKind : uint8_t {
  Map,
  Reduce,
  ArgReduce,
  Softmax,
  Cumulate,
  Scatter,
  Sort
};

/// Reads a dimension in the spelling of IR (`S floordiv 2`), with a diagnostic
/// at what is wrong.
mlir::FailureOr<Dim> parseDim(mlir::AsmParser &parser);

/// The type to which elements of `element` widen when they are read, or null if
/// tensors do not have such elements.
mlir::Type widenElementType(mlir::Type element);

/// What the `graph.dims` of the entry around `op`, or the sizes of a kernel
/// around it, say of a symbol. Nothing is known of other symbols.
class DimBounds {
public:
  explicit DimBounds(mlir::ArrayAttr sizes);
  /// Of the nearest enclosing op that declares sizes.
  static DimBounds enclosing(mlir::Operation *op);
  Bounds operator()(llvm::StringRef symbol) const;

private:
  llvm::SmallVector<std::pair<llvm::StringRef, Bounds>> known;
};

} // namespace heddle::graph

#define GET_ATTRDEF_CLASSES
#include "dialects/Graph/GraphAttributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Graph/GraphTypes.h.inc"

namespace heddle::graph {

namespace detail {
/// The constraints of ComprehensionOpInterface.
mlir::LogicalResult verifyComprehension(mlir::Operation *op);
/// Calls each body argument as its index is called.
void nameIndices(mlir::Region &region, llvm::ArrayRef<IndexAttr> indices,
                 mlir::OpAsmSetValueNameFn name);
/// Gives `state` a region whose block has an argument for each index.
void addBody(mlir::OpBuilder &builder, mlir::OperationState &state,
             llvm::ArrayRef<IndexAttr> indices);
} // namespace detail

/// Fails with an error at `op` if a symbol occurs inside it, or in its own
/// attributes and types, that `sizes` does not declare.
mlir::LogicalResult verifySymbolsAreDeclared(mlir::Operation *op,
                                             mlir::ArrayAttr sizes);

/// What the `graph.facts` of the functions around `op` say: dimensions that are
/// each >= 0, as proveNonNegative takes them.
llvm::SmallVector<Dim> enclosingFacts(mlir::Operation *op);

} // namespace heddle::graph

#include "dialects/Graph/GraphInterfaces.h.inc"
#define GET_OP_CLASSES
#include "dialects/Graph/GraphOps.h.inc"

#endif // HEDDLE_DIALECTS_GRAPH_GRAPHOPS_H
