//===- Message.h - What the compiler and its workers say to each other ----===//
//
// A message is a length and that many bytes; inside, numbers of 64 bits and texts
// with their lengths. Both ends are the same program on the same machine, so there
// are no versions and no byte orders. What cannot be read is an end of the talk.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WORKERS_MESSAGE_H
#define HEDDLE_COMPILER_WORKERS_MESSAGE_H

#include "compiler/Kernels/KernelLibrary.h"

#include "llvm/ADT/StringRef.h"

namespace heddle::workers {

/// One kernel to compile.
struct Request {
  std::string text; ///< the kernel as KernelText.h has it
  std::string isa;
  uint64_t seconds = 0;   ///< of processor time, at most; 0: any
  uint64_t megabytes = 0; ///< of memory, at most; 0: any
};

/// What became of it.
struct Reply {
  std::string failure; ///< empty: compiled
  kernels::Compiled compiled;
};

std::string pack(const Request &request);
std::string pack(const Reply &reply);
/// False where the bytes are not a whole message and nothing else.
bool unpack(llvm::StringRef bytes, Request &request);
bool unpack(llvm::StringRef bytes, Reply &reply);

/// Sends a message over a socket; false where nobody reads it any more.
bool send(int socket, llvm::StringRef bytes);
/// Waits for a message; false where none will come.
bool receive(int socket, std::string &bytes);

} // namespace heddle::workers

#endif // HEDDLE_COMPILER_WORKERS_MESSAGE_H
