//===- KernelNames.h - Words of the text form of kernels ------------------===//
//
// One table for each enumeration of KernelDesc.h, which printing and parsing
// share, and what a type behind an expression goes without saying.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_KERNELNAMES_H
#define HEDDLE_COMPILER_KERNELS_KERNELNAMES_H

#include "compiler/Kernels/KernelDesc.h"

#include <iterator>
#include <string_view>

namespace heddle::kernels {

constexpr std::string_view kTypeNames[] = {"bool", "i8", "u8", "i32", "i64", "f16", "bf16", "f32", "f64"};
constexpr std::string_view kRoleNames[] = {"input", "constant", "output", "local"};
constexpr std::string_view kKindNames[] = {"map", "reduce", "argreduce", "softmax", "cumulate", "scatter", "sort"};
constexpr std::string_view kCombinerNames[] = {"none", "sum", "prod", "min", "max", "and", "or"};

/// How an operation is written: a function, or an operator of a strength.
struct OpName {
  std::string_view text;
  int numOperands;
  int strength; ///< of a binary operator, from 1; kPrefix; 0 for a function
};
constexpr int kPrefix = 6;

/// By Op. Leaves and Cast have notations of their own.
constexpr OpName kOpNames[] = {
    {"const", 0, 0}, {"index", 0, 0}, {"size", 0, 0}, {"read", 0, 0},
    {"-", 1, kPrefix}, {"not", 1, kPrefix}, {"abs", 1, 0}, {"exp", 1, 0}, {"log", 1, 0}, {"sqrt", 1, 0},
    {"rsqrt", 1, 0}, {"sin", 1, 0}, {"cos", 1, 0}, {"tanh", 1, 0}, {"erf", 1, 0},
    {"floor", 1, 0}, {"ceil", 1, 0}, {"round", 1, 0}, {"isnan", 1, 0}, {"cast", 1, 0},
    {"+", 2, 4}, {"-", 2, 4}, {"*", 2, 5}, {"/", 2, 5}, {"//", 2, 5}, {"%", 2, 5}, {"pow", 2, 0},
    {"min", 2, 0}, {"max", 2, 0}, {"and", 2, 2}, {"or", 2, 1},
    {"<", 2, 3}, {"<=", 2, 3}, {">", 2, 3}, {">=", 2, 3}, {"==", 2, 3}, {"!=", 2, 3},
    {"select", 3, 0}};
static_assert(std::size(kOpNames) == size_t(Op::Select) + 1, "a name for each operation");

/// The word of an enumerator; `?` of a value that is none.
template <typename E, size_t N> std::string_view wordOf(const std::string_view (&words)[N], E value) {
  return size_t(value) < N ? words[size_t(value)] : "?";
}
inline std::string_view nameOf(Type type) { return wordOf(kTypeNames, type); }
inline const OpName &nameOf(Op op) {
  static constexpr OpName none{"?", -1, 0};
  return size_t(op) < std::size(kOpNames) ? kOpNames[size_t(op)] : none;
}

inline bool isFloat(Type type) { return type >= Type::F16; }

/// What an element of this type is when it was read.
inline Type widened(Type type) {
  switch (type) {
  case Type::I8:
  case Type::U8: return Type::I32;
  case Type::F16:
  case Type::BF16: return Type::F32;
  default: return type;
  }
}

/// The type that an expression has if nothing is written behind it; its operands
/// and what it refers to are there. Not for Const and Cast.
inline Type usualType(const Kernel &kernel, const Expr &expr) {
  switch (expr.op) {
  case Op::Index:
  case Op::Size: return Type::I32;
  case Op::Read: return widened(kernel.tensors[expr.ref].type);
  case Op::Not:
  case Op::IsNan:
  case Op::And:
  case Op::Or:
  case Op::Lt:
  case Op::Le:
  case Op::Gt:
  case Op::Ge:
  case Op::Eq:
  case Op::Ne: return Type::Bool;
  case Op::Select: return expr.args[1]->type;
  default: return expr.args[0]->type;
  }
}

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_KERNELNAMES_H
