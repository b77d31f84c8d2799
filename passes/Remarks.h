//===- Remarks.h - Why something was not done -----------------------------===//
//
// A pass that could have joined two things and did not says so where it decides:
// a missed remark of MLIR (`heddle-opt -remarks-filter-missed=fusion`), at the op
// that stays apart. `heddle explain` prints them. Without a remark engine in the
// context they cost a test of a pointer.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_PASSES_REMARKS_H
#define HEDDLE_PASSES_REMARKS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

namespace heddle::remarks {

/// Categories, the words of -remarks-filter-missed.
constexpr llvm::StringLiteral kFusion = "fusion"; ///< two ops are in two kernels
constexpr llvm::StringLiteral kInline = "inline"; ///< a map is not computed where it is read:
                                                  ///< they may still share a kernel
constexpr llvm::StringLiteral kTiles = "tiles";   ///< a sum of products is no contraction
constexpr llvm::StringLiteral kRows = "rows";     ///< leading axes are not one
constexpr llvm::StringLiteral kCopy = "copy";     ///< a kernel only copies

/// Keys of a remark's parts, beside MLIR's own Reason and Suggestion: the entry is
/// the remark's function.
constexpr llvm::StringLiteral kWith = "With", kReason = "Reason", kSuggestion = "Suggestion";

/// Says that `op` was not joined with `with` (null: with nothing else). `name` tells
/// the decision, `reason` the fact behind it, `suggestion` what would change it.
inline void missed(llvm::StringRef category, mlir::Operation *op, mlir::Operation *with, llvm::StringRef name,
                   const llvm::Twine &reason, llvm::StringRef suggestion) {
  mlir::Operation *entry = op->getParentOp();
  auto symbol = entry ? entry->getAttrOfType<mlir::StringAttr>("sym_name") : mlir::StringAttr();
  auto options = mlir::remark::RemarkOpts::name(name).category(category);
  if (symbol)
    options = options.function(symbol.getValue());
  auto remark = mlir::remark::missed(op->getLoc(), options);
  if (!remark)
    return;
  using Arg = mlir::remark::detail::Remark::Arg;
  if (with)
    remark << Arg(kWith, mlir::Attribute(mlir::LocationAttr(with->getLoc())));
  remark << Arg(kReason, reason.str()) << Arg(kSuggestion, suggestion);
}

} // namespace heddle::remarks

#endif // HEDDLE_PASSES_REMARKS_H
