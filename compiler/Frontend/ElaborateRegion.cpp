//===- ElaborateRegion.cpp - Loops and scans ------------------------------===//
//
// Each becomes an op with a region. A name that exists before and is given inside
// is carried: an argument of a turn and a result of the op, of one type. So are the
// fields of state that are written inside, in called blocks too.
//
//===----------------------------------------------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

namespace heddle::frontend {

using llvm::Twine;

namespace {

/// Names that statements give and fields of state that they write, each once, in
/// order of first appearance.
class Given {
public:
  explicit Given(Scope &scope) : scope(scope) {}
  std::vector<std::string> names;
  std::vector<std::pair<Entity *, std::string>> fields;
  SourceRange change; ///< the first write to state

  void visit(const ast::Body &body) {
    for (auto &stmt : body)
      visit(*stmt);
  }

private:
  Scope &scope;
  std::set<const ast::BlockItem *> blocks;

  void name(const std::string &name) {
    // In a called block a name is the block's own.
    if (blocks.empty() && !llvm::is_contained(names, name))
      names.push_back(name);
  }

  void visit(const ast::Stmt &stmt) {
    switch (stmt.kind) {
    case ast::Stmt::Assign: {
      auto &assign = llvm::cast<ast::AssignStmt>(stmt);
      for (auto &target : assign.targets)
        name(target.name);
      calls(assign.value.get());
      if (assign.scan)
        visit(assign.scan->body);
      return;
    }
    case ast::Stmt::Each: {
      auto &each = llvm::cast<ast::EachStmt>(stmt);
      for (const std::string &one : each.names)
        name(one);
      return calls(each.value.get());
    }
    case ast::Stmt::Write: {
      auto &write = llvm::cast<ast::WriteStmt>(stmt);
      calls(write.value.get());
      if (write.field.empty())
        return name(write.name);
      Entity *state = scope.find(write.name);
      if (!state || state->kind != Entity::State)
        return;
      if (!change.isValid())
        change = write.range;
      std::pair<Entity *, std::string> field(state, write.field);
      if (!llvm::is_contained(fields, field))
        fields.push_back(field);
      return;
    }
    case ast::Stmt::If: {
      auto &branch = llvm::cast<ast::IfStmt>(stmt);
      calls(branch.condition.get());
      visit(branch.thenBody);
      return visit(branch.elseBody);
    }
    case ast::Stmt::For:  return visit(llvm::cast<ast::ForStmt>(stmt).body);
    case ast::Stmt::Loop: return visit(llvm::cast<ast::LoopStmt>(stmt).body);
    case ast::Stmt::Call: return calls(llvm::cast<ast::CallStmt>(stmt).call.get());
    case ast::Stmt::Yield: return calls(llvm::cast<ast::YieldStmt>(stmt).value.get());
    case ast::Stmt::Return: return calls(llvm::cast<ast::ReturnStmt>(stmt).value.get());
    case ast::Stmt::Dim: return calls(llvm::cast<ast::DimStmt>(stmt).value.get());
    case ast::Stmt::Require: return calls(llvm::cast<ast::RequireStmt>(stmt).condition.get());
    case ast::Stmt::Let:
    case ast::Stmt::Weight:
      return;
    }
  }

  /// The blocks that an expression calls may write state too.
  void calls(const ast::Expr *expr) {
    if (!expr)
      return;
    switch (expr->kind) {
    case ast::Expr::Call: {
      auto *call = llvm::cast<ast::CallExpr>(expr);
      for (auto &arg : call->args)
        calls(arg.value.get());
      Entity *block = scope.find(call->callee);
      if (block && block->kind == Entity::Block && active.insert(block->block).second) {
        blocks.insert(block->block);
        visit(block->block->body);
        blocks.erase(block->block);
      }
      return;
    }
    case ast::Expr::Axis: {
      auto *axis = llvm::cast<ast::AxisExpr>(expr);
      calls(axis->where.get());
      for (auto &arg : axis->args)
        calls(arg.get());
      return;
    }
    case ast::Expr::Subscript: {
      auto *read = llvm::cast<ast::SubscriptExpr>(expr);
      calls(read->base.get());
      for (auto &place : read->subscripts) {
        calls(place.expr.get());
        calls(place.pad.get());
      }
      return;
    }
    case ast::Expr::Unary:
      return calls(llvm::cast<ast::UnaryExpr>(expr)->operand.get());
    case ast::Expr::Binary:
      calls(llvm::cast<ast::BinaryExpr>(expr)->lhs.get());
      return calls(llvm::cast<ast::BinaryExpr>(expr)->rhs.get());
    case ast::Expr::Compare:
      for (auto &operand : llvm::cast<ast::CompareExpr>(expr)->operands)
        calls(operand.get());
      return;
    case ast::Expr::If: {
      auto *choice = llvm::cast<ast::IfExpr>(expr);
      calls(choice->condition.get());
      calls(choice->thenExpr.get());
      return calls(choice->elseExpr.get());
    }
    case ast::Expr::Tuple:
      for (auto &item : llvm::cast<ast::TupleExpr>(expr)->items)
        calls(item.get());
      return;
    default:
      return;
    }
  }

