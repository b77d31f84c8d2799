//===- KernelLibrary.cpp - Kernels to object code -------------------------===//
//
// Schedules by structure: a contraction with a packed weight is register-tiled;
// everything else is computed row by row, vectorised along the innermost index.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelLibrary.h"

#include "compiler/Kernels/Builder.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace heddle::kernels {

using namespace Halide;
using HExpr = Halide::Expr;
using HTarget = Halide::Target;

namespace {

struct Facts {
  int vector;    ///< f32 lanes
  int registers; ///< vector registers
};

Facts factsOf(const Target &target) {
  if (target.isa == "x86-64-v4") return {16, 32};
  if (target.isa == "x86-64-v3") return {8, 16};
  return {4, 16};
}

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

/// The panel width for N columns: the widest tile that divides N and leaves
/// registers for its accumulators; 0 where none does.
int panelWidth(int64_t columns, const Facts &facts) {
  for (int vectors : {3, 2, 4, 1}) {
    int width = vectors * facts.vector;
    if (columns % width == 0)
      return width;
  }
  // Half vectors, for narrow results.
  if (facts.vector > 4 && columns % (facts.vector / 2) == 0)
    return facts.vector / 2;
  return 0;
}

/// Rows of the register tile: accumulators, one vector of weights for each of
/// the panel's, and one broadcast fit the registers.
int tileRows(int width, const Facts &facts) {
  int vectors = std::max(1, width / facts.vector);
  int rows = (facts.registers - vectors - 1) / vectors;
  for (int nice : {8, 6, 4, 2, 1})
    if (nice <= rows)
      return nice;
  return 1;
}

/// Finds the operands of a contraction with a constant: which read is the weight,
/// and the result index that is its column.
struct WeightUse {
  int stage = -1, tensor = -1, operand = 0;
  int column = -1; ///< index of the stage
  int axis = -1;   ///< axis of the weight that the column subscripts
};

bool findWeight(const Kernel &kernel, int stageNumber, WeightUse &use) {
  const Stage &stage = kernel.stages[stageNumber];
  if (!isContraction(stage) || stage.condition)
    return false;
  for (int operand : {1, 0}) {
    const Expr &read = *stage.values[0]->args[operand];
    if (kernel.tensors[read.ref].role != Role::Constant || read.guarded)
      continue;
    // Each axis is a bare index: one of the result, the rest bound, each once.
    int column = -1, axis = -1;
    bool plain = true;
    std::vector<bool> seen(stage.indices.size(), false);
    for (size_t a = 0; a < read.args.size(); ++a) {
      const Expr &at = *read.args[a];
      if (at.op != Op::Index || seen[at.ref]) {
        plain = false;
        break;
      }
      seen[at.ref] = true;
      if (at.ref < stage.numResultIndices) {
        plain &= column < 0;
        column = at.ref;
        axis = a;
      }
    }
    // The column is the innermost result index, of a constant extent.
    if (!plain || column != stage.numResultIndices - 1 || stage.axes.back() != 1 ||
        !stage.indices[column].extent.isConstant() || column == 0)
      continue;
    use = {stageNumber, read.ref, operand, column, axis};
    return true;
  }
  return false;
}

/// Whole kernels: the schedule of everything but packed contractions.
class Scheduler {
public:
  Scheduler(Builder &builder, const Facts &facts) : builder(builder), facts(facts) {}

  std::string report;

