//===- InlineMaps.cpp - Maps move into their readers ----------------------===//
//
// Implements `graph-inline-maps`. A tensor that is cheap to compute anew need
// not be stored. It must not fire where that repeats dear work, where it would
// hide a contraction (whose operands are plain reads), and where it would take a
// contraction's epilogue away. A map whose elements are narrower than its values
// rounds them and stays.
//
//===----------------------------------------------------------------------===//

#include "passes/Fuse/Structure.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

namespace heddle {
#define GEN_PASS_DEF_INLINEMAPSPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::fuse;
using namespace mlir;

namespace {

/// Ops of a body, reads and constants apart, that may be repeated.
constexpr unsigned kMostCheapOps = 4;
/// Ops of a body that grows by what it reads: a chain of any length shall not
/// become one expression.
constexpr unsigned kMostBodyOps = 64;

enum class Cost { View, Cheap, Dear };

Cost costOf(MapOp map) {
  unsigned count = 0;
  for (Operation &op : map.getBody().front()) {
    if (isa<ReadOp, ExtentOp, YieldOp>(op) || op.hasTrait<OpTrait::ConstantLike>())
      continue;
    bool isAbs = isa<math::AbsFOp, math::AbsIOp>(op);
    if ((isa<math::MathDialect>(op.getDialect()) && !isAbs) ||
        isa<arith::DivFOp, arith::FloorDivSIOp, arith::RemSIOp>(op))
      return Cost::Dear;
    ++count;
  }
  Value yielded = cast<YieldOp>(map.getBody().front().getTerminator()).getValues()[0];
  if (yielded.getDefiningOp<ReadOp>() && count <= kMostCheapOps)
    return Cost::View;
  return count <= kMostCheapOps ? Cost::Cheap : Cost::Dear;
}

/// (a, b) of `value` = a * radix + b, where b is an index of extent `radix`.
std::optional<std::pair<Value, Value>> splitDigit(ComprehensionOpInterface reader,
                                                  Value value, Dim radix) {
  auto isDigit = [&](Value digit) {
    auto argument = dyn_cast<BlockArgument>(digit);
    return argument && argument.getOwner() == &reader.getBodyBlock() &&
           reader.getExtent(argument.getArgNumber()) == radix;
  };
  auto isRadix = [&](Value factor) {
    APInt constant;
    if (matchPattern(factor, m_ConstantInt(&constant)))
      return radix.isConstant(constant.getSExtValue());
    auto extent = factor.getDefiningOp<ExtentOp>();
    return extent && extent.getDim() == radix;
  };
  auto sum = value.getDefiningOp<arith::AddIOp>();
  if (!sum)
    return std::nullopt;
  for (auto [high, low] : {std::pair(sum.getLhs(), sum.getRhs()),
                           std::pair(sum.getRhs(), sum.getLhs())}) {
    auto product = high.getDefiningOp<arith::MulIOp>();
    if (!product || !isDigit(low))
      continue;
    if (isRadix(product.getRhs()))
      return std::pair(product.getLhs(), low);
    if (isRadix(product.getLhs()))
      return std::pair(product.getRhs(), low);
  }
  return std::nullopt;
}

/// The values of the map's indices at which `read` reads it, or nothing where an
/// axis of several indices is read by something else than their positions.
std::optional<SmallVector<Value>> indicesAt(MapOp map, ReadOp read) {
  auto op = cast<ComprehensionOpInterface>(map.getOperation());
  auto reader = cast<ComprehensionOpInterface>(read->getParentOp());
  SmallVector<Value> indices(op.getNumIndices());
  unsigned next = 0;
  for (auto [axis, count] : llvm::enumerate(op.getAxes())) {
    Value rest = read.getSubscripts()[axis];
    for (unsigned digit = next + count - 1; digit > next; --digit) {
      auto split = splitDigit(reader, rest, op.getExtent(digit));
      if (!split)
        return std::nullopt;
      indices[digit] = split->second;
      rest = split->first;
    }
    indices[next] = rest;
    next += count;
  }
  return indices;
}

/// Whether `reader` evaluates what it reads there once for each of its points,
/// has no more points than the map, and goes through them in the same order: then
/// the map's own rows are the reader's, and it parallelizes as well.
bool readsEachOnce(ComprehensionOpInterface reader, ArrayRef<Value> indices) {
  if (reader.getKind() == ComprehensionKind::Softmax ||
      reader.getNumIndices() != indices.size())
    return false;
  for (auto [i, index] : llvm::enumerate(indices))
    if (index != reader.getIndexValue(i))
      return false;
  return true;
}

/// Whether the two have more than kMostBodyOps ops; counts no further.
bool hasMoreOps(Block &a, Block &b) {
  unsigned count = 0;
  for (Block *block : {&a, &b})
    for (auto it = block->begin(); it != block->end(); ++it)
      if (++count > kMostBodyOps)
        return true;
  return false;
}

struct InlineMapsPass : public heddle::impl::InlineMapsPassBase<InlineMapsPass> {
  void runOnOperation() override {
    func::FuncOp entry = getOperation();
    if (entry.isExternal())
      return;
    // From producers to consumers: what was inlined counts in its reader's cost.
    for (auto map : llvm::make_early_inc_range(entry.getBody().front().getOps<MapOp>()))
      if (shouldInline(map))
        inlineMap(map);
  }

