//===- GraphDialect.cpp - The graph dialect -------------------------------===//
//
// Registration, constants, and the attributes that entries carry.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/FoldInterfaces.h"
#include "llvm/ADT/StringSet.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

#include "dialects/Graph/GraphDialect.cpp.inc"

namespace {

/// Constants that appear while a body is folded stay in that body, so that a
/// comprehension can be moved and cloned as it stands.
struct GraphFoldInterface : DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  bool shouldMaterializeInto(Region *region) const final {
    return isa<ComprehensionOpInterface>(region->getParentOp());
  }
};

} // namespace

void GraphDialect::initialize() {
  registerTypes();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/Graph/GraphOps.cpp.inc"
      >();
  addInterfaces<GraphFoldInterface>();
}

Operation *GraphDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                             Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

//===----------------------------------------------------------------------===//
// Attributes of entries
//===----------------------------------------------------------------------===//

/// graph.dims: sizes of different names, which declare every symbol inside.
static LogicalResult verifyDims(Operation *op, Attribute value) {
  auto sizes = dyn_cast<ArrayAttr>(value);
  if (!sizes || !llvm::all_of(sizes, llvm::IsaPred<SizeAttr>))
    return op->emitOpError("expected 'graph.dims' to be an array of #graph.size");
  SmallVector<Attribute> all(sizes.begin(), sizes.end());
  if (auto born = op->getAttrOfType<ArrayAttr>("graph.born"))
    all.append(born.begin(), born.end());
  llvm::StringSet<> names;
  for (Attribute attr : all)
    if (auto size = dyn_cast<SizeAttr>(attr); size && !names.insert(size.getName()).second)
      return op->emitOpError("declares dimension '") << size.getName() << "' twice";
  return verifySymbolsAreDeclared(op, ArrayAttr::get(op->getContext(), all));
}

/// graph.born: the sizes of dimensions that no argument has, but a state or
/// graph.dim. They are declared together with graph.dims, which is there too.
static LogicalResult verifyBorn(Operation *op, Attribute value) {
  auto sizes = dyn_cast<ArrayAttr>(value);
  if (sizes && llvm::all_of(sizes, llvm::IsaPred<SizeAttr>) && op->hasAttr("graph.dims"))
    return success();
  return op->emitOpError("expected 'graph.born' to be an array of #graph.size beside 'graph.dims'");
}

static LogicalResult verifyExample(Operation *op, Attribute value) {
  auto example = dyn_cast<DictionaryAttr>(value);
  if (!example || !llvm::all_of(example, [](NamedAttribute named) {
        return isa<IntegerAttr>(named.getValue());
      }))
    return op->emitOpError(
        "expected 'graph.example' to be a dictionary from dimension to integer");
  auto sizes = op->getAttrOfType<ArrayAttr>("graph.dims");
  for (NamedAttribute named : example) {
    auto declares = [&](Attribute attr) {
      auto size = dyn_cast<SizeAttr>(attr);
      return size && size.getName() == named.getName().getValue();
    };
    if (!sizes || llvm::none_of(sizes, declares))
      return op->emitOpError("gives an example of '")
             << named.getName().getValue() << "', which 'graph.dims' does not declare";
  }
  return success();
}

static LogicalResult verifyText(Operation *op, NamedAttribute named) {
  if (isa<StringAttr>(named.getValue()))
    return success();
  return op->emitOpError("expected '") << named.getName().getValue() << "' to be a string";
}

LogicalResult GraphDialect::verifyOperationAttribute(Operation *op,
                                                     NamedAttribute named) {
  StringRef name = named.getName().getValue();
  if (name == "graph.model") {
    if (!isa<ModuleOp>(op))
      return op->emitOpError("'graph.model' belongs on a module");
    return verifyText(op, named);
  }
  if (!isa<ModuleOp, FunctionOpInterface>(op))
    return success();
  if (name == "graph.doc")
    return verifyText(op, named);
  if (isa<FunctionOpInterface>(op)) {
    if (name == "graph.dims")
      return verifyDims(op, named.getValue());
    if (name == "graph.born")
      return verifyBorn(op, named.getValue());
    if (name == "graph.facts") {
      auto facts = dyn_cast<ArrayAttr>(named.getValue());
      if (facts && llvm::all_of(facts, llvm::IsaPred<FactAttr>))
        return success();
      return op->emitOpError("expected 'graph.facts' to be an array of #graph.fact");
    }
    if (name == "graph.example")
      return verifyExample(op, named.getValue());
    // How the model file writes the facts, in the order of graph.facts.
    if (name == "graph.fact_texts") {
      auto texts = dyn_cast<ArrayAttr>(named.getValue());
      if (texts && llvm::all_of(texts, llvm::IsaPred<StringAttr>))
        return success();
      return op->emitOpError("expected 'graph.fact_texts' to be an array of strings");
    }
    // How it writes the upper bounds of dimensions: {S = "P"}.
    if (name == "graph.bound_names") {
      auto names = dyn_cast<DictionaryAttr>(named.getValue());
      if (names && llvm::all_of(names, [](NamedAttribute n) { return isa<StringAttr>(n.getValue()); }))
        return success();
      return op->emitOpError("expected 'graph.bound_names' to be a dictionary of strings");
    }
  }
  return op->emitOpError("has an unknown attribute '") << name << "'";
}

/// Attributes of an argument or a result of type `type`.
static LogicalResult verifyValueAttribute(Operation *op, Type type,
                                          NamedAttribute named) {
  StringRef name = named.getName().getValue();
  if (name == "graph.name" || name == "graph.doc")
    return verifyText(op, named);
  if (name == "graph.bound") {
    auto tensor = dyn_cast<GraphTensorType>(type);
    if (!isa<DimAttr>(named.getValue()) || !tensor ||
        !isa<IntegerType>(tensor.getElementType()))
      return op->emitOpError(
          "expected 'graph.bound' to be a #graph.dim on a tensor of integers");
    return success();
  }
  return op->emitOpError("has an unknown attribute '")
         << name << "' on an argument or a result";
}

LogicalResult GraphDialect::verifyRegionArgAttribute(Operation *op, unsigned region,
                                                     unsigned index,
                                                     NamedAttribute named) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  return verifyValueAttribute(op, function.getArgumentTypes()[index], named);
}

LogicalResult GraphDialect::verifyRegionResultAttribute(Operation *op, unsigned region,
                                                        unsigned index,
                                                        NamedAttribute named) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  return verifyValueAttribute(op, function.getResultTypes()[index], named);
}
