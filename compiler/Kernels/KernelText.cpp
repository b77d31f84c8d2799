//===- KernelText.cpp - Descriptions of kernels as text: printing ---------===//

#include "compiler/Kernels/KernelText.h"

#include "compiler/Kernels/KernelNames.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

namespace heddle::kernels {

namespace {

/// The strength that a place asks for where every expression goes unbracketed.
constexpr int kWeakest = 0;

class Printer {
public:
  explicit Printer(const Kernel &kernel) : kernel(kernel) {}

  std::string run() {
    out = "kernel " + kernel.name + " {\n";
    for (const Size &size : kernel.sizes)
      out += "  size " + size.name + " in " + std::to_string(size.least) + " .. " + std::to_string(size.most) + "\n";
    for (const Tensor &tensor : kernel.tensors)
      printTensor(tensor);
    for (const Stage &stage : kernel.stages)
      printStage(stage);
    return std::move(out) + "}\n";
  }

private:
  void printTensor(const Tensor &tensor);
  void printStage(const Stage &stage);
  void printSpace(const Stage &stage);
  void nameShared(const Stage &stage);
  void printExpr(const ExprRef &expr, int strength);
  void printNode(const Expr &expr, int strength);
  void printList(const std::vector<ExprRef> &exprs);
  void printConst(const Expr &expr);

  std::string extent(const Extent &extent) const {
    return extent.isConstant() ? std::to_string(extent.constant) : nameAt(kernel.sizes, extent.size);
  }
  template <typename T> static std::string nameAt(const std::vector<T> &all, int32_t at) {
    return at >= 0 && size_t(at) < all.size() ? all[at].name : "?";
  }

