//===- Elaborator.h - From syntax trees to the graph dialect --------------===//
//
// Checks a model and imports it in one walk: blocks are checked for each call
// with what is known there, and inlined, so that checking *is* elaboration.
// Rationale.md says why these are not two passes.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_FRONTEND_ELABORATOR_H
#define HEDDLE_COMPILER_FRONTEND_ELABORATOR_H

#include "compiler/Syntax/Ast.h"
#include "compiler/Syntax/Diagnostics.h"
#include "compiler/Frontend/Emitter.h"
#include "compiler/Frontend/Value.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <set>

namespace heddle::weights {
class Checkpoint;
class Config;
} // namespace heddle::weights

namespace heddle::frontend {

class UsedFiles;

/// What a model is elaborated with besides its text.
struct ElaborateOptions {
  const weights::Config *config = nullptr;     ///< config.json, or none
  const weights::Checkpoint *checkpoint = nullptr; ///< weights are looked up, or (null) not
  std::string weightsPrefix;              ///< stands before every weight's path
  /// Values of config entries by name, as text ("E", "128"), from `--set`.
  std::vector<std::pair<std::string, std::string>> sets;
  const UsedFiles *used = nullptr; ///< what `use` names, or none
};

struct FileScope;

/// What a name stands for.
struct Entity {
  enum Kind : uint8_t { Value, Index, Axis, Fn, Block, Weight, State } kind = Value;
  frontend::Value value;
  IndexRef index;
  /// Axis: the parameter of an axis function: the indices that it was called
  /// with, and the `where` of the call.
  std::vector<IndexRef> axis;
  NodeRef axisCondition;
  bool axisHeeded = false;
  const ast::FnItem *fn = nullptr;
  const ast::BlockItem *block = nullptr;
  const ast::WeightDecl *weight = nullptr;
  FileScope *file = nullptr;
  SourceRange range;
};

struct Scope {
  Scope *parent = nullptr;
  std::map<std::string, Entity> names;
  Entity *find(llvm::StringRef name);
};

/// The items of one file. The library's file is the parent of every other.
struct FileScope : Scope {
  const ast::File *file = nullptr;
  Scope imports; ///< items of the files that it uses; between it and the library
  std::string separator = "."; ///< between the parts of a path
};

/// One call of a block.
struct Frame {
  Scope scope;
  FileScope *file = nullptr;
  const ast::BlockItem *block = nullptr;
  Frame *caller = nullptr;
  std::string path; ///< where its weights are
  std::map<std::string, std::string> renames;
  std::vector<Dim> ellipsis;
  bool ellipsisKnown = false;
  bool returned = false;
  std::set<std::string> newDims; ///< of the results, which no parameter has; facts bound them
  frontend::Value result;
};

/// One definition: the indices and reads that await their extents and proofs.
struct Definition {
  bool indexed = false; ///< by indices, not whole tensors
  std::vector<IndexRef> indices;
  std::vector<Obligation> obligations;
  std::vector<Cut> cuts;
  std::vector<NodeRef> cats; ///< their index runs over the sum of the parts
  std::vector<NodeRef> ranked; ///< argsort: the rank runs as far as the axis
  Facts facts;
  std::vector<IndexRef> ellipsis; ///< what `...` stands for
  bool ellipsisKnown = false;
  int64_t ordinal = -1; ///< the value of `_`
};

class Elaborator {
public:
  Elaborator(mlir::MLIRContext &context, SourceManager &sources,
             Diagnostics &diagnostics, const ElaborateOptions &options);
  ~Elaborator();

  /// The module of all entries, or null where an error was reported.
  mlir::OwningOpRef<mlir::ModuleOp> run(const ast::File &library, const ast::File &model);

private:
  friend struct DefinitionScope;
  using V = frontend::Value;

  // Messages.
  V error(SourceRange range, const llvm::Twine &message);
  void note(SourceRange range, const llvm::Twine &message);
  /// " (E from config.json, H from the command line)", of the config entries
  /// that `dims` are made of; empty where there are none.
  std::string origins(llvm::ArrayRef<Dim> of) const;
  std::string text(SourceRange range);
  mlir::Location locate(SourceRange range);

