//===- Progress.h - A line that says how far it is ------------------------===//
//
// Where stderr is a terminal, what takes seconds shows one line there, which is
// written over and gone at the end. Elsewhere nothing is written.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_TOOLS_HEDDLE_PROGRESS_H
#define HEDDLE_TOOLS_HEDDLE_PROGRESS_H

#include "llvm/ADT/Twine.h"

namespace heddle::driver {
class Model;
} // namespace heddle::driver

namespace heddle::tool {

/// Shows progress until it goes out of scope, if `isWanted` and stderr is a terminal
/// that can write over a line. One at a time.
class Progress {
public:
  explicit Progress(bool isWanted);
  ~Progress();
  Progress(const Progress &) = delete;

  /// Shows what the compiler does.
  void watch(driver::Model &model);
  /// "what done of total: name". Calls within a tenth of a second show the first of
  /// them. A total of 0: not known.
  void show(const llvm::Twine &what, size_t done, size_t total, const llvm::Twine &name = "");
};

/// Takes the line away, so that something else can be written; the next show brings it
/// back.
void clearProgress();

} // namespace heddle::tool

#endif // HEDDLE_TOOLS_HEDDLE_PROGRESS_H
