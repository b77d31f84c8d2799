//===- dim-test.cpp - Checks of Dim ---------------------------------------===//
//
// Prints each check that fails and exits with 1 if one did. Besides examples:
// random expressions, whose normal forms must keep the value, survive printing
// and reading, and lie within their computed bounds.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/Dim.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

#include <random>

using namespace heddle;
using llvm::StringRef;
using llvm::Twine;

static unsigned numChecks = 0, numFailed = 0;

static void check(bool holds, const Twine &what) {
  ++numChecks;
  if (holds)
    return;
  ++numFailed;
  llvm::errs() << "failed: " << what.str() << "\n";
}

static Dim read(StringRef text) {
  std::optional<Dim> dim = Dim::parse(text);
  check(dim.has_value(), Twine("parse '") + text + "'");
  return dim.value_or(Dim());
}

static void prints(StringRef text, StringRef wanted) {
  std::string got = read(text).str();
  check(got == wanted, Twine("'") + text + "' is '" + got + "', wanted '" + wanted + "'");
}

static void refused(StringRef text) {
  check(!Dim::parse(text), Twine("'") + text + "' must be refused");
}

static void same(StringRef a, StringRef b) {
  check(read(a) == read(b), Twine("'") + a + "' == '" + b + "'");
}

static void differ(StringRef a, StringRef b) {
  check(read(a) != read(b), Twine("'") + a + "' != '" + b + "'");
}

static void testNormalForms() {
  prints("S * 32 + 1", "S * 32 + 1");
  prints("1 + 2 * S - S", "S + 1");
  prints("5 - S", "5 - S");
  prints("-S - 1", "-S - 1");
  prints("0 * S", "0");
  prints("(S + 1) * (S - 1)", "S * S - 1");
  prints("T + S", "S + T");
  prints("(L + 1) // 2 * 3", "((L + 1) // 2) * 3");
  prints("1 - L // 2", "1 - L // 2");
  prints("-(L // 2)", "-(L // 2)");
  prints("min(S, 512) + 1", "min(S, 512) + 1");
  prints("(S // 3) % P", "(S // 3) % P");
  same("(a * b) // b", "a");
  same("(a * b + b) // b", "a + 1");
  same("(a * b + c) // b", "a + c // b");
  same("((a + b) * (c + 1)) // (c + 1)", "a + b");
  same("(L - 1) // 2 + 1", "(L + 1) // 2");
  same("(32 * x + 5) // 32", "x");
  same("(6 * x + 3) // 4", "x + (2 * x + 3) // 4");
  same("(2 * x + 1) // 4", "x // 2");
  same("x // 2 // 3", "x // 6");
  same("(x // 2 + 1) // 3", "(x + 2) // 6");
  same("(x % 8) // 8", "0");
  same("(32 * x + y % 32) // 32", "x");
  same("(x * P + y % P) // P", "x + (y % P) // P");
  same("a % 1", "0");
  same("(4 * a + 3) % 4", "3");
  same("(5 * a) % 4", "a % 4");
  same("(x % 8) % 4", "x % 4");
  same("(2 * x + 1) % 4", "2 * (x % 2) + 1");
  same("(a * b) % b", "0");
  same("-7 // 2", "-4");
  same("-7 % 2", "1");
  same("min(a, a)", "a");
  same("min(a, a + 1)", "a");
  same("max(a, a + 1)", "a + 1");
  same("min(3, 5)", "3");
  same("min(a, min(b, c))", "min(min(c, a), b)");
  same("max(a % 4, 3)", "3");
  same("L floordiv 2 + L mod 3", "L // 2 + L % 3");
  differ("a // b", "b // a");
  differ("min(a, b)", "max(a, b)");
}

