//===- Contraction.cpp - Contractions in register tiles -------------------===//
//
// A register tile of rows and columns: each vector of columns that is loaded meets
// all rows of the tile, each broadcast element of the other operand all columns.
// Every element has one accumulator and adds in ascending order, so that neither
// the tile nor its place changes a bit.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Contraction.h"

#include <algorithm>

namespace heddle::kernels {

using namespace Halide;
using HExpr = Halide::Expr;

/// A packed panel stays in the first- and second-level cache, on a thread's stack.
static constexpr int64_t kMostPanelBytes = 64 * 1024;

Facts factsOf(const Target &target) {
  if (target.isa == "x86-64-v4") return {16, 32};
  if (target.isa == "x86-64-v3") return {8, 16};
  return {4, 16};
}

/// The columns of a tile for so many columns: of those tiles that leave registers
/// for the accumulators the one that computes the fewest columns in vain, and of
/// these the one with the best ratio of products to loads. `panel`: a multiple of
/// the result, if it is not 0; 0 where there is none.
static int tileWidth(const Extent &columns, const Facts &facts, int panel = 0) {
  if (!columns.isConstant())
    return 2 * facts.vector;
  int64_t count = std::max<int64_t>(columns.constant, 1);
  // Half vectors, for narrow results.
  if (facts.vector > 4 && count <= facts.vector / 2 && panel % (facts.vector / 2) == 0)
    return facts.vector / 2;
  int best = 0;
  int64_t least = INT64_MAX;
  for (int vectors : {3, 2, 4, 1}) {
    int64_t width = vectors * facts.vector, computed = (count + width - 1) / width * width;
    if (computed < least && panel % width == 0) {
      least = computed;
      best = width;
    }
  }
  return best;
}

/// Rows of the register tile: accumulators, one vector for each of the panel's, and
/// one broadcast fit the registers.
static int tileRows(const Tile &tile, const Extent &rows, const Facts &facts) {
  int vectors = std::max(1, tile.width / facts.vector);
  int most = (facts.registers - vectors - 1) / vectors;
  if (rows.isConstant())
    most = std::min<int64_t>(most, std::max<int64_t>(rows.constant, 1));
  for (int nice : {8, 6, 4, 2, 1})
    if (nice <= most)
      return nice;
  return 1;
}

/// Row and column of the tile in which `operand` has the column; `row`: see findTileOf.
static bool findRoles(const Stage &stage, int operand, Tile &tile, int row = -1) {
  const ExprRef &product = stage.values[0];
  std::vector<bool> inColumn(stage.indices.size()), inRow(stage.indices.size());
  collectIndices(product->args[operand], inColumn);
  collectIndices(product->args[1 - operand], inRow);
  tile.operand = operand;
  tile.tensor = product->args[operand]->ref;
  tile.column = stage.numResultIndices - 1;
  tile.row = -1;
  // An index of one place makes no tile, and Halide loses it among the others' bounds.
  auto isOne = [&](int i) { return stage.indices[i].extent.isConstant() && stage.indices[i].extent.constant == 1; };
  for (int i = 0; i < tile.column; ++i)
    if (inRow[i] && !inColumn[i] && !isOne(i) && (row < 0 || i == row))
      tile.row = i;
  return tile.row >= 0 && inColumn[tile.column] && !inRow[tile.column];
}

bool findWeight(const Kernel &kernel, int stageNumber, const Facts &facts, Tile &tile) {
  const Stage &stage = kernel.stages[stageNumber];
  if (!isContraction(stage))
    return false;
  for (int operand : {1, 0}) {
    const Expr &read = *stage.values[0]->args[operand];
    if (read.op != Op::Read || kernel.tensors[read.ref].role != Role::Constant || kernel.tensors[read.ref].type != Type::F32 || read.guarded)
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
        !stage.indices[column].extent.isConstant() || !findRoles(stage, operand, tile))
      continue;
    tile.stage = stageNumber;
    tile.source = Tile::Panels;
    tile.axis = axis;
    const Extent &columns = stage.indices[column].extent;
    const Layout &layout = kernel.tensors[read.ref].layout;
    tile.panel = layout.kind == Layout::Panels ? layout.width : tileWidth(columns, facts);
    tile.width = tileWidth(columns, facts, tile.panel);
    tile.rows = tileRows(tile, stage.indices[tile.row].extent, facts);
    return true;
  }
  return false;
}

