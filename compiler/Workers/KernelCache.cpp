//===- KernelCache.cpp - Objects of kernels that were compiled before -----===//
//
// A file is the hash of its key and of what follows, which is a packed Reply. Names and the file that
// says when the folder was last looked through are as LLVM's pruneCache wants them.
// LLVM's localCache, which writes such folders, ends the process where a disk is
// full: hence the few lines of store().
//
//===----------------------------------------------------------------------===//

#include "compiler/Workers/KernelCache.h"

#include "compiler/Workers/Message.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/CachePruning.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <elf.h>
#include <link.h>

namespace heddle::workers {

namespace {

/// To be raised where files of before are not to be read any more.
constexpr char kFormat[] = "heddle kernel 1";

constexpr size_t kHashSize = sizeof(llvm::BLAKE3Result<>);

std::string hashOf(llvm::StringRef bytes) {
  return llvm::toStringRef(llvm::BLAKE3::hash(llvm::arrayRefFromStringRef(bytes))).str();
}

/// Adds what the linker named a program by, if it did, to the text at `data`.
int addBuildId(dl_phdr_info *info, size_t, void *data) {
  auto &text = *static_cast<std::string *>(data);
  std::string name = llvm::sys::path::filename(info->dlpi_name).str();
  if (llvm::StringRef(name).starts_with("linux-vdso")) // the kernel's, and makes nothing
    return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE)
      continue;
    // Notes: three words, then name and contents, each up to a multiple of 4.
    const auto *at = reinterpret_cast<const char *>(info->dlpi_addr + segment.p_vaddr), *end = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      memcpy(&note, at, sizeof(note));
      at += sizeof(note);
      size_t nameSize = (size_t(note.n_namesz) + 3) / 4 * 4, size = (size_t(note.n_descsz) + 3) / 4 * 4;
      if (size_t(end - at) < nameSize || size_t(end - at) - nameSize < size)
        break;
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(at, "GNU", 4)) {
        text += name + "=" + llvm::toHex(llvm::StringRef(at + nameSize, note.n_descsz)) + "\n";
        return 0;
      }
      at += nameSize + size;
    }
  }
  return 0;
}

/// The build of this program and of each library that it loaded: Halide with the
/// LLVM inside is one, and libm may have a part in folded constants. Empty where
/// program or Halide cannot be told from other builds.
std::string findGenerator() {
  std::string text;
  dl_iterate_phdr(addBuildId, &text);
  // The program comes first and has no name.
  if (!llvm::StringRef(text).starts_with("=") || text.find("\nlibHalide.") == std::string::npos)
    return "";
  return text;
}

} // namespace

KernelCache::KernelCache(llvm::StringRef folder, uint64_t megabytes)
    : folder(folder), megabytes(megabytes), generator(folder.empty() ? "" : findGenerator()) {
  if (generator.empty())
    this->folder.clear();
}

std::string KernelCache::keyOf(const Job &job) const {
  std::string all;
  for (llvm::StringRef part : {llvm::StringRef(kFormat), llvm::StringRef(generator), llvm::StringRef(job.target.isa),
                               llvm::StringRef(job.text)})
    all += std::to_string(part.size()) + ":" + part.str();
  return llvm::toHex(hashOf(all), /*LowerCase=*/true);
}

std::string KernelCache::pathOf(llvm::StringRef key) const {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, "llvmcache-" + key);
  return path.str().str();
}

bool KernelCache::load(const Job &job, kernels::Compiled &compiled, llvm::raw_ostream &warnings) const {
  if (folder.empty())
    return false;
  std::string key = keyOf(job), path = pathOf(key);
  auto file = llvm::sys::fs::openNativeFileForRead(path);
  if (!file) {
    llvm::consumeError(file.takeError());
    return false;
  }
  auto buffer = llvm::MemoryBuffer::getOpenFile(*file, path, /*FileSize=*/-1, /*RequiresNullTerminator=*/false,
                                                /*IsVolatile=*/true);
  // Read now: what was used is kept for longest, however the disk is mounted.
  if (buffer)
    (void)llvm::sys::fs::setLastAccessAndModificationTime(*file, std::chrono::system_clock::now());
  llvm::sys::fs::closeFile(*file);
  if (!buffer)
    return false;
  llvm::StringRef bytes = (*buffer)->getBuffer();
  Reply reply;
  if (bytes.size() < kHashSize || hashOf(key + bytes.drop_front(kHashSize).str()) != bytes.take_front(kHashSize) ||
      !unpack(bytes.drop_front(kHashSize), reply)) {
    warnings << "warning: " << path << " is damaged; its kernel is compiled again\n";
    return false;
  }
  compiled = std::move(reply.compiled);
  return true;
}

void KernelCache::store(const Job &job, const kernels::Compiled &compiled) const {
  if (folder.empty() || llvm::sys::fs::create_directories(folder))
    return;
  Reply reply;
  reply.compiled = compiled;
  std::string key = keyOf(job), bytes = pack(reply);
  llvm::SmallString<128> model(folder);
  llvm::sys::path::append(model, "llvmcache-%%%%%%%%.tmp");
  auto file = llvm::sys::fs::TempFile::create(model);
  if (!file) {
    llvm::consumeError(file.takeError());
    return;
  }
  bool written;
  {
    llvm::raw_fd_ostream os(file->FD, /*shouldClose=*/false);
    os << hashOf(key + bytes) << bytes;
    os.flush();
    written = !os.has_error();
    os.clear_error(); // a full disk is no fault
  }
  // keep() removes the file where it cannot be renamed.
  llvm::consumeError(written ? file->keep(pathOf(key)) : file->discard());
}

void KernelCache::prune() const {
  if (folder.empty())
    return;
  llvm::CachePruningPolicy policy;
  policy.Interval = std::chrono::minutes(5);
  policy.Expiration = std::chrono::seconds(0); // age alone is no reason
  policy.MaxSizeBytes = megabytes * 1'000'000;
  (void)llvm::pruneCache(folder, policy);
}

} // namespace heddle::workers
