//===- RuntimeObjectsTest.cpp - Writes the embedded runtime to files ------===//
//
// `heddle-runtime-objects FOLDER` writes each object that the compiler embeds
// into FOLDER and prints its name.
//
//===----------------------------------------------------------------------===//

#include "runtime/RuntimeObjects.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: heddle-runtime-objects FOLDER\n";
    return 2;
  }
  for (const heddle::RuntimeObject &object : heddle::runtimeObjects()) {
    std::error_code error;
    llvm::raw_fd_ostream file((llvm::Twine(argv[1]) + "/" + object.name).str(), error);
    file.write(reinterpret_cast<const char *>(object.bytes.data()), object.bytes.size());
    file.close();
    if (error || file.has_error()) {
      llvm::errs() << "error: cannot write " << object.name << "\n";
      return 1;
    }
    llvm::outs() << object.name << "\n";
  }
  return 0;
}
