//===- DimText.cpp - Dimensions as text -----------------------------------===//
//
// Printing and reading, in the spelling of the language (`//`, `%`) or in that
// of IR (`floordiv`, `mod`).
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/DimStorage.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace heddle;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

namespace {

struct Printer {
  llvm::raw_ostream &os;
  bool words;

  void print(Dim dim) {
    llvm::SmallVector<DimTerm> terms = dim.terms();
    if (terms.empty()) {
      os << '0';
      return;
    }
    // `5 - S` reads better than `-S + 5`.
    size_t first = 0;
    while (first + 1 < terms.size() && terms[first].coefficient < 0)
      ++first;
    if (terms[first].coefficient > 0)
      std::rotate(terms.begin(), terms.begin() + first, terms.begin() + first + 1);
    for (auto [i, term] : llvm::enumerate(terms)) {
      bool negative = term.coefficient < 0;
      if (i)
        os << (negative ? " - " : " + ");
      else if (negative)
        os << '-';
      printProduct(term, /*mayBeBare=*/i || !negative);
    }
  }

  /// A term without its sign.
  void printProduct(const DimTerm &term, bool mayBeBare) {
    uint64_t coefficient = term.coefficient < 0 ? -uint64_t(term.coefficient)
                                                : uint64_t(term.coefficient);
    if (term.factors.empty()) {
      os << coefficient;
      return;
    }
    bool alone = coefficient == 1 && term.factors.size() == 1 &&
                 term.factors[0].second == 1;
    bool first = true;
    for (auto [atom, power] : term.factors)
      for (unsigned i = 0; i < power; ++i) {
        if (!first)
          os << " * ";
        first = false;
        printAtom(atom, alone && mayBeBare);
      }
    if (coefficient != 1)
      os << " * " << coefficient;
  }

  void printAtom(DimAtom atom, bool bare) {
    switch (atom.kind()) {
    case DimAtom::Symbol:
      os << atom.name();
      return;
    case DimAtom::Min:
    case DimAtom::Max:
      os << (atom.kind() == DimAtom::Min ? "min(" : "max(");
      print(atom.lhs());
      os << ", ";
      print(atom.rhs());
      os << ')';
      return;
    case DimAtom::FloorDiv:
    case DimAtom::Mod:
      break;
    }
    if (!bare)
      os << '(';
    printOperand(atom.lhs());
    if (atom.kind() == DimAtom::FloorDiv)
      os << (words ? " floordiv " : " // ");
    else
      os << (words ? " mod " : " % ");
    printOperand(atom.rhs());
    if (!bare)
      os << ')';
  }

  void printOperand(Dim dim) {
    llvm::SmallVector<DimTerm> terms = dim.terms();
    bool simple = dim.isConstant() && dim.getConstant() >= 0;
    if (terms.size() == 1 && terms[0].coefficient == 1 &&
        terms[0].factors.size() == 1 && terms[0].factors[0].second == 1) {
      DimAtom::Kind kind = terms[0].factors[0].first.kind();
      simple |= kind != DimAtom::FloorDiv && kind != DimAtom::Mod;
    }
    if (!simple)
      os << '(';
    print(dim);
    if (!simple)
      os << ')';
  }
};

} // namespace

void Dim::print(llvm::raw_ostream &os, bool words) const {
  if (!isValid())
    os << "<invalid>";
  else
    Printer{os, words}.print(*this);
}

std::string Dim::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return text;
}

llvm::raw_ostream &heddle::operator<<(llvm::raw_ostream &os, Dim dim) {
  dim.print(os);
  return os;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// sum = product { (+|-) product }; product = unary { (*|//|%) unary };
/// unary = [-] primary. An invalid Dim is a failure.
struct Reader {
  StringRef rest;
  unsigned depth = 0;
  static constexpr unsigned kMaxDepth = 64;

  bool take(StringRef token) {
    rest = rest.ltrim(" \t");
    return rest.consume_front(token);
  }

  StringRef peekWord() {
    rest = rest.ltrim(" \t");
    if (rest.empty() || !(llvm::isAlpha(rest[0]) || rest[0] == '_'))
      return {};
    return rest.take_while([](char c) {
      return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$';
    });
  }

  bool takeWord(StringRef word) {
    if (peekWord() != word)
      return false;
    rest = rest.drop_front(word.size());
    return true;
  }

  Dim sum() {
    if (++depth > kMaxDepth)
      return Dim();
    Dim result = product();
    while (result) {
      if (take("+"))
        result = result + product();
      else if (take("-"))
        result = result - product();
      else
        break;
    }
    --depth;
    return result;
  }

  Dim product() {
    Dim result = unary();
    while (result) {
      if (take("*"))
        result = result * unary();
      else if (take("//") || takeWord("floordiv"))
        result = Dim::floorDiv(result, unary());
      else if (take("%") || takeWord("mod"))
        result = Dim::mod(result, unary());
      else
        break;
    }
    return result;
  }

  Dim unary() {
    bool negative = false;
    while (take("-"))
      negative = !negative;
    Dim result = primary();
    return negative ? -result : result;
  }

  Dim primary() {
    if (take("(")) {
      Dim inner = sum();
      return take(")") ? inner : Dim();
    }
    if (rest.empty())
      return Dim();
    if (llvm::isDigit(rest[0])) {
      int64_t value;
      if (rest.consumeInteger(10, value) ||
          (!rest.empty() && (llvm::isAlpha(rest[0]) || rest[0] == '_')))
        return Dim();
      return Dim::constant(value);
    }
    StringRef word = peekWord();
    rest = rest.drop_front(word.size());
    if (word == "min" || word == "max") {
      if (!take("("))
        return Dim();
      Dim a = sum();
      if (!a || !take(","))
        return Dim();
      Dim b = sum();
      if (!take(")"))
        return Dim();
      return word == "min" ? Dim::min(a, b) : Dim::max(a, b);
    }
    return Dim::symbol(word);
  }
};

} // namespace

std::optional<Dim> Dim::parse(StringRef text) {
  Reader reader{text};
  Dim dim = reader.sum();
  if (!dim || !reader.rest.trim().empty())
    return std::nullopt;
  return dim;
}
