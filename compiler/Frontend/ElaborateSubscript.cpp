//===- ElaborateSubscript.cpp - Reads of tensors at places ----------------===//

#include "compiler/Frontend/Elaborator.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace heddle::frontend {

using llvm::Twine;

/// Adds one subscript to a read of `name`, with what it says of extents. `weak`: the
/// read has a pad, and is asked only when no other tells.
bool Elaborator::addSubscript(const ast::Expr &expr, const NodeRef &read, const std::string &name, bool weak,
                              Scope &scope) {
  auto fail = [&](SourceRange range, const Twine &message) {
    error(range, message);
    return false;
  };
  unsigned axis = read->subscripts.size();
  Dim extent = read->tensor->shape[axis];
  std::string what = ("axis " + Twine(axis + 1) + " of " + name).str();
  Subscript subscript;
  const ast::Expr *at = &expr;
  subscript.range = at->range;
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(at)) {
    std::optional<Keep> keep = llvm::StringSwitch<std::optional<Keep>>(call->callee)
        .Case("clamp", Keep::Clamp).Case("wrap", Keep::Wrap).Case("reflect", Keep::Reflect)
        .Default(std::nullopt);
    if (keep && !scope.find(call->callee)) {
      if (call->args.size() != 1)
        return fail(call->range, Twine(call->callee) + " in a subscript takes one value; it knows its axis");
      subscript.keep = *keep;
      at = call->args[0].value.get();
    }
  }
  if (auto *composite = llvm::dyn_cast<ast::CompositeExpr>(at)) {
    for (auto &digit : composite->digits) {
      NodeRef value;
      IndexRef var;
      Dim radix;
      if (digit.extent) {
        std::optional<Dim> dim = dimension(*digit.extent, scope);
        if (!dim)
          return false;
        radix = *dim;
      }
      Value v;
      if (digit.kind == ast::Digit::Integer) {
        v = Value::integer(Dim::constant(digit.integer));
      } else {
        ast::NameExpr reference(digit.kind == ast::Digit::Underscore ? "_" : digit.name, digit.range);
        v = evaluateName(reference, scope);
      }
      if (v.isPoison())
        return false;
      v = toExpr(v, digit.range);
      if (v.isPoison())
        return false;
      if (!isInteger(v.node->type) || !v.axes.empty())
        return fail(digit.range, "a place in an axis is an integer, this is " + describe(v));
      value = v.node;
      if (value->kind == Node::Index) {
        var = value->index;
        if (radix.isValid() && !resolve(var)->extent.isValid()) {
          resolve(var)->extent = radix;
          resolve(var)->annotated = true;
        }
      }
      subscript.digits.push_back(value);
      subscript.digitVars.push_back(var);
      subscript.radix.push_back(radix);
    }
    current->cuts.push_back({extent, read, axis, what, composite->range});
  } else {
    if (auto *index = llvm::dyn_cast<ast::NameExpr>(at);
        index && current->indexed && llvm::isLower(index->name[0]) && !scope.find(index->name) && index->name != "pi" &&
        index->name != "inf")
      return fail(at->range, "index " + index->name + " is free: it stands in " + text(read->range) +
                                  " but not on the left; reduce over it, as in sum[" + index->name +
                                  "](..), or write it on the left");
    Value value = evaluate(*at, scope);
    if (value.isPoison())
      return false;
    value = toExpr(value, at->range);
    if (value.isPoison())
      return false;
    if (!value.axes.empty())
      return fail(at->range, "a subscript is one integer, this is " + describe(value));
    if (!isInteger(value.node->type))
      return fail(at->range, value.node->kind == Node::Op && value.node->op == NodeOp::Div
          ? std::string("a subscript must be an integer; \"/\" is the real quotient, \"//\" the integer one")
          : "a subscript must be an integer, this is " + describe(value));
    subscript.value = value.node;
    // `wrap(s - 3)` goes once around the axis if no other read tells how far s runs.
    NodeRef shifted = value.node;
    while (subscript.keep != Keep::Proved && shifted->kind == Node::Op &&
           (shifted->op == NodeOp::Add || shifted->op == NodeOp::Sub) && freeIndices(shifted->args[1]).empty())
      shifted = shifted->args[0];
    if (shifted->kind == Node::Index)
      resolve(shifted->index)->uses.push_back({extent, what, at->range, weak || subscript.keep != Keep::Proved});
  }
  read->subscripts.push_back(std::move(subscript));
  return true;
}

