//===- DescribeScalar.cpp - Bodies of comprehensions as expressions -------===//
//
// Ops of arith and math are nodes one to one, but where the meanings differ:
// index values are I32, a truncating rest becomes the floor rest where the
// operand may be negative, and unordered comparisons are negated ordered ones.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline/DescribeScalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace heddle;
using namespace mlir;
using kernels::Expr;
using kernels::ExprRef;
using KOp = kernels::Op;
using KType = kernels::Type;

llvm::Error heddle::errorAt(Location location, const llvm::Twine &text) {
  std::string message;
  llvm::raw_string_ostream stream(message);
  auto file = location->findInstanceOf<FileLineColLoc>();
  if (file)
    stream << file.getFilename().getValue() << ":" << file.getLine() << ":" << file.getColumn();
  else
    location.print(stream);
  stream << ": " << text;
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<kernels::Extent> heddle::describeExtent(kernel::FuncOp func, Dim dim,
                                                       Location location) {
  kernels::Extent extent;
  if (dim.isConstant()) {
    extent.constant = dim.getConstant();
    return extent;
  }
  if (dim.isSymbol())
    for (auto [i, size] : llvm::enumerate(func.getSizes().getAsRange<graph::SizeAttr>()))
      if (size.getName() == dim.getSymbol()) {
        extent.size = i;
        return extent;
      }
  return errorAt(location, "expected a constant or a size of the kernel as dimension, got " +
                               dim.str());
}

llvm::Expected<KType> heddle::describeType(Type type, Location location) {
  if (type.isIndex()) return KType::I32;
  if (type.isInteger(1)) return KType::Bool;
  if (type.isInteger(8)) return type.isUnsignedInteger() ? KType::U8 : KType::I8;
  if (type.isInteger(32)) return KType::I32;
  if (type.isInteger(64)) return KType::I64;
  if (type.isF16()) return KType::F16;
  if (type.isBF16()) return KType::BF16;
  if (type.isF32()) return KType::F32;
  if (type.isF64()) return KType::F64;
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return errorAt(location, "kernels have no type " + text);
}

static ExprRef node(KOp op, KType type, std::vector<ExprRef> args = {}) {
  auto expr = std::make_shared<Expr>();
  expr->op = op;
  expr->type = type;
  expr->args = std::move(args);
  return expr;
}

static ExprRef integer(KType type, int64_t value) {
  auto expr = std::make_shared<Expr>();
  expr->type = type;
  expr->integer = value;
  return expr;
}

/// Proved from the expression alone, taking that sizes and indices are small.
static bool isNonNegative(const ExprRef &expr, unsigned depth = 8) {
  auto all = [&] {
    return llvm::all_of(expr->args, [&](const ExprRef &arg) {
      return isNonNegative(arg, depth - 1);
    });
  };
  if (depth == 0)
    return false;
  switch (expr->op) {
  case KOp::Index:
  case KOp::Size:
  case KOp::Mod:
    return true;
  case KOp::Const:
    return expr->integer >= 0;
  case KOp::Add:
  case KOp::Mul:
  case KOp::FloorDiv:
  case KOp::Min:
    return all();
  case KOp::Max:
    return isNonNegative(expr->args[0], depth - 1) || isNonNegative(expr->args[1], depth - 1);
  case KOp::Select:
    return isNonNegative(expr->args[1], depth - 1) && isNonNegative(expr->args[2], depth - 1);
  case KOp::Cast:
    return expr->args[0]->type == KType::Bool;
  default:
    return false;
  }
}

llvm::Expected<ExprRef> ScalarDescriber::describe(Value value) {
  if (ExprRef found = known.lookup(value))
    return found;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto expr = std::make_shared<Expr>();
    expr->op = KOp::Index;
    expr->type = KType::I32;
    expr->ref = argument.getArgNumber();
    auto op = cast<graph::ComprehensionOpInterface>(argument.getOwner()->getParentOp());
    if (llvm::Expected<kernels::Extent> extent = describeExtent(func, op.getExtent(expr->ref), value.getLoc())) {
      int64_t most = extent->constant;
      if (!extent->isConstant())
        most = cast<graph::SizeAttr>(func.getSizes()[extent->size]).getMost();
      ranges[expr] = Range{0, std::max<int64_t>(most - 1, 0)};
    } else {
      llvm::consumeError(extent.takeError());
    }
    return known[value] = expr;
  }
  llvm::Expected<ExprRef> expr = describeOp(*value.getDefiningOp());
  if (expr)
    known[value] = *expr;
  return expr;
}

