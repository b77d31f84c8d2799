//===- DimProof.cpp - What is known of a dimension ------------------------===//
//
// Interval arithmetic, and the fixed few rules that prove a dimension to be at
// least 0. The rules are kept predictable: no search beyond a small depth.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/DimStorage.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace heddle;
using llvm::ArrayRef;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Intervals
//===----------------------------------------------------------------------===//

namespace {

/// A number or an infinity.
struct End {
  int infinite = 0; ///< -1, 0 or 1
  int64_t value = 0;

  static End least(const Bounds &b) {
    return b.least ? End{0, *b.least} : End{-1, 0};
  }
  static End most(const Bounds &b) { return b.most ? End{0, *b.most} : End{1, 0}; }
  int sign() const {
    return infinite ? infinite : value < 0 ? -1 : value > 0 ? 1 : 0;
  }
  bool operator<(const End &o) const {
    if (infinite != o.infinite)
      return infinite < o.infinite;
    return infinite == 0 && value < o.value;
  }
};

End multiply(End a, End b) {
  int sign = a.sign() * b.sign();
  if (sign == 0)
    return End();
  End result;
  if (a.infinite || b.infinite || llvm::MulOverflow(a.value, b.value, result.value))
    return End{sign, 0};
  return result;
}

Bounds between(End least, End most) {
  Bounds b;
  if (!least.infinite)
    b.least = least.value;
  if (!most.infinite)
    b.most = most.value;
  return b;
}

Bounds multiply(const Bounds &a, const Bounds &b) {
  End corners[] = {multiply(End::least(a), End::least(b)),
                   multiply(End::least(a), End::most(b)),
                   multiply(End::most(a), End::least(b)),
                   multiply(End::most(a), End::most(b))};
  return between(*std::min_element(std::begin(corners), std::end(corners)),
                 *std::max_element(std::begin(corners), std::end(corners)));
}

std::optional<int64_t> add(std::optional<int64_t> a, std::optional<int64_t> b) {
  int64_t sum;
  if (!a || !b || llvm::AddOverflow(*a, *b, sum))
    return std::nullopt;
  return sum;
}

int64_t floorQuotient(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

Bounds boundsOf(DimAtom atom, SymbolBounds symbols) {
  if (atom.isSymbol())
    return symbols(atom.name());
  Bounds a = atom.lhs().bounds(symbols), b = atom.rhs().bounds(symbols);
  Bounds result;
  switch (atom.kind()) {
  case DimAtom::Min:
    result.most = !a.most   ? b.most
                  : !b.most ? a.most
                            : std::optional(std::min(*a.most, *b.most));
    if (a.least && b.least)
      result.least = std::min(*a.least, *b.least);
    return result;
  case DimAtom::Max:
    result.least = !a.least   ? b.least
                   : !b.least ? a.least
                              : std::optional(std::max(*a.least, *b.least));
    if (a.most && b.most)
      result.most = std::max(*a.most, *b.most);
    return result;
  case DimAtom::FloorDiv: {
    // A divisor is positive by contract.
    int64_t small = std::max<int64_t>(b.least.value_or(1), 1);
    if (b.most && *b.most < small)
      return result;
    if (a.least)
      result.least = *a.least < 0 ? floorQuotient(*a.least, small)
                     : b.most     ? floorQuotient(*a.least, *b.most)
                                  : 0;
    if (a.most)
      result.most = *a.most >= 0 ? floorQuotient(*a.most, small)
                    : b.most     ? floorQuotient(*a.most, *b.most)
                                 : -1;
    return result;
  }
  default: // Mod
    result.least = 0;
    if (b.most && *b.most >= 1)
      result.most = *b.most - 1;
    if (a.least && *a.least >= 0) {
      if (a.most && (!result.most || *a.most < *result.most))
        result.most = a.most;
      if (a.most && b.least && *a.most < *b.least)
        return a;
    }
    return result;
  }
}

} // namespace

Bounds Dim::bounds(SymbolBounds symbols) const {
  if (!isValid())
    return Bounds();
  Bounds sum{0, 0};
  for (const DimTerm &term : terms()) {
    Bounds product{term.coefficient, term.coefficient};
    for (auto [atom, power] : term.factors) {
      Bounds one = boundsOf(atom, symbols), all = one;
      for (unsigned i = 1; i < power; ++i)
        all = multiply(all, one);
      if (power % 2 == 0 && (!all.least || *all.least < 0))
        all.least = 0;
      product = multiply(product, all);
    }
    sum.least = add(sum.least, product.least);
    sum.most = add(sum.most, product.most);
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Proof
//===----------------------------------------------------------------------===//

namespace {

class Prover {
public:
  Prover(SymbolBounds symbols) : symbols(symbols) {}

  bool prove(Dim dim, ArrayRef<Dim> facts, unsigned depth) {
    if (!dim || budget == 0)
      return false;
    --budget;
    if (isPlainlyNonNegative(dim))
      return true;
    if (depth == 0)
      return false;
    if (std::optional<DimAtom> choice = findChoice(dim))
      return proveCases(dim, *choice, facts, depth);
    if (Dim lower = putInGreatest(dim); lower && lower != dim)
      if (prove(lower, facts, depth - 1))
        return true;
    for (Dim fact : facts)
      if (fact && isPlainlyNonNegative(dim - fact))
        return true;
    for (Dim fact : facts)
      if (cancel(dim, fact, facts, depth))
        return true;
    for (Dim law : lawsOf(dim))
      if (cancel(dim, law, facts, depth))
        return true;
    return false;
  }

private:
  SymbolBounds symbols;
  /// Bounds the work whatever the question.
  unsigned budget = 400;

  std::optional<int64_t> leastOf(DimAtom atom) {
    return boundsOf(atom, symbols).least;
  }

  /// Every atom shifted by its least value: all coefficients are >= 0.
  bool isPlainlyNonNegative(Dim dim) {
    Bounds b = dim.bounds(symbols);
    if (b.least && *b.least >= 0)
      return true;
    Dim shifted = Dim::constant(0);
    for (const DimTerm &term : dim.terms()) {
      Dim product = Dim::constant(term.coefficient);
      for (auto [atom, power] : term.factors) {
        std::optional<int64_t> least = leastOf(atom);
        if (!least)
          return false;
        Dim factor = Dim::atom(atom) + *least;
        for (unsigned i = 0; i < power; ++i)
          product = product * factor;
      }
      shifted = shifted + product;
    }
    return shifted.isValid() &&
           llvm::all_of(shifted.terms(),
                        [](const DimTerm &term) { return term.coefficient >= 0; });
  }

  /// A minimum or maximum that `dim` has as a factor.
  std::optional<DimAtom> findChoice(Dim dim) {
    for (const DimTerm &term : dim.terms())
      for (auto [atom, power] : term.factors)
        if (atom.kind() == DimAtom::Min || atom.kind() == DimAtom::Max)
          return atom;
    return std::nullopt;
  }

  /// min(a, b) is a where b - a >= 0, and b where a - b >= 0.
  bool proveCases(Dim dim, DimAtom choice, ArrayRef<Dim> facts, unsigned depth) {
    Dim difference = choice.kind() == DimAtom::Min ? choice.rhs() - choice.lhs()
                                                   : choice.lhs() - choice.rhs();
    for (bool left : {true, false}) {
      Dim value = left ? choice.lhs() : choice.rhs();
      auto put = [&](DimAtom atom) -> std::optional<Dim> {
        return atom == choice ? std::optional(value) : std::nullopt;
      };
      llvm::SmallVector<Dim> known;
      known.push_back(left ? difference : -difference);
      for (Dim fact : facts)
        known.push_back(fact.rewrite(put));
      if (!prove(dim.rewrite(put), known, depth - 1))
        return false;
    }
    return true;
  }

  /// dim with each atom that only lowers it replaced by its greatest value.
  Dim putInGreatest(Dim dim) {
    llvm::SmallVector<DimAtom> atoms;
    for (const DimTerm &term : dim.terms())
      for (auto [atom, power] : term.factors)
        if (!llvm::is_contained(atoms, atom))
          atoms.push_back(atom);
    for (DimAtom atom : atoms) {
      std::optional<int64_t> most = boundsOf(atom, symbols).most;
      if (!most)
        continue;
      DimBuilder with, without;
      bool linear = true;
      for (const DimTerm &term : dim.terms()) {
        std::optional<DimFactors> others =
            DimBuilder::divide(term.factors, {{atom, 1u}});
        if (!others) {
          without.add(term.coefficient, term.factors);
          continue;
        }
        linear &= !llvm::any_of(
            *others, [&](const auto &factor) { return factor.first == atom; });
        with.add(term.coefficient, *others);
      }
      Dim coefficient = with.build();
      if (linear && coefficient && isPlainlyNonNegative(-coefficient))
        dim = coefficient * *most + without.build();
      if (!dim)
        return Dim();
    }
    return dim;
  }

  /// Proves dim by proving k * dim - m * fact, with k > 0 and m >= 0 chosen so
  /// that a negative term goes away.
  bool cancel(Dim dim, Dim fact, ArrayRef<Dim> facts, unsigned depth) {
    if (!fact || fact.isConstant())
      return false;
    for (const DimTerm &target : dim.terms()) {
      if (target.coefficient >= 0)
        continue;
      for (const DimTerm &term : fact.terms()) {
        if (term.coefficient >= 0)
          continue;
        std::optional<DimFactors> factors =
            DimBuilder::divide(target.factors, term.factors);
        if (!factors || !llvm::all_of(*factors, [&](const auto &factor) {
              return leastOf(factor.first).value_or(-1) >= 0;
            }))
          continue;
        int64_t gcd = std::gcd(target.coefficient, term.coefficient);
        DimBuilder multiple;
        multiple.add(-(target.coefficient / gcd), *factors);
        Dim rest = dim * -(term.coefficient / gcd) - multiple.build() * fact;
        if (prove(rest, facts, depth - 1))
          return true;
      }
    }
    return false;
  }

  /// What holds of the quotients and rests in `dim`, each >= 0.
  llvm::SmallVector<Dim> lawsOf(Dim dim) {
    llvm::SmallVector<Dim> laws;
    for (const DimTerm &term : dim.terms())
      for (auto [atom, power] : term.factors) {
        Dim self = Dim::atom(atom);
        if (atom.kind() == DimAtom::FloorDiv) {
          Dim product = self * atom.rhs();
          laws.push_back(atom.lhs() - product);
          laws.push_back(product + atom.rhs() - 1 - atom.lhs());
        } else if (atom.kind() == DimAtom::Mod) {
          laws.push_back(atom.rhs() - 1 - self);
          if (isPlainlyNonNegative(atom.lhs()))
            laws.push_back(atom.lhs() - self);
        }
      }
    return laws;
  }
};

} // namespace

bool heddle::proveNonNegative(Dim dim, SymbolBounds symbols, ArrayRef<Dim> facts) {
  constexpr unsigned kDepth = 5;
  return Prover(symbols).prove(dim, facts, kDepth);
}
