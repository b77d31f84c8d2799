//===- Compile.cpp - From a lowered module to objects ---------------------===//
//
// One module, one host object, one layout of the weights; kernels once for each
// target. The host functions reach them through the table of the variant that was
// chosen when the model was opened.
//
//===----------------------------------------------------------------------===//

#include "compiler/Driver/Driver.h"
#include "compiler/Driver/Fault.h"

#include "compiler/Host/HostFunction.h"
#include "compiler/Host/SortKernel.h"
#include "compiler/Kernels/KernelText.h"
#include "compiler/Package/ObjectEdit.h"
#include "compiler/Pipeline/Describe.h"
#include "compiler/Weights/Pack.h"
#include "compiler/Weights/Stored.h"
#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"
#include "runtime/include/heddle/abi.h"

#include "llvm/Support/xxhash.h"

#include <algorithm>

namespace heddle::driver {

using namespace mlir;

/// Symbols that kernels may leave to the runtime and to libc.
static bool isAllowed(llvm::StringRef symbol) {
  return symbol == "halide_do_par_for" || symbol == "memset" || symbol == "memcpy" ||
         symbol == "hd1_sort";
}

namespace {

/// A kernel of the module for one target.
struct KernelObject {
  std::string name, target, place;
  kernels::Compiled compiled;
};

} // namespace

/// A call of the runtime, which has the interface of a kernel.
static llvm::Error makeSortKernel(const kernels::Kernel &kernel, kernels::Compiled &compiled) {
  auto object = host::emitSortKernel(kernel);
  if (!object)
    return object.takeError();
  compiled.object.assign((*object)->getBufferStart(), (*object)->getBufferEnd());
  compiled.report = "a routine of the runtime";
  return llvm::Error::success();
}

/// All kernels of the module for all targets, in the order of the targets.
static llvm::Expected<std::vector<KernelObject>> compileKernels(Model &model, llvm::ArrayRef<std::string> targets) {
  std::vector<KernelObject> objects;
  std::vector<workers::Job> jobs;
  std::vector<size_t> objectOf; // each job's
  for (const std::string &target : targets)
    for (auto func : model.module->getOps<kernel::FuncOp>()) {
      auto kernel = describe(func);
      if (!kernel)
        return kernel.takeError();
      objects.push_back({kernel->name, target, placeOf(func.getLoc()), {}});
      if (host::isSortKernel(*kernel)) {
        if (llvm::Error error = makeSortKernel(*kernel, objects.back().compiled))
          return std::move(error);
        continue;
      }
      jobs.push_back({kernels::print(*kernel), {target}});
      objectOf.push_back(objects.size() - 1);
    }
  std::string warnings;
  llvm::raw_string_ostream warningStream(warnings);
  std::vector<workers::Outcome> outcomes = workers::compileKernels(
      jobs, model.options.work, warningStream, [&](size_t job, size_t number, size_t total) {
        model.report({"compiling kernel", number, total, objects[objectOf[job]].name});
      });
  if (!warnings.empty()) {
    model.report({});
    llvm::errs() << warnings;
  }
  for (auto [job, outcome, at] : llvm::zip_equal(jobs, outcomes, objectOf)) {
    KernelObject &object = objects[at];
    if (!outcome.failure.empty())
      return llvm::make_error<InternalError>(
          "compiling kernels", saveKernel(job.text),
          "kernel " + object.name + " for " + object.target + " (" + object.place + "): " + outcome.failure,
          "its description");
    object.compiled = std::move(outcome.compiled);
  }
  return objects;
}

static std::unique_ptr<llvm::MemoryBuffer> toBuffer(llvm::ArrayRef<uint8_t> bytes, llvm::StringRef name) {
  return llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(reinterpret_cast<const char *>(bytes.data()), bytes.size()), name);
}

static kernels::Type memoryType(Type element) {
  if (element.isInteger(1)) return kernels::Type::Bool;
  if (element.isF16()) return kernels::Type::F16;
  if (element.isBF16()) return kernels::Type::BF16;
  if (element.isF32()) return kernels::Type::F32;
  if (element.isF64()) return kernels::Type::F64;
  if (element.isInteger(8)) return element.isUnsignedInteger() ? kernels::Type::U8 : kernels::Type::I8;
  return element.isInteger(64) ? kernels::Type::I64 : kernels::Type::I32;
}

static kernels::Layout layoutOf(graph::GraphTensorType type) {
  if (graph::PanelsAttr panels = type.getLayout())
    return {kernels::Layout::Panels, panels.getAxis(), panels.getWidth()};
  return {};
}

static llvm::SmallVector<int64_t> shapeOf(graph::GraphTensorType type) {
  llvm::SmallVector<int64_t> shape;
  for (Dim dim : type.getShape())
    shape.push_back(dim.getConstant());
  return shape;
}

/// "hd_minilm_k1_x86_64_v3".
static std::string kernelSymbol(const package::Signature &signature, llvm::StringRef kernel, llvm::StringRef target) {
  std::string suffix = ("_" + target).str();
  std::replace(suffix.begin(), suffix.end(), '-', '_');
  std::string prefix = signature.name + "_";
  return "hd_" + (kernel.starts_with(prefix) ? "" : prefix) + kernel.str() + suffix;
}

static uint32_t featuresOf(llvm::StringRef target) {
  return target == "x86-64-v4" ? HD1_CPU_X86_64_V4 : target == "x86-64-v3" ? HD1_CPU_X86_64_V3 : HD1_CPU_SSE42;
}