llvm::Expected<ExprRef> ScalarDescriber::describeConstant(Operation &op, Attribute value) {
  llvm::Expected<KType> type = describeType(op.getResult(0).getType(), op.getLoc());
  if (!type)
    return type.takeError();
  auto expr = std::make_shared<Expr>();
  expr->type = *type;
  if (auto real = dyn_cast<FloatAttr>(value))
    expr->number = real.getValueAsDouble();
  else if (auto whole = dyn_cast<IntegerAttr>(value))
    expr->integer = whole.getType().isInteger(1) ? whole.getValue().getZExtValue()
                                                 : whole.getValue().getSExtValue();
  else
    return errorAt(op.getLoc(), "kernels have no constant of this kind");
  if (*type == KType::I32 && expr->integer != int32_t(expr->integer)) {
    if (!op.getResult(0).getType().isIndex())
      return errorAt(op.getLoc(), "a constant does not fit 32 bits: " + llvm::Twine(expr->integer));
    expr->type = KType::I64;
  }
  return expr;
}

std::optional<ScalarDescriber::Range> ScalarDescriber::rangeOf(const ExprRef &expr) {
  auto [it, isNew] = ranges.try_emplace(expr, std::nullopt);
  if (!isNew)
    return it->second;
  std::optional<Range> range = computeRange(*expr);
  return ranges[expr] = range;
}

/// Interval arithmetic; what leaves 64 bits is all of them.
std::optional<ScalarDescriber::Range> ScalarDescriber::computeRange(const Expr &expr) {
  if (expr.op == KOp::Const)
    return Range{expr.integer, expr.integer};
  if (expr.op == KOp::Size) {
    auto size = cast<graph::SizeAttr>(func.getSizes()[expr.ref]);
    return Range{size.getLeast(), size.getMost()};
  }
  SmallVector<Range, 3> args;
  for (const ExprRef &arg : llvm::drop_begin(expr.args, expr.op == KOp::Select)) {
    std::optional<Range> range = rangeOf(arg);
    if (!range)
      return std::nullopt;
    args.push_back(*range);
  }
  auto corners = [&](auto &&apply) -> Range {
    Range all{INT64_MAX, INT64_MIN};
    for (int64_t a : {args[0].least, args[0].most})
      for (int64_t b : {args[1].least, args[1].most}) {
        int64_t value;
        if (apply(a, b, &value))
          return {INT64_MIN, INT64_MAX};
        all = {std::min(all.least, value), std::max(all.most, value)};
      }
    return all;
  };
  auto add = [](int64_t a, int64_t b, int64_t *to) { return __builtin_add_overflow(a, b, to); };
  auto subtract = [](int64_t a, int64_t b, int64_t *to) { return __builtin_sub_overflow(a, b, to); };
  auto multiply = [](int64_t a, int64_t b, int64_t *to) { return __builtin_mul_overflow(a, b, to); };
  switch (expr.op) {
  case KOp::Add: return corners(add);
  case KOp::Sub: return corners(subtract);
  case KOp::Mul: return corners(multiply);
  case KOp::Min: return Range{std::min(args[0].least, args[1].least), std::min(args[0].most, args[1].most)};
  case KOp::Max: return Range{std::max(args[0].least, args[1].least), std::max(args[0].most, args[1].most)};
  case KOp::Select: return Range{std::min(args[0].least, args[1].least), std::max(args[0].most, args[1].most)};
  case KOp::Mod: return Range{0, std::max<int64_t>(args[1].most - 1, 0)};
  case KOp::FloorDiv: return Range{std::min<int64_t>(args[0].least, 0), std::max<int64_t>(args[0].most, 0)};
  case KOp::Neg: return Range{-args[0].most, -args[0].least};
  case KOp::Cast: return args[0];
  default: return std::nullopt;
  }
}

/// An operation on index values, in 64 bits where 32 might not hold it.
ExprRef ScalarDescriber::indexNode(KOp op, KType type, Args args) {
  ExprRef narrow = node(op, type, {args.begin(), args.end()});
  std::optional<Range> range = type == KType::Bool ? std::nullopt : rangeOf(narrow);
  bool wide = range && (range->least < INT32_MIN || range->most > INT32_MAX);
  for (const ExprRef &arg : args)
    wide |= arg->type == KType::I64;
  if (!wide)
    return narrow;
  for (ExprRef &arg : args)
    if (arg->type == KType::I32)
      arg = node(KOp::Cast, KType::I64, {arg});
  return node(op, type == KType::Bool ? type : KType::I64, {args.begin(), args.end()});
}

