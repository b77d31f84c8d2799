//===- Compile.cpp - Bodies of comprehensions to scalar programs ----------===//

#include "compiler/Reference/Program.h"

#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "llvm/ADT/TypeSwitch.h"

namespace heddle::reference {

using namespace mlir;

namespace {

std::optional<Code> unaryOrBinary(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Code>>(op)
      .Case<arith::AddFOp>([](auto) { return Code::AddF; })
      .Case<arith::SubFOp>([](auto) { return Code::SubF; })
      .Case<arith::MulFOp>([](auto) { return Code::MulF; })
      .Case<arith::DivFOp>([](auto) { return Code::DivF; })
      .Case<arith::NegFOp>([](auto) { return Code::NegF; })
      .Case<arith::MaxNumFOp, arith::MaximumFOp>([](auto) { return Code::MaxF; })
      .Case<arith::MinNumFOp, arith::MinimumFOp>([](auto) { return Code::MinF; })
      .Case<math::AbsFOp>([](auto) { return Code::AbsF; })
      .Case<math::ExpOp>([](auto) { return Code::Exp; })
      .Case<math::LogOp>([](auto) { return Code::Log; })
      .Case<math::SqrtOp>([](auto) { return Code::Sqrt; })
      .Case<math::RsqrtOp>([](auto) { return Code::Rsqrt; })
      .Case<math::SinOp>([](auto) { return Code::Sin; })
      .Case<math::CosOp>([](auto) { return Code::Cos; })
      .Case<math::TanhOp>([](auto) { return Code::Tanh; })
      .Case<math::ErfOp>([](auto) { return Code::Erf; })
      .Case<math::FloorOp>([](auto) { return Code::Floor; })
      .Case<math::CeilOp>([](auto) { return Code::Ceil; })
      .Case<math::RoundEvenOp>([](auto) { return Code::RoundEven; })
      .Case<math::PowFOp>([](auto) { return Code::PowF; })
      .Case<arith::AddIOp>([](auto) { return Code::Add; })
      .Case<arith::SubIOp>([](auto) { return Code::Sub; })
      .Case<arith::MulIOp>([](auto) { return Code::Mul; })
      .Case<arith::FloorDivSIOp>([](auto) { return Code::FloorDiv; })
      .Case<arith::DivSIOp>([](auto) { return Code::Div; })
      .Case<arith::RemSIOp>([](auto) { return Code::Rem; })
      .Case<math::IPowIOp>([](auto) { return Code::Pow; })
      .Case<arith::MinSIOp>([](auto) { return Code::Min; })
      .Case<arith::MaxSIOp>([](auto) { return Code::Max; })
      .Case<arith::AndIOp>([](auto) { return Code::And; })
      .Case<arith::OrIOp>([](auto) { return Code::Or; })
      .Case<arith::XOrIOp>([](auto) { return Code::Xor; })
      .Case<arith::ShLIOp>([](auto) { return Code::Shl; })
      .Case<arith::ShRSIOp>([](auto) { return Code::ShrS; })
      .Case<arith::ShRUIOp>([](auto) { return Code::ShrU; })
      .Case<arith::SIToFPOp>([](auto) { return Code::IntToReal; })
      .Case<arith::UIToFPOp>([](auto) { return Code::UIntToReal; })
      .Case<arith::FPToSIOp>([](auto) { return Code::RealToInt; })
      // Integers live in 64 bits, signed: these change nothing but the width.
      .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>([](auto) { return Code::Wrap32; })
      .Default([](auto) { return std::nullopt; });
}

Code comparison(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:  return Code::Eq;
  case arith::CmpIPredicate::ne:  return Code::Ne;
  case arith::CmpIPredicate::slt: return Code::Lt;
  case arith::CmpIPredicate::sle: return Code::Le;
  case arith::CmpIPredicate::sgt: return Code::Gt;
  case arith::CmpIPredicate::sge: return Code::Ge;
  case arith::CmpIPredicate::ult: return Code::ULt;
  case arith::CmpIPredicate::ule: return Code::ULe;
  case arith::CmpIPredicate::ugt: return Code::UGt;
  case arith::CmpIPredicate::uge: return Code::UGe;
  }
  llvm_unreachable("all predicates are covered");
}

std::optional<Code> comparison(arith::CmpFPredicate predicate) {
  switch (predicate) {
  case arith::CmpFPredicate::OEQ: return Code::EqF;
  case arith::CmpFPredicate::UNE: return Code::NeF;
  case arith::CmpFPredicate::ONE: return Code::OneF;
  case arith::CmpFPredicate::OLT: return Code::LtF;
  case arith::CmpFPredicate::OLE: return Code::LeF;
  case arith::CmpFPredicate::OGT: return Code::GtF;
  case arith::CmpFPredicate::OGE: return Code::GeF;
  case arith::CmpFPredicate::UNO: return Code::IsNan;
  default: return std::nullopt;
  }
}

int32_t widthOf(Type type) {
  return type.isIndex() ? 64 : type.isIntOrFloat() ? int32_t(type.getIntOrFloatBitWidth()) : 64;
}

} // namespace

