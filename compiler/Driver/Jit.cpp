//===- Jit.cpp - Compiled models in this process --------------------------===//

#include "compiler/Driver/Jit.h"

#include "dialects/Graph/GraphOps.h"
#include "runtime/RuntimeObjects.h"
#include "runtime/include/heddle/abi.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"

namespace heddle::driver {

using namespace mlir;

struct Loaded::Engine {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  template <typename F>
  llvm::Expected<F *> find(const std::string &name) {
    auto address = jit->lookup(name);
    if (!address)
      return address.takeError();
    return address->toPtr<F *>();
  }
};

Loaded::Loaded() : engine(std::make_unique<Engine>()) {}
Loaded::~Loaded() {
  if (!handle)
    return;
  if (auto close = engine->find<void(hd1_model *)>(compiled->signature.name + "_close"))
    (*close)(handle);
  else
    llvm::consumeError(close.takeError());
}

llvm::Expected<std::unique_ptr<Loaded>> Loaded::load(Model &model, int threads) {
  if (llvm::Error error = checkSupported(model))
    return std::move(error);
  std::unique_ptr<Loaded> loaded(new Loaded);
  PackageOptions inProcess;
  inProcess.inProcess = true;
  auto objects = compileObjects(model, inProcess);
  if (!objects)
    return objects.takeError();
  loaded->compiled = std::make_unique<Objects>(std::move(*objects));
  loaded->offsets = loaded->compiled->offsets;

  // Weights in memory, aligned as in the package.
  loaded->storage.resize(loaded->compiled->weightsSize + 64);
  loaded->packed = loaded->storage.data() + (64 - reinterpret_cast<uintptr_t>(loaded->storage.data()) % 64) % 64;
  {
    struct Stream : llvm::raw_ostream {
      uint8_t *out;
      uint64_t at = 0;
      explicit Stream(uint8_t *out) : out(out) { SetUnbuffered(); }
      void write_impl(const char *data, size_t size) override {
        memcpy(out + at, data, size);
        at += size;
      }
      uint64_t current_pos() const override { return at; }
    } stream(loaded->packed);
    if (llvm::Error error = writeWeights(model, *loaded->compiled, stream))
      return std::move(error);
  }

  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  loaded->engine->jit = std::move(*jit);
  auto add = [&](llvm::StringRef bytes, llvm::StringRef name) {
    return loaded->engine->jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(bytes, name));
  };
  for (auto &[name, buffer] : loaded->compiled->members)
    if (llvm::Error error = add(buffer->getBuffer(), name))
      return std::move(error);
  for (const RuntimeObject &object : runtimeObjects())
    if (llvm::Error error = add(llvm::StringRef(reinterpret_cast<const char *>(object.bytes.data()), object.bytes.size()), object.name))
      return std::move(error);
  auto open = loaded->engine->find<int32_t(hd1_model **, const hd1_options *)>(loaded->compiled->signature.name + "_open");
  if (!open)
    return open.takeError();
  hd1_options options{};
  options.threads = threads;
  std::string target = loaded->compiled->target;
  options.target = target.c_str(); // the only one; HEDDLE_TARGET is for programs
  if (int32_t status = (*open)(&loaded->handle, &options))
    return llvm::createStringError(std::string(options.message) + " (status " + std::to_string(status) + ")");
  loaded->handle->weights = loaded->packed;
  return loaded;
}

