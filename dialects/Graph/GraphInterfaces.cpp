//===- GraphInterfaces.cpp - Constraints of all comprehensions ------------===//

#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSet.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

#include "dialects/Graph/GraphInterfaces.cpp.inc"

YieldOp ComprehensionOpInterface::getYield() {
  return cast<YieldOp>(getBodyBlock().getTerminator());
}

GraphTensorType ComprehensionOpInterface::getTensorType(unsigned i) {
  return cast<GraphTensorType>(getOperation()->getResult(i).getType());
}

SmallVector<Value> ComprehensionOpInterface::getCapturedTensors() {
  llvm::SetVector<Value> tensors;
  for (auto read : getBodyBlock().getOps<ReadOp>())
    tensors.insert(read.getTensor());
  return tensors.takeVector();
}

void heddle::graph::detail::nameIndices(Region &region, ArrayRef<IndexAttr> indices,
                                        OpAsmSetValueNameFn name) {
  for (auto [argument, index] : llvm::zip(region.getArguments(), indices))
    name(argument, index.getName());
}

void heddle::graph::detail::addBody(OpBuilder &builder, OperationState &state,
                                    ArrayRef<IndexAttr> indices) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types(indices.size(), builder.getIndexType());
  SmallVector<Location> locations(indices.size(), state.location);
  builder.createBlock(state.addRegion(), {}, types, locations);
}

static bool isScalar(Type type) {
  return type.isIndex() || type.isF32() || type.isF64() ||
         type.isSignlessInteger(1) || type.isSignlessInteger(32) ||
         type.isSignlessInteger(64);
}

/// C6 and C7, for one op of the body.
static LogicalResult verifyBodyOp(ComprehensionOpInterface op, Operation &inner) {
  if (!isa<ReadOp, ExtentOp, UniformOp, YieldOp>(inner)) /*comprehension_c6*/ {
    Dialect *dialect = inner.getDialect();
    if (!isa_and_nonnull<arith::ArithDialect, math::MathDialect>(dialect) ||
        inner.getNumRegions() != 0)
      return inner.emitOpError("may not stand in the body of a comprehension");
  }
  for (Type type : inner.getResultTypes()) /*comprehension_c6*/
    if (!isScalar(type))
      return inner.emitOpError("expected a scalar in the body of a comprehension, got ")
             << type;
  for (Value operand : inner.getOperands()) /*comprehension_c7*/ {
    if (operand.getParentBlock() == inner.getBlock() ||
        isa<GraphTensorType>(operand.getType()))
      continue;
    Operation *source = operand.getDefiningOp();
    if (!source || !(isa<ExtentOp>(source) || source->hasTrait<OpTrait::ConstantLike>()))
      return inner.emitOpError("expected only tensors, constants and extents from "
                               "outside the comprehension, got ")
             << operand.getType();
  }
  return success();
}

LogicalResult heddle::graph::detail::verifyComprehension(Operation *operation) {
  auto op = cast<ComprehensionOpInterface>(operation);
  ArrayRef<IndexAttr> indices = op.getIndices();
  Block &body = op.getBodyBlock();

  if (body.getNumArguments() != indices.size() ||
      !llvm::all_of(body.getArgumentTypes(),
                    [](Type type) { return type.isIndex(); })) /*comprehension_c1*/
    return op->emitOpError("expected a body with ")
           << indices.size() << " arguments of type index, got "
           << body.getNumArguments() << " arguments";

  llvm::StringSet<> names;
  for (IndexAttr index : indices) /*comprehension_c2*/
    if (!names.insert(index.getName()).second)
      return op->emitOpError("has two indices '") << index.getName() << "'";

  bool binds = op.getKind() == ComprehensionKind::Reduce ||
               op.getKind() == ComprehensionKind::ArgReduce || op.getKind() == ComprehensionKind::Sort ||
               op.getKind() == ComprehensionKind::Scatter;
  size_t numResultIndices = 0;
  for (int32_t size : op.getAxes()) /*comprehension_c3*/ {
    if (size < 1)
      return op->emitOpError("expected axes of at least one index, got ") << size;
    numResultIndices += size;
  }
  if (numResultIndices > indices.size() ||
      (!binds && numResultIndices != indices.size()))
    return op->emitOpError("expected axes of ")
           << (binds ? "at most " : "") << indices.size() << " indices, got "
           << numResultIndices;

  if (op.getKind() != ComprehensionKind::Scatter) {
    SmallVector<Dim> shape;
    size_t next = 0;
    for (int32_t size : op.getAxes()) {
      Dim extent = Dim::constant(1);
      for (int32_t i = 0; i < size; ++i)
        extent = extent * indices[next++].getExtent();
      shape.push_back(extent);
    }
    for (Type type : op->getResultTypes()) /*comprehension_c4*/ {
      ArrayRef<Dim> found = cast<GraphTensorType>(type).getShape();
      if (found == ArrayRef(shape))
        continue;
      InFlightDiagnostic error = op->emitOpError("expected a result of dimensions [");
      llvm::interleaveComma(shape, error, [&](Dim dim) { error << dim.str(); });
      error << "], got " << type;
      return error;
    }
  }

  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValues().size() != op->getNumResults()) /*comprehension_c5*/
    return op->emitOpError("expected the body to yield ")
           << op->getNumResults() << " values";
  if (op.getKind() != ComprehensionKind::ArgReduce && op.getKind() != ComprehensionKind::Sort)
    for (auto [value, type] :
         llvm::zip(yield.getValues(), op->getResultTypes())) /*comprehension_c5*/ {
      Type wanted = cast<GraphTensorType>(type).getScalarType();
      if (value.getType() != wanted)
        return yield.emitOpError("expected a value of type ")
               << wanted << " for a result " << type << ", got " << value.getType();
    }

  for (Operation &inner : body)
    if (failed(verifyBodyOp(op, inner)))
      return failure();

  if (!yield.getPosition().empty() &&
      op.getKind() != ComprehensionKind::Scatter) /*comprehension_c8*/
    return yield.emitOpError("gives a position, but only a scatter takes one");
  if (yield.getCondition() && op.getKind() == ComprehensionKind::Map)
    return yield.emitOpError("gives a condition, but a map takes none");

  for (Type type : op->getResultTypes()) /*comprehension_c9*/
    if (cast<GraphTensorType>(type).getLayout())
      return op->emitOpError("expected a dense result, got ") << type;
  return success();
}
