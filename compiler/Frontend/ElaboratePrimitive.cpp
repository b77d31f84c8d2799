//===- ElaboratePrimitive.cpp - Functions that are in the language --------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace heddle::frontend {

using llvm::Twine;

Value Elaborator::cast(Element element, Value value, SourceRange range) {
  value = toExpr(value, range);
  if (value.isPoison())
    return value;
  bool isNarrow = element == Element::F16 || element == Element::BF16;
  if (isNarrow && value.node->type == Scalar::Bool)
    value = cast(Element::F32, value, range);
  auto node = std::make_shared<Node>(Node::Cast, widened(element), range);
  node->element = element;
  node->args = {value.node};
  measureDepth(*node);
  return Value::expr(node, value.axes);
}

std::optional<Value> Elaborator::callPrimitive(const ast::CallExpr &expr, Scope &scope) {
  llvm::StringRef name = expr.callee;
  auto unaryOp = llvm::StringSwitch<std::optional<NodeOp>>(name)
      .Case("abs", NodeOp::Abs).Case("exp", NodeOp::Exp).Case("log", NodeOp::Log)
      .Case("sqrt", NodeOp::Sqrt).Case("rsqrt", NodeOp::Rsqrt).Case("sin", NodeOp::Sin)
      .Case("cos", NodeOp::Cos).Case("tanh", NodeOp::Tanh).Case("erf", NodeOp::Erf)
      .Case("floor", NodeOp::Floor).Case("ceil", NodeOp::Ceil).Case("round", NodeOp::Round)
      .Case("isnan", NodeOp::IsNan).Default(std::nullopt);
  std::optional<Element> element = parseElement(name);
  bool extreme = name == "min" || name == "max";
  bool isSign = name == "sign", isLen = name == "len";
  bool keep = name == "clamp" || name == "wrap" || name == "reflect";
  if (name == "uniform")
    return uniform(expr, scope);
  if (name == "grad")
    return grad(expr, scope);
  if (!unaryOp && !element && !extreme && !isSign && !isLen && !keep)
    return std::nullopt;
  if (keep)
    return error(expr.range, name + " stands in a subscript only: it knows its axis");
  std::vector<Value> args;
  for (auto &arg : expr.args) {
    if (!arg.name.empty())
      return error(arg.value->range, "arguments of " + name + " have no names");
    args.push_back(evaluate(*arg.value, scope));
    if (args.back().isPoison())
      return Value::poison();
  }
  if (extreme) {
    if (args.size() < 2)
      return error(expr.range, name + " takes two values or more; along an axis it is " + name + "[i](..)");
    Value result = args[0];
    for (Value &arg : llvm::MutableArrayRef(args).drop_front())
      result = binary(name == "min" ? NodeOp::Min : NodeOp::Max, result, arg, expr.range, "compare");
    return result;
  }
  if (args.size() != 1)
    return error(expr.range, name + " takes one value, " + Twine(args.size()) + " are given");
  if (isLen) {
    if (args[0].kind != Value::List)
      return error(expr.range, "len takes a list, found " + describe(args[0]));
    return Value::integer(Dim::constant(args[0].items.size()));
  }
  if (unaryOp)
    return unary(*unaryOp, args[0], expr.range);
  if (element) {
    if (args[0].kind == Value::Real && *element == Element::F32)
      return args[0];
    return cast(*element, args[0], expr.range);
  }
  // sign: -1, 0, 1, of the value's own type.
  Value x = toExpr(args[0], expr.range);
  if (x.isPoison())
    return x;
  if (x.node->type == Scalar::Bool)
    return error(expr.range, "sign takes a number, found " + describe(x));
  bool real = x.node->type == Scalar::F32;
  auto number = [&](int64_t n) { return real ? makeReal(double(n), expr.range) : makeInt(Dim::constant(n), expr.range); };
  NodeRef positive = makeOp(NodeOp::Gt, Scalar::Bool, {x.node, number(0)}, expr.range);
  NodeRef negative = makeOp(NodeOp::Lt, Scalar::Bool, {x.node, number(0)}, expr.range);
  NodeRef below = makeOp(NodeOp::Select, x.node->type, {negative, number(-1), number(0)}, expr.range);
  return Value::expr(makeOp(NodeOp::Select, x.node->type, {positive, number(1), below}, expr.range), x.axes);
}

