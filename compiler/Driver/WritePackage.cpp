//===- WritePackage.cpp - Archive, header and weights ---------------------===//
//
// Weights are written tensor by tensor, into an object of the archive or into the
// weights file, and never lie in memory as a whole.
//
//===----------------------------------------------------------------------===//

#include "compiler/Driver/Driver.h"

#include "compiler/Host/HostFunction.h"
#include "compiler/Package/Archive.h"
#include "compiler/Package/ElfData.h"
#include "compiler/Package/Header.h"
#include "compiler/Package/OutputFile.h"
#include "compiler/Reference/Evaluator.h"
#include "compiler/Weights/Pack.h"
#include "compiler/Weights/Stored.h"
#include "dialects/Graph/GraphOps.h"
#include "runtime/RuntimeObjects.h"
#include "runtime/include/heddle/abi.h"

#include "llvm/Support/Path.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/mman.h>
#include <unistd.h>

namespace heddle::driver {

using namespace mlir;

llvm::Error writeWeights(Model &model, const Objects &objects, llvm::raw_ostream &os) {
  uint64_t written = 0;
  reference::Evaluator evaluator(*model.module, model.checkpoint ? &*model.checkpoint : nullptr);
  for (const PackedWeight &weight : objects.weights) {
    model.report({"packing weights", size_t(&weight - objects.weights.data()) + 1, objects.weights.size()});
    for (; written < weight.offset; ++written)
      os << '\0';
    kernels::Type stored = weight.type;
    unsigned elementSize = weights::storedSize(stored);
    if (auto op = dyn_cast<graph::WeightOp>(weight.op)) {
      llvm::SmallVector<const weights::TensorEntry *> parts;
      for (auto path : op.getPaths().getAsRange<StringAttr>()) {
        const weights::TensorEntry *entry = model.checkpoint ? model.checkpoint->find(path.getValue()) : nullptr;
        if (!entry)
          return llvm::createStringError("no tensor \"" + path.getValue() + "\" in the checkpoint; give it with --weights");
        parts.push_back(entry);
      }
      auto read = [&](uint64_t begin, uint64_t count, llvm::MutableArrayRef<uint8_t> out) -> llvm::Error {
        // A run may cross from one part of a stack to the next.
        for (const weights::TensorEntry *part : parts) {
          if (begin >= part->count()) {
            begin -= part->count();
            continue;
          }
          uint64_t now = std::min(count, part->count() - begin);
          if (llvm::Error error = weights::readStored(*model.checkpoint, *part, stored, begin, now, out.take_front(now * elementSize)))
            return error;
          out = out.drop_front(now * elementSize);
          begin = 0;
          count -= now;
          if (count == 0)
            break;
        }
        return llvm::Error::success();
      };
      if (llvm::Error error = weights::pack(weight.shape, elementSize, weight.layout, read, os))
        return error;
      for (const weights::TensorEntry *entry : parts)
        model.checkpoint->release(*entry);
    } else {
      auto value = evaluator.global(cast<graph::GetGlobalOp>(weight.op).getGlobal());
      if (!value)
        return value.takeError();
      auto read = [&](uint64_t begin, uint64_t count, llvm::MutableArrayRef<uint8_t> out) -> llvm::Error {
        if (isa<FloatType>(cast<graph::GraphTensorType>(weight.op->getResult(0).getType()).getElementType())) {
          std::vector<double> reals(count);
          for (uint64_t i = 0; i < count; ++i)
            reals[i] = value->real(begin + i);
          weights::storeRounded(stored, reals, out);
          return llvm::Error::success();
        }
        std::vector<int64_t> integers(count);
        for (uint64_t i = 0; i < count; ++i)
          integers[i] = value->integer(begin + i);
        return weights::storeElements(stored, integers, out);
      };
      if (llvm::Error error = weights::pack(weight.shape, elementSize, weight.layout, read, os))
        return error;
    }
    written = weight.offset + weight.size;
  }
  for (; written < objects.weightsSize; ++written)
    os << '\0';
  return llvm::Error::success();
}

namespace {

/// Passes everything on; the pages of a mapped file leave memory behind it.
class ReleasingStream : public llvm::raw_ostream {
public:
  ReleasingStream(llvm::raw_ostream &os, llvm::StringRef mapped) : os(os), mapped(mapped) { SetUnbuffered(); }

private:
  void write_impl(const char *data, size_t size) override {
    constexpr size_t kPiece = 4 << 20;
    bool isMapped = data >= mapped.begin() && data + size <= mapped.end();
    for (size_t at = 0; at < size; at += kPiece) {
      size_t now = std::min(kPiece, size - at);
      os.write(data + at, now);
      if (isMapped)
        release(data + at, now);
    }
    written += size;
  }
  /// Whole pages only. The mapping is of a file and is only read: what is needed
  /// again comes back from there.
  static void release(const char *data, size_t size) {
    uintptr_t page = sysconf(_SC_PAGESIZE), begin = (reinterpret_cast<uintptr_t>(data) + page - 1) / page * page,
              end = (reinterpret_cast<uintptr_t>(data) + size) / page * page;
    if (begin < end)
      madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
  }
  uint64_t current_pos() const override { return written; }

