//===- ControlOps.cpp - What happens at run time, in its order ------------===//

#include "dialects/Graph/GraphOps.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

static bool isScalarOf(Type type, unsigned width) {
  auto tensor = dyn_cast<GraphTensorType>(type);
  return tensor && tensor.getRank() == 0 && tensor.getElementType().isInteger(width);
}

/// The arguments of a turn's body: which turn, and what is carried.
static bool takesTurn(Block &body, TypeRange carried) {
  return body.getNumArguments() == carried.size() + 1 && isScalarOf(body.getArgument(0).getType(), 32) &&
         TypeRange(body.getArgumentTypes()).drop_front() == carried;
}

/// The values of the block's graph.next; nothing where it ends otherwise.
static std::optional<TypeRange> given(Block &body) {
  auto next = body.empty() ? NextOp() : dyn_cast<NextOp>(body.back());
  return next ? std::optional(TypeRange(next.getValues())) : std::nullopt;
}

LogicalResult LoopOp::verifyRegions() {
  if (!isScalarOf(getLower().getType(), 32) || !isScalarOf(getUpper().getType(), 32)) /*loop_c1*/
    return emitOpError("expected i32 scalars as 'lower' and 'upper'");
  TypeRange carried(getInits());
  if (!takesTurn(getBody().front(), carried) || TypeRange(getResultTypes()) != carried) /*loop_c2*/
    return emitOpError("expected a body that takes an i32 scalar and what is carried, which are the results");
  if (given(getBody().front()) != carried) /*loop_c3*/
    return emitOpError("expected the body to end in a graph.next of what is carried");
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  TypeRange carried(getInits()), results(getResultTypes());
  if (!takesTurn(getBody().front(), carried) || results.size() < carried.size() ||
      results.take_front(carried.size()) != carried) /*scan_c1*/
    return emitOpError("expected a body that takes an i32 scalar and what is carried, with which the results begin");
  std::optional<TypeRange> turn = given(getBody().front());
  bool fits = turn && turn->size() == results.size();
  for (size_t i = 0; fits && i < results.size(); ++i) {
    auto result = cast<GraphTensorType>(results[i]), value = cast<GraphTensorType>((*turn)[i]);
    if (i < carried.size())
      fits = result == value;
    else
      fits = result.getRank() == value.getRank() + 1 && result.getDim(0) == getIndex().getExtent() &&
             result.getShape().drop_front() == value.getShape() && result.getElementType() == value.getElementType();
  }
  if (!fits) /*scan_c2*/
    return emitOpError("expected the body to end in a graph.next of what is carried and of what is stacked");
  return success();
}

LogicalResult IfOp::verifyRegions() {
  if (!isScalarOf(getCondition().getType(), 1)) /*if_c1*/
    return emitOpError("expected an i1 scalar as 'condition'");
  for (Region *region : {&getThenRegion(), &getElseRegion()})
    if (region->getNumArguments() || given(region->front()) != TypeRange(getResultTypes())) /*if_c2*/
      return emitOpError("expected regions without arguments that end in a graph.next of the results");
  return success();
}

static LogicalResult verifyCondition(Operation *op, Value condition) {
  if (isScalarOf(condition.getType(), 1)) /*while_c1, require_c1*/
    return success();
  return op->emitOpError("expected an i1 scalar as 'condition'");
}

LogicalResult WhileOp::verify() { return verifyCondition(*this, getCondition()); }
LogicalResult RequireOp::verify() { return verifyCondition(*this, getCondition()); }

LogicalResult DimOp::verify() {
  if (!isScalarOf(getValue().getType(), 32)) /*dim_c1*/
    return emitOpError("expected an i32 scalar as 'value'");
  return success();
}

LogicalResult GradOp::verify() {
  auto loss = cast<GraphTensorType>(getLoss().getType());
  if (loss.getRank() != 0 || !loss.getElementType().isF32()) /*grad_c1*/
    return emitOpError("expected an f32 scalar as 'loss'");
  return success();
}