  void general(Func out, const Stage &stage, const std::vector<Var> &vars) {
    // Loops: the innermost result index in vectors, the next one is the row.
    rank = vars.size();
    Var inner, outer, row;
    bool hasRow = rank >= 2;
    if (rank == 0) {
      compute(out, Var::outermost(), Var::outermost(), 1);
      return;
    }
    Var x = vars[rank - 1];
    int lanes = facts.vector;
    const Extent &innermost = stage.indices[rank - 1].extent;
    if (innermost.isConstant())
      while (lanes > 1 && innermost.constant < lanes)
        lanes /= 2;
    Var xo(out.name() + "_xo"), xi(out.name() + "_xi");
    out.split(x, xo, xi, lanes, TailStrategy::GuardWithIf).vectorize(xi);
    row = hasRow ? vars[rank - 2] : xo;
    if (rank == 2) {
      out.parallel(row);
    } else if (rank >= 3) {
      Var all = vars[0];
      for (int i = 1; i < rank - 2; ++i) {
        Var fused(out.name() + "_p" + std::to_string(i));
        out.fuse(vars[i], all, fused);
        all = fused;
      }
      out.parallel(all);
    }
    compute(out, row, xo, lanes);
    report = "rows, vectors of " + std::to_string(lanes);
  }

  /// Places every helper and local stage: what a row needs at the row, what an
  /// element of the output needs at the vector.
  void compute(Func out, Var row, Var vector, int lanes) {
    for (size_t i = builder.stages.size(); i-- > 0;) {
      Built &built = builder.stages[i];
      if (!built.stage || built.stage->kind == StageKind::Map || !serves(i, out))
        continue;
      // What only maps read, at their own element, is computed with that element.
      bool isOutput = built.func.name() == out.name() || isPointwise(i, out);
      if (built.func.name() != out.name() && isOutput) {
        place(built, LoopLevel(out, vector), lanes);
        continue;
      }
      LoopLevel at = isOutput ? LoopLevel(out, vector) : LoopLevel(out, row);
      if (!isOutput)
        built.func.compute_at(at).store_in(MemoryType::Stack);
      if (built.isSoftmax) {
        LoopLevel rowLevel = LoopLevel(out, row);
        for (Func &local : built.locals)
          local.compute_at(rowLevel).store_in(MemoryType::Stack);
        boundStorage(built.locals[0], built);
        boundStorage(built.locals[2], built);
        if (!isOutput)
          boundStorage(built.func, built);
        Var lane = built.locals[3].args()[0];
        built.locals[3].vectorize(lane, 16);
        built.locals[3].update().vectorize(lane, 16);
        vectorizeInner(built.locals[0], facts.vector);
        vectorizeInner(built.locals[2], facts.vector);
        continue;
      }
      // A row of reductions is a nest of its own, a vector of elements at a time.
      if (!isOutput && rank && int(built.vars.size()) == rank) {
        boundInnermost(built.func, built);
        Var x = built.vars.back(), xo(built.func.name() + "_xo"), xi(built.func.name() + "_xi");
        built.func.split(x, xo, xi, lanes, TailStrategy::GuardWithIf).vectorize(xi);
        place(built, LoopLevel(built.func, xo), lanes);
        continue;
      }
      for (Func &local : built.locals) {
        local.compute_at(at).store_in(MemoryType::Stack);
        if (built.isPartial) {
          Var lane = local.args()[0];
          bool rowReduction = !isOutput || built.vars.empty();
          if (isOutput && !built.vars.empty()) {
            // Vectors along the result; the 16 sums side by side.
            Var x = local.args()[1];
            local.unroll(lane, 16).vectorize(x, lanes, TailStrategy::GuardWithIf);
            local.update().reorder(lane, built.domain.x);
            local.update().unroll(lane, 16).vectorize(x, lanes, TailStrategy::GuardWithIf);
          } else if (rowReduction) {
            local.vectorize(lane, 16);
            local.update().reorder(lane, built.domain.x).vectorize(lane, 16);
          }
        } else if (isOutput && !built.vars.empty()) {
          Var x = local.args()[0];
          local.vectorize(x, lanes, TailStrategy::GuardWithIf);
          std::vector<VarOrRVar> order{x};
          for (int d = 0; d < built.domain.dimensions(); ++d)
            order.push_back(built.domain[d]);
          local.update().reorder(order).vectorize(x, lanes, TailStrategy::GuardWithIf);
        }
      }
    }
  }

