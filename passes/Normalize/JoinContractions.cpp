//===- JoinContractions.cpp - Products with one input become one ----------===//
//
// Implements `graph-join-contractions`. Queries, keys and values of one input are one
// matrix product with the weights one behind the other: the input passes through the
// cache once, and there is one kernel call for three. It must not fire where the map
// behind a product would be its epilogue and then no more (a gate): reading two parts
// of one result, that map would be a pass over memory of its own.
//
//===----------------------------------------------------------------------===//

#include "passes/Fuse/Structure.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

namespace heddle {
#define GEN_PASS_DEF_JOINCONTRACTIONSPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::fuse;
using namespace mlir;

namespace {

/// A contraction, and the map behind it if that is all that reads it.
struct Product {
  ComprehensionOpInterface contraction, epilogue;
  ComprehensionOpInterface last() { return epilogue ? epilogue : contraction; }
  Value result() { return last()->getResult(0); }
};

/// Compares the bodies of two ops that differ in their last result index, the column,
/// and in the weights that are read at it.
class BodyMatcher {
public:
  BodyMatcher(ComprehensionOpInterface a, ComprehensionOpInterface b) : a(a), b(b) {
    column = a.getNumResultIndices() - 1;
  }
  /// `first` in one is what `second` is in the other.
  void pair(Value first, Value second) { values.map(first, second); }
  bool match();

private:
  bool matchReads(ReadOp first, ReadOp second);

  ComprehensionOpInterface a, b;
  unsigned column;
  IRMapping values;
};

bool isColumn(ComprehensionOpInterface op, Value value) {
  return value == op.getIndexValue(op.getNumResultIndices() - 1);
}

/// A dense tensor of the checkpoint with the column as its first axis.
bool isColumnWeight(ComprehensionOpInterface op, ReadOp read) {
  auto weight = read.getTensor().getDefiningOp<WeightOp>();
  if (!weight || weight.getStacked() || weight.getBound() || read.getGuarded() || read.getSubscripts().empty() ||
      !isColumn(op, read.getSubscripts()[0]))
    return false;
  return weight.getType().getDim(0) == op.getExtent(op.getNumResultIndices() - 1) &&
         llvm::none_of(read.getSubscripts().drop_front(),
                       [&](Value at) { return indicesOf(op, at).test(op.getNumResultIndices() - 1); });
}

bool BodyMatcher::matchReads(ReadOp first, ReadOp second) {
  Value one = first.getTensor(), other = second.getTensor();
  if (values.contains(one)) // what the two contractions gave
    return values.lookup(one) == other;
  if (isColumnWeight(a, first) && isColumnWeight(b, second)) {
    auto left = cast<GraphTensorType>(one.getType()), right = cast<GraphTensorType>(other.getType());
    return left.getElementType() == right.getElementType() &&
           left.getShape().drop_front() == right.getShape().drop_front();
  }
  return one == other && !indicesOf(a, first.getResult())[column];
}

bool BodyMatcher::match() {
  if (a->getName() != b->getName() || a.getNumIndices() != b.getNumIndices() || a.getAxes() != b.getAxes() ||
      a.getCombiner() != b.getCombiner() || a->getNumResults() != 1 || b->getNumResults() != 1 ||
      a.getNumResultIndices() != b.getNumResultIndices() ||
      a.getTensorType().getElementType() != b.getTensorType().getElementType())
    return false;
  for (unsigned i = 0; i < a.getNumIndices(); ++i)
    if (i != column && a.getExtent(i) != b.getExtent(i))
      return false;
  Block &left = a.getBodyBlock(), &right = b.getBodyBlock();
  if (left.getOperations().size() != right.getOperations().size())
    return false;
  values.map(left.getArguments(), right.getArguments());
  for (auto [first, second] : llvm::zip(left, right)) {
    if (first.getName() != second.getName() || first.getAttrDictionary() != second.getAttrDictionary() ||
        first.getNumOperands() != second.getNumOperands() || first.getResultTypes() != second.getResultTypes())
      return false;
    auto read = dyn_cast<ReadOp>(first);
    if (read && !matchReads(read, cast<ReadOp>(second)))
      return false;
    // The column is used for nothing but reading.
    if (!read && llvm::any_of(first.getOperands(), [&](Value operand) { return isColumn(a, operand); }))
      return false;
    for (unsigned i = read ? 1 : 0; i < first.getNumOperands(); ++i)
      if (values.lookupOrDefault(first.getOperand(i)) != second.getOperand(i))
        return false;
    values.map(first.getResults(), second.getResults());
  }
  return true;
}

struct JoinContractionsPass : public heddle::impl::JoinContractionsPassBase<JoinContractionsPass> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    SmallVector<Product> products;
    for (auto op : getOperation().getBody().front().getOps<ComprehensionOpInterface>())
      if (Product product; findProduct(op, product))
        products.push_back(product);
    llvm::SmallBitVector done(products.size());
    for (unsigned i = 0; i < products.size(); ++i) {
      if (done[i])
        continue;
      SmallVector<Product> group{products[i]};
      for (unsigned k = i + 1; k < products.size(); ++k)
        if (!done[k] && matches(products[i], products[k])) {
          done.set(k);
          group.push_back(products[k]);
        }
      if (group.size() > 1)
        join(group);
    }
  }

