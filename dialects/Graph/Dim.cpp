//===- Dim.cpp - Normal forms of dimensions -------------------------------===//
//
// Interning, polynomial arithmetic and the rules that simplify opaque terms.
// Everything is ordered by structure, never by address, so that normal forms
// and what is printed from them are the same in every process.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/DimStorage.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/MathExtras.h"

#include <mutex>
#include <numeric>

using namespace heddle;
using detail::AtomStorage;
using detail::DimStorage;
using llvm::ArrayRef;
using llvm::StringRef;

// No model needs more; text made to be large must not make the compiler slow.
constexpr size_t kMaxTerms = 512;
constexpr uint64_t kMaxWeight = 4096;
constexpr unsigned kMaxDegree = 64;

namespace {

struct Interner {
  std::mutex mutex;
  llvm::BumpPtrAllocator allocator;
  llvm::FoldingSet<AtomStorage> atoms;
  llvm::FoldingSet<DimStorage> dims;

  static Interner &get() {
    // Never destroyed: dimensions may be used by other static objects.
    static Interner *interner = new Interner;
    return *interner;
  }

  template <typename T>
  ArrayRef<T> copy(ArrayRef<T> from) {
    T *to = allocator.Allocate<T>(from.size());
    std::uninitialized_copy(from.begin(), from.end(), to);
    return ArrayRef<T>(to, from.size());
  }
};

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

/// The atom that `dim` is, if it is one and nothing else.
std::optional<DimAtom> asAtom(Dim dim) {
  ArrayRef<DimTerm> terms = DimBuilder::termsOf(dim);
  if (terms.size() == 1 && terms[0].coefficient == 1 &&
      terms[0].factors.size() == 1 && terms[0].factors[0].second == 1)
    return terms[0].factors[0].first;
  return std::nullopt;
}

} // namespace

void DimStorage::profile(llvm::FoldingSetNodeID &id, ArrayRef<DimTerm> terms) {
  id.AddInteger(terms.size());
  for (const DimTerm &term : terms) {
    id.AddInteger(term.coefficient);
    id.AddInteger(term.factors.size());
    for (auto [atom, power] : term.factors) {
      id.AddPointer(atom.storage);
      id.AddInteger(power);
    }
  }
}

//===----------------------------------------------------------------------===//
// Atoms
//===----------------------------------------------------------------------===//

DimAtom::Kind DimAtom::kind() const { return storage->kind; }
StringRef DimAtom::name() const { return storage->name; }
Dim DimAtom::lhs() const { return storage->lhs; }
Dim DimAtom::rhs() const { return storage->rhs; }

int DimAtom::compare(DimAtom other) const {
  if (storage == other.storage)
    return 0;
  if (kind() != other.kind())
    return kind() < other.kind() ? -1 : 1;
  if (isSymbol())
    return name().compare(other.name());
  if (int order = lhs().compare(other.lhs()))
    return order;
  return rhs().compare(other.rhs());
}

Dim DimBuilder::atom(DimAtom::Kind kind, StringRef name, Dim lhs, Dim rhs) {
  uint64_t weight = 1;
  if (kind != DimAtom::Symbol) {
    if (!lhs || !rhs)
      return Dim();
    weight += weightOf(lhs) + weightOf(rhs);
    if (weight > kMaxWeight)
      return Dim();
  }
  Interner &interner = Interner::get();
  const AtomStorage *storage;
  {
    std::lock_guard<std::mutex> lock(interner.mutex);
    llvm::FoldingSetNodeID id;
    AtomStorage::profile(id, kind, name, lhs, rhs);
    void *where;
    AtomStorage *found = interner.atoms.FindNodeOrInsertPos(id, where);
    if (!found) {
      found = new (interner.allocator.Allocate<AtomStorage>()) AtomStorage;
      found->kind = kind;
      found->name = name.copy(interner.allocator);
      found->lhs = lhs;
      found->rhs = rhs;
      found->weight = weight;
      interner.atoms.InsertNode(found, where);
    }
    storage = found;
  }
  return Dim::atom(DimAtom(storage));
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

int DimBuilder::compareFactors(ArrayRef<std::pair<DimAtom, unsigned>> a,
                               ArrayRef<std::pair<DimAtom, unsigned>> b) {
  unsigned degreeA = 0, degreeB = 0;
  for (auto [atom, power] : a)
    degreeA += power;
  for (auto [atom, power] : b)
    degreeB += power;
  if (degreeA != degreeB)
    return degreeA > degreeB ? -1 : 1;
  for (auto [x, y] : llvm::zip(a, b)) {
    if (int order = x.first.compare(y.first))
      return order;
    if (x.second != y.second)
      return x.second > y.second ? -1 : 1;
  }
  return 0; // equal degrees: neither can be a proper prefix
}

DimFactors DimBuilder::multiply(ArrayRef<std::pair<DimAtom, unsigned>> a,
                                ArrayRef<std::pair<DimAtom, unsigned>> b) {
  DimFactors result;
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    int order = i == a.size()   ? 1
                : j == b.size() ? -1
                                : a[i].first.compare(b[j].first);
    if (order < 0)
      result.push_back(a[i++]);
    else if (order > 0)
      result.push_back(b[j++]);
    else
      result.push_back({a[i].first, a[i++].second + b[j++].second});
  }
  return result;
}

