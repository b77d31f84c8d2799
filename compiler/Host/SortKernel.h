//===- SortKernel.h - Kernels that the runtime carries out ----------------===//
//
// A sort is no loop nest that Halide would schedule: the runtime has a routine for
// it. What calls kernels need not know: the routine is called by a function that
// has the interface of a kernel.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_HOST_SORTKERNEL_H
#define HEDDLE_COMPILER_HOST_SORTKERNEL_H

#include "compiler/Kernels/KernelDesc.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace heddle::host {

/// Is there a stage that sorts? Then it is the kernel's only one.
bool isSortKernel(const kernels::Kernel &kernel);

/// An object that defines `kernel.name` as KernelDesc.h states and needs hd1_sort.
/// Fails where the keys, or what says which of them count, are not whole rows of a
/// tensor that the kernel is given.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> emitSortKernel(const kernels::Kernel &kernel);

} // namespace heddle::host

#endif // HEDDLE_COMPILER_HOST_SORTKERNEL_H
