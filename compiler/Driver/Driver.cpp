//===- Driver.cpp - From a model file to objects --------------------------===//

#include "compiler/Driver/Driver.h"
#include "compiler/Driver/Fault.h"

#include "compiler/Frontend/Elaborator.h"
#include "compiler/Frontend/UsedFiles.h"
#include "compiler/Host/HostFunction.h"
#include "compiler/Host/SortKernel.h"
#include "compiler/Kernels/KernelText.h"
#include "compiler/Library/Library.h"
#include "compiler/Package/Archive.h"
#include "compiler/Package/ElfData.h"
#include "compiler/Package/Header.h"
#include "compiler/Package/ObjectEdit.h"
#include "compiler/Package/OutputFile.h"
#include "compiler/Pipeline/Describe.h"
#include "compiler/Reference/Evaluator.h"
#include "compiler/Syntax/Parser.h"
#include "compiler/Weights/Pack.h"
#include "compiler/Weights/Stored.h"
#include "dialects/Registry.h"
#include "passes/Passes.h"
#include "runtime/RuntimeObjects.h"
#include "runtime/include/heddle/abi.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/Passes.h"

#include <atomic>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <sys/mman.h>
#include <thread>
#include <unistd.h>

namespace heddle::driver {

using namespace mlir;

/// Symbols that kernels may leave to the runtime and to libc.
static bool isAllowed(llvm::StringRef symbol) {
  return symbol == "halide_do_par_for" || symbol == "memset" || symbol == "memcpy" ||
         symbol == "hd1_sort";
}

Model::Model(const ModelOptions &options) : options(options) {
  DialectRegistry registry;
  registerDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}
Model::~Model() = default;

bool Model::load(llvm::raw_ostream &errors) {
  auto fail = [&](llvm::Error error) {
    errors << "error: " << frontend::onOneLine(llvm::toString(std::move(error))) << "\n";
    return false;
  };
  frontend::SourceManager sources;
  frontend::Diagnostics diagnostics(sources);
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
    diagnostics.print(errors);
    return false;
  }
  if (!options.weights.empty()) {
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
  module = elaborator.run(*libraryTree, *tree);
  diagnostics.print(errors);
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

llvm::Error lower(Model &model, llvm::StringRef stopAfter, llvm::raw_ostream &errors) {
  ScopedDiagnosticHandler handler(&model.context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      errors << placeOf(diagnostic.getLocation()) << ": error: " << diagnostic << "\n";
    return success();
  });
  kernels::Target target{model.options.isa.empty() ? kernels::hostIsa() : model.options.isa};
  auto choose = [&](kernel::FuncOp func, unsigned argument) -> graph::PanelsAttr {
    auto kernel = describe(func);
    if (!kernel) { // said again, with its place, when it is compiled
      llvm::consumeError(kernel.takeError());
      return {};
    }
    kernels::Layout layout = kernels::preferredLayout(*kernel, argument, target);
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
        passes.addPass(createOutlineGlobalsPass());
        passes.addNestedPass<func::FuncOp>(createFlattenAxesPass());
        passes.addPass(createCanonicalizerPass());
        passes.addPass(createCSEPass());
      },
      [](PassManager &passes) { passes.addNestedPass<func::FuncOp>(createGroupPass()); },
      [](PassManager &passes) { passes.addPass(createOutlineKernelsPass()); },
      [&](PassManager &passes) { passes.addPass(createAssignLayoutsPass(choose)); },
      nullptr}; // kernels are described, not rewritten
  for (auto [name, fill] : llvm::zip_equal(phaseNames(), phases)) {
    if (fill)
      if (llvm::Error error = runPhase(*model.module, name, fill))
        return error;
    if (stopAfter == name)
      break;
  }
  return llvm::Error::success();
}

static std::unique_ptr<llvm::MemoryBuffer> toBuffer(llvm::ArrayRef<uint8_t> bytes, llvm::StringRef name) {
  return llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(reinterpret_cast<const char *>(bytes.data()), bytes.size()), name);
}

