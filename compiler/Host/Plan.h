//===- Plan.h - Where values lie in the workspace -------------------------===//
//
// Values between kernels live in slots of the caller's workspace. A slot is used
// again once its value has had its last reader; kernels never have the same
// memory as input and output. Sizes are closed forms of the run-time dimensions,
// so the exact workspace is known and printed.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_HOST_PLAN_H
#define HEDDLE_COMPILER_HOST_PLAN_H

#include "dialects/Graph/Dim.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Error.h"

namespace heddle::host {

struct Plan {
  std::vector<Dim> slots;                        ///< bytes of each, multiples of 64
  llvm::DenseMap<mlir::Value, unsigned> slotOf;  ///< of results that are not returned

  /// Bytes before slot `index`; of all for index == slots.size().
  Dim offset(unsigned index) const;
};

/// Bytes of a tensor's elements.
int64_t elementBytes(mlir::Type element);

/// An error unless a host function can be made of `entry`: weights, globals and
/// calls of kernels, which return different results of kernels; a text for each
/// fact; and no tensor whose elements might not be counted in 32 bits. The
/// functions below and emitHostObject rely on it.
llvm::Error checkEntry(mlir::func::FuncOp entry);

/// Plans an entry of kernel calls.
Plan plan(mlir::func::FuncOp entry);

} // namespace heddle::host

#endif // HEDDLE_COMPILER_HOST_PLAN_H
