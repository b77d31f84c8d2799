//===- Evaluator.cpp - The judge of every op, pass and kernel -------------===//

#include "compiler/Reference/Evaluator.h"

#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heddle::reference {

using namespace mlir;

Storage storageOf(Type element) {
  if (element.isF16()) return Storage::F16;
  if (element.isBF16()) return Storage::BF16;
  if (element.isF32()) return Storage::F32;
  if (element.isF64()) return Storage::F64;
  switch (element.getIntOrFloatBitWidth()) {
  case 1:  return Storage::Bool;
  case 8:  return element.isUnsignedInteger() ? Storage::U8 : Storage::I8;
  case 64: return Storage::I64;
  default: return Storage::I32;
  }
}

static std::optional<Storage> storageOf(weights::ElementType type) {
  switch (type) {
  case weights::ElementType::Bool: return Storage::Bool;
  case weights::ElementType::I8:   return Storage::I8;
  case weights::ElementType::U8:   return Storage::U8;
  case weights::ElementType::I32:  return Storage::I32;
  case weights::ElementType::I64:  return Storage::I64;
  case weights::ElementType::F16:  return Storage::F16;
  case weights::ElementType::BF16: return Storage::BF16;
  case weights::ElementType::F32:  return Storage::F32;
  case weights::ElementType::F64:  return Storage::F64;
  default: return std::nullopt;
  }
}

llvm::Expected<Tensor> Evaluator::weight(Operation *op) {
  auto weight = cast<graph::WeightOp>(op);
  auto type = cast<graph::GraphTensorType>(weight.getType());
  if (!checkpoint)
    return llvm::createStringError("no checkpoint was given, and a weight is read");
  llvm::SmallVector<int64_t> shape;
  for (Dim dim : type.getShape())
    shape.push_back(dim.getConstant());
  auto find = [&](Attribute path) -> llvm::Expected<const weights::TensorEntry *> {
    llvm::StringRef name = cast<StringAttr>(path).getValue();
    if (const weights::TensorEntry *entry = checkpoint->find(name))
      return entry;
    return llvm::createStringError("no tensor \"" + name + "\" in the checkpoint");
  };
  // One tensor of the declared type is read where it lies.
  if (!weight.getStacked() && weight.getPaths().size() == 1) {
    llvm::Expected<const weights::TensorEntry *> entry = find(weight.getPaths()[0]);
    if (!entry)
      return entry.takeError();
    std::optional<Storage> stored = storageOf((*entry)->dtype), wanted = storageOf(type.getElementType());
    bool narrows = wanted == Storage::F16 || wanted == Storage::BF16;
    if (stored && (!narrows || stored == wanted) && int64_t((*entry)->count()) == Tensor::view(*stored, shape, nullptr).count())
      return Tensor::view(*stored, shape, (*entry)->bytes.data());
  }
  Tensor stacked = Tensor::make(storageOf(type.getElementType()), shape);
  int64_t at = 0;
  for (Attribute path : weight.getPaths()) {
    llvm::Expected<const weights::TensorEntry *> entry = find(path);
    if (!entry)
      return entry.takeError();
    int64_t count = (*entry)->count();
    if (at + count > stacked.count())
      return llvm::createStringError("the parts of a stacked weight are larger than declared");
    if (isReal(stacked.storage)) {
      llvm::MutableArrayRef<double> out(stacked.mutableData<double>() + at, count);
      if (llvm::Error error = checkpoint->readElements(**entry, 0, out))
        return std::move(error);
      for (double &value : out)
        value = type.getElementType().isF16() ? roundToHalf(value)
                : type.getElementType().isBF16() ? roundToBFloat(value) : value;
    } else {
      std::vector<int64_t> integers(count);
      if (llvm::Error error = checkpoint->readElements(**entry, 0, llvm::MutableArrayRef<int64_t>(integers)))
        return std::move(error);
      for (int64_t i = 0; i < count; ++i) {
        if (stacked.storage == Storage::Bool)
          stacked.mutableData<uint8_t>()[at + i] = integers[i] != 0;
        else
          stacked.mutableData<int64_t>()[at + i] = integers[i];
      }
    }
    at += count;
  }
  return stacked;
}

llvm::Expected<Tensor> Evaluator::global(llvm::StringRef name) {
  if (auto it = globals.find(name.str()); it != globals.end())
    return it->second;
  auto op = module.lookupSymbol<graph::GlobalOp>(name);
  if (!op)
    return llvm::createStringError("no graph.global @" + name);
  llvm::DenseMap<Value, Tensor> values;
  llvm::Expected<std::vector<Tensor>> result = block(op.getBody().front(), values, {}, /*bounds=*/false);
  if (!result)
    return result.takeError();
  return globals[name.str()] = (*result)[0];
}