  /// The helpers of a reduction whose elements are used one vector at a time.
  void place(Built &built, LoopLevel at, int lanes) {
    for (Func &local : built.locals) {
      local.compute_at(at).store_in(MemoryType::Stack);
      Var x = local.args()[built.isPartial ? 1 : 0];
      local.vectorize(x, lanes, TailStrategy::GuardWithIf);
      if (built.isPartial) {
        Var lane = local.args()[0];
        local.unroll(lane, 16);
        local.update().reorder(lane, built.domain.x);
        local.update().unroll(lane, 16).vectorize(x, lanes, TailStrategy::GuardWithIf);
        continue;
      }
      std::vector<VarOrRVar> order{x};
      for (int d = 0; d < built.domain.dimensions(); ++d)
        order.push_back(built.domain[d]);
      local.update().reorder(order).vectorize(x, lanes, TailStrategy::GuardWithIf);
    }
  }

  /// Is stage `number` computed for this output? Another output is computed for
  /// itself, and what it alone needs is its own.
  bool serves(size_t number, Func out) {
    const Built &built = builder.stages[number];
    if (built.func.name() == out.name())
      return true;
    if (isOutputTensor(built.stage->results[0]))
      return false;
    std::vector<bool> needed(builder.kernel.tensors.size(), false);
    for (const Built &other : builder.stages)
      if (other.stage && other.func.name() == out.name())
        need(*other.stage, needed);
    return needed[built.stage->results[0]];
  }
  bool isOutputTensor(int tensor) { return builder.kernel.tensors[tensor].role == Role::Output; }
  /// Everything that a stage needs, up to inputs and other outputs.
  void need(const Stage &stage, std::vector<bool> &needed) {
    std::vector<bool> reads(builder.kernel.tensors.size(), false);
    collect(stage, reads);
    for (size_t t = 0; t < reads.size(); ++t) {
      if (!reads[t] || needed[t])
        continue;
      needed[t] = true;
      if (auto it = builder.producer.find(t); it != builder.producer.end() && !isOutputTensor(t))
        need(builder.kernel.stages[it->second], needed);
    }
  }

  /// Does stage `number` have the output's index space, and do only maps read it?
  bool isPointwise(size_t number, Func out) {
    const Stage &stage = *builder.stages[number].stage;
    if (stage.kind != StageKind::Reduce || !stage.numResultIndices)
      return false;
    for (const Built &other : builder.stages) {
      if (!other.stage)
        continue;
      if (other.func.name() == out.name()) {
        if (other.stage->kind != StageKind::Map || other.stage->numResultIndices != stage.numResultIndices)
          return false;
        for (int i = 0; i < stage.numResultIndices; ++i)
          if (!(other.stage->indices[i].extent == stage.indices[i].extent))
            return false;
      }
      if (other.stage->kind != StageKind::Map) {
        std::vector<bool> reads(builder.kernel.tensors.size(), false);
        collect(*other.stage, reads);
        if (reads[stage.results[0]])
          return false;
      }
    }
    return true;
  }

  /// Tensors that a stage reads, also through maps, which are inlined.
  void collect(const Stage &stage, std::vector<bool> &reads) {
    for (const ExprRef &value : stage.values)
      collect(value, reads);
    if (stage.condition)
      collect(stage.condition, reads);
  }
  void collect(const ExprRef &expr, std::vector<bool> &reads) {
    if (expr->op == Op::Read && !reads[expr->ref]) {
      reads[expr->ref] = true;
      if (auto it = builder.producer.find(expr->ref); it != builder.producer.end())
        if (const Stage &maker = builder.kernel.stages[it->second]; maker.kind == StageKind::Map)
          collect(maker, reads);
    }
    for (const ExprRef &arg : expr->args)
      collect(arg, reads);
  }

