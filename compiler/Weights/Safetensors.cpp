//===- Safetensors.cpp - The tensors of a checkpoint ----------------------===//
//
// Opening of files and sharded checkpoints, look-up, reading and release.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Safetensors.h"

#include "compiler/Weights/JsonText.h"
#include "compiler/Weights/Suggest.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Alignment.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

#include <map>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

using namespace llvm;

namespace heddle::weights {

namespace {

/// An index names each tensor once: 100 MB are over a million of them.
constexpr uint64_t kLargestIndex = 100'000'000;

/// A name out of an index may only name a file beside that index.
bool isPlainFileName(StringRef name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(StringRef("/\\\0", 3)) == StringRef::npos;
}

} // namespace

Expected<Checkpoint> Checkpoint::open(ArrayRef<std::string> paths) {
  Checkpoint checkpoint;
  for (const std::string &path : paths)
    if (Error error = StringRef(path).ends_with(".json")
                          ? checkpoint.addIndex(path)
                          : checkpoint.addFile(path))
      return error;
  if (Error error = checkpoint.finish())
    return error;
  return checkpoint;
}

Error Checkpoint::addFile(const std::string &path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openRegularFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<std::vector<TensorEntry>> entries =
      parseSafetensors((*buffer)->getBuffer(), path);
  if (!entries)
    return entries.takeError();
  for (TensorEntry &entry : *entries) {
    entry.file = buffers.size();
    tensors.push_back(std::move(entry));
  }
  buffers.push_back(std::move(*buffer));
  paths.push_back(path);
  return Error::success();
}

Error Checkpoint::addIndex(const std::string &path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer =
      openRegularFile(path, kLargestIndex);
  if (!buffer)
    return buffer.takeError();
  Expected<json::Value> value = parseJson((*buffer)->getBuffer(), path);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  const json::Value *mapValue = object ? object->get("weight_map") : nullptr;
  const json::Object *map = mapValue ? mapValue->getAsObject() : nullptr;
  if (!map)
    return createStringError(
        formatv("{0}: {1}, wanted an object from tensors to files", path,
                mapValue ? ("\"weight_map\" is " + jsonKind(*mapValue)).str()
                         : std::string("has no \"weight_map\"")));

  // By file, so that each is opened once and in an order of its own.
  std::map<std::string, std::vector<StringRef>> tensorsOf;
  for (const auto &[key, fileValue] : *map) {
    std::optional<StringRef> file = fileValue.getAsString();
    if (!file)
      return createStringError(
          formatv("{0}: \"weight_map\": {1} is {2}, wanted a file name", path,
                  quoted(StringRef(key)), jsonKind(fileValue)));
    if (!isPlainFileName(*file))
      return createStringError(
          formatv("{0}: \"weight_map\": {1} is in {2}, wanted the plain name "
                  "of a file in the same folder",
                  path, quoted(StringRef(key)), quoted(*file)));
    tensorsOf[file->str()].push_back(StringRef(key));
  }

  for (auto &[file, names] : tensorsOf) {
    SmallString<128> full = sys::path::parent_path(path);
    sys::path::append(full, file);
    const size_t first = tensors.size();
    if (Error error = addFile(std::string(full)))
      return error;
    StringSet<> present;
    for (const TensorEntry &entry : ArrayRef(tensors).drop_front(first))
      present.insert(entry.name);
    llvm::sort(names);
    for (StringRef name : names)
      if (!present.contains(name))
        return createStringError(
            formatv("{0}: tensor {1} is missing, {2} says that it is there",
                    full, quoted(name), path));
  }
  return Error::success();
}

Error Checkpoint::finish() {
  llvm::sort(tensors, [](const TensorEntry &a, const TensorEntry &b) {
    return std::tie(a.name, a.file) < std::tie(b.name, b.file);
  });
  for (size_t i = 0; i < tensors.size(); ++i) {
    auto [known, isNew] = positions.try_emplace(tensors[i].name, i);
    if (!isNew)
      return createStringError(
          formatv("{0}: tensor {1} is in {2} too, wanted each tensor once",
                  fileOf(tensors[i]), quoted(tensors[i].name),
                  fileOf(tensors[known->second])));
  }
  return Error::success();
}

const TensorEntry *Checkpoint::find(StringRef name) const {
  auto known = positions.find(name);
  return known == positions.end() ? nullptr : &tensors[known->second];
}

std::vector<StringRef> Checkpoint::names() const {
  std::vector<StringRef> result;
  result.reserve(tensors.size());
  for (const TensorEntry &entry : tensors)
    result.push_back(entry.name);
  return result;
}

std::vector<StringRef> Checkpoint::nearest(StringRef name) const {
  return nearestNames(name, names());
}

Error Checkpoint::checkRange(const TensorEntry &entry, uint64_t begin,
                             uint64_t count) const {
  if (begin <= entry.count() && count <= entry.count() - begin)
    return Error::success();
  return createStringError(
      formatv("{0}: tensor {1} has {2} elements, wanted {3} from {4} on",
              fileOf(entry), quoted(entry.name), entry.count(), count, begin));
}

Error Checkpoint::readElements(const TensorEntry &entry, uint64_t begin,
                               MutableArrayRef<double> out) const {
  if (Error error = checkRange(entry, begin, out.size()))
    return error;
  convertElements(entry.dtype,
                  entry.bytes.data() + begin * elementSize(entry.dtype), out);
  return Error::success();
}

Error Checkpoint::readElements(const TensorEntry &entry, uint64_t begin,
                               MutableArrayRef<float> out) const {
  if (Error error = checkRange(entry, begin, out.size()))
    return error;
  convertElements(entry.dtype,
                  entry.bytes.data() + begin * elementSize(entry.dtype), out);
  return Error::success();
}

Error Checkpoint::readElements(const TensorEntry &entry, uint64_t begin,
                               MutableArrayRef<int64_t> out) const {
  if (Error error = checkRange(entry, begin, out.size()))
    return error;
  if (Error error = convertElements(
          entry.dtype, entry.bytes.data() + begin * elementSize(entry.dtype),
          out, begin))
    return createStringError(formatv("{0}: tensor {1}: {2}", fileOf(entry),
                                     quoted(entry.name),
                                     toString(std::move(error))));
  return Error::success();
}

void Checkpoint::release(const TensorEntry &entry, uint64_t begin,
                         uint64_t count) const {
#if defined(__unix__) || defined(__APPLE__)
  const MemoryBuffer &buffer = *buffers[entry.file];
  begin = std::min(begin, entry.count());
  count = std::min(count, entry.count() - begin);
  // Memory that is not a file's would lose its contents.
  if (buffer.getBufferKind() != MemoryBuffer::MemoryBuffer_MMap || count == 0)
    return;
  const ArrayRef<uint8_t> bytes = entry.bytes.slice(
      begin * elementSize(entry.dtype), count * elementSize(entry.dtype));
  // Whole pages, the shared ones at the ends too: they come back when needed.
  const Align page(sys::Process::getPageSizeEstimate());
  const uintptr_t first =
      alignDown(reinterpret_cast<uintptr_t>(bytes.begin()), page.value());
  const uintptr_t last =
      alignTo(reinterpret_cast<uintptr_t>(bytes.end()), page);
  // Advice only: where it fails the pages just stay.
  (void)::madvise(reinterpret_cast<void *>(first), last - first, MADV_DONTNEED);
#endif
}

} // namespace heddle::weights