/// `value`, at the end of the 32 bits that it is past.
static ExprRef saturated(ExprRef value) {
  ExprRef low = node(KOp::Max, value->type, {value, integer(value->type, INT32_MIN)});
  return node(KOp::Cast, KType::I32, {node(KOp::Min, value->type, {low, integer(value->type, INT32_MAX)})});
}

llvm::Expected<ExprRef> ScalarDescriber::describePosition(Value value) {
  llvm::Expected<ExprRef> expr = describe(value);
  if (!expr || (*expr)->type != KType::I64)
    return expr;
  return saturated(*expr);
}

llvm::Expected<ExprRef> ScalarDescriber::describeCompare(Operation &op, const Args &args) {
  auto make = [&](KOp kind) { return indexNode(kind, KType::Bool, {args[0], args[1]}); };
  auto negate = [&](ExprRef value) { return node(KOp::Not, KType::Bool, {value}); };
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    switch (compare.getPredicate()) {
    case arith::CmpIPredicate::eq: return make(KOp::Eq);
    case arith::CmpIPredicate::ne: return make(KOp::Ne);
    case arith::CmpIPredicate::slt: return make(KOp::Lt);
    case arith::CmpIPredicate::sle: return make(KOp::Le);
    case arith::CmpIPredicate::sgt: return make(KOp::Gt);
    case arith::CmpIPredicate::sge: return make(KOp::Ge);
    default: break;
    }
    // Unsigned and signed orders agree where no operand is negative.
    if (!isNonNegative(args[0]) || !isNonNegative(args[1]))
      return errorAt(op.getLoc(), "kernels have no unsigned comparison");
    switch (compare.getPredicate()) {
    case arith::CmpIPredicate::ult: return make(KOp::Lt);
    case arith::CmpIPredicate::ule: return make(KOp::Le);
    case arith::CmpIPredicate::ugt: return make(KOp::Gt);
    default: return make(KOp::Ge);
    }
  }
  auto isNan = [&] {
    ExprRef a = node(KOp::IsNan, KType::Bool, {args[0]});
    return args[0] == args[1]
               ? a
               : node(KOp::Or, KType::Bool, {a, node(KOp::IsNan, KType::Bool, {args[1]})});
  };
  auto differ = [&] { return node(KOp::Or, KType::Bool, {make(KOp::Lt), make(KOp::Gt)}); };
  switch (cast<arith::CmpFOp>(op).getPredicate()) {
  case arith::CmpFPredicate::OEQ: return make(KOp::Eq);
  case arith::CmpFPredicate::OGT: return make(KOp::Gt);
  case arith::CmpFPredicate::OGE: return make(KOp::Ge);
  case arith::CmpFPredicate::OLT: return make(KOp::Lt);
  case arith::CmpFPredicate::OLE: return make(KOp::Le);
  case arith::CmpFPredicate::ONE: return differ();
  case arith::CmpFPredicate::ORD: return negate(isNan());
  case arith::CmpFPredicate::UEQ: return negate(differ());
  case arith::CmpFPredicate::UGT: return negate(make(KOp::Le));
  case arith::CmpFPredicate::UGE: return negate(make(KOp::Lt));
  case arith::CmpFPredicate::ULT: return negate(make(KOp::Ge));
  case arith::CmpFPredicate::ULE: return negate(make(KOp::Gt));
  case arith::CmpFPredicate::UNE: return make(KOp::Ne);
  case arith::CmpFPredicate::UNO: return isNan();
  case arith::CmpFPredicate::AlwaysFalse: return integer(KType::Bool, 0);
  case arith::CmpFPredicate::AlwaysTrue: return integer(KType::Bool, 1);
  }
  llvm_unreachable("all predicates are covered");
}

