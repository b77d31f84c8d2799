//===- Dim.h - Symbolic dimensions ----------------------------------------===//
//
// A dimension is a polynomial with 64-bit coefficients over symbols (`S`) and
// opaque terms (`a // b`, `a % b`, `min`, `max`) that are simplified where they
// divide. Two dimensions are equal when their normal forms are, and normal
// forms are interned: equality is equality of pointers.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_DIALECTS_GRAPH_DIM_H
#define HEDDLE_DIALECTS_GRAPH_DIM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMapInfo.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace heddle {

namespace detail {
struct AtomStorage;
struct DimStorage;
} // namespace detail

class Dim;

/// The least and greatest value of something, both included; an absent end is
/// unknown.
struct Bounds {
  std::optional<int64_t> least, most;
};

/// What is known of each symbol. An unknown symbol has no ends.
using SymbolBounds = llvm::function_ref<Bounds(llvm::StringRef)>;

/// A symbol, or one of the terms that polynomial arithmetic does not see into.
/// Interned and immutable, as Dim is.
class DimAtom {
public:
  enum Kind : uint8_t { Symbol, FloorDiv, Mod, Min, Max };

  DimAtom() = default;
  Kind kind() const;
  bool isSymbol() const { return kind() == Symbol; }
  /// The symbol's name; empty for the other kinds.
  llvm::StringRef name() const;
  /// The operands of the other kinds; invalid for a symbol.
  Dim lhs() const;
  Dim rhs() const;

  /// A total order by structure: symbols by name, then the rest.
  int compare(DimAtom other) const;
  bool operator==(DimAtom o) const { return storage == o.storage; }
  bool operator!=(DimAtom o) const { return storage != o.storage; }

private:
  friend class Dim;
  friend struct detail::DimStorage;
  friend struct DimBuilder;
  explicit DimAtom(const detail::AtomStorage *storage) : storage(storage) {}
  const detail::AtomStorage *storage = nullptr;
};

/// One term of a polynomial: coefficient * product of atom ^ power. Factors are
/// sorted by DimAtom::compare; powers are at least 1, coefficients not 0.
struct DimTerm {
  int64_t coefficient;
  llvm::ArrayRef<std::pair<DimAtom, unsigned>> factors;
};

/// A dimension. Trivially copyable, one pointer; storage lives as long as the
/// process and may be shared by threads. Arithmetic whose coefficients overflow
/// 64 bits, or whose result is unreasonably large, gives an invalid Dim, as does
/// arithmetic with one. A default Dim is invalid.
class Dim {
public:
  Dim() = default;
  static Dim constant(int64_t value);
  /// `name`: a letter or `_`, then letters, digits, `_`, `.` and `$`; not one
  /// of the words floordiv, mod, min, max. Invalid for another name.
  static Dim symbol(llvm::StringRef name);
  static Dim atom(DimAtom atom);
  static bool isSymbolName(llvm::StringRef name);

  bool isValid() const { return storage; }
  explicit operator bool() const { return storage; }
  bool isConstant() const;
  /// Requires isConstant().
  int64_t getConstant() const;
  std::optional<int64_t> getIfConstant() const {
    return isConstant() ? std::optional<int64_t>(getConstant()) : std::nullopt;
  }
  bool isConstant(int64_t value) const {
    return isConstant() && getConstant() == value;
  }
  bool isSymbol() const;
  /// Requires isSymbol().
  llvm::StringRef getSymbol() const;

  Dim operator+(Dim other) const;
  Dim operator-(Dim other) const;
  Dim operator*(Dim other) const;
  Dim operator-() const;
  Dim operator+(int64_t value) const { return *this + constant(value); }
  Dim operator-(int64_t value) const { return *this - constant(value); }
  Dim operator*(int64_t value) const { return *this * constant(value); }

  /// floor(a / b) and its rest. The caller has proved b positive; a constant
  /// b < 1 gives an invalid Dim. The normal form takes out what divides, so that
  /// `(a * b) // b` is a and `(L - 1) // 2 + 1` is `(L + 1) // 2`.
  static Dim floorDiv(Dim a, Dim b);
  static Dim mod(Dim a, Dim b);
  static Dim min(Dim a, Dim b);
  static Dim max(Dim a, Dim b);
  /// The product of `dims`; 1 of none.
  static Dim product(llvm::ArrayRef<Dim> dims);

  /// The exact quotient a / b, or nothing where b does not divide a as a
  /// polynomial.
  static std::optional<Dim> divideExactly(Dim a, Dim b);

