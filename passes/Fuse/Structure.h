//===- Structure.h - What fusion asks of a comprehension ------------------===//

#ifndef HEDDLE_PASSES_FUSE_STRUCTURE_H
#define HEDDLE_PASSES_FUSE_STRUCTURE_H

#include "dialects/Graph/GraphOps.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallBitVector.h"

namespace heddle::fuse {

/// The indices of `op` on which `value`, of its body, depends.
llvm::SmallBitVector indicesOf(graph::ComprehensionOpInterface op, mlir::Value value);

/// The ops of the body that `value` is computed by, its own last.
llvm::SetVector<mlir::Operation *> sliceOf(graph::ComprehensionOpInterface op, mlir::Value value);

/// A sum of products of two reads (or padded reads), each of which depends on an index of the
/// result that the other lacks: what a matrix product is, whatever it is called.
bool isContraction(graph::ComprehensionOpInterface op);

/// It would be one if both factors were plain reads.
bool wouldBeContraction(graph::ComprehensionOpInterface op);

/// Every read of `tensor` in `op` is at the element that `op` computes.
bool readsOwnElement(graph::ComprehensionOpInterface op, mlir::Value tensor);

/// The number of leading result indices along which rows of `op` are computed
/// apart: axes of one index, before those of `along`. 0 for what has an order of
/// its own and writes its result in place: a scatter, a cumulation, a sort.
unsigned mostRows(graph::ComprehensionOpInterface op);

/// The op that uses a tensor by `user`: a read stands in its body.
mlir::Operation *ownerOf(mlir::Operation *user);

} // namespace heddle::fuse

#endif // HEDDLE_PASSES_FUSE_STRUCTURE_H