static void testRefusals() {
  for (StringRef text :
       {"", "S +", "(S", "S)", "2S", "S // 0", "S % 0", "S // -1", "min(S)", "min",
        "mod", "9223372036854775808", "S $", "S T", "4611686018427387904 * 2",
        "a b", "S ** 2", "-", "S // (0 - 2)"})
    refused(text);
  refused(std::string(1000, '(') + "S" + std::string(1000, ')'));
  std::string wide = "(a + b + c + d + e + f + g + h)";
  std::string product = wide;
  for (int i = 0; i < 20; ++i)
    product += " * " + wide;
  refused(product);
  check(!(Dim::constant(INT64_MAX) + 1).isValid(), "overflow is invalid");
  check(!(Dim() + 1).isValid() && !Dim::floorDiv(Dim(), Dim()).isValid(),
        "invalid stays invalid");
  check(!Dim::symbol("1a").isValid() && !Dim::symbol("mod").isValid(), "names");
}

static void testQueries() {
  Dim p = read("S * N + 2 * S - 3 + T // 2");
  check(p.symbols() == llvm::ArrayRef<StringRef>({"N", "S", "T"}), "symbols");
  auto linear = p.coefficientOf("S");
  check(linear && linear->first == read("N + 2") &&
            linear->second == read("T // 2 - 3"),
        "coefficientOf(S)");
  check(!p.coefficientOf("T"), "T is inside an opaque term");
  check(!read("S * S").coefficientOf("S"), "S is squared");
  check(p.constantTerm() == -3, "constantTerm");
  check(p.substitute([](StringRef s) -> std::optional<Dim> {
          return s == "T" ? std::optional(read("2 * K")) : std::nullopt;
        }) == read("S * N + 2 * S - 3 + K"),
        "substitute simplifies");
  check(read("(Y // P) * P * 2 + Y % P").assumeDivides(read("P"), read("Y")) ==
            read("2 * Y"),
        "assumeDivides");
  check(read("(P // 8) * 4 + 1").assumeDivides(read("4"), read("P // 2")) == read("P // 2 + 1"),
        "assumeDivides of a half");
  check(read("(3 * Y + 5) // 4 + (Y + 5) % 4 + (Y - 1) // 4").assumeDivides(read("4"), read("Y")) == read("Y + 1"),
        "assumeDivides beside a rest");
  check(read("(Y + N) // P").assumeDivides(read("P"), read("Y")) == read("Y // P + N // P"), "assumeDivides beside another");
  check(read("S // (S - S0)").evaluate([](StringRef) { return 1; }) == std::nullopt,
        "a division by 0 has no value");
  Bounds b = read("2 * S - T + 1").bounds([](StringRef s) {
    return s == "S" ? Bounds{1, 10} : Bounds{0, std::nullopt};
  });
  check(!b.least && b.most == 21, "bounds");
}

static void testProofs() {
  auto bounds = [](StringRef s) -> Bounds {
    if (s == "S" || s == "T")
      return {1, 512};
    if (s == "N" || s == "W" || s == "i" || s == "g")
      return {0, std::nullopt};
    return {};
  };
  auto proved = [&](StringRef p, llvm::ArrayRef<Dim> facts = {}) {
    check(proveNonNegative(read(p), bounds, facts), Twine("prove ") + p + " >= 0");
  };
  auto open = [&](StringRef p, llvm::ArrayRef<Dim> facts = {}) {
    check(!proveNonNegative(read(p), bounds, facts), Twine(p) + " >= 0 is not so");
  };
  proved("S - 1");
  open("S - 2");
  proved("S * T - S");
  proved("S * T - 1");
  proved("512 - S");
  open("511 - S");
  proved("1024 - S - T");
  proved("(512 - S) * N");
  open("x");
  proved("x", {read("x - 3")});
  proved("x - y", {read("x - z"), read("z - y")});
  proved("g * S - g * W + i", {read("S - W")});
  proved("S - min(S, T)");
  proved("max(S, T) - T");
  proved("min(S, T) - 1");
  open("min(S, T) - 2");
  proved("S - (S // 3) * 3");
  proved("S - S // 3");
  open("S // 3 - 1");
  proved("3 * (S // 3) - S + 2");
  proved("(N // 2) * 2 + 1 - N");
  proved("6 - N % 7");
  open("5 - N % 7");
  proved("S - N * W", {read("S - N * W"), read("N * W - S")});
  proved("N * W - S", {read("S - N * W"), read("N * W - S")});
  open("N * W - S", {read("S - N * W")});
}

