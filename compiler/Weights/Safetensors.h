//===- Safetensors.h - The tensors of a checkpoint ------------------------===//
//
// Safetensors files and their sharded form: mapped, validated in full before
// the first use, and converted a run of elements at a time.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_SAFETENSORS_H
#define HEDDLE_COMPILER_WEIGHTS_SAFETENSORS_H

#include "compiler/Weights/ElementType.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <string>
#include <vector>

namespace heddle::weights {

/// One tensor of a checkpoint: dense, row-major, little-endian.
struct TensorEntry {
  std::string name;
  ElementType dtype = ElementType::F32;
  std::vector<int64_t> shape;
  /// Its elements inside the mapped file, with any alignment; owned by the
  /// Checkpoint.
  llvm::ArrayRef<uint8_t> bytes;
  /// Position in Checkpoint::files().
  unsigned file = 0;

  uint64_t count() const { return bytes.size() / elementSize(dtype); }
};

/// All tensors of one or several safetensors files. Nothing is copied: entries
/// point into mappings, which live as long as this does. Reading is
/// thread-safe.
class Checkpoint {
public:
  Checkpoint() = default;
  Checkpoint(Checkpoint &&) = default;
  Checkpoint &operator=(Checkpoint &&) = default;

  /// Opens safetensors files, or index files of sharded checkpoints (they end
  /// with ".json" and have a "weight_map" from tensors to files beside the
  /// index; a file name in it with any folder is refused). Everything is
  /// validated here. Errors name the file, what was found and what was wanted.
  static llvm::Expected<Checkpoint> open(llvm::ArrayRef<std::string> paths);

  /// The tensor of this name, or null.
  const TensorEntry *find(llvm::StringRef name) const;

  /// All tensors, sorted by name.
  llvm::ArrayRef<TensorEntry> entries() const { return tensors; }

  /// All names, sorted.
  std::vector<llvm::StringRef> names() const;

  /// At most three names that somebody who wrote `name` may have meant, the
  /// likeliest first.
  std::vector<llvm::StringRef> nearest(llvm::StringRef name) const;

  /// Paths of the safetensors files, in the order in which they were opened.
  llvm::ArrayRef<std::string> files() const { return paths; }
  llvm::StringRef fileOf(const TensorEntry &entry) const {
    return paths[entry.file];
  }

  /// Converts the elements begin .. begin + out.size() - 1 of `entry` in
  /// row-major order. Errors (a range outside, floats read as integers) name
  /// file and tensor.
  llvm::Error readElements(const TensorEntry &entry, uint64_t begin,
                           llvm::MutableArrayRef<double> out) const;
  llvm::Error readElements(const TensorEntry &entry, uint64_t begin,
                           llvm::MutableArrayRef<float> out) const;
  llvm::Error readElements(const TensorEntry &entry, uint64_t begin,
                           llvm::MutableArrayRef<int64_t> out) const;

  /// Tells the system that the pages of the elements begin .. begin + count - 1
  /// (or up to the last one) are not needed for now: they leave memory, and a
  /// later read brings them back.
  void release(const TensorEntry &entry, uint64_t begin = 0,
               uint64_t count = UINT64_MAX) const;

private:
  llvm::Error addFile(const std::string &path);
  llvm::Error addIndex(const std::string &path);
  llvm::Error finish();
  llvm::Error checkRange(const TensorEntry &entry, uint64_t begin,
                         uint64_t count) const;

  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
  std::vector<std::string> paths;
  std::vector<TensorEntry> tensors;
  llvm::StringMap<size_t> positions;
};

/// Reads the header of one safetensors file: validates it against the file's
/// size and gives the entries in the order of their bytes, pointing into
/// `contents`. `file` begins every error. Exposed for tests and fuzzing.
llvm::Expected<std::vector<TensorEntry>>
parseSafetensors(llvm::StringRef contents, llvm::StringRef file);

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_SAFETENSORS_H
