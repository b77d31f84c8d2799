//===- KernelLibrary.cpp - Kernels to object code -------------------------===//

#include "compiler/Kernels/KernelLibrary.h"

#include "compiler/Kernels/Chain.h"
#include "compiler/Kernels/Rows.h"
#include "compiler/Kernels/Updates.h"
#include "compiler/Kernels/Validate.h"

#include <atomic>

// In the library, though in no header of it: what Func::print_loop_nest prints.
namespace Halide::Internal {
std::string print_loop_nest(const std::vector<Function> &outputs);
}

namespace heddle::kernels {

using namespace Halide;
using HExpr = Halide::Expr;
using HTarget = Halide::Target;

namespace {

HTarget halideTarget(const Target &target, const CompileOptions &options) {
  std::string text = "x86-64-linux-sse41";
  if (target.isa != "x86-64-v2")
    text += "-avx-avx2-f16c-fma";
  if (target.isa == "x86-64-v4")
    text += "-avx512-avx512_skylake";
  text += "-no_runtime-no_bounds_query-user_context";
  if (!options.asserts)
    text += "-no_asserts";
  return HTarget(text);
}

/// Bounds and strides that are products of run-time sizes Halide reads from the
/// buffers; the caller fills in nothing but addresses, so they are computed.
class ComputeShapes : public Internal::IRMutator {
public:
  /// Extents of each buffer's dimensions, the innermost first, by its name.
  std::map<std::string, std::vector<HExpr>> extents;

private:
  using IRMutator::visit;
  /// Where a stage reads what it wrote into an output, Halide takes the caller's memory for its own, which begins at a
  /// multiple of a vector; it may begin at any element.
  HExpr visit(const Internal::Load *op) override {
    HExpr load = IRMutator::visit(op);
    auto *own = load.as<Internal::Load>();
    if (!own || own->param.defined() || !extents.count(own->name))
      return load;
    return Internal::Load::make(own->type, own->name, own->index, own->image, own->param, own->predicate, {});
  }
  HExpr visit(const Internal::Call *op) override {
    bool stride = op->name == Internal::Call::buffer_get_stride, least = op->name == Internal::Call::buffer_get_min,
         extent = op->name == Internal::Call::buffer_get_extent;
    if (!stride && !least && !extent)
      return IRMutator::visit(op);
    auto *buffer = op->args[0].as<Internal::Variable>();
    auto *dimension = op->args[1].as<Internal::IntImm>();
    if (!buffer || !dimension)
      return IRMutator::visit(op);
    std::string name = buffer->name;
    if (size_t suffix = name.rfind(".buffer"); suffix != std::string::npos)
      name.resize(suffix);
    auto it = extents.find(name);
    if (it == extents.end() || size_t(dimension->value) >= it->second.size())
      return IRMutator::visit(op);
    if (least)
      return 0;
    if (extent)
      return it->second[dimension->value];
    HExpr product = 1;
    for (int64_t d = 0; d < dimension->value; ++d)
      product = product * it->second[d];
    return Internal::simplify(product);
  }
};

/// Shows the conditions that Builder hid.
class ShowConditions : public Internal::IRMutator {
  using IRMutator::visit;
  HExpr visit(const Internal::Call *op) override {
    return op->name == kHidden ? mutate(op->args[0]) : IRMutator::visit(op);
  }
};

/// Stack memory stays on the stack: above 16 KB Halide would take it from the heap. What
/// it calls registers is the stack whatever the size.
class KeepOnStack : public Internal::IRMutator {
  using IRMutator::visit;
  Internal::Stmt visit(const Internal::Allocate *op) override {
    Internal::Stmt allocate = IRMutator::visit(op);
    auto *own = allocate.as<Internal::Allocate>();
    if (!own || own->memory_type != MemoryType::Stack || own->constant_allocation_size() == 0)
      return allocate;
    return Internal::Allocate::make(own->name, own->type, MemoryType::Register, own->extents, own->condition, own->body,
                                    own->new_expr, own->free_function, own->padding);
  }
};

/// Bodies of parallel loops carry the names of Funcs, and Halide numbers a name
/// that the process used before (for another instruction set, say): their symbols
/// are numbered within the kernel instead, so that its bytes depend on it alone.
class RenameTasks : public Internal::IRMutator {
public:
  std::map<std::string, std::string> names;

private:
  using IRMutator::visit;
  HExpr visit(const Internal::Variable *op) override {
    auto it = names.find(op->name);
    return it == names.end() ? HExpr(op) : Internal::Variable::make(op->type, it->second);
  }
};

void nameTasks(Module &module, const std::string &kernel) {
  RenameTasks rename;
  for (Internal::LoweredFunc &function : module.functions())
    if (function.name != kernel) {
      std::string name = kernel + "_task" + std::to_string(rename.names.size());
      rename.names["::" + function.name] = "::" + name; // as calls of the runtime spell it
      function.name = name;
    }
  for (Internal::LoweredFunc &function : module.functions())
    function.body = rename.mutate(function.body);
}

/// Has the kernel one output, and do the maps behind stage `number` go element by
/// element at its own indices?
bool endsWith(const Kernel &kernel, int number) {
  int outputs = 0;
  for (const Tensor &tensor : kernel.tensors)
    outputs += tensor.role == Role::Output;
  const Stage &stage = kernel.stages[number];
  for (const Stage &other : kernel.stages)
    if (&other != &stage && kernel.tensors[other.results[0]].role == Role::Output &&
        (other.numResultIndices != stage.numResultIndices || other.axes != stage.axes))
      return false;
  return outputs == 1;
}

/// The contraction of a kernel that has nothing else but maps, and one output, if
/// it runs in tiles; others run by rows, whatever layout their constants have.
Tile findOnlyTile(const Kernel &kernel, const Facts &facts) {
  Tile found;
  int others = 0;
  for (size_t i = 0; i < kernel.stages.size(); ++i) {
    Tile tile;
    if (findTile(kernel, i, facts, tile))
      found = tile;
    others += kernel.stages[i].kind != StageKind::Map;
  }
  return others == 1 && found.stage >= 0 && endsWith(kernel, found.stage) ? found : Tile();
}

void buildStages(Builder &builder, const std::vector<Tile> &tiles) {
  const Kernel &kernel = builder.kernel;
  for (size_t i = 0; i < kernel.stages.size(); ++i)
    for (int32_t result : kernel.stages[i].results)
      builder.producer[result] = i;
  builder.stages.resize(kernel.stages.size());
  for (size_t i = 0; i < kernel.stages.size(); ++i) {
    auto tile = std::find_if(tiles.begin(), tiles.end(), [&](const Tile &tile) { return tile.stage == int(i); });
    if (tile != tiles.end())
      buildTile(builder, *tile);
    else
      builder.buildStage(kernel.stages[i], i);
  }
}

/// The outputs of the kernel, in order. A stage that two of them share would have
/// to outlive both, and there is no room for that.
std::vector<Func> findOutputs(Builder &builder, const Facts &facts) {
  std::vector<Func> outputs;
  for (size_t t = 0; t < builder.kernel.tensors.size(); ++t)
    if (builder.kernel.tensors[t].role == Role::Output)
      outputs.push_back(builder.funcOf(t));
  if (outputs.empty())
    throw std::runtime_error("the kernel has no output");
  for (size_t i = 0; i < builder.stages.size(); ++i) {
    const Built &built = builder.stages[i];
    int served = 0;
    for (Func &out : outputs)
      served += built.func.name() != out.name() && built.stage->kind != StageKind::Map &&
                RowSchedule(builder, out, facts).serves(i);
    if (served > 1)
      throw std::runtime_error("two outputs share stage " + std::to_string(i) + ", which is not supported yet");
  }
  return outputs;
}

/// A kernel as Halide functions with their schedules.
struct Scheduled {
  Scheduled(const Kernel &kernel, const Target &target);

