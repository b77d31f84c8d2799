//===- OutlineGlobals.cpp - What is known before any input ----------------===//
//
// Implements `graph-outline-globals`. It must not fire for an op whose extents
// or body name a run-time dimension: such a table differs from call to call.
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace heddle {
#define GEN_PASS_DEF_OUTLINEGLOBALSPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

namespace {

struct OutlineGlobalsPass
    : public heddle::impl::OutlineGlobalsPassBase<OutlineGlobalsPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto entry : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (!entry.isExternal())
        outlineEntry(entry, symbols);
  }

  void outlineEntry(func::FuncOp entry, SymbolTable &symbols) {
    SmallPtrSet<Operation *, 16> known;
    SmallVector<ComprehensionOpInterface> ops;
    for (Operation &op : entry.getBody().front()) {
      if (isa<WeightOp, GetGlobalOp>(op) || op.hasTrait<OpTrait::ConstantLike>())
        known.insert(&op);
      auto comprehension = dyn_cast<ComprehensionOpInterface>(op);
      if (comprehension && op.getNumResults() == 1 && isKnown(comprehension, known)) {
        known.insert(&op);
        ops.push_back(comprehension);
      }
    }
    // Only what something else reads gets a symbol; the rest is inside of those.
    for (ComprehensionOpInterface op : llvm::reverse(ops)) {
      bool isRead = llvm::any_of(op->getUsers(), [&](Operation *user) {
        return !known.contains(isa<ReadOp>(user) ? user->getParentOp() : user);
      });
      if (isRead)
        outline(op, entry, symbols);
    }
    for (ComprehensionOpInterface op : llvm::reverse(ops))
      if (op->use_empty())
        op->erase();
  }

  static bool isKnown(ComprehensionOpInterface op, const SmallPtrSetImpl<Operation *> &known) {
    for (IndexAttr index : op.getIndices())
      if (!index.getExtent().isConstant())
        return false;
    for (Dim dim : op.getTensorType().getShape())
      if (!dim.isConstant())
        return false;
    Value base = op.getBaseTensor();
    if (base && (!base.getDefiningOp() || !known.contains(base.getDefiningOp())))
      return false;
    for (Operation &inner : op.getBodyBlock()) {
      if (auto extent = dyn_cast<ExtentOp>(inner); extent && !extent.getDim().isConstant())
        return false;
      for (Value operand : inner.getOperands())
        if (operand.getParentBlock() != &op.getBodyBlock() &&
            (!operand.getDefiningOp() || !known.contains(operand.getDefiningOp())))
          return false;
    }
    return true;
  }

  void outline(ComprehensionOpInterface op, func::FuncOp entry, SymbolTable &symbols) {
    llvm::SetVector<Operation *> slice;
    collect(op, slice);
    OpBuilder builder(entry);
    auto type = op.getTensorType();
    auto global = GlobalOp::create(builder, op->getLoc(), "table", type);
    builder.createBlock(&global.getBody());
    IRMapping mapping;
    for (Operation *source : slice)
      builder.clone(*source, mapping);
    ReturnOp::create(builder, op->getLoc(), mapping.lookup(op->getResult(0)));
    symbols.insert(global);
    builder.setInsertionPoint(op);
    auto value = GetGlobalOp::create(builder, op->getLoc(), type, global.getSymName());
    op->getResult(0).replaceAllUsesWith(value);
    ++numGlobals;
  }

  /// `op` behind all that it needs.
  static void collect(Operation *op, llvm::SetVector<Operation *> &slice) {
    if (slice.contains(op))
      return;
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Operation *source = operand.getDefiningOp();
        if (source && source->getBlock() == op->getBlock() && source != op)
          collect(source, slice);
      }
    });
    slice.insert(op);
  }
};

} // namespace