  static bool shouldInline(MapOp map) {
    if (map->getNumResults() != 1 || map->use_empty())
      return false;
    auto type = cast<GraphTensorType>(map.getResult(0).getType());
    if (type.getElementType() != type.getScalarType())
      return false;
    SmallPtrSet<Operation *, 4> readers;
    unsigned numReads = 0;
    bool eachOnce = true;
    for (Operation *user : map->getUsers()) {
      auto read = dyn_cast<ReadOp>(user);
      if (!read || read.getGuarded())
        return false;
      auto reader = cast<ComprehensionOpInterface>(read->getParentOp());
      // What is sorted is read many times, and by the runtime: as it lies.
      if (reader.getKind() == ComprehensionKind::Sort)
        return false;
      std::optional<SmallVector<Value>> indices = indicesAt(map, read);
      if (!indices)
        return false;
      readers.insert(reader);
      if (hasMoreOps(reader.getBodyBlock(), map.getBody().front()))
        return false;
      ++numReads;
      eachOnce &= readsEachOnce(reader, *indices);
    }

    Cost cost = costOf(map);
    bool isOfContraction = false;
    for (Value tensor : cast<ComprehensionOpInterface>(map.getOperation()).getCapturedTensors())
      if (auto source = tensor.getDefiningOp<ComprehensionOpInterface>())
        isOfContraction |= isContraction(source);
    if (cost == Cost::View)
      return true;
    for (Operation *reader : readers) {
      if (isContraction(cast<ComprehensionOpInterface>(reader)))
        return false;
      if (isOfContraction && (readers.size() > 1 || !isa<MapOp>(reader)))
        return false;
    }
    if (cost == Cost::Cheap)
      return true;
    return numReads == 1 && eachOnce;
  }

  void inlineMap(MapOp map) {
    Block &body = map.getBody().front();
    for (Operation *user : llvm::make_early_inc_range(map->getUsers())) {
      auto read = cast<ReadOp>(user);
      SmallVector<Value> indices = *indicesAt(map, read);
      IRMapping mapping;
      mapping.map(body.getArguments(), indices);
      OpBuilder builder(read);
      for (Operation &op : body.without_terminator())
        builder.clone(op, mapping);
      Value yielded = cast<YieldOp>(body.getTerminator()).getValues()[0];
      read.getResult().replaceAllUsesWith(mapping.lookupOrDefault(yielded));
      read.erase();
    }
    map.erase();
    ++numInlined;
  }
};

} // namespace
