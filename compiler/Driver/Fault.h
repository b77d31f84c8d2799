//===- Fault.h - What is heddle's own fault -------------------------------===//
//
// A message that is of use to whoever mends it: which phase, and a file that
// holds the module before it.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_DRIVER_FAULT_H
#define HEDDLE_COMPILER_DRIVER_FAULT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include "llvm/Support/Error.h"

namespace heddle::driver {

/// An error that no input deserves.
class InternalError : public llvm::ErrorInfo<InternalError> {
public:
  static char ID;
  /// `phase`: what heddle was doing; `reproducer`: a file with the module before
  /// it (or with what `holds` says), or empty; `message`: what went wrong, or empty
  /// where it has been said.
  InternalError(std::string phase, std::string reproducer, std::string message = "",
                std::string holds = "the module before it")
      : phase(std::move(phase)), reproducer(std::move(reproducer)), message(std::move(message)),
        holds(std::move(holds)) {}

  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  std::string phase, reproducer, message, holds;
};

/// Writes the module to a new file in the folder for temporary files ($TMPDIR)
/// and returns its path; empty where that cannot be done.
std::string saveModule(mlir::ModuleOp module, llvm::StringRef phase);

/// The same for the text of a kernel, which `heddle-kernel` reads.
std::string saveKernel(llvm::StringRef text);

/// Runs a phase, verifying after each pass. A pass that fails, IR that is invalid
/// after one, and a crash in one become an InternalError, and the module before the
/// phase is written for `heddle-opt --run-reproducer`. Diagnostics go to the
/// context's handlers.
llvm::Error runPhase(mlir::ModuleOp module, llvm::StringRef phase,
                     llvm::function_ref<void(mlir::PassManager &)> fill);

/// A fatal signal removes unfinished outputs, says that it is heddle's fault and
/// by which command line, prints the stack, and ends the process with code 70.
/// To be called once, behind llvm::InitLLVM.
void installFaultHandlers();

} // namespace heddle::driver

#endif // HEDDLE_COMPILER_DRIVER_FAULT_H