  const Kernel &kernel;
  const Stage *stage = nullptr;
  std::unordered_map<const Expr *, int> shared; ///< numbers of nodes with several uses
  std::string out;
};

void Printer::printTensor(const Tensor &tensor) {
  out += "  " + std::string(wordOf(kRoleNames, tensor.role)) + " " + tensor.name + ": ";
  out += nameOf(tensor.type);
  out += "[";
  for (size_t a = 0; a < tensor.shape.size(); ++a)
    out += (a ? ", " : "") + extent(tensor.shape[a]);
  out += "]";
  if (tensor.layout.kind == Layout::Panels)
    out += " panels axis " + std::to_string(tensor.layout.axis) + " width " + std::to_string(tensor.layout.width);
  out += "\n";
}

void Printer::printSpace(const Stage &stage) {
  auto printIndex = [&](const Index &index) { out += index.name + ": " + extent(index.extent); };
  size_t next = 0, results = std::min(size_t(std::max(stage.numResultIndices, 0)), stage.indices.size());
  out += " [";
  for (size_t a = 0; a < stage.axes.size(); ++a) {
    out += a ? ", " : "";
    bool isGroup = stage.axes[a] != 1;
    out += isGroup ? "(" : "";
    for (int32_t i = 0; i < stage.axes[a] && next < results; ++i) {
      out += i ? ", " : "";
      printIndex(stage.indices[next++]);
    }
    out += isGroup ? ")" : "";
  }
  if (next < stage.indices.size()) {
    out += next ? " | " : "| ";
    for (size_t i = next; i < stage.indices.size(); ++i) {
      out += i > next ? ", " : "";
      printIndex(stage.indices[i]);
    }
  }
  out += "]";
}

/// Numbers the nodes of a stage that are used several times, operands first, and
/// prints each. Works on a list: a kernel that nobody checked may nest deeply.
void Printer::nameShared(const Stage &stage) {
  std::unordered_map<const Expr *, int> uses;
  std::vector<ExprRef> order;
  std::vector<std::pair<ExprRef, size_t>> path;
  auto visit = [&](const ExprRef &root) {
    auto enter = [&](const ExprRef &expr) {
      if (expr && uses[expr.get()]++ == 0)
        path.emplace_back(expr, 0);
    };
    enter(root);
    while (!path.empty()) {
      auto &[expr, next] = path.back();
      if (next < expr->args.size()) {
        enter(ExprRef(expr->args[next++]));
        continue;
      }
      order.push_back(expr);
      path.pop_back();
    }
  };
  visit(stage.condition);
  for (const ExprRef &at : stage.position)
    visit(at);
  for (const ExprRef &value : stage.values)
    visit(value);
  shared.clear();
  for (const ExprRef &expr : order) {
    if (uses[expr.get()] < 2 || expr->args.empty())
      continue;
    out += "    $" + std::to_string(shared.size()) + " = ";
    printNode(*expr, kWeakest);
    out += "\n";
    shared.emplace(expr.get(), int(shared.size()));
  }
}

void Printer::printStage(const Stage &current) {
  stage = &current;
  out += "  " + std::string(wordOf(kKindNames, current.kind)) + " ";
  if (current.combiner != Combiner::None)
    out += std::string(wordOf(kCombinerNames, current.combiner)) + " ";
  out += current.name;
  printSpace(current);
  if (!current.along.empty()) {
    out += " along [";
    for (size_t i = 0; i < current.along.size(); ++i)
      out += (i ? ", " : "") + nameAt(current.indices, current.along[i]);
    out += "]";
  }
  if (current.base >= 0)
    out += " over " + nameAt(kernel.tensors, current.base);
  out += " -> ";
  for (size_t r = 0; r < current.results.size(); ++r)
    out += (r ? ", " : "") + nameAt(kernel.tensors, current.results[r]);
  out += " {\n";
  nameShared(current);
  if (current.condition) {
    out += "    where ";
    printExpr(current.condition, kWeakest);
    out += "\n";
  }
  if (!current.position.empty()) {
    out += "    at [";
    printList(current.position);
    out += "]\n";
  }
  for (const ExprRef &value : current.values) {
    out += "    value ";
    printExpr(value, kWeakest);
    out += "\n";
  }
  out += "  }\n";
}

void Printer::printList(const std::vector<ExprRef> &exprs) {
  for (size_t i = 0; i < exprs.size(); ++i) {
    out += i ? ", " : "";
    printExpr(exprs[i], kWeakest);
  }
}

/// `strength`: what is weaker needs parentheses here.
void Printer::printExpr(const ExprRef &expr, int strength) {
  if (!expr)
    out += "?";
  else if (auto it = shared.find(expr.get()); it != shared.end())
    out += "$" + std::to_string(it->second);
  else
    printNode(*expr, strength);
}

void Printer::printNode(const Expr &expr, int strength) {
  if (expr.op == Op::Const)
    return printConst(expr);
  const OpName &name = nameOf(expr.op);
  bool isWhole = expr.op == Op::Read ? expr.ref >= 0 && size_t(expr.ref) < kernel.tensors.size()
                                     : int(expr.args.size()) == name.numOperands;
  for (const ExprRef &arg : expr.args)
    isWhole = isWhole && arg;
  bool hasType = expr.op != Op::Cast && isWhole && expr.type != usualType(kernel, expr);
  bool isOperator = name.strength && isWhole;
  bool parenthesized = isOperator && (hasType || name.strength < strength);
  out += parenthesized ? "(" : "";
  if (expr.op == Op::Index) {
    out += nameAt(stage->indices, expr.ref);
  } else if (expr.op == Op::Size) {
    out += "size(" + nameAt(kernel.sizes, expr.ref) + ")";
  } else if (expr.op == Op::Read) {
    out += nameAt(kernel.tensors, expr.ref) + (expr.guarded ? "?[" : "[");
    printList(expr.args);
    out += "]";
  } else if (isOperator && name.strength == kPrefix) {
    out += name.text;
    out += expr.op == Op::Not ? " " : "";
    // A minus before a number is part of the number.
    bool isNumber = expr.op == Op::Neg && expr.args[0]->op == Op::Const;
    out += isNumber ? "(" : "";
    printExpr(expr.args[0], kPrefix);
    out += isNumber ? ")" : "";
  } else if (isOperator) {
    // Comparisons are not written in a row, though they would be read.
    printExpr(expr.args[0], name.strength + (name.strength == nameOf(Op::Lt).strength));
    out += " " + std::string(name.text) + " ";
    printExpr(expr.args[1], name.strength + 1);
  } else {
    out += expr.op == Op::Cast ? nameOf(expr.type) : name.text;
    out += "(";
    printList(expr.args);
    out += ")";
  }
  out += parenthesized ? ")" : "";
  if (hasType)
    out += ":" + std::string(nameOf(expr.type));
}

/// The shortest decimal that gives the number back; in hexadecimal if it is not
/// one of its type.
std::string printReal(double number, Type type) {
  if (std::isnan(number))
    return "nan()";
  if (std::isinf(number))
    return number < 0 ? "-inf" : "inf";
  char digits[40];
  std::to_chars_result end;
  if (type == Type::F64)
    end = std::to_chars(digits, std::end(digits), number);
  else if (double(float(number)) == number)
    end = std::to_chars(digits, std::end(digits), float(number));
  else {
    end = std::to_chars(digits, std::end(digits), std::fabs(number), std::chars_format::hex);
    return (number < 0 ? "-0x" : "0x") + std::string(digits, end.ptr);
  }
  std::string text(digits, end.ptr);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

void Printer::printConst(const Expr &expr) {
  if (expr.type == Type::Bool) {
    out += expr.integer ? "true" : "false";
    return;
  }
  out += isFloat(expr.type) ? printReal(expr.number, expr.type) : std::to_string(expr.integer);
  if (expr.type != Type::I32 && expr.type != Type::F32)
    out += ":" + std::string(nameOf(expr.type));
}

} // namespace

std::string print(const Kernel &kernel) { return Printer(kernel).run(); }

} // namespace heddle::kernels
