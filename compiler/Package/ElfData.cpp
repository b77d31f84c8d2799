//===- ElfData.cpp - An object file of read-only data ---------------------===//
//
// The sizes are known before the bytes, so every offset is computed first and
// the file is written front to back.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/ElfData.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/EndianStream.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <vector>

using namespace llvm;

namespace heddle::package {

namespace {

constexpr uint64_t kHeaderSize = 64, kSectionSize = 64, kSymbolSize = 24;
constexpr uint64_t kMostAlignment = 4096;

/// The sections in their order in the file.
enum : uint16_t { Null, Rodata, Note, Symtab, Strtab, Shstrtab, SectionCount };

bool isSymbolName(StringRef name) {
  return !name.empty() && !isDigit(name[0]) &&
         all_of(name, [](char c) { return isAlnum(c) || c == '_'; });
}

class Writer {
public:
  Writer(Machine machine, ArrayRef<DataBlob> blobs, raw_ostream &os)
      : machine(machine), blobs(blobs), os(os), out(os, endianness::little),
        start(os.tell()) {}

  Error write() {
    if (Error error = layOut())
      return error;
    writeHeader();
    if (Error error = writeBlobs())
      return error;
    writeSymbols();
    os << strtab << sectionNames;
    padTo(sectionOffset);
    writeSections();
    return Error::success();
  }

private:
  /// Computes all offsets and the string tables.
  Error layOut() {
    uint64_t size = 0;
    StringSet<> names;
    strtab.push_back('\0');
    for (const DataBlob &blob : blobs) {
      auto fail = [&](const Twine &message) {
        return createStringError("data symbol \"" + blob.symbol + "\" " +
                                 message);
      };
      if (!isSymbolName(blob.symbol))
        return fail("is not a C identifier");
      if (!names.insert(blob.symbol).second)
        return fail("is given twice");
      if (!isPowerOf2_64(blob.alignment) || blob.alignment > kMostAlignment)
        return fail(formatv("has alignment {0}, wanted a power of two of at "
                            "most {1}",
                            blob.alignment, kMostAlignment)
                        .str());
      size = alignTo(size, blob.alignment);
      if (blob.size > kMostObjectData || size > kMostObjectData - blob.size)
        return fail(formatv("of {0} bytes brings the read-only data over {1} "
                            "bytes, the most that an object can hold; put the "
                            "weights into a file",
                            blob.size, kMostObjectData)
                        .str());
      offsets.push_back(size);
      size += blob.size;
      alignment = std::max(alignment, blob.alignment);
      symbolNames.push_back(strtab.size());
      strtab += blob.symbol;
      strtab.push_back('\0');
    }
    dataSize = size;
    dataOffset = alignTo(kHeaderSize, alignment);
    symtabOffset = alignTo(dataOffset + dataSize, 8);
    strtabOffset = symtabOffset + kSymbolSize * (blobs.size() + 1);

    sectionNames.push_back('\0');
    for (StringRef name :
         {".rodata", ".note.GNU-stack", ".symtab", ".strtab", ".shstrtab"}) {
      nameOffsets.push_back(sectionNames.size());
      sectionNames += name;
      sectionNames.push_back('\0');
    }
    sectionOffset =
        alignTo(strtabOffset + strtab.size() + sectionNames.size(), 8);
    return Error::success();
  }

  uint64_t position() const { return os.tell() - start; }
  void padTo(uint64_t offset) { os.write_zeros(offset - position()); }

