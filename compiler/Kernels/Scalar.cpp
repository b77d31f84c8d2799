//===- Scalar.cpp - Scalar functions of kernels ---------------------------===//
//
// Halide calls libm for tanh, sin and cos, one lane at a time and with bits that
// follow the user's libc; here they are polynomials (coefficients of the Cephes
// library, Moshier 1989). exp, log and erf are Halide's own, inlined.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Scalar.h"

#include <limits>

namespace heddle::kernels {

using namespace Halide;
using HExpr = Halide::Expr;

Halide::Type memoryType(Type type) {
  switch (type) {
  case Type::Bool: return UInt(8);
  case Type::I8:   return Int(8);
  case Type::U8:   return UInt(8);
  case Type::I32:  return Int(32);
  case Type::I64:  return Int(64);
  case Type::F16:  return Float(16);
  case Type::BF16: return BFloat(16);
  case Type::F32:  return Float(32);
  case Type::F64:  return Float(64);
  }
  return Int(32);
}

Halide::Type scalarType(Type type) {
  switch (type) {
  case Type::Bool: return Halide::Bool();
  case Type::I8:
  case Type::U8:
  case Type::I32:  return Int(32);
  case Type::I64:  return Int(64);
  case Type::F64:  return Float(64);
  default:         return Float(32);
  }
}

HExpr widen(HExpr value, Type stored) {
  if (stored == Type::Bool)
    return value != 0;
  return cast(scalarType(stored), value);
}

HExpr narrow(HExpr value, Type stored) {
  if (stored == Type::Bool)
    return select(value, cast<uint8_t>(1), cast<uint8_t>(0));
  return cast(memoryType(stored), value);
}

static HExpr tanhOf(HExpr x) {
  // Far out the exponential saturates; near 0 it would cancel.
  HExpr a = abs(x);
  HExpr e = exp(min(a, 20.0f) * 2.0f);
  HExpr large = 1.0f - 2.0f / (e + 1.0f);
  HExpr z = x * x;
  HExpr p = ((((-5.70498872745e-3f * z + 2.06390887954e-2f) * z - 5.37397155531e-2f) * z + 1.33314422036e-1f) * z -
            3.33332819422e-1f) * z * x + x;
  return select(a < 0.625f, p, select(x < 0, -large, large));
}

/// sin (shift 0) or cos (shift 1): reduced to an eighth of a turn with pi/4 in
/// three parts.
static HExpr sinOrCos(HExpr x, bool isCos) {
  HExpr a = abs(x);
  HExpr octant = cast<int32_t>(min(a, 1.0e8f) * 1.27323954473516f);
  octant = (octant + 1) & ~1;
  HExpr y = cast<float>(octant);
  HExpr r = ((a - y * 0.78515625f) - y * 2.4187564849853515625e-4f) - y * 3.77489497744594108e-8f;
  HExpr z = r * r;
  HExpr sine = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
  HExpr cosine = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
  HExpr quarter = (octant >> 1) + (isCos ? 1 : 0);
  HExpr value = select((quarter & 1) == 0, sine, cosine);
  value = select((quarter & 2) == 0, value, -value);
  return isCos ? value : select(x < 0, -value, value);
}

/// Truncates toward zero and saturates; NaN gives 0.
static HExpr toInteger(HExpr value, Halide::Type to) {
  if (value.type().is_bool())
    return cast(to, value);
  if (!value.type().is_float())
    return value.type().bits() > to.bits() ? saturating_cast(to, value) : cast(to, value);
  return select(is_nan(value), cast(to, 0), saturating_cast(to, value));
}


HExpr apply(Op op, Type type, const std::vector<HExpr> &args) {
  Halide::Type to = scalarType(type);
  HExpr a = args[0], b = args.size() > 1 ? args[1] : HExpr();
  bool real = a.type().is_float();
  switch (op) {
  case Op::Neg: return -a;
  case Op::Not: return !a;
  case Op::Abs: return real ? abs(a) : max(a, -a);
  case Op::Exp: return exp(a);
  case Op::Log: return log(a);
  case Op::Sqrt: return sqrt(a);
  case Op::Rsqrt: return 1.0f / sqrt(a);
  case Op::Sin: return sinOrCos(a, false);
  case Op::Cos: return sinOrCos(a, true);
  case Op::Tanh: return tanhOf(a);
  case Op::Erf: return erf(a);
  case Op::Floor: return floor(a);
  case Op::Ceil: return ceil(a);
  case Op::Round: return round(a);
  case Op::IsNan: return is_nan(a);
  case Op::Cast:
    if (type == Type::F16 || type == Type::BF16)
      return cast<float>(cast(memoryType(type), a));
    if (type == Type::I8 || type == Type::U8)
      return cast<int32_t>(toInteger(a, memoryType(type)));
    if (type == Type::Bool)
      return a.type().is_bool() ? a : a != cast(a.type(), 0);
    return to.is_float() ? cast(to, a) : toInteger(a, to);
  // Index arithmetic stays plain, so that bounds can be inferred through it.
  case Op::Add: return a + b;
  case Op::Sub: return a - b;
  case Op::Mul: return a * b;
  case Op::Div: return a / b;
  case Op::FloorDiv: return a / b;
  case Op::Mod: return a % b;
  case Op::Pow:
    return pow(a, b);
  case Op::Min: return min(a, b);
  case Op::Max: return max(a, b);
  case Op::And: return a && b;
  case Op::Or: return a || b;
  case Op::Lt: return a < b;
  case Op::Le: return a <= b;
  case Op::Gt: return a > b;
  case Op::Ge: return a >= b;
  case Op::Eq: return a == b;
  case Op::Ne: return a != b;
  case Op::Select: return select(a, b, args[2]);
  default: break;
  }
  throw std::runtime_error("an operation without a meaning");
}

} // namespace heddle::kernels
