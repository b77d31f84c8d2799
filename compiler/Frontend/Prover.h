//===- Prover.h - Extents of indices and proofs of ranges -----------------===//
//
// Finds how far each index of a definition runs, and proves that every subscript
// stays inside its axis. Both follow LANGUAGE.md section 3: an extent comes from
// a subscript that is the bare index, or is written; a proof is interval
// arithmetic over linear forms, with extents, `in`, entry and block facts, and
// enclosing conditions. There is no search, so that one can predict it.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_FRONTEND_PROVER_H
#define HEDDLE_COMPILER_FRONTEND_PROVER_H

#include "compiler/Frontend/Dims.h"
#include "compiler/Frontend/Node.h"

namespace heddle::frontend {

/// A condition that holds where something is evaluated.
struct Fact {
  NodeRef condition;
  bool holds; ///< false: the condition is known to be false there
};
using Facts = std::vector<Fact>;

/// A subscript that must stay inside an axis, with what is known there.
struct Obligation {
  NodeRef read;
  Facts facts;
};

/// A composite subscript or place: digits that together number `total` places.
struct Cut {
  Dim total; ///< invalid where the axis does not yet exist (left of a definition)
  NodeRef read; ///< or null
  unsigned subscript = 0;
  std::string what; ///< "axis 3 of x"
  SourceRange range;
};

/// Integer expressions as polynomials whose symbols include index variables
/// (IndexVar::symbol) and data.
class LinearForms {
public:
  explicit LinearForms(const DimContext &dims) : dims(dims) {}

  /// The polynomial of `node`, or an invalid Dim.
  Dim of(const NodeRef &node);
  Dim of(const Subscript &subscript);
  /// Adds what `fact` says, as polynomials >= 0.
  void addFact(const Fact &fact, std::vector<Dim> &to);
  /// The same of several, and of `all[b](..)` what it says of the elements that
  /// `goals` read.
  void addFacts(const Facts &facts, llvm::ArrayRef<NodeRef> goals, std::vector<Dim> &to);
  /// From here on each of these is known to be >= 0.
  void assume(llvm::ArrayRef<Dim> facts) { assumed.insert(assumed.end(), facts.begin(), facts.end()); }
  /// Proves value >= 0 for all values of the indices and data in it.
  bool proveNonNegative(Dim value, llvm::ArrayRef<Dim> facts);
  /// The greatest value over all indices and data: free of them. Or invalid.
  Dim most(Dim value) { return value.isValid() ? eliminate(value, /*least=*/false) : Dim(); }
  Dim least(Dim value) { return value.isValid() ? eliminate(value, /*least=*/true) : Dim(); }
  /// The greatest over the indices alone; `shown` maps the symbols of data that are
  /// left to what they are read from.
  Dim mostOverIndices(Dim value, std::map<std::string, NodeRef> &shown);
  /// Is every value a number of the integer type?
  bool fits(Dim value, Element element);
  /// Has it symbols of indices or data?
  bool isLocal(Dim value) const;

private:
  /// Either end may be unknown.
  struct Range {
    Dim least, most;
  };
  Dim smaller(Dim a, Dim b) const;
  Dim greater(Dim a, Dim b) const;
  Dim eliminate(Dim value, bool least);
  Dim ofOp(const NodeRef &node);
  Dim opaque(const NodeRef &node, Range range = {});
  Range rangeOf(const NodeRef &node);
  Range rangeOfAxis(const Node &node);
  Dim dataSymbol(const std::string &key, Range range, NodeRef shown = nullptr);
  std::optional<int> sign(Dim coefficient);

  const DimContext &dims;
  std::map<std::string, Range> ranges; ///< by symbol
  std::map<std::string, Dim> data;     ///< symbols of data, by what is read
  std::map<std::string, NodeRef> texts; ///< by symbol: where data stands in the text
  std::map<const Node *, Dim> known;
  std::vector<NodeRef> kept; ///< nodes made here, whose addresses are keys
  std::vector<Dim> assumed;
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_FRONTEND_PROVER_H
