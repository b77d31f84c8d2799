//===- AccuracyTest.cpp - Scalar functions against Accuracy.h -------------===//
//
// Each f32 function is compiled as a kernel and called with arguments of every
// exponent, both signs, and what lies at the edges of its range. The result is
// compared with long double's, in units of the last place of the f32 nearest to it.
//
//   heddle-kernel-accuracy-test ISA
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelText.h"
#include "compiler/Reference/Accuracy.h"
#include "test/Kernels/Loaded.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

using namespace heddle::kernels;
namespace accuracy = heddle::reference::accuracy;

namespace {

float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// So many mantissas of each exponent, subnormal numbers among them, in both
/// signs; and the neighbours of points where functions change their formula.
std::vector<double> arguments(int mantissas) {
  std::vector<double> all;
  uint32_t state = 1;
  for (uint32_t exponent = 0; exponent < 255; ++exponent)
    for (int n = 0; n < mantissas; ++n) {
      state = state * 1664525u + 1013904223u;
      uint32_t fraction = n == 0 ? 0 : n == 1 ? 0x7fffff : state >> 9;
      for (uint32_t sign : {0u, 0x80000000u})
        all.push_back(floatOf(sign | exponent << 23 | fraction));
    }
  for (float edge : {0.5f, 0.625f, 0.70710678f, 0.78539816f, 0.921875f, 1.0f, 1.41421356f, 1.57079633f, 3.14159265f, 4.0f,
                     20.0f, 87.33654f, 88.72283f, 89.0f, 103.97208f, 104.0f, 1e5f})
    for (float sign : {1.0f, -1.0f})
      for (float towards : {0.0f, INFINITY})
        for (float at = edge; std::fabs(at - edge) < edge * 1e-6f; at = std::nextafter(at, towards))
          all.push_back(double(sign * at));
  for (double special : {0.0, -0.0, double(INFINITY), -double(INFINITY), std::nan("")})
    all.push_back(special);
  return all;
}

/// Units in the last place of the f32 nearest to `want`, subnormal ones too. The
/// greatest number and infinity are one unit apart.
double ulpsBetween(double got, long double want) {
  float nearest = float(want);
  if (std::isnan(want) || std::isnan(got))
    return std::isnan(want) && std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(nearest) || std::isinf(got)) {
    constexpr double great = 0.9999999 * std::numeric_limits<float>::max();
    return got == double(nearest) ? 0 : std::min(std::fabs(got), std::fabs(double(nearest))) > great ? 1 : INFINITY;
  }
  int exponent = nearest == 0 ? -126 : std::max(std::ilogb(nearest), -126);
  return double(std::fabs((long double)got - want) / std::ldexp(1.0L, exponent - 23));
}

struct Function {
  const char *name;
  long double (*truth)(long double);
  double most;           ///< ulps
  double mostAbsolute;   ///< where that is what is declared
  double range = INFINITY; ///< of arguments
};

const Function kFunctions[] = {
    {"exp", expl, accuracy::kExp, 0},
    {"log", logl, accuracy::kLog, 0},
    {"tanh", tanhl, accuracy::kTanh, 0},
    {"erf", erfl, accuracy::kErf, 0},
    {"sin", sinl, 0, accuracy::kSinCosAbsolute, 1e5},
    {"cos", cosl, 0, accuracy::kSinCosAbsolute, 1e5},
    // The hardware's root is correctly rounded; its reciprocal adds a rounding.
    {"sqrt", sqrtl, 0.5, 0},
    {"rsqrt", [](long double x) { return 1 / sqrtl(x); }, 1.5, 0},
};

Kernel kernelOf(const std::string &name, const std::string &value) {
  Kernel kernel;
  std::string error;
  if (!parse("kernel " + name + "_of { size M in 0 .. 1000000 input a: f32[M] input b: f32[M] output y: f32[M]\n"
             "map s [m: M] -> y { value " + value + " } }", kernel, error))
    std::printf("%s\n", error.c_str());
  return kernel;
}

/// Prints the worst case; false if it is worse than what is declared.
bool report(const std::string &name, double worst, double most, const char *unit, double a, double b) {
  bool isFine = worst <= most;
  std::printf("%s: %s, %.3g %s of %.3g at %.9g, %.9g\n", name.c_str(), isFine ? "right" : "WRONG", worst, unit, most, a, b);
  return isFine;
}

bool check(const Function &f, const std::string &isa) {
  Kernel kernel = kernelOf(f.name, std::string(f.name) + "(a[m])");
  Loaded loaded(kernel, isa);
  std::vector<double> all = arguments(400);
  Values values{all, std::vector<double>(all.size()), {}};
  loaded.run({int32_t(all.size())}, values);
  double worst = -1, at = 0;
  for (size_t n = 0; n < all.size(); ++n) {
    if (std::fabs(all[n]) > f.range && !std::isinf(all[n]))
      continue;
    long double want = f.truth(all[n]);
    bool isAbsolute = f.mostAbsolute && std::isfinite(want);
    double error = isAbsolute ? double(std::fabs(values[2][n] - want)) : ulpsBetween(values[2][n], want);
    if (!(error <= worst)) {
      worst = error;
      at = all[n];
    }
  }
  return report(f.name, worst, f.mostAbsolute ? f.mostAbsolute : f.most, f.mostAbsolute ? "absolute" : "ulps", at, 0);
}

bool checkPow(const std::string &isa) {
  Kernel kernel = kernelOf("pow", "pow(a[m], b[m])");
  Loaded loaded(kernel, isa);
  std::vector<double> bases = arguments(8);
  double worst = -1, a = 0, b = 0; // of the worst
  for (float exponent : {0.0f, -0.0f, 1.0f, -1.0f, 2.0f, 3.0f, -2.0f, 0.5f, -0.5f, 0.3333333f, 1.7f, 10.0f, -7.0f, 63.5f,
                         1e-3f, 1e6f, -1e30f, INFINITY, -INFINITY, NAN}) {
    Values values{bases, std::vector<double>(bases.size(), exponent), {}};
    loaded.run({int32_t(bases.size())}, values);
    for (size_t n = 0; n < bases.size(); ++n) {
      double error = ulpsBetween(values[2][n], powl(bases[n], exponent));
      if (!(error <= worst)) {
        worst = error;
        a = bases[n];
        b = exponent;
      }
    }
  }
  return report("pow", worst, accuracy::kPow, "ulps", a, b);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2 || !isKnown({argv[1]})) {
    std::fprintf(stderr, "usage: heddle-kernel-accuracy-test ISA\n");
    return 1;
  }
  int wrong = 0;
  for (const Function &f : kFunctions)
    wrong += !check(f, argv[1]);
  wrong += !checkPow(argv[1]);
  std::printf("%d wrong\n", wrong);
  return wrong != 0;
}
