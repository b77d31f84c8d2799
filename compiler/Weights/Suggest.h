//===- Suggest.h - The names that somebody may have meant -----------------===//
//
// Nearest names to a dotted name that was not found.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_SUGGEST_H
#define HEDDLE_COMPILER_WEIGHTS_SUGGEST_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <vector>

namespace heddle::weights {

/// How far two dotted names are apart: parts between dots are compared by
/// edits of letters, and a part more or less costs little, so that a forgotten
/// prefix stays near. A different number costs more than a misspelt word.
unsigned nameDistance(llvm::StringRef a, llvm::StringRef b);

/// At most `most` of `candidates`, the nearest first, ties in the candidates'
/// order; none that has little in common with `name`. They point into
/// `candidates`' text.
std::vector<llvm::StringRef>
nearestNames(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates,
             unsigned most = 3);

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_SUGGEST_H
