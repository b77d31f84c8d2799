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
#include "passes/Remarks.h"

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

  /// Says why `map` is not computed where `reader` reads it; false.
  static bool stays(MapOp map, Operation *reader, StringRef name, const Twine &reason, StringRef suggestion) {
    remarks::missed(remarks::kInline, map, reader, name, reason, suggestion);
    return false;
  }

  static bool shouldInline(MapOp map) {
    auto isRead = [](Operation *user) { return isa<ReadOp>(user); };
    auto found = llvm::find_if(map->getUsers(), isRead);
    if (found == map->getUsers().end())
      return false; // only returned or written over: nothing could compute it
    Operation *reader = ownerOf(*found);
    if (map->getNumResults() != 1)
      return stays(map, reader, "SeveralResults", "it has several results, which are computed together",
                   "compute what is cheap in maps of their own");
    auto type = cast<GraphTensorType>(map.getResult(0).getType());
    if (type.getElementType() != type.getScalarType())
      return stays(map, reader, "Rounds", "its elements are narrower than its values: storing it rounds them",
                   "give it the wider type, if the rounding is not wanted");
    SmallPtrSet<Operation *, 4> readers;
    unsigned numReads = 0;
    bool eachOnce = true;
    for (Operation *user : map->getUsers()) {
      auto read = dyn_cast<ReadOp>(user);
      if (!read)
        return stays(map, reader, "IsStored", "it is returned or written over as well, and so in memory anyway",
                     "nothing in the model; reading it there costs little");
      auto op = cast<ComprehensionOpInterface>(read->getParentOp());
      if (read.getGuarded())
        return stays(map, op, "ReadsOutside", "it may be read outside of its axes, where its formula means nothing",
                     "read it at positions that are provably inside, or put the condition into its formula");
      // What is sorted is read many times, and by the runtime: as it lies.
      if (op.getKind() == ComprehensionKind::Sort)
        return stays(map, op, "IsSorted", "what is sorted lies in memory", "nothing in the model");
      std::optional<SmallVector<Value>> indices = indicesAt(map, read);
      if (!indices)
        return stays(map, op, "AcrossDigits", "one of its axes is made of several indices, and is read by something else than these",
                     "read the axis by the same indices, as (h d)");
      readers.insert(op);
      if (hasMoreOps(op.getBodyBlock(), map.getBody().front()))
        return stays(map, op, "LongFormula", "the formula would have more than " + Twine(kMostBodyOps) + " operations",
                     "nothing; a formula of any length is compiled no better");
      ++numReads;
      eachOnce &= readsEachOnce(op, *indices);
    }

    Cost cost = costOf(map);
    Operation *contraction = nullptr;
    for (Value tensor : cast<ComprehensionOpInterface>(map.getOperation()).getCapturedTensors())
      if (auto source = tensor.getDefiningOp<ComprehensionOpInterface>(); source && isContraction(source))
        contraction = source;
    if (cost == Cost::View)
      return true;
    for (Operation *other : readers) {
      if (isContraction(cast<ComprehensionOpInterface>(other)))
        return stays(map, other, "ContractionOperand", "a contraction's operands are plain reads, each of them many times",
                     "nothing in the model, but that a transposed, sliced or repeated tensor is read where it lies");
      if (contraction && (readers.size() > 1 || !isa<MapOp>(other)))
        return stays(map, other, "EndsContraction", "it ends the kernel of the contraction that it reads",
                     "nothing in the model; there it is computed before anything is stored");
    }
    if (cost == Cost::Cheap)
      return true;
    if (numReads != 1 || !eachOnce)
      return stays(map, reader, "DearTwice",
                   "it is dear (a function such as exp, a division, or more than " + Twine(kMostCheapOps) +
                       " operations), and would be computed more than once for each element",
                   "nothing, unless its readers can go through it once and in its order");
    return true;
  }

  /// `reader` stands for `place` too now; of a long chain of views, for the nearest.
  static void addPlace(Operation *reader, Location place) {
    constexpr size_t kMostPlaces = 32;
    if (auto fused = dyn_cast<FusedLoc>(reader->getLoc()); fused && fused.getLocations().size() >= kMostPlaces)
      return;
    reader->setLoc(FusedLoc::get(reader->getContext(), {reader->getLoc(), place}));
  }

  void inlineMap(MapOp map) {
    Block &body = map.getBody().front();
    for (Operation *user : llvm::make_early_inc_range(map->getUsers())) {
      auto read = cast<ReadOp>(user);
      SmallVector<Value> indices = *indicesAt(map, read);
      addPlace(read->getParentOp(), map->getLoc());
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
