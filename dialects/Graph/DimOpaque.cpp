//===- DimOpaque.cpp - Quotients, rests, minima and maxima ----------------===//
//
// The terms that polynomial arithmetic does not see into, the rules that
// simplify them, and what walks through them: rewriting and evaluation.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/DimStorage.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace heddle;
using llvm::ArrayRef;
using llvm::StringRef;

namespace {

/// The quotient towards minus infinity, for b > 0.
int64_t floorQuotient(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

std::optional<int64_t> gcdOfVarying(Dim dim, int64_t start) {
  int64_t gcd = start;
  for (const DimTerm &term : dim.terms())
    if (!term.factors.empty())
      gcd = std::gcd(gcd, term.coefficient);
  return gcd;
}

/// True where interval arithmetic that knows nothing of symbols puts `dim`
/// within 0 .. most.
bool isWithin(Dim dim, int64_t most) {
  Bounds b = dim.bounds([](StringRef) { return Bounds(); });
  return b.least && b.most && *b.least >= 0 && *b.most <= most;
}

} // namespace

//===----------------------------------------------------------------------===//
// Opaque terms
//===----------------------------------------------------------------------===//

/// Splits `a` into b * quotient + rest term by term, for a monomial `b`. Of a
/// constant b the rest keeps coefficients in 0 .. b - 1.
static std::pair<Dim, Dim> splitByMonomial(Dim a, const DimTerm &b) {
  DimBuilder quotient, rest;
  for (const DimTerm &term : DimBuilder::termsOf(a)) {
    std::optional<DimFactors> factors =
        DimBuilder::divide(term.factors, b.factors);
    if (!factors || b.coefficient < 1) {
      rest.add(term.coefficient, term.factors);
      continue;
    }
    int64_t whole = floorQuotient(term.coefficient, b.coefficient);
    quotient.add(whole, *factors);
    rest.add(term.coefficient - whole * b.coefficient, term.factors);
  }
  return {quotient.build(), rest.build()};
}

/// The rest of a division by `b` that is known to be smaller than b.
static bool isRestOf(Dim rest, Dim b) {
  if (b.isConstant())
    return isWithin(rest, b.getConstant() - 1);
  std::optional<DimAtom> only = DimBuilder::asAtom(rest);
  return (only && only->kind() == DimAtom::Mod && only->rhs() == b) ||
         rest.isConstant(0);
}

Dim Dim::floorDiv(Dim a, Dim b) {
  if (!a || !b || (b.isConstant() && b.getConstant() < 1))
    return Dim();
  if (b.isConstant(1))
    return a;
  if (std::optional<Dim> exact = divideExactly(a, b))
    return *exact;
  Dim whole = constant(0), rest = a;
  if (DimBuilder::termsOf(b).size() == 1)
    std::tie(whole, rest) = splitByMonomial(a, DimBuilder::termsOf(b)[0]);
  if (!whole || !rest)
    return Dim();
  if (isRestOf(rest, b))
    return whole;
  if (b.isConstant()) {
    // (g * y + r) // (g * h) with 0 <= r < g is y // h.
    int64_t gcd = *gcdOfVarying(rest, b.getConstant());
    DimBuilder reduced;
    for (const DimTerm &term : rest.storage->terms)
      reduced.add(term.coefficient / gcd, term.factors);
    rest = reduced.build();
    b = constant(b.getConstant() / gcd);
    if (b.isConstant(1))
      return whole + rest;
  }
  // (x // d + k) // b is (x + d * k) // (d * b).
  std::optional<DimAtom> inner = DimBuilder::asAtom(rest - rest.constantTerm());
  if (inner && inner->kind() == DimAtom::FloorDiv) {
    Dim d = inner->rhs();
    return whole + floorDiv(inner->lhs() + d * rest.constantTerm(), d * b);
  }
  return whole + DimBuilder::atom(DimAtom::FloorDiv, "", rest, b);
}

Dim Dim::mod(Dim a, Dim b) {
  if (!a || !b || (b.isConstant() && b.getConstant() < 1))
    return Dim();
  if (b.isConstant(1) || divideExactly(a, b))
    return constant(0);
  Dim rest = a;
  if (b.isConstant()) {
    // (k * (x % m) + ...) % c is (k * x + ...) % c where c divides m.
    DimBuilder opened;
    Dim inside = constant(0);
    for (const DimTerm &term : a.storage->terms) {
      if (term.factors.size() == 1 && term.factors[0].second == 1) {
        DimAtom atom = term.factors[0].first;
        if (atom.kind() == DimAtom::Mod && atom.rhs().isConstant() &&
            atom.rhs().getConstant() % b.getConstant() == 0) {
          // Coefficients matter only modulo b, which keeps them small.
          inside = inside + atom.lhs() * (term.coefficient % b.getConstant());
          continue;
        }
      }
      opened.add(term.coefficient, term.factors);
    }
    if (inside)
      rest = opened.build() + inside;
    if (!rest)
      return Dim();
  }
  if (DimBuilder::termsOf(b).size() == 1)
    rest = splitByMonomial(rest, DimBuilder::termsOf(b)[0]).second;
  if (!rest)
    return Dim();
  if (isRestOf(rest, b))
    return rest;
  if (b.isConstant()) {
    // (g * y + r) % (g * h) with 0 <= r < g is g * (y % h) + r.
    int64_t gcd = *gcdOfVarying(rest, b.getConstant());
    if (gcd > 1) {
      int64_t small = rest.constantTerm() % gcd;
      std::optional<Dim> y = divideExactly(rest - small, constant(gcd));
      if (y)
        return mod(*y, constant(b.getConstant() / gcd)) * gcd + small;
    }
  }
  return DimBuilder::atom(DimAtom::Mod, "", rest, b);
}

static void flatten(Dim dim, DimAtom::Kind kind, llvm::SmallVectorImpl<Dim> &into) {
  std::optional<DimAtom> only = DimBuilder::asAtom(dim);
  if (only && only->kind() == kind) {
    flatten(only->lhs(), kind, into);
    flatten(only->rhs(), kind, into);
    return;
  }
  into.push_back(dim);
}

static Dim extreme(Dim a, Dim b, DimAtom::Kind kind) {
  if (!a || !b)
    return Dim();
  llvm::SmallVector<Dim> all, kept;
  flatten(a, kind, all);
  flatten(b, kind, all);
  llvm::sort(all);
  for (Dim dim : all) {
    // `first` is never more extreme than `second`, so it need not be named.
    auto covers = [&](Dim second, Dim first) {
      Bounds d = (kind == DimAtom::Min ? first - second : second - first)
                     .bounds([](StringRef) { return Bounds(); });
      return d.least && *d.least >= 0;
    };
    if (llvm::any_of(kept, [&](Dim other) { return covers(other, dim); }))
      continue;
    llvm::erase_if(kept, [&](Dim other) { return covers(dim, other); });
    kept.push_back(dim);
  }
  Dim result = kept.back();
  for (Dim dim : llvm::drop_begin(llvm::reverse(kept)))
    result = DimBuilder::atom(kind, "", dim, result);
  return result;
}

Dim Dim::min(Dim a, Dim b) { return extreme(a, b, DimAtom::Min); }
Dim Dim::max(Dim a, Dim b) { return extreme(a, b, DimAtom::Max); }

//===----------------------------------------------------------------------===//
// Rewriting and evaluation
//===----------------------------------------------------------------------===//

Dim Dim::rewrite(llvm::function_ref<std::optional<Dim>(DimAtom)> map) const {
  if (!storage)
    return Dim();
  auto rewriteAtom = [&](DimAtom atom) -> Dim {
    if (atom.isSymbol())
      return map(atom).value_or(Dim::atom(atom));
    Dim lhs = atom.lhs().rewrite(map), rhs = atom.rhs().rewrite(map);
    Dim rebuilt;
    switch (atom.kind()) {
    case DimAtom::FloorDiv: rebuilt = floorDiv(lhs, rhs); break;
    case DimAtom::Mod: rebuilt = mod(lhs, rhs); break;
    case DimAtom::Min: rebuilt = min(lhs, rhs); break;
    default: rebuilt = max(lhs, rhs); break;
    }
    if (!rebuilt)
      return Dim();
    std::optional<DimAtom> only = DimBuilder::asAtom(rebuilt);
    return only ? map(*only).value_or(rebuilt) : rebuilt;
  };
  Dim sum = constant(0);
  for (const DimTerm &term : storage->terms) {
    Dim product = constant(term.coefficient);
    for (auto [atom, power] : term.factors) {
      Dim factor = rewriteAtom(atom);
      for (unsigned i = 0; i < power; ++i)
        product = product * factor;
    }
    sum = sum + product;
  }
  return sum;
}

Dim Dim::substitute(
    llvm::function_ref<std::optional<Dim>(StringRef)> map) const {
  return rewrite([&](DimAtom atom) -> std::optional<Dim> {
    return atom.isSymbol() ? map(atom.name()) : std::nullopt;
  });
}

Dim Dim::assumeDivides(Dim divisor, Dim dividend) const {
  Dim rest = mod(dividend, divisor), whole = floorDiv(dividend, divisor);
  if (!storage || !rest || !whole)
    return *this;
  std::optional<DimAtom> restAtom = DimBuilder::asAtom(rest);
  // whole = known + (something // divisor); only the atom is looked for.
  Dim result = rewrite([&](DimAtom atom) -> std::optional<Dim> {
    if (restAtom && atom == *restAtom)
      return constant(0);
    // (2 Y + r) // P is 2 (Y // P) + r // P, and its rest that of r.
    bool isQuotient = atom.kind() == DimAtom::FloorDiv;
    if ((!isQuotient && atom.kind() != DimAtom::Mod) || !(atom.rhs() == divisor) || dividend.terms().size() != 1 ||
        dividend.terms()[0].coefficient != 1)
      return std::nullopt;
    for (const DimTerm &term : atom.lhs().terms())
      if (term.factors == dividend.terms()[0].factors) {
        Dim times = constant(term.coefficient), rest = atom.lhs() - times * dividend;
        if (rest.isConstant(0) && term.coefficient == 1)
          return std::nullopt;
        return isQuotient ? times * whole + floorDiv(rest, divisor) : mod(rest, divisor);
      }
    return std::nullopt;
  });
  for (const DimTerm &term : whole.terms()) {
    if (term.factors.size() != 1 || term.factors[0].second != 1 ||
        term.factors[0].first.kind() != DimAtom::FloorDiv)
      continue;
    DimAtom quotient = term.factors[0].first;
    DimBuilder with, without;
    for (const DimTerm &part : result.terms()) {
      std::optional<DimFactors> others =
          DimBuilder::divide(part.factors, {{quotient, 1u}});
      if (others)
        with.add(part.coefficient, *others);
      else
        without.add(part.coefficient, part.factors);
    }
    Dim coefficient = with.build();
    if (!coefficient)
      continue;
    if (std::optional<Dim> exact = divideExactly(coefficient, quotient.rhs()))
      result = *exact * quotient.lhs() + without.build();
    // (P // 8) * 4 is P // 2 where 4 divides that.
    else if (std::optional<Dim> part = divideExactly(coefficient, divisor); part && whole == atom(quotient))
      result = *part * dividend + without.build();
  }
  return result;
}

std::optional<int64_t> Dim::evaluate(
    llvm::function_ref<std::optional<int64_t>(StringRef)> value) const {
  if (!storage)
    return std::nullopt;
  int64_t sum = 0;
  for (const DimTerm &term : storage->terms) {
    int64_t product = term.coefficient;
    for (auto [atom, power] : term.factors) {
      std::optional<int64_t> factor;
      if (atom.isSymbol()) {
        factor = value(atom.name());
      } else {
        std::optional<int64_t> a = atom.lhs().evaluate(value);
        std::optional<int64_t> b = atom.rhs().evaluate(value);
        if (!a || !b)
          return std::nullopt;
        switch (atom.kind()) {
        case DimAtom::Min: factor = std::min(*a, *b); break;
        case DimAtom::Max: factor = std::max(*a, *b); break;
        default:
          if (*b < 1)
            return std::nullopt;
          factor = floorQuotient(*a, *b);
          if (atom.kind() == DimAtom::Mod)
            factor = *a - *factor * *b;
        }
      }
      if (!factor)
        return std::nullopt;
      for (unsigned i = 0; i < power; ++i)
        if (llvm::MulOverflow(product, *factor, product))
          return std::nullopt;
    }
    if (llvm::AddOverflow(sum, product, sum))
      return std::nullopt;
  }
  return sum;
}