llvm::Error Evaluator::evaluate(Operation &op, llvm::DenseMap<Value, Tensor> &values, const DimValues &dims, bool bounds) {
  if (isa<graph::ComprehensionOpInterface>(op))
    return comprehension(op, values, dims, bounds);
  if (isa<graph::WeightOp>(op)) {
    llvm::Expected<Tensor> value = weight(&op);
    if (!value)
      return value.takeError();
    values[op.getResult(0)] = std::move(*value);
    return llvm::Error::success();
  }
  if (auto get = dyn_cast<graph::GetGlobalOp>(op)) {
    llvm::Expected<Tensor> value = global(get.getGlobal());
    if (!value)
      return value.takeError();
    values[get.getResult()] = std::move(*value);
    return llvm::Error::success();
  }
  if (auto call = dyn_cast<kernel::CallOp>(op)) {
    auto callee = module.lookupSymbol<kernel::FuncOp>(call.getCallee());
    DimValues sizes;
    for (auto [size, dim] : llvm::zip(callee.getSizes(), call.getSizeValues())) {
      std::optional<int64_t> value = cast<graph::DimAttr>(dim).getValue().evaluate(
          [&](llvm::StringRef symbol) -> std::optional<int64_t> {
            auto it = dims.find(symbol.str());
            return it == dims.end() ? std::nullopt : std::optional<int64_t>(it->second);
          });
      if (!value)
        return llvm::createStringError("a size of a kernel is not known");
      sizes[cast<graph::SizeAttr>(size).getName().str()] = *value;
    }
    std::vector<Tensor> operands;
    for (auto [operand, type] : llvm::zip(call.getOperands(), callee.getArgumentTypes())) {
      operands.push_back(values[operand]);
      // Leading axes may be merged in the kernel.
      llvm::SmallVector<int64_t> shape;
      for (Dim dim : cast<graph::GraphTensorType>(type).getShape())
        shape.push_back(*dim.evaluate([&](llvm::StringRef s) { return std::optional<int64_t>(sizes.at(s.str())); }));
      operands.back().shape = shape;
    }
    llvm::Expected<std::vector<Tensor>> results = run(callee, operands, sizes, bounds);
    if (!results)
      return results.takeError();
    if (onCall)
      onCall(&op, operands, *results, sizes);
    for (auto [result, tensor] : llvm::zip(call.getResults(), *results)) {
      llvm::SmallVector<int64_t> shape;
      for (Dim dim : cast<graph::GraphTensorType>(result.getType()).getShape())
        shape.push_back(*dim.evaluate([&](llvm::StringRef s) { return std::optional<int64_t>(dims.at(s.str())); }));
      tensor.shape = shape;
      values[result] = std::move(tensor);
    }
    return llvm::Error::success();
  }
  if (isa<arith::ConstantOp, graph::ExtentOp>(op))
    return llvm::Error::success(); // read by the bodies that use them
  std::string place;
  llvm::raw_string_ostream(place) << op.getLoc();
  return llvm::createStringError(place + ": the reference evaluator cannot evaluate '" + op.getName().getStringRef() + "'");
}

llvm::Expected<std::vector<Tensor>> Evaluator::block(Block &body, llvm::DenseMap<Value, Tensor> &values,
                                                     const DimValues &dims, bool bounds) {
  // A tensor is dropped after its last use, so that a deep model fits.
  llvm::DenseMap<Value, Operation *> lastUse;
  for (Operation &op : body)
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (isa<graph::GraphTensorType>(operand.getType()))
          lastUse[operand] = &op;
    });
  llvm::DenseMap<Operation *, llvm::SmallVector<Value>> dead;
  for (auto &[value, op] : lastUse)
    dead[op].push_back(value);
  for (Operation &op : body.without_terminator()) {
    if (llvm::Error error = evaluate(op, values, dims, bounds))
      return std::move(error);
    for (Value value : dead[&op])
      values.erase(value);
  }
  std::vector<Tensor> results;
  for (Value operand : body.getTerminator()->getOperands())
    results.push_back(values[operand]);
  return results;
}

llvm::Expected<std::vector<Tensor>> Evaluator::run(Operation *function, llvm::ArrayRef<Tensor> inputs,
                                                   const DimValues &dims, bool bounds) {
  Block &body = function->getRegion(0).front();
  llvm::DenseMap<Value, Tensor> values;
  for (auto [argument, input] : llvm::zip_equal(body.getArguments(), inputs))
    values[argument] = input;
  return block(body, values, dims, bounds);
}

} // namespace heddle::reference
