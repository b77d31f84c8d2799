//===- fault-test.cpp - Faults of heddle's own, on purpose ----------------===//
//
// heddle-fault-test fail|crash|invalid   a phase whose pass does that
// heddle-fault-test signal FILE          a fatal signal while FILE is written
//
//===----------------------------------------------------------------------===//

#include "compiler/Driver/Fault.h"
#include "compiler/Package/OutputFile.h"
#include "dialects/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/Pass.h"

#include "llvm/Support/InitLLVM.h"

#include <csignal>

using namespace mlir;

namespace {

/// Does to the module what a fault in a pass would.
struct FaultPass : PassWrapper<FaultPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FaultPass)
  explicit FaultPass(llvm::StringRef how) : how(how) {}
  llvm::StringRef getArgument() const override { return "test-fault"; }
  void runOnOperation() override {
    if (how == "fail")
      return signalPassFailure();
    if (how == "crash")
      std::raise(SIGSEGV);
    // Invalid: a function that does not end.
    getOperation().walk([](func::ReturnOp op) { op.erase(); });
  }
  llvm::StringRef how;
};

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  heddle::driver::installFaultHandlers();
  llvm::StringRef how = argc > 1 ? argv[1] : "";
  if (how == "signal") {
    heddle::package::OutputSet outputs;
    auto stream = outputs.create(argv[2]);
    if (!stream)
      return 1;
    **stream << "half";
    (*stream)->flush();
    std::raise(SIGSEGV);
    return 0;
  }
  DialectRegistry registry;
  heddle::registerDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = parseSourceString<ModuleOp>("func.func @kept() { return }", &context);
  llvm::Error error = heddle::driver::runPhase(*module, "fuse", [&](PassManager &passes) {
    passes.addPass(std::make_unique<FaultPass>(how));
  });
  if (!error)
    return 0;
  llvm::errs() << llvm::toString(std::move(error)) << "\n";
  return 70;
}
