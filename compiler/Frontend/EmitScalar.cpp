//===- EmitScalar.cpp - Conversions and operations of bodies --------------===//

#include "compiler/Frontend/Emitter.h"

#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace heddle::frontend {

using namespace mlir;

/// Truncates toward zero and saturates; NaN gives 0.
Value Emitter::toInteger(Value value, unsigned width, bool isUnsigned, Body &body) {
  Location loc = body.loc;
  int64_t least = isUnsigned ? 0 : -(int64_t(1) << (width - 1));
  if (width == 64)
    least = INT64_MIN;
  int64_t most = width == 64 ? INT64_MAX
                             : (int64_t(1) << (isUnsigned ? width : width - 1)) - 1;
  Type computed = width == 64 ? builder.getI64Type() : builder.getI32Type();
  if (isa<FloatType>(value.getType())) {
    Type real = value.getType();
    auto limit = [&](double at) {
      return Value(arith::ConstantOp::create(builder, loc, builder.getFloatAttr(real, at)));
    };
    auto whole = [&](int64_t at) {
      return Value(arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(computed, at)));
    };
    // Both ends as powers of two, exact in every float type; between them the
    // conversion is defined.
    double low = double(least), high = double(most) + 1;
    Value tooLow = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLE, value, limit(low));
    Value tooHigh = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGE, value, limit(high));
    Value isNaN = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, value, value);
    Value outside = arith::OrIOp::create(builder, loc, arith::OrIOp::create(builder, loc, tooLow, tooHigh), isNaN);
    Value safe = arith::SelectOp::create(builder, loc, outside, limit(0), value);
    Value result = arith::FPToSIOp::create(builder, loc, computed, safe);
    result = arith::SelectOp::create(builder, loc, tooLow, whole(least), result);
    return arith::SelectOp::create(builder, loc, tooHigh, whole(most), result);
  }
  if (value.getType().isIndex())
    value = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
  if (value.getType().isInteger(1))
    return arith::ExtUIOp::create(builder, loc, computed, value);
  // An integer type that holds every value of the old one saturates nothing.
  unsigned old = value.getType().getIntOrFloatBitWidth();
  if (old > width || width < 32) {
    value = arith::MaxSIOp::create(builder, loc, value, constantLike(value, least, body));
    value = arith::MinSIOp::create(builder, loc, value, constantLike(value, most, body));
  }
  if (value.getType() == computed)
    return value;
  if (old > computed.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(builder, loc, computed, value);
  return arith::ExtSIOp::create(builder, loc, computed, value);
}

Value Emitter::roundTo(Value value, Element element, Body &body) {
  Location loc = body.loc;
  switch (element) {
  case Element::Bool: {
    if (value.getType().isInteger(1))
      return value;
    if (isa<FloatType>(value.getType()))
      return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNE, value, constantLike(value, 0, body));
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, value, constantLike(value, 0, body));
  }
  case Element::I8:  return toInteger(value, 8, false, body);
  case Element::U8:  return toInteger(value, 8, true, body);
  case Element::I32: return toInteger(value, 32, false, body);
  case Element::I64: return toInteger(value, 64, false, body);
  case Element::F16:
  case Element::BF16: {
    Value narrow = arith::TruncFOp::create(builder, loc, elementType(element), convert(value, Scalar::F32, body));
    return arith::ExtFOp::create(builder, loc, builder.getF32Type(), narrow);
  }
  case Element::F32:
    if (value.getType().isInteger(1))
      return arith::UIToFPOp::create(builder, loc, builder.getF32Type(), value);
    return convert(value, Scalar::F32, body);
  }
  llvm_unreachable("all elements are covered");
}

static arith::CmpIPredicate integerPredicate(NodeOp op) {
  switch (op) {
  case NodeOp::Lt: return arith::CmpIPredicate::slt;
  case NodeOp::Le: return arith::CmpIPredicate::sle;
  case NodeOp::Gt: return arith::CmpIPredicate::sgt;
  case NodeOp::Ge: return arith::CmpIPredicate::sge;
  case NodeOp::Eq: return arith::CmpIPredicate::eq;
  default:         return arith::CmpIPredicate::ne;
  }
}

static arith::CmpFPredicate floatPredicate(NodeOp op) {
  switch (op) {
  case NodeOp::Lt: return arith::CmpFPredicate::OLT;
  case NodeOp::Le: return arith::CmpFPredicate::OLE;
  case NodeOp::Gt: return arith::CmpFPredicate::OGT;
  case NodeOp::Ge: return arith::CmpFPredicate::OGE;
  case NodeOp::Eq: return arith::CmpFPredicate::OEQ;
  default:         return arith::CmpFPredicate::UNE;
  }
}

