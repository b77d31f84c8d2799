//===- KernelDesc.h - What a kernel computes, as plain data ---------------===//
//
// The seam between the compiler (MLIR) and the kernel library (Halide): one
// kernel's comprehensions, tensors and run-time sizes as plain structs. Neither
// side's headers appear here. The text form (KernelText.h) is the cache key and
// a test format.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_KERNELDESC_H
#define HEDDLE_COMPILER_KERNELS_KERNELDESC_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heddle::kernels {

/// Types of elements in memory and of scalars. In memory Bool is one byte, 0 or
/// not 0. Scalars computed in a body are Bool, I32, I64, F32 or F64: a read of
/// a narrower type widens (F16, BF16 to F32; I8, U8 to I32), and storing into a
/// narrower tensor rounds to nearest even.
enum class Type : uint8_t { Bool, I8, U8, I32, I64, F16, BF16, F32, F64 };

/// A length known only when the kernel is called, passed as an int32 argument.
/// The caller promises least <= value <= most.
struct Size {
  std::string name;
  int64_t least = 0;
  int64_t most = 0;
};

/// How far an index or an axis runs: a constant, or one of Kernel::sizes.
struct Extent {
  int32_t size = -1;    ///< position in Kernel::sizes, or -1 for a constant
  int64_t constant = 0; ///< the extent where size < 0
  bool isConstant() const { return size < 0; }
  bool operator==(const Extent &o) const {
    return size == o.size && (size >= 0 || constant == o.constant);
  }
};

/// How a tensor lies in memory. Dense: row-major over its axes. Panels: axis
/// `axis` is cut into panels of `width` elements (the last one filled up with
/// zeros); stored row-major as [ceil(extent / width)][other axes in order][width].
struct Layout {
  enum Kind : uint8_t { Dense, Panels } kind = Dense;
  int32_t axis = 0;
  int32_t width = 0;
  bool operator==(const Layout &o) const {
    return kind == o.kind && (kind == Dense || (axis == o.axis && width == o.width));
  }
};

/// Input: a parameter that is read. Constant: an input known when the model is
/// compiled (a weight), finite. Output: a parameter that is written. Local: it
/// lives inside the kernel.
enum class Role : uint8_t { Input, Constant, Output, Local };

struct Tensor {
  std::string name; ///< [a-z][a-z0-9_]*, unique in the kernel
  Type type = Type::F32;
  Role role = Role::Local;
  std::vector<Extent> shape;
  Layout layout; ///< Panels only for Role::Constant
};

/// Operations on scalars. Their meaning on edge cases is that of LANGUAGE.md:
/// integers wrap at their width; FloorDiv and Mod take a divisor proved
/// positive; Div is the real quotient; Min and Max with a NaN are unspecified;
/// And, Or, Not take Bool; a Cast from float to integer truncates toward zero
/// and saturates, NaN gives 0, from a wider integer it keeps the low bits; Round is
/// half to even. Integers made of indices and sizes alone must fit their type.
enum class Op : uint8_t {
  Const, Index, Size, Read,                                       // leaves
  Neg, Not, Abs, Exp, Log, Sqrt, Rsqrt, Sin, Cos, Tanh, Erf,      // one operand
  Floor, Ceil, Round, IsNan, Cast,
  Add, Sub, Mul, Div, FloorDiv, Mod, Pow, Min, Max, And, Or,      // two
  Lt, Le, Gt, Ge, Eq, Ne,
  Select                                                          // (c, a, b)
};

struct Expr;
using ExprRef = std::shared_ptr<const Expr>;

/// One node of a scalar expression. Shared nodes are allowed (a DAG).
struct Expr {
  Op op = Op::Const;
  Type type = Type::F32;     ///< of the value; indices and sizes are I32
  std::vector<ExprRef> args; ///< operands; of Read: a subscript (I32) for each axis
  double number = 0;         ///< Const of a float type
  int64_t integer = 0;       ///< Const of an integer type or Bool
  int32_t ref = -1;          ///< Index: position in Stage::indices; Size: in
                             ///< Kernel::sizes; Read: in Kernel::tensors
  /// Read: false where every subscript is proved to be inside its axis for all
  /// values of the indices. True: a subscript may be outside, and then the read
  /// is that of the subscript clamped into its axis (0 of an empty axis).
  bool guarded = false;
};

/// How the values of a comprehension combine over the bound indices.
enum class StageKind : uint8_t {
  Map,       ///< each element its own formula; several results are allowed
  Reduce,    ///< combiner over the bound indices
  ArgReduce, ///< position (I32) of the first Max or Min along one bound index
  Softmax,   ///< exp(v - max) / sum of exp(v - max) over the `along` indices
  Cumulate,  ///< inclusive Sum, Prod or Max along one `along` index
  Scatter,   ///< result 0 is tensor `base` with elements replaced (None) or increased (Sum)
  Sort       ///< positions (I32) by descending (Max) or ascending (Min) values along
             ///< one bound index; the result's last index is the rank
};
enum class Combiner : uint8_t { None, Sum, Prod, Min, Max, And, Or };

struct Index {
  std::string name;
  Extent extent;
};

/// One comprehension. Its index space is `indices` in row-major order. The
/// first numResultIndices of them are the result's (for Scatter there are
/// none: all indices enumerate the writes); the others are bound. `axes` says
/// how the result's indices form the result's axes: axes[a] consecutive
/// indices make axis a, the earlier ones more significant.
struct Stage {
  std::string name;
  StageKind kind = StageKind::Map;
  Combiner combiner = Combiner::None;
  std::vector<Index> indices;
  int32_t numResultIndices = 0;
  std::vector<int32_t> axes;
  std::vector<int32_t> along;   ///< Softmax, Cumulate: positions in `indices`
  std::vector<ExprRef> values;  ///< one for each result (one but for Map)
  ExprRef condition;            ///< Bool or null (true). Where it is false the
                                ///< element does not exist: it is not combined;
                                ///< Softmax and Cumulate give 0 there. Empty: Sum 0,
                                ///< Prod 1, Max -inf (integers: the least), Min +inf,
                                ///< And true, Or false, ArgReduce 0, Softmax 0.
  std::vector<ExprRef> position; ///< Scatter: a subscript (I32) for each axis; a
                                 ///< write outside is dropped
  int32_t base = -1;             ///< Scatter: the tensor that is written over
  std::vector<int32_t> results;  ///< positions in Kernel::tensors
};

/// A kernel: stages in order, each reads tensors of earlier ones. Parameters of
/// the compiled function, in this order: the user context (void *), the sizes
/// (int32_t), then a halide_buffer_t * for each Input and Constant tensor, then
/// for each Output tensor, in the order of `tensors`. It reads only the `host`
/// field of each buffer. It returns 0.
struct Kernel {
  std::string name; ///< C identifier, unique in the program
  std::vector<Size> sizes;
  std::vector<Tensor> tensors;
  std::vector<Stage> stages;
};

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_KERNELDESC_H
