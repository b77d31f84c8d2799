//===- HoistInvariants.cpp - What many elements share is computed once ----===//
//
// Implements `graph-hoist-invariants`. The angles of a rotation depend on position
// and frequency; written in the formula of a query they would be computed for each
// batch and head anew. It must not fire for what a loop leaves alone anyway (a prefix
// of the indices), nor make a tensor that can be large.
//
//===----------------------------------------------------------------------===//

#include "passes/Fuse/Structure.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"

namespace heddle {
#define GEN_PASS_DEF_HOISTINVARIANTSPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::fuse;
using namespace mlir;

namespace {

/// Elements of the tensor that is made, 64 MB of f32: a formula may have been written
/// so that something larger never lies in memory.
constexpr int64_t kMostElements = int64_t(1) << 24;
/// So many elements at least share a value: fewer are computed faster than loaded.
constexpr int64_t kLeastShared = 4;

/// Takes tens of instructions for a vector of elements.
bool isFunction(Operation *op) {
  return isa<math::MathDialect>(op->getDialect()) &&
         !isa<math::AbsFOp, math::AbsIOp, math::SqrtOp, math::FmaOp, math::FloorOp, math::CeilOp, math::RoundEvenOp,
              math::RoundOp, math::TruncOp, math::CopySignOp, math::IsNaNOp, math::IsInfOp, math::IsFiniteOp>(op);
}

struct HoistInvariantsPass : public heddle::impl::HoistInvariantsPassBase<HoistInvariantsPass> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    SmallVector<ComprehensionOpInterface> ops(getOperation().getBody().front().getOps<ComprehensionOpInterface>());
    for (ComprehensionOpInterface op : ops)
      hoistFrom(op);
  }

  void hoistFrom(ComprehensionOpInterface op) {
    // What is computed from a function of some of the indices, at most once each.
    llvm::SmallPtrSet<Operation *, 16> shared, dear;
    SmallVector<Operation *> roots;
    for (Operation &inner : op.getBodyBlock()) {
      bool isDear = isFunction(&inner) || llvm::any_of(inner.getOperands(), [&](Value operand) {
                      return operand.getDefiningOp() && dear.contains(operand.getDefiningOp());
                    });
      if (!isDear)
        continue;
      dear.insert(&inner);
      if (inner.getNumResults() == 1 && inner.getResult(0).getType().isF32() && isShared(op, inner.getResult(0)))
        shared.insert(&inner);
    }
    for (Operation &inner : op.getBodyBlock())
      if (shared.contains(&inner) &&
          llvm::any_of(inner.getUsers(), [&](Operation *user) { return !shared.contains(user); }))
        roots.push_back(&inner);
    for (Operation *root : roots) // in their order: one may be part of a later one
      hoist(op, root->getResult(0));
  }

  /// Do several elements have the value in common, and not because inner loops leave it alone?
  static bool isShared(ComprehensionOpInterface op, Value value) {
    llvm::SmallBitVector used = indicesOf(op, value);
    int last = used.find_last();
    if (last < 0 || int(used.count()) == last + 1)
      return false;
    Dim elements = Dim::constant(1), times = Dim::constant(1);
    for (unsigned i = 0; i < op.getNumIndices(); ++i) {
      Dim &product = used[i] ? elements : times;
      product = product * op.getExtent(i);
    }
    if (times.isConstant() && times.getConstant() < kLeastShared)
      return false;
    std::optional<int64_t> most = elements.bounds(DimBounds::enclosing(op)).most;
    return most && *most <= kMostElements;
  }

  void hoist(ComprehensionOpInterface op, Value value) {
    llvm::SmallBitVector used = indicesOf(op, value);
    SmallVector<IndexAttr> indices;
    SmallVector<Dim> shape;
    for (unsigned i : used.set_bits()) {
      indices.push_back(op.getIndices()[i]);
      shape.push_back(op.getExtent(i));
    }
    OpBuilder builder(op);
    Location loc = value.getLoc();
    auto type = GraphTensorType::get(shape, value.getType());
    auto map = MapOp::create(builder, loc, TypeRange{type}, indices, SmallVector<int32_t>(indices.size(), 1));
    Block &body = map.getBody().front();
    builder.setInsertionPointToStart(&body);
    IRMapping mapping;
    SmallVector<Value> own;
    for (auto [argument, i] : llvm::zip(body.getArguments(), used.set_bits())) {
      own.push_back(op.getIndexValue(i));
      mapping.map(own.back(), argument);
    }
    SetVector<Operation *> slice = sliceOf(op, value);
    for (Operation *source : slice)
      builder.clone(*source, mapping);
    YieldOp::create(builder, loc, ValueRange{mapping.lookup(value)});

    builder.setInsertionPointAfterValue(value);
    Value read = ReadOp::create(builder, loc, value.getType(), map.getResult(0), own, /*guarded=*/UnitAttr());
    value.replaceAllUsesWith(read);
    for (Operation *source : llvm::reverse(slice))
      if (source->use_empty())
        source->erase();
    ++numHoisted;
  }
};

} // namespace
