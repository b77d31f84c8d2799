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

/// A state of the model, in dimensions of its own.
struct StateInfo {
  struct Field {
    std::string name;
    SourceRange range;
    Tensor type; ///< without a value
  };
  std::vector<Field> fields;
  const ast::StateItem *item = nullptr;
  std::vector<std::string> dims; ///< its own, in order
  std::map<std::string, Bounds> bounds;
  std::vector<Dim> facts;
  bool ok = false;
  Field *find(llvm::StringRef name);
};

/// A state as the entry at hand sees it.
struct StateUse {
  std::map<std::string, Dim> dims; ///< its own dimensions, as the entry calls them
  /// What each field holds now: every write makes a new value.
  std::map<std::string, TensorRef> fields, before;
};

/// What a name stands for.
struct Entity {
  /// Missing: it has no value on every way that leads here, or none yet.
  enum Kind : uint8_t { Value, Index, Axis, Fn, Block, Weight, State, Missing } kind = Value;
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
  const ast::StateItem *state = nullptr;
  std::string missing; ///< Missing: why
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
  SourceRange call; ///< in the caller
  unsigned regions = 0; ///< loops, scans and run-time ifs around the statement
  std::string path; ///< where its weights are
  bool placed = true; ///< the call says so
  std::map<std::string, std::string> renames;
  std::vector<Dim> ellipsis;
  bool ellipsisKnown = false;
  bool returned = false;
  std::set<std::string> newDims; ///< of the results, which no parameter has; facts bound them
  frontend::Value result;
};

/// A name or a field of state that exists before a loop, scan or run-time if and is
/// given in it.
struct Carried {
  std::string name; ///< or, of state,
  const ast::StateItem *state = nullptr;
  std::string field;
  TensorRef before;
  std::string label() const { return state ? state->name + "." + field : name; }
};