  Builder builder;
  std::vector<Func> outputs;
  ComputeShapes shapes;
  std::string report;
};

Scheduled::Scheduled(const Kernel &kernel, const Target &target) : builder(kernel) {
  Facts facts = factsOf(target);
  Chain chain;
  bool isChain = findChain(kernel, facts, chain) && endsWith(kernel, chain.values.stage);
  Tile tile = isChain ? Tile() : findOnlyTile(kernel, facts);
  builder.hidesConditions = isChain;
  buildStages(builder, isChain ? std::vector<Tile>{chain.scores, chain.values} : std::vector<Tile>{tile});
  outputs = findOutputs(builder, facts);
  for (auto &[number, input] : builder.inputs)
    shapes.extents[input.name()] = builder.bufferExtents(number);
  for (size_t t = 0; t < kernel.tensors.size(); ++t) {
    if (kernel.tensors[t].role != Role::Output)
      continue;
    Func out = builder.funcOf(t);
    Built &built = builder.stages[builder.producer.at(t)];
    // The buffer's dimensions are the indices: strides of the dense tensor.
    HExpr stride = 1;
    OutputImageParam buffer = out.output_buffer();
    for (size_t d = 0; d < built.vars.size(); ++d) {
      HExpr extent = builder.extent(built.extents[built.vars.size() - 1 - d]);
      shapes.extents[out.name()].push_back(extent);
      buffer.dim(d).set_bounds(0, extent).set_stride(stride);
      stride = simplify(stride * extent);
    }
    std::string how = isChain            ? scheduleChain(builder, chain, out, built.vars, facts)
                      : tile.stage >= 0  ? scheduleTile(builder, tile, out, built.vars, facts)
                      : built.numUpdates ? scheduleUpdates(built, facts)
                                         : RowSchedule(builder, out, facts).schedule(*built.stage, built.vars);
    report += (report.empty() ? "" : "; ") + how;
  }
}

/// Halide speaks to stderr by itself, of f16 for one; what goes wrong is thrown.
class Quiet : public CompileTimeErrorReporter {
public:
  void warning(const char *) override {}
  void error(const char *message) override { throw CompileError(message); }
};

void silenceHalide() {
  static Quiet reporter;
  static bool done = (set_custom_compile_time_error_reporter(&reporter), true);
  (void)done;
}

/// Runs `use` on the scheduled kernel; says what is wrong with the kernel or with
/// what became of it.
template <typename F>
bool withSchedule(const Kernel &kernel, const Target &target, std::string &error, F &&use) {
  std::string what;
  silenceHalide();
  try {
    if (!validate(kernel, what)) {
      error = "kernel " + kernel.name + ": " + what;
      return false;
    }
    Scheduled scheduled(kernel, target);
    use(scheduled);
    return true;
  } catch (const Halide::Error &e) { // not a std::exception
    error = "kernel " + kernel.name + ": Halide refuses the schedule: " + e.what();
    return false;
  } catch (const std::exception &e) {
    error = "kernel " + kernel.name + ": " + e.what();
    return false;
  }
}

/// Names of a text that do not depend on what the process did before: `fresh` is
/// turned back into `name`, and variables that have no name of their own (`x.v6`)
/// are numbered within the text.
std::string stableNames(const std::string &text, const std::string &fresh, const std::string &name) {
  std::map<std::string, size_t> variables;
  std::string kept;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, fresh.size(), fresh) == 0) {
      kept += name;
      i += fresh.size() - 1;
      continue;
    }
    kept += text[i];
    if (text[i] != 'v' || i == 0 || text[i - 1] != '.')
      continue;
    size_t end = std::min(text.find_first_not_of("0123456789", i + 1), text.size());
    std::string number = text.substr(i + 1, end - i - 1);
    kept += std::to_string(variables.emplace(number, variables.size()).first->second);
    i = end - 1;
  }
  return kept;
}

} // namespace

