//===- UsedFiles.cpp - The files that a model uses ------------------------===//

#include "compiler/Frontend/UsedFiles.h"

#include "compiler/Syntax/Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace heddle::frontend {

/// Files that wait for one that they use.
static constexpr size_t kMostLoading = 64;

void UsedFiles::load(const ast::File &file, llvm::StringRef path) {
  auto realPath = [](llvm::StringRef of) {
    llvm::SmallString<256> real;
    return llvm::sys::fs::real_path(of, real) ? of.str() : real.str().str();
  };
  loading.push_back(realPath(path));
  for (auto &item : file.items) {
    auto *use = llvm::dyn_cast<ast::UseItem>(item.get());
    if (!use)
      continue;
    llvm::SmallString<256> place(use->path);
    if (!llvm::sys::path::is_absolute(place)) {
      place = llvm::sys::path::parent_path(path);
      llvm::sys::path::append(place, use->path);
    }
    std::string real = realPath(place);
    if (llvm::is_contained(loading, real)) {
      diagnostics.error(use->range, "\"" + use->path + "\" comes to use itself");
      continue;
    }
    const ast::File *&known = byPath[real];
    if (!known) {
      if (loading.size() >= kMostLoading) {
        diagnostics.error(use->range, "files use each other more than " + llvm::Twine(kMostLoading) + " deep here");
        continue;
      }
      // Asked first: to open a pipe may take for ever.
      llvm::sys::fs::file_status status;
      std::error_code why = llvm::sys::fs::status(place, status);
      if (!why && !llvm::sys::fs::is_regular_file(status))
        why = std::make_error_code(status.type() == llvm::sys::fs::file_type::directory_file ? std::errc::is_a_directory
                                                                                             : std::errc::invalid_argument);
      if (why) {
        diagnostics.error(use->range, "cannot read " + place.str().str() + ": " + why.message());
        continue;
      }
      auto text = readModelFile(place);
      if (!text) {
        diagnostics.error(use->range, llvm::toString(text.takeError()));
        continue;
      }
      int32_t number = sources.add(place.str().str(), std::move(*text));
      files.push_back(parseFile(sources, number, diagnostics));
      known = files.back().get();
      load(*known, place);
    }
    fileOf[use] = known;
  }
  loading.pop_back();
}

} // namespace heddle::frontend
