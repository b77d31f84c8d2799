//===- heddle-opt.cpp - Run passes over Heddle's IR -----------------------===//

#include "dialects/Registry.h"
#ifdef HEDDLE_HAS_PASSES
#include "passes/Passes.h"
#endif

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  heddle::registerDialects(registry);
  mlir::registerTransformsPasses(); // canonicalize, cse, symbol-dce, inline, ...
#ifdef HEDDLE_HAS_PASSES
  heddle::registerPasses();
#endif
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Heddle's optimizer driver\n", registry));
}
