//===- Fault.cpp - What is heddle's own fault -----------------------------===//

#include "compiler/Driver/Fault.h"

#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"

#include <csignal>
#include <unistd.h>

namespace heddle::driver {

using namespace mlir;

char InternalError::ID = 0;

void InternalError::log(llvm::raw_ostream &os) const {
  os << phase << (message.empty() ? " failed" : ": " + message) << "; this is a fault of heddle";
  if (!reproducer.empty())
    os << "; " << holds << " is in " << reproducer;
}

/// Opens a new temporary file; -1 where there is none.
static int openTemporary(llvm::StringRef phase, std::string &path, llvm::StringRef suffix = "mlir") {
  std::string name = "heddle-" + phase.str();
  std::replace(name.begin(), name.end(), ' ', '-');
  int descriptor = -1;
  llvm::SmallString<128> made;
  if (llvm::sys::fs::createTemporaryFile(name, suffix, descriptor, made))
    return -1;
  path = made.str().str();
  return descriptor;
}

std::string saveModule(ModuleOp module, llvm::StringRef phase) {
  std::string path;
  int descriptor = openTemporary(phase, path);
  if (descriptor < 0)
    return "";
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  // It may be invalid, which is why it is wanted.
  module->print(os, OpPrintingFlags().assumeVerified().enableDebugInfo());
  os.close();
  os.clear_error();
  return path;
}

std::string saveKernel(llvm::StringRef text) {
  std::string path;
  int descriptor = openTemporary("kernel", path, "kernel");
  if (descriptor < 0)
    return "";
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  os << text;
  os.close();
  os.clear_error();
  return path;
}

namespace {

/// Where the pass manager writes a reproducer: a file that exists only if it does.
class TemporaryStream : public ReproducerStream {
public:
  TemporaryStream(llvm::StringRef phase, std::string &path) : descriptor(openTemporary(phase, path)), path(path) {
    if (descriptor >= 0)
      stream = std::make_unique<llvm::raw_fd_ostream>(descriptor, /*shouldClose=*/true);
  }
  llvm::StringRef description() override { return path; }
  llvm::raw_ostream &os() override { return stream ? *stream : llvm::nulls(); }

private:
  int descriptor;
  std::string path;
  std::unique_ptr<llvm::raw_fd_ostream> stream;
};

} // namespace

llvm::Error runPhase(ModuleOp module, llvm::StringRef phase, llvm::function_ref<void(PassManager &)> fill) {
  // A crash is caught, the module written as it was before the phase. The state of
  // the process is not to be trusted afterwards: all that follows is the message.
  llvm::CrashRecoveryContext::Enable();
  std::string path;
  PassManager passes(module.getContext());
  passes.enableCrashReproducerGeneration(
      [&](std::string &error) -> std::unique_ptr<ReproducerStream> {
        auto stream = std::make_unique<TemporaryStream>(phase, path);
        if (path.empty())
          error = "no temporary file can be made";
        return path.empty() ? nullptr : std::move(stream);
      });
  fill(passes);
  LogicalResult result = passes.run(module);
  llvm::CrashRecoveryContext::Disable();
  if (succeeded(result))
    return llvm::Error::success();
  return llvm::make_error<InternalError>("phase " + phase.str(), path);
}

void installFaultHandlers() {
  llvm::setBugReportMsg("this is a fault of heddle; please report it with what follows\n");
  // Behind the handler that prints the stack: the last word is the exit code.
  llvm::sys::AddSignalHandler([](void *) { _exit(70); }, nullptr);
  // A file that may not grow any further is an error of the write.
  std::signal(SIGXFSZ, SIG_IGN);
}

} // namespace heddle::driver
