//===- KernelBuilder.cpp - One group of comprehensions as a kernel --------===//
//
// Clones the ops of a group into a function of its own, renames dimensions to
// sizes and collapses rows on the way. Constants and extents move into the
// bodies: a body then says all that it computes.
//
//===----------------------------------------------------------------------===//

#include "passes/Outline/KernelBuilder.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::outline;
using namespace mlir;

namespace {

/// The dimensions of an entry as sizes of a kernel, in order of first use.
class Sizes {
public:
  explicit Sizes(Operation *at) : bounds(DimBounds::enclosing(at)) {}

  /// Makes symbols taken, so that no new size is called like one.
  void reserve(Dim dim) {
    for (StringRef symbol : dim.symbols())
      taken.insert(symbol);
  }

  /// A constant, or the size that stands for `dim`. `hint` names a composite.
  Dim get(Dim dim, StringRef hint = "n") {
    if (dim.isConstant())
      return dim;
    auto [entry, isNew] = sizes.insert({dim, dim});
    if (isNew && !dim.isSymbol())
      entry->second = Dim::symbol(unique(hint));
    return entry->second;
  }

  /// The declared sizes. Of a dimension without known bounds, those of int32.
  void list(MLIRContext *context, SmallVectorImpl<SizeAttr> &declared,
            SmallVectorImpl<Attribute> &values) {
    for (auto &[dim, symbol] : sizes) {
      Bounds known = dim.bounds(bounds);
      int64_t limit = INT32_MAX;
      int64_t least = std::clamp<int64_t>(known.least.value_or(0), 0, limit);
      int64_t most = std::clamp<int64_t>(known.most.value_or(limit), least, limit);
      declared.push_back(SizeAttr::get(context, symbol.getSymbol(), least, most));
      values.push_back(DimAttr::get(context, dim));
    }
  }

private:
  std::string unique(StringRef hint) {
    std::string name = hint.str();
    for (unsigned i = 1; !taken.insert(name).second; ++i)
      name = hint.str() + std::to_string(i);
    return name;
  }

  DimBounds bounds;
  llvm::StringSet<> taken;
  llvm::MapVector<Dim, Dim> sizes;
};

class GroupBuilder {
public:
  GroupBuilder(Group group) : group(group), rows(findRows(group)), sizes(group.front()) {
    for (ComprehensionOpInterface op : group)
      members.insert(op);
  }

  FailureOr<BuiltKernel> build(OpBuilder &builder, StringRef name);

private:
  void collectOperands();
  void collectResults();
  Dim rowDim();
  GraphTensorType convert(Value tensor);
  LogicalResult cloneOp(OpBuilder &builder, ComprehensionOpInterface op);
  void sinkConstants(Block &body);
  void collapseBody(ComprehensionOpInterface op);
  bool isInside(Value tensor) {
    return tensor.getDefiningOp() && members.contains(tensor.getDefiningOp());
  }

  Group group;
  Rows rows;
  Sizes sizes;
  SmallPtrSet<Operation *, 8> members;
  llvm::SetVector<Value> operands, results;
  IRMapping mapping;
};

} // namespace

void GroupBuilder::collectOperands() {
  for (ComprehensionOpInterface op : group) {
    if (Value base = op.getBaseTensor(); base && !isInside(base))
      operands.insert(base);
    for (Value tensor : op.getCapturedTensors())
      if (!isInside(tensor))
        operands.insert(tensor);
  }
}

void GroupBuilder::collectResults() {
  for (ComprehensionOpInterface op : group)
    for (Value result : op->getResults())
      for (Operation *user : result.getUsers()) {
        // A read stands in the body of the op that uses the tensor.
        Operation *owner = isa<ReadOp>(user) ? user->getParentOp() : user;
        if (!members.contains(owner))
          results.insert(result);
      }
}

Dim GroupBuilder::rowDim() {
  Dim product = Dim::constant(1);
  ComprehensionOpInterface first = group.front();
  for (unsigned i = 0; i < rows.count; ++i)
    product = product * first.getExtent(i);
  return sizes.get(product, "m");
}

/// The type in the kernel of a tensor of the entry.
GraphTensorType GroupBuilder::convert(Value tensor) {
  auto type = cast<GraphTensorType>(tensor.getType());
  ArrayRef<Dim> shape = type.getShape();
  SmallVector<Dim> converted;
  if (rows.count && (isInside(tensor) || rows.tensors.contains(tensor))) {
    converted.push_back(rowDim());
    shape = shape.drop_front(rows.count);
  }
  for (Dim dim : shape)
    converted.push_back(sizes.get(dim));
  return GraphTensorType::get(converted, type.getElementType(), type.getLayout());
}

/// Constants and extents that the body takes from outside come into it.
void GroupBuilder::sinkConstants(Block &body) {
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  llvm::MapVector<Value, Value> sunk;
  for (Operation &inner : llvm::make_early_inc_range(body))
    for (OpOperand &operand : inner.getOpOperands()) {
      Operation *source = operand.get().getDefiningOp();
      if (!source || source->getBlock() == &body ||
          isa<GraphTensorType>(operand.get().getType()))
        continue;
      Value &copy = sunk[operand.get()];
      if (!copy)
        copy = builder.clone(*source)->getResult(cast<OpResult>(operand.get()).getResultNumber());
      operand.set(copy);
    }
}

