//===- FlattenAxes.cpp - Run-time axes of several indices get one ---------===//
//
// Implements `graph-flatten-axes`. Kernels know a tensor's axes as constants or
// sizes; an axis `(w i)` of a run-time number of windows is neither, but one index
// `t` with `w = t // I` and `i = t % I` is. An axis whose extent is known stays: its
// digits are separate loops, and what stands innermost is dense.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/GraphOps.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace heddle {
#define GEN_PASS_DEF_FLATTENAXESPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

namespace {

/// The index space of a result whose run-time axes have one index each, and how the
/// old indices come out of it.
struct FlatSpace {
  explicit FlatSpace(ComprehensionOpInterface op) {
    unsigned next = 0;
    for (int32_t count : op.getAxes()) {
      ArrayRef<IndexAttr> digits = op.getIndices().slice(next, count);
      next += count;
      Dim extent = Dim::constant(1);
      for (IndexAttr digit : digits)
        extent = extent * digit.getExtent();
      bool flattens = count > 1 && !extent.isConstant();
      changes |= flattens;
      if (flattens) {
        // The first digit's name is free now.
        indices.push_back(IndexAttr::get(op->getContext(), digits[0].getName(), extent));
        axes.push_back(1);
      } else {
        indices.append(digits.begin(), digits.end());
        axes.push_back(count);
      }
      groups.push_back({digits, flattens});
    }
  }

  /// The values of the old indices, given those of the new ones.
  SmallVector<Value> digits(OpBuilder &builder, Location loc, ValueRange flat) const {
    SmallVector<Value> values;
    unsigned next = 0;
    for (const Group &group : groups) {
      if (!group.flattens) {
        for (unsigned i = 0; i < group.digits.size(); ++i)
          values.push_back(flat[next++]);
        continue;
      }
      SmallVector<Value> own(group.digits.size());
      Value rest = flat[next++];
      for (unsigned i = own.size(); i-- > 1;) {
        Value radix = extentOf(builder, loc, group.digits[i].getExtent());
        own[i] = arith::RemSIOp::create(builder, loc, rest, radix);
        rest = arith::FloorDivSIOp::create(builder, loc, rest, radix);
      }
      own[0] = rest;
      llvm::append_range(values, own);
    }
    return values;
  }

  static Value extentOf(OpBuilder &builder, Location loc, Dim dim) {
    if (dim.isConstant())
      return arith::ConstantIndexOp::create(builder, loc, dim.getConstant());
    return ExtentOp::create(builder, loc, builder.getIndexType(), DimAttr::get(builder.getContext(), dim));
  }

  struct Group {
    ArrayRef<IndexAttr> digits;
    bool flattens;
  };
  SmallVector<Group> groups;
  SmallVector<IndexAttr> indices;
  SmallVector<int32_t> axes;
  bool changes = false;
};

struct FlattenAxesPass : public heddle::impl::FlattenAxesPassBase<FlattenAxesPass> {
  void runOnOperation() override {
    for (auto op : llvm::make_early_inc_range(getOperation().getOps<ComprehensionOpInterface>())) {
      FlatSpace space(op);
      if (!space.changes)
        continue;
      ++numFlattened;
      if (auto map = dyn_cast<MapOp>(op.getOperation()))
        flatten(map, space);
      else
        mergeBehind(op, space);
    }
  }

  /// The body takes its indices apart.
  static void flatten(MapOp map, const FlatSpace &space) {
    OpBuilder builder(map);
    auto flat = MapOp::create(builder, map.getLoc(), map.getResultTypes(), space.indices, space.axes);
    Block &old = map.getBody().front(), &body = flat.getBody().front();
    builder.setInsertionPointToStart(&body);
    SmallVector<Value> digits = space.digits(builder, map.getLoc(), body.getArguments());
    body.getOperations().splice(body.end(), old.getOperations());
    for (auto [argument, digit] : llvm::zip(old.getArguments(), digits))
      argument.replaceAllUsesWith(digit);
    map.replaceAllUsesWith(flat.getResults());
    map.erase();
  }

  /// Every other op keeps its indices, now an axis each, and a map makes the axes.
  static void mergeBehind(ComprehensionOpInterface op, const FlatSpace &space) {
    MLIRContext *context = op->getContext();
    GraphTensorType type = op.getTensorType();
    SmallVector<Dim> shape;
    for (unsigned i = 0; i < op.getNumResultIndices(); ++i)
      shape.push_back(op.getExtent(i));
    Value result = op->getResult(0);
    result.setType(GraphTensorType::get(shape, type.getElementType()));
    op->setInherentAttr(StringAttr::get(context, "axes"),
                        DenseI32ArrayAttr::get(context, SmallVector<int32_t>(shape.size(), 1)));
    OpBuilder builder(context);
    builder.setInsertionPointAfter(op);
    auto merge = MapOp::create(builder, op->getLoc(), TypeRange{type}, space.indices, space.axes);
    Block &body = merge.getBody().front();
    builder.setInsertionPointToStart(&body);
    SmallVector<Value> digits = space.digits(builder, op->getLoc(), body.getArguments());
    Value element = ReadOp::create(builder, op->getLoc(), type.getScalarType(), result, digits, /*guarded=*/UnitAttr());
    YieldOp::create(builder, op->getLoc(), ValueRange{element});
    result.replaceUsesWithIf(merge.getResult(0), [&](OpOperand &use) { return use.getOwner()->getBlock() != &body; });
  }
};

} // namespace
