//===- heddle.cpp - The command line --------------------------------------===//

#include "tools/heddle/Commands.h"

#include "compiler/Driver/Fault.h"
#include "compiler/Workers/Worker.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
  // Before there are threads and handlers of signals: this process may be a worker.
  if (std::optional<int> code = heddle::workers::runAsWorker(argc, argv))
    return *code;
  llvm::InitLLVM init(argc, argv);
  heddle::driver::installFaultHandlers();
  return heddle::tool::runCommand(llvm::ArrayRef<const char *>(argv, argc).drop_front());
}
