//===- ElfData.h - An object file of read-only data -----------------------===//
//
// Writes the weights of a model as a relocatable ELF object, streaming: the
// bytes come from callbacks and are never collected.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_PACKAGE_ELFDATA_H
#define HEDDLE_COMPILER_PACKAGE_ELFDATA_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <functional>
#include <string>

namespace heddle::package {

/// The instruction set that an object says it is for.
enum class Machine : uint8_t { X86_64, AArch64 };

/// One symbol and its bytes.
struct DataBlob {
  std::string symbol;      ///< a C identifier, unique in the object
  uint64_t size = 0;       ///< bytes
  uint64_t alignment = 64; ///< a power of two, at most 4096
  /// Writes exactly `size` bytes; called once, in the order of the blobs.
  std::function<llvm::Error(llvm::raw_ostream &)> write;
};

/// More read-only data than this is refused: addresses in the small code model
/// reach 2 GB, and the program needs room beside it.
constexpr uint64_t kMostObjectData = 1'900'000'000;

/// Writes a relocatable ELF64 object to `os`: section .rodata with the blobs in
/// order, a hidden global symbol with size for each, and an empty
/// .note.GNU-stack. Equal input gives equal bytes. `os` need not be at offset
/// 0. Fails for more than kMostObjectData, for wrong symbols, alignments or
/// sizes, and with a blob's own error; what was written then is no object.
llvm::Error writeDataObject(Machine machine, llvm::ArrayRef<DataBlob> blobs,
                            llvm::raw_ostream &os);

} // namespace heddle::package

#endif // HEDDLE_COMPILER_PACKAGE_ELFDATA_H