/// `uniform(seed, i, j, ..)`: integers of any kind, which together decide a number.
Value Elaborator::uniform(const ast::CallExpr &expr, Scope &scope) {
  if (expr.args.empty())
    return error(expr.range, "uniform takes a seed, and integers that tell its numbers apart: uniform(seed, b, v)");
  std::vector<Value> args;
  for (auto &arg : expr.args) {
    if (!arg.name.empty())
      return error(arg.value->range, "arguments of uniform have no names");
    Value value = evaluate(*arg.value, scope);
    if (!value.isPoison())
      value = toExpr(value, arg.value->range);
    if (value.isPoison())
      return value;
    if (!isInteger(value.node->type))
      return error(arg.value->range, "uniform takes integers, found " + describe(value));
    args.push_back(value);
  }
  auto axes = align(args, expr.range, "combine");
  if (!axes)
    return Value::poison();
  std::vector<NodeRef> nodes;
  for (const Value &arg : args)
    nodes.push_back(arg.node);
  return Value::expr(makeOp(NodeOp::Uniform, Scalar::F32, std::move(nodes), expr.range), *axes);
}

/// Is `value` made of `source`?
static bool dependsOn(mlir::Value value, mlir::Value source) {
  llvm::SmallVector<mlir::Value> wanted{value};
  llvm::DenseSet<mlir::Value> seen;
  while (!wanted.empty()) {
    mlir::Value next = wanted.pop_back_val();
    if (next == source)
      return true;
    if (!seen.insert(next).second)
      continue;
    mlir::Operation *op = next.getDefiningOp();
    // An argument of a turn depends on all that its loop does.
    if (!op)
      op = next.getParentBlock()->getParentOp();
    if (op && !llvm::isa<mlir::FunctionOpInterface>(op))
      op->walk([&](mlir::Operation *inner) { llvm::append_range(wanted, inner->getOperands()); });
  }
  return false;
}

/// `grad(e, x)`: the derivative of the number `e` by the tensor `x`, of `x`'s type.
Value Elaborator::grad(const ast::CallExpr &expr, Scope &scope) {
  if (expr.args.size() != 2 || !expr.args[0].name.empty() || !expr.args[1].name.empty())
    return error(expr.range, "grad takes a number and the tensor to derive it by: grad(loss, x)");
  const ast::Expr &of = *expr.args[0].value, &by = *expr.args[1].value;
  DefinitionScope definition(*this, /*indexed=*/false);
  Value loss = evaluate(of, scope), x = evaluate(by, scope);
  if (loss.isPoison() || x.isPoison())
    return Value::poison();
  if (!x.isData() || x.kind != Value::Whole || x.tensor->element != Element::F32 || !x.tensor->value)
    return error(by.range, "grad derives by a tensor of f32 that has a name, found " + describe(x));
  TensorRef number = materialize(loss, definition.definition, of.range);
  if (!number)
    return Value::poison();
  if (!number->shape.empty() || number->element != Element::F32)
    return error(of.range, "grad derives a number of f32, found " + describeType(number->element, number->shape));
  if (number->scalar || !dependsOn(number->value, x.tensor->value))
    return error(expr.range, text(of.range) + " does not depend on " + text(by.range));
  auto result = std::make_shared<Tensor>(*x.tensor);
  result->value = graph::GradOp::create(builder, locate(expr.range), number->value, x.tensor->value);
  result->name.clear();
  return Value::whole(result);
}

} // namespace heddle::frontend