Value Elaborator::evaluateSubscript(const ast::SubscriptExpr &expr, Scope &scope) {
  Value base = evaluate(*expr.base, scope);
  if (base.isPoison())
    return base;
  if (base.kind == Value::List) {
    if (expr.subscripts.size() != 1 || !expr.subscripts[0].expr)
      return error(expr.range, "a list takes one subscript");
    std::optional<int64_t> at = staticInteger(*expr.subscripts[0].expr, scope);
    if (!at)
      return Value::poison();
    if (*at < 0 || *at >= int64_t(base.items.size()))
      return error(expr.subscripts[0].expr->range, "subscript " + Twine(*at) + " is outside the list: it has " +
                                                       Twine(base.items.size()) + " entries");
    return base.items[*at];
  }
  if (base.kind != Value::Whole)
    return error(expr.base->range, "only a tensor or a list can be subscripted, this is " + describe(base));

  TensorRef tensor = base.tensor;
  std::string name = tensor->name.empty() ? text(expr.base->range) : tensor->name;
  auto read = std::make_shared<Node>(Node::Read, widened(tensor->element), expr.range);
  read->tensor = tensor;

  unsigned given = expr.subscripts.size();
  bool leading = given && !expr.subscripts[0].expr;
  unsigned rank = tensor->shape.size();
  if (leading ? rank + 1 < given : rank != given)
    return error(expr.range, name + " has " + Twine(rank) + (rank == 1 ? " axis, " : " axes, ") + Twine(given - leading) +
                                 " subscripts given: " + describe(base));
  unsigned axis = 0;
  if (leading) {
    unsigned count = rank + 1 - given;
    if (!current->ellipsisKnown) {
      current->ellipsisKnown = true;
      for (unsigned i = 0; i < count; ++i) {
        IndexRef index = newIndex("", expr.range);
        Dim extent = tensor->shape[i];
        if (extent.isSymbol())
          index->name = extent.getSymbol().lower();
        current->ellipsis.push_back(index);
      }
    }
    if (current->ellipsis.size() != count)
      return error(expr.range, "... stands for " + Twine(count) + " axes of " + name + " and for " +
                                   Twine(current->ellipsis.size()) + " elsewhere in this definition");
    for (; axis < count; ++axis) {
      Subscript subscript;
      IndexRef index = current->ellipsis[axis];
      subscript.value = makeIndex(index, expr.range);
      subscript.range = expr.range;
      index->uses.push_back({tensor->shape[axis], ("axis " + Twine(axis + 1) + " of " + name).str(), expr.range, false});
      read->subscripts.push_back(std::move(subscript));
    }
  }

  bool anyPad = llvm::any_of(expr.subscripts, [](auto &s) { return s.pad != nullptr; });
  for (auto &place : llvm::ArrayRef(expr.subscripts).drop_front(leading)) {
    if (place.pad) {
      if (read->pad)
        return error(place.pad->range, "a read has one pad; it is what the whole read gives");
      Value pad = toExpr(evaluate(*place.pad, scope), place.pad->range);
      if (pad.isPoison())
        return pad;
      bool isBool = read->type == Scalar::Bool;
      if (isBool != (pad.node->type == Scalar::Bool) || !pad.axes.empty())
        return error(place.pad->range, "pad is " + describe(pad) + ", " + name + " holds " + spelling(tensor->element));
      read->pad = pad.node;
      read->type = std::max(read->type, pad.node->type);
    }
    if (!addSubscript(*place.expr, read, name, anyPad, scope))
      return Value::poison();
  }
  if (tensor->scalar)
    return Value::expr(tensor->scalar);
  current->obligations.push_back({read, current->facts});
  return Value::expr(read);
}

} // namespace heddle::frontend
