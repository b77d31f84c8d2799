//===- MatchEpilogues.cpp - Maps take the indices of their contraction ----===//
//
// Implements `graph-match-epilogues`. A kernel runs an epilogue at the place of the
// register tile, whose loops are the contraction's indices: (h d) and not h * D + d.
//
//===----------------------------------------------------------------------===//

#include "passes/Fuse/Structure.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace heddle {
#define GEN_PASS_DEF_MATCHEPILOGUESPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::fuse;
using namespace mlir;

namespace {

struct MatchEpiloguesPass : public heddle::impl::MatchEpiloguesPassBase<MatchEpiloguesPass> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    // The last contraction of each group.
    DenseMap<Attribute, ComprehensionOpInterface> contractions;
    for (auto op : llvm::make_early_inc_range(getOperation().getBody().front().getOps<ComprehensionOpInterface>())) {
      Attribute group = op->getAttr("kernel.group");
      if (!group)
        continue;
      if (isContraction(op)) {
        contractions[group] = op;
        continue;
      }
      auto map = dyn_cast<MapOp>(op.getOperation());
      ComprehensionOpInterface contraction = contractions.lookup(group);
      if (!map || !contraction || map->getNumResults() != 1 || op.getTensorType().getShape() != contraction.getTensorType().getShape() ||
          llvm::any_of(op.getAxes(), [](int32_t count) { return count != 1; }) ||
          llvm::all_of(contraction.getAxes(), [](int32_t count) { return count == 1; }))
        continue;
      split(map, contraction);
      ++numSplit;
    }
  }

  /// `map` over the result's indices of `contraction`, of which its own are made.
  static void split(MapOp map, ComprehensionOpInterface contraction) {
    OpBuilder builder(map);
    Location loc = map.getLoc();
    auto result = MapOp::create(builder, loc, map.getResultTypes(),
                                contraction.getIndices().take_front(contraction.getNumResultIndices()), contraction.getAxes());
    result->setDiscardableAttrs(map->getDiscardableAttrDictionary());
    Block &old = map.getBody().front(), &body = result.getBody().front();
    builder.setInsertionPointToStart(&body);
    unsigned next = 0;
    for (auto [axis, count] : llvm::enumerate(contraction.getAxes())) {
      Value index = body.getArgument(next++);
      for (int32_t digit = 1; digit < count; ++digit, ++next) {
        // Axes of several indices have constant extents.
        Value radix = arith::ConstantIndexOp::create(builder, loc, contraction.getExtent(next).getConstant());
        index = arith::AddIOp::create(builder, loc, arith::MulIOp::create(builder, loc, index, radix), body.getArgument(next));
      }
      old.getArgument(axis).replaceAllUsesWith(index);
    }
    body.getOperations().splice(body.end(), old.getOperations());
    map.replaceAllUsesWith(result.getResults());
    map.erase();
  }
};

} // namespace
