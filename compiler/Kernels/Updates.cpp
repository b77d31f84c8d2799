//===- Updates.cpp - Stages that write their result in place --------------===//

#include "compiler/Kernels/Updates.h"

#include <algorithm>
#include <stdexcept>

namespace heddle::kernels {

using namespace Halide;
using HExpr = Halide::Expr;

static std::vector<Var> innermostFirst(const std::vector<Var> &vars) { return {vars.rbegin(), vars.rend()}; }

/// Both kinds read back what they wrote, in the type in which it lies in memory.
static void requireOutput(const Kernel &kernel, const Stage &stage) {
  if (kernel.tensors[stage.results[0]].role != Role::Output)
    throw std::runtime_error("stage " + stage.name + " writes in place, so its result is an output of the kernel");
}

/// out[i, t] = combine(out[i, t - 1], value), then 0 where nothing is counted.
void Builder::buildCumulate(const Stage &stage, Built &built) {
  requireOutput(kernel, stage);
  kernels::Type stored = kernel.tensors[stage.results[0]].type;
  int along = stage.along[0];
  std::string prefix = built.func.name();
  RDom steps(0, extent(stage.indices[along].extent), prefix + "_r");
  built.domain = steps;
  std::vector<HExpr> indices, at, before;
  for (const Var &var : built.vars)
    indices.push_back(var);
  indices[along] = steps.x;
  for (size_t i = built.vars.size(); i-- > 0;) {
    at.push_back(indices[i]);
    before.push_back(int(i) == along ? max(steps.x - 1, 0) : indices[i]);
  }
  HExpr value = lower(stage.values[0], indices);
  HExpr start = identity(stage.combiner, value.type());
  built.func(innermostFirst(built.vars)) = undef(memoryType(stored));
  HExpr sofar = select(steps.x == 0, start, widen(built.func(before), stored));
  HExpr next = combine(stage.combiner, sofar, value);
  if (stage.condition)
    next = select(lower(stage.condition, indices), next, sofar);
  built.func(at) = narrow(strict(next), stored);
  built.numUpdates = 1;
  if (!stage.condition)
    return;
  // What is left: places that are not counted.
  enter(stage);
  std::vector<HExpr> here(built.vars.begin(), built.vars.end());
  std::vector<Var> vars = innermostFirst(built.vars);
  HExpr result = widen(built.func(vars), stored);
  result = select(lower(stage.condition, here), result, Internal::make_zero(result.type()));
  built.func(vars) = narrow(strict(result), stored);
  built.numUpdates = 2;
}

/// The axis that index `i` runs through alone, whose places are then its own: what
/// is written for different values of it never meets. -1 where there is none.
static int ownAxis(const Kernel &kernel, const Stage &stage, int i) {
  const std::vector<Extent> &shape = kernel.tensors[stage.results[0]].shape;
  for (size_t axis = 0; axis < stage.position.size(); ++axis) {
    const heddle::kernels::Expr &at = *stage.position[axis];
    if (at.op == Op::Index && at.ref == i && stage.indices[i].extent == shape[axis])
      return axis;
  }
  return -1;
}

/// out = base; then, in row-major order of the indices, out[position] = value or
/// out[position] += value, where the condition holds and the position is inside.
void Builder::buildScatter(const Stage &stage, Built &built) {
  requireOutput(kernel, stage);
  const Tensor &tensor = kernel.tensors[stage.results[0]];
  std::string prefix = built.func.name();
  std::vector<HExpr> here;
  for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    built.vars.emplace_back(prefix + "_A" + std::to_string(axis));
    built.extents.push_back(tensor.shape[axis]);
    here.push_back(built.vars.back());
  }
  built.func(innermostFirst(built.vars)) = narrow(readTensor(stage.base, here), tensor.type);

  std::vector<HExpr> indices(stage.indices.size());
  std::vector<int> ordered;
  std::vector<bool> taken(tensor.shape.size(), false);
  Region region;
  for (size_t i = stage.indices.size(); i-- > 0;) {
    int axis = ownAxis(kernel, stage, i);
    if (axis >= 0 && !taken[axis]) {
      taken[axis] = true;
      indices[i] = built.vars[axis];
      continue;
    }
    ordered.push_back(i);
    region.emplace_back(0, extent(stage.indices[i].extent));
  }
  // One turn where all indices are axes, so that there is a domain to guard.
  if (region.empty())
    region.emplace_back(0, 1);
  RDom domain(region, prefix + "_r");
  built.domain = domain;
  for (size_t d = 0; d < ordered.size(); ++d)
    indices[ordered[d]] = domain[d];

