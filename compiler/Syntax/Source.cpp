//===- Source.cpp - Model files and places in them ------------------------===//

#include "compiler/Syntax/Source.h"

#include "llvm/Support/FileSystem.h"

#include <algorithm>

namespace heddle::frontend {

llvm::Expected<std::string> readModelFile(llvm::StringRef path) {
  namespace fs = llvm::sys::fs;
  auto failed = [&](const llvm::Twine &why) { return llvm::createStringError("cannot read " + path + ": " + why); };
  // To open a named pipe may take for ever; what the shell hands over (/dev/stdin,
  // /dev/fd/63) is open already.
  fs::file_status status;
  if (!fs::status(path, status) && status.type() == fs::file_type::fifo_file && !path.starts_with("/dev/") &&
      !path.starts_with("/proc/"))
    return failed("it is a named pipe, no file");
  auto file = fs::openNativeFileForRead(path);
  if (!file)
    return failed(llvm::toString(file.takeError()));
  std::string text;
  size_t size = 0;
  while (size <= kMostModelBytes) {
    text.resize(size + (1 << 20));
    auto count = fs::readNativeFile(*file, {text.data() + size, text.size() - size});
    if (!count) {
      fs::closeFile(*file);
      return failed(llvm::toString(count.takeError()));
    }
    if (*count == 0)
      break;
    size += *count;
  }
  fs::closeFile(*file);
  text.resize(size);
  if (size > kMostModelBytes)
    return llvm::createStringError(path + ": the file has more than 16 MB; a model has at most 16");
  return text;
}

int32_t SourceManager::add(std::string name, std::string text) {
  auto file = std::make_unique<File>();
  file->name = std::move(name);
  file->text = std::move(text);
  file->lines.push_back(0);
  for (uint32_t i = 0; i < file->text.size(); ++i)
    if (file->text[i] == '\n')
      file->lines.push_back(i + 1);
  files.push_back(std::move(file));
  return files.size() - 1;
}

std::string SourceManager::text(SourceRange range) const {
  if (!range.isValid())
    return "";
  llvm::StringRef all = contents(range.file).slice(range.begin, range.end);
  std::string line;
  bool comment = false;
  for (char c : all) {
    if (c == '#')
      comment = true;
    if (c == '\n')
      comment = false;
    if (comment || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (!line.empty() && line.back() != ' ')
        line += ' ';
      continue;
    }
    line += c;
  }
  while (!line.empty() && line.back() == ' ')
    line.pop_back();
  return line;
}

std::pair<unsigned, unsigned> SourceManager::lineAndColumn(SourceRange range) const {
  if (!range.isValid())
    return {0, 0};
  const auto &lines = files[range.file]->lines;
  auto it = std::upper_bound(lines.begin(), lines.end(), range.begin);
  return {unsigned(it - lines.begin()), range.begin - *(it - 1) + 1};
}

llvm::StringRef SourceManager::line(int32_t file, uint32_t offset) const {
  llvm::StringRef all = contents(file);
  size_t begin = all.rfind('\n', offset) + 1; // looks before `offset`; npos + 1 is 0
  return all.slice(begin, all.find('\n', offset)).rtrim('\r');
}

} // namespace heddle::frontend
