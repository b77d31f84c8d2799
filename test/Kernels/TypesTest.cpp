//===- TypesTest.cpp - Narrow elements and casts of compiled kernels ------===//
//
// One map each, over values at and around every edge: reads widen exactly, stores
// of floats round to nearest even, casts of floats to integers truncate and saturate.
//
//   heddle-kernel-types-test ISA
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelText.h"
#include "test/Kernels/Loaded.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <stdexcept>

using namespace heddle::kernels;

namespace {

/// Rounds to `bits` of significand, ties to even, with exponents from `least`; what
/// rounds to 2^`end` or more is infinite. In double, where all of it is exact.
double rounded(double x, int bits, int least, int end) {
  if (!std::isfinite(x) || x == 0)
    return x;
  double unit = std::ldexp(1.0, std::max(std::ilogb(x), least) - bits + 1);
  double result = std::nearbyint(x / unit) * unit;
  return std::fabs(result) >= std::ldexp(1.0, end) ? std::copysign(INFINITY, x) : std::copysign(result, x);
}
double toF16(double x) { return rounded(x, 11, -14, 16); }
double toBF16(double x) { return rounded(x, 8, -126, 128); }

double saturated(double x, double least, double most) {
  return std::isnan(x) ? 0 : std::trunc(std::fmin(std::fmax(x, least), most));
}

/// Of each exponent of f32: what is halfway between numbers of the narrow types,
/// and its neighbours; then what casts to integers meet.
std::vector<double> reals() {
  std::vector<double> all{0.0, -0.0, INFINITY, -INFINITY, std::nan("")};
  for (int exponent = -149; exponent < 128; ++exponent)
    for (int fraction : {0, 1, 2, 3, 7, 8, 9, 16, 24, 0x7ff, 0x3ff, 0xfff})
      for (double below : {0.0, 0x1p-8, 0x1p-9, 0x1p-11, 0x1p-12, 0x1p-13, 0x1p-22})
        for (double sign : {1.0, -1.0})
          all.push_back(double(float(sign * std::ldexp(1.0 + fraction * 0x1p-12 + below, exponent))));
  for (double edge : {0.5, 1.0, 127.0, 128.0, 255.0, 256.0, 2147483648.0, 9223372036854775808.0})
    for (double off : {-1.0, -0.5, 0.0, 0.5, 0.99, 1.0})
      for (double sign : {1.0, -1.0})
        all.push_back(double(float(sign * (edge + off))));
  return all;
}

std::vector<double> wholes() {
  std::vector<double> all;
  for (double edge : {0.0, 127.0, 128.0, 255.0, 256.0, 32768.0, 2147483647.0})
    for (double off : {-1.0, 0.0, 1.0})
      for (double sign : {1.0, -1.0})
        if (double n = sign * (edge + off); n >= INT32_MIN && n <= INT32_MAX)
          all.push_back(n);
  return all;
}

template <double (*Round)(double)> std::vector<double> narrow() {
  std::vector<double> all;
  for (double x : reals())
    all.push_back(Round(x));
  return all;
}

struct Case {
  const char *name, *from, *value, *to;
  std::vector<double> inputs;
  std::function<double(double)> want;
};

std::vector<Case> cases() {
  auto same = [](double x) { return x; };
  // Of a wider integer the low bits are kept.
  auto lowBits = [](double least, double count) {
    return [=](double x) { return x - count * std::floor((x - least) / count); };
  };
  auto clamp = [](double least, double most) { return [=](double x) { return saturated(x, least, most); }; };
  std::vector<double> bytes, flags{0, 1, 1, 0};
  for (int n = -128; n < 128; ++n)
    bytes.push_back(n);
  std::vector<double> unsignedBytes;
  for (int n = 0; n < 256; ++n)
    unsignedBytes.push_back(n);
  double least64 = -0x1p63, most64 = 0x1p63; // the greatest i64 is read as 2^63
  return {{"read_f16", "f16", "x[m]", "f32", narrow<toF16>(), same},
          {"read_bf16", "bf16", "x[m]", "f32", narrow<toBF16>(), same},
          {"read_i8", "i8", "x[m]", "i32", bytes, same},
          {"read_u8", "u8", "x[m]", "i32", unsignedBytes, same},
          {"read_bool", "bool", "f32(x[m])", "f32", flags, same},
          {"store_bool", "f32", "x[m] < 0.5", "bool", reals(), [](double x) { return x < 0.5; }},
          {"store_f16", "f32", "x[m]", "f16", reals(), toF16},
          {"store_bf16", "f32", "x[m]", "bf16", reals(), toBF16},
          {"store_i8", "i32", "i32(i8(x[m]))", "i8", wholes(), lowBits(-128, 256)},
          {"store_u8", "i32", "i32(u8(x[m]))", "u8", wholes(), lowBits(0, 256)},
          {"cast_f16", "f32", "f32(f16(x[m]))", "f32", reals(), toF16},
          {"cast_bf16", "f32", "f32(bf16(x[m]))", "f32", reals(), toBF16},
          {"cast_i8", "f32", "i32(i8(x[m]))", "i32", reals(), clamp(-128, 127)},
          {"cast_u8", "f32", "i32(u8(x[m]))", "i32", reals(), clamp(0, 255)},
          {"cast_i32", "f32", "i32(x[m])", "i32", reals(), clamp(INT32_MIN, INT32_MAX)},
          {"cast_i64", "f32", "i64(x[m])", "i64", reals(), clamp(least64, most64)},
          {"cast_i64_i32", "i64", "i32(x[m])", "i32", {-0x1p40, -2147483649.0, -1, 0, 2147483647.0, 2147483648.0, 0x1p40},
           lowBits(-2147483648.0, 4294967296.0)}};
}

bool check(const Case &c, const std::string &isa) {
  Kernel kernel;
  std::string error;
  if (!parse("kernel " + std::string(c.name) + " { size M in 0 .. 1000000 input x: " + c.from + "[M] output y: " + c.to +
                 "[M] map s [m: M] -> y { value " + c.value + " } }", kernel, error))
    throw std::runtime_error(error);
  Loaded loaded(kernel, isa);
  Values values{c.inputs, {}};
  loaded.run({int32_t(c.inputs.size())}, values);
  for (size_t n = 0; n < c.inputs.size(); ++n) {
    double got = values[1][n], want = c.want(c.inputs[n]);
    if (got == want ? std::signbit(got) == std::signbit(want) || want == 0 : std::isnan(got) && std::isnan(want))
      continue;
    std::printf("%s: WRONG: %.17g gives %.17g, not %.17g\n", c.name, c.inputs[n], got, want);
    return false;
  }
  std::printf("%s: right\n", c.name);
  return true;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2 || !isKnown({argv[1]})) {
    std::fprintf(stderr, "usage: heddle-kernel-types-test ISA\n");
    return 1;
  }
  int wrong = 0;
  for (const Case &c : cases())
    try {
      wrong += !check(c, argv[1]);
    } catch (const std::exception &e) {
      std::printf("%s: WRONG: %s\n", c.name, e.what());
      ++wrong;
    }
  std::printf("%d wrong\n", wrong);
  return wrong != 0;
}