/// Makes a member of a kernel's object.
static llvm::Error addKernel(Objects &objects, const KernelObject &object, bool inProcess) {
  const std::string &kernel = object.name;
  const kernels::Compiled &compiled = object.compiled;
  auto raw = toBuffer(compiled.object, kernel);
  auto symbols = package::globalSymbols(*raw);
  if (!symbols)
    return symbols.takeError();
  package::SymbolEdit edit;
  for (const package::ObjectSymbol &symbol : *symbols) {
    // Bodies of parallel loops have the same names for each target.
    if (symbol.isDefined && symbol.name != kernel)
      edit.makeLocal.push_back(symbol.name);
    if (!symbol.isDefined && !isAllowed(symbol.name))
      return llvm::createStringError("kernel " + kernel + " needs " + symbol.name +
                                     ", which the runtime does not have (" + compiled.report + ")");
  }
  std::string symbol = kernelSymbol(objects.signature, kernel, object.target);
  edit.rename["halide_do_par_for"] = "hd1_par_for";
  edit.rename[kernel] = symbol;
  edit.hideDefined = !inProcess;
  auto edited = package::editSymbols(*raw, edit);
  if (!edited)
    return edited.takeError();
  objects.members.emplace_back(symbol + ".o", std::move(*edited));
  objects.kernelSymbols[kernel] = symbol;
  objects.reports.push_back(kernel + " (" + object.target + "): " + compiled.report);
  return llvm::Error::success();
}

/// Gives each weight its place: the same tensor in the same layout lies there once.
static llvm::Error placeWeights(ModuleOp module, Objects &objects) {
  std::map<std::string, uint64_t> placed;
  std::string all;
  llvm::raw_string_ostream everything(all);
  module.print(everything);
  auto place = [&](Operation *op) -> llvm::Error {
    auto type = cast<graph::GraphTensorType>(op->getResult(0).getType());
    std::string key;
    llvm::raw_string_ostream stream(key);
    stream << type << " ";
    if (auto weight = dyn_cast<graph::WeightOp>(op))
      stream << weight.getPaths();
    else
      stream << "@" << cast<graph::GetGlobalOp>(op).getGlobal();
    auto [it, isNew] = placed.try_emplace(key, objects.weightsSize);
    objects.offsets[op] = it->second;
    if (!isNew)
      return llvm::Error::success();
    PackedWeight weight{op, it->second, 0, shapeOf(type), memoryType(type.getElementType()), layoutOf(type)};
    auto size = weights::packedSize(weight.shape, weights::storedSize(weight.type), weight.layout);
    if (!size)
      return size.takeError();
    weight.size = *size;
    objects.weights.push_back(weight);
    objects.weightsSize = (weight.offset + *size + 63) / 64 * 64;
    everything << key << " " << weight.offset << " " << *size << "\n";
    return llvm::Error::success();
  };
  for (auto entry : module.getOps<func::FuncOp>())
    for (Operation &op : entry.getBody().front())
      if (isa<graph::WeightOp, graph::GetGlobalOp>(op))
        if (llvm::Error error = place(&op))
          return error;
  objects.weightsLayout = llvm::xxh3_64bits(all);
  return llvm::Error::success();
}

static llvm::Expected<Objects> compileAll(Model &model, const PackageOptions &options) {
  Objects objects;
  ModuleOp module = *model.module;
  auto signature = host::signatureOf(module);
  if (!signature)
    return signature.takeError();
  objects.signature = std::move(*signature);
  std::vector<std::string> targets = model.options.targets;
  if (targets.empty())
    targets = {kernels::hostIsa()};
  objects.target = targets[0];

  auto compiled = compileKernels(model, targets);
  if (!compiled)
    return compiled.takeError();
  for (const KernelObject &kernel : *compiled)
    if (llvm::Error error = addKernel(objects, kernel, options.inProcess))
      return std::move(error);

  if (llvm::Error error = placeWeights(module, objects))
    return std::move(error);
  objects.weightsInFile = !options.inProcess && objects.weightsSize > 0 &&
                          (options.needsFile || objects.weightsSize > options.mostEmbedded);
  host::HostOptions hostOptions;
  for (const std::string &target : targets)
    hostOptions.variants.push_back({target, featuresOf(target), [&objects, target](llvm::StringRef kernel) {
                                      return kernelSymbol(objects.signature, kernel, target);
                                    }});
  hostOptions.hasWeights = objects.weightsSize > 0 && !options.inProcess && !objects.weightsInFile;
  if (objects.weightsInFile) {
    hostOptions.weightsSize = objects.weightsSize;
    hostOptions.weightsLayout = objects.weightsLayout;
  }
  hostOptions.weightOffset = [&](Operation *op) { return objects.offsets.at(op); };
  auto object = host::emitHostObject(module, objects.signature, hostOptions);
  if (!object)
    return object.takeError();
  objects.members.emplace(objects.members.begin(), objects.signature.name + "_host.o", std::move(*object));
  return std::move(objects);
}

llvm::Expected<Objects> compileObjects(Model &model, const PackageOptions &options) {
  auto objects = compileAll(model, options);
  if (objects)
    return objects;
  llvm::Error error = objects.takeError();
  if (error.isA<InternalError>())
    return std::move(error);
  return llvm::make_error<InternalError>("compiling kernels", saveModule(*model.module, "kernels"),
                                         llvm::toString(std::move(error)));
}

} // namespace heddle::driver