  /// A row that is stored has room for the greatest value of its run-time extent.
  void boundInnermost(Func func, const Built &built) {
    // Rows are one place each; only what runs along the row is bounded.
    if (int(built.vars.size()) < rank || rank < 1)
      return;
    const Extent &extent = built.stage->indices[built.vars.size() - 1].extent;
    if (!extent.isConstant())
      func.bound_storage(built.vars.back(), int((builder.kernel.sizes[extent.size].most + 15) / 16 * 16));
  }

  /// A stack tile has room for the greatest value of each run-time size.
  void boundStorage(Func func, const Built &built) {
    for (const Var &arg : func.args()) {
      for (size_t i = 0; i < built.vars.size(); ++i) {
        const Extent &extent = built.stage->indices[i].extent;
        if (built.vars[i].name() != arg.name() || extent.isConstant())
          continue;
        int64_t most = builder.kernel.sizes[extent.size].most;
        // Rows are one place each; what is stored runs along the row.
        bool inRow = !built.isSoftmax || std::count(built.stage->along.begin(), built.stage->along.end(), int(i));
        if (inRow)
          func.bound_storage(arg, int((most + 15) / 16 * 16));
      }
    }
  }

  void vectorizeInner(Func func, int lanes) {
    func.vectorize(func.args()[0], lanes, TailStrategy::GuardWithIf);
  }

