//===- Node.h - Typed scalar expressions over indices ---------------------===//
//
// What the checker makes of an expression: a DAG of scalar operations over index
// variables, reads of tensors at integer subscripts, and axis operators. Whole-
// tensor notation has become indices here: one meaning, two spellings.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_FRONTEND_NODE_H
#define HEDDLE_COMPILER_FRONTEND_NODE_H

#include "compiler/Syntax/Source.h"
#include "dialects/Graph/Dim.h"

#include "mlir/IR/Value.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heddle::frontend {

/// Element types of the language, as they are written.
enum class Element : uint8_t { Bool, I8, U8, I32, I64, F16, BF16, F32 };
llvm::StringRef spelling(Element element);
std::optional<Element> parseElement(llvm::StringRef text);

/// Types of scalar expressions. Index: an integer made of indices, dimensions
/// and literals only, computed exactly; beside data it takes the data's type.
enum class Scalar : uint8_t { Bool, Index, I32, I64, F32 };
/// The scalar that a read of `element` gives: narrow types are widened.
Scalar widened(Element element);
bool isInteger(Scalar scalar);
/// "f32", "i32", "bool"; an Index is an "i32" to the reader.
llvm::StringRef spelling(Scalar scalar);

struct Node;
using NodeRef = std::shared_ptr<Node>;
struct IndexVar;
using IndexRef = std::shared_ptr<IndexVar>;

/// A place where an index stands alone in an axis, so that it has its extent.
struct ExtentUse {
  Dim extent;
  std::string what; ///< "axis 3 of q", for messages
  SourceRange range;
  bool weak = false; ///< a read with `pad`: asked only when no other tells
};

/// An index variable. In whole-tensor notation it has no name of its own.
struct IndexVar {
  std::string name;
  std::string symbol; ///< unique: stands for the index in range proofs
  SourceRange range;
  Dim extent; ///< invalid until it is known
  bool annotated = false;
  std::vector<ExtentUse> uses;
  /// Two axes that met by name are one index: the representative.
  IndexRef forward;
};
/// The representative of `index`.
IndexRef resolve(IndexRef index);

/// A tensor: a value of the graph, or a scalar standing for any shape.
struct Tensor {
  Element element = Element::F32;
  llvm::SmallVector<Dim> shape;
  std::optional<Dim> bound; ///< elements are in 0 .. bound - 1, or, where there is a
  std::optional<Dim> least; ///< least, which may be below 0, in least .. bound - 1
  bool inDeclared = false;  ///< the bound is part of the type: what is given anew keeps it
  mlir::Value value;        ///< null for a broadcast scalar
  NodeRef scalar;           ///< the broadcast scalar, free of indices
  std::string name;         ///< for messages
};
using TensorRef = std::shared_ptr<Tensor>;

enum class AxisKind : uint8_t {
  Sum, Prod, Max, Min, And, Or, ArgMax, ArgMin,
  ArgSort, TopValues, TopPositions, ///< bind their axis and give a rank: Node::index
  Softmax, CumSum, CumProd, CumMax
};
/// True for the operators whose result still has the axis.
bool keepsAxis(AxisKind kind);
/// True for those whose result has an index of its own in the axis' place.
bool isRanked(AxisKind kind);

enum class NodeOp : uint8_t {
  Neg, Not, Abs, Exp, Log, Sqrt, Rsqrt, Sin, Cos, Tanh, Erf, Floor, Ceil, Round,
  IsNan, Add, Sub, Mul, Div, FloorDiv, Mod, Pow, Min, Max, And, Or, Lt, Le, Gt,
  Ge, Eq, Ne, Select, Uniform
};

/// How a subscript that is not proved keeps inside its axis.
enum class Keep : uint8_t { Proved, Clamp, Wrap, Reflect };

/// One subscript of a read. A composite has several digits, the earlier ones
/// more significant; its value is the number that they write.
struct Subscript {
  NodeRef value;                ///< null for a composite
  std::vector<NodeRef> digits;  ///< of a composite
  std::vector<IndexRef> digitVars; ///< null where the digit is no index
  std::vector<Dim> radix;       ///< extent of each digit, once known
  Keep keep = Keep::Proved;
  bool drop = false;  ///< of a write: what is outside is forgotten
  bool check = false; ///< of a padded read: it can be outside and is compared
  SourceRange range;
};

struct Node {
  enum Kind : uint8_t { Int, Real, Flag, Index, Count, Read, Op, Cast, Axis, Cat };
  Kind kind;
  Scalar type;
  SourceRange range;

  Dim integer;       ///< Int
  double real = 0;   ///< Real
  bool flag = false; ///< Flag
  IndexRef index;    ///< Index; Cat: the index that runs over all parts; Axis: rank
  NodeOp op = NodeOp::Add;
  std::vector<NodeRef> args; ///< Op, Cast (one), Cat (parts); Axis: the body

  // Count: the number of places of these indices. Axis: the bound or kept ones.
  // Cat: the index of each part, null where the part is one place.
  std::vector<IndexRef> indices;

  // Read.
  TensorRef tensor;
  std::vector<Subscript> subscripts;
  NodeRef pad;
  bool isWrite = false; ///< these are the places of a write
  bool guarded = false; ///< proved only with the help of conditions, or not read

  // Axis.
  AxisKind axis = AxisKind::Sum;
  NodeRef condition;

  // Cast: the element type that the value is rounded to.
  Element element = Element::F32;

  unsigned depth = 0; ///< nodes between this and the deepest leaf

  Node(Kind kind, Scalar type, SourceRange range)
      : kind(kind), type(type), range(range) {}
};

/// Sets `node.depth` by what the nodes below it have.
void measureDepth(Node &node);

NodeRef makeInt(Dim value, SourceRange range);
NodeRef makeReal(double value, SourceRange range);
NodeRef makeFlag(bool value, SourceRange range);
NodeRef makeIndex(IndexRef index, SourceRange range);
NodeRef makeOp(NodeOp op, Scalar type, std::vector<NodeRef> args, SourceRange range);

/// The free index variables of `node`, each once, in order of first appearance.
std::vector<IndexRef> freeIndices(const NodeRef &node);

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_FRONTEND_NODE_H
