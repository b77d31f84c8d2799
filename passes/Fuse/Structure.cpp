//===- Structure.cpp - What fusion asks of a comprehension ----------------===//

#include "passes/Fuse/Structure.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

llvm::SmallBitVector fuse::indicesOf(ComprehensionOpInterface op, Value value) {
  llvm::SmallBitVector indices(op.getNumIndices());
  SmallVector<Value> work{value};
  SmallPtrSet<Operation *, 16> seen;
  while (!work.empty()) {
    Value next = work.pop_back_val();
    auto argument = dyn_cast<BlockArgument>(next);
    if (argument && argument.getOwner() == &op.getBodyBlock())
      indices.set(argument.getArgNumber());
    Operation *source = next.getDefiningOp();
    if (source && source->getBlock() == &op.getBodyBlock() && seen.insert(source).second)
      llvm::append_range(work, source->getOperands());
  }
  return indices;
}

llvm::SetVector<Operation *> fuse::sliceOf(ComprehensionOpInterface op, Value value) {
  llvm::SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.inclusive = true;
  options.filter = [&](Operation *source) { return source->getBlock() == &op.getBodyBlock(); };
  (void)getBackwardSlice(value, &slice, options);
  return slice;
}

/// A read, or one that is a constant outside its axes (`pad`).
static bool isOperand(Value value) {
  if (value.getDefiningOp<ReadOp>())
    return true;
  auto select = value.getDefiningOp<arith::SelectOp>();
  return select && select.getTrueValue().getDefiningOp<ReadOp>() &&
         matchPattern(select.getFalseValue(), m_Constant());
}

/// The product of a sum of products whose factors each depend on an index of the result
/// that the other lacks; else null.
static Operation *productAcross(ComprehensionOpInterface op) {
  if (op.getKind() != ComprehensionKind::Reduce || op.getCombiner() != Combiner::Sum)
    return nullptr;
  Operation *product = op.getYield().getValues()[0].getDefiningOp();
  if (!isa_and_nonnull<arith::MulFOp, arith::MulIOp>(product))
    return nullptr;
  llvm::SmallBitVector left = fuse::indicesOf(op, product->getOperand(0));
  llvm::SmallBitVector right = fuse::indicesOf(op, product->getOperand(1));
  auto hasOwn = [&](llvm::SmallBitVector these, const llvm::SmallBitVector &others) {
    these.reset(others);
    int own = these.find_first();
    return own >= 0 && !op.isBound(own);
  };
  return hasOwn(left, right) && hasOwn(right, left) ? product : nullptr;
}

bool fuse::isContraction(ComprehensionOpInterface op) {
  Operation *product = productAcross(op);
  return product && llvm::all_of(product->getOperands(), isOperand);
}

bool fuse::wouldBeContraction(ComprehensionOpInterface op) {
  Operation *product = productAcross(op);
  return product && !llvm::all_of(product->getOperands(), isOperand);
}

bool fuse::readsOwnElement(ComprehensionOpInterface op, Value tensor) {
  if (llvm::any_of(op.getAxes(), [](int32_t size) { return size != 1; }))
    return false;
  for (auto read : op.getBodyBlock().getOps<ReadOp>()) {
    if (read.getTensor() != tensor)
      continue;
    if (read.getSubscripts().size() != op.getNumResultIndices() ||
        cast<GraphTensorType>(tensor.getType()).getShape() != op.getTensorType().getShape())
      return false;
    for (auto [i, subscript] : llvm::enumerate(read.getSubscripts()))
      if (subscript != op.getIndexValue(i))
        return false;
  }
  return true;
}

unsigned fuse::mostRows(ComprehensionOpInterface op) {
  if (op.getKind() == ComprehensionKind::Scatter || op.getKind() == ComprehensionKind::Cumulate ||
      op.getKind() == ComprehensionKind::Sort)
    return 0;
  unsigned rows = 0;
  while (rows < op.getAxes().size() && op.getAxes()[rows] == 1)
    ++rows;
  for (int32_t along : op.getAlong())
    rows = std::min<unsigned>(rows, along);
  return rows;
}

Operation *fuse::ownerOf(Operation *user) {
  return isa<ReadOp>(user) ? user->getParentOp() : user;
}
