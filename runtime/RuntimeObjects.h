//===- RuntimeObjects.h - The runtime as object files -----------*- C++ -*-===//
//
// The object files that every compiled model carries, as bytes inside the
// compiler: it needs no file of its own at run time.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_RUNTIME_RUNTIMEOBJECTS_H
#define HEDDLE_RUNTIME_RUNTIMEOBJECTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace heddle {

/// One object file for the machine the compiler was built for.
struct RuntimeObject {
  llvm::StringRef name; ///< the member's name in the archive, "hd1_team.o"
  llvm::ArrayRef<uint8_t> bytes;
};

/// All objects of the runtime, in a fixed order. They live for ever.
llvm::ArrayRef<RuntimeObject> runtimeObjects();

} // namespace heddle

#endif // HEDDLE_RUNTIME_RUNTIMEOBJECTS_H
