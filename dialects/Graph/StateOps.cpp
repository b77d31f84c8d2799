//===- StateOps.cpp - Memory that outlives a call -------------------------===//

#include "dialects/Graph/GraphOps.h"

#include "llvm/ADT/StringSet.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

GraphTensorType StateOp::getFieldType(StringRef field) {
  auto next = cast<NextOp>(getBody().front().getTerminator());
  for (auto [name, value] : llvm::zip(getFields().getAsValueRange<StringAttr>(), next.getValues()))
    if (name == field)
      return cast<GraphTensorType>(value.getType());
  return {};
}

LogicalResult StateOp::verifyRegions() {
  llvm::StringSet<> names;
  for (StringRef name : getFields().getAsValueRange<StringAttr>())
    if (!names.insert(name).second) /*state_c1*/
      return emitOpError("has two fields '") << name << "'";
  if (names.empty()) /*state_c1*/
    return emitOpError("expected at least one field");
  Block &block = getBody().front();
  auto next = block.empty() ? NextOp() : dyn_cast<NextOp>(block.back());
  if (block.getNumArguments() || !next || next.getValues().size() != names.size()) /*state_c2*/
    return emitOpError("expected a body without arguments that gives a value for each field");
  return verifySymbolsAreDeclared(*this, getDims()); /*state_c3*/
}

/// `type`: how the entry calls the type of the field.
static LogicalResult verifyUse(Operation *op, FlatSymbolRefAttr name, StringRef field, Type type,
                               SymbolTableCollection &symbols) {
  auto state = symbols.lookupNearestSymbolFrom<StateOp>(op, name);
  auto used = cast<GraphTensorType>(type), held = state ? state.getFieldType(field) : GraphTensorType();
  if (!held || held.getElementType() != used.getElementType() ||
      held.getRank() != used.getRank()) /*state_get_c1, state_set_c1*/
    return op->emitOpError("expected '")
           << name.getValue() << "' to be a graph.state with a field '" << field << "' like " << type;
  return success();
}

LogicalResult StateGetOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyUse(*this, getStateAttr(), getField(), getType(), symbols);
}

LogicalResult StateSetOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyUse(*this, getStateAttr(), getField(), getValue().getType(), symbols);
}
