//===- ObjectEdit.cpp - Symbols of an object file -------------------------===//
//
// LLVM's objcopy library behind plain structs.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/ObjectEdit.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace heddle::package {

namespace {

Error named(MemoryBufferRef object, Error error) {
  return createStringError(object.getBufferIdentifier() + ": " +
                           toString(std::move(error)));
}

Expected<std::unique_ptr<object::ObjectFile>> openElf(MemoryBufferRef object) {
  auto wrongKind = [&] {
    return createStringError(object.getBufferIdentifier() +
                             ": is not a relocatable 64-bit little-endian ELF "
                             "object");
  };
  if (identify_magic(object.getBuffer()) != file_magic::elf_relocatable)
    return wrongKind();
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createELFObjectFile(object);
  if (!file)
    return named(object, file.takeError());
  if (!isa<object::ELF64LEObjectFile>(**file))
    return wrongKind();
  return file;
}

/// The symbols that are not local, in the object's order.
Expected<std::vector<ObjectSymbol>> listGlobals(MemoryBufferRef object,
                                                object::ObjectFile &file) {
  std::vector<ObjectSymbol> result;
  for (const object::ELFSymbolRef symbol :
       cast<object::ELFObjectFileBase>(file).symbols()) {
    if (symbol.getBinding() == ELF::STB_LOCAL)
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return named(object, name.takeError());
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return named(object, flags.takeError());
    ObjectSymbol entry;
    entry.name = name->str();
    entry.isDefined = !(*flags & object::SymbolRef::SF_Undefined);
    entry.isWeak = symbol.getBinding() == ELF::STB_WEAK;
    entry.isHidden = (symbol.getOther() & 3) == ELF::STV_HIDDEN;
    result.push_back(std::move(entry));
  }
  return result;
}

Error addName(objcopy::NameMatcher &matcher, StringRef name) {
  return matcher.addMatcher(objcopy::NameOrPattern::create(
      name, objcopy::MatchStyle::Literal, [](Error error) { return error; }));
}

} // namespace

Expected<std::unique_ptr<MemoryBuffer>> editSymbols(MemoryBufferRef object,
                                                    const SymbolEdit &edit) {
  Expected<std::unique_ptr<object::ObjectFile>> file = openElf(object);
  if (!file)
    return file.takeError();
  Expected<std::vector<ObjectSymbol>> symbols = listGlobals(object, **file);
  if (!symbols)
    return symbols.takeError();

  // Two symbols of one name would silently become one when they are linked.
  StringSet<> after;
  for (const ObjectSymbol &symbol : *symbols) {
    auto renamed = edit.rename.find(symbol.name);
    StringRef name = renamed == edit.rename.end() ? StringRef(symbol.name)
                                                  : StringRef(renamed->second);
    if (!after.insert(name).second)
      return createStringError(object.getBufferIdentifier() +
                               ": two symbols would be \"" + name + "\"");
  }

  objcopy::ConfigManager config;
  config.Common.InputFilename = object.getBufferIdentifier();
  config.Common.OutputFilename = object.getBufferIdentifier();
  for (const auto &entry : edit.rename)
    config.Common.SymbolsToRename[entry.getKey()] = entry.getValue();
  for (const std::string &name : edit.makeLocal)
    if (Error error = addName(config.Common.SymbolsToLocalize, name))
      return named(object, std::move(error));
  if (edit.hideDefined) {
    objcopy::NameMatcher hidden;
    for (const ObjectSymbol &symbol : *symbols)
      if (symbol.isDefined && !is_contained(edit.keepVisible, symbol.name))
        if (Error error = addName(hidden, symbol.name))
          return named(object, std::move(error));
    config.ELF.SymbolsToSetVisibility.emplace_back(std::move(hidden),
                                                   ELF::STV_HIDDEN);
  }

  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  if (Error error = objcopy::executeObjcopyOnBinary(config, **file, os))
    return named(object, std::move(error));
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(bytes), object.getBufferIdentifier(),
      /*RequiresNullTerminator=*/false);
}

Expected<std::vector<ObjectSymbol>> globalSymbols(MemoryBufferRef object) {
  Expected<std::unique_ptr<object::ObjectFile>> file = openElf(object);
  if (!file)
    return file.takeError();
  Expected<std::vector<ObjectSymbol>> symbols = listGlobals(object, **file);
  if (symbols)
    llvm::sort(*symbols, [](const ObjectSymbol &a, const ObjectSymbol &b) {
      return a.name < b.name;
    });
  return symbols;
}

Expected<std::vector<std::string>> undefinedSymbols(MemoryBufferRef object) {
  Expected<std::vector<ObjectSymbol>> symbols = globalSymbols(object);
  if (!symbols)
    return symbols.takeError();
  std::vector<std::string> names;
  for (ObjectSymbol &symbol : *symbols)
    if (!symbol.isDefined)
      names.push_back(std::move(symbol.name));
  return names;
}

Expected<uint64_t> writableBytes(MemoryBufferRef object) {
  Expected<std::unique_ptr<object::ObjectFile>> file = openElf(object);
  if (!file)
    return file.takeError();
  uint64_t bytes = 0;
  for (const object::ELFSectionRef section : (*file)->sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return named(object, name.takeError());
    constexpr uint64_t writable = ELF::SHF_ALLOC | ELF::SHF_WRITE;
    if ((section.getFlags() & writable) == writable &&
        !name->starts_with(".data.rel.ro"))
      bytes += section.getSize();
  }
  return bytes;
}

} // namespace heddle::package
