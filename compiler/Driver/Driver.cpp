//===- Driver.cpp - From a model file to objects --------------------------===//

#include "compiler/Driver/Driver.h"
#include "compiler/Driver/Fault.h"

#include "compiler/Frontend/Elaborator.h"
#include "compiler/Frontend/UsedFiles.h"
#include "compiler/Host/HostFunction.h"
#include "compiler/Kernels/KernelText.h"
#include "compiler/Library/Library.h"
#include "compiler/Pipeline/Describe.h"
#include "compiler/Pipeline/DescribeScalar.h"
#include "compiler/Syntax/Parser.h"
#include "dialects/Graph/GraphOps.h"
#include "dialects/Registry.h"
#include "passes/Passes.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/ADT/TypeSwitch.h"

namespace heddle::driver {

using namespace mlir;

Model::Model(const ModelOptions &options) : options(options) {
  DialectRegistry registry;
  registerDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}
Model::~Model() = default;

bool Model::load(llvm::raw_ostream &errors, bool asJson) {
  auto fail = [&](llvm::Error error) {
    report({});
    std::string text = frontend::onOneLine(llvm::toString(std::move(error)));
    if (asJson)
      frontend::printJsonError(text, errors);
    else
      errors << "error: " << text << "\n";
    return false;
  };
  frontend::SourceManager sources;
  frontend::Diagnostics diagnostics(sources);
  auto print = [&] {
    report({});
    asJson ? diagnostics.printJson(errors) : diagnostics.print(errors);
  };
  auto text = frontend::readModelFile(options.path);
  if (!text)
    return fail(text.takeError());
  int32_t library = sources.add("std.heddle", standardLibraryText().str());
  int32_t file = sources.add(options.path, *text);
  auto libraryTree = frontend::parseFile(sources, library, diagnostics);
  auto tree = frontend::parseFile(sources, file, diagnostics);
  frontend::UsedFiles used(sources, diagnostics);
  used.load(*tree, options.path);
  if (diagnostics.numErrors()) {
    print();
    return false;
  }
  if (!options.weights.empty()) {
    report({"reading weights", 0, 0, options.weights[0]});
    auto opened = weights::Checkpoint::open(options.weights);
    if (!opened)
      return fail(opened.takeError());
    checkpoint.emplace(std::move(*opened));
  }
  if (!options.config.empty()) {
    auto opened = weights::Config::open(options.config);
    if (!opened)
      return fail(opened.takeError());
    config.emplace(std::move(*opened));
  }
  frontend::ElaborateOptions elaborate;
  elaborate.config = config ? &*config : nullptr;
  elaborate.checkpoint = checkpoint ? &*checkpoint : nullptr;
  elaborate.weightsPrefix = options.weightsPrefix;
  elaborate.sets = options.sets;
  elaborate.used = &used;
  frontend::Elaborator elaborator(context, sources, diagnostics, elaborate);
  report({"checking", 0, 0, options.path});
  module = elaborator.run(*libraryTree, *tree);
  print();
  if (!module)
    return false;
  if (succeeded(verify(*module)))
    return true;
  isOurFault = true;
  return fail(llvm::make_error<InternalError>("phase import", saveModule(*module, "import"), "the module is invalid"));
}

llvm::ArrayRef<llvm::StringRef> phaseNames() {
  static const llvm::StringRef names[] = {"import", "normalize", "fuse", "outline", "layout", "kernels"};
  return names;
}

llvm::ArrayRef<llvm::StringRef> allTargets() {
  static const llvm::StringRef names[] = {"x86-64-v4", "x86-64-v3", "x86-64-v2"};
  return names;
}

/// What the reader calls an op that the phases behind import do not know yet.
static llvm::StringRef unsupported(Operation *op) {
  return llvm::TypeSwitch<Operation *, llvm::StringRef>(op)
      .Case<graph::LoopOp>([](auto) { return "loop"; })
      .Case<graph::ScanOp>([](auto) { return "scan"; })
      .Case<graph::IfOp>([](auto) { return "an if statement whose condition is known at run time only"; })
      .Case<graph::RequireOp>([](auto) { return "require of what is known at run time only"; })
      .Case<graph::DimOp>([](auto) { return "a dimension born at run time (dim)"; })
      .Case<graph::StateGetOp, graph::StateSetOp>([](auto) { return "state"; })
      .Case<graph::GradOp>([](auto) { return "grad"; })
      .Case<graph::UniformOp>([](auto) { return "uniform"; })
      .Default(llvm::StringRef());
}

llvm::Error checkLowerable(Model &model) {
  auto entries = model.module->getOps<func::FuncOp>();
  if (entries.empty())
    return errorAt(model.module->getLoc(), "the file is a library: it has no entry to compile");
  Operation *first = nullptr;
  for (func::FuncOp entry : entries)
    if (entry.walk<WalkOrder::PreOrder>([&](Operation *op) {
          first = op;
          return unsupported(op).empty() ? WalkResult::advance() : WalkResult::interrupt();
        }).wasInterrupted())
      return errorAt(first->getLoc(), unsupported(first) + " is not supported yet");
  return llvm::Error::success();
}

llvm::Error lower(Model &model, llvm::StringRef stopAfter, llvm::raw_ostream &errors) {
  ScopedDiagnosticHandler handler(&model.context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return success();
    model.report({});
    errors << placeOf(diagnostic.getLocation()) << ": error: " << diagnostic << "\n";
    return success();
  });
  if (stopAfter != phaseNames()[0])
    if (llvm::Error error = checkLowerable(model))
      return error;
  // All targets share the packed weights.
  kernels::Target widest{model.options.targets.empty() ? kernels::hostIsa() : model.options.targets[0]};
  auto choose = [&](kernel::FuncOp func, unsigned argument) -> graph::PanelsAttr {
    auto kernel = describe(func);
    if (!kernel) { // said again, with its place, when it is compiled
      llvm::consumeError(kernel.takeError());
      return {};
    }
    kernels::Layout layout = kernels::preferredLayout(*kernel, argument, widest);
    if (layout.kind != kernels::Layout::Panels)
      return {};
    return graph::PanelsAttr::get(&model.context, layout.axis, layout.width);
  };
  const std::function<void(PassManager &)> phases[] = {
      nullptr, // import is Model::load's
      [](PassManager &passes) {
        passes.addPass(createCanonicalizerPass());
        passes.addPass(createCSEPass());
        passes.addNestedPass<func::FuncOp>(createInlineMapsPass());
        passes.addNestedPass<func::FuncOp>(createHoistInvariantsPass());
        passes.addNestedPass<func::FuncOp>(createJoinContractionsPass());
        passes.addPass(createOutlineGlobalsPass());
        passes.addNestedPass<func::FuncOp>(createFlattenAxesPass());
        passes.addPass(createCanonicalizerPass());
        passes.addPass(createCSEPass());
      },
      [&](PassManager &passes) {
        passes.addNestedPass<func::FuncOp>(createGroupPass());
        PackColumnsPassOptions pack;
        pack.width = kernels::columnPanel(widest);
        passes.addNestedPass<func::FuncOp>(createPackColumnsPass(pack));
        passes.addNestedPass<func::FuncOp>(createMatchEpiloguesPass());
      },
      [](PassManager &passes) { passes.addPass(createOutlineKernelsPass()); },
      [&](PassManager &passes) { passes.addPass(createAssignLayoutsPass(choose)); },
      nullptr}; // kernels are described, not rewritten
  for (auto [name, fill] : llvm::zip_equal(phaseNames(), phases)) {
    model.report({"lowering", 0, 0, name});
    if (fill)
      if (llvm::Error error = runPhase(*model.module, name, fill))
        return error;
    if (stopAfter == name)
      break;
  }
  return llvm::Error::success();
}