llvm::Expected<Program> Program::compile(Block &block, int lane, const DimValues &dims) {
  Program program;
  program.lane = lane;
  llvm::DenseMap<Value, int32_t> registers;

  auto define = [&](Instruction in, Value value) {
    in.to = program.numRegisters++;
    in.real = value ? isa<FloatType>(value.getType()) : in.real;
    if (value)
      in.width = widthOf(value.getType());
    for (int32_t arg : {in.a, in.b, in.c})
      in.uniform &= arg < 0 || program.uniformRegister[arg];
    for (int32_t arg : in.subscripts)
      in.uniform &= bool(program.uniformRegister[arg]);
    program.realRegister.push_back(in.real);
    program.uniformRegister.push_back(in.uniform);
    if (value)
      registers[value] = in.to;
    program.code.push_back(std::move(in));
    return program.code.back().to;
  };

  for (auto [i, argument] : llvm::enumerate(block.getArguments())) {
    Instruction in(Code::Index);
    in.integer = i;
    in.uniform = int(i) != lane;
    define(in, argument);
  }

  auto fail = [](Operation *op, const llvm::Twine &why) {
    std::string place;
    llvm::raw_string_ostream(place) << op->getLoc();
    return llvm::createStringError(place + ": the reference evaluator cannot evaluate '" +
                                   op->getName().getStringRef() + "'" + why);
  };

  // A constant of the body may have been merged with an equal one outside.
  std::vector<Operation *> body, outside;
  auto needs = [&](Operation &op) {
    for (Value operand : op.getOperands())
      if (Operation *source = operand.getDefiningOp();
          source && source->getBlock() != &block && isa<arith::ConstantOp, graph::ExtentOp>(source))
        outside.push_back(source);
  };
  for (Operation &op : block) {
    needs(op);
    if (!op.hasTrait<OpTrait::IsTerminator>())
      body.push_back(&op);
  }
  body.insert(body.begin(), outside.begin(), outside.end());

  for (Operation *each : body) {
    Operation &op = *each;
    auto reg = [&](unsigned i) { return registers.lookup(op.getOperand(i)); };
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      Instruction in(Code::ConstInt);
      if (auto real = dyn_cast<FloatAttr>(constant.getValue())) {
        in.code = Code::ConstReal;
        in.number = real.getValueAsDouble();
      } else if (auto integer = dyn_cast<IntegerAttr>(constant.getValue())) {
        in.integer = integer.getType().isInteger(1) ? integer.getValue().getZExtValue()
                                                    : integer.getValue().getSExtValue();
      } else {
        return fail(&op, " of this type");
      }
      define(in, constant.getResult());
    } else if (auto extent = dyn_cast<graph::ExtentOp>(op)) {
      Instruction in(Code::ConstInt);
      std::optional<int64_t> value = extent.getDim().evaluate(
          [&](llvm::StringRef symbol) -> std::optional<int64_t> {
            auto it = dims.find(symbol.str());
            return it == dims.end() ? std::nullopt : std::optional<int64_t>(it->second);
          });
      if (!value)
        return fail(&op, ": " + extent.getDim().str() + " is not known");
      in.integer = *value;
      define(in, extent.getResult());
    } else if (auto read = dyn_cast<graph::ReadOp>(op)) {
      Instruction in(Code::Read);
      auto it = llvm::find(program.captured, read.getTensor());
      in.tensor = it - program.captured.begin();
      if (it == program.captured.end())
        program.captured.push_back(read.getTensor());
      in.guarded = read.getGuarded();
      for (Value subscript : read.getSubscripts())
        in.subscripts.push_back(registers.lookup(subscript));
      define(in, read.getResult());
    } else if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
      Instruction in(comparison(compare.getPredicate()));
      in.a = reg(0), in.b = reg(1);
      define(in, compare.getResult());
    } else if (auto compare = dyn_cast<arith::CmpFOp>(op)) {
      std::optional<Code> code = comparison(compare.getPredicate());
      if (!code)
        return fail(&op, " with this predicate");
      Instruction in(*code);
      in.a = reg(0), in.b = reg(1);
      define(in, compare.getResult());
    } else if (auto select = dyn_cast<arith::SelectOp>(op)) {
      Instruction in(isa<FloatType>(select.getType()) ? Code::SelectF : Code::Select);
      in.a = reg(0), in.b = reg(1), in.c = reg(2);
      define(in, select.getResult());
    } else if (auto narrow = dyn_cast<arith::TruncFOp>(op)) {
      Instruction in(narrow.getType().isF16() ? Code::Half : Code::BFloat);
      in.a = reg(0);
      if (narrow.getType().isF32())
        registers[narrow.getResult()] = in.a;
      else
        define(in, narrow.getResult());
    } else if (auto wide = dyn_cast<arith::ExtFOp>(op)) {
      registers[wide.getResult()] = reg(0);
    } else if (auto wide = dyn_cast<arith::ExtUIOp>(op)) {
      Instruction in(Code::Wrap32);
      if (widthOf(wide.getIn().getType()) == 32)
        in.code = Code::ZeroExt32;
      in.a = reg(0);
      define(in, wide.getResult());
    } else if (std::optional<Code> code = unaryOrBinary(&op)) {
      Instruction in(*code);
      in.a = reg(0);
      if (op.getNumOperands() > 1)
        in.b = reg(1);
      define(in, op.getResult(0));
    } else {
      return fail(&op, "");
    }
  }
  for (Value operand : block.getTerminator()->getOperands())
    program.outputs.push_back(registers.lookup(operand));
  return program;
}

} // namespace heddle::reference
