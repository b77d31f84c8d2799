//===- OutputFile.h - Outputs that appear whole or not at all -------------===//
//
// A set of files that is written beside its targets and takes their places
// only when everything has been written.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_PACKAGE_OUTPUTFILE_H
#define HEDDLE_COMPILER_PACKAGE_OUTPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>
#include <vector>

namespace heddle::package {

/// Files that are made together. Each is a temporary file in its target's
/// folder until commit() renames all of them. Whatever else happens (an error,
/// destruction, a signal) the temporaries are removed and the targets keep what
/// they had. Errors begin with the path of the target.
class OutputSet {
public:
  OutputSet();
  ~OutputSet();
  OutputSet(const OutputSet &) = delete;
  OutputSet &operator=(const OutputSet &) = delete;

  /// Begins the file `path` and gives the stream to write it to, which the set
  /// owns; write errors (no space) are reported by commit(). A target that is a
  /// symbolic link stays one. Fails where the folder is missing or may not be
  /// written, and where `path` is a folder, a device, or in the set already.
  llvm::Expected<llvm::raw_pwrite_stream *> create(llvm::StringRef path);

  /// Begins a file that never becomes an output, in the folder of the target
  /// `besides`, for contents too large for memory: written, ended by
  /// finishScratch, then mapped by its path.
  struct Scratch {
    llvm::raw_pwrite_stream *stream; ///< owned by the set
    std::string path;                ///< removed with the set
  };
  llvm::Expected<Scratch> createScratch(llvm::StringRef besides);

  /// Ends the writing of a scratch file: closes it, and reports what failed.
  llvm::Error finishScratch(const Scratch &scratch);

  /// Closes all files and puts them in their places. On failure none of the
  /// targets has changed, and the temporaries are gone.
  llvm::Error commit();

  /// Removes the temporaries; the targets keep what they had.
  void discard();

private:
  struct File;
  llvm::Expected<File *> begin(llvm::StringRef path, bool isScratch);
  llvm::Error close(File &file);

  std::vector<std::unique_ptr<File>> files;
};

} // namespace heddle::package

#endif // HEDDLE_COMPILER_PACKAGE_OUTPUTFILE_H