/// Is `expr` the index plus what does not depend on it?
static bool isOffset(const ExprRef &expr, int index, size_t numIndices) {
  if (expr->op == Op::Index)
    return expr->ref == index;
  if (expr->op != Op::Add)
    return false;
  for (int side : {0, 1}) {
    std::vector<bool> used(numIndices);
    collectIndices(expr->args[1 - side], used);
    if (!used[index] && isOffset(expr->args[side], index, numIndices))
      return true;
  }
  return false;
}

/// A panel axis that an expression spells out: which axes of a read are the column
/// divided by `width` and its rest, the latter the innermost.
static bool isInPanels(const Expr &read, int column, size_t numIndices, int &axis, int &width) {
  auto isColumnBy = [&](const Expr &at, Op op) {
    return at.op == op && at.args[0]->op == Op::Index && at.args[0]->ref == column && at.args[1]->op == Op::Const;
  };
  if (read.guarded || read.args.size() < 2 || !isColumnBy(*read.args.back(), Op::Mod))
    return false;
  width = read.args.back()->args[1]->integer;
  axis = -1;
  for (size_t a = 0; a + 1 < read.args.size(); ++a) {
    std::vector<bool> used(numIndices);
    collectIndices(read.args[a], used);
    if (!used[column])
      continue;
    if (axis >= 0 || !isColumnBy(*read.args[a], Op::FloorDiv) || read.args[a]->args[1]->integer != width)
      return false;
    axis = a;
  }
  return axis >= 0;
}

bool findTileOf(const Kernel &kernel, int stageNumber, int operand, int row, const Facts &facts, Tile &tile) {
  const Stage &stage = kernel.stages[stageNumber];
  tile = {};
  if (!isContraction(stage) || stage.numResultIndices < 2 || stage.values[0]->args[operand]->op != Op::Read ||
      !findRoles(stage, operand, tile, row) || kernel.tensors[tile.tensor].layout.kind == Layout::Panels)
    return false;
  tile.stage = stageNumber;
  const Extent &columns = stage.indices[tile.column].extent;
  tile.width = tileWidth(columns, facts);
  const Expr &read = *stage.values[0]->args[operand];
  const Tensor &tensor = kernel.tensors[tile.tensor];
  if (isInPanels(read, tile.column, stage.indices.size(), tile.axis, tile.panel) && tensor.type == Type::F32 &&
      tensor.role != Role::Local) {
    for (int vectors : {2, 3, 4, 1})
      if (int width = vectors * facts.vector; tile.panel % width == 0) {
        tile.source = Tile::InPanels;
        tile.width = width;
        tile.rows = tileRows(tile, stage.indices[tile.row].extent, facts);
        return true;
      }
  }
  bool inOrder = !read.guarded && !read.args.empty() && columns.isConstant() && columns.constant % tile.width == 0 &&
                 tensor.type == Type::F32;
  for (size_t axis = 0; axis < read.args.size() && inOrder; ++axis) {
    std::vector<bool> used(stage.indices.size());
    collectIndices(read.args[axis], used);
    inOrder = axis + 1 == read.args.size() ? isOffset(read.args[axis], tile.column, stage.indices.size())
                                           : !used[tile.column];
  }
  tile.rows = tileRows(tile, stage.indices[tile.row].extent, facts);
  if (inOrder) {
    tile.source = Tile::Direct;
    return true;
  }
  tile.source = Tile::Packed;
  for (; tile.width >= facts.vector; tile.width -= facts.vector) {
    int64_t bytes = 4 * tile.width;
    bool fits = true;
    for (size_t i = stage.numResultIndices; i < stage.indices.size(); ++i) {
      fits &= !__builtin_mul_overflow(bytes, mostOf(kernel, stage.indices[i].extent), &bytes);
    }
    tile.rows = tileRows(tile, stage.indices[tile.row].extent, facts);
    if (fits && bytes <= kMostPanelBytes)
      return true;
  }
  return false;
}

