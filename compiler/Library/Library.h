//===- Library.h - The standard library's text ----------------------------===//

#ifndef HEDDLE_COMPILER_LIBRARY_LIBRARY_H
#define HEDDLE_COMPILER_LIBRARY_LIBRARY_H

#include "llvm/ADT/StringRef.h"

namespace heddle {

/// The text of std.heddle, as the compiler was built with.
llvm::StringRef standardLibraryText();

} // namespace heddle

#endif // HEDDLE_COMPILER_LIBRARY_LIBRARY_H