llvm::Expected<reference::DimValues> bindDimensions(func::FuncOp entry, llvm::ArrayRef<Array> inputs) {
  reference::DimValues dims;
  auto nameOf = [&](unsigned i) {
    auto name = entry.getArgAttrOfType<StringAttr>(i, "graph.name");
    return name ? name.getValue().str() : std::to_string(i);
  };
  for (bool bind : {true, false}) {
    for (unsigned i = 0; i < inputs.size(); ++i) {
      auto type = cast<graph::GraphTensorType>(entry.getArgumentTypes()[i]);
      if (size_t(type.getRank()) != inputs[i].shape.size())
        return llvm::createStringError(nameOf(i) + " has " + std::to_string(inputs[i].shape.size()) + " axes, wanted " +
                                       std::to_string(type.getRank()));
      for (auto [axis, dim] : llvm::enumerate(type.getShape())) {
        int64_t extent = inputs[i].shape[axis];
        if (bind) {
          if (dim.isSymbol())
            dims.try_emplace(dim.getSymbol().str(), extent);
          continue;
        }
        std::optional<int64_t> value = dim.evaluate([&](llvm::StringRef symbol) -> std::optional<int64_t> {
          auto it = dims.find(symbol.str());
          return it == dims.end() ? std::nullopt : std::optional<int64_t>(it->second);
        });
        if (value != extent)
          return llvm::createStringError(nameOf(i) + ": axis " + std::to_string(axis + 1) + " has " + std::to_string(extent) +
                                         ", wanted " + dim.str() + (value && !dim.isConstant() ? " = " + std::to_string(*value) : ""));
      }
    }
  }
  // What an equality (`B == S`) replaced stands in no shape: the fact gives it.
  auto facts = entry->getAttrOfType<ArrayAttr>("graph.facts");
  auto sizes = entry->getAttrOfType<ArrayAttr>("graph.dims");
  for (size_t round = 0; facts && sizes && round < sizes.size(); ++round)
    for (auto size : sizes.getAsRange<graph::SizeAttr>())
      for (auto fact : facts.getAsRange<graph::FactAttr>()) {
        std::string name = size.getName().str();
        auto parts = fact.getValue().coefficientOf(name);
        if (fact.getKind() != graph::FactKind::Zero || dims.count(name) || !parts ||
            !(parts->first.isConstant(1) || parts->first.isConstant(-1)))
          continue;
        auto rest = (parts->first.isConstant(1) ? -parts->second : parts->second)
                        .evaluate([&](llvm::StringRef symbol) -> std::optional<int64_t> {
                          auto it = dims.find(symbol.str());
                          return it == dims.end() ? std::nullopt : std::optional<int64_t>(it->second);
                        });
        if (rest)
          dims[name] = *rest;
      }
  return dims;
}

struct Loaded::Prepared {
  int32_t (*function)(const hd1_model *, void *, void *, size_t) = nullptr;
  std::vector<uint8_t> arguments;
  std::vector<Array> inputs, outputs;
  std::unique_ptr<uint8_t[]> memory;
  uint8_t *workspace = nullptr;
  size_t workspaceSize = 0;
  int64_t messageOffset = 0;
  package::ArgsLayout layout;
};

llvm::Expected<std::shared_ptr<Loaded::Prepared>>
Loaded::prepare(func::FuncOp entry, llvm::ArrayRef<Array> inputs, const reference::DimValues &dims) {
  auto prepared = std::make_shared<Prepared>();
  const package::Entry *described = nullptr;
  for (const package::Entry &e : compiled->signature.entries)
    if (e.name == entry.getName())
      described = &e;
  prepared->layout = package::layOutArgs(*described);
  prepared->messageOffset = prepared->layout.messageOffset;
  prepared->arguments.resize(prepared->layout.size);
  prepared->inputs.assign(inputs.begin(), inputs.end());
  auto valueOf = [&](Dim dim) {
    return dim.evaluate([&](llvm::StringRef symbol) -> std::optional<int64_t> {
      auto it = dims.find(symbol.str());
      return it == dims.end() ? std::nullopt : std::optional<int64_t>(it->second);
    });
  };
  for (Type result : entry.getResultTypes()) {
    auto type = cast<graph::GraphTensorType>(result);
    Array array;
    array.storage = reference::storageOf(type.getElementType());
    int64_t count = 1;
    for (Dim dim : type.getShape()) {
      array.shape.push_back(valueOf(dim).value_or(0));
      count *= std::max<int64_t>(0, array.shape.back());
    }
    array.bytes.resize(std::max<size_t>(1, count * reference::sizeOf(array.storage)));
    prepared->outputs.push_back(std::move(array));
  }
  std::vector<int64_t> order;
  for (const package::Dim &dim : described->dims) {
    auto it = dims.find(dim.name);
    if (it == dims.end())
      return llvm::createStringError("nothing says how large " + dim.name + " is");
    order.push_back(it->second);
  }
  for (const package::Field &field : prepared->layout.fields) {
    uint8_t *at = prepared->arguments.data() + field.offset;
    auto put = [&](Array &array) {
      if (field.isPointer) {
        void *address = array.bytes.data();
        memcpy(at, &address, sizeof(address));
      } else if (field.kind == package::Field::ParamField) {
        memcpy(at, array.bytes.data(), array.bytes.size());
      }
    };
    if (field.kind == package::Field::DimField)
      memcpy(at, &order[field.index], 8);
    else if (field.kind == package::Field::ParamField)
      put(prepared->inputs[field.index]);
    else if (field.kind == package::Field::ResultField)
      put(prepared->outputs[field.index]);
  }
  std::string symbol = compiled->signature.name + "_" + described->name;
  auto function = engine->find<int32_t(const hd1_model *, void *, void *, size_t)>(symbol);
  if (!function)
    return function.takeError();
  prepared->function = *function;
  // The formula takes the dimensions; arguments that it does not have are not read.
  constexpr size_t kMostDims = 16;
  if (order.size() > kMostDims)
    return llvm::createStringError("an entry with " + std::to_string(order.size()) + " dimensions cannot be called here");
  order.resize(kMostDims);
  using I = int64_t;
  auto size = engine->find<size_t(I, I, I, I, I, I, I, I, I, I, I, I, I, I, I, I)>(symbol + "_workspace");
  if (!size)
    return size.takeError();
  prepared->workspaceSize = (*size)(order[0], order[1], order[2], order[3], order[4], order[5], order[6], order[7], order[8],
                                    order[9], order[10], order[11], order[12], order[13], order[14], order[15]);
  if (prepared->workspaceSize > (size_t(1) << 40))
    prepared->workspaceSize = 0; // dimensions out of bounds: the entry says so
  prepared->memory.reset(new uint8_t[prepared->workspaceSize + 64]);
  prepared->workspace = prepared->memory.get() + (64 - reinterpret_cast<uintptr_t>(prepared->memory.get()) % 64) % 64;
  return prepared;
}

