//===- WeightOps.cpp - What is known before any data ----------------------===//

#include "dialects/Graph/GraphOps.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

static bool hasConstantShape(GraphTensorType type) {
  return llvm::all_of(type.getShape(), [](Dim dim) { return dim.isConstant(); });
}

LogicalResult WeightOp::verify() {
  auto paths = getPaths().getAsRange<StringAttr>();
  bool empty = llvm::any_of(paths, [](StringAttr path) { return path.empty(); });
  GraphTensorType type = getType();
  if (getPaths().empty() || empty || (getPaths().size() > 1 && !getStacked() && type.getRank() == 0)) /*weight_c1*/
    return emitOpError("expected one path, a stack of paths or tensors joined along an axis, no path empty");
  if (!hasConstantShape(type)) /*weight_c2*/
    return emitOpError("expected constant dimensions, got ") << type;
  if (getStacked() && (type.getRank() == 0 ||
                       !type.getDim(0).isConstant(getPaths().size()))) /*weight_c3*/
    return emitOpError("expected a first dimension of ")
           << getPaths().size() << ", one for each path, got " << type;
  if (getBound() && !isa<IntegerType>(type.getElementType())) /*weight_c4*/
    return emitOpError("expected integers to be bounded, got ") << type;
  return success();
}

Value GlobalOp::getReturned() {
  return cast<graph::ReturnOp>(getBody().front().getTerminator()).getValue();
}

LogicalResult GlobalOp::verifyRegions() {
  Block &block = getBody().front();
  auto result = dyn_cast<graph::ReturnOp>(block.getTerminator());
  if (block.getNumArguments() != 0 || !result ||
      result.getValue().getType() != getTensorType()) /*global_c1*/
    return emitOpError("expected a body without arguments that returns a ")
           << getTensorType();
  if (!hasConstantShape(getTensorType())) /*global_c2*/
    return emitOpError("expected constant dimensions, got ") << getTensorType();
  return success();
}

LogicalResult GetGlobalOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto global = symbols.lookupNearestSymbolFrom<GlobalOp>(*this, getGlobalAttr());
  if (!global || global.getTensorType() != getType().withLayout({})) /*get_global_c1*/
    return emitOpError("expected '")
           << getGlobal() << "' to be a graph.global of type " << getType();
  return success();
}
