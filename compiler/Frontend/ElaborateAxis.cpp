//===- ElaborateAxis.cpp - Operators along axes ---------------------------===//
//
// `op[axes where c](value)`: reductions bind their axes, softmax and cumulations
// keep theirs, and a user's axis function does what its body does.
//
//===----------------------------------------------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace heddle::frontend {

using llvm::Twine;

static bool isReduction(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"sum", "mean", "prod", "max", "min", "any", "all", "count", "argmax", "argmin"}, true)
      .Default(false);
}

static bool isKeeping(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"softmax", "cumsum", "cumprod", "cummax"}, true)
      .Default(false);
}

static NodeRef axisNode(AxisKind kind, Scalar type, std::vector<IndexRef> indices,
                        NodeRef body, NodeRef condition, SourceRange range) {
  auto node = std::make_shared<Node>(Node::Axis, type, range);
  node->axis = kind;
  node->indices = std::move(indices);
  node->args = {std::move(body)};
  node->condition = std::move(condition);
  measureDepth(*node);
  return node;
}

/// `value` has the axes of whole-tensor notation, those in `axes` among them.
Value Elaborator::reduce(llvm::StringRef name, std::vector<IndexRef> axes,
                         NodeRef condition, Value value, SourceRange range) {
  NodeRef body = value.node;
  for (IndexRef &axis : axes)
    axis = resolve(axis);
  std::vector<IndexRef> left;
  for (const IndexRef &axis : value.axes)
    if (!llvm::is_contained(axes, resolve(axis)))
      left.push_back(resolve(axis));
  auto bound = [&](AxisKind kind, Scalar type, NodeRef over) {
    return Value::expr(axisNode(kind, type, axes, over, condition, range), left);
  };
  auto kept = [&](AxisKind kind, Scalar type) {
    std::vector<IndexRef> all = value.axes;
    if (!current->indexed)
      for (const IndexRef &axis : axes)
        if (llvm::none_of(all, [&](const IndexRef &i) { return resolve(i) == axis; }))
          all.push_back(axis);
    return Value::expr(axisNode(kind, type, axes, body, condition, range), all);
  };
  Scalar type = body->type, summed = type == Scalar::Index ? Scalar::I32 : type;

  if (name == "any" || name == "all") {
    if (type != Scalar::Bool)
      return error(range, Twine(name) + " takes bools, found " + describe(value));
    return bound(name == "any" ? AxisKind::Or : AxisKind::And, Scalar::Bool, body);
  }
  if (name == "count") {
    if (type != Scalar::Bool)
      return error(range, "count takes bools, found " + describe(value));
    NodeRef one = makeOp(NodeOp::Select, Scalar::Index,
                         {body, makeInt(Dim::constant(1), range), makeInt(Dim::constant(0), range)}, range);
    return bound(AxisKind::Sum, Scalar::I32, one);
  }
  if (type == Scalar::Bool)
    return error(range, Twine(name) + " takes numbers, found " + describe(value) + "; count[..](c) counts bools");
  if (name == "sum")
    return bound(AxisKind::Sum, summed, body);
  if (name == "prod")
    return bound(AxisKind::Prod, summed, body);
  if (name == "max")
    return bound(AxisKind::Max, summed, body);
  if (name == "min")
    return bound(AxisKind::Min, summed, body);
  if (name == "mean") {
    NodeRef sum = axisNode(AxisKind::Sum, Scalar::F32, axes, body, condition, range);
    NodeRef count;
    if (condition) {
      // Of no elements the mean is 0.
      NodeRef number = axisNode(AxisKind::Sum, Scalar::I32, axes, makeInt(Dim::constant(1), range), condition, range);
      count = makeOp(NodeOp::Max, Scalar::I32, {number, makeInt(Dim::constant(1), range)}, range);
    } else {
      count = std::make_shared<Node>(Node::Count, Scalar::Index, range);
      count->indices = axes;
    }
    return Value::expr(makeOp(NodeOp::Div, Scalar::F32, {sum, count}, range), left);
  }
  if (name == "softmax")
    return kept(AxisKind::Softmax, Scalar::F32);
  // The others go along one axis.
  if (axes.size() != 1)
    return error(range, Twine(name) + " goes along one axis, " + Twine(axes.size()) + " are given");
  if (name == "argmax" || name == "argmin")
    return bound(name == "argmax" ? AxisKind::ArgMax : AxisKind::ArgMin, Scalar::I32, body);
  if (name == "cumsum")
    return kept(AxisKind::CumSum, summed);
  if (name == "cumprod")
    return kept(AxisKind::CumProd, summed);
  return kept(AxisKind::CumMax, summed);
}