llvm::Expected<ExprRef> ScalarDescriber::describeCast(Operation &op, const Args &args) {
  llvm::Expected<KType> to = describeType(op.getResult(0).getType(), op.getLoc());
  if (!to)
    return to.takeError();
  KType from = args[0]->type;
  if (from == *to)
    return args[0]; // index and i32
  if (op.getResult(0).getType().isIndex() && from == KType::I64)
    return saturated(args[0]);
  bool unsignedSource =
      isa<arith::ExtUIOp, arith::UIToFPOp, arith::IndexCastUIOp>(op) && from != KType::Bool;
  if (unsignedSource && !isNonNegative(args[0]))
    return errorAt(op.getLoc(), "kernels have no unsigned integers of 32 bits or more");
  ExprRef cast = node(KOp::Cast, *to, {args[0]});
  // Signed, true is -1.
  if (isa<arith::ExtSIOp, arith::SIToFPOp>(op) && from == KType::Bool)
    return node(KOp::Neg, *to, {cast});
  if (*to == KType::Bool)
    return errorAt(op.getLoc(), "kernels do not cut an integer to one bit");
  return cast;
}

/// Quotients and rests: those of arith truncate, those of kernels floor.
llvm::Expected<ExprRef> ScalarDescriber::describeDivision(Operation &op, const Args &args) {
  ExprRef a = args[0], b = args[1];
  if (a->type != b->type)
    for (ExprRef *side : {&a, &b})
      if ((*side)->type == KType::I32)
        *side = node(KOp::Cast, KType::I64, {*side});
  KType type = a->type;
  if (isa<arith::FloorDivSIOp>(op))
    return node(KOp::FloorDiv, type, {a, b});
  bool plain = isNonNegative(a) && isNonNegative(b);
  bool isRest = isa<arith::RemSIOp, arith::RemUIOp>(op);
  if (plain || isRest) {
    ExprRef rest = node(isRest ? KOp::Mod : KOp::FloorDiv, type, {a, b});
    if (plain)
      return rest;
    if (isa<arith::RemSIOp>(op)) {
      ExprRef zero = integer(type, 0);
      ExprRef below = node(KOp::And, KType::Bool,
                           {node(KOp::Lt, KType::Bool, {a, zero}), node(KOp::Ne, KType::Bool, {rest, zero})});
      return node(KOp::Select, type, {below, node(KOp::Sub, type, {rest, b}), rest});
    }
  }
  if (isa<arith::DivSIOp>(op)) {
    // Toward zero: the negated floor of the negated dividend.
    ExprRef mirrored = node(KOp::Neg, type, {node(KOp::FloorDiv, type, {node(KOp::Neg, type, {a}), b})});
    ExprRef negative = node(KOp::Lt, KType::Bool, {a, integer(type, 0)});
    return node(KOp::Select, type, {negative, mirrored, node(KOp::FloorDiv, type, {a, b})});
  }
  return errorAt(op.getLoc(), "kernels have no unsigned division of what may be negative");
}

/// The op of kernels that means the same, where there is one.
static std::optional<KOp> plainOp(Operation &op) {
  using R = std::optional<KOp>;
  bool isBool = op.getNumResults() == 1 && op.getResult(0).getType().isInteger(1);
  return llvm::TypeSwitch<Operation *, R>(&op)
      .Case<arith::NegFOp>([](auto) -> R { return KOp::Neg; })
      .Case<math::AbsFOp, math::AbsIOp>([](auto) -> R { return KOp::Abs; })
      .Case<math::ExpOp>([](auto) -> R { return KOp::Exp; })
      .Case<math::LogOp>([](auto) -> R { return KOp::Log; })
      .Case<math::SqrtOp>([](auto) -> R { return KOp::Sqrt; })
      .Case<math::RsqrtOp>([](auto) -> R { return KOp::Rsqrt; })
      .Case<math::SinOp>([](auto) -> R { return KOp::Sin; })
      .Case<math::CosOp>([](auto) -> R { return KOp::Cos; })
      .Case<math::TanhOp>([](auto) -> R { return KOp::Tanh; })
      .Case<math::ErfOp>([](auto) -> R { return KOp::Erf; })
      .Case<math::FloorOp>([](auto) -> R { return KOp::Floor; })
      .Case<math::CeilOp>([](auto) -> R { return KOp::Ceil; })
      .Case<math::RoundEvenOp>([](auto) -> R { return KOp::Round; })
      .Case<math::IsNaNOp>([](auto) -> R { return KOp::IsNan; })
      .Case<arith::AddFOp>([](auto) -> R { return KOp::Add; })
      .Case<arith::SubFOp>([](auto) -> R { return KOp::Sub; })
      .Case<arith::MulFOp>([](auto) -> R { return KOp::Mul; })
      .Case<arith::DivFOp>([](auto) -> R { return KOp::Div; })
      .Case<math::PowFOp, math::IPowIOp>([](auto) -> R { return KOp::Pow; })
      .Case<arith::MinNumFOp, arith::MinimumFOp>([](auto) -> R { return KOp::Min; })
      .Case<arith::MaxNumFOp, arith::MaximumFOp>([](auto) -> R { return KOp::Max; })
      .Case<arith::SelectOp>([](auto) -> R { return KOp::Select; })
      .Case<arith::AndIOp>([&](auto) -> R { return isBool ? R(KOp::And) : R(); })
      .Case<arith::OrIOp>([&](auto) -> R { return isBool ? R(KOp::Or) : R(); })
      .Case<arith::XOrIOp>([&](auto) -> R { return isBool ? R(KOp::Ne) : R(); })
      .Case<arith::AddIOp>([&](auto) -> R { return isBool ? R() : R(KOp::Add); })
      .Case<arith::SubIOp>([&](auto) -> R { return isBool ? R() : R(KOp::Sub); })
      .Case<arith::MulIOp>([&](auto) -> R { return isBool ? R() : R(KOp::Mul); })
      .Case<arith::MinSIOp>([&](auto) -> R { return isBool ? R() : R(KOp::Min); })
      .Case<arith::MaxSIOp>([&](auto) -> R { return isBool ? R() : R(KOp::Max); })
      .Default([](auto) -> R { return {}; });
}