  static bool findProduct(ComprehensionOpInterface op, Product &product) {
    unsigned last = op.getNumResultIndices();
    if (last == 0 || !isContraction(op) || op.getAxes().back() != 1 || !op.getExtent(last - 1).isConstant())
      return false;
    // One factor is a weight, whose rows are the columns of the result.
    if (llvm::none_of(op.getBodyBlock().getOps<ReadOp>(), [&](ReadOp read) { return isColumnWeight(op, read); }))
      return false;
    product.contraction = op;
    Value result = op->getResult(0);
    Operation *reader = result.use_empty() ? nullptr : ownerOf(*result.user_begin());
    auto map = dyn_cast_or_null<MapOp>(reader);
    if (map && llvm::all_of(result.getUsers(), [&](Operation *user) { return ownerOf(user) == reader; }) &&
        map->getNumResults() == 1 && readsOwnElement(cast<ComprehensionOpInterface>(reader), result))
      product.epilogue = cast<ComprehensionOpInterface>(reader);
    // Readers take elements of a part: they are told where it begins. A map at its own
    // element would no longer be the end of the kernel.
    ComprehensionOpInterface from = product.last();
    for (Operation *user : product.result().getUsers()) {
      auto read = dyn_cast<ReadOp>(user);
      if (!read || read.getGuarded())
        return false;
      auto owner = cast<ComprehensionOpInterface>(read->getParentOp());
      if (owner.getKind() == ComprehensionKind::Map && readsOwnElement(owner, from->getResult(0)))
        return false;
    }
    return !product.result().use_empty();
  }

  static bool matches(Product &first, Product &other) {
    if (bool(first.epilogue) != bool(other.epilogue))
      return false;
    BodyMatcher contractions(first.contraction, other.contraction);
    if (!contractions.match())
      return false;
    if (!first.epilogue)
      return true;
    if (!first.epilogue->isBeforeInBlock(other.epilogue))
      return false;
    BodyMatcher epilogues(first.epilogue, other.epilogue);
    epilogues.pair(first.contraction->getResult(0), other.contraction->getResult(0));
    return epilogues.match();
  }

  /// `ops`, which correspond, as one op at the place of the first.
  static ComprehensionOpInterface joinOps(ArrayRef<ComprehensionOpInterface> ops, IRMapping &mapping) {
    ComprehensionOpInterface first = ops.front();
    unsigned column = first.getNumResultIndices() - 1;
    MLIRContext *context = first->getContext();
    int64_t columns = 0;
    for (ComprehensionOpInterface op : ops)
      columns += op.getExtent(column).getConstant();
    OpBuilder builder(first);
    for (auto [number, read] : llvm::enumerate(first.getBodyBlock().getOps<ReadOp>())) {
      if (!isColumnWeight(first, read) || mapping.contains(read.getTensor()))
        continue;
      SmallVector<Attribute> paths;
      for (ComprehensionOpInterface op : ops) {
        auto same = *std::next(op.getBodyBlock().getOps<ReadOp>().begin(), number);
        llvm::append_range(paths, same.getTensor().getDefiningOp<WeightOp>().getPaths());
      }
      auto weight = read.getTensor().getDefiningOp<WeightOp>();
      SmallVector<Dim> shape(weight.getType().getShape());
      shape[0] = Dim::constant(columns);
      auto joined = cast<WeightOp>(builder.clone(*weight));
      joined.setPathsAttr(builder.getArrayAttr(paths));
      joined.getResult().setType(GraphTensorType::get(shape, weight.getType().getElementType()));
      mapping.map(read.getTensor(), joined.getResult());
    }
    auto joined = cast<ComprehensionOpInterface>(builder.clone(*first, mapping));
    SmallVector<IndexAttr> indices(first.getIndices());
    indices[column] = IndexAttr::get(context, indices[column].getName(), Dim::constant(columns));
    joined->setInherentAttr(StringAttr::get(context, "indices"), IndicesAttr::get(context, indices));
    SmallVector<Dim> shape(first.getTensorType().getShape());
    shape.back() = Dim::constant(columns);
    joined->getResult(0).setType(GraphTensorType::get(shape, first.getTensorType().getElementType()));
    SmallVector<Location> locations;
    for (ComprehensionOpInterface op : ops)
      locations.push_back(op->getLoc());
    joined->setLoc(builder.getFusedLoc(locations));
    return joined;
  }

  void join(ArrayRef<Product> group) {
    IRMapping mapping;
    SmallVector<ComprehensionOpInterface> contractions, epilogues;
    for (const Product &product : group) {
      contractions.push_back(product.contraction);
      if (product.epilogue)
        epilogues.push_back(product.epilogue);
    }
    ComprehensionOpInterface joined = joinOps(contractions, mapping);
    if (!epilogues.empty()) {
      mapping.map(contractions.front()->getResult(0), joined->getResult(0));
      joined = joinOps(epilogues, mapping);
    }
    Value result = joined->getResult(0);
    int64_t offset = 0;
    for (Product product : group) {
      for (Operation *user : llvm::make_early_inc_range(product.result().getUsers())) {
        auto read = cast<ReadOp>(user);
        OpBuilder builder(read);
        SmallVector<Value> subscripts(read.getSubscripts());
        if (offset)
          subscripts.back() = arith::AddIOp::create(builder, read.getLoc(), subscripts.back(),
                                                    arith::ConstantIndexOp::create(builder, read.getLoc(), offset));
        Value element = ReadOp::create(builder, read.getLoc(), read.getType(), result, subscripts, /*guarded=*/UnitAttr());
        read.replaceAllUsesWith(element);
        read.erase();
      }
      offset += product.last().getExtent(product.last().getNumResultIndices() - 1).getConstant();
      if (product.epilogue)
        product.epilogue->erase();
      product.contraction->erase();
    }
    numJoined += group.size();
  }
};

} // namespace