Value Elaborator::evaluateAxis(const ast::AxisExpr &expr, Scope &scope) {
  llvm::StringRef op = expr.op;
  Entity *user = scope.find(op);
  if (user && user->kind != Entity::Fn)
    user = nullptr;
  if (!user && op == "cat")
    return evaluateCat(expr, scope);
  if (!user && (op == "argsort" || op == "top"))
    return evaluateRanked(expr, scope);
  if (!user && !isReduction(op) && !isKeeping(op)) {
    Value poison = error(expr.opRange, "unknown axis operator " + op);
    note(expr.opRange, "name[..](..) is always an axis operator: sum, mean, prod, max, min, any, all, count, argmax, "
                       "argmin, softmax, cumsum, cumprod, cummax, argsort, top, cat, or a fn with an axis");
    return poison;
  }
  if (user && user->fn->axis.empty())
    return error(expr.opRange, Twine(op) + " is a function on numbers; call it without an axis: " + op + "(..)");
  if (expr.to)
    return error(expr.range, Twine(op) + " keeps or drops its axis; only top and argsort rename one with ->");
  if (!user && expr.args.size() != 1)
    return error(expr.range, Twine(op) + " takes one value, " + Twine(expr.args.size()) + " are given");

  // Whole-tensor notation names axes by dimensions, the other by indices. The
  // parameter of an axis function stands for what it was called with.
  bool wasIndexed = current->indexed;
  bool byName = false, byIndex = false;
  std::vector<IndexRef> axes;
  NodeRef outerCondition;
  Scope inner;
  inner.parent = &scope;
  for (auto &axis : expr.axes) {
    Entity *known = scope.find(axis.name);
    if (known && known->kind == Entity::Axis) {
      axes.insert(axes.end(), known->axis.begin(), known->axis.end());
      if (known->axisCondition)
        outerCondition = known->axisCondition;
      continue;
    }
    bool capital = !axis.name.empty() && axis.name[0] >= 'A' && axis.name[0] <= 'Z';
    if (capital) {
      byName = true;
      if (axis.extent)
        return error(axis.range, axis.name + " names a whole axis; only an index takes an extent");
      if (wasIndexed)
        return error(axis.range, axis.name + " is a dimension; in a definition by indices an axis is named by its index");
      continue;
    }
    byIndex = true;
    if (known && known->kind == Entity::Value)
      return error(axis.range, axis.name + " is a value here; an index needs another name");
    if (!user && isKeeping(op)) {
      if (!known || known->kind != Entity::Index)
        return error(axis.range, "index " + axis.name + " is free: " + op + "[" + axis.name +
                                     "] keeps its axis; reduce over " + axis.name + ", or put it on the left");
      IndexRef index = resolve(known->index);
      if (axis.extent && !annotate(index, *axis.extent, scope))
        return Value::poison();
      axes.push_back(index);
      continue;
    }
    if (inner.names.count(axis.name))
      return error(axis.range, "index " + axis.name + " stands twice in the brackets");
    IndexRef index = bindIndex(inner, axis.name, axis.range, axis.extent.get());
    if (!index)
      return Value::poison();
    axes.push_back(index);
  }
  if (byName && byIndex)
    return error(expr.range, "the axes are named by dimensions or by indices, not both");
  if (byIndex)
    current->indexed = true;
  struct Restore {
    Definition *definition;
    bool indexed;
    ~Restore() { definition->indexed = indexed; }
  } restore{current, wasIndexed};

  // The condition first: it is a fact for the reads of the value.
  Value where;
  NodeRef condition = outerCondition;
  std::vector<IndexRef> whereAxes;
  if (expr.where) {
    where = evaluate(*expr.where, inner);
    if (where.isPoison())
      return where;
    if (!(where.kind == Value::Flag && where.flag)) {
      where = toExpr(where, expr.where->range);
      if (where.isPoison())
        return where;
      if (where.node->type != Scalar::Bool)
        return error(expr.where->range, "where takes a bool, found " + describe(where));
      condition = condition ? makeOp(NodeOp::And, Scalar::Bool, {condition, where.node}, expr.where->range) : where.node;
      whereAxes = where.axes;
    }
  }
  if (condition)
    current->facts.push_back({condition, true});
  std::vector<Value> args;
  bool poison = false;
  for (auto &arg : expr.args) {
    Value value = evaluate(*arg, inner);
    // A static argument of a user's function stays static (`eps`).
    if (!value.isPoison() && (!user || value.isData()))
      value = toExpr(value, arg->range);
    poison |= value.isPoison();
    args.push_back(value);
  }
  if (condition)
    current->facts.pop_back();
  if (poison)
    return Value::poison();

  if (byName) {
    // Find each named dimension among the axes of the first data argument.
    Value *data = nullptr;
    for (Value &arg : args)
      if (arg.kind == Value::Expr && (!data || arg.axes.size() > data->axes.size()))
        data = &arg;
    if (!data)
      return error(expr.range, Twine(op) + " takes a tensor here, found " + describe(args[0]));
    for (auto &axis : expr.axes) {
      Entity *known = scope.find(axis.name);
      if (known && known->kind == Entity::Axis)
        continue;
      if (!known || known->kind != Entity::Value || known->value.kind != Value::Int)
        return error(axis.range, axis.name + " is not a dimension");
      Dim dim = known->value.dim;
      std::vector<IndexRef> same;
      for (const IndexRef &candidate : data->axes)
        if (resolve(candidate)->extent == dim)
          same.push_back(resolve(candidate));
      if (same.empty())
        for (const IndexRef &candidate : data->axes)
          if (dims.equal(resolve(candidate)->extent, dim))
            same.push_back(resolve(candidate));
      if (same.empty())
        return error(axis.range, Twine(op) + "[" + axis.name + "]: " + describe(*data) + " has no axis of size " + axis.name);
      if (same.size() > 1)
        return error(axis.range, Twine(op) + "[" + axis.name + "]: " + text(expr.args[0]->range) + " has " +
                                     (same.size() == 2 ? Twine("two") : Twine(same.size())) + " axes of size " +
                                     axis.name + "; write it with indices");
      axes.push_back(same[0]);
    }
    // The condition meets the value by name.
    if (where.kind == Value::Expr && !where.axes.empty()) {
      Value both[] = {*data, where};
      auto aligned = align(both, expr.range, "combine");
      if (!aligned)
        return Value::poison();
      if (!user)
        data->axes = *aligned;
    }
  }
  if (user)
    return callAxisFunction(*user, expr, axes, condition, args, scope);
  if (!current->indexed && outerCondition && args[0].axes.empty() && isKeeping(op))
    args[0].axes = axes;
  return reduce(op, axes, condition, args[0], expr.range);
}

