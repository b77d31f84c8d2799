//===- PackColumns.cpp - Columns of a product lie side by side ------------===//
//
// Implements `graph-pack-columns`. A register tile loads a vector of columns at a
// time. Where these lie apart in memory (the keys of a head, one row each), a block
// of rows would gather them again and again; one map before the kernel does it once.
//
//===----------------------------------------------------------------------===//

#include "passes/Fuse/Chain.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSet.h"

namespace heddle {
#define GEN_PASS_DEF_PACKCOLUMNSPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::fuse;
using namespace mlir;

namespace {

/// Vectors of up to so many columns divide the panels of every target.
constexpr int64_t kWidestVector = 16;

struct PackColumnsPass : public heddle::impl::PackColumnsPassBase<PackColumnsPass> {
  using PackColumnsPassBase::PackColumnsPassBase;

  void runOnOperation() override {
    if (width <= 0 || getOperation().isExternal())
      return;
    nextGroup = 0;
    SmallVector<ComprehensionOpInterface> ops(getOperation().getBody().front().getOps<ComprehensionOpInterface>());
    for (ComprehensionOpInterface op : ops)
      if (auto group = op->getAttrOfType<IntegerAttr>("kernel.group"))
        nextGroup = std::max(nextGroup, group.getInt() + 1);
    for (ComprehensionOpInterface op : ops) {
      Chain chain;
      auto group = op->getAttr("kernel.group");
      if (!group || !findChain(op, chain).empty() || !chain.values || chain.scores->getAttr("kernel.group") != group)
        continue;
      for (ComprehensionOpInterface contraction : {chain.scores, chain.values}) {
        ReadOp read = contraction == chain.scores ? findTileOperands(contraction).columns : columnsOf(chain);
        if (!liesInVectors(contraction, read))
          pack(contraction, read);
      }
    }
  }

  /// The factor of the second contraction that is not the softmax.
  static ReadOp columnsOf(Chain chain) {
    Operation *product = chain.values.getYield().getValues()[0].getDefiningOp();
    for (Value factor : product->getOperands())
      if (auto read = factor.getDefiningOp<ReadOp>(); read.getTensor() != chain.softmax->getResult(0))
        return read;
    return {};
  }

  /// Does a kernel load the columns in vectors as they lie: a constant number of them,
  /// neighbours along the last axis?
  static bool liesInVectors(ComprehensionOpInterface op, ReadOp read) {
    unsigned column = op.getNumResultIndices() - 1;
    Value index = op.getIndexValue(column);
    auto subscripts = read.getSubscripts();
    Dim extent = op.getExtent(column);
    if (!extent.isConstant() || extent.getConstant() % kWidestVector != 0 || read.getGuarded() || subscripts.empty() ||
        !cast<GraphTensorType>(read.getTensor().getType()).getElementType().isF32())
      return false;
    for (Value subscript : subscripts.drop_back())
      if (indicesOf(op, subscript)[column])
        return false;
    // The index, or a sum in which it is one term.
    Value last = subscripts.back();
    while (last != index) {
      auto sum = last.getDefiningOp<arith::AddIOp>();
      if (!sum)
        return false;
      bool isLeft = indicesOf(op, sum.getLhs())[column];
      if (isLeft == indicesOf(op, sum.getRhs())[column])
        return false;
      last = isLeft ? sum.getLhs() : sum.getRhs();
    }
    return true;
  }

  /// packed[c / width, the other indices of the read, c % width] = the read; past the last
  /// column what a guarded read gives.
  void pack(ComprehensionOpInterface op, ReadOp read) {
    unsigned column = op.getNumResultIndices() - 1;
    llvm::SmallBitVector used = indicesOf(op, read.getResult());
    used.reset(column);
    MLIRContext *context = &getContext();
    llvm::StringSet<> names;
    for (unsigned i : used.set_bits())
      names.insert(op.getIndices()[i].getName());
    auto unique = [&](std::string name) {
      while (!names.insert(name).second)
        name += "_";
      return name;
    };
    Dim panels = Dim::floorDiv(op.getExtent(column) + (width - 1), Dim::constant(width));
    SmallVector<IndexAttr> indices{IndexAttr::get(context, unique("p"), panels)};
    for (unsigned i : used.set_bits())
      indices.push_back(op.getIndices()[i]);
    indices.push_back(IndexAttr::get(context, unique("l"), Dim::constant(width)));
    SmallVector<Dim> shape;
    for (IndexAttr index : indices)
      shape.push_back(index.getExtent());
    OpBuilder builder(op);
    Location loc = read.getLoc();
    auto map = MapOp::create(builder, loc, TypeRange{GraphTensorType::get(shape, read.getType())}, indices,
                             SmallVector<int32_t>(indices.size(), 1));
    map->setAttr("kernel.group", builder.getI64IntegerAttr(nextGroup++));

    // The body: what the read takes from its indices, at column p * width + l.
    Block &body = map.getBody().front();
    builder.setInsertionPointToStart(&body);
    IRMapping mapping;
    Value wide = arith::ConstantIndexOp::create(builder, loc, width);
    Value at = arith::MulIOp::create(builder, loc, body.getArgument(0), wide);
    mapping.map(op.getIndexValue(column), arith::AddIOp::create(builder, loc, at, body.getArguments().back()).getResult());
    unsigned next = 1;
    for (unsigned i : used.set_bits())
      mapping.map(op.getIndexValue(i), body.getArgument(next++));
    SetVector<Operation *> slice = sliceOf(op, read.getResult());
    for (Operation *source : slice) {
      Operation *copy = builder.clone(*source, mapping);
      if (auto inner = dyn_cast<ReadOp>(copy))
        inner.setGuarded(true);
    }
    YieldOp::create(builder, loc, ValueRange{mapping.lookup(read.getResult())});

    // The contraction reads the panels.
    builder.setInsertionPoint(read);
    Value radix = arith::ConstantIndexOp::create(builder, loc, width);
    Value index = op.getIndexValue(column);
    SmallVector<Value> subscripts{arith::FloorDivSIOp::create(builder, loc, index, radix)};
    for (unsigned i : used.set_bits())
      subscripts.push_back(op.getIndexValue(i));
    subscripts.push_back(arith::RemSIOp::create(builder, loc, index, radix));
    Value packed = ReadOp::create(builder, loc, read.getType(), map.getResult(0), subscripts, /*guarded=*/UnitAttr());
    read.replaceAllUsesWith(packed);
    read.erase();
    ++numPacked;
  }

  int64_t nextGroup = 0;
};

} // namespace
