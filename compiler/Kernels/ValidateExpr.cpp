//===- ValidateExpr.cpp - Are a stage's expressions well-typed? -----------===//

#include "compiler/Kernels/ValidateExpr.h"

#include "compiler/Kernels/KernelNames.h"
#include "compiler/Kernels/KernelText.h"

#include <algorithm>

namespace heddle::kernels {

static std::string text(Type type) { return std::string(nameOf(type)); }

/// Can a value of a body be of this type? Others are in memory only.
static bool isScalar(Type type) { return type == widened(type); }

Type ExprChecker::check(const ExprRef &root, const std::string &where) {
  // A list of what is open, not calls: nobody knows yet how deep it is.
  std::vector<std::pair<const Expr *, size_t>> path;
  auto enter = [&](const ExprRef &expr) {
    require(bool(expr), where + "an expression is missing");
    if (depth.count(expr.get()))
      return;
    require(path.size() < size_t(kMostDepth),
            where + "the expression nests more than " + std::to_string(kMostDepth) + " deep");
    path.emplace_back(expr.get(), 0);
  };
  enter(root);
  while (!path.empty()) {
    auto &[expr, next] = path.back();
    if (next < expr->args.size()) {
      const ExprRef &arg = expr->args[next++];
      enter(arg);
      continue;
    }
    int below = 0;
    for (const ExprRef &arg : expr->args)
      below = std::max(below, depth.at(arg.get()));
    require(below < kMostDepth, where + "the expression nests more than " + std::to_string(kMostDepth) + " deep");
    checkNode(*expr, where);
    depth[expr] = below + 1;
    path.pop_back();
  }
  require(isScalar(root->type), where + "a value of type " + text(root->type) + ", which only memory has");
  return root->type;
}

void ExprChecker::checkNode(const Expr &expr, const std::string &where) {
  require(size_t(expr.op) < std::size(kOpNames), where + "there is no such operation");
  require(size_t(expr.type) < std::size(kTypeNames), where + "there is no such type");
  if (expr.op == Op::Read)
    return checkRead(expr, where);
  std::string name(nameOf(expr.op).text);
  require(int(expr.args.size()) == nameOf(expr.op).numOperands,
          where + name + " takes " + std::to_string(nameOf(expr.op).numOperands) + " operands, found " +
              std::to_string(expr.args.size()));
  // f16(x) is rounded, and is no f16 to compute with: only another cast takes it.
  if (expr.op != Op::Cast)
    for (const ExprRef &arg : expr.args)
      require(isScalar(arg->type), where + name + " of type " + text(arg->type) + ", which only memory has");
  switch (expr.op) {
  case Op::Const:
    return checkConst(expr, where);
  case Op::Index:
    require(expr.ref >= 0 && size_t(expr.ref) < stage.indices.size(),
            where + "refers to index " + std::to_string(expr.ref) + " of " + std::to_string(stage.indices.size()));
    break;
  case Op::Size:
    require(expr.ref >= 0 && size_t(expr.ref) < kernel.sizes.size(),
            where + "refers to size " + std::to_string(expr.ref) + " of " + std::to_string(kernel.sizes.size()));
    break;
  case Op::Cast:
    require(expr.type != Type::Bool || expr.args[0]->type == Type::Bool,
            where + "a cast from " + text(expr.args[0]->type) + " to bool; compare with 0");
    return;
  default:
    checkOperation(expr, where);
  }
  Type usual = usualType(kernel, expr);
  require(expr.type == usual, where + name + " gives " + text(usual) + ", not " + text(expr.type));
}

void ExprChecker::checkConst(const Expr &expr, const std::string &where) {
  require(isScalar(expr.type), where + "a constant of type " + text(expr.type) + ", which only memory has");
  int64_t value = expr.integer;
  require(expr.type != Type::Bool || value == 0 || value == 1,
          where + "a bool constant is 0 or 1, found " + std::to_string(value));
  require(expr.type != Type::I32 || value == int32_t(value),
          where + "the constant " + std::to_string(value) + " does not fit 32 bits");
}

void ExprChecker::checkRead(const Expr &expr, const std::string &where) {
  require(expr.ref >= 0 && size_t(expr.ref) < kernel.tensors.size(),
          where + "reads tensor " + std::to_string(expr.ref) + " of " + std::to_string(kernel.tensors.size()));
  const Tensor &tensor = kernel.tensors[expr.ref];
  require(tensor.role == Role::Input || tensor.role == Role::Constant || written[expr.ref],
          where + "reads '" + tensor.name + "' before it is there");
  require(expr.args.size() == tensor.shape.size(), where + std::to_string(expr.args.size()) + " subscripts for the " +
                                                       std::to_string(tensor.shape.size()) + " axes of '" +
                                                       tensor.name + "'");
  for (const ExprRef &arg : expr.args)
    require(arg->type == Type::I32, where + "a subscript of '" + tensor.name + "' is " + text(arg->type) + ", not i32");
  require(expr.type == widened(tensor.type), where + "a read of '" + tensor.name + "' gives " +
                                                 text(widened(tensor.type)) + ", not " + text(expr.type));
}

/// The types of operands, each known to be one that scalars have.
void ExprChecker::checkOperation(const Expr &expr, const std::string &where) {
  std::string name(nameOf(expr.op).text);
  size_t first = expr.op == Op::Select;
  if (first)
    require(expr.args[0]->type == Type::Bool, where + "select by " + text(expr.args[0]->type) + ", not bool");
  Type type = expr.args[first]->type;
  for (size_t i = first; i < expr.args.size(); ++i)
    require(expr.args[i]->type == type,
            where + name + " of " + text(type) + " and " + text(expr.args[i]->type));
  bool holds = true;
  switch (expr.op) {
  case Op::Not:
  case Op::And:
  case Op::Or:
    holds = type == Type::Bool;
    break;
  case Op::Neg:
  case Op::Abs:
  case Op::Add:
  case Op::Sub:
  case Op::Mul:
  case Op::Pow:
  case Op::Min:
  case Op::Max:
  case Op::Lt:
  case Op::Le:
  case Op::Gt:
  case Op::Ge:
    holds = type != Type::Bool;
    break;
  case Op::FloorDiv:
  case Op::Mod:
    holds = type == Type::I32 || type == Type::I64;
    break;
  case Op::Eq:
  case Op::Ne:
  case Op::Select:
    break;
  default: // functions of reals, and Div
    holds = isFloat(type);
  }
  require(holds, where + name + " does not take " + text(type));
  bool divides = expr.op == Op::FloorDiv || expr.op == Op::Mod;
  require(!divides || expr.args[1]->op != Op::Const || expr.args[1]->integer > 0,
          where + name + " by " + std::to_string(divides ? expr.args[1]->integer : 0) + "; a divisor is positive");
}

} // namespace heddle::kernels