Value Emitter::emitOp(const Node &node, Body &body) {
  Location loc = body.loc;
  SmallVector<Value> args;
  for (const NodeRef &arg : node.args)
    args.push_back(emit(arg, body));

  // Comparisons meet in the wider type of their operands.
  if (node.op >= NodeOp::Lt && node.op <= NodeOp::Ne) {
    Scalar common = std::max(node.args[0]->type, node.args[1]->type);
    Value a = convert(args[0], common, body), b = convert(args[1], common, body);
    if (common == Scalar::F32)
      return arith::CmpFOp::create(builder, loc, floatPredicate(node.op), a, b);
    return arith::CmpIOp::create(builder, loc, integerPredicate(node.op), a, b);
  }
  if (node.op == NodeOp::IsNan) {
    Value a = convert(args[0], Scalar::F32, body);
    return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, a, a);
  }
  if (node.op == NodeOp::Uniform) {
    for (Value &arg : args)
      arg = convert(arg, Scalar::I64, body);
    return graph::UniformOp::create(builder, loc, builder.getF32Type(), args.front(), ArrayRef(args).drop_front());
  }
  if (node.op == NodeOp::Select)
    return arith::SelectOp::create(builder, loc, args[0], convert(args[1], node.type, body),
                                   convert(args[2], node.type, body));

  for (Value &arg : args)
    arg = convert(arg, node.type, body);
  Value a = args[0], b = args.size() > 1 ? args[1] : Value();
  bool real = node.type == Scalar::F32;
  switch (node.op) {
  case NodeOp::Neg:
    if (real)
      return arith::NegFOp::create(builder, loc, a);
    return arith::SubIOp::create(builder, loc, constantLike(a, 0, body), a);
  case NodeOp::Not: {
    Value yes = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    return arith::XOrIOp::create(builder, loc, a, yes);
  }
  case NodeOp::Abs:
    if (real)
      return math::AbsFOp::create(builder, loc, a);
    return arith::MaxSIOp::create(builder, loc, a,
                                  arith::SubIOp::create(builder, loc, constantLike(a, 0, body), a));
  case NodeOp::Exp:   return math::ExpOp::create(builder, loc, a);
  case NodeOp::Log:   return math::LogOp::create(builder, loc, a);
  case NodeOp::Sqrt:  return math::SqrtOp::create(builder, loc, a);
  case NodeOp::Rsqrt: return math::RsqrtOp::create(builder, loc, a);
  case NodeOp::Sin:   return math::SinOp::create(builder, loc, a);
  case NodeOp::Cos:   return math::CosOp::create(builder, loc, a);
  case NodeOp::Tanh:  return math::TanhOp::create(builder, loc, a);
  case NodeOp::Erf:   return math::ErfOp::create(builder, loc, a);
  case NodeOp::Floor: return math::FloorOp::create(builder, loc, a);
  case NodeOp::Ceil:  return math::CeilOp::create(builder, loc, a);
  case NodeOp::Round: return math::RoundEvenOp::create(builder, loc, a);
  case NodeOp::Add:
    if (real) return arith::AddFOp::create(builder, loc, a, b);
    return arith::AddIOp::create(builder, loc, a, b);
  case NodeOp::Sub:
    if (real) return arith::SubFOp::create(builder, loc, a, b);
    return arith::SubIOp::create(builder, loc, a, b);
  case NodeOp::Mul:
    if (real) return arith::MulFOp::create(builder, loc, a, b);
    return arith::MulIOp::create(builder, loc, a, b);
  case NodeOp::Div:
    return arith::DivFOp::create(builder, loc, a, b);
  case NodeOp::FloorDiv:
    return arith::FloorDivSIOp::create(builder, loc, a, b);
  case NodeOp::Mod: {
    LinearForms forms(dims);
    bool nonNegative = forms.proveNonNegative(forms.of(node.args[0]), {});
    return emitFloorMod(a, b, nonNegative, body);
  }
  case NodeOp::Pow:
    if (real) return math::PowFOp::create(builder, loc, a, b);
    return math::IPowIOp::create(builder, loc, a, b);
  case NodeOp::Min:
    if (real) return arith::MinNumFOp::create(builder, loc, a, b);
    return arith::MinSIOp::create(builder, loc, a, b);
  case NodeOp::Max:
    if (real) return arith::MaxNumFOp::create(builder, loc, a, b);
    return arith::MaxSIOp::create(builder, loc, a, b);
  case NodeOp::And: return arith::AndIOp::create(builder, loc, a, b);
  case NodeOp::Or:  return arith::OrIOp::create(builder, loc, a, b);
  default: break;
  }
  llvm_unreachable("all operations are covered");
}

} // namespace heddle::frontend
