//===- Ast.h - Syntax trees of model files --------------------------------===//
//
// One class for each form of the grammar (LANGUAGE.md section 2). Nodes own
// their children; every node has the range of its text.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_AST_H
#define HEDDLE_COMPILER_SYNTAX_AST_H

#include "compiler/Syntax/Source.h"

#include "llvm/Support/Casting.h"

namespace heddle::frontend::ast {

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

enum class Operator : uint8_t {
  Neg, Not, Add, Sub, Mul, Div, FloorDiv, Mod, Pow, And, Or,
  Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual
};
llvm::StringRef spelling(Operator op);

struct Expr {
  enum Kind : uint8_t {
    Number, String, Bool, Name, Field, Call, Axis, Composite, Subscript, Unary,
    Binary, Compare, If, Tuple, List
  };
  const Kind kind;
  SourceRange range;
  Expr(Kind kind, SourceRange range) : kind(kind), range(range) {}
  virtual ~Expr() = default;
};
using ExprPtr = std::unique_ptr<Expr>;

template <Expr::Kind K>
struct ExprOf : Expr {
  explicit ExprOf(SourceRange range) : Expr(K, range) {}
  static bool classof(const Expr *expr) { return expr->kind == K; }
};

struct NumberExpr : ExprOf<Expr::Number> {
  using ExprOf::ExprOf;
  bool isInteger = true;
  int64_t integer = 0;
  double real = 0;
};

/// A text; `{expr}` in it is an expression of its own.
struct StringExpr : ExprOf<Expr::String> {
  using ExprOf::ExprOf;
  struct Part {
    std::string text; ///< where there is no expr
    ExprPtr expr;
  };
  std::vector<Part> parts;
};

struct BoolExpr : ExprOf<Expr::Bool> {
  using ExprOf::ExprOf;
  bool value = false;
};

struct NameExpr : ExprOf<Expr::Name> {
  NameExpr(std::string name, SourceRange range) : ExprOf(range), name(std::move(name)) {}
  std::string name;
};

/// `cache.k`.
struct FieldExpr : ExprOf<Expr::Field> {
  using ExprOf::ExprOf;
  std::string base, field;
};

struct Argument {
  std::string name; ///< empty: by position
  ExprPtr value;
};

/// `linear(x, E) @ "query" { weight: "gamma" }`.
struct CallExpr : ExprOf<Expr::Call> {
  using ExprOf::ExprOf;
  std::string callee;
  SourceRange calleeRange;
  std::vector<Argument> args;
  std::unique_ptr<StringExpr> scope;
  struct Rename {
    std::string name;
    std::unique_ptr<StringExpr> path;
  };
  std::vector<Rename> renames;
};

struct AxisName {
  std::string name;
  SourceRange range;
  ExprPtr extent; ///< or null
};

/// `op[axes -> to where c](args)`.
struct AxisExpr : ExprOf<Expr::Axis> {
  using ExprOf::ExprOf;
  std::string op;
  SourceRange opRange;
  std::vector<AxisName> axes;
  std::unique_ptr<AxisName> to;
  ExprPtr where;
  std::vector<ExprPtr> args;
};

struct Digit {
  enum Kind : uint8_t { Name, Integer, Underscore } kind = Name;
  std::string name;
  int64_t integer = 0;
  ExprPtr extent; ///< or null
  SourceRange range;
};

/// `(h d)`: names side by side, a number in mixed radix.
struct CompositeExpr : ExprOf<Expr::Composite> {
  using ExprOf::ExprOf;
  std::vector<Digit> digits;
};

/// `x[b, s + 1 pad 0]`. A subscript without an expression is `...`.
struct SubscriptExpr : ExprOf<Expr::Subscript> {
  using ExprOf::ExprOf;
  struct Place {
    ExprPtr expr;
    ExprPtr pad;
  };
  ExprPtr base;
  std::vector<Place> subscripts;
};

struct UnaryExpr : ExprOf<Expr::Unary> {
  using ExprOf::ExprOf;
  Operator op = Operator::Neg;
  ExprPtr operand;
};

struct BinaryExpr : ExprOf<Expr::Binary> {
  using ExprOf::ExprOf;
  Operator op = Operator::Add;
  ExprPtr lhs, rhs;
};

/// `a < b <= c`: operands.size() == ops.size() + 1.
struct CompareExpr : ExprOf<Expr::Compare> {
  using ExprOf::ExprOf;
  std::vector<Operator> ops;
  std::vector<ExprPtr> operands;
};

struct IfExpr : ExprOf<Expr::If> {
  using ExprOf::ExprOf;
  ExprPtr condition, thenExpr, elseExpr;
};

struct TupleExpr : ExprOf<Expr::Tuple> {
  using ExprOf::ExprOf;
  std::vector<ExprPtr> items;
};

struct ListExpr : ExprOf<Expr::List> {
  using ExprOf::ExprOf;
  std::vector<ExprPtr> items;
};

//===----------------------------------------------------------------------===//
// Types and parameters
//===----------------------------------------------------------------------===//

/// `i32[B, S] in V`. A null dimension is `...`.
struct TypeAst {
  SourceRange range;
  std::string element;
  std::vector<ExprPtr> dims;
  bool hasDims = false;
  ExprPtr range_; ///< behind `in`, or null
};

/// int, float, flag, str, dim, or a list of one of them.
struct StaticTypeAst {
  SourceRange range;
  std::string name;
  bool isList = false;
};

struct Param {
  SourceRange range;
  std::string name;
  std::unique_ptr<TypeAst> type;             ///< data, or
  std::unique_ptr<StaticTypeAst> staticType; ///< static
  ExprPtr defaultValue;
};

struct Result {
  SourceRange range;
  std::string name; ///< empty: the only one
  std::unique_ptr<TypeAst> type;
};

struct WeightDecl {
  SourceRange range;
  std::string name;
  std::string family; ///< `w1[n: X]`: n
  ExprPtr familyExtent;
  std::unique_ptr<TypeAst> type;
  std::unique_ptr<StringExpr> path;
};

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

struct Stmt {
  enum Kind : uint8_t {
    Let, Weight, Dim, Require, Return, Yield, If, For, Loop, Call, Assign, Each, Write
  };
  const Kind kind;
  SourceRange range;
  Stmt(Kind kind, SourceRange range) : kind(kind), range(range) {}
  virtual ~Stmt() = default;
};
using StmtPtr = std::unique_ptr<Stmt>;
using Body = std::vector<StmtPtr>;

template <Stmt::Kind K>
struct StmtOf : Stmt {
  explicit StmtOf(SourceRange range) : Stmt(K, range) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == K; }
};

