//===- Emitter.h - Definitions become comprehension ops -------------------===//
//
// A definition becomes one graph op for each reduction, softmax or cumulation in
// it, and one map for each maximal pointwise tree between them (LANGUAGE.md
// section 4).
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_FRONTEND_EMITTER_H
#define HEDDLE_COMPILER_FRONTEND_EMITTER_H

#include "compiler/Frontend/Prover.h"

#include "mlir/IR/Builders.h"

#include "llvm/ADT/DenseMap.h"

namespace heddle::frontend {

class Emitter {
public:
  Emitter(mlir::OpBuilder &builder, const DimContext &dims)
      : builder(builder), dims(dims) {}

  mlir::Type elementType(Element element);
  /// The graph's tensor type, with run-time symbols only in its shape.
  mlir::Type tensorType(Element element, llvm::ArrayRef<Dim> shape);

  /// The tensor whose axes are the groups `axes` of `places`, and whose element
  /// there is `root`. All index extents are known, all obligations discharged.
  mlir::Value define(llvm::ArrayRef<IndexRef> places, llvm::ArrayRef<int32_t> axes,
                     NodeRef root, Element element, mlir::Location loc);

  /// `read`'s tensor, in which for all values of `indices` the element at `read`'s
  /// places is replaced by (`add`: increased by) `value`.
  mlir::Value scatter(llvm::ArrayRef<IndexRef> indices, NodeRef read, NodeRef value, bool add, mlir::Location loc);

private:
  using Indices = std::vector<IndexRef>;

  /// The values of the indices and nodes inside one op's body.
  struct Body {
    llvm::DenseMap<IndexVar *, mlir::Value> indices;
    llvm::DenseMap<const Node *, mlir::Value> values;
    mlir::Location loc;
    explicit Body(mlir::Location loc) : loc(loc) {}
  };

  /// `node` with every axis operator replaced by a read of its result.
  NodeRef materialize(const NodeRef &node, const Indices &order,
                      llvm::DenseMap<const Node *, NodeRef> &done, mlir::Location loc);
  /// The op of an axis operator over `places` (in the order of its result).
  mlir::Value emitAxis(const Node &node, const Indices &places,
                       llvm::ArrayRef<int32_t> axes, Element element,
                       mlir::Location loc);

  /// argsort or one of the results of top, over `places`, the last of which is the
  /// rank.
  mlir::Value emitRanked(const Node &node, const Indices &places, mlir::Location loc);

  mlir::Value emit(const NodeRef &node, Body &body);
  mlir::Value emitOp(const Node &node, Body &body);
  mlir::Value emitRead(const Node &node, Body &body);
  mlir::Value emitCat(const Node &node, Body &body);
  /// As an `index`, for a subscript.
  mlir::Value emitIndex(const NodeRef &node, Body &body);
  mlir::Value emitSubscript(const Node &read, unsigned axis, Body &body);
  mlir::Value emitDim(Dim dim, Body &body);
  mlir::Value emitFloorMod(mlir::Value a, mlir::Value b, bool nonNegative, Body &body);
  mlir::Value convert(mlir::Value value, Scalar to, Body &body);
  mlir::Value roundTo(mlir::Value value, Element element, Body &body);
  mlir::Value toInteger(mlir::Value value, unsigned width, bool isUnsigned, Body &body);
  mlir::Value constantLike(mlir::Value like, int64_t value, Body &body);
  mlir::Type scalarType(Scalar scalar);

  mlir::OpBuilder &builder;
  const DimContext &dims;
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_FRONTEND_EMITTER_H
