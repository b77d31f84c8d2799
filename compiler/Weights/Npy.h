//===- Npy.h - NumPy array files ------------------------------------------===//
//
// Reads and writes `.npy`, the form in which the command line takes inputs and
// gives results.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_NPY_H
#define HEDDLE_COMPILER_WEIGHTS_NPY_H

#include "compiler/Weights/ElementType.h"

#include "llvm/Support/raw_ostream.h"

#include <vector>

namespace heddle::weights {

/// A dense array in row-major order, little-endian.
struct NpyArray {
  ElementType dtype = ElementType::F32;
  std::vector<int64_t> shape; ///< empty: one element
  std::vector<uint8_t> bytes; ///< product of shape times the element's size

  uint64_t count() const { return bytes.size() / elementSize(dtype); }
};

/// Reads an array: versions 1, 2 and 3 of the format, little-endian bools,
/// integers and floats. Arrays in Fortran's order are converted. Everything is
/// validated before the elements are copied; errors begin with the path.
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// The same for a file's contents; `file` is its name in messages.
llvm::Expected<NpyArray> parseNpy(llvm::StringRef contents,
                                  llvm::StringRef file);

/// Writes version 1 of the format; bf16, which NumPy lacks, as its bits in u2.
/// Fails where `bytes` is not as many as type and shape take.
llvm::Error writeNpy(llvm::raw_ostream &os, ElementType dtype,
                     llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<uint8_t> bytes);

/// Writes the file `path` whole or not at all.
llvm::Error writeNpyFile(llvm::StringRef path, ElementType dtype,
                         llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<uint8_t> bytes);

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_NPY_H
