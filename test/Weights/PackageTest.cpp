//===- PackageTest.cpp - Commands on objects, archives and outputs --------===//
//
// The part of heddle-weights-test that writes files.
//
//===----------------------------------------------------------------------===//

#include "test/Weights/WeightsTest.h"

#include "compiler/Package/Archive.h"
#include "compiler/Package/ElfData.h"
#include "compiler/Package/ObjectEdit.h"
#include "compiler/Package/OutputFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>

using namespace llvm;
using namespace heddle::package;

namespace heddle::test {

namespace {

/// elf MACHINE OUT SYMBOL:SIZE:ALIGNMENT...: blobs whose byte i is i * 7 +
/// size. SIZE may be "DECLARED/WRITTEN" to break the promise of a callback.
Error elf(Words words) {
  std::vector<DataBlob> blobs;
  for (const std::string &word : words.drop_front(2)) {
    SmallVector<StringRef> parts;
    StringRef(word).split(parts, ':');
    if (parts.size() != 3)
      return createStringError("wanted SYMBOL:SIZE:ALIGNMENT");
    DataBlob blob;
    blob.symbol = parts[0].str();
    auto [declared, given] = parts[1].split('/');
    uint64_t written = 0;
    if (declared.getAsInteger(10, blob.size) ||
        parts[2].getAsInteger(10, blob.alignment) ||
        (given.empty() ? declared : given).getAsInteger(10, written))
      return createStringError("wanted SYMBOL:SIZE:ALIGNMENT");
    blob.write = [written](raw_ostream &os) {
      for (uint64_t i = 0; i < written; ++i)
        os << static_cast<char>(i * 7 + written);
      return Error::success();
    };
    blobs.push_back(std::move(blob));
  }
  OutputSet outputs;
  Expected<raw_pwrite_stream *> os = outputs.create(words[1]);
  if (!os)
    return os.takeError();
  if (Error error = writeDataObject(words[0] == "aarch64" ? Machine::AArch64
                                                          : Machine::X86_64,
                                    blobs, **os))
    return error;
  return outputs.commit();
}

/// archive OUT FILE...: members are named by their files; "NAME=FILE" renames.
Error archive(Words words) {
  std::vector<std::unique_ptr<MemoryBuffer>> buffers;
  std::vector<ArchiveMember> members;
  for (const std::string &word : words.drop_front()) {
    auto [name, path] = StringRef(word).split('=');
    if (path.empty())
      path = word;
    Expected<std::unique_ptr<MemoryBuffer>> buffer = openMember(path);
    if (!buffer)
      return buffer.takeError();
    members.push_back({path.size() == word.size()
                           ? sys::path::filename(path).str()
                           : name.str(),
                       (*buffer)->getMemBufferRef()});
    buffers.push_back(std::move(*buffer));
  }
  OutputSet outputs;
  Expected<raw_pwrite_stream *> os = outputs.create(words[0]);
  if (!os)
    return os.takeError();
  if (Error error = writeArchive(members, **os))
    return error;
  return outputs.commit();
}

/// edit IN OUT [OLD=NEW | hide | keep:NAME | local:NAME]...
Error edit(Words words) {
  SymbolEdit change;
  for (StringRef word : words.drop_front(2)) {
    if (word == "hide")
      change.hideDefined = true;
    else if (word.consume_front("keep:"))
      change.keepVisible.push_back(word.str());
    else if (word.consume_front("local:"))
      change.makeLocal.push_back(word.str());
    else
      change.rename[word.split('=').first] = word.split('=').second.str();
  }
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openMember(words[0]);
  if (!buffer)
    return buffer.takeError();
  Expected<std::unique_ptr<MemoryBuffer>> edited =
      editSymbols((*buffer)->getMemBufferRef(), change);
  if (!edited)
    return edited.takeError();
  OutputSet outputs;
  Expected<raw_pwrite_stream *> os = outputs.create(words[1]);
  if (!os)
    return os.takeError();
  **os << (*edited)->getBuffer();
  return outputs.commit();
}

/// symbols FILE: the symbols that are not local, and the writable bytes.
Error symbols(Words words) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openMember(words[0]);
  if (!buffer)
    return buffer.takeError();
  Expected<std::vector<ObjectSymbol>> list =
      globalSymbols((*buffer)->getMemBufferRef());
  if (!list)
    return list.takeError();
  for (const ObjectSymbol &symbol : *list)
    outs() << (symbol.isDefined ? "defined " : "undefined ")
           << (symbol.isWeak ? "weak " : "")
           << (symbol.isHidden ? "hidden " : "") << symbol.name << '\n';
  Expected<std::vector<std::string>> needed =
      undefinedSymbols((*buffer)->getMemBufferRef());
  if (!needed)
    return needed.takeError();
  outs() << "needs";
  for (const std::string &name : *needed)
    outs() << ' ' << name;
  Expected<uint64_t> bytes = writableBytes((*buffer)->getMemBufferRef());
  if (!bytes)
    return bytes.takeError();
  outs() << "\nwritable " << *bytes << '\n';
  return Error::success();
}

/// outputs END WORD...: each word is PATH=TEXT (an output of TEXT),
/// scratch:PATH (a scratch file beside PATH, its size printed), fill:PATH:SIZE
/// (SIZE bytes) or folder:PATH (a folder put there). END is commit, discard,
/// forget (destruction only) or crash (SIGTERM).
Error outputs(Words words) {
  OutputSet set;
  for (StringRef word : words.drop_front()) {
    if (word.consume_front("scratch:")) {
      Expected<OutputSet::Scratch> scratch = set.createScratch(word);
      if (!scratch)
        return scratch.takeError();
      *scratch->stream << "scratch";
      if (Error error = set.finishScratch(*scratch))
        return error;
      Expected<std::unique_ptr<MemoryBuffer>> buffer =
          openMember(scratch->path);
      if (!buffer)
        return buffer.takeError();
      outs() << "scratch has " << (*buffer)->getBufferSize() << " bytes\n";
      continue;
    }
    if (word.consume_front("folder:")) {
      if (std::error_code code = sys::fs::create_directory(word))
        return createStringError(code, code.message());
      continue;
    }
    const bool fill = word.consume_front("fill:");
    auto [path, text] = word.split(fill ? ':' : '=');
    Expected<raw_pwrite_stream *> os = set.create(path);
    if (!os)
      return os.takeError();
    unsigned size = 0;
    if (fill && text.getAsInteger(10, size))
      return createStringError("wanted fill:PATH:SIZE");
    if (fill)
      (*os)->write_zeros(size);
    else
      **os << text;
  }
  if (words[0] == "commit")
    return set.commit();
  if (words[0] == "discard")
    set.discard();
  if (words[0] == "crash")
    raise(SIGTERM);
  return Error::success();
}

} // namespace

Error runPackageCommand(StringRef command, Words words, bool &known) {
  struct Command {
    StringRef name;
    size_t least;
    Error (*run)(Words);
  };
  const Command commands[] = {{"elf", 2, elf},
                              {"archive", 1, archive},
                              {"edit", 2, edit},
                              {"symbols", 1, symbols},
                              {"outputs", 1, outputs}};
  for (const Command &entry : commands)
    if (entry.name == command) {
      if (words.size() < entry.least)
        return createStringError("more words are wanted");
      return entry.run(words);
    }
  known = false;
  return Error::success();
}

} // namespace heddle::test