/// A random expression in a, b and positive p, q; its value at `values`.
struct Sample {
  std::mt19937_64 random;
  int64_t values[4];

  int64_t pick(int64_t below) { return int64_t(random() % uint64_t(below)); }

  std::pair<Dim, int64_t> grow(unsigned depth) {
    static const char *const names[] = {"a", "b", "p", "q"};
    if (depth == 0 || pick(5) == 0) {
      if (pick(3) == 0) {
        int64_t value = pick(13) - 6;
        return {Dim::constant(value), value};
      }
      int64_t which = pick(4);
      return {Dim::symbol(names[which]), values[which]};
    }
    auto [x, xv] = grow(depth - 1);
    auto [y, yv] = grow(depth - 1);
    switch (pick(7)) {
    case 0: return {x + y, xv + yv};
    case 1: return {x - y, xv - yv};
    case 2: return {x * y, xv * yv};
    case 3: return {Dim::min(x, y), std::min(xv, yv)};
    case 4: return {Dim::max(x, y), std::max(xv, yv)};
    default: break;
    }
    // Divisors that are positive for all positive p and q.
    int64_t c = 1 + pick(6), p = values[2], q = values[3];
    Dim P = Dim::symbol("p"), Q = Dim::symbol("q");
    auto [d, dv] = pick(2) ? std::make_pair(Dim::constant(c), c)
                   : pick(2) ? std::make_pair(P * c, p * c)
                             : std::make_pair(P * Q + c, p * q + c);
    int64_t quotient = xv / dv - (xv % dv < 0);
    if (pick(2))
      return {Dim::floorDiv(x, d), quotient};
    return {Dim::mod(x, d), xv - quotient * dv};
  }
};

static void testRandom() {
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    Sample sample{std::mt19937_64(seed), {}};
    auto draw = [&] {
      for (int i = 0; i < 4; ++i)
        sample.values[i] = i < 2 ? sample.pick(21) - 10 : 1 + sample.pick(9);
    };
    draw();
    auto [dim, value] = sample.grow(1 + seed % 4);
    if (!dim)
      continue;
    std::string name = dim.str() + " (seed " + std::to_string(seed) + ")";
    auto lookup = [&](StringRef s) -> std::optional<int64_t> {
      return sample.values[s == "a" ? 0 : s == "b" ? 1 : s == "p" ? 2 : 3];
    };
    check(dim.evaluate(lookup) == value, "value of " + name);
    std::string words;
    llvm::raw_string_ostream os(words);
    dim.print(os, /*words=*/true);
    check(Dim::parse(dim.str()) == dim, "round trip of " + name);
    check(Dim::parse(words) == dim, "round trip in words of " + name);
    auto ranges = [](StringRef s) {
      return s == "a" || s == "b" ? Bounds{-10, 10} : Bounds{1, 9};
    };
    Bounds b = dim.bounds(ranges);
    bool nonNegative = proveNonNegative(dim, ranges);
    for (int i = 0; i < 20; ++i) {
      draw();
      std::optional<int64_t> here = dim.evaluate(lookup);
      if (!here)
        continue;
      check((!b.least || *b.least <= *here) && (!b.most || *here <= *b.most),
            "bounds of " + name);
      check(!nonNegative || *here >= 0, "proof of " + name);
    }
  }
}

int main() {
  testNormalForms();
  testRefusals();
  testQueries();
  testProofs();
  testRandom();
  if (numFailed) {
    llvm::errs() << numFailed << " of " << numChecks << " checks failed\n";
    return 1;
  }
  llvm::outs() << numChecks << " checks passed\n";
  return 0;
}
