//===- ObjectEdit.h - Symbols of an object file ---------------------------===//
//
// Renames, hides and lists the symbols of a relocatable ELF object in memory.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_PACKAGE_OBJECTEDIT_H
#define HEDDLE_COMPILER_PACKAGE_OBJECTEDIT_H

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <string>
#include <vector>

namespace heddle::package {

/// What to change. All names are the ones before the change.
struct SymbolEdit {
  /// New names of defined and undefined symbols. A name that the object does
  /// not have is no error: one map serves many objects.
  llvm::StringMap<std::string> rename;
  /// Gives the defined global symbols hidden visibility, so that a program
  /// does not export them.
  bool hideDefined = false;
  /// Defined symbols that `hideDefined` leaves alone.
  std::vector<std::string> keepVisible;
  /// Defined symbols that no other object needs: made local.
  std::vector<std::string> makeLocal;
};

/// The object `object` with its symbols changed, in memory of its own. Errors
/// begin with the buffer's identifier: no ELF object, two symbols of one name
/// afterwards.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
editSymbols(llvm::MemoryBufferRef object, const SymbolEdit &edit);

/// A symbol that other objects can see or must give.
struct ObjectSymbol {
  std::string name;
  bool isDefined = false;
  bool isWeak = false;
  bool isHidden = false;
};

/// All symbols of `object` that are not local, sorted by name.
llvm::Expected<std::vector<ObjectSymbol>>
globalSymbols(llvm::MemoryBufferRef object);

/// The names that `object` needs from others, sorted.
llvm::Expected<std::vector<std::string>>
undefinedSymbols(llvm::MemoryBufferRef object);

/// Bytes of data that a program could write to; constant tables that only the
/// loader fills in (.data.rel.ro) do not count.
llvm::Expected<uint64_t> writableBytes(llvm::MemoryBufferRef object);

} // namespace heddle::package

#endif // HEDDLE_COMPILER_PACKAGE_OBJECTEDIT_H
