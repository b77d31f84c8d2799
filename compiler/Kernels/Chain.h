//===- Chain.h - Two contractions joined by a softmax ---------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_CHAIN_H
#define HEDDLE_COMPILER_KERNELS_CHAIN_H

#include "compiler/Kernels/Contraction.h"

namespace heddle::kernels {

/// A contraction whose result a softmax takes along its columns, and a contraction over
/// these columns: what attention is, whatever it is called. A block of rows passes
/// through all three while it is in the cache, so that no scores are written to memory.
struct Chain {
  Tile scores; ///< tile.stage < 0: there is no chain
  int softmax = -1;
  Tile values;
};

/// Is all that the kernel computes (maps aside) a chain, with blocks of rows that fit a
/// thread's stack for the greatest sizes? Structure, never names.
bool findChain(const Kernel &kernel, const Facts &facts, Chain &chain);

/// Schedules `out`, the second contraction or the last map behind it, whose indices are
/// `vars`. Gives a line that says how.
std::string scheduleChain(Builder &builder, const Chain &chain, Halide::Func out, const std::vector<Halide::Var> &vars,
                          const Facts &facts);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_CHAIN_H