bool isKnown(const Target &target) {
  return target.isa == "x86-64-v2" || target.isa == "x86-64-v3" || target.isa == "x86-64-v4";
}

std::string hostIsa() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  if (__builtin_cpu_supports("x86-64-v2")) return "x86-64-v2";
  return "";
}

Layout preferredLayout(const Kernel &kernel, int tensor, const Target &target) {
  if (kernel.tensors[tensor].role != Role::Constant || kernel.tensors[tensor].type != Type::F32)
    return {};
  int uses = 0;
  Tile found;
  for (size_t i = 0; i < kernel.stages.size(); ++i) {
    Tile tile;
    if (findWeight(kernel, i, factsOf(target), tile) && tile.tensor == tensor) {
      found = tile;
      ++uses;
    }
  }
  if (uses != 1)
    return {};
  return {Layout::Panels, found.axis, found.panel};
}

int columnPanel(const Target &target) { return 2 * factsOf(target).vector; }

bool compile(const Kernel &kernel, const Target &target, const CompileOptions &options, Compiled &compiled,
             std::string &error) {
  return withSchedule(kernel, target, error, [&](Scheduled &scheduled) {
    const Builder &builder = scheduled.builder;
    std::vector<Argument> arguments;
    for (auto &size : builder.sizes)
      arguments.push_back(size);
    for (size_t t = 0; t < kernel.tensors.size(); ++t)
      if (auto it = builder.inputs.find(t); it != builder.inputs.end())
        arguments.push_back(it->second);
    Pipeline pipeline(scheduled.outputs);
    KeepOnStack keepOnStack;
    ShowConditions showConditions;
    pipeline.add_custom_lowering_pass(&scheduled.shapes, [] {});
    pipeline.add_custom_lowering_pass(&keepOnStack, [] {});
    pipeline.add_custom_lowering_pass(&showConditions, [] {});
    Module module = pipeline.compile_to_module(arguments, kernel.name, halideTarget(target, options), LinkageType::External);
    nameTasks(module, kernel.name);
    Halide::Buffer<uint8_t> object = module.compile_to_buffer();
    compiled.object.assign(object.data(), object.data() + object.number_of_elements());
    compiled.report = scheduled.report;
  });
}

bool loopNest(const Kernel &kernel, const Target &target, std::string &text, std::string &error) {
  if (!validate(kernel, error)) {
    error = "kernel " + kernel.name + ": " + error;
    return false;
  }
  // Halide numbers a name that it had before, and the loops of `f$1` lose the rest
  // of their names: so the kernel gets a name that nothing else has.
  static std::atomic<int> count{0};
  Kernel renamed = kernel;
  renamed.name = "NEST" + std::to_string(count++) + "_";
  return withSchedule(renamed, target, error, [&](Scheduled &scheduled) {
    std::vector<Internal::Function> functions;
    for (const Func &output : scheduled.outputs)
      functions.push_back(output.function());
    text = stableNames(Internal::print_loop_nest(functions), renamed.name, kernel.name);
  }) || (error = stableNames(error, renamed.name, kernel.name), false);
}

} // namespace heddle::kernels
