//===- Builder.cpp - A kernel's comprehensions as Halide functions --------===//

#include "compiler/Kernels/Builder.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace heddle::kernels {

using namespace Halide;

// In this file an unqualified Expr is Halide's; the description's is DescExpr.
using DescExpr = heddle::kernels::Expr;
using HExpr = Halide::Expr;
using Halide::Internal::is_const_zero;
using Halide::Internal::make_bool;
using Halide::Internal::make_const;
using Halide::Internal::make_one;
using Halide::Internal::make_zero;

static void collectIndices(const ExprRef &expr, std::vector<bool> &used, std::set<const DescExpr *> &seen) {
  if (!expr || !seen.insert(expr.get()).second)
    return;
  if (expr->op == Op::Index && size_t(expr->ref) < used.size())
    used[expr->ref] = true;
  for (const ExprRef &arg : expr->args)
    collectIndices(arg, used, seen);
}

void collectIndices(const ExprRef &expr, std::vector<bool> &used) {
  std::set<const DescExpr *> seen;
  collectIndices(expr, used, seen);
}

int64_t mostOf(const Kernel &kernel, const Extent &extent) {
  return std::max<int64_t>(extent.isConstant() ? extent.constant : kernel.sizes[extent.size].most, 1);
}

bool isContraction(const Stage &stage) {
  if (stage.kind != StageKind::Reduce || stage.combiner != Combiner::Sum || stage.values.size() != 1)
    return false;
  const DescExpr &value = *stage.values[0];
  if (value.op != Op::Mul || value.type != kernels::Type::F32)
    return false;
  const DescExpr &a = *value.args[0], &b = *value.args[1];
  // A read, or one that is a constant outside its axes.
  auto isOperand = [](const DescExpr &e) {
    return e.op == Op::Read || (e.op == Op::Select && e.args[1]->op == Op::Read && e.args[2]->op == Op::Const);
  };
  if (!isOperand(a) || !isOperand(b))
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

bool runsAlongResult(const Stage &stage) {
  if (!stage.numResultIndices)
    return false;
  bool along = false;
  std::set<const DescExpr *> seen;
  auto visit = [&](auto &self, const ExprRef &expr) -> void {
    if (!seen.insert(expr.get()).second)
      return;
    if (expr->op == Op::Read && !expr->args.empty()) {
      std::vector<bool> last(stage.indices.size(), false), all(stage.indices.size(), false);
      collectIndices(expr->args.back(), last);
      collectIndices(expr, all);
      // A read without reduced indices, such as a row's maximum, is the same all along.
      bool varies = std::count(all.begin() + stage.numResultIndices, all.end(), true) > 0;
      along |= varies && last[stage.numResultIndices - 1];
    }
    for (const ExprRef &arg : expr->args)
      self(self, arg);
  };
  visit(visit, stage.values[0]);
  return along;
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

/// h * D + d with 0 <= d < D: the digits of a composite axis of these radices.
static std::vector<HExpr> splitDigits(const HExpr &at, const std::vector<HExpr> &radix) {
  std::vector<HExpr> digits(radix.size());
  HExpr rest = at;
  for (size_t i = radix.size(); i-- > 1;) {
    digits[i] = simplify(rest % radix[i]);
    rest = simplify(rest / radix[i]);
  }
  digits[0] = rest;
  return digits;
}

/// The same where the subscript spells out its digits, each an index that runs through its
/// radix: ((h * R) + r) * D + d. Empty where it does not; Halide would not see it.
static std::vector<int> spelledDigits(const DescExpr &subscript, const Stage &reader, const Stage &source, size_t first, int count) {
  std::vector<int> digits;
  const DescExpr *rest = &subscript;
  for (int i = count; i-- > 1;) {
    const Extent &radix = source.indices[first + i].extent;
    if (rest->op != Op::Add || rest->args[1]->op != Op::Index || !radix.isConstant() || rest->args[0]->op != Op::Mul ||
        !(reader.indices[rest->args[1]->ref].extent == radix) || rest->args[0]->args[1]->op != Op::Const ||
        rest->args[0]->args[1]->integer != radix.constant)
      return {};
    digits.insert(digits.begin(), rest->args[1]->ref);
    rest = rest->args[0]->args[0].get();
  }
  if (rest->op != Op::Index || !(reader.indices[rest->ref].extent == source.indices[first].extent))
    return {};
  digits.insert(digits.begin(), rest->ref);
  return digits;
}

HExpr Builder::readStage(const DescExpr &read, const std::vector<HExpr> &at, const std::vector<HExpr> &here) {
  // From axes to the indices of the stage.
  const Stage &source = kernel.stages[producer.at(read.ref)];
  std::vector<HExpr> indices;
  size_t next = 0;
  for (size_t axis = 0; axis < source.axes.size(); ++axis) {
    int count = source.axes[axis];
    std::vector<HExpr> radix;
    for (int i = 0; i < count; ++i)
      radix.push_back(extent(source.indices[next + i].extent));
    std::vector<HExpr> digits{at[axis]};
    if (count > 1) {
      std::vector<int> spelled = spelledDigits(*read.args[axis], *current, source, next, count);
      digits.clear();
      for (int index : spelled)
        digits.push_back(here.at(index));
      if (spelled.empty())
        digits = splitDigits(at[axis], radix);
    }
    indices.insert(indices.end(), digits.begin(), digits.end());
    next += count;
  }
  std::vector<HExpr> args(indices.rbegin(), indices.rend());
  return widen(results.at(read.ref)(args), kernel.tensors[read.ref].type);
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
  throw std::runtime_error("tensor " + tensor.name + " is computed in the kernel; what a scatter writes over is an input");
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
HExpr Builder::readGuarded(int tensor, HExpr value) {
  HExpr filled;
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

HExpr Builder::hide(HExpr condition) {
  if (!hidesConditions || !condition.defined() || Internal::is_const(condition))
    return condition;
  return Internal::Call::make(condition.type(), kHidden, {condition}, Internal::Call::PureExtern);
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
        return std::isinf(value) ? infinity(scalarType(expr->type), value < 0) : make_const(scalarType(expr->type), value);
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
      HExpr value = inputs.count(expr->ref) ? readTensor(expr->ref, at) : readStage(*expr, at, indices);
      return expr->guarded ? readGuarded(expr->ref, value) : value;
    }
    default: {
      std::vector<HExpr> args;
      for (const ExprRef &arg : expr->args)
        args.push_back(lower(arg, indices));
      if (expr->op == Op::Select)
        args[0] = hide(args[0]);
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

Halide::Expr infinity(Halide::Type type, bool isNegative) {
  if (type.bits() == 64)
    return reinterpret<double>(HExpr(uint64_t(isNegative ? 0xfff0000000000000u : 0x7ff0000000000000u)));
  return reinterpret<float>(HExpr(uint32_t(isNegative ? 0xff800000u : 0x7f800000u)));
}

Halide::Expr identity(Combiner combiner, Halide::Type type) {
  switch (combiner) {
  case Combiner::Prod: return make_one(type);
  case Combiner::Max: return type.is_float() ? infinity(type, /*isNegative=*/true) : type.min();
  case Combiner::Min: return type.is_float() ? infinity(type, /*isNegative=*/false) : type.max();
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
      func(args) = narrow(strict(lower(stage.values[r], indices)), kernel.tensors[stage.results[r]].type);
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
  case StageKind::Sort:
    throw std::runtime_error("stage " + stage.name + " sorts, which is the runtime's work and not a kernel's");
  }
}

/// `value`, which is combined at each point of `domain`. Halide takes an update that
/// mentions none of its variables for a single point, so one is mentioned.
static HExpr over(const RDom &domain, HExpr value, HExpr start) {
  for (int i = 0; i < domain.dimensions(); ++i)
    if (Halide::Internal::expr_uses_var(value, domain[i].name()))
      return value;
  return select(domain[0] >= 0, value, start);
}

void Builder::buildReduce(const Stage &stage, Built &built, const std::vector<HExpr> &outer) {
  std::string prefix = built.func.name();
  std::vector<Var> args(built.vars.rbegin(), built.vars.rend());
  // The bound indices, the last one innermost: ascending row-major order.
  Region region;
  for (size_t i = stage.indices.size(); i-- > size_t(stage.numResultIndices);)
    region.emplace_back(0, extent(stage.indices[i].extent));
  built.domain = RDom(region, prefix + "_r");
  std::vector<HExpr> indices = outer;
  for (size_t i = stage.numResultIndices; i < stage.indices.size(); ++i)
    indices.push_back(built.domain[stage.indices.size() - 1 - i]);
  kernels::Type stored = kernel.tensors[stage.results[0]].type;
  if (stage.kind == StageKind::ArgReduce)
    return buildArgReduce(stage, built, indices);

  HExpr result;
  bool isFloatSum = stage.combiner == Combiner::Sum && scalarType(stage.values[0]->type).is_float();
  built.isContraction = isContraction(stage);
  if (!built.isContraction && (isFloatSum || !runsAlongResult(stage))) {
    result = buildLanes(stage, built, outer);
  } else {
    HExpr value = lower(stage.values[0], indices), start = identity(stage.combiner, value.type());
    if (stage.condition)
      value = select(lower(stage.condition, indices), value, start);
    value = over(built.domain, value, start);
    Func acc(prefix + "_acc");
    acc(args) = start;
    // FMA needs contraction of the product, which strict arithmetic forbids.
    if (built.isContraction)
      acc(args) += value;
    else
      acc(args) = combine(stage.combiner, acc(args), strict(value));
    built.locals.push_back(acc);
    result = acc(args);
  }
  built.func(args) = narrow(result, stored);
}

void Builder::buildArgReduce(const Stage &stage, Built &built, const std::vector<HExpr> &indices) {
  std::vector<Var> args(built.vars.rbegin(), built.vars.rend());
  HExpr value = lower(stage.values[0], indices);
  Func best(built.func.name() + "_best");
  bool max = stage.combiner == Combiner::Max;
  best(args) = Tuple(identity(stage.combiner, value.type()), HExpr(INT32_MAX));
  HExpr at = indices.back();
  Tuple have = best(args);
  // The first candidate wins whatever its value (it may be infinite).
  HExpr better = (max ? value > have[0] : value < have[0]) || have[1] == INT32_MAX;
  HExpr wins = better || (value == have[0] && at < have[1]);
  if (stage.condition)
    wins = wins && lower(stage.condition, indices);
  best(args) = Tuple(select(wins, value, have[0]), select(wins, at, have[1]));
  built.locals.push_back(best);
  HExpr found = best(args)[1];
  built.func(args) = narrow(select(found == INT32_MAX, 0, found), kernel.tensors[stage.results[0]].type);
}

/// Element t of so many goes to partial result t mod 16, ascending; these are joined
/// pairwise. `element` gives the value at a place that is inside.
HExpr Builder::combineLanes(Built &built, const char *name, const std::vector<Var> &args, HExpr total, Combiner combiner,
                            Halide::Type type, const std::function<HExpr(HExpr)> &element) {
  std::string prefix = built.func.name() + name;
  Var lane(prefix + "_LANE");
  std::vector<Var> wide = args;
  wide.insert(wide.begin(), lane);
  Func partial(prefix);
  HExpr start = identity(combiner, type);
  partial(wide) = start;
  // Whole runs of 16 first, whose reads are dense.
  RDom runs(0, simplify(total / kPartialSums), prefix + "_c");
  partial(wide) = strict(combine(combiner, partial(wide), over(runs, element(runs.x * kPartialSums + lane), start)));
  if (!is_const_zero(simplify(total % kPartialSums))) {
    // Past the end the last element is read and not combined.
    RDom rest(0, simplify(min(total % kPartialSums, 1)), prefix + "_d");
    HExpr t = simplify(total / kPartialSums) * kPartialSums + rest.x * kPartialSums + lane;
    HExpr value = element(min(t, max(total - 1, 0)));
    partial(wide) = strict(combine(combiner, partial(wide), over(rest, select(t < total, value, start), start)));
  }
  built.locals.push_back(partial);
  std::vector<HExpr> parts;
  for (int l = 0; l < kPartialSums; ++l) {
    std::vector<HExpr> at(wide.begin(), wide.end());
    at[0] = l;
    parts.push_back(partial(at));
  }
  while (parts.size() > 1) {
    std::vector<HExpr> next;
    for (size_t i = 0; i < parts.size() / 2; ++i)
      next.push_back(combine(combiner, parts[i], parts[i + parts.size() / 2]));
    parts = next;
  }
  return strict(parts[0]);
}

HExpr Builder::buildLanes(const Stage &stage, Built &built, const std::vector<HExpr> &outer) {
  HExpr total = 1;
  for (size_t i = stage.numResultIndices; i < stage.indices.size(); ++i)
    total = simplify(total * extent(stage.indices[i].extent));
  Halide::Type type = scalarType(stage.values[0]->type);
  auto element = [&](HExpr place) {
    enter(stage);
    std::vector<HExpr> indices = outer, bound;
    HExpr rest = place;
    for (size_t i = stage.indices.size(); i-- > size_t(stage.numResultIndices);) {
      HExpr radix = max(extent(stage.indices[i].extent), 1);
      bool first = i == size_t(stage.numResultIndices);
      bound.push_back(first ? rest : rest % radix);
      rest = rest / radix;
    }
    indices.insert(indices.end(), bound.rbegin(), bound.rend());
    HExpr value = lower(stage.values[0], indices);
    return stage.condition ? select(lower(stage.condition, indices), value, identity(stage.combiner, type)) : value;
  };
  built.isPartial = true;
  return combineLanes(built, "_part", {built.vars.rbegin(), built.vars.rend()}, total, stage.combiner, type, element);
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
  // The scores, computed once; an excluded one is -inf.
  HExpr score = strict(lower(stage.values[0], here));
  HExpr condition = stage.condition ? hide(lower(stage.condition, here)) : HExpr();
  Func scores(prefix + "_score");
  scores(args) = condition.defined() ? select(condition, score, infinity(score.type(), /*isNegative=*/true)) : score;
  auto placeOf = [&](HExpr place) {
    std::vector<HExpr> at(stage.indices.size());
    HExpr rest = place;
    for (size_t i = stage.indices.size(); i-- > 0;) {
      if (!along[i]) {
        at[i] = built.vars[i];
        continue;
      }
      HExpr radix = max(extent(stage.indices[i].extent), 1);
      bool first = true;
      for (size_t k = 0; k < i; ++k)
        first &= !along[k];
      at[i] = first ? rest : rest % radix;
      rest = rest / radix;
    }
    return std::vector<HExpr>(at.rbegin(), at.rend());
  };
  built.locals = {scores};
  Func most(prefix + "_max");
  most(rows) = combineLanes(built, "_most", rows, total, Combiner::Max, Float(32),
                            [&](HExpr place) { return HExpr(scores(placeOf(place))); });
  Func weight(prefix + "_exp");
  std::vector<HExpr> rowArgs(rows.begin(), rows.end());
  // An excluded element has no exponential: that of -inf would be below the normal
  // numbers on its way to 0, which costs a processor dozens of cycles.
  HExpr distance = scores(args) - most(rowArgs);
  if (condition.defined())
    distance = select(condition, distance, 0.0f);
  HExpr power = apply(Op::Exp, kernels::Type::F32, {distance});
  weight(args) = strict(condition.defined() ? select(condition, power, 0.0f) : power);

  HExpr sum = combineLanes(built, "_part", rows, total, Combiner::Sum, Float(32),
                           [&](HExpr place) { return HExpr(weight(placeOf(place))); });
  // An empty row is 0; a NaN stays one.
  Func scale(prefix + "_scale");
  scale(rows) = strict(select(sum == 0.0f, 0.0f, 1.0f / sum));
  // Excluded elements are 0 beside whatever the others are, NaN too.
  HExpr quotient = weight(args) * scale(rowArgs);
  if (condition.defined())
    quotient = select(condition, quotient, 0.0f);
  built.func(args) = narrow(strict(quotient), kernel.tensors[stage.results[0]].type);
  built.locals.insert(built.locals.end(), {weight, most, scale});
  built.isSoftmax = true;
}

} // namespace heddle::kernels