int32_t Loaded::call(Prepared &prepared) {
  return prepared.function(handle, prepared.arguments.data(), prepared.workspace, prepared.workspaceSize);
}

std::vector<Array> Loaded::results(const Prepared &prepared) {
  std::vector<Array> results = prepared.outputs;
  for (const package::Field &field : prepared.layout.fields)
    if (field.kind == package::Field::ResultField && !field.isPointer)
      memcpy(results[field.index].bytes.data(), prepared.arguments.data() + field.offset, field.size);
  return results;
}

llvm::Expected<std::vector<Array>> Loaded::run(func::FuncOp entry, llvm::ArrayRef<Array> inputs,
                                               const reference::DimValues &dims) {
  auto prepared = prepare(entry, inputs, dims);
  if (!prepared)
    return prepared.takeError();
  if (int32_t status = call(**prepared))
    return llvm::createStringError(std::string(reinterpret_cast<const char *>((*prepared)->arguments.data()) + (*prepared)->messageOffset) +
                                   " (status " + std::to_string(status) + ")");
  return results(**prepared);
}

llvm::Error Loaded::runKernel(llvm::StringRef kernel, llvm::ArrayRef<int32_t> sizes, llvm::ArrayRef<void *> tensors) {
  struct Buffer {
    uint64_t device = 0;
    void *interface = nullptr;
    void *host = nullptr;
    uint64_t rest[4] = {};
  };
  std::vector<Buffer> buffers(tensors.size());
  // Integer and pointer arguments alike take one 64-bit place each.
  std::vector<uint64_t> words{reinterpret_cast<uint64_t>(handle)};
  for (int32_t size : sizes)
    words.push_back(uint64_t(int64_t(size)));
  for (auto [buffer, tensor] : llvm::zip(buffers, tensors)) {
    buffer.host = tensor;
    words.push_back(reinterpret_cast<uint64_t>(&buffer));
  }
  auto function = engine->find<void>(compiled->kernelSymbols.at(kernel.str()));
  if (!function)
    return function.takeError();
  words.resize(std::max<size_t>(words.size(), 32));
  if (words.size() > 32)
    return llvm::createStringError("a kernel with " + std::to_string(words.size()) + " parameters cannot be called alone");
  using W = uint64_t;
  auto f = reinterpret_cast<int (*)(W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W)>(*function);
  int status = f(words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7], words[8], words[9], words[10],
                 words[11], words[12], words[13], words[14], words[15], words[16], words[17], words[18], words[19], words[20],
                 words[21], words[22], words[23], words[24], words[25], words[26], words[27], words[28], words[29], words[30],
                 words[31]);
  if (status)
    return llvm::createStringError("kernel " + kernel + " returned " + llvm::Twine(status));
  return llvm::Error::success();
}

} // namespace heddle::driver
