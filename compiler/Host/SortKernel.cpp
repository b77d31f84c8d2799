//===- SortKernel.cpp - Kernels that the runtime carries out --------------===//

#include "compiler/Host/SortKernel.h"

#include "compiler/Host/EmitObject.h"
#include "runtime/include/heddle/abi.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IRBuilder.h"

namespace heddle::host {

using namespace kernels;

bool isSortKernel(const Kernel &kernel) {
  return llvm::any_of(kernel.stages, [](const Stage &stage) { return stage.kind == StageKind::Sort; });
}

/// Does `expr` read whole rows of a dense input: at the result's indices but the
/// rank, and the bound one?
static bool isRows(const Kernel &kernel, const Stage &stage, const ExprRef &expr) {
  if (expr->op != Op::Read || expr->guarded)
    return false;
  const Tensor &tensor = kernel.tensors[expr->ref];
  if (tensor.role == Role::Local || tensor.role == Role::Output || tensor.layout.kind != Layout::Dense ||
      expr->args.size() != size_t(stage.numResultIndices))
    return false;
  for (size_t axis = 0; axis < expr->args.size(); ++axis) {
    int32_t index = axis + 1 < expr->args.size() ? int32_t(axis) : stage.numResultIndices;
    if (expr->args[axis]->op != Op::Index || expr->args[axis]->ref != index ||
        !(tensor.shape[axis] == stage.indices[index].extent))
      return false;
  }
  return true;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> emitSortKernel(const Kernel &kernel) {
  const Stage &stage = kernel.stages[0];
  const ExprRef &key = stage.values[0];
  auto typeOf = [&](const ExprRef &read) { return kernel.tensors[read->ref].type; };
  bool fits = kernel.stages.size() == 1 && stage.kind == StageKind::Sort && isRows(kernel, stage, key) &&
              (typeOf(key) == Type::F32 || typeOf(key) == Type::I32 || typeOf(key) == Type::I64) &&
              (!stage.condition || (isRows(kernel, stage, stage.condition) && typeOf(stage.condition) == Type::Bool));
  if (!fits)
    return llvm::createStringError("kernel " + kernel.name + ": only whole rows of a tensor are sorted");

  llvm::LLVMContext context;
  llvm::Module module(kernel.name + ".o", context);
  llvm::IRBuilder<> b(context);
  llvm::Type *pointer = b.getPtrTy(), *i32 = b.getInt32Ty(), *i64 = b.getInt64Ty();
  llvm::SmallVector<llvm::Type *> types{pointer};
  types.append(kernel.sizes.size(), i32);
  llvm::SmallVector<int> argumentOf(kernel.tensors.size(), -1);
  for (bool outputs : {false, true})
    for (size_t t = 0; t < kernel.tensors.size(); ++t)
      if ((kernel.tensors[t].role == Role::Output) == outputs) {
        argumentOf[t] = types.size();
        types.push_back(pointer);
      }
  auto *function = llvm::Function::Create(llvm::FunctionType::get(i32, types, false), llvm::Function::ExternalLinkage,
                                          kernel.name, module);
  b.SetInsertPoint(llvm::BasicBlock::Create(context, "", function));
  auto extent = [&](const Extent &of) -> llvm::Value * {
    return of.isConstant() ? static_cast<llvm::Value *>(b.getInt64(of.constant))
                           : b.CreateSExt(function->getArg(1 + of.size), i64);
  };
  auto host = [&](int32_t tensor) {
    constexpr uint64_t kHostOffset = 16; // of halide_buffer_t
    return b.CreateLoad(pointer, b.CreateInBoundsGEP(b.getInt8Ty(), function->getArg(argumentOf[tensor]), b.getInt64(kHostOffset)));
  };
  llvm::Value *rows = b.getInt64(1);
  for (int32_t i = 0; i + 1 < stage.numResultIndices; ++i)
    rows = b.CreateMul(rows, extent(stage.indices[i].extent));
  int32_t type = typeOf(key) == Type::F32 ? HD1_SORT_F32 : typeOf(key) == Type::I32 ? HD1_SORT_I32 : HD1_SORT_I64;
  llvm::Value *keep = llvm::ConstantPointerNull::get(b.getPtrTy());
  if (stage.condition)
    keep = host(stage.condition->ref);
  llvm::FunctionCallee sort = module.getOrInsertFunction(
      "hd1_sort", llvm::FunctionType::get(b.getVoidTy(), {pointer, pointer, pointer, i64, i64, i64, i32, i32}, false));
  b.CreateCall(sort, {host(key->ref), keep, host(stage.results[0]), rows, extent(stage.indices.back().extent),
                      extent(stage.indices[stage.numResultIndices - 1].extent), b.getInt32(type),
                      b.getInt32(stage.combiner == Combiner::Max)});
  b.CreateRet(b.getInt32(0));
  return emitObject(module, "kernel " + kernel.name);
}

} // namespace heddle::host
