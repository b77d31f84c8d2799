//===- DimStorage.h - How dimensions are held -----------------------------===//
//
// Private to the Dim*.cpp files: the interned nodes behind Dim and DimAtom, and
// the builder that brings terms into normal form.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_DIALECTS_GRAPH_DIMSTORAGE_H
#define HEDDLE_DIALECTS_GRAPH_DIMSTORAGE_H

#include "dialects/Graph/Dim.h"

#include "llvm/ADT/FoldingSet.h"

#include <vector>

namespace heddle {

using DimFactors = llvm::SmallVector<std::pair<DimAtom, unsigned>, 2>;

namespace detail {

struct AtomStorage : llvm::FoldingSetNode {
  DimAtom::Kind kind = DimAtom::Symbol;
  llvm::StringRef name;
  Dim lhs, rhs;
  /// Nodes of the tree that this stands for.
  uint64_t weight = 1;

  void Profile(llvm::FoldingSetNodeID &id) const {
    profile(id, kind, name, lhs, rhs);
  }
  static void profile(llvm::FoldingSetNodeID &id, DimAtom::Kind kind,
                      llvm::StringRef name, Dim lhs, Dim rhs) {
    id.AddInteger(unsigned(kind));
    id.AddString(name);
    id.AddPointer(lhs.getAsOpaquePointer());
    id.AddPointer(rhs.getAsOpaquePointer());
  }
};

struct DimStorage : llvm::FoldingSetNode {
  llvm::ArrayRef<DimTerm> terms;
  uint64_t weight = 0;

  void Profile(llvm::FoldingSetNodeID &id) const { profile(id, terms); }
  static void profile(llvm::FoldingSetNodeID &id, llvm::ArrayRef<DimTerm> terms);
};

} // namespace detail

/// Collects terms and interns their sum.
struct DimBuilder {
  struct Term {
    int64_t coefficient;
    DimFactors factors;
  };
  std::vector<Term> terms;
  bool overflow = false;

  void add(int64_t coefficient, llvm::ArrayRef<std::pair<DimAtom, unsigned>> f) {
    if (coefficient != 0)
      terms.push_back({coefficient, DimFactors(f.begin(), f.end())});
  }
  Dim build();

  static llvm::ArrayRef<DimTerm> termsOf(Dim dim) { return dim.storage->terms; }
  static uint64_t weightOf(Dim dim) { return dim.storage->weight; }
  static const detail::AtomStorage *storageOf(DimAtom a) { return a.storage; }
  /// The atom that `dim` is, if it is one and nothing else.
  static std::optional<DimAtom> asAtom(Dim dim);
  /// Interns an atom; the Dim that it is, or invalid if it is too large.
  static Dim atom(DimAtom::Kind kind, llvm::StringRef name, Dim lhs, Dim rhs);
  /// Higher degrees first, then lexicographic by atoms.
  static int compareFactors(llvm::ArrayRef<std::pair<DimAtom, unsigned>> a,
                            llvm::ArrayRef<std::pair<DimAtom, unsigned>> b);
  static DimFactors multiply(llvm::ArrayRef<std::pair<DimAtom, unsigned>> a,
                             llvm::ArrayRef<std::pair<DimAtom, unsigned>> b);
  /// a / b, where b divides a.
  static std::optional<DimFactors>
  divide(llvm::ArrayRef<std::pair<DimAtom, unsigned>> a,
         llvm::ArrayRef<std::pair<DimAtom, unsigned>> b);
};

} // namespace heddle

#endif // HEDDLE_DIALECTS_GRAPH_DIMSTORAGE_H
