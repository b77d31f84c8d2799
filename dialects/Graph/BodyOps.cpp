//===- BodyOps.cpp - Ops in the body of a comprehension -------------------===//

#include "dialects/Graph/GraphOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

LogicalResult ReadOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto type = dyn_cast<GraphTensorType>(adaptor.getTensor().getType());
  if (!type)
    return emitOptionalError(location, "expected a tensor to read");
  types.push_back(type.getScalarType());
  return success();
}

LogicalResult ReadOp::verify() {
  size_t rank = cast<GraphTensorType>(getTensor().getType()).getRank();
  if (getSubscripts().size() != rank) /*read_c1*/
    return emitOpError("expected ")
           << rank << " subscripts, got " << getSubscripts().size();
  if (!isa_and_nonnull<ComprehensionOpInterface>((*this)->getParentOp())) /*read_c2*/
    return emitOpError("expected to stand in a comprehension");
  return success();
}

OpFoldResult ExtentOp::fold(FoldAdaptor) {
  if (!getDim().isConstant())
    return {};
  return Builder(getContext()).getIndexAttr(getDim().getConstant());
}

/// A condition that is always true is none.
LogicalResult YieldOp::canonicalize(YieldOp op, PatternRewriter &rewriter) {
  if (!op.getCondition() || !matchPattern(op.getCondition(), m_One()))
    return rewriter.notifyMatchFailure(op, "no condition that is always true");
  rewriter.modifyOpInPlace(op, [&] { op.getConditionMutable().clear(); });
  return success();
}