std::string placeOf(Location location) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto place = location->findInstanceOf<FileLineColLoc>())
    os << place.getFilename().getValue() << ":" << place.getLine() << ":" << place.getColumn();
  else
    os << location;
  return text;
}

llvm::Error checkSupported(Model &model) {
  // A formula may be of any size; what is stored is addressed with 32 bits.
  for (auto entry : model.module->getOps<func::FuncOp>())
    for (auto call : entry.getOps<kernel::CallOp>())
      for (auto type : llvm::map_range(call.getResultTypes(), llvm::CastTo<graph::GraphTensorType>)) {
        std::optional<int64_t> most = type.getNumElements().bounds(graph::DimBounds::enclosing(call)).most;
        if (most && *most <= INT32_MAX)
          continue;
        std::string shape;
        llvm::interleave(type.getShape(), [&](Dim dim) { shape += dim.str(); }, [&] { shape += ", "; });
        return errorAt(call.getLoc(), "the tensor [" + shape + "] is stored, and can have " + (most ? llvm::Twine(*most) : llvm::Twine("more")) +
                                          " elements" + (most ? ", more than" : " than") +
                                          " the 2147483647 that coordinates of 32 bits reach; bound its dimensions more tightly (where ..)");
      }
  // No interface can be made of what is out of bounds or has a name C forbids.
  if (auto interface = host::signatureOf(*model.module); !interface)
    return interface.takeError();
  for (auto func : model.module->getOps<kernel::FuncOp>()) {
    auto kernel = describe(func);
    if (!kernel)
      return kernel.takeError();
  }
  return llvm::Error::success();
}

llvm::Error printPhase(Model &model, llvm::StringRef phase, llvm::raw_ostream &os) {
  if (phase != "kernels") {
    model.module->print(os);
    return llvm::Error::success();
  }
  for (auto func : model.module->getOps<kernel::FuncOp>()) {
    auto kernel = describe(func);
    if (!kernel)
      return kernel.takeError();
    os << kernels::print(*kernel);
  }
  return llvm::Error::success();
}

} // namespace heddle::driver