struct LetStmt : StmtOf<Stmt::Let> {
  using StmtOf::StmtOf;
  std::string name;
  ExprPtr value;
};

struct WeightStmt : StmtOf<Stmt::Weight> {
  using StmtOf::StmtOf;
  std::unique_ptr<WeightDecl> decl;
};

/// `dim N <= bound = value`.
struct DimStmt : StmtOf<Stmt::Dim> {
  using StmtOf::StmtOf;
  std::string name;
  ExprPtr bound, value;
};

struct RequireStmt : StmtOf<Stmt::Require> {
  using StmtOf::StmtOf;
  ExprPtr condition;
  std::string text;
};

struct ReturnStmt : StmtOf<Stmt::Return> {
  using StmtOf::StmtOf;
  ExprPtr value;
};

struct YieldStmt : StmtOf<Stmt::Yield> {
  using StmtOf::StmtOf;
  ExprPtr value;
};

struct IfStmt : StmtOf<Stmt::If> {
  using StmtOf::StmtOf;
  ExprPtr condition;
  Body thenBody, elseBody;
  bool elseIf = false; ///< the else part is another if
};

struct ForStmt : StmtOf<Stmt::For> {
  using StmtOf::StmtOf;
  std::string name;
  ExprPtr begin, end;
  Body body;
};

struct LoopStmt : StmtOf<Stmt::Loop> {
  using StmtOf::StmtOf;
  std::string name;
  ExprPtr begin, end;
  ExprPtr condition; ///< behind `while`, or null
  Body body;
};

/// A call of a block without results.
struct CallStmt : StmtOf<Stmt::Call> {
  using StmtOf::StmtOf;
  ExprPtr call;
};

