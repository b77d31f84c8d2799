//===- ComprehensionOps.cpp - Verifiers and folds of comprehensions -------===//

#include "dialects/Graph/GraphOps.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

/// The type of the one value that the body of `op` yields.
static Type yieldedType(Operation *op) {
  return cast<ComprehensionOpInterface>(op).getYield().getValues()[0].getType();
}

//===----------------------------------------------------------------------===//
// MapOp
//===----------------------------------------------------------------------===//

LogicalResult MapOp::verifyRegions() {
  if (getNumResults() == 0) /*map_c1*/
    return emitOpError("expected at least one result");
  return success();
}

LogicalResult MapOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &results) {
  if (!llvm::all_of(getAxes(), [](int32_t size) { return size == 1; }))
    return failure();
  Block &block = getBody().front();
  auto yield = cast<YieldOp>(block.getTerminator());
  for (auto [value, type] : llvm::zip(yield.getValues(), getResultTypes())) {
    auto read = value.getDefiningOp<ReadOp>();
    if (!read || read.getTensor().getType() != type ||
        !llvm::equal(read.getSubscripts(), block.getArguments()))
      return failure();
    results.push_back(read.getTensor());
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ReduceOp, ArgReduceOp, SortOp
//===----------------------------------------------------------------------===//

LogicalResult ReduceOp::verifyRegions() {
  if (getCombiner() == Combiner::None) /*reduce_c1*/
    return emitOpError("expected a combiner, got 'none'");
  bool logical = getCombiner() == Combiner::And || getCombiner() == Combiner::Or;
  Type type = yieldedType(*this);
  if (logical != type.isInteger(1)) /*reduce_c2*/
    return emitOpError("expected '")
           << stringifyCombiner(getCombiner()) << "' to combine "
           << (logical ? "i1" : "numbers") << ", got " << type;
  return success();
}

/// What the ops that give positions have in common.
template <typename Op> static LogicalResult verifyPositions(Op op) {
  if (op.getCombiner() != Combiner::Max && op.getCombiner() != Combiner::Min) /*arg_reduce_c1*/ /*sort_c1*/
    return op.emitOpError("expected 'max' or 'min', got '") << stringifyCombiner(op.getCombiner()) << "'";
  unsigned numBound = op.getNumIndices() - op.getNumResultIndices();
  if (numBound != 1) /*arg_reduce_c2*/ /*sort_c2*/
    return op.emitOpError("expected one bound index, got ") << numBound;
  if (!op.getType().getElementType().isSignlessInteger(32)) /*arg_reduce_c3*/ /*sort_c3*/
    return op.emitOpError("expected a result of i32, got ") << op.getType();
  Type type = yieldedType(op);
  if (type.isInteger(1) || type.isIndex()) /*arg_reduce_c4*/ /*sort_c4*/
    return op.emitOpError("expected numbers to compare, got ") << type;
  return success();
}

LogicalResult ArgReduceOp::verifyRegions() { return verifyPositions(*this); }

LogicalResult SortOp::verifyRegions() {
  if (failed(verifyPositions(*this)))
    return failure();
  if (getAxes().empty() || getAxes().back() != 1) /*sort_c5*/
    return emitOpError("expected a last axis of one index");
  unsigned rank = getNumResultIndices() - 1;
  if (!getBody().getArgument(rank).use_empty()) /*sort_c5*/
    return emitOpError("expected a body that does not depend on index '") << getIndices()[rank].getName() << "'";
  return success();
}

//===----------------------------------------------------------------------===//
// SoftmaxOp, CumulateOp
//===----------------------------------------------------------------------===//

LogicalResult SoftmaxOp::verifyRegions() {
  // softmax_c1 is comprehension_c3.
  ArrayRef<int32_t> along = getAlong();
  bool ascends = !along.empty() && along.front() >= 0 &&
                 size_t(along.back()) < getNumIndices() &&
                 llvm::is_sorted(along, std::less_equal<int32_t>());
  if (!ascends) /*softmax_c2*/
    return emitOpError("expected 'along' to be ascending positions of indices, got [")
           << getAlongAttr() << "]";
  Type type = yieldedType(*this);
  if (!isa<FloatType>(type)) /*softmax_c3*/
    return emitOpError("expected floating values, got ") << type;
  return success();
}

LogicalResult CumulateOp::verifyRegions() {
  Combiner combiner = getCombiner();
  if (combiner != Combiner::Sum && combiner != Combiner::Prod &&
      combiner != Combiner::Max) /*cumulate_c1*/
    return emitOpError("expected 'sum', 'prod' or 'max', got '")
           << stringifyCombiner(combiner) << "'";
  // cumulate_c2 is comprehension_c3.
  ArrayRef<int32_t> along = getAlong();
  if (along.size() != 1 || along[0] < 0 ||
      size_t(along[0]) >= getNumIndices()) /*cumulate_c3*/
    return emitOpError("expected 'along' to be the position of one index, got [")
           << getAlongAttr() << "]";
  Type type = yieldedType(*this);
  if (type.isInteger(1)) /*cumulate_c4*/
    return emitOpError("expected numbers to cumulate, got ") << type;
  return success();
}

//===----------------------------------------------------------------------===//
// ScatterOp
//===----------------------------------------------------------------------===//

LogicalResult ScatterOp::verifyRegions() {
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  size_t rank = cast<GraphTensorType>(getBase().getType()).getRank();
  if (yield.getPosition().size() != rank) /*scatter_c2*/
    return yield.emitOpError("expected a position with ")
           << rank << " subscripts, got " << yield.getPosition().size();
  if (getMode() == ScatterMode::Add && yieldedType(*this).isInteger(1)) /*scatter_c3*/
    return emitOpError("expected numbers to add, got 'i1'");
  return success();
}
