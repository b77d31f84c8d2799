//===- Scalar.cpp - Scalar functions of kernels ---------------------------===//
//
// Halide calls libm for tanh, sin and cos, one lane at a time and with bits that
// follow the user's libc; here they are polynomials (coefficients of the Cephes
// library, Moshier 1989, and fitted here). What would be magnified - the argument of
// sin and cos, the logarithm in pow - is computed in double.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Scalar.h"

#include <limits>

namespace heddle::kernels {

using namespace Halide;
using HExpr = Halide::Expr;
using Halide::Internal::make_zero;

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

/// Without F16C Halide rounds by its own, which makes an infinity of a NaN.
static HExpr toHalf(HExpr value) {
  HExpr bits = reinterpret<uint16_t>(cast(Float(16), value));
  return reinterpret(Float(16), select(is_nan(value), cast<uint16_t>(0x7e00), bits));
}

HExpr narrow(HExpr value, Type stored) {
  if (stored == Type::Bool)
    return select(value, cast<uint8_t>(1), cast<uint8_t>(0));
  if (stored == Type::F16)
    return toHalf(value);
  return cast(memoryType(stored), value);
}

/// Halide's own is computed in fast arithmetic whatever stands around it: 4e-6
/// from the truth without FMA, and 0 for a NaN. Here ln 2 is in two parts, and the
/// power of two in two halves, so that results too small to be normal come out too.
static HExpr expOf(HExpr x) {
  HExpr in = clamp(x, -104.0f, 89.0f);
  // The nearest whole number: in the last bits of a sum with 1.5 * 2^23.
  HExpr shifted = in * 1.44269504088896341f + 12582912.0f, k = shifted - 12582912.0f;
  HExpr r = (in - k * 0.693359375f) - k * -2.12194440e-4f;
  HExpr p = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f) * r +
             1.6666665459e-1f) * r + 5.0000001201e-1f;
  HExpr y = p * (r * r) + r + 1.0f;
  // Without a sign, since Halide folds constants and takes no overflow of the others.
  HExpr power = reinterpret<uint32_t>(shifted) - 0x4b400000, half = cast<uint32_t>(reinterpret<int32_t>(power) >> 1);
  HExpr scaled = y * reinterpret<float>((half + 127) << 23) * reinterpret<float>((power - half + 127) << 23);
  return select(is_nan(x), x, scaled);
}

static HExpr tanhOf(HExpr x) {
  // Far out the exponential saturates; near 0 it would cancel.
  HExpr a = abs(x);
  HExpr e = expOf(min(a, 20.0f) * 2.0f);
  HExpr large = 1.0f - 2.0f / (e + 1.0f);
  HExpr z = x * x;
  HExpr p = ((((-5.70498872745e-3f * z + 2.06390887954e-2f) * z - 5.37397155531e-2f) * z + 1.33314422036e-1f) * z -
            3.33332819422e-1f) * z * x + x;
  return select(a < 0.625f || is_nan(x), p, select(x < 0, -large, large));
}

/// Bits of infinity and of a NaN, which a constant may not be folded away from.
static HExpr infinite() { return reinterpret<float>(HExpr(int32_t(0x7f800000))); }
static HExpr zero() { return reinterpret<float>(HExpr(int32_t(0))); }
static HExpr notANumber() { return reinterpret<float>(HExpr(int32_t(0x7fc00000))); }

/// Coefficients for erf(x) / x - 1 by x^2 and -log(erfc a) / a - 1 by a: least
/// squares over [0, 0.925] and [0.9, 4]. Past 4 the result rounds to 1.
static HExpr erfOf(HExpr x) {
  HExpr a = min(abs(x), 4.0f), z = a * a;
  HExpr near = (((((8.390705625e-5f * z - 8.149053319e-4f) * z + 5.201768596e-3f) * z - 2.685979940e-2f) * z +
                 1.128370538e-1f) * z - 3.761263490e-1f) * z + 1.283791661e-1f;
  HExpr far = (((((1.110723679e-5f * a - 3.212322772e-4f) * a + 3.634755267e-3f) * a - 2.374307998e-2f) * a +
                1.062118559e-1f) * a + 6.351681351e-1f) * a + 1.286439449e-1f;
  HExpr tail = 1.0f - expOf(-(far * a + a));
  return select(is_nan(x), x, a < 0.921875f, near * x + x, x < 0.0f, -tail, tail);
}

/// log of 2^k m with m in [sqrt(1/2), sqrt(2)), for an argument above 0 in double:
/// 2 atanh((m - 1) / (m + 1)) as a series, 1e-13 from the truth.
static HExpr logOf(HExpr x) {
  HExpr bits = reinterpret<int64_t>(x);
  HExpr shifted = bits - cast<int64_t>(0x3fe6a09e) * (cast<int64_t>(1) << 32);
  HExpr k = cast<int32_t>(shifted >> 52);
  HExpr m = reinterpret<double>(bits - (cast<int64_t>(k) << 52));
  HExpr f = (m - HExpr(1.0)) / (m + HExpr(1.0)), z = f * f;
  HExpr p = HExpr(1.0 / 13);
  for (int n : {11, 9, 7, 5, 3})
    p = p * z + HExpr(1.0 / n);
  return cast<double>(k) * HExpr(0.693147180559945309) + HExpr(2.0) * (p * z * f + f);
}

static HExpr logF32(HExpr x) {
  HExpr value = cast<float>(logOf(cast<double>(x)));
  return select(is_nan(x) || x == infinite(), x, x == 0.0f, -infinite(), x < 0.0f, notANumber(), value);
}