/// A place on the left of a definition.
struct Place {
  enum Kind : uint8_t { Index, Ellipsis, Composite } kind = Index;
  SourceRange range;
  std::string name; ///< Index
  ExprPtr extent;   ///< Index, or null
  std::vector<Digit> digits;
};

struct Target {
  SourceRange range;
  std::string name;
  bool hasPlaces = false;
  std::vector<Place> places;
  std::unique_ptr<TypeAst> type;
};

/// `scan t { .. }`.
struct Scan {
  std::string name;
  Body body;
};

/// `a = e`, `(a, b) = e`, `y[b, t] = scan t { .. }`.
struct AssignStmt : StmtOf<Stmt::Assign> {
  using StmtOf::StmtOf;
  std::vector<Target> targets;
  bool parenthesized = false;
  ExprPtr value;
  std::unique_ptr<Scan> scan;
};

/// `(q, k, v)[places] = e`.
struct EachStmt : StmtOf<Stmt::Each> {
  using StmtOf::StmtOf;
  std::vector<std::string> names;
  std::vector<Place> places;
  ExprPtr value;
};

/// `y[p, ..] := e`, `cache.n += e`.
struct WriteStmt : StmtOf<Stmt::Write> {
  using StmtOf::StmtOf;
  std::string name, field;
  bool hasSlots = false;
  struct Slot {
    std::string name; ///< `s: S`, else empty
    ExprPtr value;    ///< the extent of a name, or the place
    bool drop = false;
    SourceRange range;
  };
  std::vector<Slot> slots;
  bool add = false;
  ExprPtr value;
};

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

struct Item {
  enum Kind : uint8_t { Model, Paths, Use, Config, Let, Fn, Block, Weight, State };
  const Kind kind;
  SourceRange range;
  Item(Kind kind, SourceRange range) : kind(kind), range(range) {}
  virtual ~Item() = default;
};

template <Item::Kind K>
struct ItemOf : Item {
  explicit ItemOf(SourceRange range) : Item(K, range) {}
  static bool classof(const Item *item) { return item->kind == K; }
};

struct ModelItem : ItemOf<Item::Model> {
  using ItemOf::ItemOf;
  std::string name;
};

struct PathsItem : ItemOf<Item::Paths> {
  using ItemOf::ItemOf;
  std::string separator;
};

struct UseItem : ItemOf<Item::Use> {
  using ItemOf::ItemOf;
  std::string path;
};

struct ConfigField {
  SourceRange range;
  std::string name;
  StaticTypeAst type;
  ExprPtr defaultValue;
  std::string key; ///< behind `from`, or empty
};

struct ConfigItem : ItemOf<Item::Config> {
  using ItemOf::ItemOf;
  std::vector<ConfigField> fields;
};

struct LetItem : ItemOf<Item::Let> {
  using ItemOf::ItemOf;
  std::string name;
  ExprPtr value;
};

/// `fn gelu(x) = ..`, `fn standardise[i](x, eps) = ..`.
struct FnItem : ItemOf<Item::Fn> {
  using ItemOf::ItemOf;
  std::string name;
  std::string axis; ///< or empty
  std::vector<std::string> params;
  ExprPtr body;
};

struct ExampleSize {
  std::string name;
  ExprPtr value;
};

/// A block or an entry.
struct BlockItem : ItemOf<Item::Block> {
  using ItemOf::ItemOf;
  bool isEntry = false;
  std::string name;
  std::string doc; ///< the comment lines directly above
  std::vector<Param> params;
  std::vector<Result> results;
  std::vector<ExprPtr> facts;
  std::vector<ExampleSize> example;
  Body body;
};

struct WeightItem : ItemOf<Item::Weight> {
  using ItemOf::ItemOf;
  std::unique_ptr<WeightDecl> decl;
};

struct StateField {
  SourceRange range;
  std::vector<std::string> names;
  std::unique_ptr<TypeAst> type;
  ExprPtr value;
};

struct StateItem : ItemOf<Item::State> {
  using ItemOf::ItemOf;
  std::string name;
  std::vector<ExprPtr> facts;
  std::vector<StateField> fields;
};

struct File {
  SourceRange range;
  std::vector<std::unique_ptr<Item>> items;
};

} // namespace heddle::frontend::ast

#endif // HEDDLE_COMPILER_SYNTAX_AST_H
