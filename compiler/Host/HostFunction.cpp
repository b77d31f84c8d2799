//===- HostFunction.cpp - The C functions of a model ----------------------===//
//
// LLVM IR is built directly: the functions are straight lines of address
// arithmetic and calls, and a dialect between would only be a second spelling.
// (Loops and branches at run time will want scf, and with it the LLVM dialect.)
//
//===----------------------------------------------------------------------===//

#include "compiler/Host/HostFunction.h"

#include "compiler/Host/EmitObject.h"
#include "compiler/Host/Plan.h"
#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"
#include "runtime/include/heddle/abi.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace heddle::host {

namespace {

using LValue = llvm::Value;

/// Offset of `host` in halide_buffer_t and the size of the struct; the kernels
/// read nothing else of it.
constexpr uint64_t kHostOffset = 16, kBufferSize = 56;

class Host {
public:
  Host(mlir::ModuleOp module, const package::Signature &signature, const HostOptions &options)
      : module(module), signature(signature), options(options),
        ir(std::make_unique<llvm::Module>(signature.name, context)), b(context) {
    pointer = llvm::PointerType::get(context, 0);
    i64 = b.getInt64Ty();
    i32 = b.getInt32Ty();
  }

  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> emit();

private:
  llvm::FunctionCallee runtime(llvm::StringRef name, llvm::Type *result, llvm::ArrayRef<llvm::Type *> params) {
    auto *type = llvm::FunctionType::get(result, params, false);
    auto callee = ir->getOrInsertFunction(name, type);
    auto *function = llvm::cast<llvm::Function>(callee.getCallee());
    function->setVisibility(llvm::GlobalValue::HiddenVisibility);
    function->setDSOLocal(true);
    return callee;
  }
  llvm::Function *define(const std::string &name, llvm::Type *result, llvm::ArrayRef<llvm::Type *> params) {
    auto *function = llvm::Function::Create(llvm::FunctionType::get(result, params, false),
                                            llvm::GlobalValue::ExternalLinkage, name, ir.get());
    function->addFnAttr(llvm::Attribute::NoUnwind);
    b.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", function));
    return function;
  }
  LValue *text(llvm::StringRef string) {
    LValue *&global = texts[string];
    if (!global) {
      global = b.CreateGlobalString(string, "text");
      llvm::cast<llvm::GlobalVariable>(global)->setLinkage(llvm::GlobalValue::PrivateLinkage);
    }
    return global;
  }
  LValue *null() { return llvm::ConstantPointerNull::get(pointer); }
  LValue *at(LValue *base, uint64_t offset) { return b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), base, offset); }
  LValue *weights();
  llvm::GlobalVariable *constant(llvm::Constant *value, llvm::StringRef name);
  llvm::Constant *describePackage();

  LValue *dim(Dim value);
  LValue *atom(DimAtom atom);
  void check(LValue *status);
  void model();
  void workspace(mlir::func::FuncOp entry, const package::Entry &described);
  llvm::Error entry(mlir::func::FuncOp entry, const package::Entry &described);

  mlir::ModuleOp module;
  const package::Signature &signature;
  const HostOptions &options;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir;
  llvm::IRBuilder<> b;
  llvm::PointerType *pointer;
  llvm::Type *i64, *i32;
  llvm::StringMap<LValue *> texts;
  std::map<std::string, LValue *> symbols; ///< run-time dimensions of the function
  llvm::StringMap<uint64_t> kernels;       ///< places in the variants' tables
};