/// A scan whose turns are being walked over.
struct ScanContext {
  const ast::AssignStmt *stmt;
  Frame *frame;
  unsigned regions; ///< of the frame, where its yield stands
  std::vector<TensorRef> yielded;
  SourceRange yield;
  bool failed = false;
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
  friend struct RegionScope;
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
  /// Takes facts of dimensions as true; those of an entry are checked when it is called.
  void takeFacts(Scope &scope, llvm::ArrayRef<const ast::Expr *> facts, bool areChecked);
  /// The dimensions that the entry's parameters bring, with their bounds, in `order`.
  bool bindDimensions(const ast::BlockItem &entry, Frame &top, std::vector<std::string> &order,
                      std::vector<const ast::Expr *> &later);
  /// Facts of dimensions that only the results have (`later`), and the others.
  std::vector<const ast::Expr *> laterFacts(const ast::BlockItem &block, Frame &frame,
                                            std::vector<const ast::Expr *> &later);

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
           SourceRange range, int component = -1, const std::map<std::string, const ast::Expr *> &extents = {},
           llvm::StringRef without = "");
  void write(const ast::WriteStmt &stmt, Frame &frame, Scope &scope);
  void writeState(const ast::WriteStmt &stmt, Scope &scope);
  /// The new value of `tensor`, called `name`, or null behind an error.
  TensorRef writeElements(const ast::WriteStmt &stmt, const TensorRef &tensor, const std::string &name, Scope &scope);
  TensorRef writeWhole(const ast::WriteStmt &stmt, const TensorRef &tensor, const std::string &name, Scope &scope);
  bool checkWritten(const ast::WriteStmt &stmt, Definition &definition, const NodeRef &places,
                    llvm::ArrayRef<IndexRef> indices, const NodeRef &value, const std::string &name, Tensor &written);

  // Control at run time.
  void ifStatement(const ast::IfStmt &stmt, Frame &frame, Scope &scope);
  void runtimeIf(const ast::IfStmt &stmt, const NodeRef &condition, mlir::Value value, Frame &frame, Scope &scope);
  void loop(const ast::LoopStmt &stmt, Frame &frame, Scope &scope);
  void scan(const ast::AssignStmt &stmt, Frame &frame, Scope &scope);
  TensorRef unstack(const ast::Target &target, llvm::StringRef name, const TensorRef &stacked);
  void yield(const ast::YieldStmt &stmt, Frame &frame, Scope &scope);
  void require(const ast::RequireStmt &stmt, Scope &scope);
  void bornDimension(const ast::DimStmt &stmt, Scope &scope);
  /// An error where something that can refuse a call stands behind a change of state.
  bool checkOrder(SourceRange range, const llvm::Twine &what);
  std::vector<Carried> carriedBy(const ast::Body &body, llvm::StringRef variable, Scope &scope);
  void openTurn(mlir::Block &block, llvm::ArrayRef<Carried> carried, Scope &scope, SourceRange range);
  void closeTurn(llvm::ArrayRef<Carried> carried, Scope &scope, llvm::StringRef what, SourceRange range,
                 llvm::SmallVectorImpl<mlir::Value> &next);
  void giveCarried(llvm::ArrayRef<Carried> carried, mlir::ValueRange values, Scope &scope, SourceRange range);
  /// The value as a tensor that lies in memory, of the shape that it has or `shape`.
  TensorRef stored(V value, SourceRange range, std::optional<llvm::ArrayRef<Dim>> shape = std::nullopt);

  // State.
  void declareState(const ast::StateItem &item);
  bool declareField(const ast::StateField &field, Scope &scope, StateInfo &info);
  NodeRef initialValue(const ast::StateField &field, const Tensor &type, Scope &scope);
  /// The state in the entry at hand; null where it cannot be used.
  StateUse *use(const Entity &entity, SourceRange range);
  V evaluateField(const ast::FieldExpr &expr, Scope &scope);
  TensorRef field(const Entity &entity, llvm::StringRef name, SourceRange range);

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
  V uniform(const ast::CallExpr &expr, Scope &scope);
  V grad(const ast::CallExpr &expr, Scope &scope);
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
  /// A new index in `inner`; its extent, where one is written, is evaluated outside
  /// of it. Null behind an error.
  IndexRef bindIndex(Scope &inner, llvm::StringRef name, SourceRange range, const ast::Expr *extent = nullptr);
  /// `extent` is written at another place of the index; it counts where the index has none.
  bool annotate(const IndexRef &index, const ast::Expr &extent, Scope &scope);
  /// Knows what was required so far, and `facts`, of what `goals` read.
  void assumeAll(LinearForms &forms, const Facts &facts, llvm::ArrayRef<NodeRef> goals);
  IndexRef newIndex(llvm::StringRef name, SourceRange range, Dim extent = {});
  /// The index of a whole axis, called as its dimension is.
  IndexRef axisIndex(Dim extent, SourceRange range);
  void unify(const IndexRef &from, const IndexRef &to);
  bool solve(Definition &definition);
  bool discharge(Definition &definition);
  /// What a require would have to say so that `value` is below `extent` (`isMost`: at
  /// most that); empty where that cannot be written.
  std::string requirement(Dim value, Dim extent, LinearForms &forms, bool isMost = false);
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
  /// Is every element proved to be in 0 .. limit - 1?
  bool isIn(const Tensor &tensor, Dim limit) const;
  std::string describeRange(const Tensor &tensor) const;
  /// Dimensions are at least 0, and elements can be counted; `isMemory`: in 32 bits.
  bool checkShape(Element element, llvm::ArrayRef<Dim> shape, SourceRange range, bool isMemory = false);
  bool unifyType(const ast::TypeAst &type, TensorRef &tensor, Frame &frame, Scope &scope,
                 const std::string &what, SourceRange range, bool bindNew);
  bool checkResult(const ast::TypeAst &type, TensorRef &tensor, Frame &callee, Scope &scope,
                   const std::string &what, SourceRange range);
  /// Notes for a dimension that is `have` where a type wants another: a name for a product,
  /// and that the `dim` of a parameter is the file's constant.
  void explainMismatch(Dim have, const ast::Expr *dim, Frame &callee, SourceRange range);
  bool checkRange(const ast::TypeAst &type, TensorRef &tensor, Scope &scope, const std::string &what, SourceRange range);
  TensorRef broadcast(TensorRef tensor, llvm::ArrayRef<Dim> shape, SourceRange range,
                      const std::string &what);
  /// `what` it would have to be proved for: "at this call".
  bool holds(const ast::Expr &fact, Scope &scope, llvm::StringRef what);

  // Weights.
  /// Does a call without a place lead to this weight? An error then, at the call.
  bool placeless(const Frame &declaring, const ast::WeightDecl &decl);
  V weight(const ast::WeightDecl &decl, Scope &scope, const std::string &path,
           const std::map<std::string, std::string> *renames, FileScope &file);
  bool checkWeight(const std::string &path, Element element, llvm::ArrayRef<Dim> shape,
                   const ast::WeightDecl &decl);
  /// Where the builder stands, or, inside a region, before the op of the entry that
  /// it belongs to: what is made there is seen by all that comes after.
  mlir::OpBuilder::InsertPoint entryPoint();
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
  std::map<const ast::StateItem *, StateInfo> stateInfos;
  std::map<const ast::StateItem *, StateUse> states; ///< that the entry touches
  Facts assumed; ///< required, and what loops and run-time ifs say
  SourceRange firstChange; ///< of state, in the entry
  ScanContext *currentScan = nullptr;
  std::vector<mlir::Attribute> born; ///< sizes of dimensions that no parameter has
  std::set<std::string> bornNames, entryDims;
  mlir::Block *entryBlock = nullptr;
  std::vector<std::pair<SourceRange, std::string>> pendingCalls; ///< notes to the last error
  void flushCalls();
  std::map<std::string, std::string> boundNames; ///< S is bounded by P, for messages
  std::set<std::string> explicitLeast;
};

/// The statements of a loop, scan or run-time if, for the length of a scope: what is
/// known there is not known behind it.
struct RegionScope {
  explicit RegionScope(Elaborator &elaborator)
      : elaborator(elaborator), guard(elaborator.builder), numRequired(elaborator.dims.numRequired()),
        numAssumed(elaborator.assumed.size()),
        definition(elaborator.current) {
    ++elaborator.frame->regions;
  }
  ~RegionScope() {
    --elaborator.frame->regions;
    elaborator.dims.forgetRequired(numRequired);
    elaborator.assumed.resize(numAssumed);
    elaborator.current = definition;
  }
  Elaborator &elaborator;
  mlir::OpBuilder::InsertionGuard guard;
  size_t numRequired, numAssumed;
  Definition *definition;
};

/// Does a fact speak of the dimension?
bool mentions(const ast::Expr &expr, llvm::StringRef name);

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