bool findTile(const Kernel &kernel, int stageNumber, const Facts &facts, Tile &tile) {
  if (findWeight(kernel, stageNumber, facts, tile) && tile.width > 0) {
    const Layout &layout = kernel.tensors[tile.tensor].layout;
    if (layout.kind == Layout::Panels && layout.axis == tile.axis)
      return true;
  }
  return findTileOf(kernel, stageNumber, 1, -1, facts, tile) || findTileOf(kernel, stageNumber, 0, -1, facts, tile);
}

namespace {

/// Names and Funcs of one tile while it is built.
class TileBuilder {
public:
  TileBuilder(Builder &builder, const Tile &tile)
      : builder(builder), tile(tile), stage(builder.kernel.stages[tile.stage]), built(builder.stages[tile.stage]),
        prefix(builder.kernel.name + "_s" + std::to_string(tile.stage)), n(prefix + "_N"), p(prefix + "_P") {}
  void build();

private:
  HExpr columnValue(const std::vector<HExpr> &indices);
  HExpr pack(const std::vector<HExpr> &indices);

  Builder &builder;
  const Tile &tile;
  const Stage &stage;
  Built &built;
  std::string prefix;
  Var n, p; ///< lane of the panel, panel
};

} // namespace

/// The element of the operand that has the column, in the panel.
HExpr TileBuilder::columnValue(const std::vector<HExpr> &indices) {
  const ExprRef &read = stage.values[0]->args[tile.operand];
  if (tile.source == Tile::Direct)
    return builder.lower(read, indices);
  if (tile.source == Tile::Packed)
    return pack(indices);
  // A panel in memory is one tile after the other.
  int tiles = tile.panel / tile.width;
  if (tile.source == Tile::InPanels) {
    std::vector<HExpr> at;
    for (size_t axis = 0; axis + 1 < read->args.size(); ++axis)
      at.push_back(int(axis) == tile.axis ? p / tiles : builder.lower(read->args[axis], indices));
    at.push_back(p % tiles * tile.width + n);
    return builder.readTensor(tile.tensor, at);
  }
  std::vector<HExpr> at{tiles == 1 ? HExpr(n) : p % tiles * tile.width + n};
  for (size_t axis = read->args.size(); axis-- > 0;)
    if (int(axis) != tile.axis)
      at.push_back(builder.lower(read->args[axis], indices));
  at.push_back(tiles == 1 ? HExpr(p) : p / tiles);
  return widen(builder.inputs.at(tile.tensor)(at), builder.kernel.tensors[tile.tensor].type);
}

/// The panel as a function of (lane, bound indices, panel, indices of the result);
/// past the last column it repeats that.
HExpr TileBuilder::pack(const std::vector<HExpr> &indices) {
  const ExprRef &read = stage.values[0]->args[tile.operand];
  std::vector<bool> used(stage.indices.size());
  collectIndices(read, used);
  std::vector<Var> vars{n};
  std::vector<HExpr> here = indices, call{n};
  for (int i = stage.indices.size(); i-- > 0;) {
    bool isBound = i >= stage.numResultIndices;
    if (i == tile.column) {
      vars.push_back(p);
      call.push_back(p);
      here[i] = min(p * tile.width + n, builder.extent(stage.indices[i].extent) - 1);
    } else if (isBound || used[i]) {
      Var v(prefix + "_K" + std::to_string(i));
      vars.push_back(v);
      call.push_back(indices[i]);
      here[i] = v;
    }
  }
  Func panel(prefix + "_panel");
  builder.enter(stage);
  panel(vars) = builder.lower(read, here);
  builder.enter(stage);
  // Room for the greatest value of each run-time extent.
  panel.bound_extent(n, tile.width);
  for (int i = stage.indices.size(); i-- > stage.numResultIndices;) {
    const Extent &extent = stage.indices[i].extent;
    if (!extent.isConstant())
      panel.bound_storage(Var(prefix + "_K" + std::to_string(i)), int(mostOf(builder.kernel, extent)));
  }
  panel.store_in(MemoryType::Stack);
  built.locals.push_back(panel);
  return panel(call);
}

