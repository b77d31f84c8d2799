//===- DescribeScalar.h - Bodies of comprehensions as expressions ---------===//

#ifndef HEDDLE_COMPILER_PIPELINE_DESCRIBESCALAR_H
#define HEDDLE_COMPILER_PIPELINE_DESCRIBESCALAR_H

#include "compiler/Kernels/KernelDesc.h"
#include "dialects/Kernel/KernelOps.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Error.h"

#include <map>
#include <optional>

namespace heddle {

/// An error whose text begins with the place of `location`.
llvm::Error errorAt(mlir::Location location, const llvm::Twine &text);

/// A constant or a size of `func`; fails for another dimension.
llvm::Expected<kernels::Extent> describeExtent(kernel::FuncOp func, Dim dim,
                                               mlir::Location location);

/// The kernel library's name of an element or scalar type (index is I32, but where
/// its values may not fit);
/// fails for a type that tensors do not have.
llvm::Expected<kernels::Type> describeType(mlir::Type type, mlir::Location location);

/// Makes the expressions of one body; a value that is used twice is one node.
class ScalarDescriber {
public:
  /// `tensors`: positions in Kernel::tensors.
  ScalarDescriber(kernel::FuncOp func, const llvm::DenseMap<mlir::Value, int32_t> &tensors)
      : func(func), tensors(tensors) {}

  llvm::Expected<kernels::ExprRef> describe(mlir::Value value);
  /// The same as a subscript, which is I32: what does not fit is outside every axis.
  llvm::Expected<kernels::ExprRef> describePosition(mlir::Value value);

private:
  using Args = llvm::SmallVector<kernels::ExprRef, 3>;
  struct Range {
    int64_t least, most;
  };
  std::optional<Range> rangeOf(const kernels::ExprRef &expr);
  std::optional<Range> computeRange(const kernels::Expr &expr);
  kernels::ExprRef indexNode(kernels::Op op, kernels::Type type, Args args);


  llvm::Expected<kernels::ExprRef> describeOp(mlir::Operation &op);
  llvm::Expected<kernels::ExprRef> describeConstant(mlir::Operation &op, mlir::Attribute value);
  llvm::Expected<kernels::ExprRef> describeCompare(mlir::Operation &op, const Args &args);
  llvm::Expected<kernels::ExprRef> describeCast(mlir::Operation &op, const Args &args);
  llvm::Expected<kernels::ExprRef> describeDivision(mlir::Operation &op, const Args &args);

  kernel::FuncOp func;
  const llvm::DenseMap<mlir::Value, int32_t> &tensors;
  llvm::DenseMap<mlir::Value, kernels::ExprRef> known;
  /// Ranges of integers made of indices and sizes. None: data, which is trusted to
  /// fit where it was proved to be inside an axis.
  std::map<kernels::ExprRef, std::optional<Range>> ranges;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_PIPELINE_DESCRIBESCALAR_H