LValue *Host::atom(DimAtom value) {
  switch (value.kind()) {
  case DimAtom::Symbol:
    return symbols.at(value.name().str());
  case DimAtom::FloorDiv:
  case DimAtom::Mod: {
    // The divisor is positive; the quotient rounds down.
    LValue *x = dim(value.lhs()), *y = dim(value.rhs());
    LValue *rest = b.CreateSRem(x, y);
    LValue *negative = b.CreateICmpSLT(rest, llvm::ConstantInt::get(i64, 0));
    LValue *up = b.CreateSelect(negative, y, llvm::ConstantInt::get(i64, 0));
    rest = b.CreateAdd(rest, up);
    return value.kind() == DimAtom::Mod ? rest : b.CreateSDiv(b.CreateSub(x, rest), y);
  }
  case DimAtom::Min:
  case DimAtom::Max: {
    LValue *x = dim(value.lhs()), *y = dim(value.rhs());
    LValue *less = b.CreateICmpSLT(x, y);
    return value.kind() == DimAtom::Min ? b.CreateSelect(less, x, y) : b.CreateSelect(less, y, x);
  }
  }
  llvm_unreachable("all atoms are covered");
}

LValue *Host::dim(Dim value) {
  LValue *sum = nullptr;
  for (const DimTerm &term : value.terms()) {
    LValue *product = llvm::ConstantInt::getSigned(i64, term.coefficient);
    for (auto [factor, power] : term.factors)
      for (unsigned i = 0; i < power; ++i)
        product = b.CreateMul(product, atom(factor));
    sum = sum ? b.CreateAdd(sum, product) : product;
  }
  return sum ? sum : llvm::ConstantInt::get(i64, 0);
}

/// Returns `status` at once unless it is 0.
void Host::check(LValue *status) {
  llvm::Function *function = b.GetInsertBlock()->getParent();
  auto *failed = llvm::BasicBlock::Create(context, "failed", function);
  auto *next = llvm::BasicBlock::Create(context, "next", function);
  b.CreateCondBr(b.CreateICmpNE(status, llvm::ConstantInt::get(i32, 0)), failed, next);
  b.SetInsertPoint(failed);
  b.CreateRet(status);
  b.SetInsertPoint(next);
}

LValue *Host::weights() {
  if (!options.hasWeights)
    return null();
  std::string name = weightsSymbol(signature);
  auto *global = ir->getNamedGlobal(name);
  if (!global) {
    global = new llvm::GlobalVariable(*ir, llvm::ArrayType::get(b.getInt8Ty(), 0), /*isConstant=*/true,
                                      llvm::GlobalValue::ExternalLinkage, nullptr, name);
    global->setVisibility(llvm::GlobalValue::HiddenVisibility);
    global->setDSOLocal(true);
  }
  return global;
}

llvm::GlobalVariable *Host::constant(llvm::Constant *value, llvm::StringRef name) {
  auto *global = new llvm::GlobalVariable(*ir, value->getType(), /*isConstant=*/true,
                                          llvm::GlobalValue::PrivateLinkage, value, name);
  global->setAlignment(llvm::Align(8));
  return global;
}

/// The hd1_package of the object.
llvm::Constant *Host::describePackage() {
  std::vector<llvm::StringRef> names(kernels.size());
  for (const auto &kernel : kernels)
    names[kernel.second] = kernel.first();
  auto asConstant = [](LValue *value) { return llvm::cast<llvm::Constant>(value); };
  auto number = [](llvm::Type *type, uint64_t value) { return llvm::ConstantInt::get(type, value); };
  llvm::SmallVector<llvm::Constant *> variants;
  for (const HostVariant &variant : options.variants) {
    llvm::SmallVector<llvm::Constant *> table;
    for (llvm::StringRef name : names)
      table.push_back(asConstant(runtime(variant.kernelSymbol(name), b.getVoidTy(), {}).getCallee()));
    llvm::Constant *address = llvm::ConstantPointerNull::get(pointer);
    if (!table.empty())
      address = constant(llvm::ConstantArray::get(llvm::ArrayType::get(pointer, table.size()), table), "kernels");
    auto *target = llvm::ConstantDataArray::getString(context, variant.target);
    variants.push_back(llvm::ConstantStruct::getAnon(
        {constant(target, "target"), number(i32, variant.features), number(i32, 0), address}));
  }
  auto *list = llvm::ConstantArray::get(llvm::ArrayType::get(variants[0]->getType(), variants.size()), variants);
  auto *value = llvm::ConstantStruct::getAnon(
      {number(i64, signature.abiHash), constant(list, "variants"), number(i32, variants.size()), number(i32, 0),
       asConstant(weights()), number(i64, options.weightsSize), number(i64, options.weightsLayout)});
  return constant(value, "package");
}

