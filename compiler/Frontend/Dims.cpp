//===- Dims.cpp - What is known of the dimensions of a model --------------===//

#include "compiler/Frontend/Dims.h"

namespace heddle::frontend {

Dim DimContext::resolve(Dim dim) const {
  if (!dim.isValid())
    return dim;
  auto once = [&](llvm::StringRef symbol) -> std::optional<Dim> {
    if (auto it = statics.find(symbol); it != statics.end())
      return Dim::constant(it->second);
    if (auto it = rewrites.find(symbol); it != rewrites.end())
      return it->second;
    return std::nullopt;
  };
  // A rewrite may name symbols that are rewritten in turn; a cycle ends here.
  for (unsigned round = 0; round < 8; ++round) {
    Dim next = dim.substitute(once);
    if (next == dim)
      break;
    dim = next;
  }
  for (auto [divisor, dividend] : divides)
    dim = dim.assumeDivides(divisor, dividend);
  return dim;
}

Bounds DimContext::boundsOf(llvm::StringRef symbol) const {
  if (auto it = statics.find(symbol); it != statics.end())
    return {it->second, it->second};
  if (auto it = runtime.find(symbol.str()); it != runtime.end())
    return it->second;
  return {};
}

Bounds DimContext::bounds(Dim dim) const {
  return resolve(dim).bounds([&](llvm::StringRef s) { return boundsOf(s); });
}

bool DimContext::proveNonNegative(Dim dim, llvm::ArrayRef<Dim> more) const {
  dim = resolve(dim);
  if (!dim.isValid())
    return false;
  llvm::SmallVector<Dim> all(facts.begin(), facts.end());
  all.append(required.begin(), required.end());
  all.append(more.begin(), more.end());
  return heddle::proveNonNegative(
      dim, [&](llvm::StringRef s) { return boundsOf(s); }, all);
}

std::string DimContext::describe(Dim dim) const {
  if (!dim.isValid())
    return "?";
  std::string text = dim.str();
  if (auto constant = value(dim); constant && !dim.isConstant())
    text += " = " + std::to_string(*constant);
  return text;
}

} // namespace heddle::frontend
