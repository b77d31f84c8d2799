//===- Contraction.cpp - Contractions with packed weights -----------------===//
//
// A register tile of rows and columns: each weight vector that is loaded meets
// all rows of the tile, each broadcast element of the other operand all columns.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Contraction.h"

#include <algorithm>

namespace heddle::kernels {

using namespace Halide;
using HExpr = Halide::Expr;

Facts factsOf(const Target &target) {
  if (target.isa == "x86-64-v4") return {16, 32};
  if (target.isa == "x86-64-v3") return {8, 16};
  return {4, 16};
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
static int tileRows(int width, const Facts &facts) {
  int vectors = std::max(1, width / facts.vector);
  int rows = (facts.registers - vectors - 1) / vectors;
  for (int nice : {8, 6, 4, 2, 1})
    if (nice <= rows)
      return nice;
  return 1;
}

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

/// The register-tiled contraction: C(o, m) = epilogue(sum_k A(m, k) W(o, k)) over
/// panels of W. One accumulator for each element, k ascending, FMA.
std::string scheduleContraction(Builder &builder, const WeightUse &use, Func out, const std::vector<Var> &vars,
                                const Facts &facts) {
  Built &built = builder.stages[use.stage];
  const Stage &stage = *built.stage;
  int width = builder.kernel.tensors[use.tensor].layout.width;
  int lanes = std::min(width, facts.vector), rows = tileRows(width, facts);
  Var o = vars.back(), m = vars[vars.size() - 2];
  Func acc = built.locals[0];
  std::string prefix = out.name();
  Var p(prefix + "_P"), n(prefix + "_N"), nv(prefix + "_NV"), ni(prefix + "_NI"), mo(prefix + "_MO"), mi(prefix + "_MI"),
      po(prefix + "_PO"), pi(prefix + "_PI");
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
  Var av(prefix + "_AV"), ai(prefix + "_AI");
  acc.split(an, av, ai, lanes).vectorize(ai).unroll(av).unroll(am);
  std::vector<VarOrRVar> updateOrder{an, am};
  for (int d = 0; d < built.domain.dimensions(); ++d)
    updateOrder.push_back(built.domain[d]);
  acc.update().reorder(updateOrder).split(an, av, ai, lanes).vectorize(ai).unroll(av).unroll(am);
  return "register tile " + std::to_string(rows) + " x " + std::to_string(width) + ", groups of " + std::to_string(group);
}

/// The contraction's accumulator over (lane, panel, rows..): W is read as it lies.
void buildPanelContraction(Builder &builder, const WeightUse &use) {
  const Stage &stage = builder.kernel.stages[use.stage];
  builder.enter(stage);
  Built &built = builder.stages[use.stage];
  built.stage = &stage;
  std::string prefix = builder.kernel.name + "_s" + std::to_string(use.stage);
  int width = builder.kernel.tensors[use.tensor].layout.width;
  Var n(prefix + "_N"), p(prefix + "_P");
  std::vector<HExpr> indices;
  for (int i = 0; i < stage.numResultIndices; ++i) {
    built.vars.emplace_back(prefix + "_" + stage.indices[i].name);
    built.extents.push_back(stage.indices[i].extent);
  }
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

} // namespace heddle::kernels