  void writeHeader() {
    const uint8_t ident[ELF::EI_NIDENT] = {0x7f,
                                           'E',
                                           'L',
                                           'F',
                                           ELF::ELFCLASS64,
                                           ELF::ELFDATA2LSB,
                                           ELF::EV_CURRENT,
                                           ELF::ELFOSABI_NONE};
    os.write(reinterpret_cast<const char *>(ident), sizeof(ident));
    out.write<uint16_t>(ELF::ET_REL);
    out.write<uint16_t>(machine == Machine::X86_64 ? ELF::EM_X86_64
                                                   : ELF::EM_AARCH64);
    out.write<uint32_t>(ELF::EV_CURRENT);
    out.write<uint64_t>(0); // e_entry
    out.write<uint64_t>(0); // e_phoff
    out.write<uint64_t>(sectionOffset);
    out.write<uint32_t>(0); // e_flags
    out.write<uint16_t>(kHeaderSize);
    out.write<uint16_t>(0); // e_phentsize
    out.write<uint16_t>(0); // e_phnum
    out.write<uint16_t>(kSectionSize);
    out.write<uint16_t>(SectionCount);
    out.write<uint16_t>(Shstrtab);
  }

  Error writeBlobs() {
    for (size_t i = 0; i < blobs.size(); ++i) {
      padTo(dataOffset + offsets[i]);
      if (blobs[i].size == 0)
        continue;
      const uint64_t begin = position();
      if (Error error = blobs[i].write(os))
        return error;
      const uint64_t written = position() - begin;
      if (written != blobs[i].size)
        return createStringError(
            formatv("data symbol \"{0}\" was given {1} bytes, wanted {2}",
                    blobs[i].symbol, written, blobs[i].size));
    }
    return Error::success();
  }

  void writeSymbols() {
    padTo(symtabOffset);
    os.write_zeros(kSymbolSize);
    for (size_t i = 0; i < blobs.size(); ++i) {
      out.write<uint32_t>(symbolNames[i]);
      out.write<uint8_t>((ELF::STB_GLOBAL << 4) | ELF::STT_OBJECT);
      out.write<uint8_t>(ELF::STV_HIDDEN);
      out.write<uint16_t>(Rodata);
      out.write<uint64_t>(offsets[i]);
      out.write<uint64_t>(blobs[i].size);
    }
  }

  void section(uint32_t name, uint32_t type, uint64_t flags, uint64_t offset,
               uint64_t size, uint32_t link, uint32_t info, uint64_t align,
               uint64_t entrySize) {
    out.write<uint32_t>(name);
    out.write<uint32_t>(type);
    out.write<uint64_t>(flags);
    out.write<uint64_t>(0); // sh_addr
    out.write<uint64_t>(offset);
    out.write<uint64_t>(size);
    out.write<uint32_t>(link);
    out.write<uint32_t>(info);
    out.write<uint64_t>(align);
    out.write<uint64_t>(entrySize);
  }

  void writeSections() {
    section(0, ELF::SHT_NULL, 0, 0, 0, 0, 0, 0, 0);
    section(nameOffsets[0], ELF::SHT_PROGBITS, ELF::SHF_ALLOC, dataOffset,
            dataSize, 0, 0, alignment, 0);
    section(nameOffsets[1], ELF::SHT_PROGBITS, 0, symtabOffset, 0, 0, 0, 1, 0);
    // info: the first symbol that is not local.
    section(nameOffsets[2], ELF::SHT_SYMTAB, 0, symtabOffset,
            kSymbolSize * (blobs.size() + 1), Strtab, 1, 8, kSymbolSize);
    section(nameOffsets[3], ELF::SHT_STRTAB, 0, strtabOffset, strtab.size(), 0,
            0, 1, 0);
    section(nameOffsets[4], ELF::SHT_STRTAB, 0, strtabOffset + strtab.size(),
            sectionNames.size(), 0, 0, 1, 0);
  }

  Machine machine;
  ArrayRef<DataBlob> blobs;
  raw_ostream &os;
  support::endian::Writer out;
  const uint64_t start;

  std::vector<uint64_t> offsets; ///< of each blob in .rodata
  std::vector<uint32_t> symbolNames, nameOffsets;
  std::string strtab, sectionNames;
  uint64_t alignment = 1, dataSize = 0;
  uint64_t dataOffset = 0, symtabOffset = 0, strtabOffset = 0,
           sectionOffset = 0;
};

} // namespace

Error writeDataObject(Machine machine, ArrayRef<DataBlob> blobs,
                      raw_ostream &os) {
  return Writer(machine, blobs, os).write();
}

} // namespace heddle::package
