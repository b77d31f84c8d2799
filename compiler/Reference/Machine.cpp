//===- Machine.cpp - Runs scalar programs over lanes ----------------------===//

#include "compiler/Reference/Program.h"

#include "compiler/Reference/Accuracy.h"

#include <cmath>
#include <limits>

namespace heddle::reference {

Machine::Machine(const Program &program, llvm::ArrayRef<const Tensor *> tensors, bool bounds)
    : program(program), tensors(tensors.begin(), tensors.end()), bounds(bounds) {
  // Real and integer registers lie apart; a uniform one has a single lane.
  size_t numReal = 0, numInteger = 0;
  auto lanesOf = [&](int32_t reg) { return program.isUniform(reg) ? 1 : kLanes; };
  for (int32_t reg = 0; reg < program.numRegisters; ++reg)
    (program.isReal(reg) ? numReal : numInteger) += lanesOf(reg);
  reals.resize(numReal);
  integers.resize(numInteger);
  errors.resize(bounds ? numReal + numInteger : 0);
  offsets.resize(2 * kLanes);
  registers.resize(program.numRegisters);
  size_t real = 0, integer = 0, error = 0;
  for (int32_t reg = 0; reg < program.numRegisters; ++reg) {
    if (program.isReal(reg)) {
      registers[reg].real = reals.data() + real;
      real += lanesOf(reg);
    } else {
      registers[reg].integer = integers.data() + integer;
      integer += lanesOf(reg);
    }
    if (bounds) {
      registers[reg].error = errors.data() + error;
      error += lanesOf(reg);
    }
  }
}

void Machine::run(llvm::ArrayRef<int64_t> indices, int64_t begin, int count) {
  for (const Instruction &instruction : program.code)
    execute(instruction, indices, begin, instruction.uniform ? 1 : count);
}

void Machine::read(const Instruction &in, int count) {
  const Tensor &tensor = *tensors[in.tensor];
  Register to = registers[in.to];
  int64_t *offset = offsets.data();
  std::fill(offset, offset + count, 0);
  bool empty = tensor.count() == 0;
  for (auto [axis, reg] : llvm::enumerate(in.subscripts)) {
    int64_t extent = tensor.shape[axis];
    const int64_t *at = registers[reg].integer;
    int step = program.isUniform(reg) ? 0 : 1;
    for (int i = 0; i < count; ++i) {
      int64_t place = at[i * step];
      if (in.guarded)
        place = std::max<int64_t>(0, std::min(place, extent - 1));
      offset[i] = offset[i] * extent + place;
    }
  }
  if (empty) {
    if (in.real)
      std::fill(to.real, to.real + count, 0.0);
    else
      std::fill(to.integer, to.integer + count, 0);
    if (to.error)
      std::fill(to.error, to.error + count, 0.0);
    return;
  }
  if (in.real) {
    if (tensor.storage == Storage::F64) {
      const double *data = static_cast<const double *>(tensor.data());
      for (int i = 0; i < count; ++i)
        to.real[i] = data[offset[i]];
    } else if (tensor.storage == Storage::F32) {
      const char *data = static_cast<const char *>(tensor.data());
      for (int i = 0; i < count; ++i) {
        float value;
        __builtin_memcpy(&value, data + 4 * offset[i], 4);
        to.real[i] = value;
      }
    } else {
      for (int i = 0; i < count; ++i)
        to.real[i] = tensor.real(offset[i]);
    }
  } else {
    for (int i = 0; i < count; ++i)
      to.integer[i] = tensor.integer(offset[i]);
  }
  if (to.error)
    for (int i = 0; i < count; ++i)
      to.error[i] = tensor.error.empty() ? 0 : tensor.error[offset[i]];
}

namespace {

int64_t wrap(int64_t value, int32_t width) {
  if (width == 1)
    return value & 1;
  return width == 32 ? int64_t(int32_t(uint64_t(value))) : value;
}

int64_t floorDiv(int64_t a, int64_t b) {
  if (b == 0 || (a == INT64_MIN && b == -1))
    return 0;
  int64_t q = a / b;
  return q - ((a % b != 0) && ((a < 0) != (b < 0)));
}

int64_t integerPower(int64_t base, int64_t exponent) {
  if (exponent < 0)
    return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  uint64_t result = 1, factor = uint64_t(base);
  for (; exponent; exponent >>= 1, factor *= factor)
    if (exponent & 1)
      result *= factor;
  return int64_t(result);
}

double half(double x) { return roundToHalf(x); }
double bfloat(double x) { return roundToBFloat(x); }

} // namespace

void Machine::execute(const Instruction &in, llvm::ArrayRef<int64_t> indices,
                      int64_t begin, int count) {
  Register to = registers[in.to];
  Register a = in.a >= 0 ? registers[in.a] : Register();
  Register b = in.b >= 0 ? registers[in.b] : Register();
  Register c = in.c >= 0 ? registers[in.c] : Register();
  auto stepOf = [&](int32_t reg) { return reg >= 0 && !program.isUniform(reg) ? 1 : 0; };
  const int sa = stepOf(in.a), sb = stepOf(in.b), sc = stepOf(in.c);

  // result = value(i); its error = error(i) + the rounding of the operation.
  auto reals = [&](auto value) {
    for (int i = 0; i < count; ++i)
      to.real[i] = value(i);
  };
  // What is exact stays so, also where it is infinite; where the formula has no
  // value otherwise (0 times an unknown error), nothing is known. No bound is NaN:
  // comparisons with one would let everything pass.
  auto bound = [&](auto error, double ulps) {
    if (!to.error)
      return;
    for (int i = 0; i < count; ++i) {
      double e = error(i) + (std::isfinite(to.real[i]) ? ulps * 2 * kRounding * std::fabs(to.real[i]) : 0);
      if (std::isnan(e)) {
        bool exact = !(in.a >= 0 && a.error[i * sa] > 0) && !(in.b >= 0 && b.error[i * sb] > 0);
        e = exact ? 0 : std::numeric_limits<double>::infinity();
      }
      to.error[i] = e;
    }
  };
  // The same for a function whose values lie in -most .. most, whatever its argument.
  auto boundWithin = [&](double most, auto error, double ulps) {
    bound(error, ulps);
    if (to.error)
      for (int i = 0; i < count; ++i)
        to.error[i] = std::min(to.error[i], std::fabs(to.real[i]) + most * (1 + 2 * ulps * kRounding));
  };
  auto A = [&](int i) { return a.real[i * sa]; };
  auto B = [&](int i) { return b.real[i * sb]; };
  auto eA = [&](int i) { return a.error[i * sa]; };
  auto eB = [&](int i) { return b.error[i * sb]; };
  auto iA = [&](int i) { return a.integer[i * sa]; };
  auto iB = [&](int i) { return b.integer[i * sb]; };

  auto ints = [&](auto value) {
    for (int i = 0; i < count; ++i)
      to.integer[i] = wrap(value(i), in.width);
    if (to.error)
      for (int i = 0; i < count; ++i)
        to.error[i] = (in.a >= 0 ? eA(i) : 0) + (in.b >= 0 ? eB(i) : 0);
  };
  // A comparison of reals is decided by rounding where they are close.
  auto compare = [&](auto value) {
    for (int i = 0; i < count; ++i)
      to.integer[i] = value(A(i), B(i));
    if (to.error)
      for (int i = 0; i < count; ++i)
        to.error[i] = !(std::fabs(A(i) - B(i)) > eA(i) + eB(i)) && eA(i) + eB(i) > 0;
  };

  switch (in.code) {
  case Code::ConstReal:
    reals([&](int) { return in.number; });
    bound([](int) { return 0.0; }, 0);
    return;
  case Code::ConstInt:
    ints([&](int) { return in.integer; });
    return;
  case Code::Index:
    if (in.uniform)
      to.integer[0] = indices[in.integer];
    else
      for (int i = 0; i < count; ++i)
        to.integer[i] = begin + i;
    if (to.error)
      std::fill(to.error, to.error + count, 0.0);
    return;
  case Code::Read:
    return read(in, count);

  case Code::AddF:
    reals([&](int i) { return A(i) + B(i); });
    return bound([&](int i) { return eA(i) + eB(i); }, 0.5);
  case Code::SubF:
    reals([&](int i) { return A(i) - B(i); });
    return bound([&](int i) { return eA(i) + eB(i); }, 0.5);
  case Code::MulF:
    reals([&](int i) { return A(i) * B(i); });
    return bound([&](int i) {
      return std::fabs(A(i)) * eB(i) + std::fabs(B(i)) * eA(i) + eA(i) * eB(i);
    }, 0.5);
  case Code::DivF:
    reals([&](int i) { return A(i) / B(i); });
    return bound([&](int i) {
      double least = std::fabs(B(i)) - eB(i);
      if (least <= 0)
        return eA(i) + eB(i) > 0 ? std::numeric_limits<double>::infinity() : 0.0;
      return (eA(i) + std::fabs(to.real[i]) * eB(i)) / least;
    }, 0.5);
  case Code::NegF:
    reals([&](int i) { return -A(i); });
    return bound(eA, 0);
  case Code::AbsF:
    reals([&](int i) { return std::fabs(A(i)); });
    return bound(eA, 0);
  case Code::Exp:
    reals([&](int i) { return std::exp(A(i)); });
    return bound([&](int i) { return to.real[i] * std::expm1(eA(i)); }, accuracy::kExp);
  case Code::Log:
    reals([&](int i) { return std::log(A(i)); });
    return bound([&](int i) {
      double least = A(i) - eA(i);
      // The polynomial's error is relative to the result but for results near 0.
      return (least > 0 ? eA(i) / least : std::numeric_limits<double>::infinity()) + 2 * kRounding;
    }, accuracy::kLog);
  case Code::Sqrt:
    reals([&](int i) { return std::sqrt(A(i)); });
    return bound([&](int i) {
      double least = std::max(0.0, A(i) - eA(i));
      return std::sqrt(A(i) + eA(i)) - std::sqrt(least);
    }, 0.5);
  case Code::Rsqrt:
    reals([&](int i) { return 1 / std::sqrt(A(i)); });
    return bound([&](int i) {
      double least = A(i) - eA(i);
      return least > 0 ? 1 / std::sqrt(least) - to.real[i]
                       : std::numeric_limits<double>::infinity();
    }, 1.5);
  case Code::Sin:
    reals([&](int i) { return std::sin(A(i)); });
    return bound([&](int i) { return eA(i) + accuracy::kSinCosAbsolute; }, 0);
  case Code::Cos:
    reals([&](int i) { return std::cos(A(i)); });
    return bound([&](int i) { return eA(i) + accuracy::kSinCosAbsolute; }, 0);
  case Code::Tanh:
    reals([&](int i) { return std::tanh(A(i)); });
    return boundWithin(1, eA, accuracy::kTanh);
  case Code::Erf:
    reals([&](int i) { return std::erf(A(i)); });
    return boundWithin(1, [&](int i) { return 1.1283791670955126 * eA(i); }, accuracy::kErf);
  case Code::Floor:
  case Code::Ceil:
  case Code::RoundEven: {
    auto apply = [&](double x) {
      return in.code == Code::Floor ? std::floor(x) : in.code == Code::Ceil ? std::ceil(x) : std::nearbyint(x);
    };
    reals([&](int i) { return apply(A(i)); });
    return bound([&](int i) { return apply(A(i) + eA(i)) - apply(A(i) - eA(i)); }, 0);
  }
  case Code::PowF:
    reals([&](int i) { return std::pow(A(i), B(i)); });
    return bound([&](int i) {
      // d(a^b) = a^b (b da / a + log(a) db)
      double x = std::fabs(A(i));
      if (x == 0)
        return eA(i) == 0 && eB(i) == 0 ? 0.0 : std::numeric_limits<double>::infinity();
      double relative = (std::fabs(B(i)) * eA(i) / x + std::fabs(std::log(x)) * eB(i));
      return std::fabs(to.real[i]) * std::expm1(relative);
    }, accuracy::kPow);
  case Code::MinF:
    reals([&](int i) { return std::fmin(A(i), B(i)); });
    return bound([&](int i) { return std::max(eA(i), eB(i)); }, 0);
  case Code::MaxF:
    reals([&](int i) { return std::fmax(A(i), B(i)); });
    return bound([&](int i) { return std::max(eA(i), eB(i)); }, 0);
  case Code::Half:
    reals([&](int i) { return half(A(i)); });
    return bound([&](int i) { return eA(i) > 0 ? eA(i) + std::fabs(A(i)) * 0x1p-10 + 0x1p-24 : 0; }, 0);
  case Code::BFloat:
    reals([&](int i) { return bfloat(A(i)); });
    return bound([&](int i) { return eA(i) > 0 ? eA(i) + std::fabs(A(i)) * 0x1p-7 : 0; }, 0);

  case Code::LtF: return compare([](double x, double y) { return x < y; });
  case Code::LeF: return compare([](double x, double y) { return x <= y; });
  case Code::GtF: return compare([](double x, double y) { return x > y; });
  case Code::GeF: return compare([](double x, double y) { return x >= y; });
  case Code::EqF: return compare([](double x, double y) { return x == y; });
  case Code::NeF: return compare([](double x, double y) { return !(x == y); });
  case Code::OneF: return compare([](double x, double y) { return x < y || x > y; });
  case Code::IsNan:
    for (int i = 0; i < count; ++i) {
      to.integer[i] = std::isnan(A(i)) || std::isnan(B(i));
      // No finite error makes a NaN of a number.
      if (to.error)
        to.error[i] = !to.integer[i] && !std::isfinite(eA(i) + eB(i));
    }
    return;

  case Code::Add: return ints([&](int i) { return int64_t(uint64_t(iA(i)) + uint64_t(iB(i))); });
  case Code::Sub: return ints([&](int i) { return int64_t(uint64_t(iA(i)) - uint64_t(iB(i))); });
  case Code::Mul: return ints([&](int i) { return int64_t(uint64_t(iA(i)) * uint64_t(iB(i))); });
  case Code::FloorDiv: return ints([&](int i) { return floorDiv(iA(i), iB(i)); });
  case Code::Div: return ints([&](int i) {
      return iB(i) == 0 || (iB(i) == -1 && iA(i) == INT64_MIN) ? 0 : iA(i) / iB(i); });
  case Code::Rem: return ints([&](int i) { return iB(i) == 0 || iB(i) == -1 ? 0 : iA(i) % iB(i); });
  case Code::Pow: return ints([&](int i) { return integerPower(iA(i), iB(i)); });
  case Code::Min: return ints([&](int i) { return std::min(iA(i), iB(i)); });
  case Code::Max: return ints([&](int i) { return std::max(iA(i), iB(i)); });
  case Code::And: return ints([&](int i) { return iA(i) & iB(i); });
  case Code::Or:  return ints([&](int i) { return iA(i) | iB(i); });
  case Code::Xor: return ints([&](int i) { return iA(i) ^ iB(i); });
  case Code::Shl: return ints([&](int i) {
      return iB(i) < 0 || iB(i) > 63 ? 0 : int64_t(uint64_t(iA(i)) << iB(i)); });
  case Code::ShrS: return ints([&](int i) { return iA(i) >> std::min<int64_t>(63, std::max<int64_t>(0, iB(i))); });
  case Code::ShrU: return ints([&](int i) {
      uint64_t bits = in.width == 32 ? uint32_t(iA(i)) : uint64_t(iA(i));
      return iB(i) < 0 || iB(i) > 63 ? 0 : int64_t(bits >> iB(i)); });
  case Code::Lt: return ints([&](int i) { return int64_t(iA(i) < iB(i)); });
  case Code::Le: return ints([&](int i) { return int64_t(iA(i) <= iB(i)); });
  case Code::Gt: return ints([&](int i) { return int64_t(iA(i) > iB(i)); });
  case Code::Ge: return ints([&](int i) { return int64_t(iA(i) >= iB(i)); });
  case Code::Eq: return ints([&](int i) { return int64_t(iA(i) == iB(i)); });
  case Code::Ne: return ints([&](int i) { return int64_t(iA(i) != iB(i)); });
  case Code::ULt: return ints([&](int i) { return int64_t(uint64_t(iA(i)) < uint64_t(iB(i))); });
  case Code::ULe: return ints([&](int i) { return int64_t(uint64_t(iA(i)) <= uint64_t(iB(i))); });
  case Code::UGt: return ints([&](int i) { return int64_t(uint64_t(iA(i)) > uint64_t(iB(i))); });
  case Code::UGe: return ints([&](int i) { return int64_t(uint64_t(iA(i)) >= uint64_t(iB(i))); });

  case Code::SelectF:
    for (int i = 0; i < count; ++i) {
      double x = b.real[i * sb], y = c.real[i * sc];
      to.real[i] = a.integer[i * sa] ? x : y;
      if (to.error) {
        double chosen = a.integer[i * sa] ? b.error[i * sb] : c.error[i * sc];
        // An undecided condition may take the other side.
        to.error[i] = a.error[i * sa] > 0
                          ? std::fabs(x - y) + std::max(b.error[i * sb], c.error[i * sc])
                          : chosen;
      }
    }
    return;
  case Code::Select:
    for (int i = 0; i < count; ++i) {
      to.integer[i] = a.integer[i * sa] ? b.integer[i * sb] : c.integer[i * sc];
      if (to.error)
        to.error[i] = a.error[i * sa] + b.error[i * sb] + c.error[i * sc];
    }
    return;
  case Code::IntToReal:
    reals([&](int i) { return double(iA(i)); });
    return bound([&](int i) { return eA(i); }, 0.5);
  case Code::UIntToReal:
    reals([&](int i) { return double(uint64_t(iA(i))); });
    return bound([&](int i) { return eA(i); }, 0.5);
  case Code::RealToInt:
    for (int i = 0; i < count; ++i) {
      double x = A(i);
      to.integer[i] = std::isnan(x) ? 0 : x >= 0x1p63 ? INT64_MAX : x <= -0x1p63 ? INT64_MIN : int64_t(x);
      if (to.error)
        to.error[i] = std::trunc(x - eA(i)) != std::trunc(x + eA(i));
    }
    return;
  case Code::Wrap32: return ints([&](int i) { return iA(i); });
  case Code::ZeroExt32: return ints([&](int i) { return int64_t(uint32_t(iA(i))); });
  case Code::Bool: return ints([&](int i) { return int64_t(iA(i) != 0); });
  }
}

} // namespace heddle::reference
