//===- Chain.h - Two contractions joined by a softmax ---------------------===//

#ifndef HEDDLE_PASSES_FUSE_CHAIN_H
#define HEDDLE_PASSES_FUSE_CHAIN_H

#include "passes/Fuse/Structure.h"

namespace heddle::fuse {

/// A contraction over a softmax of what another contraction gives: attention, whatever
/// its scores, masks and heads are called. Between the first contraction and the softmax
/// may stand maps, one behind the other.
struct Chain {
  graph::ComprehensionOpInterface scores, softmax, values;
  /// What the softmax reads: the result of `scores` or of the last map behind it.
  mlir::Value scored;
};

/// Matches a chain that ends with the contraction `values`. An empty reason and a chain
/// without `values`: no softmax is there to be taken in. Otherwise a reason says why
/// `chain.softmax` is not.
std::string findChain(graph::ComprehensionOpInterface values, Chain &chain);

/// The read of a contraction that has the columns (the innermost index of its result), and
/// the innermost other index (never of one place) along which only the other factor runs:
/// the two loops of a register tile. A null read where there are none.
struct TileOperands {
  graph::ReadOp columns;
  mlir::Value rows; ///< the other factor
  unsigned row = 0; ///< an index of the result
};
TileOperands findTileOperands(graph::ComprehensionOpInterface op);

} // namespace heddle::fuse

#endif // HEDDLE_PASSES_FUSE_CHAIN_H