/// In double, since the error of b log a is magnified by its own size.
static HExpr powF32(HExpr a, HExpr b) {
  HExpr size = abs(a);
  HExpr y = cast<double>(b) * logOf(cast<double>(size));
  // A product past the range of a float; 0 times infinity is taken apart below.
  y = clamp(select(y != y, cast<double>(0.0f), y), HExpr(-150.0), HExpr(150.0));
  HExpr k = floor(y * HExpr(1.44269504088896341) + HExpr(0.5));
  HExpr r = y - k * HExpr(0.693147180559945309), p = HExpr(1.0);
  for (int n = 10; n > 0; --n)
    p = p * r * HExpr(1.0 / n) + HExpr(1.0);
  HExpr scale = reinterpret<double>((cast<int64_t>(k) + cast<int64_t>(1023)) << 52);
  HExpr value = cast<float>(p * scale);
  HExpr whole = floor(b) == b, half = b * 0.5f, odd = whole && floor(half) != half;
  HExpr zero = a == 0.0f || size == infinite();
  // What grows without bound: 0 to a negative power, infinity to a positive one.
  value = select(zero, select((size == 0.0f) == (b < 0.0f), infinite(), 0.0f), value);
  HExpr grows = (size > 1.0f) == (b > 0.0f);
  value = select(!zero && abs(b) == infinite(), select(size == 1.0f, 1.0f, grows, infinite(), 0.0f), value);
  HExpr negative = (reinterpret<int32_t>(a) < 0) && odd;
  value = select(negative, -value, value);
  value = select(a < 0.0f && !whole && size != infinite(), notANumber(), value);
  return select(b == 0.0f || a == 1.0f, 1.0f, is_nan(a) || is_nan(b), a + b, value);
}

/// sin or cos: the argument is reduced in double, where pi/2 in two parts leaves
/// nothing of note up to 1e9; what is larger stays within [-1, 1].
static HExpr sinOrCos(HExpr x, bool isCos) {
  HExpr a = cast<double>(abs(x));
  HExpr q = floor(a * HExpr(0.636619772367581343) + HExpr(0.5));
  HExpr wide = (a - q * HExpr(1.57079632679489656)) - q * HExpr(6.12323399573676604e-17);
  HExpr r = clamp(cast<float>(wide), -0.7853982f, 0.7853982f), z = r * r;
  HExpr quarter = cast<int32_t>(q - HExpr(4.0) * floor(q * HExpr(0.25))) + (isCos ? 1 : 0);
  HExpr sine = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
  HExpr cosine = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
  HExpr value = select((quarter & 1) == 0, sine, cosine);
  value = select((quarter & 2) == 0, value, -value);
  value = isCos ? value : select(x < 0.0f, -value, value);
  return select(is_nan(x) || abs(x) == infinite(), notANumber(), value);
}

/// Truncates toward zero and saturates, NaN gives 0; of an integer the low bits.
static HExpr toInteger(HExpr value, Halide::Type to) {
  if (!value.type().is_float())
    return cast(to, value);
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
  case Op::Exp: return to.bits() == 32 ? expOf(a) : exp(a);
  case Op::Log: // Halide's own loses a NaN.
    return to.bits() == 32 ? logF32(a) : select(is_nan(a), a, log(a));
  case Op::Sqrt: return sqrt(a);
  case Op::Rsqrt: return 1.0f / sqrt(a);
  case Op::Sin: return sinOrCos(a, false);
  case Op::Cos: return sinOrCos(a, true);
  case Op::Tanh: return tanhOf(a);
  case Op::Erf: return erfOf(a);
  case Op::Floor: return floor(a);
  case Op::Ceil: return ceil(a);
  case Op::Round: return round(a);
  case Op::IsNan: return is_nan(a);
  case Op::Cast:
    if (type == Type::F16 && real)
      return cast<float>(toHalf(a));
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
  // Halide refuses a division by the constant 0, which has a value in floating point.
  case Op::Div: return a / (real && Internal::is_const_zero(b) ? zero() : b);
  case Op::FloorDiv: return a / b;
  case Op::Mod: return a % b;
  case Op::Pow:
    if (to.bits() == 32 && real)
      return powF32(a, b);
    return select(is_nan(a) || is_nan(b), a + b, pow(a, b));
  case Op::Min: return min(a, b);
  case Op::Max: return max(a, b);
  case Op::And: return a && b;
  case Op::Or: return a || b;
  case Op::Lt: return a < b;
  // Halide takes a <= b for !(b < a), which is true of a NaN.
  case Op::Le: return real ? a < b || a == b : a <= b;
  case Op::Gt: return a > b;
  case Op::Ge: return real ? b < a || a == b : a >= b;
  case Op::Eq: return a == b;
  case Op::Ne: return a != b;
  case Op::Select: return select(a, b, args[2]);
  default: break;
  }
  throw std::runtime_error("an operation without a meaning");
}

HExpr strict(HExpr value) { return strict_float(Internal::common_subexpression_elimination(value)); }

HExpr applyWrapping(Op op, Type type, const std::vector<HExpr> &args) {
  Halide::Type is = args[0].type(), whole = is.with_code(Halide::Type::UInt);
  auto natural = [&](const HExpr &e) { return reinterpret(whole, e); };
  switch (op) {
  case Op::Neg: return reinterpret(is, make_zero(whole) - natural(args[0]));
  case Op::Abs: return select(args[0] < 0, reinterpret(is, make_zero(whole) - natural(args[0])), args[0]);
  case Op::Add: return reinterpret(is, natural(args[0]) + natural(args[1]));
  case Op::Sub: return reinterpret(is, natural(args[0]) - natural(args[1]));
  case Op::Mul: return reinterpret(is, natural(args[0]) * natural(args[1]));
  default: return apply(op, type, args);
  }
}

} // namespace heddle::kernels
