//===- Rows.cpp - The schedule of everything but packed contractions ------===//

#include "compiler/Kernels/Rows.h"

#include <algorithm>
#include <set>

namespace heddle::kernels {

using namespace Halide;

// The description's, not Halide's.
using heddle::kernels::Expr;

/// The scratch of one softmax row stays in the first-level cache; a longer row is
/// computed anew from what it reads, which needs no scratch.
static constexpr int64_t kMostScratch = 4096;
/// What one stage may keep on the stack of a thread, of which a group has several.
static constexpr int64_t kMostRowBytes = 64 * 1024;

bool RowSchedule::serves(size_t number) {
  const Built &built = builder.stages[number];
  if (built.func.name() == out.name())
    return true;
  if (isOutputTensor(built.stage->results[0]))
    return false;
  std::vector<bool> needed(builder.kernel.tensors.size(), false);
  for (const Built &other : builder.stages)
    if (other.func.name() == out.name())
      need(*other.stage, needed);
  return needed[built.stage->results[0]];
}

/// Everything that a stage needs, up to inputs and other outputs.
void RowSchedule::need(const Stage &stage, std::vector<bool> &needed) {
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

/// A map is computed where it is read, unless its values are kept at the row.
bool RowSchedule::isInlined(size_t number) {
  return builder.kernel.stages[number].kind == StageKind::Map && (kept.empty() || !kept[number]);
}

/// All expressions of a stage, and those of the maps that it reads inlined.
void RowSchedule::visit(const Stage &stage, const std::function<void(const Expr &)> &each) {
  std::set<const Expr *> seen; // expressions share nodes
  std::vector<const Expr *> work;
  std::set<size_t> entered;
  auto add = [&](const ExprRef &expr) {
    if (expr && seen.insert(expr.get()).second)
      work.push_back(expr.get());
  };
  auto addStage = [&](const Stage &from) {
    for (const ExprRef &value : from.values)
      add(value);
    add(from.condition);
  };
  addStage(stage);
  while (!work.empty()) {
    const Expr *expr = work.back();
    work.pop_back();
    each(*expr);
    if (expr->op == Op::Read) {
      auto it = builder.producer.find(expr->ref);
      if (it != builder.producer.end() && isInlined(it->second) && entered.insert(it->second).second)
        addStage(builder.kernel.stages[it->second]);
    }
    for (const ExprRef &arg : expr->args)
      add(arg);
  }
}

/// Tensors that a stage reads, also through maps that are inlined.
void RowSchedule::collect(const Stage &stage, std::vector<bool> &reads) {
  visit(stage, [&](const Expr &expr) {
    if (expr.op == Op::Read)
      reads[expr.ref] = true;
  });
}

/// Does a value of the stage take tens of instructions?
bool RowSchedule::callsFunction(const Stage &stage) {
  bool calls = false;
  visit(stage, [&](const Expr &expr) {
    switch (expr.op) {
    case Op::Exp: case Op::Log: case Op::Sin: case Op::Cos: case Op::Tanh: case Op::Erf: case Op::Pow:
      calls = true;
      break;
    default:
      break;
    }
  });
  return calls;
}

/// Leading indices of `reader` at which alone it reads what other stages keep, also
/// through maps: with a window or a gather in axis 1, rows are those of axis 0.
int RowSchedule::rowsReadAlone(const Stage &reader) {
  int most = reader.numResultIndices;
  // `own[i]`: the index of `reader` that index i of the stage at hand stands for.
  auto visit = [&](auto &self, const Stage &at, const std::vector<int> &own) -> void {
    std::set<const Expr *> seen;
    std::vector<const Expr *> work;
    auto add = [&](const ExprRef &expr) {
      if (expr && seen.insert(expr.get()).second)
        work.push_back(expr.get());
    };
    for (const ExprRef &value : at.values)
      add(value);
    add(at.condition);
    while (!work.empty()) {
      const Expr *expr = work.back();
      work.pop_back();
      for (const ExprRef &arg : expr->args)
        add(arg);
      auto made = expr->op == Op::Read ? builder.producer.find(expr->ref) : builder.producer.end();
      if (made == builder.producer.end() || isOutputTensor(expr->ref))
        continue;
      const Stage &source = builder.kernel.stages[made->second];
      std::vector<int> inner;
      for (size_t axis = 0; axis < expr->args.size(); ++axis) {
        const Expr &subscript = *expr->args[axis];
        bool isPlain = subscript.op == Op::Index && source.axes[axis] == 1;
        int index = isPlain ? own[subscript.ref] : -1;
        inner.insert(inner.end(), source.axes[axis], index);
        if (!isInlined(made->second) && index != int(axis))
          most = std::min(most, int(axis));
      }
      if (isInlined(made->second))
        self(self, source, inner);
    }
  };
  std::vector<int> own(reader.indices.size());
  for (size_t i = 0; i < own.size(); ++i)
    own[i] = int(i) < reader.numResultIndices ? int(i) : -1;
  visit(visit, reader, own);
  return most;
}

/// Does stage `number` have the output's index space, and do only maps read it?
/// Then each element is computed where the output's element is.
bool RowSchedule::isPointwise(size_t number) {
  const Stage &stage = *builder.stages[number].stage;
  if (stage.kind != StageKind::Reduce || !stage.numResultIndices)
    return false;
  for (size_t i = 0; i < builder.stages.size(); ++i) {
    const Built &other = builder.stages[i];
    if (other.func.name() == out.name()) {
      if (other.stage->kind != StageKind::Map || other.stage->numResultIndices != stage.numResultIndices)
        return false;
      for (int at = 0; at < stage.numResultIndices; ++at)
        if (!(other.stage->indices[at].extent == stage.indices[at].extent))
          return false;
    }
    if (!isInlined(i)) {
      std::vector<bool> reads(builder.kernel.tensors.size(), false);
      collect(*other.stage, reads);
      if (reads[stage.results[0]])
        return false;
    }
  }
  return true;
}

/// The rows are the leading indices that all stages of the row share.
void RowSchedule::findRows() {
  lanes = facts.vector;
  rows = rank - 1;
  for (size_t i = 0; i < builder.stages.size(); ++i) {
    const Built &built = builder.stages[i];
    bool isOutput = built.func.name() == out.name();
    if (!isOutput && (isInlined(i) || !serves(i)))
      continue;
    rows = std::min(rows, rowsReadAlone(*built.stage));
    bool isElement = isOutput || isPointwise(i);
    for (int32_t position : built.stage->along)
      rows = std::min(rows, int(position));
    if (!isElement)
      rows = std::min(rows, int(built.stage->numResultIndices));
    else if (built.isPartial && !runsAlongResult(*built.stage))
      lanes = 1;
  }
}

/// Is the stage computed for another output too? One place cannot keep its values for both.
bool RowSchedule::servesAnother(size_t number) {
  for (const Built &other : builder.stages) {
    if (!isOutputTensor(other.stage->results[0]) || other.func.name() == out.name())
      continue;
    std::vector<bool> needed(builder.kernel.tensors.size(), false);
    need(*other.stage, needed);
    if (needed[builder.stages[number].stage->results[0]])
      return true;
  }
  return false;
}

/// Maps that call a function and would do so several times for an element, as several
/// stages read them, or one with more indices than they have: their values stay at the
/// row, where that changes no row and takes little room.
void RowSchedule::keepMaps() {
  std::vector<bool> keep(builder.stages.size(), false);
  for (size_t i = 0; i < builder.stages.size(); ++i) {
    const Stage &stage = *builder.stages[i].stage;
    if (stage.kind != StageKind::Map || stage.results.size() != 1 || isOutputTensor(stage.results[0]) ||
        stage.numResultIndices <= rows || rowElements(builder.stages[i]) > kMostScratch || !serves(i) ||
        servesAnother(i) || !callsFunction(stage))
      continue;
    int readers = 0;
    for (size_t r = 0; r < builder.stages.size(); ++r) {
      const Built &other = builder.stages[r];
      if (isInlined(r) && other.func.name() != out.name())
        continue;
      std::vector<bool> reads(builder.kernel.tensors.size(), false);
      collect(*other.stage, reads);
      if (reads[stage.results[0]])
        readers += other.stage->indices.size() > stage.indices.size() ? 2 : 1;
    }
    keep[i] = readers > 1;
  }
  int before = rows;
  kept = keep;
  findRows();
  if (rows == before)
    return;
  kept.clear();
  findRows();
}

std::string RowSchedule::schedule(const Stage &stage, const std::vector<Var> &vars) {
  rank = vars.size();
  if (rank == 0) {
    placeStages(LoopLevel(out, Var::outermost()), LoopLevel(out, Var::outermost()), 1);
    return "one element";
  }
  findRows();
  if (stage.kind == StageKind::Softmax && rows < rank - int(stage.along.size()))
    return scheduleAcross(stage, vars);
  keepMaps();
  const Extent &innermost = stage.indices[rank - 1].extent;
  if (innermost.isConstant())
    while (lanes > 1 && innermost.constant < lanes)
      lanes /= 2;
  Var x = vars[rank - 1], xo(out.name() + "_XO"), xi(out.name() + "_XI");
  out.split(x, xo, xi, lanes, TailStrategy::GuardWithIf).vectorize(xi);

  // The innermost of the first `count` loops, of which the outermost two at most are one.
  auto fuse = [&](int count) {
    Var all = runInParallel(out, vars[count > 1], vars[0]);
    return count > 2 ? vars[count - 1] : all;
  };
  LoopLevel row = LoopLevel::root();
  if (rows == rank - 1 && rank >= 3) {
    // One flat parallel loop, and in each task a run of rows.
    fuse(rank - 2);
    row = LoopLevel(out, vars[rank - 2]);
  } else if (rows > 0) {
    row = LoopLevel(out, fuse(rows));
  }
  placeStages(row, LoopLevel(out, xo), lanes);
  return "rows of " + std::to_string(rank - rows) + (rank - rows == 1 ? " index" : " indices") + ", vectors of " +
         std::to_string(lanes);
}

/// The 16 partial sums: one vector, or side by side for `lanes` elements at once: in
/// registers, or in a loop where a value is `isLong` anyway, and 16 copies of its code
/// in each of the stages would take seconds to compile.
static void placePartial(Func partial, int lanes, bool isLong) {
  Var lane = partial.args()[0];
  std::vector<Halide::Stage> stages{partial};
  for (int i = 0; i < partial.num_update_definitions(); ++i) {
    stages.push_back(partial.update(i));
    stages.back().reorder(lane, RVar(partial.rvars(i)[0]));
  }
  for (Halide::Stage &stage : stages) {
    if (lanes == 1)
      stage.vectorize(lane, kPartialSums);
    else {
      if (!isLong)
        stage.unroll(lane, kPartialSums);
      stage.vectorize(partial.args()[1], lanes, TailStrategy::GuardWithIf);
    }
  }
}

/// What a row needs goes to the row, what an element needs to the vector.
void RowSchedule::placeStages(LoopLevel row, LoopLevel element, int lanes) {
  for (size_t i = builder.stages.size(); i-- > 0;) {
    Built &built = builder.stages[i];
    bool isOutput = built.func.name() == out.name();
    if (isInlined(i) || !serves(i) || (isOutput && built.stage->kind == StageKind::Map))
      continue;
    if (built.isSoftmax) {
      placeSoftmax(built, row, isOutput);
      continue;
    }
    if (isOutput || isPointwise(i)) {
      placeHelpers(built, element, lanes);
      continue;
    }
    store(built.func, built, row);
    if (built.vars.empty() || int(built.vars.size()) <= rows) {
      placeHelpers(built, row, 1);
      continue;
    }
    // A row of reductions is a nest of its own, a vector of elements at a time.
    bool isVector = built.stage->kind == StageKind::Map || runsAlongResult(*built.stage) || !built.isPartial;
    int own = isVector ? facts.vector : 1;
    Var x = built.vars.back(), xo(built.func.name() + "_XO"), xi(built.func.name() + "_XI");
    if (own == 1) {
      placeHelpers(built, LoopLevel(built.func, x), 1);
      continue;
    }
    built.func.split(x, xo, xi, own, TailStrategy::GuardWithIf).vectorize(xi);
    placeHelpers(built, LoopLevel(built.func, xo), own);
  }
}

/// The accumulators of a reduction of which `lanes` elements are computed at once.
void RowSchedule::placeHelpers(Built &built, LoopLevel at, int lanes) {
  for (Func &local : built.locals) {
    local.compute_at(at).store_in(MemoryType::Stack);
    if (built.isPartial) {
      placePartial(local, lanes, callsFunction(*built.stage));
    } else if (lanes > 1) {
      Var x = local.args()[0];
      local.vectorize(x, lanes, TailStrategy::GuardWithIf);
      std::vector<VarOrRVar> order{x};
      for (int d = 0; d < built.domain.dimensions(); ++d)
        order.push_back(built.domain[d]);
      local.update().reorder(order).vectorize(x, lanes, TailStrategy::GuardWithIf);
    }
  }
}

void placeSoftmaxRow(Built &built, LoopLevel row) {
  for (size_t i : {1, 2, 4, 5})
    built.locals[i].compute_at(row).store_in(MemoryType::Stack);
  for (size_t i : {1, 2})
    placePartial(built.locals[i], 1, /*isLong=*/false);
}

void RowSchedule::placeSoftmax(Built &built, LoopLevel row, bool isOutput) {
  Func scores = built.locals[0], weights = built.locals[3];
  if (!isOutput)
    store(built.func, built, row);
  if (rowElements(built) <= kMostScratch)
    for (Func func : {scores, weights}) {
      store(func, built, row);
      func.vectorize(func.args()[0], facts.vector, TailStrategy::GuardWithIf);
    }
  placeSoftmaxRow(built, row);
}

/// A softmax along other indices than the last: each of the others is a row of its
/// own, and the places along it lie apart in memory.
std::string RowSchedule::scheduleAcross(const Stage &stage, const std::vector<Var> &vars) {
  std::vector<VarOrRVar> order;
  std::vector<Var> outer;
  auto isAlong = [&](int i) { return std::count(stage.along.begin(), stage.along.end(), i) > 0; };
  for (int i = rank; i-- > 0;)
    if (isAlong(i))
      order.push_back(vars[i]);
  for (int i = rank; i-- > 0;)
    if (!isAlong(i)) {
      order.push_back(vars[i]);
      outer.push_back(vars[i]);
    }
  out.reorder(order);
  // Of the outer loops, the innermost first, the outermost two at most are one.
  Var all = runInParallel(out, outer[outer.size() - std::min<size_t>(outer.size(), 2)], outer.back());
  LoopLevel row(out, outer.size() > 2 ? outer[0] : all);
  placeStages(row, row, 1);
  return "columns of " + std::to_string(stage.along.size()) + (stage.along.size() == 1 ? " index" : " indices");
}

/// Is the index one of those along the row?
bool RowSchedule::isInRow(const Built &built, size_t index) {
  const std::vector<int32_t> &along = built.stage->along;
  return built.isSoftmax ? std::count(along.begin(), along.end(), int(index)) > 0 : int(index) >= rows;
}

/// The most elements that a row of the stage's result can have.
int64_t RowSchedule::rowElements(const Built &built) {
  int64_t elements = 1;
  for (size_t i = 0; i < built.extents.size(); ++i) {
    if (isInRow(built, i) && __builtin_mul_overflow(elements, mostOf(builder.kernel, built.extents[i]), &elements))
      return INT64_MAX;
  }
  return elements;
}

/// Computes a row of `func`, a value for each element of the stage's row, at `at`:
/// there is room for the greatest value of each run-time extent along it; the other
/// indices are one place each.
void RowSchedule::store(Func func, const Built &built, LoopLevel at) {
  int64_t bytes = rowElements(built);
  if (__builtin_mul_overflow(bytes, int64_t(func.types()[0].bytes()), &bytes) || bytes > kMostRowBytes)
    throw std::runtime_error("a row of stage " + built.stage->name + " that stays in the kernel can have " +
                             std::to_string(rowElements(built)) + " elements, more than its stack has room for");
  func.compute_at(at).store_in(MemoryType::Stack);
  for (const Var &arg : func.args())
    for (size_t i = 0; i < built.vars.size(); ++i) {
      const Extent &extent = built.extents[i];
      if (built.vars[i].name() == arg.name() && !extent.isConstant() && isInRow(built, i))
        func.bound_storage(arg, int((builder.kernel.sizes[extent.size].most + 15) / 16 * 16));
    }
}

} // namespace heddle::kernels