Value Elaborator::callAxisFunction(const Entity &fn, const ast::AxisExpr &expr,
                                   std::vector<IndexRef> axes, NodeRef condition,
                                   std::vector<Value> args, Scope &caller) {
  if (args.size() != fn.fn->params.size())
    return error(expr.range, Twine(fn.fn->name) + " takes " + Twine(fn.fn->params.size()) + " values, " +
                                 Twine(args.size()) + " are given");
  if (exhausted(expr.range))
    return Value::poison();
  Scope scope;
  scope.parent = fn.file;
  for (auto [param, arg] : llvm::zip(fn.fn->params, args)) {
    Entity entity;
    entity.value = arg;
    entity.range = expr.range;
    scope.names[param] = entity;
  }
  Entity axis;
  axis.kind = Entity::Axis;
  axis.axis = axes;
  axis.axisCondition = condition;
  scope.names[fn.fn->axis] = axis;
  // Inside, tensors come as parameters: each is an expression with its axes.
  activeFns.push_back(fn.fn);
  Value result = evaluate(*fn.fn->body, scope);
  activeFns.pop_back();
  if (result.isPoison())
    return result;
  result = toExpr(result, expr.range);
  if (result.isPoison())
    return result;
  // Does the body keep the axis? Then it must be an index of the left side, and
  // where the condition is false the result is 0.
  std::vector<IndexRef> free = freeIndices(result.node);
  bool keeps = false;
  for (const IndexRef &index : axes)
    keeps |= llvm::is_contained(free, resolve(index));
  if (!keeps)
    return result;
  for (auto &written : expr.axes) {
    for (const IndexRef &raw : axes) {
      IndexRef index = resolve(raw);
      if (index->name != written.name || !llvm::is_contained(free, index))
        continue;
      Entity *left = caller.find(written.name);
      if (!left || left->kind != Entity::Index)
        return error(written.range, "index " + written.name + " is free: " + fn.fn->name + "[" + written.name +
                                        "] keeps its axis; reduce over " + written.name + ", or put it on the left");
      unify(index, left->index);
    }
  }
  if (!condition)
    return result;
  NodeRef zero = result.node->type == Scalar::F32 ? makeReal(0, expr.range)
                 : result.node->type == Scalar::Bool ? makeFlag(false, expr.range)
                                                     : makeInt(Dim::constant(0), expr.range);
  return Value::expr(makeOp(NodeOp::Select, result.node->type, {condition, result.node, zero}, expr.range), result.axes);
}

