//===- Source.h - Model files and places in them --------------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_SOURCE_H
#define HEDDLE_COMPILER_SYNTAX_SOURCE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heddle::frontend {

/// The bytes begin .. end - 1 of a file. `file` is a number of the
/// SourceManager; -1 is nowhere.
struct SourceRange {
  int32_t file = -1;
  uint32_t begin = 0;
  uint32_t end = 0;
  bool isValid() const { return file >= 0; }
  /// From the start of this to the end of `other`.
  SourceRange to(SourceRange other) const { return {file, begin, other.end}; }
};

/// A model is a page or some; a larger file is a mistake.
constexpr size_t kMostModelBytes = 16u << 20;

/// The text of a model file: a regular one, or what an open pipe or a device gives,
/// of which no more is read than a model may have. Errors name the file.
llvm::Expected<std::string> readModelFile(llvm::StringRef path);

/// Owns the text of all files of a compilation.
class SourceManager {
public:
  /// Adds a text under the name that messages give it.
  int32_t add(std::string name, std::string text);

  llvm::StringRef name(int32_t file) const { return files[file]->name; }
  llvm::StringRef contents(int32_t file) const { return files[file]->text; }
  llvm::StringRef name(SourceRange range) const {
    return range.isValid() ? name(range.file) : llvm::StringRef("<unknown>");
  }
  /// What stands there, on one line: runs of white space and comments are a blank.
  std::string text(SourceRange range) const;
  /// Both from 1; the column counts bytes. 0, 0 of nowhere.
  std::pair<unsigned, unsigned> lineAndColumn(SourceRange range) const;
  /// The whole line in which `offset` lies, without its end.
  llvm::StringRef line(int32_t file, uint32_t offset) const;

private:
  struct File {
    std::string name, text;
    std::vector<uint32_t> lines; ///< offsets of the beginnings of lines
  };
  std::vector<std::unique_ptr<File>> files;
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_SYNTAX_SOURCE_H
