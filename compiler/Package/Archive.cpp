//===- Archive.cpp - Static archives --------------------------------------===//
//
// LLVM's archive writer with fixed choices.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/Archive.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Object/ArchiveWriter.h"

#include <vector>

using namespace llvm;

namespace heddle::package {

Expected<std::unique_ptr<MemoryBuffer>> openMember(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (std::error_code code = buffer.getError())
    return createStringError(code,
                             path + ": " + StringRef(code.message()).lower());
  return std::move(*buffer);
}

Error writeArchive(ArrayRef<ArchiveMember> members, raw_ostream &os) {
  StringSet<> names;
  std::vector<NewArchiveMember> list;
  for (const ArchiveMember &member : members) {
    auto fail = [&](const Twine &message) {
      return createStringError("archive member \"" + member.name + "\" " +
                               message);
    };
    if (member.name.empty() ||
        StringRef(member.name).find_first_of(StringRef("/\n\0", 3)) !=
            StringRef::npos)
      return fail("has a wrong name, wanted one without '/'");
    if (!names.insert(member.name).second)
      return fail("is given twice");
    if (identify_magic(member.bytes.getBuffer()) != file_magic::elf_relocatable)
      return fail("is not a relocatable ELF object");
    NewArchiveMember entry(
        MemoryBufferRef(member.bytes.getBuffer(), member.name));
    entry.MemberName = member.name;
    list.push_back(std::move(entry));
  }
  // The writer's warnings (a member it cannot read symbols from) are errors
  // here: the index would lack them.
  Error warning = Error::success();
  Error error = writeArchiveToStream(
      os, list, SymtabWritingMode::NormalSymtab, object::Archive::K_GNU,
      /*Deterministic=*/true, /*Thin=*/false, /*IsEC=*/std::nullopt,
      [&](Error next) {
        warning = joinErrors(std::move(warning), std::move(next));
      });
  return joinErrors(std::move(warning), std::move(error));
}

} // namespace heddle::package
