//===- EmitObject.h - LLVM modules to object files ------------------------===//

#ifndef HEDDLE_COMPILER_HOST_EMITOBJECT_H
#define HEDDLE_COMPILER_HOST_EMITOBJECT_H

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace heddle::host {

/// A relocatable, position independent object for any x86-64 processor. Verifies
/// `module`, of which `what` says in messages what it is. Safe on several threads.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> emitObject(llvm::Module &module, llvm::StringRef what);

} // namespace heddle::host

#endif // HEDDLE_COMPILER_HOST_EMITOBJECT_H
