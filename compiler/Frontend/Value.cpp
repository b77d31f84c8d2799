//===- Value.cpp - Static values and their arithmetic ---------------------===//

#include "compiler/Frontend/Value.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

namespace heddle::frontend {

Value Value::integer(Dim dim) {
  Value value;
  value.kind = Int;
  value.dim = dim;
  return value;
}
Value Value::number(double real) {
  Value value;
  value.kind = Real;
  value.real = real;
  return value;
}
Value Value::boolean(bool flag) {
  Value value;
  value.kind = Flag;
  value.flag = flag;
  return value;
}
Value Value::string(std::string text) {
  Value value;
  value.kind = String;
  value.text = std::move(text);
  return value;
}
Value Value::list(std::vector<Value> items) {
  Value value;
  value.kind = List;
  value.items = std::move(items);
  return value;
}
Value Value::expr(NodeRef node, std::vector<IndexRef> axes) {
  Value value;
  value.kind = Expr;
  value.node = std::move(node);
  value.axes = std::move(axes);
  return value;
}
Value Value::whole(TensorRef tensor) {
  Value value;
  value.kind = Whole;
  value.tensor = std::move(tensor);
  return value;
}
Value Value::tuple(std::vector<Value> items) {
  Value value;
  value.kind = Tuple;
  value.items = std::move(items);
  return value;
}
Value Value::nothing() {
  Value value;
  value.kind = Nothing;
  return value;
}

std::string describeType(Element element, llvm::ArrayRef<Dim> shape) {
  std::string text = spelling(element).str();
  if (shape.empty())
    return text;
  text += "[";
  for (auto [i, dim] : llvm::enumerate(shape)) {
    if (i)
      text += ", ";
    text += dim.isValid() ? dim.str() : "?";
  }
  return text + "]";
}

std::string realText(double real) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.6g", real);
  return text;
}

std::string describe(const Value &value) {
  switch (value.kind) {
  case Value::Poison:  return "an erroneous value";
  case Value::Int:     return "the integer " + value.dim.str();
  case Value::Real:    return "the number " + realText(value.real);
  case Value::Flag:    return value.flag ? "true" : "false";
  case Value::String:  return "the text \"" + value.text + "\"";
  case Value::List:    return "a list";
  case Value::Whole:   return describeType(value.tensor->element, value.tensor->shape);
  case Value::Tuple:   return std::to_string(value.items.size()) + " values";
  case Value::Nothing: return "nothing";
  case Value::Expr: {
    std::string text = spelling(value.node->type).str();
    if (value.axes.empty())
      return text;
    text += "[";
    for (auto [i, index] : llvm::enumerate(value.axes)) {
      Dim extent = resolve(index)->extent;
      text += (i ? ", " : "") + (extent.isValid() ? extent.str() : std::string("?"));
    }
    return text + "]";
  }
  }
  return "";
}

static double asReal(const Value &value, const DimContext &dims) {
  return value.kind == Value::Real ? value.real : double(*dims.value(value.dim));
}

static std::optional<Value> compareReals(NodeOp op, double a, double b) {
  switch (op) {
  case NodeOp::Lt: return Value::boolean(a < b);
  case NodeOp::Le: return Value::boolean(a <= b);
  case NodeOp::Gt: return Value::boolean(a > b);
  case NodeOp::Ge: return Value::boolean(a >= b);
  case NodeOp::Eq: return Value::boolean(a == b);
  case NodeOp::Ne: return Value::boolean(a != b);
  default: return std::nullopt;
  }
}

static std::optional<Value> integers(NodeOp op, Dim a, Dim b, const DimContext &dims,
                                     std::string &error) {
  auto ca = dims.value(a), cb = dims.value(b);
  auto checked = [&](Dim dim) -> std::optional<Value> {
    // With the values of its names too: E * E of a large E.
    if (dims.resolve(dim).isValid())
      return Value::integer(dim);
    error = "the integer is too large";
    return std::nullopt;
  };
  switch (op) {
  case NodeOp::Add: return checked(a + b);
  case NodeOp::Sub: return checked(a - b);
  case NodeOp::Mul: return checked(a * b);
  case NodeOp::Min: return ca && cb ? checked(*ca <= *cb ? a : b) : checked(Dim::min(a, b));
  case NodeOp::Max: return ca && cb ? checked(*ca >= *cb ? a : b) : checked(Dim::max(a, b));
  case NodeOp::FloorDiv:
  case NodeOp::Mod: {
    if (!dims.proveNonNegative(b - 1)) {
      error = "the divisor " + dims.describe(b) + " is not known to be positive";
      return std::nullopt;
    }
    if (ca && cb) {
      int64_t q = llvm::divideFloorSigned(*ca, *cb);
      return checked(Dim::constant(op == NodeOp::FloorDiv ? q : *ca - q * *cb));
    }
    Dim x = dims.resolve(a), y = dims.resolve(b);
    return checked(op == NodeOp::FloorDiv ? Dim::floorDiv(x, y) : Dim::mod(x, y));
  }
  case NodeOp::Div:
    if (std::optional<Dim> exact = Dim::divideExactly(a, b))
      return Value::integer(*exact);
    if (ca && cb) {
      if (*cb == 0) {
        error = dims.describe(a) + " is divided by 0";
        return std::nullopt;
      }
      if (*ca % *cb == 0)
        return Value::integer(Dim::constant(*ca / *cb));
      return Value::number(double(*ca) / double(*cb));
    }
    // A fact may say that it divides: where M % W == 0.
    if (dims.proveNonNegative(b - 1)) {
      Dim x = dims.resolve(a), y = dims.resolve(b);
      if (dims.value(Dim::mod(x, y)) == 0)
        return checked(Dim::floorDiv(x, y));
    }
    return std::nullopt; // a quotient at run time
  case NodeOp::Pow: {
    if (!ca || !cb) {
      if (cb && *cb >= 0 && *cb <= 8) {
        Dim power = Dim::constant(1);
        for (int64_t i = 0; i < *cb; ++i)
          power = power * a;
        return checked(power);
      }
      return std::nullopt;
    }
    if (*cb < 0)
      return Value::number(std::pow(double(*ca), double(*cb)));
    Dim power = Dim::constant(1), base = Dim::constant(*ca);
    if (*ca == 0 || *ca == 1)
      return Value::integer(*cb == 0 ? power : base);
    if (*ca == -1)
      return Value::integer(*cb % 2 ? base : power);
    for (int64_t i = 0; i < *cb && power.isValid(); ++i)
      power = power * base;
    return checked(power);
  }
  case NodeOp::Lt: case NodeOp::Le: case NodeOp::Gt: case NodeOp::Ge:
  case NodeOp::Eq: case NodeOp::Ne: {
    // Decided where the difference has one sign for all values.
    Dim d = dims.resolve(b - a);
    auto atLeast = [&](Dim dim, int64_t least) { return dims.proveNonNegative(dim - least); };
    bool less = atLeast(d, 1), lessEqual = atLeast(d, 0);
    bool greater = atLeast(-d, 1), greaterEqual = atLeast(-d, 0);
    bool equal = d.isConstant(0);
    auto decide = [&](bool yes, bool no) -> std::optional<Value> {
      if (yes) return Value::boolean(true);
      if (no) return Value::boolean(false);
      return std::nullopt;
    };
    switch (op) {
    case NodeOp::Lt: return decide(less, greaterEqual);
    case NodeOp::Le: return decide(lessEqual, greater);
    case NodeOp::Gt: return decide(greater, lessEqual);
    case NodeOp::Ge: return decide(greaterEqual, less);
    case NodeOp::Eq: return decide(equal, less || greater);
    default:         return decide(less || greater, equal);
    }
  }
  default: return std::nullopt;
  }
}

