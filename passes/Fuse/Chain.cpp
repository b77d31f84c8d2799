//===- Chain.cpp - Two contractions joined by a softmax -------------------===//

#include "passes/Fuse/Chain.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::fuse;
using namespace mlir;

/// A block of rows of scores, and of what softmax makes of them, is in the second-level
/// cache and on a thread's stack: 128 KB each for the shortest block, of one row.
static constexpr int64_t kMostColumns = 32768;

static Operation *productOf(ComprehensionOpInterface op) { return op.getYield().getValues()[0].getDefiningOp(); }

static bool hasOneAxisEach(ComprehensionOpInterface op) {
  return llvm::all_of(op.getAxes(), [](int32_t count) { return count == 1; });
}

TileOperands fuse::findTileOperands(ComprehensionOpInterface op) {
  if (!isContraction(op) || op.getNumResultIndices() < 2)
    return {};
  unsigned column = op.getNumResultIndices() - 1;
  Operation *product = productOf(op);
  for (unsigned side : {1, 0}) {
    auto read = product->getOperand(side).getDefiningOp<ReadOp>();
    Value other = product->getOperand(1 - side);
    if (!read || !read.getType().isF32())
      continue;
    llvm::SmallBitVector own = indicesOf(op, read.getResult()), others = indicesOf(op, other);
    if (!own[column] || others[column])
      continue;
    for (unsigned row = column; row-- > 0;)
      if (others[row] && !own[row] && op.getExtent(row) != Dim::constant(1))
        return {read, other, row};
  }
  return {};
}

/// The one user of `tensor`'s elements, if it has no other.
static bool isReadOnlyBy(Value tensor, Operation *reader) {
  return llvm::all_of(tensor.getUsers(), [&](Operation *user) { return ownerOf(user) == reader; });
}

/// Does the condition of `op` depend on an element of `tensor`?
static bool conditionReads(ComprehensionOpInterface op, Value tensor) {
  SmallVector<Value> work;
  if (Value condition = op.getYield().getCondition())
    work.push_back(condition);
  SmallPtrSet<Operation *, 16> seen;
  while (!work.empty()) {
    Operation *source = work.pop_back_val().getDefiningOp();
    if (!source || !seen.insert(source).second)
      continue;
    if (auto read = dyn_cast<ReadOp>(source); read && read.getTensor() == tensor)
      return true;
    if (source->getBlock() == &op.getBodyBlock())
      llvm::append_range(work, source->getOperands());
  }
  return false;
}

/// The contraction behind `softmax`, with the maps between.
static std::string findScores(ComprehensionOpInterface softmax, Chain &chain) {
  std::string reason = "its scores are no contraction";
  for (Value tensor : softmax.getCapturedTensors()) {
    Value last = tensor;
    ComprehensionOpInterface reader = softmax;
    while (auto source = dyn_cast_or_null<ComprehensionOpInterface>(last.getDefiningOp())) {
      bool isEnd = isContraction(source);
      if (!isEnd && source.getKind() != ComprehensionKind::Map)
        break;
      if (!isReadOnlyBy(last, reader) || source->getNumResults() != 1) {
        reason = "its scores have other readers";
        break;
      }
      if (!readsOwnElement(reader, last)) {
        reason = "it reads its scores at other elements than its own";
        break;
      }
      if (isEnd && conditionReads(softmax, tensor)) {
        reason = "its condition reads its scores";
        break;
      }
      if (isEnd) {
        chain.scores = source;
        chain.scored = tensor;
        return "";
      }
      // On through the one tensor of its own shape.
      Value next;
      for (Value from : source.getCapturedTensors()) {
        auto made = dyn_cast_or_null<ComprehensionOpInterface>(from.getDefiningOp());
        if (made && (isContraction(made) || made.getKind() == ComprehensionKind::Map) && isReadOnlyBy(from, source))
          next = from;
      }
      if (!next)
        break;
      reader = source;
      last = next;
    }
  }
  return reason;
}

std::string fuse::findChain(ComprehensionOpInterface values, Chain &chain) {
  chain = {};
  if (!isContraction(values))
    return "";
  Operation *product = productOf(values);
  ReadOp weights;
  ComprehensionOpInterface softmax;
  unsigned side = 0;
  for (unsigned i : {0, 1})
    if (auto read = product->getOperand(i).getDefiningOp<ReadOp>())
      if (auto source = dyn_cast_or_null<ComprehensionOpInterface>(read.getTensor().getDefiningOp()))
        if (source.getKind() == ComprehensionKind::Softmax) {
          weights = read;
          softmax = source;
          side = i;
        }
  if (!softmax)
    return "";
  chain.softmax = softmax;
  unsigned column = softmax.getNumResultIndices() - 1;
  if (column < 1 || softmax.getAlong() != ArrayRef<int32_t>{int32_t(column)} || !hasOneAxisEach(softmax))
    return "its softmax does not go along the last axis alone";
  if (!isReadOnlyBy(weights.getTensor(), values) ||
      llvm::count_if(weights.getTensor().getUsers(), [](Operation *user) { return isa<ReadOp>(user); }) != 1)
    return "its softmax has other readers";
  if (values.getNumIndices() != values.getNumResultIndices() + 1 || weights.getGuarded())
    return "it combines more than the columns of its softmax";
  // Each axis of the weights is walked through, the columns by what is combined.
  llvm::SmallBitVector seen(values.getNumIndices());
  SmallVector<unsigned> indexOf;
  for (auto [axis, subscript] : llvm::enumerate(weights.getSubscripts())) {
    auto index = dyn_cast<BlockArgument>(subscript);
    if (!index || index.getOwner() != &values.getBodyBlock() || seen[index.getArgNumber()] ||
        values.isBound(index.getArgNumber()) != (axis == column) ||
        values.getExtent(index.getArgNumber()) != softmax.getExtent(axis))
      return "it does not read its softmax row by row";
    seen.set(index.getArgNumber());
    indexOf.push_back(index.getArgNumber());
  }
  if (std::string reason = findScores(softmax, chain); !reason.empty())
    return reason;
  if (!hasOneAxisEach(chain.scores))
    return "its scores have an axis of several indices";
  TileOperands scores = findTileOperands(chain.scores);
  if (!scores.columns)
    return "its scores are no product of rows and columns";
  // The same rows in both: the other factor of the second does not run along them.
  auto read = product->getOperand(1 - side).getDefiningOp<ReadOp>();
  unsigned row = indexOf[scores.row], last = values.getNumResultIndices() - 1;
  if (!read || !read.getType().isF32() || seen[last])
    return "its other factor is no tensor with the columns of the result";
  llvm::SmallBitVector own = indicesOf(values, read.getResult());
  if (!own[last] || own[row])
    return "both its factors run along the rows";
  std::optional<int64_t> most = softmax.getExtent(column).bounds(DimBounds::enclosing(values)).most;
  if (!most || *most > kMostColumns)
    return "a row of its softmax can have more than " + std::to_string(kMostColumns) + " elements";
  chain.values = values;
  return "";
}