  // Items.
  bool declare(FileScope &scope, const ast::File &file);
  void import(FileScope &scope, const ast::UseItem &use);
  void checkNames(const ast::BlockItem &block);
  void elaborateConfig(FileScope &scope, const ast::ConfigItem &item);
  std::optional<V> configValue(const ast::ConfigField &field, FileScope &scope);
  std::optional<V> parseStatic(const ast::ConfigField &field, llvm::StringRef text, llvm::StringRef from);
  bool elaborateEntry(FileScope &scope, const ast::BlockItem &entry);
  void entryFacts(Scope &scope, const ast::BlockItem &entry);

  // Statements.
  void statements(const std::vector<std::unique_ptr<ast::Stmt>> &body, Frame &frame, Scope &scope);
  void statement(const ast::Stmt &stmt, Frame &frame, Scope &scope);
  void assign(const ast::AssignStmt &stmt, Frame &frame, Scope &scope);
  void each(const ast::EachStmt &stmt, Frame &frame, Scope &scope);
  void bindTarget(const ast::Target &target, V value, Frame &frame, Scope &scope);
  void give(Scope &scope, llvm::StringRef name, V value, SourceRange range);
  /// `ordinal`: the value of `_`. `component`: of a value that has several, which.
  /// `extents`: written in other places of the statement.
  V define(const std::vector<ast::Place> &places, const ast::Expr &value, Scope &scope, int64_t ordinal,
           SourceRange range, int component = -1, const std::map<std::string, const ast::Expr *> &extents = {});
  void write(const ast::WriteStmt &stmt, Frame &frame, Scope &scope);
  void unsupported(SourceRange range, const llvm::Twine &what);

  // Expressions.
  /// `value`, or an error where it is larger than any model needs.
  V checkSize(V value, SourceRange range);
  V evaluate(const ast::Expr &expr, Scope &scope);
  V evaluateName(const ast::NameExpr &expr, Scope &scope);
  V evaluateString(const ast::StringExpr &expr, Scope &scope);
  V evaluateUnary(const ast::UnaryExpr &expr, Scope &scope);
  V evaluateBinary(const ast::BinaryExpr &expr, Scope &scope);
  V evaluateCompare(const ast::CompareExpr &expr, Scope &scope);
  V evaluateIf(const ast::IfExpr &expr, Scope &scope);
  V evaluateSubscript(const ast::SubscriptExpr &expr, Scope &scope);
  bool addSubscript(const ast::Expr &expr, const NodeRef &read, const std::string &name, bool weak, Scope &scope);
  V evaluateComposite(const ast::CompositeExpr &expr, Scope &scope);
  V evaluateAxis(const ast::AxisExpr &expr, Scope &scope);
  V evaluateRanked(const ast::AxisExpr &expr, Scope &scope);
  V evaluateCat(const ast::AxisExpr &expr, Scope &scope);
  V evaluateCall(const ast::CallExpr &expr, Scope &scope);
  V callFunction(const Entity &fn, std::vector<V> args, SourceRange range);
  V callAxisFunction(const Entity &fn, const ast::AxisExpr &expr,
                     std::vector<IndexRef> axes, NodeRef condition, std::vector<V> args,
                     Scope &caller);
  V callBlock(const Entity &block, const ast::CallExpr &call, Scope &scope);
  std::optional<V> callPrimitive(const ast::CallExpr &expr, Scope &scope);
  V reduce(llvm::StringRef name, std::vector<IndexRef> axes, NodeRef condition,
           V value, SourceRange range);

  V binary(NodeOp op, V a, V b, SourceRange range, llvm::StringRef verb);
  V unary(NodeOp op, V a, SourceRange range);
  V select(NodeRef condition, std::vector<IndexRef> axes, V a, V b, SourceRange range);
  V cast(Element element, V value, SourceRange range);
  /// A scalar expression; a whole tensor gets indices of its own, or (in a
  /// definition by indices) is an error.
  V toExpr(V value, SourceRange range);
  /// Makes the axes of whole-tensor operands meet by name; gives the result's.
  std::optional<std::vector<IndexRef>> align(llvm::MutableArrayRef<V> values,
                                             SourceRange range, llvm::StringRef verb);
  void condition(V &value, SourceRange range);

