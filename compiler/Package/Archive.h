//===- Archive.h - Static archives ----------------------------------------===//
//
// Puts object files into a static archive with a symbol index.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_PACKAGE_ARCHIVE_H
#define HEDDLE_COMPILER_PACKAGE_ARCHIVE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace heddle::package {

/// One member: its bytes must outlive the call that writes the archive. A large
/// one is best a mapped file (openMember).
struct ArchiveMember {
  std::string name; ///< without '/', unique in the archive
  llvm::MemoryBufferRef bytes;
};

/// Maps the object file `path` for use as a member. Errors begin with the path.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openMember(llvm::StringRef path);

/// Writes a GNU archive of ELF objects in the given order, with a symbol index.
/// Equal input gives equal bytes: no times, owners or modes. Members are not
/// copied. Fails for a wrong or repeated name and for a member that is no ELF
/// object; errors name the member.
llvm::Error writeArchive(llvm::ArrayRef<ArchiveMember> members,
                         llvm::raw_ostream &os);

} // namespace heddle::package

#endif // HEDDLE_COMPILER_PACKAGE_ARCHIVE_H
