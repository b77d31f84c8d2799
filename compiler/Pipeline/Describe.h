//===- Describe.h - A kernel of the IR as plain data ----------------------===//

#ifndef HEDDLE_COMPILER_PIPELINE_DESCRIBE_H
#define HEDDLE_COMPILER_PIPELINE_DESCRIBE_H

#include "compiler/Kernels/KernelDesc.h"
#include "dialects/Kernel/KernelOps.h"

#include "llvm/Support/Error.h"

namespace heddle {

/// What `func` computes, for the kernel library: one stage for each
/// comprehension, and the tensors in the order arguments (position in `tensors`
/// = position of the argument), results, locals. Fails, with the place in the
/// message, at an op or a dimension that kernels do not know.
llvm::Expected<kernels::Kernel> describe(kernel::FuncOp func);

} // namespace heddle

#endif // HEDDLE_COMPILER_PIPELINE_DESCRIBE_H
