//===- KernelOps.h - The kernel dialect -----------------------------------===//
//
// Kernels and calls of them. Their meaning is in KernelOps.td.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_DIALECTS_KERNEL_KERNELOPS_H
#define HEDDLE_DIALECTS_KERNEL_KERNELOPS_H

#include "dialects/Graph/GraphOps.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

#include "dialects/Kernel/KernelDialect.h.inc"

namespace heddle::kernel {
class ReturnOp;
} // namespace heddle::kernel

#define GET_OP_CLASSES
#include "dialects/Kernel/KernelOps.h.inc"

#endif // HEDDLE_DIALECTS_KERNEL_KERNELOPS_H