void TileBuilder::build() {
  builder.enter(stage);
  built.stage = &stage;
  std::vector<HExpr> indices;
  for (int i = 0; i < stage.numResultIndices; ++i) {
    built.vars.emplace_back(prefix + "_" + stage.indices[i].name);
    built.extents.push_back(stage.indices[i].extent);
  }
  Region region;
  for (size_t i = stage.indices.size(); i-- > size_t(stage.numResultIndices);)
    region.emplace_back(0, builder.extent(stage.indices[i].extent));
  built.domain = RDom(region, prefix + "_r");
  for (int i = 0; i < stage.numResultIndices; ++i) {
    HExpr index = built.vars[i];
    // Rows past the end of the last tile are not stored. They read rows of the tile
    // before it and not one of its own: LLVM would share the products of two rows
    // that are the same, and a shared product is rounded before it is added.
    if (i == tile.row && tile.rowsAreHere)
      index = unsafe_promise_clamped(index, 0, builder.extent(stage.indices[i].extent) - 1);
    else if (i == tile.row)
      index = min(select(index < builder.extent(stage.indices[i].extent), index, max(index - tile.rows, 0)),
                  builder.extent(stage.indices[i].extent) - 1);
    if (i == tile.column)
      index = p * tile.width + n;
    indices.push_back(index);
  }
  for (size_t i = stage.numResultIndices; i < stage.indices.size(); ++i)
    indices.push_back(built.domain[stage.indices.size() - 1 - i]);

  Func acc(prefix + "_acc");
  built.locals = {acc};
  HExpr b = columnValue(indices);
  HExpr a = builder.lower(stage.values[0]->args[1 - tile.operand], indices);
  std::vector<Var> args{n, p};
  for (int i = tile.column; i-- > 0;)
    args.push_back(built.vars[i]);
  acc(args) = 0.0f;
  if (stage.condition) {
    // What is past the last column may stand for no column: any value will do.
    std::vector<HExpr> inside = indices;
    inside[tile.column] = min(indices[tile.column], builder.extent(stage.indices[tile.column].extent) - 1);
    builder.enter(stage);
    HExpr condition = builder.lower(stage.condition, inside);
    acc(args) = select(condition, acc(args) + a * b, acc(args));
  } else {
    acc(args) += a * b;
  }
  built.isContraction = true;
  built.func = Func(prefix);
  std::vector<Var> outArgs(built.vars.rbegin(), built.vars.rend());
  Var o = built.vars[tile.column];
  std::vector<HExpr> call{o % tile.width, o / tile.width};
  for (int i = tile.column; i-- > 0;)
    call.push_back(built.vars[i]);
  built.func(outArgs) = narrow(acc(call), builder.kernel.tensors[stage.results[0]].type);
  builder.setResult(stage.results[0], built.func);
}

void buildTile(Builder &builder, const Tile &tile) { TileBuilder(builder, tile).build(); }

TileLoops splitTile(Func func, const Tile &tile, Var column, Var row, const Extent &columns, const Facts &facts) {
  std::string prefix = func.name();
  int lanes = std::min(tile.width, facts.vector);
  Var p(prefix + "_P"), n(prefix + "_N"), nv(prefix + "_NV"), ni(prefix + "_NI"), mo(prefix + "_MO"), mi(prefix + "_MI");
  bool divides = columns.isConstant() && columns.constant % tile.width == 0;
  if (columns.isConstant())
    func.bound(column, 0, int(columns.constant));
  func.split(column, p, n, tile.width, divides ? TailStrategy::Auto : TailStrategy::GuardWithIf);
  func.split(n, nv, ni, lanes).vectorize(ni).unroll(nv);
  func.split(row, mo, mi, tile.rows, TailStrategy::GuardWithIf);
  return {{ni, nv, mi}, p, mo};
}

void placeAccumulators(Builder &builder, const Tile &tile, LoopLevel at, const Facts &facts) {
  Built &built = builder.stages[tile.stage];
  int lanes = std::min(tile.width, facts.vector);
  Func acc = built.locals[0];
  std::string prefix = acc.name();
  Var an = acc.args()[0], am = acc.args()[2 + (built.stage->numResultIndices - 2 - tile.row)];
  acc.compute_at(at).store_in(MemoryType::Register).bound_extent(an, tile.width).bound_extent(am, tile.rows);
  // The other loops stand outside of the tile, which Halide does not always see.
  for (const Var &other : acc.args())
    if (other.name() != an.name() && other.name() != am.name())
      acc.bound_extent(other, 1);
  Var av(prefix + "_AV"), ai(prefix + "_AI");
  acc.split(an, av, ai, lanes).reorder(ai, av, am).vectorize(ai).unroll(av).unroll(am);
  std::vector<VarOrRVar> order{an, am};
  for (int d = 0; d < built.domain.dimensions(); ++d)
    order.push_back(built.domain[d]);
  acc.update().reorder(order).split(an, av, ai, lanes).vectorize(ai).unroll(av).unroll(am);
}