/// Replaces the first indices of the body by one.
void GroupBuilder::collapseBody(ComprehensionOpInterface op) {
  Block &body = op.getBodyBlock();
  Value row = body.insertArgument(0u, IndexType::get(op->getContext()), op->getLoc());
  for (auto read : body.getOps<ReadOp>()) {
    auto subscripts = read.getSubscripts();
    if (subscripts.size() < rows.count || subscripts[0] != body.getArgument(1))
      continue;
    SmallVector<Value> collapsed{row};
    llvm::append_range(collapsed, subscripts.drop_front(rows.count));
    read.getSubscriptsMutable().assign(collapsed);
  }
  body.eraseArguments(1, rows.count);
}

LogicalResult GroupBuilder::cloneOp(OpBuilder &builder, ComprehensionOpInterface op) {
  unsigned next = 0;
  for (int32_t count : op.getAxes()) {
    Dim extent = Dim::constant(1);
    for (int32_t i = 0; i < count; ++i)
      extent = extent * op.getExtent(next++);
    if (count > 1 && !extent.isConstant())
      return op->emitError("cannot make a kernel of a result axis that is made of several "
                           "indices and has the run-time extent ")
             << extent.str();
  }

  SmallVector<GraphTensorType> types;
  for (Value result : op->getResults())
    types.push_back(convert(result));
  auto copy = cast<ComprehensionOpInterface>(builder.clone(*op, mapping));
  for (auto [result, type] : llvm::zip(copy->getResults(), types))
    result.setType(type);
  copy->removeDiscardableAttr("kernel.group");
  sinkConstants(copy.getBodyBlock());

  MLIRContext *context = op->getContext();
  SmallVector<IndexAttr> indices;
  for (IndexAttr index : op.getIndices().drop_front(rows.count))
    indices.push_back(IndexAttr::get(context, index.getName(), sizes.get(index.getExtent())));
  auto setInherent = [&](StringRef name, Attribute value) {
    copy->setInherentAttr(StringAttr::get(context, name), value);
  };
  if (rows.count) {
    std::string name = "m";
    while (llvm::any_of(indices, [&](IndexAttr index) { return index.getName() == name; }))
      name += "_";
    indices.insert(indices.begin(), IndexAttr::get(context, name, rowDim()));
    collapseBody(copy);
    SmallVector<int32_t> axes{1};
    llvm::append_range(axes, op.getAxes().drop_front(rows.count));
    setInherent("axes", DenseI32ArrayAttr::get(context, axes));
    if (!op.getAlong().empty()) {
      SmallVector<int32_t> along;
      for (int32_t position : op.getAlong())
        along.push_back(position - rows.count + 1);
      setInherent("along", DenseI32ArrayAttr::get(context, along));
    }
  }
  setInherent("indices", IndicesAttr::get(context, indices));
  for (auto extent : copy.getBodyBlock().getOps<ExtentOp>())
    extent.setDimAttr(DimAttr::get(context, sizes.get(extent.getDim())));
  return success();
}

FailureOr<BuiltKernel> GroupBuilder::build(OpBuilder &builder, StringRef name) {
  collectOperands();
  collectResults();
  BuiltKernel built;
  if (results.empty())
    return built;
  if (rows.count < 2)
    rows.count = 0;

  for (ComprehensionOpInterface op : group) {
    for (IndexAttr index : op.getIndices())
      sizes.reserve(index.getExtent());
    for (auto read : op.getBodyBlock().getOps<ReadOp>())
      for (Dim dim : cast<GraphTensorType>(read.getTensor().getType()).getShape())
        sizes.reserve(dim);
    // Extents may also stand outside the body.
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (auto extent = operand.getDefiningOp<ExtentOp>())
          sizes.reserve(extent.getDim());
    });
  }

  SmallVector<Type> inputs, outputs;
  for (Value operand : operands)
    inputs.push_back(convert(operand));
  for (Value result : results)
    outputs.push_back(convert(result));
  Location loc = builder.getFusedLoc(
      llvm::map_to_vector(group, [](ComprehensionOpInterface op) { return op->getLoc(); }));
  auto func = kernel::FuncOp::create(builder, loc, name,
                                     builder.getFunctionType(inputs, outputs), {});
  Block &body = func.getBody().front();
  for (auto [operand, argument] : llvm::zip(operands, body.getArguments())) {
    mapping.map(operand, argument);
    if (operand.getDefiningOp<WeightOp>() || operand.getDefiningOp<GetGlobalOp>())
      func.setArgAttr(argument.getArgNumber(), "kernel.constant", builder.getUnitAttr());
  }
  OpBuilder inside = OpBuilder::atBlockEnd(&body);
  for (ComprehensionOpInterface op : group)
    if (failed(cloneOp(inside, op))) {
      func.erase();
      return failure();
    }
  SmallVector<Value> returned;
  for (Value result : results)
    returned.push_back(mapping.lookup(result));
  kernel::ReturnOp::create(inside, loc, returned);

  SmallVector<SizeAttr> declared;
  sizes.list(builder.getContext(), declared, built.sizes);
  func.setSizesAttr(builder.getArrayAttr(SmallVector<Attribute>(declared.begin(), declared.end())));
  built.func = func;
  built.operands = operands.takeVector();
  built.results = results.takeVector();
  return built;
}

FailureOr<BuiltKernel> outline::buildKernel(OpBuilder &builder, Group group, StringRef name) {
  return GroupBuilder(group).build(builder, name);
}