/// By Halide, or a call of the runtime.
static void compileKernel(const kernels::Kernel &kernel, const kernels::Target &target, kernels::Compiled &compiled,
                          std::string &failure) {
  if (!host::isSortKernel(kernel)) {
    kernels::compile(kernel, target, {}, compiled, failure);
    return;
  }
  auto object = host::emitSortKernel(kernel);
  if (!object) {
    failure = llvm::toString(object.takeError());
    return;
  }
  compiled.object.assign((*object)->getBufferStart(), (*object)->getBufferEnd());
  compiled.report = "a routine of the runtime";
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

static llvm::Expected<Objects> compileAll(Model &model, bool inProcess) {
  Objects objects;
  ModuleOp module = *model.module;
  auto signature = host::signatureOf(module);
  if (!signature)
    return signature.takeError();
  objects.signature = std::move(*signature);
  kernels::Target target{model.options.isa.empty() ? kernels::hostIsa() : model.options.isa};

  // Kernels, two at a time; their order in the package is that of the module.
  std::vector<kernels::Kernel> described;
  for (auto func : module.getOps<kernel::FuncOp>()) {
    auto kernel = describe(func);
    if (!kernel)
      return kernel.takeError();
    described.push_back(std::move(*kernel));
  }
  std::vector<kernels::Compiled> compiled(described.size());
  std::vector<std::string> failures(described.size());
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next++) < described.size();)
      compileKernel(described[i], target, compiled[i], failures[i]);
  };
  std::thread second(work);
  work();
  second.join();
  for (const std::string &failure : failures)
    if (!failure.empty())
      return llvm::createStringError(failure);

  auto symbolOf = [&](llvm::StringRef kernel) {
    std::string prefix = objects.signature.name + "_";
    return kernel.starts_with(prefix) ? "hd_" + kernel.str() : "hd_" + prefix + kernel.str();
  };
  for (auto [kernel, result] : llvm::zip(described, compiled)) {
    auto raw = toBuffer(result.object, kernel.name);
    auto undefined = package::undefinedSymbols(*raw);
    if (!undefined)
      return undefined.takeError();
    for (const std::string &symbol : *undefined)
      if (!isAllowed(symbol))
        return llvm::createStringError("kernel " + kernel.name + " needs " + symbol +
                                       ", which the runtime does not have (" + result.report + ")");
    package::SymbolEdit edit;
    edit.rename["halide_do_par_for"] = "hd1_par_for";
    edit.rename[kernel.name] = symbolOf(kernel.name);
    edit.hideDefined = !inProcess;
    auto edited = package::editSymbols(*raw, edit);
    if (!edited)
      return edited.takeError();
    objects.members.emplace_back(symbolOf(kernel.name) + ".o", std::move(*edited));
    objects.kernelSymbols[kernel.name] = symbolOf(kernel.name);
    objects.reports.push_back(kernel.name + ": " + result.report);
  }

  // Weights: the same tensor in the same layout lies there once.
  std::map<std::string, uint64_t> placed;
  auto &offsets = objects.offsets;
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
    offsets[op] = it->second;
    if (!isNew)
      return llvm::Error::success();
    auto size = weights::packedSize(shapeOf(type), weights::storedSize(memoryType(type.getElementType())), layoutOf(type));
    if (!size)
      return size.takeError();
    objects.weights.push_back({op, it->second, *size});
    objects.weightsSize = (it->second + *size + 63) / 64 * 64;
    return llvm::Error::success();
  };
  llvm::Error failed = llvm::Error::success();
  for (auto entry : module.getOps<func::FuncOp>())
    for (Operation &op : entry.getBody().front())
      if (!failed && isa<graph::WeightOp, graph::GetGlobalOp>(op))
        failed = place(&op);
  if (failed)
    return std::move(failed);

  host::HostOptions hostOptions;
  hostOptions.cpuFeatures = target.isa == "x86-64-v4" ? HD1_CPU_X86_64_V4 : target.isa == "x86-64-v3" ? HD1_CPU_X86_64_V3 : HD1_CPU_SSE42;
  hostOptions.hasWeights = objects.weightsSize > 0 && !inProcess;
  hostOptions.weightOffset = [&](Operation *op) { return offsets.at(op); };
  hostOptions.kernelSymbol = symbolOf;
  auto object = host::emitHostObject(module, objects.signature, hostOptions);
  if (!object)
    return object.takeError();
  objects.members.emplace(objects.members.begin(), objects.signature.name + "_host.o", std::move(*object));
  return std::move(objects);
}

llvm::Expected<Objects> compileObjects(Model &model, bool inProcess) {
  auto objects = compileAll(model, inProcess);
  if (objects)
    return objects;
  return llvm::make_error<InternalError>("compiling kernels", saveModule(*model.module, "kernels"),
                                         llvm::toString(objects.takeError()));
}