  // Indices, extents and proofs.
  IndexRef newIndex(llvm::StringRef name, SourceRange range, Dim extent = {});
  void unify(const IndexRef &from, const IndexRef &to);
  bool solve(Definition &definition);
  bool discharge(Definition &definition);
  bool checkSubscript(const NodeRef &read, unsigned axis, const Facts &facts, LinearForms &forms);
  TensorRef finish(Definition &definition, NodeRef root, llvm::ArrayRef<IndexRef> places,
                   llvm::ArrayRef<int32_t> axes, SourceRange range);
  /// The value as a tensor of the graph.
  TensorRef materialize(V value, Definition &definition, SourceRange range);

  // Static values, types, dimensions.
  std::optional<Dim> dimension(const ast::Expr &expr, Scope &scope);
  std::optional<int64_t> staticInteger(const ast::Expr &expr, Scope &scope);
  std::optional<std::string> staticString(const ast::Expr &expr, Scope &scope);
  bool sameDim(Dim a, Dim b, SourceRange range);
  /// Dimensions are at least 0, and coordinates fit 32 bits for every value.
  bool checkShape(Element element, llvm::ArrayRef<Dim> shape, SourceRange range);
  bool unifyType(const ast::TypeAst &type, TensorRef &tensor, Frame &frame, Scope &scope,
                 const std::string &what, SourceRange range, bool bindNew);
  bool checkResult(const ast::TypeAst &type, TensorRef &tensor, Frame &callee, Scope &scope,
                   const std::string &what, SourceRange range);
  TensorRef broadcast(TensorRef tensor, llvm::ArrayRef<Dim> shape, SourceRange range,
                      const std::string &what);
  bool holds(const ast::Expr &fact, Scope &scope, bool assume);

  // Weights.
  V weight(const ast::WeightDecl &decl, Scope &scope, const std::string &path,
           const std::map<std::string, std::string> *renames, FileScope &file);
  bool checkWeight(const std::string &path, Element element, llvm::ArrayRef<Dim> shape,
                   const ast::WeightDecl &decl);
  std::string join(llvm::StringRef scope, llvm::StringRef path, llvm::StringRef separator);

  mlir::MLIRContext &context;
  SourceManager &sources;
  Diagnostics &diagnostics;
  const ElaborateOptions &options;

  DimContext dims;
  DimContext fileDims; ///< what is known before any entry
  mlir::OpBuilder builder;
  Emitter emitter;
  FileScope library, model;
  std::map<const ast::File *, std::unique_ptr<FileScope>> usedScopes;
  Definition *current = nullptr;
  Frame *frame = nullptr;
  unsigned depth = 0;
  unsigned bodies = 0; ///< whose statements are being walked over
  std::vector<const ast::FnItem *> activeFns; ///< being called, the outermost first
  /// Statements, calls and turns of `for`, of all entries. What is inlined and
  /// unrolled can be exponential in the text; at the limit the walk ends.
  unsigned work = 0;
  bool exhausted(SourceRange range);
  unsigned steps = 0; ///< expressions evaluated in the statement so far
  std::map<std::string, std::string> configOrigins; ///< "from config.json", by name
  unsigned numIndices = 0;
  std::map<std::string, V> weights; ///< of the entry, by path
  std::set<std::pair<std::string, std::string>> coincidences;
  /// What an entry checks when it is called: `value` is 0, or at least 0.
  struct EntryCheck {
    Dim value;
    bool zero;
    std::string text;
  };
  std::vector<EntryCheck> entryChecks;
  std::map<std::string, std::string> boundNames; ///< S is bounded by P, for messages
  std::set<std::string> explicitLeast;
};

/// A definition under way, for the length of a scope.
struct DefinitionScope {
  DefinitionScope(Elaborator &elaborator, bool indexed) : elaborator(elaborator), outer(elaborator.current) {
    definition.indexed = indexed;
    elaborator.current = &definition;
  }
  ~DefinitionScope() { elaborator.current = outer; }
  Elaborator &elaborator;
  Definition *outer;
  Definition definition;
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_FRONTEND_ELABORATOR_H