  /// As the language writes it: `S * 32 + 1`, `(L + 1) // 2`, `min(S, 512)`.
  std::string str() const;
  /// `words`: floordiv and mod instead of // and %, as IR writes it, where `//`
  /// begins a comment.
  void print(llvm::raw_ostream &os, bool words = false) const;
  /// Reads either spelling; nothing for anything else, or where the value
  /// overflows.
  static std::optional<Dim> parse(llvm::StringRef text);

  /// The terms: higher degrees first, the constant last; none for 0.
  llvm::SmallVector<DimTerm> terms() const;
  /// Every symbol that occurs, sorted, each once.
  llvm::SmallVector<llvm::StringRef> symbols() const;
  bool mentions(llvm::StringRef symbol) const;
  /// The degree-0 term.
  int64_t constantTerm() const;

  /// Replaces symbols, also inside opaque terms. What `map` gives nothing for
  /// stays.
  Dim substitute(
      llvm::function_ref<std::optional<Dim>(llvm::StringRef)> map) const;
  /// Replaces atoms, inner ones first: `map` sees an atom whose operands are
  /// rewritten already.
  Dim rewrite(llvm::function_ref<std::optional<Dim>(DimAtom)> map) const;
  /// Replaces `(dividend // divisor) * divisor` by `dividend`, as the fact
  /// `dividend % divisor == 0` permits, that rest by 0, and takes the dividend out of
  /// other quotients by the divisor: `(dividend + 1) // 2` is `dividend // 2`.
  Dim assumeDivides(Dim divisor, Dim dividend) const;
  /// The value, or nothing where a symbol is unknown, arithmetic overflows or a
  /// divisor is not positive.
  std::optional<int64_t> evaluate(
      llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> value) const;

  /// Interval arithmetic over the terms.
  Bounds bounds(SymbolBounds symbols) const;

  /// (a, b) with *this = a * symbol + b and neither mentioning the symbol.
  std::optional<std::pair<Dim, Dim>> coefficientOf(llvm::StringRef symbol) const;

  /// A total order by structure, the same in every process.
  int compare(Dim other) const;
  bool operator<(Dim other) const { return compare(other) < 0; }
  bool operator==(Dim other) const { return storage == other.storage; }
  bool operator!=(Dim other) const { return storage != other.storage; }

  const void *getAsOpaquePointer() const { return storage; }
  static Dim getFromOpaquePointer(const void *pointer) {
    return Dim(static_cast<const detail::DimStorage *>(pointer));
  }

private:
  friend class DimAtom;
  friend struct DimBuilder;
  explicit Dim(const detail::DimStorage *storage) : storage(storage) {}
  const detail::DimStorage *storage = nullptr;
};

inline Dim operator+(int64_t value, Dim dim) { return dim + value; }
inline Dim operator-(int64_t value, Dim dim) { return Dim::constant(value) - dim; }
inline Dim operator*(int64_t value, Dim dim) { return dim * value; }

inline llvm::hash_code hash_value(Dim dim) {
  return llvm::hash_value(dim.getAsOpaquePointer());
}
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, Dim dim);

/// True where `dim` >= 0 is proved for every value of the symbols within their
/// bounds for which all of `facts` (each >= 0) hold. The rules are few and fixed:
/// symbols and opaque terms are shifted by their least values and all
/// coefficients must come out >= 0; failing that, minimum and maximum are split
/// into their cases, greatest values are put in, and multiples of facts (and of
/// the laws of // and %) that cancel a negative term are subtracted, a few deep.
bool proveNonNegative(Dim dim, SymbolBounds symbols,
                      llvm::ArrayRef<Dim> facts = {});

} // namespace heddle

template <>
struct llvm::DenseMapInfo<heddle::Dim> {
  static heddle::Dim getEmptyKey() {
    return heddle::Dim::getFromOpaquePointer(
        llvm::DenseMapInfo<const void *>::getEmptyKey());
  }
  static heddle::Dim getTombstoneKey() {
    return heddle::Dim::getFromOpaquePointer(
        llvm::DenseMapInfo<const void *>::getTombstoneKey());
  }
  static unsigned getHashValue(heddle::Dim dim) {
    return llvm::DenseMapInfo<const void *>::getHashValue(dim.getAsOpaquePointer());
  }
  static bool isEqual(heddle::Dim a, heddle::Dim b) { return a == b; }
};

#endif // HEDDLE_DIALECTS_GRAPH_DIM_H
