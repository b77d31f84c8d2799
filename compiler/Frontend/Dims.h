//===- Dims.h - What is known of the dimensions of a model ----------------===//

#ifndef HEDDLE_COMPILER_FRONTEND_DIMS_H
#define HEDDLE_COMPILER_FRONTEND_DIMS_H

#include "dialects/Graph/Dim.h"

#include "llvm/ADT/StringMap.h"

#include <map>
#include <vector>

namespace heddle::frontend {

/// Symbols in the dimensions of one entry. Static ones (config values, the
/// file's constants) keep their names in messages and have a value; run-time
/// ones have bounds and facts.
class DimContext {
public:
  void setStatic(llvm::StringRef symbol, int64_t value) { statics[symbol] = value; }
  void setBounds(llvm::StringRef symbol, Bounds bounds) { runtime[symbol.str()] = bounds; }
  /// fact >= 0.
  void addFact(Dim fact) { facts.push_back(resolve(fact)); }
  /// The same until what is required is forgotten again: at the end of a region.
  void require(Dim fact) { required.push_back(resolve(fact)); }
  size_t numRequired() const { return required.size(); }
  void forgetRequired(size_t kept) { required.resize(kept); }
  /// `symbol` is equal to `value` and is replaced by it everywhere.
  void addRewrite(llvm::StringRef symbol, Dim value) { rewrites[symbol] = value; }
  /// divisor divides dividend.
  void addDivides(Dim divisor, Dim dividend) {
    divides.emplace_back(resolve(divisor), resolve(dividend));
  }

  /// Run-time symbols only, equalities applied: the form that is compared.
  Dim resolve(Dim dim) const;
  /// The value, if it is known when the model is compiled.
  std::optional<int64_t> value(Dim dim) const { return resolve(dim).getIfConstant(); }
  /// Equal for every value of the run-time dimensions.
  bool equal(Dim a, Dim b) const { return a == b || resolve(a) == resolve(b); }
  bool proveNonNegative(Dim dim, llvm::ArrayRef<Dim> more = {}) const;
  Bounds bounds(Dim dim) const;
  Bounds boundsOf(llvm::StringRef symbol) const;
  const std::map<std::string, Bounds> &runtimeSymbols() const { return runtime; }
  llvm::ArrayRef<Dim> allFacts() const { return facts; }

  /// "E = 384", "H * D = 384", "S", "7": for messages.
  std::string describe(Dim dim) const;

private:
  llvm::StringMap<int64_t> statics;
  std::map<std::string, Bounds> runtime;
  std::vector<Dim> facts, required;
  llvm::StringMap<Dim> rewrites;
  std::vector<std::pair<Dim, Dim>> divides;
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_FRONTEND_DIMS_H
