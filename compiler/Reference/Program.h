//===- Program.h - Scalar bodies as straight-line vector programs ---------===//
//
// The body of a comprehension, turned into instructions over registers of LANES
// values: interpreting costs one dispatch for many elements. Reals are doubles;
// beside each real, if asked for, runs a bound of the error that f32 arithmetic
// may make.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_REFERENCE_PROGRAM_H
#define HEDDLE_COMPILER_REFERENCE_PROGRAM_H

#include "compiler/Reference/Tensor.h"
#include "dialects/Graph/Dim.h"

#include "mlir/IR/Block.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Error.h"

namespace heddle::reference {

/// Lanes of a register.
constexpr int kLanes = 256;
/// Half an ulp of f32: the error of one rounding, relative.
constexpr double kRounding = 5.9604644775390625e-08;

/// Values of the run-time dimensions by symbol.
using DimValues = std::map<std::string, int64_t>;

enum class Code : uint8_t {
  ConstReal, ConstInt, Index, Read,
  AddF, SubF, MulF, DivF, NegF, AbsF, Exp, Log, Sqrt, Rsqrt, Sin, Cos, Tanh, Erf,
  Floor, Ceil, RoundEven, PowF, MinF, MaxF, Half, BFloat,
  LtF, LeF, GtF, GeF, EqF, NeF, IsNan, OneF, // OneF: ordered and not equal
  Add, Sub, Mul, FloorDiv, Div, Rem, Pow, Min, Max, And, Or, Xor,
  Lt, Le, Gt, Ge, Eq, Ne, ULt, ULe, UGt, UGe, Shl, ShrU, ShrS,
  SelectF, Select, IntToReal, UIntToReal, RealToInt, Wrap32, ZeroExt32, Bool
};

struct Instruction {
  explicit Instruction(Code code) : code(code) {}
  Code code;
  bool real = false;   ///< the result is a real
  bool uniform = true; ///< the same in all lanes: computed once
  int32_t to = 0;
  int32_t a = -1, b = -1, c = -1;
  double number = 0;
  int64_t integer = 0;
  int32_t width = 64;  ///< of an integer result: 1, 32 or 64; wraps there
  // Read.
  int32_t tensor = -1;
  bool guarded = false;
  llvm::SmallVector<int32_t> subscripts;
};

/// Lanes of one register: reals or integers, and the errors beside.
struct Register {
  double *real = nullptr;
  int64_t *integer = nullptr;
  double *error = nullptr; ///< null where bounds are not tracked
};

class Program {
public:
  /// Compiles `block`; `lane` is the index argument that runs along the lanes
  /// (-1: none). `dims` gives run-time dimensions.
  static llvm::Expected<Program> compile(mlir::Block &block, int lane, const DimValues &dims);

  /// The tensors that reads refer to, in the order of Instruction::tensor.
  llvm::ArrayRef<mlir::Value> tensors() const { return captured; }

  /// Registers of the terminator's operands.
  llvm::ArrayRef<int32_t> results() const { return outputs; }
  bool isReal(int32_t reg) const { return realRegister[reg]; }
  bool isUniform(int32_t reg) const { return uniformRegister[reg]; }

private:
  friend class Machine;
  std::vector<Instruction> code;
  std::vector<bool> realRegister, uniformRegister;
  std::vector<mlir::Value> captured;
  llvm::SmallVector<int32_t> outputs;
  int32_t numRegisters = 0;
  int lane = -1;
};

/// Runs a program for one setting of the other indices and many of the lane's.
class Machine {
public:
  /// `tensors[i]` is the value of program.tensors()[i].
  Machine(const Program &program, llvm::ArrayRef<const Tensor *> tensors, bool bounds);

  /// Evaluates lanes begin .. begin + count - 1 (count <= kLanes); `indices` are
  /// the values of all index arguments (the lane's is ignored).
  void run(llvm::ArrayRef<int64_t> indices, int64_t begin, int count);

  /// Lane `lane` of a register, also where it is uniform.
  double real(int32_t reg, int lane) const {
    return registers[reg].real[program.isUniform(reg) ? 0 : lane];
  }
  int64_t integer(int32_t reg, int lane) const {
    return registers[reg].integer[program.isUniform(reg) ? 0 : lane];
  }
  double error(int32_t reg, int lane) const {
    return bounds ? registers[reg].error[program.isUniform(reg) ? 0 : lane] : 0;
  }

private:
  void execute(const Instruction &instruction, llvm::ArrayRef<int64_t> indices,
               int64_t begin, int count);
  void read(const Instruction &instruction, int count);

  const Program &program;
  llvm::SmallVector<const Tensor *> tensors;
  bool bounds;
  std::vector<Register> registers;
  std::vector<double> reals, errors;
  std::vector<int64_t> integers, offsets;
};

} // namespace heddle::reference

#endif // HEDDLE_COMPILER_REFERENCE_PROGRAM_H
