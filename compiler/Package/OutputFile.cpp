//===- OutputFile.cpp - Outputs that appear whole or not at all -----------===//
//
// Temporary files, renamed together. A rename is atomic; a set of them is not,
// so the old targets are kept under a second name until the last one succeeded.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/OutputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

using namespace llvm;

namespace heddle::package {

namespace {

Error pathError(StringRef path, const Twine &message) {
  return createStringError(path + ": " + message);
}

Error pathError(StringRef path, StringRef doing, std::error_code code) {
  return createStringError(code, path + ": " + doing + ": " +
                                     StringRef(code.message()).lower());
}

/// Removes a file that a signal would have removed.
void removeTemporary(StringRef path) {
  (void)sys::fs::remove(path);
  sys::DontRemoveFileOnSignal(path);
}

} // namespace

struct OutputSet::File {
  std::string name;      ///< as the caller wrote it, for messages
  std::string target;    ///< links resolved
  std::string temporary; ///< empty when renamed or removed
  std::string backup;    ///< second name of what the target was; empty if none
  std::unique_ptr<raw_fd_ostream> stream; ///< null when closed
  bool isScratch = false;
};

OutputSet::OutputSet() = default;
OutputSet::~OutputSet() { discard(); }

Expected<OutputSet::File *> OutputSet::begin(StringRef path, bool isScratch) {
  if (sys::path::filename(path).empty() || path.contains('\0'))
    return pathError(path, "is not a file name");
  auto file = std::make_unique<File>();
  file->name = path.str();
  file->isScratch = isScratch;

  sys::fs::file_status status;
  const bool exists = !sys::fs::status(path, status);
  if (exists && sys::fs::is_directory(status))
    return pathError(path, "is a folder, wanted a file");
  // Renaming over /dev/null would replace the device.
  if (exists && !sys::fs::is_regular_file(status))
    return pathError(path, "is not a regular file, wanted one");
  StringRef folder = sys::path::parent_path(path);
  if (folder.empty())
    folder = ".";
  if (!sys::fs::is_directory(folder))
    return pathError(path, "there is no folder " + folder);
  SmallString<128> target;
  if (std::error_code code = exists ? sys::fs::real_path(path, target)
                                    : sys::fs::real_path(folder, target))
    return pathError(path, "cannot be found", code);
  if (!exists)
    sys::path::append(target, sys::path::filename(path));
  file->target = std::string(target);
  if (!isScratch)
    for (const std::unique_ptr<File> &other : files)
      if (!other->isScratch && other->target == file->target)
        return pathError(path, "is written twice");

  SmallString<128> model = sys::path::parent_path(target);
  sys::path::append(model,
                    "." + sys::path::filename(target) +
                        (isScratch ? ".scratch-%%%%%%%%" : ".tmp-%%%%%%%%"));
  int descriptor = -1;
  SmallString<128> temporary;
  if (std::error_code code =
          sys::fs::createUniqueFile(model, descriptor, temporary))
    return pathError(path, "cannot be written", code);
  file->temporary = std::string(temporary);
  file->stream =
      std::make_unique<raw_fd_ostream>(descriptor, /*shouldClose=*/true);
  std::string message;
  if (sys::RemoveFileOnSignal(file->temporary, &message)) {
    files.push_back(std::move(file)); // the destructor removes it
    return pathError(path, message);
  }
  files.push_back(std::move(file));
  return files.back().get();
}

Expected<raw_pwrite_stream *> OutputSet::create(StringRef path) {
  Expected<File *> file = begin(path, /*isScratch=*/false);
  if (!file)
    return file.takeError();
  return (*file)->stream.get();
}

Expected<OutputSet::Scratch> OutputSet::createScratch(StringRef besides) {
  Expected<File *> file = begin(besides, /*isScratch=*/true);
  if (!file)
    return file.takeError();
  return Scratch{(*file)->stream.get(), (*file)->temporary};
}

Error OutputSet::close(File &file) {
  if (!file.stream)
    return Error::success();
  file.stream->close();
  const std::error_code code = file.stream->error();
  // A stream that dies with its error unread ends the process.
  file.stream->clear_error();
  file.stream.reset();
  if (code)
    return pathError(file.name, "cannot be written", code);
  return Error::success();
}

Error OutputSet::finishScratch(const Scratch &scratch) {
  for (const std::unique_ptr<File> &file : files)
    if (file->temporary == scratch.path)
      return close(*file);
  return createStringError(scratch.path + ": is not a scratch file");
}

Error OutputSet::commit() {
  for (const std::unique_ptr<File> &file : files)
    if (Error error = close(*file)) {
      discard();
      return error;
    }

  std::vector<File *> outputs;
  for (const std::unique_ptr<File> &file : files)
    if (!file->isScratch)
      outputs.push_back(file.get());

  // Where links are impossible a failing second rename leaves the first done.
  if (outputs.size() > 1)
    for (File *file : outputs) {
      SmallString<128> backup;
      std::string second = file->temporary + ".old";
      if (sys::fs::exists(file->target) &&
          !sys::fs::create_hard_link(file->target, second))
        file->backup = second;
    }
  Error failure = Error::success();
  size_t done = 0;
  for (; done < outputs.size(); ++done) {
    File &file = *outputs[done];
    if (std::error_code code = sys::fs::rename(file.temporary, file.target)) {
      failure = pathError(file.name, "cannot be written", code);
      break;
    }
    sys::DontRemoveFileOnSignal(file.temporary);
    file.temporary.clear();
  }
  if (failure)
    for (File *file : ArrayRef(outputs).take_front(done)) {
      if (file->backup.empty())
        (void)sys::fs::remove(file->target);
      else if (!sys::fs::rename(file->backup, file->target))
        file->backup.clear();
    }
  discard();
  return failure;
}

void OutputSet::discard() {
  for (const std::unique_ptr<File> &file : files) {
    consumeError(close(*file));
    if (!file->temporary.empty())
      removeTemporary(file->temporary);
    if (!file->backup.empty())
      (void)sys::fs::remove(file->backup);
  }
  files.clear();
}

} // namespace heddle::package