  Builder &builder;
  Facts facts;
  int rank = 0; ///< of the output, in indices
};

/// The register-tiled contraction: C(o, m) = epilogue(sum_k A(m, k) W(o, k)) over
/// panels of W. One accumulator for each element, k ascending, FMA.
bool contraction(Builder &builder, const WeightUse &use, Func out, const std::vector<Var> &vars,
                 const Facts &facts, std::string &report) {
  Built &built = builder.stages[use.stage];
  const Stage &stage = *built.stage;
  int width = builder.kernel.tensors[use.tensor].layout.width;
  int lanes = std::min(width, facts.vector), rows = tileRows(width, facts);
  Var o = vars.back(), m = vars[vars.size() - 2];
  Func acc = built.locals[0];
  std::string prefix = out.name();
  Var p(prefix + "_p"), n(prefix + "_n"), nv(prefix + "_nv"), ni(prefix + "_ni"), mo(prefix + "_mo"), mi(prefix + "_mi"),
      po(prefix + "_po"), pi(prefix + "_pi");
  int64_t columns = stage.indices[use.column].extent.constant;
  int panels = columns / width;
  // Panels in groups: the group's weights stay in the cache over the rows.
  int group = 1;
  for (int g : {8, 6, 5, 4, 7, 3, 2})
    if (panels % g == 0) {
      group = g;
      break;
    }
  out.bound(o, 0, int(columns));
  out.split(o, p, n, width).split(n, nv, ni, lanes).vectorize(ni).unroll(nv);
  out.split(m, mo, mi, rows, TailStrategy::GuardWithIf);
  out.split(p, po, pi, group);
  std::vector<VarOrRVar> order{ni, nv, mi, pi, mo, po};
  out.reorder(order);
  out.parallel(mo);

  Var an = acc.args()[0], am = acc.args()[2];
  acc.compute_at(out, pi).store_in(MemoryType::Register).bound_extent(an, width).bound_extent(am, rows);
  Var av(prefix + "_av"), ai(prefix + "_ai");
  acc.split(an, av, ai, lanes).vectorize(ai).unroll(av).unroll(am);
  std::vector<VarOrRVar> updateOrder{an, am};
  for (int d = 0; d < built.domain.dimensions(); ++d)
    updateOrder.push_back(built.domain[d]);
  acc.update().reorder(updateOrder).split(an, av, ai, lanes).vectorize(ai).unroll(av).unroll(am);
  report = "register tile " + std::to_string(rows) + " x " + std::to_string(width) + ", groups of " + std::to_string(group);
  return true;
}

/// The contraction's accumulator over (lane, panel, rows..): W is read as it lies.
void buildPanelContraction(Builder &builder, const WeightUse &use) {
  builder.forget();
  const Stage &stage = builder.kernel.stages[use.stage];
  Built &built = builder.stages[use.stage];
  built.stage = &stage;
  std::string prefix = builder.kernel.name + "_s" + std::to_string(use.stage);
  int width = builder.kernel.tensors[use.tensor].layout.width;
  Var n(prefix + "_n"), p(prefix + "_p");
  std::vector<HExpr> indices;
  for (int i = 0; i < stage.numResultIndices; ++i)
    built.vars.emplace_back(prefix + "_" + stage.indices[i].name);
  Region region;
  for (size_t i = stage.indices.size(); i-- > size_t(stage.numResultIndices);)
    region.emplace_back(0, builder.extent(stage.indices[i].extent));
  built.domain = RDom(region, prefix + "_r");
  int row = use.column - 1;
  for (int i = 0; i < stage.numResultIndices; ++i) {
    HExpr index = built.vars[i];
    // Rows past the end of the last tile read its last row; they are not stored.
    if (i == row)
      index = min(index, builder.extent(stage.indices[i].extent) - 1);
    if (i == use.column)
      index = p * width + n;
    indices.push_back(index);
  }
  for (size_t i = stage.numResultIndices; i < stage.indices.size(); ++i)
    indices.push_back(built.domain[stage.indices.size() - 1 - i]);
  const kernels::Expr &product = *stage.values[0];
  HExpr a = builder.lower(product.args[1 - use.operand], indices);
  const kernels::Expr &read = *product.args[use.operand];
  std::vector<HExpr> at{n};
  for (size_t axis = read.args.size(); axis-- > 0;)
    if (int(axis) != use.axis)
      at.push_back(builder.lower(read.args[axis], indices));
  at.push_back(p);
  HExpr w = widen(builder.inputs.at(use.tensor)(at), builder.kernel.tensors[use.tensor].type);
  Func acc(prefix + "_acc");
  std::vector<Var> args{n, p};
  for (int i = use.column; i-- > 0;)
    args.push_back(built.vars[i]);
  acc(args) = 0.0f;
  acc(args) += a * w;
  built.locals = {acc};
  built.isContraction = true;
  built.func = Func(prefix);
  std::vector<Var> outArgs(built.vars.rbegin(), built.vars.rend());
  Var o = built.vars[use.column];
  std::vector<HExpr> call{o % width, o / width};
  for (int i = use.column; i-- > 0;)
    call.push_back(built.vars[i]);
  built.func(outArgs) = narrow(acc(call), builder.kernel.tensors[stage.results[0]].type);
  builder.setResult(stage.results[0], built.func);
}

/// Bounds and strides that are products of run-time sizes Halide reads from the
/// buffers; the caller fills in nothing but addresses, so they are computed.
class ComputeShapes : public Internal::IRMutator {
public:
  /// Extents of each buffer's dimensions, the innermost first, by its name.
  std::map<std::string, std::vector<HExpr>> extents;

private:
  using IRMutator::visit;
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
  WeightUse found;
  for (size_t i = 0; i < kernel.stages.size(); ++i) {
    WeightUse use;
    if (findWeight(kernel, i, use) && use.tensor == tensor) {
      found = use;
      ++uses;
    }
  }
  if (uses != 1)
    return {};
  int width = panelWidth(kernel.stages[found.stage].indices[found.column].extent.constant, factsOf(target));
  if (!width)
    return {};
  return {Layout::Panels, found.axis, width};
}

bool compile(const Kernel &kernel, const Target &target, const CompileOptions &options, Compiled &compiled,
             std::string &error) {
  try {
    Facts facts = factsOf(target);
    Builder builder(kernel);
    WeightUse use;
    for (size_t i = 0; i < kernel.stages.size(); ++i) {
      WeightUse candidate;
      if (findWeight(kernel, i, candidate) && kernel.tensors[candidate.tensor].layout.kind == Layout::Panels)
        use = candidate;
    }
    for (size_t i = 0; i < kernel.stages.size(); ++i)
      for (int32_t result : kernel.stages[i].results)
        builder.producer[result] = i;
    builder.stages.resize(kernel.stages.size());
    for (size_t i = 0; i < kernel.stages.size(); ++i) {
      if (int(i) == use.stage)
        buildPanelContraction(builder, use);
      else
        builder.buildStage(kernel.stages[i], i);
    }

    std::vector<Func> outputs;
    std::string report;
    ComputeShapes shapes;
    for (auto &[number, input] : builder.inputs)
      shapes.extents[input.name()] = builder.bufferExtents(number);
    for (size_t t = 0; t < kernel.tensors.size(); ++t) {
      if (kernel.tensors[t].role != Role::Output)
        continue;
      Func out = builder.funcOf(t);
      Built &built = builder.stages[builder.producer.at(t)];
      const Stage &stage = *built.stage;
      // The buffer's dimensions are the indices: strides of the dense tensor.
      HExpr stride = 1;
      OutputImageParam buffer = out.output_buffer();
      for (size_t d = 0; d < built.vars.size(); ++d) {
        HExpr extent = builder.extent(stage.indices[built.vars.size() - 1 - d].extent);
        shapes.extents[out.name()].push_back(extent);
        buffer.dim(d).set_bounds(0, extent).set_stride(stride);
        stride = simplify(stride * extent);
      }
      Scheduler scheduler(builder, facts);
      if (use.stage >= 0) {
        contraction(builder, use, out, built.vars, facts, report);
      } else {
        scheduler.general(out, stage, built.vars);
        report = scheduler.report;
      }
      outputs.push_back(out);
    }
    if (outputs.empty())
      throw std::runtime_error("the kernel has no output");
    if (outputs.size() > 1 && use.stage >= 0)
      throw std::runtime_error("a packed contraction with several outputs is not supported yet");
    // A stage that two outputs share would have to outlive both: no room for that.
    for (size_t i = 0; outputs.size() > 1 && i < builder.stages.size(); ++i) {
      const Built &built = builder.stages[i];
      int served = 0;
      Scheduler scheduler(builder, facts);
      for (Func &out : outputs)
        served += built.func.name() != out.name() && built.stage->kind != StageKind::Map && scheduler.serves(i, out);
      if (served > 1)
        throw std::runtime_error("two outputs share stage " + std::to_string(i) + ", which is not supported yet");
    }

    HTarget halide = halideTarget(target, options);
    std::vector<Argument> arguments;
    for (auto &size : builder.sizes)
      arguments.push_back(size);
    for (size_t t = 0; t < kernel.tensors.size(); ++t)
      if (auto it = builder.inputs.find(t); it != builder.inputs.end())
        arguments.push_back(it->second);
    Pipeline pipeline(outputs);
    pipeline.add_custom_lowering_pass(&shapes, [] {});
    Module module = pipeline.compile_to_module(arguments, kernel.name, halide, LinkageType::External);
    char path[] = "/tmp/heddle-kernel-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
      throw std::runtime_error("cannot make a temporary file");
    close(fd);
    module.compile({{OutputFileType::object, path}});
    std::ifstream file(path, std::ios::binary);
    compiled.object.assign(std::istreambuf_iterator<char>(file), {});
    unlink(path);
    compiled.report = report;
    return true;
  } catch (const Halide::Error &e) { // not a std::exception
    error = "kernel " + kernel.name + ": Halide refuses the schedule: " + e.what();
    return false;
  } catch (const std::exception &e) {
    error = "kernel " + kernel.name + ": " + e.what();
    return false;
  }
}

} // namespace heddle::kernels