std::optional<DimFactors>
DimBuilder::divide(ArrayRef<std::pair<DimAtom, unsigned>> a,
                   ArrayRef<std::pair<DimAtom, unsigned>> b) {
  DimFactors result;
  size_t j = 0;
  for (auto [atom, power] : a) {
    if (j < b.size() && b[j].first == atom) {
      if (b[j].second > power)
        return std::nullopt;
      power -= b[j++].second;
    }
    if (power)
      result.push_back({atom, power});
  }
  if (j != b.size())
    return std::nullopt;
  return result;
}

Dim DimBuilder::build() {
  if (overflow)
    return Dim();
  llvm::sort(terms, [](const Term &a, const Term &b) {
    return compareFactors(a.factors, b.factors) < 0;
  });
  std::vector<Term> merged;
  for (Term &term : terms) {
    if (!merged.empty() && merged.back().factors == term.factors) {
      if (llvm::AddOverflow(merged.back().coefficient, term.coefficient,
                            merged.back().coefficient))
        return Dim();
      continue;
    }
    if (!merged.empty() && merged.back().coefficient == 0)
      merged.pop_back();
    merged.push_back(std::move(term));
  }
  if (!merged.empty() && merged.back().coefficient == 0)
    merged.pop_back();
  if (merged.size() > kMaxTerms)
    return Dim();

  uint64_t weight = 1;
  std::vector<DimTerm> plain;
  for (const Term &term : merged) {
    unsigned degree = 0;
    for (auto [atom, power] : term.factors) {
      if (power > kMaxDegree || (degree += power) > kMaxDegree)
        return Dim();
      weight += atom.storage->weight * power;
    }
    // The one number whose negation does not exist stays out of normal forms.
    if (term.coefficient == std::numeric_limits<int64_t>::min())
      return Dim();
    plain.push_back({term.coefficient, term.factors});
  }
  if (weight > kMaxWeight)
    return Dim();

  Interner &interner = Interner::get();
  std::lock_guard<std::mutex> lock(interner.mutex);
  llvm::FoldingSetNodeID id;
  DimStorage::profile(id, plain);
  void *where;
  DimStorage *found = interner.dims.FindNodeOrInsertPos(id, where);
  if (!found) {
    for (DimTerm &term : plain)
      term.factors = interner.copy(term.factors);
    found = new (interner.allocator.Allocate<DimStorage>()) DimStorage;
    found->terms = interner.copy(ArrayRef<DimTerm>(plain));
    found->weight = weight;
    interner.dims.InsertNode(found, where);
  }
  return Dim(found);
}

Dim Dim::constant(int64_t value) {
  DimBuilder builder;
  builder.add(value, {});
  return builder.build();
}

bool Dim::isSymbolName(StringRef name) {
  if (name.empty() || !(llvm::isAlpha(name[0]) || name[0] == '_') ||
      name.size() > 1024)
    return false;
  if (name == "floordiv" || name == "mod" || name == "min" || name == "max")
    return false;
  return llvm::all_of(name, [](char c) {
    return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$';
  });
}

Dim Dim::symbol(StringRef name) {
  if (!isSymbolName(name))
    return Dim();
  return DimBuilder::atom(DimAtom::Symbol, name, Dim(), Dim());
}

Dim Dim::atom(DimAtom atom) {
  DimBuilder builder;
  builder.add(1, {{atom, 1u}});
  return builder.build();
}

//===----------------------------------------------------------------------===//
// Looking at a dimension
//===----------------------------------------------------------------------===//

bool Dim::isConstant() const {
  return storage && (storage->terms.empty() || (storage->terms.size() == 1 &&
                                                storage->terms[0].factors.empty()));
}
int64_t Dim::getConstant() const {
  return storage->terms.empty() ? 0 : storage->terms[0].coefficient;
}
bool Dim::isSymbol() const {
  if (!storage)
    return false;
  std::optional<DimAtom> only = asAtom(*this);
  return only && only->isSymbol();
}
StringRef Dim::getSymbol() const { return asAtom(*this)->name(); }

llvm::SmallVector<DimTerm> Dim::terms() const {
  if (!storage)
    return {};
  return llvm::SmallVector<DimTerm>(storage->terms);
}

int64_t Dim::constantTerm() const {
  if (!storage || storage->terms.empty() || !storage->terms.back().factors.empty())
    return 0;
  return storage->terms.back().coefficient;
}

static void collectSymbols(Dim dim, llvm::SetVector<StringRef> &into) {
  for (const DimTerm &term : dim.terms())
    for (auto [atom, power] : term.factors) {
      if (atom.isSymbol()) {
        into.insert(atom.name());
        continue;
      }
      collectSymbols(atom.lhs(), into);
      collectSymbols(atom.rhs(), into);
    }
}