  std::set<const ast::BlockItem *> active; ///< visited already
};

} // namespace

//===----------------------------------------------------------------------===//
// What turns carry
//===----------------------------------------------------------------------===//

std::vector<Carried> Elaborator::carriedBy(const ast::Body &body, llvm::StringRef variable, Scope &scope) {
  Given given(scope);
  given.visit(body);
  std::vector<Carried> carried;
  for (const std::string &name : given.names) {
    Entity *known = scope.find(name);
    if (name == variable || !known || known->kind != Entity::Value)
      continue;
    const Value &value = known->value;
    bool isNumber = value.isNumber() || value.kind == Value::Flag;
    if (value.isPoison() || (!value.isData() && !isNumber))
      continue; // behind the body it has the value from before
    TensorRef before = stored(value, known->range);
    if (!before)
      continue;
    before = std::make_shared<Tensor>(*before);
    if (!before->inDeclared) {
      before->bound.reset();
      before->least.reset();
    }
    before->name = name;
    carried.push_back({name, nullptr, "", before});
  }
  for (auto &[state, name] : given.fields)
    if (stateInfos[state->state].ok && stateInfos[state->state].find(name))
      if (TensorRef before = field(*state, name, given.change))
        carried.push_back({"", state->state, name, before});
  // In its second turn what stands above a change stands behind it.
  if (given.change.isValid() && !firstChange.isValid())
    firstChange = given.change;
  return carried;
}

void Elaborator::openTurn(mlir::Block &block, llvm::ArrayRef<Carried> carried, Scope &scope, SourceRange range) {
  for (const Carried &one : carried) {
    auto tensor = std::make_shared<Tensor>(*one.before);
    tensor->value = block.addArgument(one.before->value.getType(), locate(range));
    if (one.state) {
      states[one.state].fields[one.field] = tensor;
      continue;
    }
    Entity entity;
    entity.value = Value::whole(tensor);
    entity.range = scope.parent->find(one.name)->range;
    scope.names[one.name] = entity;
  }
}

/// What a turn gives must have the types that it took.
void Elaborator::closeTurn(llvm::ArrayRef<Carried> carried, Scope &scope, llvm::StringRef what, SourceRange range,
                           llvm::SmallVectorImpl<mlir::Value> &next) {
  for (const Carried &one : carried) {
    TensorRef after;
    SourceRange at = range;
    if (one.state) {
      after = states[one.state].fields[one.field];
    } else {
      Entity &entity = scope.names[one.name];
      at = entity.range;
      if (entity.kind == Entity::Missing) {
        error(at, one.name + " " + entity.missing);
        note(at, "a " + what + " carries it");
        continue;
      }
      after = stored(entity.value, at);
    }
    if (!after)
      continue;
    const Tensor &before = *one.before;
    bool same = after->element == before.element && after->shape.size() == before.shape.size();
    for (size_t i = 0; same && i < before.shape.size(); ++i)
      same = dims.equal(after->shape[i], before.shape[i]);
    if (!same) {
      error(at, one.label() + " changes its type in a " + what + ": " + describeType(before.element, before.shape) +
                    " before, " + describeType(after->element, after->shape) + " after a turn");
      note(at, "for is unrolled and may change types");
      continue;
    }
    if (before.inDeclared && !isIn(*after, *before.bound)) {
      error(at, one.label() + " is in " + dims.describe(*before.bound) + ", but " +
                    (after->bound ? "after a turn it is in " + describeRange(*after) : "nothing bounds it after a turn"));
      continue;
    }
    after = stored(Value::whole(after), at, llvm::ArrayRef<Dim>(before.shape));
    if (after)
      next.push_back(after->value);
  }
}

void Elaborator::giveCarried(llvm::ArrayRef<Carried> carried, mlir::ValueRange values, Scope &scope, SourceRange range) {
  for (auto [one, value] : llvm::zip(carried, values)) {
    auto tensor = std::make_shared<Tensor>(*one.before);
    tensor->value = value;
    if (one.state)
      states[one.state].fields[one.field] = tensor;
    else
      give(scope, one.name, Value::whole(tensor), range);
  }
}

static llvm::SmallVector<mlir::Value> valuesOf(llvm::ArrayRef<Carried> carried) {
  llvm::SmallVector<mlir::Value> values;
  for (const Carried &one : carried)
    values.push_back(one.before->value);
  return values;
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

void Elaborator::loop(const ast::LoopStmt &stmt, Frame &frame, Scope &scope) {
  NodeRef ends[2];
  TensorRef tensors[2];
  const ast::Expr *const written[2] = {stmt.begin.get(), stmt.end.get()};
  for (unsigned i = 0; i < 2; ++i) {
    const ast::Expr *end = written[i];
    DefinitionScope definition(*this, /*indexed=*/false);
    Value value = evaluate(*end, scope);
    if (!value.isPoison() && value.kind != Value::Int && !value.isData())
      value = error(end->range, "the bounds of loop are integers, this is " + describe(value));
    if (!value.isPoison())
      value = toExpr(value, end->range);
    if (!value.isPoison() && (!isInteger(value.node->type) || value.node->type == Scalar::I64 || !value.axes.empty()))
      value = error(end->range, "the bounds of loop are integers of 32 bits, this is " + describe(value));
    if (value.isPoison())
      continue;
    ends[i] = value.node;
    tensors[i] = materialize(value, definition.definition, end->range);
  }
  if (!tensors[0] || !tensors[1])
    return;
  LinearForms forms(dims);
  assumeAll(forms, {}, {ends[0], ends[1]});
  Dim least = forms.least(forms.of(ends[0])), most = forms.most(forms.of(ends[1]));
  for (unsigned i = 0; i < 2; ++i)
    if (const ast::Expr *end = written[i]; !(i ? most : least).isValid()) {
      error(end->range, "nothing bounds " + text(end->range) + ", so that the loop might not end; declare it \"in N\", or write " +
                            (i ? "min" : "max") + "(" + text(end->range) + ", N)");
      return;
    }
  for (unsigned i = 0; i < 2; ++i)
    if (Bounds bounds = dims.bounds(i ? most : least); !bounds.least || !bounds.most || *bounds.least < INT32_MIN ||
                                                        *bounds.most > INT32_MAX) {
      error(written[i]->range, "the bounds of loop are integers of 32 bits, this may be " + dims.describe(i ? most : least));
      return;
    }

  std::vector<Carried> carried = carriedBy(stmt.body, stmt.name, scope);
  llvm::SmallVector<mlir::Value> inits = valuesOf(carried);
  auto op = graph::LoopOp::create(builder, locate(stmt.range), mlir::TypeRange(mlir::ValueRange(inits)), tensors[0]->value,
                                  tensors[1]->value, inits);
  {
    RegionScope region(*this);
    mlir::Block &block = op.getBody().emplaceBlock();
    builder.setInsertionPointToStart(&block);
    Scope body;
    body.parent = &scope;
    auto turn = std::make_shared<Tensor>();
    turn->element = Element::I32;
    turn->value = block.addArgument(tensors[0]->value.getType(), locate(stmt.range));
    turn->least = least;
    turn->bound = most;
    give(body, stmt.name, Value::whole(turn), stmt.range);
    openTurn(block, carried, body, stmt.range);
    auto variable = std::make_shared<Node>(Node::Read, Scalar::I32, stmt.range);
    variable->tensor = turn;
    assumed.push_back({makeOp(NodeOp::Ge, Scalar::Bool, {variable, ends[0]}, stmt.range), true});
    assumed.push_back({makeOp(NodeOp::Lt, Scalar::Bool, {variable, ends[1]}, stmt.range), true});
    if (stmt.condition) {
      DefinitionScope definition(*this, /*indexed=*/false);
      Value condition = evaluate(*stmt.condition, body);
      if (!condition.isPoison())
        condition = toExpr(condition, stmt.condition->range);
      if (!condition.isPoison() && (condition.node->type != Scalar::Bool || !condition.axes.empty()))
        condition = error(stmt.condition->range, "a condition is a bool, found " + describe(condition));
      if (!condition.isPoison())
        if (TensorRef tensor = materialize(condition, definition.definition, stmt.condition->range)) {
          graph::WhileOp::create(builder, locate(stmt.condition->range), tensor->value);
          assumed.push_back({condition.node, true});
        }
    }
    statements(stmt.body, frame, body);
    llvm::SmallVector<mlir::Value> next;
    closeTurn(carried, body, "loop", stmt.range, next);
    graph::NextOp::create(builder, locate(stmt.range), next);
  }
  giveCarried(carried, op.getResults(), scope, stmt.range);
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

void Elaborator::scan(const ast::AssignStmt &stmt, Frame &frame, Scope &scope) {
  const ast::Scan &scan = *stmt.scan;
  auto poison = [&] {
    for (auto &target : stmt.targets)
      give(scope, target.name, Value::poison(), target.range);
  };
  const ast::Expr *written = nullptr;
  for (auto &target : stmt.targets) {
    bool found = false;
    for (const ast::Place &place : target.places) {
      if (place.kind != ast::Place::Index || place.name != scan.name)
        continue;
      found = true;
      written = written ? written : place.extent.get();
    }
    if (found)
      continue;
    error(target.range, "scan stacks what its turns yield along " + scan.name + ", which is no axis of " + target.name +
                            "; write " + target.name + "[.., " + scan.name + ": N, ..]");
    return poison();
  }
  if (!written) {
    error(stmt.targets[0].range, "cannot tell how far the scan runs; write " + scan.name + ": N");
    return poison();
  }
  std::optional<Dim> extent = dimension(*written, scope);
  if (!extent)
    return poison();
  std::optional<int64_t> most = dims.bounds(*extent).most;
  if (!dims.proveNonNegative(*extent) || !most || *most > INT32_MAX) {
    error(written->range, "index " + scan.name + " runs over " + dims.describe(*extent) +
                              ", which is not proved to be between 0 and 2147483647");
    return poison();
  }

  std::vector<Carried> carried = carriedBy(scan.body, scan.name, scope);
  llvm::SmallVector<mlir::Value> inits = valuesOf(carried), next;
  auto index = graph::IndexAttr::get(&context, scan.name, dims.resolve(*extent));
  // Without what is stacked, whose types are known when the body has been walked over.
  auto draft = graph::ScanOp::create(builder, locate(stmt.range), mlir::ValueRange(inits).getTypes(), index, inits);
  ScanContext turns{&stmt, &frame, frame.regions + 1, {}, {}, false};
  {
    RegionScope region(*this);
    mlir::Block &block = draft.getBody().emplaceBlock();
    builder.setInsertionPointToStart(&block);
    Scope body;
    body.parent = &scope;
    auto turn = std::make_shared<Tensor>();
    turn->element = Element::I32;
    turn->value = block.addArgument(emitter.tensorType(Element::I32, {}), locate(stmt.range));
    turn->bound = *extent;
    give(body, scan.name, Value::whole(turn), stmt.range);
    openTurn(block, carried, body, stmt.range);
    ScanContext *outer = std::exchange(currentScan, &turns);
    statements(scan.body, frame, body);
    currentScan = outer;
    closeTurn(carried, body, "scan", stmt.range, next);
    if (!turns.yield.isValid() && !turns.failed)
      error(stmt.range, "the body of scan yields nothing; a turn gives what is stacked: yield e");
    for (const TensorRef &tensor : turns.yielded)
      if (tensor)
        next.push_back(tensor->value);
    graph::NextOp::create(builder, locate(stmt.range), next);
  }
  if (next.size() != inits.size() + stmt.targets.size()) {
    // Behind an error the carried names keep their types.
    giveCarried(carried, draft.getResults(), scope, stmt.range);
    return poison();
  }
  llvm::SmallVector<mlir::Type> types(mlir::ValueRange(inits).getTypes());
  for (const TensorRef &tensor : turns.yielded) {
    llvm::SmallVector<Dim> shape{*extent};
    shape.append(tensor->shape.begin(), tensor->shape.end());
    if (!checkShape(tensor->element, shape, stmt.range)) {
      giveCarried(carried, draft.getResults(), scope, stmt.range);
      return poison();
    }
    types.push_back(emitter.tensorType(tensor->element, shape));
  }
  auto op = graph::ScanOp::create(builder, locate(stmt.range), types, index, inits);
  op.getBody().takeBody(draft.getBody());
  draft.erase();
  giveCarried(carried, op.getResults().take_front(carried.size()), scope, stmt.range);
  for (auto [target, tensor, value] :
       llvm::zip(stmt.targets, turns.yielded, op.getResults().drop_front(carried.size()))) {
    auto stacked = std::make_shared<Tensor>(*tensor);
    stacked->value = value;
    stacked->shape.insert(stacked->shape.begin(), *extent);
    bindTarget(target, Value::whole(unstack(target, scan.name, stacked)), frame, scope);
  }
}

/// The stacked values, whose first axis is the scan's, with the axes of the left side.
TensorRef Elaborator::unstack(const ast::Target &target, llvm::StringRef name, const TensorRef &stacked) {
  DefinitionScope definition(*this, /*indexed=*/true);
  auto read = std::make_shared<Node>(Node::Read, widened(stacked->element), target.range);
  read->tensor = stacked;
  std::vector<IndexRef> rest; // behind the first
  for (Dim extent : stacked->shape) {
    IndexRef index = axisIndex(extent, target.range);
    Subscript subscript;
    subscript.value = makeIndex(index, target.range);
    read->subscripts.push_back(std::move(subscript));
    rest.push_back(index);
  }
  IndexRef turn = rest.front();
  rest.erase(rest.begin());
  // Every place of the yields is one axis by now, a composite too; `...` may be several.
  std::vector<IndexRef> places;
  size_t next = 0, several = stacked->shape.size() + 1 - target.places.size();
  for (const ast::Place &place : target.places) {
    if (place.kind == ast::Place::Index && place.name == name)
      places.push_back(turn);
    else
      for (size_t i = 0; i < (place.kind == ast::Place::Ellipsis ? several : 1); ++i)
        places.push_back(rest[next++]);
  }
  auto written = std::make_shared<Tensor>(*stacked);
  written->shape.clear();
  for (const IndexRef &place : places)
    written->shape.push_back(place->extent);
  written->value = emitter.define(places, std::vector<int32_t>(places.size(), 1), read, stacked->element, locate(target.range));
  return written;
}

void Elaborator::yield(const ast::YieldStmt &stmt, Frame &frame, Scope &scope) {
  if (!currentScan || currentScan->frame != &frame || currentScan->regions != frame.regions) {
    if (currentScan)
      currentScan->failed = true; // it is said here that there is none
    error(stmt.range, "yield stands in the body of a scan: not in a loop or a run-time if in it, nor in a block that it calls");
    return;
  }
  ScanContext &scan = *currentScan;
  if (scan.yield.isValid()) {
    error(stmt.range, "a turn of a scan yields once");
    note(scan.yield, "the other is here");
    return;
  }
  scan.yield = stmt.range;
  auto &targets = scan.stmt->targets;
  for (auto [i, target] : llvm::enumerate(targets)) {
    const ast::Expr *value = stmt.value.get();
    if (targets.size() > 1) {
      auto *tuple = llvm::dyn_cast<ast::TupleExpr>(value);
      if (!tuple || tuple->items.size() != targets.size()) {
        error(stmt.range, "this scan yields " + Twine(targets.size()) + " values: yield (.., ..)");
        scan.failed = true;
        return;
      }
      value = tuple->items[i].get();
    }
    Value one = define(target.places, *value, scope, -1, stmt.range, -1, {}, scan.stmt->scan->name);
    TensorRef tensor = one.kind == Value::Whole ? stored(one, stmt.range) : nullptr;
    scan.failed |= !tensor;
    scan.yielded.push_back(tensor);
  }
}

} // namespace heddle::frontend