  llvm::raw_ostream &os;
  llvm::StringRef mapped;
  uint64_t written = 0;
};

/// Passes everything on and sums it up.
class SummingStream : public llvm::raw_ostream {
public:
  explicit SummingStream(llvm::raw_ostream &os) : os(os) { SetBufferSize(1 << 16); }
  ~SummingStream() override { flush(); }
  hd1_checksum sum{};

private:
  void write_impl(const char *data, size_t size) override {
    os.write(data, size);
    written += size;
    while (size) {
      if (held.empty() && size >= kBlock) {
        size_t now = size / kBlock * kBlock;
        hd1_checksum_add(&sum, data, now);
        data += now;
        size -= now;
        continue;
      }
      size_t now = std::min(kBlock - held.size(), size);
      held.append(data, data + now);
      data += now;
      size -= now;
      if (held.size() == kBlock) {
        hd1_checksum_add(&sum, held.data(), kBlock);
        held.clear();
      }
    }
  }
  uint64_t current_pos() const override { return written; }

  static constexpr size_t kBlock = 64;
  llvm::raw_ostream &os;
  llvm::SmallVector<char, kBlock> held; ///< less than a block
  uint64_t written = 0;
};

} // namespace

/// Writes the weights file: the checksum is known last, the header stands first.
static llvm::Error writeWeightsFile(Model &model, const Objects &objects, llvm::raw_pwrite_stream &os) {
  os.write_zeros(HD1_WEIGHTS_BEGIN);
  SummingStream summing(os);
  if (llvm::Error error = writeWeights(model, objects, summing))
    return error;
  summing.flush();
  hd1_weights_header header{};
  memcpy(header.magic, HD1_WEIGHTS_MAGIC, sizeof(header.magic));
  header.version = HD1_WEIGHTS_VERSION;
  header.begin = HD1_WEIGHTS_BEGIN;
  header.size = objects.weightsSize;
  header.layout = objects.weightsLayout;
  header.checksum = hd1_checksum_end(&summing.sum);
  hd1_checksum sum{};
  hd1_checksum_add(&sum, &header, sizeof(header));
  header.header_checksum = hd1_checksum_end(&sum);
  os.pwrite(reinterpret_cast<const char *>(&header), sizeof(header), 0);
  return llvm::Error::success();
}

llvm::Error writePackage(Model &model, const Objects &objects, llvm::StringRef output, llvm::StringRef weightsFile) {
  if (!output.ends_with(".a"))
    return llvm::createStringError("the output is an archive, NAME.a; this is " + output);
#ifdef __GLIBC__
  // What compiling the kernels left behind makes room for the weights.
  malloc_trim(0);
#endif
  package::OutputSet outputs;
  auto archive = outputs.create(output);
  if (!archive)
    return archive.takeError();
  std::string headerPath = (output.drop_back(2) + ".h").str();
  auto header = outputs.create(headerPath);
  if (!header)
    return header.takeError();
  package::Signature signature = objects.signature;
  std::string weightsPath = weightsFile.empty() ? (output.drop_back(2) + ".weights").str() : weightsFile.str();
  if (objects.weightsInFile)
    signature.weightsFile = llvm::sys::path::filename(weightsPath).str();
  **header << package::printHeader(signature);

  std::vector<package::ArchiveMember> members;
  for (auto &[name, buffer] : objects.members)
    members.push_back({name, buffer->getMemBufferRef()});
  std::unique_ptr<llvm::MemoryBuffer> weights;
  if (objects.weightsInFile) {
    auto file = outputs.create(weightsPath);
    if (!file)
      return file.takeError();
    if (llvm::Error error = writeWeightsFile(model, objects, **file))
      return error;
  } else if (objects.weightsSize) {
    auto scratch = outputs.createScratch(output);
    if (!scratch)
      return scratch.takeError();
    package::DataBlob blob;
    blob.symbol = host::weightsSymbol(objects.signature);
    blob.size = objects.weightsSize;
    blob.write = [&](llvm::raw_ostream &os) { return writeWeights(model, objects, os); };
    if (llvm::Error error = package::writeDataObject(package::Machine::X86_64, blob, *scratch->stream))
      return error;
    if (llvm::Error error = outputs.finishScratch(*scratch))
      return error;
    auto member = package::openMember(scratch->path);
    if (!member)
      return member.takeError();
    weights = std::move(*member);
    members.push_back({objects.signature.name + "_weights.o", weights->getMemBufferRef()});
  }
  for (const RuntimeObject &object : runtimeObjects())
    members.push_back({object.name.str(),
                       llvm::MemoryBufferRef(llvm::StringRef(reinterpret_cast<const char *>(object.bytes.data()), object.bytes.size()),
                                             object.name)});
  ReleasingStream stream(**archive, weights ? weights->getBuffer() : llvm::StringRef());
  if (llvm::Error error = package::writeArchive(members, stream))
    return error;
  return outputs.commit();
}

} // namespace heddle::driver