void Host::model() {
  auto open = runtime("hd1_open", i32, {pointer, pointer, pointer});
  llvm::Constant *described = describePackage();
  for (const std::string &name : {package::abiSymbol(signature), signature.name + "_open"}) {
    llvm::Function *function = define(name, i32, {pointer, pointer});
    b.CreateRet(b.CreateCall(open, {function->getArg(0), function->getArg(1), described}));
  }
  llvm::Function *close = define(signature.name + "_close", b.getVoidTy(), {pointer});
  b.CreateCall(runtime("hd1_close", b.getVoidTy(), {pointer}), {close->getArg(0)});
  b.CreateRetVoid();
  llvm::Function *target = define(signature.name + "_target", pointer, {pointer});
  b.CreateRet(b.CreateCall(runtime("hd1_target", pointer, {pointer}), {target->getArg(0)}));
  define(signature.name + "_abi", i64, {});
  b.CreateRet(llvm::ConstantInt::get(i64, signature.abiHash));
}

void Host::workspace(mlir::func::FuncOp entry, const package::Entry &described) {
  std::vector<llvm::Type *> params(described.dims.size(), i64);
  llvm::Function *function = define(signature.name + "_" + described.name + "_workspace", i64, params);
  symbols.clear();
  for (auto [i, d] : llvm::enumerate(described.dims))
    symbols[d.name] = function->getArg(i);
  Plan layout = plan(entry);
  b.CreateRet(dim(layout.offset(layout.slots.size())));
}