void placePanel(Builder &builder, const Tile &tile, LoopLevel at, const Facts &facts) {
  if (tile.source != Tile::Packed)
    return;
  Func panel = builder.stages[tile.stage].locals[1];
  panel.compute_at(at).vectorize(panel.args()[0], std::min(tile.width, facts.vector));
}

Var runInParallel(Func func, Var inner, Var outer) {
  if (inner.name() != outer.name()) {
    Var fused(func.name() + "_F");
    func.fuse(inner, outer, fused);
    inner = fused;
  }
  func.parallel(inner);
  return inner;
}

/// Tiles of rows that are few: on their own they would not keep several threads at work.
static constexpr int kFewTiles = 8;

/// C(.., m, .., o) = epilogue(sum_k A(m, k) B(o, k)) over panels of B. One
/// accumulator for each element, k ascending, FMA.
std::string scheduleTile(Builder &builder, const Tile &tile, Func out, const std::vector<Var> &vars,
                         const Facts &facts) {
  Built &built = builder.stages[tile.stage];
  const Extent &columns = built.stage->indices[tile.column].extent;
  TileLoops loops = splitTile(out, tile, vars.back(), vars[tile.row], columns, facts);
  Var mo = loops.block, p = loops.panel, inner = mo;
  std::vector<VarOrRVar> order = loops.inner;
  std::vector<Var> others;
  for (int i = vars.size() - 1; i-- > 0;)
    if (i != tile.row)
      others.push_back(vars[i]);
  int group = 1;
  if (tile.source == Tile::Panels) {
    // Panels in groups: the group's weights stay in the cache over the rows, which are the
    // inner part of the parallel loop.
    Var po(out.name() + "_PO"), pi(out.name() + "_PI");
    int panels = (columns.constant + tile.width - 1) / tile.width;
    for (int g : {8, 6, 5, 4, 7, 3, 2})
      if (panels % g == 0) {
        group = g;
        break;
      }
    // With few rows a group has fewer panels, or it would be the only task of its rows.
    HExpr rows = builder.extent(built.stage->indices[tile.row].extent), size = group;
    if (group > 2 && group % 2 == 0)
      size = select(rows <= 4 * kFewTiles * tile.rows, 2, size);
    if (group > 1)
      size = simplify(select(rows <= kFewTiles * tile.rows, 1, size));
    out.split(p, po, pi, size, is_const(size) ? TailStrategy::Auto : TailStrategy::GuardWithIf);
    order.insert(order.end(), {pi, mo});
    order.insert(order.end(), others.begin(), others.end());
    order.push_back(po);
    inner = pi;
    others.insert(others.begin(), mo);
    if (others.size() == 1)
      others.push_back(po);
  } else {
    order.insert(order.end(), {mo, p});
    order.insert(order.end(), others.begin(), others.end());
    if (others.empty())
      others.push_back(p);
  }
  out.reorder(order);
  // Of panels the runs of rows are in the parallel loop and what is next to them, of other
  // operands the outermost loops.
  size_t first = tile.source == Tile::Panels || others.size() < 2 ? 0 : others.size() - 2;
  runInParallel(out, others[first], others[std::min(first + 1, others.size() - 1)]);
  placeAccumulators(builder, tile, LoopLevel(out, inner), facts);
  placePanel(builder, tile, LoopLevel(out, p), facts);
  std::string how = describeTile(tile);
  return group > 1 ? how + " in groups of " + std::to_string(group) : how;
}

std::string describeTile(const Tile &tile) {
  static const char *const kSources[] = {"panels", "vectors", "packed panels", "panels"};
  std::string how = "register tile " + std::to_string(tile.rows) + " x " + std::to_string(tile.width) + ", " + kSources[tile.source];
  if (tile.panel > tile.width)
    how += " of " + std::to_string(tile.panel);
  return how;
}

} // namespace heddle::kernels