/// `argsort[t -> r where c](e)` and `top[t -> k where c](e)`: t is bound, the rank
/// stands on the left.
Value Elaborator::evaluateRanked(const ast::AxisExpr &expr, Scope &scope) {
  bool isTop = expr.op == "top";
  std::string form = expr.op + (isTop ? "[t -> k](..)" : "[t -> r](..)");
  if (expr.axes.size() != 1 || !expr.to)
    return error(expr.range, Twine(expr.op) + " takes one axis and names the rank: " + form);
  if (expr.args.size() != 1)
    return error(expr.range, Twine(expr.op) + " takes one value, " + Twine(expr.args.size()) + " are given");
  const ast::AxisName &axis = expr.axes[0], &to = *expr.to;
  for (const ast::AxisName *name : {&axis, &to})
    if (!llvm::isLower(name->name[0]))
      return error(name->range, Twine(expr.op) + " goes by indices: " + form);
  Entity *known = scope.find(to.name);
  if (!known || known->kind != Entity::Index)
    return error(to.range, "index " + to.name + " is free: it is the rank that " + expr.op + " gives; put it on the left");
  IndexRef rank = resolve(known->index);
  if (to.extent && !annotate(rank, *to.extent, scope))
    return Value::poison();
  Scope inner;
  inner.parent = &scope;
  IndexRef index = bindIndex(inner, axis.name, axis.range, axis.extent.get());
  if (!index)
    return Value::poison();
  NodeRef condition;
  if (expr.where) {
    Value where = evaluate(*expr.where, inner);
    where = where.isPoison() ? where : toExpr(where, expr.where->range);
    if (where.isPoison())
      return where;
    if (where.node->type != Scalar::Bool)
      return error(expr.where->range, "where takes a bool, found " + describe(where));
    condition = where.node;
    current->facts.push_back({condition, true});
  }
  Value value = evaluate(*expr.args[0], inner);
  value = value.isPoison() ? value : toExpr(value, expr.args[0]->range);
  if (condition)
    current->facts.pop_back();
  if (value.isPoison())
    return value;
  if (value.node->type == Scalar::Bool)
    return error(expr.args[0]->range, Twine(expr.op) + " takes numbers, found " + describe(value));
  if (llvm::is_contained(freeIndices(value.node), rank))
    return error(expr.args[0]->range, to.name + " is the rank; the value may not depend on it");
  auto make = [&](AxisKind kind, Scalar type) {
    NodeRef node = axisNode(kind, type, {index}, value.node, condition, expr.range);
    node->index = rank;
    return node;
  };
  if (!isTop) {
    NodeRef node = make(AxisKind::ArgSort, Scalar::I32);
    current->ranked.push_back(node);
    return Value::expr(node);
  }
  Scalar type = value.node->type == Scalar::Index ? Scalar::I32 : value.node->type;
  return Value::tuple({Value::expr(make(AxisKind::TopValues, type)), Value::expr(make(AxisKind::TopPositions, Scalar::I32))});
}

Value Elaborator::evaluateCat(const ast::AxisExpr &expr, Scope &scope) {
  if (expr.axes.size() != 1 || expr.where || expr.to)
    return error(expr.range, "cat goes along one axis and takes no where");
  const auto &axis = expr.axes[0];
  Entity *known = scope.find(axis.name);
  if (!known || known->kind != Entity::Index)
    return error(axis.range, "index " + axis.name + " is free: cat[" + axis.name + "] keeps its axis; put it on the left");
  auto node = std::make_shared<Node>(Node::Cat, Scalar::Bool, expr.range);
  node->index = known->index;
  bool numbers = false, bools = false;
  for (auto &arg : expr.args) {
    Scope inner;
    inner.parent = &scope;
    IndexRef index = bindIndex(inner, axis.name, arg->range);
    Value value = evaluate(*arg, inner);
    value = value.isPoison() ? value : toExpr(value, arg->range);
    if (value.isPoison())
      return value;
    // An argument without the axis is one place.
    bool uses = llvm::is_contained(freeIndices(value.node), index);
    if (!uses)
      llvm::erase(current->indices, index);
    node->args.push_back(value.node);
    node->indices.push_back(uses ? index : nullptr);
    (value.node->type == Scalar::Bool ? bools : numbers) = true;
    node->type = std::max(node->type, value.node->type);
  }
  if (numbers && bools)
    return error(expr.range, "cat joins bools and numbers");
  current->cats.push_back(node);
  return Value::expr(node);
}

} // namespace heddle::frontend
