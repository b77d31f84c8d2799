//===- Updates.h - Stages that write their result in place ----------------===//
//
// Cumulations and scatters have an order of their own: the result is the memory
// in which it comes to be, so such a stage gives an output and stands alone.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_UPDATES_H
#define HEDDLE_COMPILER_KERNELS_UPDATES_H

#include "compiler/Kernels/Builder.h"
#include "compiler/Kernels/Contraction.h"

namespace heddle::kernels {

/// Schedules a cumulation or scatter: serial over what has an order, in vectors
/// and over threads along what has none. Gives a line that says how.
std::string scheduleUpdates(Built &built, const Facts &facts);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_UPDATES_H