std::optional<Value> staticBinary(NodeOp op, const Value &a, const Value &b,
                                  const DimContext &dims, std::string &error) {
  if (a.kind == Value::Flag && b.kind == Value::Flag) {
    switch (op) {
    case NodeOp::And: return Value::boolean(a.flag && b.flag);
    case NodeOp::Or:  return Value::boolean(a.flag || b.flag);
    case NodeOp::Eq:  return Value::boolean(a.flag == b.flag);
    case NodeOp::Ne:  return Value::boolean(a.flag != b.flag);
    default: return std::nullopt;
    }
  }
  if (a.kind == Value::String && b.kind == Value::String) {
    if (op == NodeOp::Eq) return Value::boolean(a.text == b.text);
    if (op == NodeOp::Ne) return Value::boolean(a.text != b.text);
    return std::nullopt;
  }
  if (!a.isNumber() || !b.isNumber())
    return std::nullopt;
  if (a.kind == Value::Int && b.kind == Value::Int)
    return integers(op, a.dim, b.dim, dims, error);
  if ((a.kind == Value::Int && !dims.value(a.dim)) || (b.kind == Value::Int && !dims.value(b.dim)))
    return std::nullopt; // known at run time
  double x = asReal(a, dims), y = asReal(b, dims);
  switch (op) {
  case NodeOp::Add: return Value::number(x + y);
  case NodeOp::Sub: return Value::number(x - y);
  case NodeOp::Mul: return Value::number(x * y);
  case NodeOp::Div: return Value::number(x / y);
  case NodeOp::Pow: return Value::number(std::pow(x, y));
  case NodeOp::Min: return Value::number(std::min(x, y));
  case NodeOp::Max: return Value::number(std::max(x, y));
  case NodeOp::FloorDiv: return Value::number(std::floor(x / y));
  case NodeOp::Mod: return Value::number(x - std::floor(x / y) * y);
  default: return compareReals(op, x, y);
  }
}

std::optional<Value> staticUnary(NodeOp op, const Value &a, std::string &error) {
  if (op == NodeOp::Not)
    return a.kind == Value::Flag ? std::optional<Value>(Value::boolean(!a.flag)) : std::nullopt;
  if (a.kind == Value::Int && (op == NodeOp::Neg || a.dim.isConstant())) {
    if (op == NodeOp::Neg)
      return Value::integer(-a.dim);
    if (op == NodeOp::Abs)
      return Value::integer(Dim::constant(std::abs(a.dim.getConstant())));
  }
  if (!a.isNumber() || (a.kind == Value::Int && !a.dim.isConstant()))
    return std::nullopt;
  double x = a.kind == Value::Real ? a.real : double(a.dim.getConstant());
  switch (op) {
  case NodeOp::Neg:   return Value::number(-x);
  case NodeOp::Abs:   return Value::number(std::fabs(x));
  case NodeOp::Exp:   return Value::number(std::exp(x));
  case NodeOp::Log:   return Value::number(std::log(x));
  case NodeOp::Sqrt:  return Value::number(std::sqrt(x));
  case NodeOp::Rsqrt: return Value::number(1 / std::sqrt(x));
  case NodeOp::Sin:   return Value::number(std::sin(x));
  case NodeOp::Cos:   return Value::number(std::cos(x));
  case NodeOp::Tanh:  return Value::number(std::tanh(x));
  case NodeOp::Erf:   return Value::number(std::erf(x));
  case NodeOp::Floor: return Value::number(std::floor(x));
  case NodeOp::Ceil:  return Value::number(std::ceil(x));
  case NodeOp::Round: return Value::number(std::nearbyint(x));
  case NodeOp::IsNan: return Value::boolean(std::isnan(x));
  default: return std::nullopt;
  }
}

} // namespace heddle::frontend