llvm::Expected<ExprRef> ScalarDescriber::describeOp(Operation &op) {
  Attribute constant;
  if (matchPattern(&op, m_Constant(&constant)))
    return describeConstant(op, constant);
  if (auto extentOp = dyn_cast<graph::ExtentOp>(op)) {
    llvm::Expected<kernels::Extent> extent = describeExtent(func, extentOp.getDim(), op.getLoc());
    if (!extent)
      return extent.takeError();
    if (extent->isConstant())
      return integer(KType::I32, extent->constant);
    auto expr = std::make_shared<Expr>();
    expr->op = KOp::Size;
    expr->type = KType::I32;
    expr->ref = extent->size;
    return expr;
  }

  Args args;
  for (Value operand : op.getOperands()) {
    if (isa<graph::GraphTensorType>(operand.getType()))
      continue;
    llvm::Expected<ExprRef> arg = isa<graph::ReadOp>(op) ? describePosition(operand) : describe(operand);
    if (!arg)
      return arg.takeError();
    args.push_back(*arg);
  }
  if (op.getNumResults() != 1)
    return errorAt(op.getLoc(), "kernels do not know " + op.getName().getStringRef());
  llvm::Expected<KType> type = describeType(op.getResult(0).getType(), op.getLoc());
  if (!type)
    return type.takeError();

  if (auto read = dyn_cast<graph::ReadOp>(op)) {
    auto tensor = tensors.find(read.getTensor());
    if (tensor == tensors.end())
      return errorAt(op.getLoc(), "reads a tensor that the kernel does not have yet");
    auto expr = std::make_shared<Expr>();
    expr->op = KOp::Read;
    expr->type = *type;
    expr->args.assign(args.begin(), args.end());
    expr->ref = tensor->second;
    expr->guarded = read.getGuarded();
    return expr;
  }
  if (isa<arith::CmpIOp, arith::CmpFOp>(op))
    return describeCompare(op, args);
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp,
          arith::TruncIOp, arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp, arith::TruncFOp,
          arith::ExtFOp>(op))
    return describeCast(op, args);
  if (isa<arith::FloorDivSIOp, arith::DivSIOp, arith::RemSIOp, arith::DivUIOp, arith::RemUIOp>(op))
    return describeDivision(op, args);
  if (isa<math::FmaOp>(op))
    return node(KOp::Add, *type, {node(KOp::Mul, *type, {args[0], args[1]}), args[2]});
  if (isa<arith::XOrIOp>(op) && *type == KType::Bool && args[1]->op == KOp::Const &&
      args[1]->integer)
    return node(KOp::Not, *type, {args[0]});
  if (std::optional<KOp> plain = plainOp(op))
    return op.getResult(0).getType().isIndex() ? indexNode(*plain, *type, args)
                                               : node(*plain, *type, {args.begin(), args.end()});
  return errorAt(op.getLoc(), "kernels do not know " + op.getName().getStringRef());
}
