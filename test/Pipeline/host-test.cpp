//===- host-test.cpp - Host functions of a file, without kernels ----------===//
//
// heddle-host-test plan FILE.mlir: where each value of each entry lies.
// heddle-host-test emit FILE.mlir DIR [FEATURES]: the header and the object of the
// host functions, DIR/MODEL.h and DIR/MODEL_host.o, for kernels that are written
// in C. Weights lie in the order of the file, each at a multiple of 64 bytes.
// FEATURES: what the kernels were compiled for, as HD1_CPU_* bits.
// Exits with 1 after an error.
//
//===----------------------------------------------------------------------===//

#include "compiler/Host/HostFunction.h"
#include "compiler/Host/Plan.h"
#include "compiler/Package/Header.h"
#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"
#include "dialects/Registry.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/FileSystem.h"

using namespace heddle;

static void printPlan(mlir::ModuleOp module) {
  llvm::raw_ostream &os = llvm::outs();
  for (auto entry : module.getOps<mlir::func::FuncOp>()) {
    host::Plan plan = host::plan(entry);
    os << "entry " << entry.getName() << "\n";
    for (auto call : entry.getOps<kernel::CallOp>()) {
      os << "  " << call.getCallee() << ":";
      for (mlir::Value value : call.getResults()) {
        auto slot = plan.slotOf.find(value);
        if (slot == plan.slotOf.end())
          os << " caller";
        else
          os << " slot " << slot->second << " at " << plan.offset(slot->second);
      }
      os << "\n";
    }
    os << "  workspace " << plan.offset(plan.slots.size()) << "\n";
  }
}

static llvm::Error write(llvm::StringRef path, llvm::StringRef bytes) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (error)
    return llvm::createStringError(error, path);
  os << bytes;
  os.close();
  return os.has_error() ? llvm::createStringError(os.error(), path) : llvm::Error::success();
}

static llvm::Error emit(mlir::ModuleOp module, llvm::StringRef folder, uint32_t features) {
  auto signature = host::signatureOf(module);
  if (!signature)
    return signature.takeError();
  host::HostOptions options;
  options.variants = {{"c", features, [](llvm::StringRef name) { return name.str(); }}};
  llvm::DenseMap<mlir::Operation *, uint64_t> offsets;
  uint64_t end = 0;
  module.walk([&](mlir::Operation *op) {
    if (!llvm::isa<graph::WeightOp, graph::GetGlobalOp>(op) || !llvm::isa<mlir::func::FuncOp>(op->getParentOp()))
      return;
    auto type = llvm::cast<graph::GraphTensorType>(op->getResult(0).getType());
    offsets[op] = end;
    end += llvm::alignTo(type.getNumElements().getConstant() * host::elementBytes(type.getElementType()), 64);
  });
  options.hasWeights = !offsets.empty();
  options.weightOffset = [&](mlir::Operation *op) { return offsets.lookup(op); };
  auto object = host::emitHostObject(module, *signature, options);
  if (!object)
    return object.takeError();
  std::string base = (folder + "/" + signature->name).str();
  if (llvm::Error error = write(base + ".h", package::printHeader(*signature)))
    return error;
  return write(base + "_host.o", (*object)->getBuffer());
}

int main(int argc, char **argv) {
  llvm::StringRef mode = argc > 1 ? argv[1] : "";
  uint32_t features = 0;
  if (!(mode == "plan" && argc == 3) && !(mode == "emit" && (argc == 4 || argc == 5))) {
    llvm::errs() << "usage: heddle-host-test (plan FILE.mlir | emit FILE.mlir DIR [FEATURES])\n";
    return 1;
  }
  if (argc == 5 && llvm::StringRef(argv[4]).getAsInteger(0, features)) {
    llvm::errs() << "expected a number of features, got " << argv[4] << "\n";
    return 1;
  }
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(argv[2], &context);
  if (!module)
    return 1;
  if (mode == "plan") {
    printPlan(*module);
    return 0;
  }
  llvm::Error error = emit(*module, argv[3], features);
  if (!error)
    return 0;
  llvm::errs() << llvm::toString(std::move(error)) << "\n";
  return 1;
}
