//===- KernelBuilder.h - One group of comprehensions as a kernel ----------===//

#ifndef HEDDLE_PASSES_OUTLINE_KERNELBUILDER_H
#define HEDDLE_PASSES_OUTLINE_KERNELBUILDER_H

#include "dialects/Kernel/KernelOps.h"

#include "llvm/ADT/SmallPtrSet.h"

namespace heddle::outline {

using Group = llvm::ArrayRef<graph::ComprehensionOpInterface>;

/// The leading indices of a group that collapse to one.
struct Rows {
  unsigned count = 0; ///< how many indices; fewer than two: none collapse
  /// The tensors from outside whose first `count` axes collapse as well. Those
  /// that the group computes all do.
  llvm::SmallPtrSet<mlir::Value, 8> tensors;
};

/// The most leading indices that every op of the group has alike, and that are
/// used only to read whole leading axes, in order. One index stays apart from
/// them in the op of the highest rank: columns are not rows.
Rows findRows(Group group);

/// A kernel and what a call of it takes and gives.
struct BuiltKernel {
  kernel::FuncOp func;
  llvm::SmallVector<mlir::Value> operands;
  llvm::SmallVector<mlir::Value> results;    ///< values of the group, used outside
  llvm::SmallVector<mlir::Attribute> sizes;  ///< dimensions of the caller
};

/// Builds the kernel of `group` (ops of one entry, in order) called `name` at
/// the builder's place; the group itself is unchanged. A null function where no
/// result is used outside. Fails with an error at an op whose dimensions are no
/// sizes: a result axis made of several indices of which one is a run-time one.
mlir::FailureOr<BuiltKernel> buildKernel(mlir::OpBuilder &builder, Group group,
                                         llvm::StringRef name);

} // namespace heddle::outline

#endif // HEDDLE_PASSES_OUTLINE_KERNELBUILDER_H
