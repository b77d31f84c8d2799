//===- Value.h - What a name or an expression stands for ------------------===//
//
// The two worlds of the language: static values, known when the model is
// compiled, and data. Run-time dimensions are integers whose value is a
// polynomial; static integers are the same with a constant value.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_FRONTEND_VALUE_H
#define HEDDLE_COMPILER_FRONTEND_VALUE_H

#include "compiler/Frontend/Dims.h"
#include "compiler/Frontend/Node.h"

namespace heddle::frontend {

struct Value {
  enum Kind : uint8_t {
    Poison, ///< an error was reported; say nothing more
    Int,    ///< static, or a dimension
    Real,
    Flag,
    String,
    List,   ///< of static values
    Expr,   ///< a scalar for each setting of its axes
    Whole,  ///< a whole tensor, not subscripted
    Tuple,
    Nothing ///< what a block without results returns
  };
  Kind kind = Poison;
  Dim dim;
  double real = 0;
  bool flag = false;
  std::string text; ///< String; Real: why it is no integer, or empty
  std::vector<Value> items; ///< List, Tuple
  /// Expr: in whole-tensor notation `axes` are the tensor's axes in order; in a
  /// definition by indices there are none (its indices have names of their own).
  NodeRef node;
  std::vector<IndexRef> axes;
  TensorRef tensor; ///< Whole

  static Value poison() { return {}; }
  static Value integer(Dim dim);
  static Value number(double real);
  static Value boolean(bool flag);
  static Value string(std::string text);
  static Value list(std::vector<Value> items);
  static Value expr(NodeRef node, std::vector<IndexRef> axes = {});
  static Value whole(TensorRef tensor);
  static Value tuple(std::vector<Value> items);
  static Value nothing();

  bool isPoison() const { return kind == Poison; }
  bool isStatic() const { return kind >= Int && kind <= List; }
  bool isNumber() const { return kind == Int || kind == Real; }
  bool isData() const { return kind == Expr || kind == Whole; }
};

/// "1.5", "1e-05".
std::string realText(double real);
/// "an integer", "a list", "f32[B, S, E]", for messages.
std::string describe(const Value &value);
/// "f32[B, S, E]".
std::string describeType(Element element, llvm::ArrayRef<Dim> shape);

/// Arithmetic on static values, exact for integers. `error` says why there is
/// no result ("7 // 0 divides by zero").
std::optional<Value> staticBinary(NodeOp op, const Value &a, const Value &b,
                                  const DimContext &dims, std::string &error);
/// Elementwise functions of static numbers.
std::optional<Value> staticUnary(NodeOp op, const Value &a, std::string &error);

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_FRONTEND_VALUE_H
