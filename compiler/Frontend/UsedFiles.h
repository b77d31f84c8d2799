//===- UsedFiles.h - The files that a model uses --------------------------===//

#ifndef HEDDLE_COMPILER_FRONTEND_USEDFILES_H
#define HEDDLE_COMPILER_FRONTEND_USEDFILES_H

#include "compiler/Syntax/Ast.h"
#include "compiler/Syntax/Diagnostics.h"

#include <map>

namespace heddle::frontend {

/// Reads and parses what `use "PATH"` names, each file once. A path is relative to
/// the folder of the file in which it stands.
class UsedFiles {
public:
  UsedFiles(SourceManager &sources, Diagnostics &diagnostics) : sources(sources), diagnostics(diagnostics) {}

  /// All that `file`, which is at `path`, uses, and what these use. What cannot be
  /// read, and a file that comes to use itself, is an error at the `use`.
  void load(const ast::File &file, llvm::StringRef path);

  /// The file of a `use`; null where that was an error.
  const ast::File *find(const ast::UseItem &use) const {
    auto it = fileOf.find(&use);
    return it == fileOf.end() ? nullptr : it->second;
  }

private:
  SourceManager &sources;
  Diagnostics &diagnostics;
  std::vector<std::unique_ptr<ast::File>> files;
  std::map<std::string, const ast::File *> byPath;
  std::vector<std::string> loading; ///< from the model to the file that is read
  std::map<const ast::UseItem *, const ast::File *> fileOf;
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_FRONTEND_USEDFILES_H
