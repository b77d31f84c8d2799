//===- Describe.cpp - A kernel of the IR as plain data --------------------===//

#include "compiler/Pipeline/Describe.h"

#include "compiler/Pipeline/DescribeScalar.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

namespace {

class KernelDescriber {
public:
  explicit KernelDescriber(kernel::FuncOp func) : func(func) {}

  llvm::Error describe();
  kernels::Kernel kernel;

private:
  llvm::Error addTensor(Value tensor, kernels::Role role, const char *prefix);
  llvm::Error addStage(ComprehensionOpInterface op);

  kernel::FuncOp func;
  llvm::DenseMap<Value, int32_t> tensors;
};

} // namespace

static kernels::StageKind stageKind(ComprehensionKind kind) {
  switch (kind) {
  case ComprehensionKind::Map: return kernels::StageKind::Map;
  case ComprehensionKind::Reduce: return kernels::StageKind::Reduce;
  case ComprehensionKind::ArgReduce: return kernels::StageKind::ArgReduce;
  case ComprehensionKind::Softmax: return kernels::StageKind::Softmax;
  case ComprehensionKind::Cumulate: return kernels::StageKind::Cumulate;
  case ComprehensionKind::Scatter: return kernels::StageKind::Scatter;
  case ComprehensionKind::Sort: return kernels::StageKind::Sort;
  }
  llvm_unreachable("all kinds are covered");
}

static kernels::Combiner combinerOf(Combiner combiner) {
  switch (combiner) {
  case Combiner::None: return kernels::Combiner::None;
  case Combiner::Sum: return kernels::Combiner::Sum;
  case Combiner::Prod: return kernels::Combiner::Prod;
  case Combiner::Min: return kernels::Combiner::Min;
  case Combiner::Max: return kernels::Combiner::Max;
  case Combiner::And: return kernels::Combiner::And;
  case Combiner::Or: return kernels::Combiner::Or;
  }
  llvm_unreachable("all combiners are covered");
}

llvm::Error KernelDescriber::addTensor(Value value, kernels::Role role, const char *prefix) {
  auto type = cast<GraphTensorType>(value.getType());
  kernels::Tensor tensor;
  tensor.name = prefix + std::to_string(kernel.tensors.size());
  tensor.role = role;
  llvm::Expected<kernels::Type> element = describeType(type.getElementType(), value.getLoc());
  if (!element)
    return element.takeError();
  tensor.type = *element;
  for (Dim dim : type.getShape()) {
    llvm::Expected<kernels::Extent> extent = describeExtent(func, dim, value.getLoc());
    if (!extent)
      return extent.takeError();
    tensor.shape.push_back(*extent);
  }
  if (PanelsAttr panels = type.getLayout()) {
    if (role != kernels::Role::Constant)
      return errorAt(value.getLoc(), "only a constant argument of a kernel has a layout");
    tensor.layout = {kernels::Layout::Panels, panels.getAxis(), panels.getWidth()};
  }
  tensors[value] = kernel.tensors.size();
  kernel.tensors.push_back(std::move(tensor));
  return llvm::Error::success();
}

llvm::Error KernelDescriber::addStage(ComprehensionOpInterface op) {
  kernels::Stage stage;
  stage.name = "s" + std::to_string(kernel.stages.size());
  stage.kind = stageKind(op.getKind());
  stage.combiner = combinerOf(op.getCombiner());
  stage.numResultIndices = op.getNumResultIndices();
  stage.axes.assign(op.getAxes().begin(), op.getAxes().end());
  stage.along.assign(op.getAlong().begin(), op.getAlong().end());
  for (IndexAttr index : op.getIndices()) {
    llvm::Expected<kernels::Extent> extent =
        describeExtent(func, index.getExtent(), op->getLoc());
    if (!extent)
      return extent.takeError();
    stage.indices.push_back({index.getName().str(), *extent});
  }
  // What a stage combines is numbered by one coordinate of 32 bits.
  double most = 1;
  for (auto [i, index] : llvm::enumerate(stage.indices))
    if (int32_t(i) >= stage.numResultIndices || llvm::is_contained(stage.along, int32_t(i)))
      most *= index.extent.isConstant() ? double(index.extent.constant) : double(kernel.sizes[index.extent.size].most);
  if (most > double(std::numeric_limits<int32_t>::max()) && stage.kind != kernels::StageKind::Scatter)
    return errorAt(op->getLoc(), "this combines more than 2147483647 elements to one, which kernels cannot count");
  if (Value base = op.getBaseTensor())
    stage.base = tensors.lookup(base);

  ScalarDescriber scalars(func, tensors);
  YieldOp yield = op.getYield();
  auto add = [&](Value value, auto &&take) -> llvm::Error {
    llvm::Expected<kernels::ExprRef> expr =
        value.getType().isIndex() ? scalars.describePosition(value) : scalars.describe(value);
    if (!expr)
      return expr.takeError();
    take(*expr);
    return llvm::Error::success();
  };
  for (Value value : yield.getValues())
    if (llvm::Error error = add(value, [&](auto expr) { stage.values.push_back(expr); }))
      return error;
  for (Value value : yield.getPosition())
    if (llvm::Error error = add(value, [&](auto expr) { stage.position.push_back(expr); }))
      return error;
  if (Value value = yield.getCondition())
    if (llvm::Error error = add(value, [&](auto expr) { stage.condition = expr; }))
      return error;
  for (Value result : op->getResults())
    stage.results.push_back(tensors.lookup(result));
  kernel.stages.push_back(std::move(stage));
  return llvm::Error::success();
}

llvm::Error KernelDescriber::describe() {
  kernel.name = func.getSymName().str();
  for (auto size : func.getSizes().getAsRange<SizeAttr>())
    kernel.sizes.push_back({size.getName().str(), size.getLeast(), size.getMost()});

  for (BlockArgument argument : func.getBody().getArguments()) {
    bool isConstant = func.isConstantArgument(argument.getArgNumber());
    if (llvm::Error error =
            addTensor(argument, isConstant ? kernels::Role::Constant : kernels::Role::Input,
                      isConstant ? "w" : "x"))
      return error;
  }
  for (Value result : func.getReturn().getResults())
    if (llvm::Error error = addTensor(result, kernels::Role::Output, "y"))
      return error;
  for (auto op : func.getBody().front().getOps<ComprehensionOpInterface>())
    for (Value result : op->getResults())
      if (!tensors.contains(result))
        if (llvm::Error error = addTensor(result, kernels::Role::Local, "t"))
          return error;
  for (auto op : func.getBody().front().getOps<ComprehensionOpInterface>())
    if (llvm::Error error = addStage(op))
      return error;
  return llvm::Error::success();
}

llvm::Expected<kernels::Kernel> heddle::describe(kernel::FuncOp func) {
  KernelDescriber describer(func);
  if (llvm::Error error = describer.describe())
    return std::move(error);
  return std::move(describer.kernel);
}
