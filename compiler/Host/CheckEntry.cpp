//===- CheckEntry.cpp - What host functions can be made of ----------------===//
//
// Implements checkEntry(). An entry that is not of the form that outlining leaves,
// or whose tensors are larger than kernels can index, is refused here, so that
// what follows may rely on it.
//
//===----------------------------------------------------------------------===//

#include "compiler/Host/Plan.h"

#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/MathExtras.h"

namespace heddle::host {

using namespace mlir;

namespace {

/// The least and the greatest value of a dimension.
struct Range {
  int64_t least, most;
};
using MaybeRange = std::optional<Range>; // nothing: perhaps beyond 64 bits

MaybeRange rangeOf(Dim dim, SymbolBounds symbols);

MaybeRange multiply(Range a, Range b) {
  Range out{INT64_MAX, INT64_MIN};
  for (int64_t x : {a.least, a.most})
    for (int64_t y : {b.least, b.most}) {
      int64_t product;
      if (llvm::MulOverflow(x, y, product))
        return std::nullopt;
      out = {std::min(out.least, product), std::max(out.most, product)};
    }
  return out;
}

int64_t floorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0); }

MaybeRange rangeOf(DimAtom atom, SymbolBounds symbols) {
  if (atom.isSymbol()) {
    Bounds bounds = symbols(atom.name());
    if (!bounds.least || !bounds.most)
      return std::nullopt;
    return Range{*bounds.least, *bounds.most};
  }
  MaybeRange a = rangeOf(atom.lhs(), symbols), b = rangeOf(atom.rhs(), symbols);
  if (!a || !b)
    return std::nullopt;
  // Divisors were proved positive; an interval may forget that.
  int64_t least = std::max<int64_t>(b->least, 1), most = std::max<int64_t>(b->most, 1);
  switch (atom.kind()) {
  case DimAtom::FloorDiv:
    return Range{std::min(floorDiv(a->least, least), floorDiv(a->least, most)),
                 std::max(floorDiv(a->most, least), floorDiv(a->most, most))};
  case DimAtom::Mod:
    return Range{0, most - 1};
  case DimAtom::Min:
    return Range{std::min(a->least, b->least), std::min(a->most, b->most)};
  case DimAtom::Max:
    return Range{std::max(a->least, b->least), std::max(a->most, b->most)};
  case DimAtom::Symbol:
    break;
  }
  llvm_unreachable("a symbol has returned");
}

MaybeRange rangeOf(Dim dim, SymbolBounds symbols) {
  if (!dim)
    return std::nullopt;
  Range sum{0, 0};
  for (const DimTerm &term : dim.terms()) {
    MaybeRange product = Range{term.coefficient, term.coefficient};
    for (auto [factor, power] : term.factors) {
      MaybeRange range = rangeOf(factor, symbols);
      for (unsigned i = 0; i < power && range && product; ++i)
        product = multiply(*product, *range);
      if (!range)
        return std::nullopt;
    }
    if (!product || llvm::AddOverflow(sum.least, product->least, sum.least) ||
        llvm::AddOverflow(sum.most, product->most, sum.most))
      return std::nullopt;
  }
  return sum;
}

/// Kernels count elements in 32 bits. With that, no size or address of an entry
/// leaves 64 bits either.
llvm::Error checkSize(const std::string &entry, Type type, SymbolBounds symbols) {
  auto tensor = dyn_cast<graph::GraphTensorType>(type);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << type;
  if (!tensor)
    return llvm::createStringError(entry + ": expected a tensor, got " + text);
  int64_t count = 1;
  // Axes one by one: an empty one must not hide the others from the product.
  for (Dim dim : tensor.getShape()) {
    MaybeRange range = rangeOf(dim, symbols);
    if (!range || range->most > INT32_MAX ||
        (count *= std::max<int64_t>(range->most, 1)) > INT32_MAX)
      return llvm::createStringError(entry + ": a value of type " + text +
                                     " may have more than 2147483647 elements; lower the bounds of its dimensions");
  }
  return llvm::Error::success();
}

} // namespace

llvm::Error checkEntry(func::FuncOp op) {
  std::string entry = "entry " + op.getName().str();
  if (!op.getBody().hasOneBlock())
    return llvm::createStringError(entry + ": expected a body of one block");
  graph::DimBounds bounds = graph::DimBounds::enclosing(&op.getBody().front().front());
  for (Type type : llvm::concat<const Type>(op.getArgumentTypes(), op.getResultTypes()))
    if (llvm::Error error = checkSize(entry, type, bounds))
      return error;

  auto facts = op->getAttrOfType<ArrayAttr>("graph.facts"), texts = op->getAttrOfType<ArrayAttr>("graph.fact_texts");
  if ((facts ? facts.size() : 0) != (texts ? texts.size() : 0))
    return llvm::createStringError(entry + ": expected 'graph.fact_texts' to have a text for each of 'graph.facts'");

  for (Operation &inner : op.getBody().front()) {
    if (isa<graph::WeightOp, graph::GetGlobalOp, func::ReturnOp>(inner))
      continue;
    auto call = dyn_cast<kernel::CallOp>(inner);
    if (!call)
      return llvm::createStringError(entry + ": " + inner.getName().getStringRef().str() +
                                     " may not stand beside calls of kernels");
    for (Type type : call.getResultTypes())
      if (llvm::Error error = checkSize(entry, type, bounds))
        return error;
  }
  llvm::SmallPtrSet<Value, 4> returned;
  for (Value value : op.getBody().front().getTerminator()->getOperands())
    if (!value.getDefiningOp<kernel::CallOp>() || !returned.insert(value).second)
      return llvm::createStringError(entry + ": expected to return different results of kernels");
  return llvm::Error::success();
}

} // namespace heddle::host