  HExpr valid = stage.condition ? lower(stage.condition, indices) : HExpr();
  std::vector<HExpr> at;
  for (size_t axis = tensor.shape.size(); axis-- > 0;) {
    if (taken[axis]) {
      at.push_back(built.vars[axis]);
      continue;
    }
    HExpr position = lower(stage.position[axis], indices), end = extent(tensor.shape[axis]);
    if (position.type() != Int(32))
      position = cast<int32_t>(position);
    HExpr inside = position >= 0 && position < end;
    valid = valid.defined() ? valid && inside : inside;
    at.push_back(unsafe_promise_clamped(position, 0, end - 1));
  }
  if (valid.defined())
    domain.where(valid);
  HExpr value = lower(stage.values[0], indices);
  if (stage.combiner == Combiner::Sum)
    value = widen(built.func(at), tensor.type) + value;
  built.func(at) = narrow(strict(value), tensor.type);
  built.numUpdates = 1;
}

/// `stage`, the pure definition or an update of `func`, with `pure` of its Vars
/// left (outermost first) and `ordered` serial between them.
static void scheduleNest(Halide::Stage stage, const std::string &name, std::vector<Var> pure, int inner,
                         const std::vector<RVar> &ordered, const std::vector<Extent> &extents, const Facts &facts) {
  int lanes = 1;
  Var x;
  if (inner >= 0) {
    x = pure[inner];
    lanes = facts.vector;
    if (extents[inner].isConstant())
      while (lanes > 1 && extents[inner].constant < lanes)
        lanes /= 2;
  }
  std::vector<VarOrRVar> order;
  if (inner >= 0)
    order.push_back(x);
  for (const RVar &r : ordered)
    order.push_back(r);
  std::vector<Var> outer;
  for (size_t i = pure.size(); i-- > 0;)
    if (int(i) != inner)
      order.push_back(pure[i]);
  for (size_t i = 0; i < pure.size(); ++i)
    if (int(i) != inner)
      outer.push_back(pure[i]);
  if (order.size() > 1)
    stage.reorder(order);
  if (lanes > 1)
    stage.vectorize(x, lanes, TailStrategy::GuardWithIf);
  if (outer.empty())
    return;
  Var all = outer.back();
  for (size_t i = outer.size() - 1; i-- > 0;) {
    Var fused(name + "_P" + std::to_string(i));
    stage.fuse(all, outer[i], fused);
    all = fused;
  }
  stage.parallel(all);
}

std::string scheduleUpdates(Built &built, const Facts &facts) {
  const heddle::kernels::Stage &stage = *built.stage;
  int rank = built.vars.size(), last = rank - 1;
  std::vector<RVar> ordered;
  for (int d = 0; d < built.domain.dimensions(); ++d)
    ordered.push_back(built.domain[d]);
  std::string name = built.func.name();
  if (stage.kind == StageKind::Cumulate) {
    int along = stage.along[0];
    std::vector<Var> pure;
    std::vector<Extent> extents;
    for (int i = 0; i < rank; ++i)
      if (i != along) {
        pure.push_back(built.vars[i]);
        extents.push_back(built.extents[i]);
      }
    scheduleNest(built.func.update(0), name + "_U", pure, along == last ? -1 : int(pure.size()) - 1, ordered, extents, facts);
    if (built.numUpdates > 1)
      scheduleNest(built.func.update(1), name + "_V", built.vars, last, {}, built.extents, facts);
    return "serial along index " + std::to_string(along);
  }
  // The copy of what was there, then the writes.
  if (rank)
    scheduleNest(built.func, name + "_C", built.vars, last, {}, built.extents, facts);
  std::vector<Var> pure;
  std::vector<Extent> extents;
  int inner = -1;
  for (int axis = 0; axis < rank; ++axis) {
    bool owned = false;
    for (const Internal::Dim &dim : built.func.update(0).get_schedule().dims())
      owned |= dim.var == built.vars[axis].name();
    if (!owned)
      continue;
    inner = axis == last ? int(pure.size()) : -1;
    pure.push_back(built.vars[axis]);
    extents.push_back(built.extents[axis]);
  }
  scheduleNest(built.func.update(0), name + "_U", pure, inner, ordered, extents, facts);
  return "writes, " + std::to_string(pure.size()) + " of " + std::to_string(rank) + " axes free of order";
}

} // namespace heddle::kernels
