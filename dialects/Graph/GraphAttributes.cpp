//===- GraphAttributes.cpp - Types and attributes of the graph dialect ----===//

#include "dialects/Graph/GraphOps.h"

#include "mlir/IR/AttrTypeSubElements.h"
#include "llvm/ADT/StringSet.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

LogicalResult SizeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               StringRef name, int64_t least, int64_t most) {
  if (!Dim::isSymbolName(name))
    return emitError() << "'" << name << "' cannot name a dimension";
  if (least < 0 || least > most || most > INT32_MAX)
    return emitError() << "expected 0 <= least <= most <= " << INT32_MAX
                       << " for dimension '" << name << "', got " << least << " and "
                       << most;
  return success();
}

LogicalResult PanelsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int32_t axis, int32_t width) {
  if (axis < 0 || width < 1)
    return emitError() << "expected panels of an axis >= 0 and a width >= 1, got "
                       << axis << " and " << width;
  return success();
}

Type heddle::graph::widenElementType(Type element) {
  if (element.isInteger(8)) {
    if (cast<IntegerType>(element).isSigned())
      return Type();
    return IntegerType::get(element.getContext(), 32);
  }
  if (element.isF16() || element.isBF16())
    return Float32Type::get(element.getContext());
  if (element.isSignlessInteger(1) || element.isSignlessInteger(32) ||
      element.isSignlessInteger(64) || element.isF32() || element.isF64())
    return element;
  return Type();
}

Type GraphTensorType::getScalarType() const {
  return widenElementType(getElementType());
}

LogicalResult GraphTensorType::verify(function_ref<InFlightDiagnostic()> emitError,
                                      ArrayRef<Dim> shape, Type elementType,
                                      PanelsAttr layout) {
  if (!widenElementType(elementType)) /*tensor_c1*/
    return emitError() << "expected elements of i1, i8, ui8, i32, i64, f16, bf16, f32 "
                          "or f64, got "
                       << elementType;
  for (auto [axis, dim] : llvm::enumerate(shape)) {
    if (!dim)
      return emitError() << "dimension " << axis << " is invalid";
    if (dim.isConstant() && dim.getConstant() < 0) /*tensor_c2*/
      return emitError() << "expected dimensions of at least 0, got "
                         << dim.getConstant() << " as dimension " << axis;
  }
  if (layout && size_t(layout.getAxis()) >= shape.size()) /*tensor_c3*/
    return emitError() << "expected panels of one of " << shape.size()
                       << " axes, got axis " << layout.getAxis();
  return success();
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

DimBounds::DimBounds(ArrayAttr sizes) {
  if (!sizes)
    return;
  for (Attribute attr : sizes)
    if (auto size = dyn_cast<SizeAttr>(attr))
      known.push_back({size.getName(), Bounds{size.getLeast(), size.getMost()}});
}

DimBounds DimBounds::enclosing(Operation *op) {
  for (; op; op = op->getParentOp()) {
    if (auto sizes = op->getAttrOfType<ArrayAttr>("graph.dims")) {
      DimBounds bounds(sizes);
      if (auto born = op->getAttrOfType<ArrayAttr>("graph.born"))
        llvm::append_range(bounds.known, DimBounds(born).known);
      return bounds;
    }
    if (auto sizes = op->getAttrOfType<ArrayAttr>("sizes"))
      return DimBounds(sizes);
  }
  return DimBounds(ArrayAttr());
}

Bounds DimBounds::operator()(StringRef symbol) const {
  for (const auto &[name, bounds] : known)
    if (name == symbol)
      return bounds;
  return Bounds();
}

SmallVector<Dim> heddle::graph::enclosingFacts(Operation *op) {
  SmallVector<Dim> known;
  for (; op; op = op->getParentOp())
    if (auto facts = op->getAttrOfType<ArrayAttr>("graph.facts"))
      for (auto fact : facts.getAsRange<FactAttr>()) {
        known.push_back(fact.getValue());
        if (fact.getKind() == FactKind::Zero)
          known.push_back(-fact.getValue());
      }
  return known;
}

LogicalResult heddle::graph::verifySymbolsAreDeclared(Operation *root,
                                                      ArrayAttr sizes) {
  llvm::StringSet<> declared;
  for (Attribute attr : sizes)
    if (auto size = dyn_cast<SizeAttr>(attr))
      declared.insert(size.getName());

  Dim undeclaredIn;
  StringRef undeclared;
  auto look = [&](Dim dim) {
    for (StringRef symbol : dim.symbols())
      if (!declared.contains(symbol)) {
        undeclaredIn = dim;
        undeclared = symbol;
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  };
  AttrTypeWalker walker;
  walker.addWalk([&](DimAttr attr) { return look(attr.getValue()); });
  walker.addWalk([&](FactAttr attr) { return look(attr.getValue()); });
  walker.addWalk([&](IndexAttr attr) { return look(attr.getExtent()); });
  walker.addWalk([&](GraphTensorType type) {
    for (Dim dim : type.getShape())
      if (look(dim).wasInterrupted())
        return WalkResult::interrupt();
    return WalkResult::advance();
  });

  WalkResult result = root->walk([&](Operation *op) {
    bool bad = walker.walk(op->getAttrDictionary()).wasInterrupted();
    for (Type type : op->getResultTypes())
      bad = bad || walker.walk(type).wasInterrupted();
    if (bad) {
      op->emitOpError("uses dimension '")
          << undeclared << "' (in " << undeclaredIn.str()
          << "), which the enclosing function does not declare";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