llvm::SmallVector<StringRef> Dim::symbols() const {
  llvm::SetVector<StringRef> found;
  collectSymbols(*this, found);
  llvm::SmallVector<StringRef> sorted(found.begin(), found.end());
  llvm::sort(sorted);
  return sorted;
}

bool Dim::mentions(StringRef symbol) const {
  return llvm::is_contained(symbols(), symbol);
}

int Dim::compare(Dim other) const {
  if (storage == other.storage)
    return 0;
  if (!storage || !other.storage)
    return storage ? 1 : -1;
  ArrayRef<DimTerm> a = storage->terms, b = other.storage->terms;
  for (auto [x, y] : llvm::zip(a, b)) {
    if (int order = DimBuilder::compareFactors(x.factors, y.factors))
      return order;
    if (x.coefficient != y.coefficient)
      return x.coefficient < y.coefficient ? -1 : 1;
  }
  return a.size() < b.size() ? -1 : 1;
}

std::optional<std::pair<Dim, Dim>> Dim::coefficientOf(StringRef symbol) const {
  if (!storage)
    return std::nullopt;
  DimBuilder with, without;
  for (const DimTerm &term : storage->terms) {
    DimFactors rest;
    bool found = false;
    for (auto [atom, power] : term.factors) {
      if (atom.isSymbol() && atom.name() == symbol) {
        if (power != 1)
          return std::nullopt;
        found = true;
        continue;
      }
      if (!atom.isSymbol() &&
          (atom.lhs().mentions(symbol) || atom.rhs().mentions(symbol)))
        return std::nullopt;
      rest.push_back({atom, power});
    }
    (found ? with : without).add(term.coefficient, rest);
  }
  return std::make_pair(with.build(), without.build());
}

//===----------------------------------------------------------------------===//
// Ring arithmetic
//===----------------------------------------------------------------------===//

Dim Dim::operator+(Dim other) const {
  if (!storage || !other.storage)
    return Dim();
  DimBuilder builder;
  for (const DimTerm &term : storage->terms)
    builder.add(term.coefficient, term.factors);
  for (const DimTerm &term : other.storage->terms)
    builder.add(term.coefficient, term.factors);
  return builder.build();
}

Dim Dim::operator-() const {
  if (!storage)
    return Dim();
  DimBuilder builder;
  for (const DimTerm &term : storage->terms)
    builder.add(-term.coefficient, term.factors);
  return builder.build();
}

Dim Dim::operator-(Dim other) const { return *this + -other; }

Dim Dim::operator*(Dim other) const {
  if (!storage || !other.storage)
    return Dim();
  if (storage->terms.size() * other.storage->terms.size() > 16 * kMaxTerms)
    return Dim();
  DimBuilder builder;
  for (const DimTerm &a : storage->terms)
    for (const DimTerm &b : other.storage->terms) {
      int64_t product;
      if (llvm::MulOverflow(a.coefficient, b.coefficient, product))
        return Dim();
      builder.add(product, DimBuilder::multiply(a.factors, b.factors));
    }
  return builder.build();
}

Dim Dim::product(ArrayRef<Dim> dims) {
  Dim result = constant(1);
  for (Dim dim : dims)
    result = result * dim;
  return result;
}

std::optional<Dim> Dim::divideExactly(Dim a, Dim b) {
  if (!a || !b || b.storage->terms.empty())
    return std::nullopt;
  const DimTerm &lead = b.storage->terms[0];
  Dim rest = a;
  DimBuilder quotient;
  // Each round removes the leading term of what is left.
  for (size_t round = 0; round <= kMaxTerms; ++round) {
    if (!rest)
      return std::nullopt;
    if (rest.storage->terms.empty()) {
      Dim result = quotient.build();
      return result ? std::optional<Dim>(result) : std::nullopt;
    }
    const DimTerm &first = rest.storage->terms[0];
    std::optional<DimFactors> factors =
        DimBuilder::divide(first.factors, lead.factors);
    if (!factors || first.coefficient % lead.coefficient != 0)
      return std::nullopt;
    DimBuilder step;
    step.add(first.coefficient / lead.coefficient, *factors);
    quotient.add(first.coefficient / lead.coefficient, *factors);
    rest = rest - step.build() * b;
  }
  return std::nullopt;
}

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
  std::optional<DimAtom> only = asAtom(rest);
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
  if (b.storage->terms.size() == 1)
    std::tie(whole, rest) = splitByMonomial(a, b.storage->terms[0]);
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
  std::optional<DimAtom> inner = asAtom(rest - rest.constantTerm());
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
  if (b.storage->terms.size() == 1)
    rest = splitByMonomial(rest, b.storage->terms[0]).second;
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
  std::optional<DimAtom> only = asAtom(dim);
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
    std::optional<DimAtom> only = asAtom(rebuilt);
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
  std::optional<DimAtom> restAtom = asAtom(rest);
  // whole = known + (something // divisor); only the atom is looked for.
  Dim result = rewrite([&](DimAtom atom) -> std::optional<Dim> {
    if (restAtom && atom == *restAtom)
      return constant(0);
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
