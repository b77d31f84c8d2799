//===- Work.cpp - How much a kernel does ----------------------------------===//

#include "compiler/Driver/Work.h"

#include "compiler/Host/Plan.h"
#include "passes/Fuse/Structure.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace heddle::driver {

using namespace mlir;
using graph::ComprehensionKind;
using graph::ComprehensionOpInterface;

Dim productsOf(kernel::FuncOp func) {
  Dim products = Dim::constant(0);
  func.walk([&](graph::ReduceOp reduce) {
    bool multiplies = false;
    reduce.walk([&](arith::MulFOp op) { multiplies |= op.getLhs() != op.getRhs(); });
    if (!multiplies)
      return;
    Dim points = Dim::constant(1);
    for (graph::IndexAttr index : reduce.getIndices())
      points = points * index.getExtent();
    products = products + points;
  });
  return products;
}

Dim bytesOf(graph::GraphTensorType type) { return type.getNumElements() * host::elementBytes(type.getElementType()); }

Dim bytesRead(kernel::FuncOp func, unsigned argument) {
  Value tensor = func.getBody().getArgument(argument);
  auto type = cast<graph::GraphTensorType>(tensor.getType());
  Dim all = type.getNumElements(), reached = Dim::constant(0);
  llvm::SmallVector<Dim> seen;
  for (Operation *user : tensor.getUsers()) {
    auto read = dyn_cast<graph::ReadOp>(user);
    if (!read)
      return bytesOf(type); // written over
    auto op = cast<ComprehensionOpInterface>(read->getParentOp());
    llvm::SmallBitVector indices(op.getNumIndices());
    for (Value subscript : read.getSubscripts())
      indices |= fuse::indicesOf(op, subscript);
    Dim points = Dim::constant(1);
    for (unsigned index : indices.set_bits())
      points = points * op.getExtent(index);
    if (llvm::is_contained(seen, points))
      continue;
    seen.push_back(points);
    reached = reached + points;
  }
  graph::DimBounds bounds(func.getSizes());
  bool isAll = !reached || reached == all || proveNonNegative(reached - all, bounds);
  Dim elements = isAll ? all : proveNonNegative(all - reached, bounds) ? reached : Dim::min(reached, all);
  return elements * host::elementBytes(type.getElementType());
}

Dim atCall(Dim dim, kernel::FuncOp callee, kernel::CallOp call) {
  return dim.substitute([&](llvm::StringRef symbol) -> std::optional<Dim> {
    for (auto [size, value] : llvm::zip(callee.getSizes().getAsRange<graph::SizeAttr>(),
                                        call.getSizeValues().getAsRange<graph::DimAttr>()))
      if (size.getName() == symbol)
        return value.getValue();
    return std::nullopt;
  });
}

std::optional<int64_t> evaluate(Dim dim, const reference::DimValues &dims) {
  if (!dim)
    return std::nullopt;
  return dim.evaluate([&](llvm::StringRef symbol) -> std::optional<int64_t> {
    auto it = dims.find(symbol.str());
    return it == dims.end() ? std::nullopt : std::optional<int64_t>(it->second);
  });
}

llvm::StringRef kindOf(kernel::FuncOp func) {
  llvm::StringRef kind = "pointwise";
  for (auto op : func.getBody().front().getOps<ComprehensionOpInterface>()) {
    if (fuse::isContraction(op))
      return "contraction";
    switch (op.getKind()) {
    case ComprehensionKind::Map: break;
    case ComprehensionKind::Cumulate: return "cumulation";
    case ComprehensionKind::Sort: return "sort";
    case ComprehensionKind::Scatter: return "writes";
    case ComprehensionKind::Reduce:
    case ComprehensionKind::ArgReduce:
    case ComprehensionKind::Softmax: kind = "rows"; break;
    }
  }
  return kind;
}

} // namespace heddle::driver
