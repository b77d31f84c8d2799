//===- Builder.cpp - A kernel's comprehensions as Halide functions --------===//

#include "compiler/Kernels/Builder.h"

#include <cmath>
#include <stdexcept>

namespace heddle::kernels {

using namespace Halide;

// In this file an unqualified Expr is Halide's; the description's is DescExpr.
using DescExpr = heddle::kernels::Expr;
using HExpr = Halide::Expr;
using Halide::Internal::make_bool;
using Halide::Internal::make_const;
using Halide::Internal::make_one;
using Halide::Internal::make_zero;

void collectIndices(const ExprRef &expr, std::vector<bool> &used) {
  if (!expr)
    return;
  if (expr->op == Op::Index && size_t(expr->ref) < used.size())
    used[expr->ref] = true;
  for (const ExprRef &arg : expr->args)
    collectIndices(arg, used);
}

bool isContraction(const Stage &stage) {
  if (stage.kind != StageKind::Reduce || stage.combiner != Combiner::Sum || stage.values.size() != 1)
    return false;
  const DescExpr &value = *stage.values[0];
  if (value.op != Op::Mul || value.type != kernels::Type::F32)
    return false;
  const DescExpr &a = *value.args[0], &b = *value.args[1];
  if (a.op != Op::Read || b.op != Op::Read)
    return false;
  std::vector<bool> inA(stage.indices.size()), inB(stage.indices.size());
  collectIndices(value.args[0], inA);
  collectIndices(value.args[1], inB);
  bool onlyA = false, onlyB = false, shared = false;
  for (size_t i = 0; i < stage.indices.size(); ++i) {
    bool bound = int(i) >= stage.numResultIndices;
    if (bound) {
      shared |= inA[i] && inB[i];
      continue;
    }
    onlyA |= inA[i] && !inB[i];
    onlyB |= inB[i] && !inA[i];
  }
  return onlyA && onlyB && shared;
}

Builder::Builder(const Kernel &kernel) : kernel(kernel) {
  for (const Size &size : kernel.sizes)
    sizes.emplace_back(kernel.name + "_" + size.name);
  for (size_t i = 0; i < kernel.tensors.size(); ++i)
    if (kernel.tensors[i].role == Role::Input || kernel.tensors[i].role == Role::Constant)
      addInput(i);
}

HExpr Builder::extent(const Extent &extent) {
  if (extent.isConstant())
    return HExpr(int32_t(extent.constant));
  return sizes[extent.size];
}

std::vector<HExpr> Builder::bufferExtents(int number) {
  const Tensor &tensor = kernel.tensors[number];
  // Axis space, innermost first; a panel layout has the lane innermost and the
  // panel outermost.
  std::vector<HExpr> extents;
  if (tensor.layout.kind == Layout::Panels) {
    int width = tensor.layout.width;
    extents.push_back(width);
    for (int axis = int(tensor.shape.size()) - 1; axis >= 0; --axis)
      if (axis != tensor.layout.axis)
        extents.push_back(extent(tensor.shape[axis]));
    extents.push_back((extent(tensor.shape[tensor.layout.axis]) + width - 1) / width);
  } else {
    for (int axis = int(tensor.shape.size()) - 1; axis >= 0; --axis)
      extents.push_back(extent(tensor.shape[axis]));
  }
  return extents;
}

void Builder::addInput(int number) {
  const Tensor &tensor = kernel.tensors[number];
  std::vector<HExpr> extents = bufferExtents(number);
  ImageParam param(memoryType(tensor.type), int(extents.size()), kernel.name + "_" + tensor.name);
  HExpr stride = 1;
  for (size_t d = 0; d < extents.size(); ++d) {
    param.dim(d).set_bounds(0, extents[d]).set_stride(stride);
    stride = simplify(stride * extents[d]);
  }
  inputs.emplace(number, param);
}

/// h * D + d with 0 <= d < D: the digits of a composite axis, if the subscript
/// is written as one of exactly these radices.
static bool splitDigits(const HExpr &at, const std::vector<HExpr> &radix, std::vector<HExpr> &digits) {
  digits.assign(radix.size(), HExpr());
  HExpr rest = at;
  for (size_t i = radix.size(); i-- > 1;) {
    digits[i] = simplify(rest % radix[i]);
    rest = simplify(rest / radix[i]);
  }
  digits[0] = rest;
  return true;
}

HExpr Builder::readTensor(int number, std::vector<HExpr> at) {
  const Tensor &tensor = kernel.tensors[number];
  std::vector<HExpr> args;
  if (auto it = inputs.find(number); it != inputs.end()) {
    if (tensor.layout.kind == Layout::Panels) {
      HExpr column = at[tensor.layout.axis];
      args.push_back(column % tensor.layout.width);
      for (int axis = int(at.size()) - 1; axis >= 0; --axis)
        if (axis != tensor.layout.axis)
          args.push_back(at[axis]);
      args.push_back(column / tensor.layout.width);
    } else {
      args.assign(at.rbegin(), at.rend());
    }
    return widen(it->second(args), tensor.type);
  }
  // A stage's result: from axes to its indices.
  const Stage &stage = kernel.stages[producer.at(number)];
  std::vector<HExpr> indices;
  size_t next = 0;
  for (size_t axis = 0; axis < stage.axes.size(); ++axis) {
    std::vector<HExpr> radix, digits;
    for (int i = 0; i < stage.axes[axis]; ++i)
      radix.push_back(extent(stage.indices[next++].extent));
    if (radix.size() == 1)
      digits = {at[axis]};
    else
      splitDigits(at[axis], radix, digits);
    indices.insert(indices.end(), digits.begin(), digits.end());
  }
  args.assign(indices.rbegin(), indices.rend());
  return widen(results.at(number)(args), tensor.type);
}

/// Does the value depend on a tensor's elements?
bool Builder::readsData(const ExprRef &expr) {
  auto [it, isNew] = dataExprs.try_emplace(expr.get(), expr->op == Op::Read);
  if (!isNew)
    return it->second;
  bool reads = it->second;
  for (const ExprRef &arg : expr->args)
    reads |= readsData(arg);
  return dataExprs[expr.get()] = reads;
}

/// The element that a guarded read gives: 0 where one of the axes is empty. The
/// memory of an empty tensor is not touched, so this is a branch, not a select.
HExpr Builder::readGuarded(int tensor, const std::vector<HExpr> &at) {
  HExpr value = readTensor(tensor, at), filled;
  for (const Extent &axis : kernel.tensors[tensor].shape) {
    if (axis.isConstant() ? axis.constant > 0 : kernel.sizes[axis.size].least > 0)
      continue;
    HExpr some = extent(axis) > 0;
    filled = filled.defined() ? filled && some : some;
  }
  if (!filled.defined())
    return value;
  return Internal::Call::make(value.type(), Internal::Call::if_then_else, {filled, value, make_zero(value.type())},
                              Internal::Call::PureIntrinsic);
}

HExpr Builder::lower(const ExprRef &expr, const std::vector<HExpr> &indices) {
  if (auto it = cache.find(expr.get()); it != cache.end())
    return it->second;
  auto compute = [&]() -> HExpr {
    switch (expr->op) {
    case Op::Const:
      if (expr->type == kernels::Type::Bool)
        return make_bool(expr->integer != 0);
      if (expr->type == kernels::Type::F32 || expr->type == kernels::Type::F64) {
        double value = expr->number;
        if (std::isinf(value))
          value = value < 0 ? kLowest : -kLowest;
        return make_const(scalarType(expr->type), value);
      }
      return make_const(scalarType(expr->type), expr->integer);
    case Op::Index:
      return indices.at(expr->ref);
    case Op::Size:
      return sizes.at(expr->ref);
    case Op::Read: {
      std::vector<HExpr> at;
      for (size_t axis = 0; axis < expr->args.size(); ++axis) {
        HExpr subscript = lower(expr->args[axis], indices);
        if (subscript.type() != Int(32))
          subscript = cast<int32_t>(subscript);
        const DescExpr &written = *expr->args[axis];
        HExpr last = tensorExtent(expr->ref, axis) - 1;
        // A whole axis is walked through: nothing to clamp, and a clamp would hide
        // from Halide that it is one place for each row.
        bool isWhole = written.op == Op::Index && current->indices[written.ref].extent == kernel.tensors[expr->ref].shape[axis];
        if (expr->guarded && !isWhole)
          subscript = clamp(subscript, 0, max(last, 0));
        // Data that was proved to be inside: Halide cannot see why.
        else if (!expr->guarded && readsData(expr->args[axis]))
          subscript = unsafe_promise_clamped(subscript, 0, last);
        at.push_back(subscript);
      }
      return expr->guarded ? readGuarded(expr->ref, at) : readTensor(expr->ref, at);
    }
    default: {
      std::vector<HExpr> args;
      for (const ExprRef &arg : expr->args)
        args.push_back(lower(arg, indices));
      // Indices and sizes stay in their bounds, and Halide may reason with them;
      // data wraps.
      if (args[0].type().is_int() && readsData(expr))
        return applyWrapping(expr->op, expr->type, args);
      return apply(expr->op, expr->type, args);
    }
    }
  };
  HExpr value = compute();
  cache[expr.get()] = value;
  return value;
}

Halide::Expr identity(Combiner combiner, Halide::Type type) {
  switch (combiner) {
  case Combiner::Prod: return make_one(type);
  case Combiner::Max: return type.is_float() ? make_const(type, kLowest) : type.min();
  case Combiner::Min: return type.is_float() ? make_const(type, -kLowest) : type.max();
  case Combiner::And: return make_bool(true);
  default: return make_zero(type);
  }
}

Halide::Expr combine(Combiner combiner, HExpr a, HExpr b) {
  switch (combiner) {
  case Combiner::Sum: return a.type().is_int() ? applyWrapping(Op::Add, kernels::Type::I32, {a, b}) : a + b;
  case Combiner::Prod: return a.type().is_int() ? applyWrapping(Op::Mul, kernels::Type::I32, {a, b}) : a * b;
  case Combiner::Min: return min(a, b);
  case Combiner::Max: return max(a, b);
  case Combiner::And: return a && b;
  case Combiner::Or: return a || b;
  case Combiner::None: break;
  }
  return b;
}

void Builder::buildStage(const Stage &stage, int number) {
  enter(stage);
  Built &built = stages[number];
  built.stage = &stage;
  // Indices are lower case; the names of everything else of a kernel are not.
  std::string prefix = kernel.name + "_s" + std::to_string(number);
  std::vector<HExpr> indices;
  std::vector<Var> args;
  for (int i = 0; i < stage.numResultIndices; ++i) {
    built.vars.emplace_back(prefix + "_" + stage.indices[i].name);
    built.extents.push_back(stage.indices[i].extent);
    indices.push_back(built.vars.back());
  }
  args.assign(built.vars.rbegin(), built.vars.rend());
  built.func = Func(prefix);
  switch (stage.kind) {
  case StageKind::Map:
    for (size_t r = 0; r < stage.values.size(); ++r) {
      Func func = r == 0 ? built.func : Func(prefix + "_r" + std::to_string(r));
      func(args) = narrow(strict_float(lower(stage.values[r], indices)), kernel.tensors[stage.results[r]].type);
      results[stage.results[r]] = func;
      if (r)
        built.locals.push_back(func);
    }
    break;
  case StageKind::Reduce:
  case StageKind::ArgReduce:
    buildReduce(stage, built, indices);
    results[stage.results[0]] = built.func;
    break;
  case StageKind::Softmax:
    buildSoftmax(stage, built);
    results[stage.results[0]] = built.func;
    break;
  case StageKind::Cumulate:
    buildCumulate(stage, built);
    results[stage.results[0]] = built.func;
    break;
  case StageKind::Scatter:
    buildScatter(stage, built);
    results[stage.results[0]] = built.func;
    break;
  }
}

void Builder::buildReduce(const Stage &stage, Built &built, const std::vector<HExpr> &outer) {
  std::string prefix = built.func.name();
  std::vector<Var> args(built.vars.rbegin(), built.vars.rend());
  // The bound indices, the last one innermost: ascending row-major order.
  Region region;
  for (size_t i = stage.indices.size(); i-- > size_t(stage.numResultIndices);)
    region.emplace_back(0, extent(stage.indices[i].extent));
  RDom domain(region, prefix + "_r");
  built.domain = domain;
  built.isUpdate = true;
  built.isContraction = isContraction(stage);
  std::vector<HExpr> indices = outer;
  for (size_t i = stage.numResultIndices; i < stage.indices.size(); ++i)
    indices.push_back(domain[stage.indices.size() - 1 - i]);
  HExpr value = lower(stage.values[0], indices);
  HExpr condition = stage.condition ? lower(stage.condition, indices) : HExpr();
  kernels::Type stored = kernel.tensors[stage.results[0]].type;

  if (stage.kind == StageKind::ArgReduce) {
    Func best(prefix + "_best");
    bool max = stage.combiner == Combiner::Max;
    HExpr worst = max ? (value.type().is_float() ? make_const(value.type(), kLowest) : value.type().min())
                      : (value.type().is_float() ? make_const(value.type(), -kLowest) : value.type().max());
    best(args) = Tuple(worst, HExpr(INT32_MAX));
    HExpr at = indices.back();
    Tuple have = best(args);
    // The first candidate wins whatever its value (it may be infinite).
    HExpr better = (max ? value > have[0] : value < have[0]) || have[1] == INT32_MAX;
    HExpr wins = better || (value == have[0] && at < have[1]);
    if (condition.defined())
      wins = wins && condition;
    best(args) = Tuple(select(wins, value, have[0]), select(wins, at, have[1]));
    built.locals.push_back(best);
    HExpr found = best(args)[1];
    built.func(args) = narrow(select(found == INT32_MAX, 0, found), stored);
    return;
  }

  HExpr zero = identity(stage.combiner, value.type());
  if (condition.defined())
    value = select(condition, value, zero);
  Func sum(prefix + "_acc");
  sum(args) = zero;
  if (built.isContraction) {
    // FMA needs contraction of the product, which strict arithmetic forbids.
    sum(args) += value;
  } else if (stage.combiner == Combiner::Sum && value.type().is_float()) {
    return buildPartialSums(stage, built, outer);
  } else {
    sum(args) = combine(stage.combiner, sum(args), strict_float(value));
  }
  built.locals.push_back(sum);
  HExpr result = sum(args);
  if (result.type().is_float() && (stage.combiner == Combiner::Max || stage.combiner == Combiner::Min)) {
    // Only a result is turned back into an infinity.
    HExpr lowest = make_const(result.type(), stage.combiner == Combiner::Max ? kLowest : -kLowest);
    HExpr infinity = reinterpret<float>(HExpr(uint32_t(stage.combiner == Combiner::Max ? 0xff800000u : 0x7f800000u)));
    result = select(result == lowest, infinity, result);
  }
  built.func(args) = narrow(result, stored);
}

/// Element t of the bound index space, in row-major order, goes to partial sum
/// t mod 16, ascending; the sums are joined pairwise.
void Builder::buildPartialSums(const Stage &stage, Built &built, const std::vector<HExpr> &outer) {
  enter(stage);
  std::string prefix = built.func.name();
  std::vector<Var> args(built.vars.rbegin(), built.vars.rend());
  HExpr total = 1;
  for (size_t i = stage.numResultIndices; i < stage.indices.size(); ++i)
    total = simplify(total * extent(stage.indices[i].extent));
  RDom domain(0, simplify((total + kPartialSums - 1) / kPartialSums), prefix + "_c");
  built.domain = domain;
  Var lane(prefix + "_LANE");
  HExpr t = domain.x * kPartialSums + lane, inside = t < total;
  // Past the end the last element is read and not added.
  HExpr place = min(t, max(total - 1, 0));
  std::vector<HExpr> indices = outer;
  HExpr rest = place;
  std::vector<HExpr> bound;
  for (size_t i = stage.indices.size(); i-- > size_t(stage.numResultIndices);) {
    HExpr radix = extent(stage.indices[i].extent);
    bool first = i == size_t(stage.numResultIndices);
    bound.push_back(first ? rest : rest % max(radix, 1));
    rest = rest / max(radix, 1);
  }
  indices.insert(indices.end(), bound.rbegin(), bound.rend());
  HExpr value = lower(stage.values[0], indices);
  if (stage.condition)
    inside = inside && lower(stage.condition, indices);
  std::vector<Var> wide = args;
  wide.insert(wide.begin(), lane);
  Func partial(prefix + "_part");
  partial(wide) = make_zero(value.type());
  partial(wide) = strict_float(partial(wide) + select(inside, value, make_zero(value.type())));
  built.locals.push_back(partial);
  built.isPartial = true;
  std::vector<HExpr> sums;
  for (int l = 0; l < kPartialSums; ++l) {
    std::vector<HExpr> at(wide.begin(), wide.end());
    at[0] = l;
    sums.push_back(partial(at));
  }
  while (sums.size() > 1) {
    std::vector<HExpr> next;
    for (size_t i = 0; i < sums.size() / 2; ++i)
      next.push_back(sums[i] + sums[i + sums.size() / 2]);
    sums = next;
  }
  built.func(args) = narrow(strict_float(sums[0]), kernel.tensors[stage.results[0]].type);
}

/// Three stages: the greatest value, the exponentials and their sum, the quotient.
void Builder::buildSoftmax(const Stage &stage, Built &built) {
  std::string prefix = built.func.name();
  std::vector<Var> args(built.vars.rbegin(), built.vars.rend());
  std::vector<HExpr> here(built.vars.begin(), built.vars.end());
  std::vector<bool> along(stage.indices.size(), false);
  for (int32_t position : stage.along)
    along[position] = true;
  std::vector<Var> rows;
  HExpr total = 1;
  for (size_t i = stage.indices.size(); i-- > 0;) {
    if (!along[i])
      rows.push_back(built.vars[i]);
    else
      total = simplify(total * extent(stage.indices[i].extent));
  }
  // The scores, computed once; an excluded one is the lowest number.
  HExpr score = strict_float(lower(stage.values[0], here));
  HExpr condition = stage.condition ? lower(stage.condition, here) : HExpr();
  Func scores(prefix + "_score");
  scores(args) = condition.defined() ? select(condition, score, kLowest) : score;
  // The maximum is exact in any order.
  Region region;
  for (size_t i = stage.indices.size(); i-- > 0;)
    if (along[i])
      region.emplace_back(0, extent(stage.indices[i].extent));
  RDom domain(region, prefix + "_m");
  std::vector<HExpr> at;
  int next = 0;
  for (size_t i = stage.indices.size(); i-- > 0;)
    at.push_back(along[i] ? HExpr(domain[next++]) : HExpr(built.vars[i]));
  Func most(prefix + "_max");
  most(rows) = kLowest;
  most(rows) = max(most(rows), scores(at));
  Func weight(prefix + "_exp");
  std::vector<HExpr> rowArgs(rows.begin(), rows.end());
  HExpr power = apply(Op::Exp, kernels::Type::F32, {scores(args) - most(rowArgs)});
  weight(args) = strict_float(condition.defined() ? select(condition, power, 0.0f) : power);

  RDom chunks(0, simplify((total + kPartialSums - 1) / kPartialSums), prefix + "_c");
  Var lane(prefix + "_LANE");
  HExpr t = chunks.x * kPartialSums + lane, place = min(t, max(total - 1, 0)), rest = place;
  std::vector<HExpr> element(stage.indices.size());
  for (size_t i = stage.indices.size(); i-- > 0;) {
    if (!along[i]) {
      element[i] = built.vars[i];
      continue;
    }
    HExpr radix = max(extent(stage.indices[i].extent), 1);
    bool first = true;
    for (size_t k = 0; k < i; ++k)
      first &= !along[k];
    element[i] = first ? rest : rest % radix;
    rest = rest / radix;
  }
  std::vector<HExpr> flat(element.rbegin(), element.rend());
  std::vector<Var> wide = rows;
  wide.insert(wide.begin(), lane);
  Func partial(prefix + "_part");
  partial(wide) = 0.0f;
  partial(wide) = strict_float(partial(wide) + select(t < total, weight(flat), 0.0f));
  std::vector<HExpr> sums;
  for (int l = 0; l < kPartialSums; ++l) {
    std::vector<HExpr> w(wide.begin(), wide.end());
    w[0] = l;
    sums.push_back(partial(w));
  }
  while (sums.size() > 1) {
    std::vector<HExpr> half;
    for (size_t i = 0; i < sums.size() / 2; ++i)
      half.push_back(sums[i] + sums[i + sums.size() / 2]);
    sums = half;
  }
  // An empty row is 0; a NaN stays one.
  Func scale(prefix + "_scale");
  HExpr sum = sums[0];
  scale(rows) = strict_float(select(sum == 0.0f, 0.0f, 1.0f / sum));
  built.func(args) = narrow(strict_float(weight(args) * scale(rowArgs)), kernel.tensors[stage.results[0]].type);
  built.locals = {scores, most, weight, partial, scale};
  built.isSoftmax = true;
}

} // namespace heddle::kernels
