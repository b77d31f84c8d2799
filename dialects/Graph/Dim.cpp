//===- Dim.cpp - Normal forms of dimensions -------------------------------===//
//
// Interning and polynomial arithmetic; DimOpaque.cpp has the terms that it does
// not see into. Everything is ordered by structure, never by address, so that
// normal forms and what is printed from them are the same in every process.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/DimStorage.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/MathExtras.h"

#include <mutex>

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

std::optional<DimAtom> DimBuilder::asAtom(Dim dim) {
  ArrayRef<DimTerm> terms = termsOf(dim);
  if (terms.size() == 1 && terms[0].coefficient == 1 &&
      terms[0].factors.size() == 1 && terms[0].factors[0].second == 1)
    return terms[0].factors[0].first;
  return std::nullopt;
}

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
  std::optional<DimAtom> only = DimBuilder::asAtom(*this);
  return only && only->isSymbol();
}
StringRef Dim::getSymbol() const { return DimBuilder::asAtom(*this)->name(); }

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
