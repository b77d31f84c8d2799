//===- Work.h - How much a kernel does ------------------------------------===//
//
// Closed forms over a kernel's sizes, or over a caller's dimensions. What bench divides
// by and what explain prints is this.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_DRIVER_WORK_H
#define HEDDLE_COMPILER_DRIVER_WORK_H

#include "compiler/Reference/Evaluator.h"
#include "dialects/Kernel/KernelOps.h"

namespace heddle::driver {

/// Multiplications of a kernel's contractions: sums whose terms multiply two different
/// values. A sum of squares is none. 0 where there are none.
Dim productsOf(kernel::FuncOp func);

/// Bytes of an argument that the kernel reads, each once: all of it, or what the indices
/// in its subscripts reach, where that is less (a row of a table for each token). Two
/// reads that reach equally many elements are taken to reach the same.
Dim bytesRead(kernel::FuncOp func, unsigned argument);

/// Bytes of a tensor without a layout.
Dim bytesOf(graph::GraphTensorType type);

/// What a form over the callee's sizes is at a call, over the caller's dimensions.
Dim atCall(Dim dim, kernel::FuncOp callee, kernel::CallOp call);

/// The value at given sizes; nothing where one is missing or it overflows.
std::optional<int64_t> evaluate(Dim dim, const reference::DimValues &dims);

/// In one word: contraction, rows, pointwise, cumulation, sort or writes.
llvm::StringRef kindOf(kernel::FuncOp func);

} // namespace heddle::driver

#endif // HEDDLE_COMPILER_DRIVER_WORK_H