llvm::Error writeWeights(Model &model, const Objects &objects, llvm::raw_ostream &os) {
  uint64_t written = 0;
  reference::Evaluator evaluator(*model.module, model.checkpoint ? &*model.checkpoint : nullptr);
  for (const PackedWeight &weight : objects.weights) {
    for (; written < weight.offset; ++written)
      os << '\0';
    auto type = cast<graph::GraphTensorType>(weight.op->getResult(0).getType());
    kernels::Type stored = memoryType(type.getElementType());
    llvm::SmallVector<int64_t> shape = shapeOf(type);
    unsigned elementSize = weights::storedSize(stored);
    if (auto op = dyn_cast<graph::WeightOp>(weight.op)) {
      llvm::SmallVector<const weights::TensorEntry *> parts;
      for (auto path : op.getPaths().getAsRange<StringAttr>()) {
        const weights::TensorEntry *entry = model.checkpoint ? model.checkpoint->find(path.getValue()) : nullptr;
        if (!entry)
          return llvm::createStringError("no tensor \"" + path.getValue() + "\" in the checkpoint; give it with --weights");
        parts.push_back(entry);
      }
      uint64_t each = parts[0]->count();
      auto read = [&](uint64_t begin, uint64_t count, llvm::MutableArrayRef<uint8_t> out) -> llvm::Error {
        // A run may cross from one part of a stack to the next.
        while (count) {
          uint64_t part = begin / each, at = begin % each, now = std::min(count, each - at);
          if (llvm::Error error = weights::readStored(*model.checkpoint, *parts[part], stored, at, now, out.take_front(now * elementSize)))
            return error;
          out = out.drop_front(now * elementSize);
          begin += now;
          count -= now;
        }
        return llvm::Error::success();
      };
      if (llvm::Error error = weights::pack(shape, elementSize, layoutOf(type), read, os))
        return error;
      for (const weights::TensorEntry *entry : parts)
        model.checkpoint->release(*entry);
    } else {
      auto value = evaluator.global(cast<graph::GetGlobalOp>(weight.op).getGlobal());
      if (!value)
        return value.takeError();
      auto read = [&](uint64_t begin, uint64_t count, llvm::MutableArrayRef<uint8_t> out) -> llvm::Error {
        if (isa<FloatType>(type.getElementType())) {
          std::vector<double> reals(count);
          for (uint64_t i = 0; i < count; ++i)
            reals[i] = value->real(begin + i);
          return weights::storeElements(stored, reals, out);
        }
        std::vector<int64_t> integers(count);
        for (uint64_t i = 0; i < count; ++i)
          integers[i] = value->integer(begin + i);
        return weights::storeElements(stored, integers, out);
      };
      if (llvm::Error error = weights::pack(shape, elementSize, layoutOf(type), read, os))
        return error;
    }
    written = weight.offset + weight.size;
  }
  for (; written < objects.weightsSize; ++written)
    os << '\0';
  return llvm::Error::success();
}

namespace {

/// Passes everything on; the pages of a mapped file leave memory behind it.
class ReleasingStream : public llvm::raw_ostream {
public:
  ReleasingStream(llvm::raw_ostream &os, llvm::StringRef mapped) : os(os), mapped(mapped) { SetUnbuffered(); }

private:
  void write_impl(const char *data, size_t size) override {
    constexpr size_t kPiece = 4 << 20;
    bool isMapped = data >= mapped.begin() && data + size <= mapped.end();
    for (size_t at = 0; at < size; at += kPiece) {
      size_t now = std::min(kPiece, size - at);
      os.write(data + at, now);
      if (isMapped)
        release(data + at, now);
    }
    written += size;
  }
  /// Whole pages only. The mapping is of a file and is only read: what is needed
  /// again comes back from there.
  static void release(const char *data, size_t size) {
    uintptr_t page = sysconf(_SC_PAGESIZE), begin = (reinterpret_cast<uintptr_t>(data) + page - 1) / page * page,
              end = (reinterpret_cast<uintptr_t>(data) + size) / page * page;
    if (begin < end)
      madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
  }
  uint64_t current_pos() const override { return written; }

  llvm::raw_ostream &os;
  llvm::StringRef mapped;
  uint64_t written = 0;
};

} // namespace

llvm::Error writePackage(Model &model, const Objects &objects, llvm::StringRef output) {
  if (!output.ends_with(".a"))
    return llvm::createStringError("the output is an archive, NAME.a; this is " + output);
#ifdef __GLIBC__
  // What compiling the kernels left behind makes room for the weights.
  malloc_trim(0);
#endif
  package::OutputSet outputs;
  auto archive = outputs.create(output);
  if (!archive)
    return archive.takeError();
  std::string headerPath = (output.drop_back(2) + ".h").str();
  auto header = outputs.create(headerPath);
  if (!header)
    return header.takeError();
  **header << package::printHeader(objects.signature);

  std::vector<package::ArchiveMember> members;
  for (auto &[name, buffer] : objects.members)
    members.push_back({name, buffer->getMemBufferRef()});
  std::unique_ptr<llvm::MemoryBuffer> weights;
  if (objects.weightsSize) {
    auto scratch = outputs.createScratch(output);
    if (!scratch)
      return scratch.takeError();
    package::DataBlob blob;
    blob.symbol = host::weightsSymbol(objects.signature);
    blob.size = objects.weightsSize;
    blob.write = [&](llvm::raw_ostream &os) { return writeWeights(model, objects, os); };
    if (llvm::Error error = package::writeDataObject(package::Machine::X86_64, blob, *scratch->stream))
      return error;
    if (llvm::Error error = outputs.finishScratch(*scratch))
      return error;
    auto member = package::openMember(scratch->path);
    if (!member)
      return member.takeError();
    weights = std::move(*member);
    members.push_back({objects.signature.name + "_weights.o", weights->getMemBufferRef()});
  }
  for (const RuntimeObject &object : runtimeObjects())
    members.push_back({object.name.str(),
                       llvm::MemoryBufferRef(llvm::StringRef(reinterpret_cast<const char *>(object.bytes.data()), object.bytes.size()),
                                             object.name)});
  ReleasingStream stream(**archive, weights ? weights->getBuffer() : llvm::StringRef());
  if (llvm::Error error = package::writeArchive(members, stream))
    return error;
  return outputs.commit();
}

} // namespace heddle::driver
