//===- Chain.cpp - Two contractions joined by a softmax -------------------===//
//
// Two passes over a block of rows (not an online softmax, which has other bits for
// other lengths and wins from about a thousand columns only): scores by register
// tiles, softmax row by row, then the second contraction by register tiles. Each
// number is computed as it would be by three kernels, to the bit.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Chain.h"

#include "compiler/Kernels/Rows.h"

#include <algorithm>
#include <set>

namespace heddle::kernels {

using namespace Halide;

// The description's, not Halide's.
using heddle::kernels::Expr;
using heddle::kernels::Stage;

/// What one block of scores may take of a thread's stack; there are two such blocks.
static constexpr int64_t kMostBlockBytes = 144 * 1024;
/// Rows longer than this leave a core enough to do with one run of rows: these are
/// given to threads one by one.
static constexpr int64_t kLongRows = 1024;

/// Room for a row: whole vectors, an odd number of them, since the rows of a block at one
/// column would else share a few sets of the first-level cache.
static int64_t paddedColumns(int64_t most) { return ((most + 15) / 16 | 1) * 16; }

/// Does `stage` read what the kernel computes, also through maps, only at its own element,
/// and do its values alone?
static bool readsOwn(const Kernel &kernel, const Stage &stage) {
  std::set<const Expr *> seen;
  std::vector<const Expr *> work;
  auto add = [&](const ExprRef &expr) {
    if (expr && seen.insert(expr.get()).second)
      work.push_back(expr.get());
  };
  bool own = true, isCondition = true;
  add(stage.condition);
  auto isInput = [&](int tensor) {
    return kernel.tensors[tensor].role == Role::Input || kernel.tensors[tensor].role == Role::Constant;
  };
  while (!work.empty() || isCondition) {
    if (work.empty()) {
      isCondition = false;
      for (const ExprRef &value : stage.values)
        add(value);
      continue;
    }
    const Expr &expr = *work.back();
    work.pop_back();
    for (const ExprRef &arg : expr.args)
      add(arg);
    if (expr.op != Op::Read || isInput(expr.ref))
      continue;
    own &= !isCondition;
    for (size_t axis = 0; axis < expr.args.size(); ++axis)
      own &= expr.args[axis]->op == Op::Index && expr.args[axis]->ref == int(axis);
    for (const Stage &source : kernel.stages)
      if (source.kind == StageKind::Map && std::count(source.results.begin(), source.results.end(), expr.ref))
        own &= readsOwn(kernel, source);
  }
  return own;
}

/// Has the stage one axis for each index of the result, as many as `like`, of its extents?
static bool hasIndicesOf(const Stage &stage, const Stage &like) {
  if (stage.numResultIndices != like.numResultIndices || int(stage.axes.size()) != stage.numResultIndices)
    return false;
  for (int i = 0; i < stage.numResultIndices; ++i)
    if (!(stage.indices[i].extent == like.indices[i].extent))
      return false;
  return true;
}

bool findChain(const Kernel &kernel, const Facts &facts, Chain &chain) {
  std::vector<int> stages;
  for (size_t i = 0; i < kernel.stages.size(); ++i)
    if (kernel.stages[i].kind != StageKind::Map)
      stages.push_back(i);
  if (stages.size() != 3 || kernel.stages[stages[1]].kind != StageKind::Softmax)
    return false;
  const Stage &first = kernel.stages[stages[0]], &soft = kernel.stages[stages[1]], &second = kernel.stages[stages[2]];
  int columns = soft.numResultIndices - 1;
  if (soft.along != std::vector<int32_t>{columns} || columns < 1 || !hasIndicesOf(first, soft) ||
      int(soft.axes.size()) != soft.numResultIndices || !readsOwn(kernel, soft) ||
      !findTile(kernel, stages[0], facts, chain.scores))
    return false;
  if (!isContraction(second) || int(second.indices.size()) != second.numResultIndices + 1)
    return false;
  for (int operand : {0, 1}) {
    const Expr &read = *second.values[0]->args[operand];
    if (read.op != Op::Read || read.ref != soft.results[0] || read.guarded)
      continue;
    // Each of its axes is walked through: the columns are combined, the others are the result's.
    std::set<int> seen;
    bool whole = true;
    for (int axis = 0; axis <= columns; ++axis) {
      const Expr &at = *read.args[axis];
      whole &= at.op == Op::Index && seen.insert(at.ref).second && (at.ref == second.numResultIndices) == (axis == columns) &&
               second.indices[at.ref].extent == soft.indices[axis].extent;
    }
    if (!whole || !findTileOf(kernel, stages[2], 1 - operand, read.args[chain.scores.row]->ref, facts, chain.values))
      return false;
    // Rows of which a block fits.
    int64_t bytes = paddedColumns(mostOf(kernel, soft.indices[columns].extent)) * 4;
    for (int rows : {8, 6, 4, 2, 1})
      if (rows <= chain.values.rows && rows * bytes <= kMostBlockBytes) {
        chain.values.rows = rows;
        chain.values.rowsAreHere = true;
        chain.scores.rows = std::min(chain.scores.rows, rows);
        chain.softmax = stages[1];
        return true;
      }
  }
  return false;
}

/// A block of rows of `func`, whose arguments are those of `built`, at `at`.
static void storeBlock(const Kernel &kernel, Func func, const Built &built, const Chain &chain, LoopLevel at) {
  int columns = built.vars.size() - 1;
  const Extent &extent = built.extents[columns];
  int64_t most = paddedColumns(mostOf(kernel, extent));
  func.compute_at(at).store_in(MemoryType::Stack);
  for (int i = 0; i < int(built.vars.size()); ++i)
    func.bound_storage(built.vars[i], i == columns ? int(most) : i == chain.scores.row ? chain.values.rows : 1);
}

std::string scheduleChain(Builder &builder, const Chain &chain, Func out, const std::vector<Var> &vars,
                          const Facts &facts) {
  const Kernel &kernel = builder.kernel;
  Built &soft = builder.stages[chain.softmax];
  const Stage &second = *builder.stages[chain.values.stage].stage;

  // Blocks of rows; in a block the panels of columns.
  TileLoops loops = splitTile(out, chain.values, vars.back(), vars[chain.values.row], second.indices[chain.values.column].extent, facts);
  std::vector<VarOrRVar> order = loops.inner;
  order.insert(order.end(), {loops.panel, loops.block});
  std::vector<Var> others;
  for (int i = vars.size() - 1; i-- > 0;)
    if (i != chain.values.row)
      others.push_back(vars[i]);
  order.insert(order.end(), others.begin(), others.end());
  out.reorder(order);
  LoopLevel block(out, loops.block);
  int64_t columns = mostOf(kernel, soft.stage->indices.back().extent);
  if (others.empty()) {
    out.parallel(loops.block);
  } else if (columns > kLongRows || others.size() == 1) {
    // Blocks of one head are tasks of their own.
    block = LoopLevel(out, runInParallel(out, loops.block, others[0]));
  } else {
    runInParallel(out, others[others.size() - 2], others.back());
  }
  placeAccumulators(builder, chain.values, LoopLevel(out, loops.panel), facts);
  placePanel(builder, chain.values, LoopLevel(out, loops.panel), facts);

  // The softmax, a row at a time.
  Var j = soft.vars.back(), i = soft.vars[chain.scores.row];
  std::vector<VarOrRVar> rowOrder{j};
  for (size_t v = soft.vars.size() - 1; v-- > 0;)
    if (int(v) != chain.scores.row)
      rowOrder.push_back(soft.vars[v]);
  rowOrder.push_back(i);
  storeBlock(kernel, soft.func, soft, chain, block);
  soft.func.reorder(rowOrder).vectorize(j, facts.vector, TailStrategy::GuardWithIf);
  placeSoftmaxRow(soft, LoopLevel(soft.func, i));
  Func weights = soft.locals[3];
  weights.compute_at(soft.func, i).store_in(MemoryType::Stack);
  weights.bound_storage(j, int(paddedColumns(columns))).vectorize(j, facts.vector, TailStrategy::GuardWithIf);

  // The scores, a tile at a time.
  Func scores = soft.locals[0];
  storeBlock(kernel, scores, soft, chain, block);
  TileLoops inBlock = splitTile(scores, chain.scores, j, i, soft.stage->indices.back().extent, facts);
  std::vector<VarOrRVar> scoreOrder = inBlock.inner;
  scoreOrder.insert(scoreOrder.end(), {inBlock.block, inBlock.panel});
  for (size_t v = soft.vars.size() - 1; v-- > 0;)
    if (int(v) != chain.scores.row)
      scoreOrder.push_back(soft.vars[v]);
  scores.reorder(scoreOrder);
  placeAccumulators(builder, chain.scores, LoopLevel(scores, inBlock.block), facts);
  placePanel(builder, chain.scores, LoopLevel(scores, inBlock.panel), facts);
  return "blocks of " + std::to_string(chain.values.rows) + " rows: " + describeTile(chain.scores) + "; softmax; " +
         describeTile(chain.values);
}

} // namespace heddle::kernels