llvm::Error Host::entry(mlir::func::FuncOp op, const package::Entry &described) {
  package::ArgsLayout layout = package::layOutArgs(described);
  llvm::Function *function = define(signature.name + "_" + described.name, i32, {pointer, pointer, pointer, i64});
  LValue *handle = function->getArg(0), *args = function->getArg(1), *space = function->getArg(2), *size = function->getArg(3);
  LValue *name = text(described.name);

  // Nowhere to write a message to.
  check(b.CreateSelect(b.CreateICmpEQ(args, null()), llvm::ConstantInt::get(i32, HEDDLE_NULL_POINTER),
                       llvm::ConstantInt::get(i32, 0)));
  LValue *message = at(args, layout.messageOffset);
  b.CreateStore(b.getInt8(0), message);
  check(b.CreateCall(runtime("hd1_check_model", i32, {pointer, pointer, pointer, i64}),
                     {message, name, handle, llvm::ConstantInt::get(i64, signature.abiHash)}));

  auto fieldOf = [&](package::Field::Kind kind, size_t index) -> const package::Field & {
    for (const package::Field &field : layout.fields)
      if (field.kind == kind && field.index == index)
        return field;
    llvm_unreachable("every value has a field");
  };
  symbols.clear();
  for (auto [i, d] : llvm::enumerate(described.dims)) {
    LValue *value = b.CreateLoad(i64, at(args, fieldOf(package::Field::DimField, i).offset));
    symbols[d.name] = value;
    check(b.CreateCall(runtime("hd1_check_dim", i32, {pointer, pointer, pointer, i64, i64, i64, pointer}),
                       {message, name, text(d.name), value, llvm::ConstantInt::getSigned(i64, d.least),
                        llvm::ConstantInt::getSigned(i64, d.most), d.mostName.empty() ? null() : text(d.mostName)}));
  }
  if (auto facts = op->getAttrOfType<mlir::ArrayAttr>("graph.facts"))
    for (auto [fact, words] : llvm::zip(facts.getAsRange<graph::FactAttr>(), described.facts)) {
      LValue *value = dim(fact.getValue()), *zero = llvm::ConstantInt::get(i64, 0);
      LValue *holds = fact.getKind() == graph::FactKind::Zero ? b.CreateICmpEQ(value, zero) : b.CreateICmpSGE(value, zero);
      check(b.CreateCall(runtime("hd1_check_fact", i32, {pointer, pointer, pointer, i32}),
                         {message, name, text(words), b.CreateZExt(holds, i32)}));
    }

  // Addresses of parameters and results.
  llvm::DenseMap<mlir::Value, LValue *> addresses;
  llvm::SmallVector<LValue *> results;
  auto address = [&](const package::Field &field) -> LValue * {
    LValue *place = at(args, field.offset);
    return field.isPointer ? b.CreateLoad(pointer, place) : place;
  };
  auto checkPointer = [&](const package::Field &field, LValue *value, mlir::Type type) {
    if (!field.isPointer)
      return;
    // A tensor without elements needs no memory.
    LValue *elements = dim(mlir::cast<graph::GraphTensorType>(type).getNumElements());
    LValue *isEmpty = b.CreateICmpEQ(elements, llvm::ConstantInt::get(i64, 0));
    LValue *checked = b.CreateSelect(isEmpty, args, value);
    check(b.CreateCall(runtime("hd1_check_pointer", i32, {pointer, pointer, pointer, pointer}),
                       {message, name, text(field.name), checked}));
  };
  for (unsigned i = 0; i < op.getNumArguments(); ++i) {
    const package::Field &field = fieldOf(package::Field::ParamField, i);
    addresses[op.getArgument(i)] = address(field);
    checkPointer(field, addresses[op.getArgument(i)], op.getArgumentTypes()[i]);
  }
  for (unsigned i = 0; i < op.getNumResults(); ++i) {
    const package::Field &field = fieldOf(package::Field::ResultField, i);
    results.push_back(address(field));
    checkPointer(field, results[i], op.getResultTypes()[i]);
  }
  for (unsigned i = 0; i < op.getNumArguments(); ++i) {
    auto bound = op.getArgAttrOfType<graph::DimAttr>(i, "graph.bound");
    if (!bound)
      continue;
    auto type = mlir::cast<graph::GraphTensorType>(op.getArgumentTypes()[i]);
    mlir::Type element = type.getElementType();
    std::string suffix = element.isInteger(64) ? "i64" : element.isInteger(32) ? "i32"
                         : element.isUnsignedInteger() ? "u8" : "i8";
    LValue *shape = null();
    if (type.getRank()) {
      llvm::IRBuilder<>::InsertPointGuard guard(b);
      b.SetInsertPoint(&function->getEntryBlock(), function->getEntryBlock().begin());
      shape = b.CreateAlloca(llvm::ArrayType::get(i64, type.getRank()));
    }
    for (unsigned axis = 0; axis < type.getRank(); ++axis)
      b.CreateStore(dim(type.getShape()[axis]), at(shape, 8 * axis));
    check(b.CreateCall(runtime("hd1_check_range_" + suffix, i32, {pointer, pointer, pointer, pointer, i32, pointer, i64}),
                       {message, name, text(described.params[i].name), addresses[op.getArgument(i)],
                        llvm::ConstantInt::get(i32, type.getRank()), shape, dim(bound.getValue())}));
  }
  Plan slots = plan(op);
  LValue *need = dim(slots.offset(slots.slots.size()));
  check(b.CreateCall(runtime("hd1_check_workspace", i32, {pointer, pointer, pointer, i64, i64}),
                     {message, name, space, size, need}));

  // Kernels.
  auto terminator = mlir::cast<mlir::func::ReturnOp>(op.getBody().front().getTerminator());
  llvm::DenseMap<mlir::Value, LValue *> outputs;
  for (auto [i, value] : llvm::enumerate(terminator.getOperands()))
    outputs[value] = results[i];
  LValue *packed = nullptr, *table = nullptr;
  unsigned mostBuffers = 0;
  for (auto call : op.getOps<kernel::CallOp>())
    mostBuffers = std::max<unsigned>(mostBuffers, call.getOperands().size() + call.getResults().size());
  LValue *buffers;
  {
    llvm::IRBuilder<>::InsertPointGuard guard(b);
    b.SetInsertPoint(&function->getEntryBlock(), function->getEntryBlock().begin());
    auto *alloca = b.CreateAlloca(llvm::ArrayType::get(b.getInt8Ty(), std::max(1u, mostBuffers) * kBufferSize));
    alloca->setAlignment(llvm::Align(16));
    buffers = alloca;
  }
  b.CreateMemSet(buffers, b.getInt8(0), std::max(1u, mostBuffers) * kBufferSize, llvm::Align(16));
  llvm::SmallVector<LValue *> offsets{llvm::ConstantInt::get(i64, 0)};
  for (Dim slot : slots.slots)
    offsets.push_back(b.CreateAdd(offsets.back(), dim(slot)));

  for (mlir::Operation &inner : op.getBody().front()) {
    if (mlir::isa<graph::WeightOp, graph::GetGlobalOp>(inner)) {
      if (!packed)
        packed = b.CreateLoad(pointer, at(handle, offsetof(hd1_model, weights)));
      addresses[inner.getResult(0)] = at(packed, options.weightOffset(&inner));
      continue;
    }
    auto call = mlir::dyn_cast<kernel::CallOp>(inner);
    if (!call)
      continue;
    for (mlir::Value value : call.getResults())
      addresses[value] = outputs.count(value) ? outputs[value]
                                              : b.CreateInBoundsGEP(b.getInt8Ty(), space, offsets[slots.slotOf.lookup(value)]);
    llvm::SmallVector<LValue *> arguments{handle};
    llvm::SmallVector<llvm::Type *> types{pointer};
    for (mlir::Attribute value : call.getSizeValues()) {
      arguments.push_back(b.CreateTrunc(dim(mlir::cast<graph::DimAttr>(value).getValue()), i32));
      types.push_back(i32);
    }
    unsigned next = 0;
    auto pass = [&](mlir::Value value) {
      LValue *buffer = at(buffers, kBufferSize * next++);
      b.CreateStore(addresses.lookup(value), at(buffer, kHostOffset));
      arguments.push_back(buffer);
      types.push_back(pointer);
    };
    for (mlir::Value operand : call.getOperands())
      pass(operand);
    for (mlir::Value result : call.getResults())
      pass(result);
    if (!table)
      table = b.CreateLoad(pointer, at(handle, offsetof(hd1_model, kernels)));
    uint64_t place = kernels.try_emplace(call.getCallee(), kernels.size()).first->second;
    LValue *kernel = b.CreateLoad(pointer, at(table, 8 * place));
    b.CreateCall(llvm::FunctionType::get(i32, types, false), kernel, arguments);
  }
  b.CreateRet(b.CreateCall(runtime("hd1_check_run", i32, {pointer, pointer, pointer}), {message, name, handle}));
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> Host::emit() {
  for (auto [op, described] : llvm::zip(module.getOps<mlir::func::FuncOp>(), signature.entries)) {
    workspace(op, described);
    if (llvm::Error failure = entry(op, described))
      return std::move(failure);
  }
  model(); // the entries have numbered the kernels
  return emitObject(*ir, "the host functions");
}

} // namespace

std::string weightsSymbol(const package::Signature &signature) { return signature.name + "_weights"; }

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
emitHostObject(mlir::ModuleOp module, const package::Signature &signature, const HostOptions &options) {
  return Host(module, signature, options).emit();
}

} // namespace heddle::host
