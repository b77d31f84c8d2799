//===- ElaborateIf.cpp - If statements ------------------------------------===//
//
// A static condition compiles one side. At run time both sides are regions: a name
// that both give, or one side and something before it, is a result of the op, and so
// is a field of state that a side changes.
//
//===----------------------------------------------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

#include <functional>

namespace heddle::frontend {

using llvm::Twine;

void Elaborator::ifStatement(const ast::IfStmt &stmt, Frame &frame, Scope &scope) {
  Value condition;
  TensorRef tensor;
  {
    DefinitionScope definition(*this, /*indexed=*/false);
    condition = evaluate(*stmt.condition, scope);
    if (condition.isPoison())
      return;
    if (condition.kind != Value::Flag) {
      if (!condition.isData()) {
        error(stmt.condition->range, "a condition is a bool, found " + describe(condition));
        return;
      }
      condition = toExpr(condition, stmt.condition->range);
      if (condition.node->type != Scalar::Bool || !condition.axes.empty()) {
        error(stmt.condition->range, "a condition is a bool, found " + describe(condition));
        return;
      }
      tensor = materialize(condition, definition.definition, stmt.condition->range);
      if (!tensor)
        return;
    }
  }
  if (condition.kind == Value::Flag)
    return statements(condition.flag ? stmt.thenBody : stmt.elseBody, frame, scope);
  runtimeIf(stmt, condition.node, tensor->value, frame, scope);
}

void Elaborator::runtimeIf(const ast::IfStmt &stmt, const NodeRef &condition, mlir::Value value, Frame &frame,
                           Scope &scope) {
  auto op = graph::IfOp::create(builder, locate(stmt.range), mlir::TypeRange(), value);
  using Fields = std::map<std::pair<const ast::StateItem *, std::string>, TensorRef>;
  auto fieldsNow = [&] {
    Fields fields;
    for (auto &[state, used] : states)
      for (auto &[name, tensor] : used.fields)
        fields[{state, name}] = tensor;
    return fields;
  };
  // What each side leaves: its names, its fields, where its statements end.
  Scope sides[2];
  Fields fields[2];
  mlir::Block *blocks[2];
  SourceRange changed = firstChange, after = firstChange;
  for (unsigned i = 0; i < 2; ++i) {
    RegionScope region(*this);
    blocks[i] = &(i ? op.getElseRegion() : op.getThenRegion()).emplaceBlock();
    builder.setInsertionPointToStart(blocks[i]);
    sides[i].parent = &scope;
    Fields before = fieldsNow();
    firstChange = changed;
    assumed.push_back({condition, i == 0});
    statements(i ? stmt.elseBody : stmt.thenBody, frame, sides[i]);
    fields[i] = fieldsNow();
    if (firstChange.isValid() && !after.isValid())
      after = firstChange;
    for (auto &[field, tensor] : fields[i]) {
      auto it = before.find(field);
      StateUse &used = states[field.first];
      used.fields[field.second] = it != before.end() ? it->second : used.before[field.second];
    }
  }
  firstChange = after;

  llvm::SmallVector<mlir::Value> given[2];
  std::vector<std::function<void(mlir::Value)>> takers;
  auto join = [&](TensorRef a, TensorRef b, const std::string &label, SourceRange range) -> TensorRef {
    bool same = a->element == b->element && a->shape.size() == b->shape.size();
    for (size_t i = 0; same && i < a->shape.size(); ++i)
      same = dims.equal(a->shape[i], b->shape[i]);
    if (!same) {
      error(range, "the sides of if give " + label + " two types: " + describeType(a->element, a->shape) + " and " +
                       describeType(b->element, b->shape));
      return nullptr;
    }
    TensorRef both[] = {a, b};
    for (unsigned i = 0; i < 2; ++i) {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(blocks[i]);
      TensorRef written = stored(Value::whole(both[i]), range, llvm::ArrayRef<Dim>(a->shape));
      if (!written)
        return nullptr;
      both[i] = written;
    }
    given[0].push_back(both[0]->value);
    given[1].push_back(both[1]->value);
    auto joined = std::make_shared<Tensor>(*a);
    bool bounded = a->bound && b->bound && !a->least && !b->least;
    joined->bound = bounded ? std::optional(*a->bound == *b->bound ? *a->bound : Dim::max(*a->bound, *b->bound)) : std::nullopt;
    joined->least.reset();
    joined->inDeclared = bounded && a->inDeclared && b->inDeclared;
    joined->scalar = nullptr;
    return joined;
  };
  std::set<std::string> names;
  for (Scope &side : sides)
    for (auto &[name, entity] : side.names)
      names.insert(name);
  for (const std::string &name : names) {
    Entity *both[2] = {sides[0].find(name), sides[1].find(name)};
    bool isGiven[2] = {sides[0].names.count(name) != 0, sides[1].names.count(name) != 0};
    SourceRange at = both[isGiven[0] ? 0 : 1]->range;
    auto canJoin = [](Entity *entity) {
      return entity && entity->kind == Entity::Value &&
             (entity->value.isData() || entity->value.isNumber() || entity->value.kind == Value::Flag);
    };
    bool isPoison = llvm::any_of(both, [](Entity *e) { return e && e->kind == Entity::Value && e->value.isPoison(); });
    bool isSize = name[0] >= 'A' && name[0] <= 'Z';
    if (isPoison) {
      give(scope, name, Value::poison(), at);
      continue;
    }
    if (isSize || !canJoin(both[0]) || !canJoin(both[1])) {
      Entity missing;
      missing.kind = Entity::Missing;
      missing.range = at;
      missing.missing = isGiven[0] && isGiven[1] ? "is no tensor or number that both sides of a run-time if give"
                                                 : "is given on one side of a run-time if only";
      scope.names[name] = missing;
      continue;
    }
    TensorRef tensors[2];
    for (unsigned i = 0; i < 2; ++i) {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(blocks[i]);
      tensors[i] = stored(both[i]->value, both[i]->range);
    }
    TensorRef joined = tensors[0] && tensors[1] ? join(tensors[0], tensors[1], name, at) : nullptr;
    if (!joined) {
      give(scope, name, Value::poison(), at);
      continue;
    }
    takers.push_back([this, &scope, joined, name, at](mlir::Value result) {
      joined->value = result;
      give(scope, name, Value::whole(joined), at);
    });
  }
  Fields all = fields[0];
  all.insert(fields[1].begin(), fields[1].end());
  for (auto &[field, any] : all) {
    StateUse &used = states[field.first];
    TensorRef now = used.fields[field.second];
    TensorRef a = fields[0].count(field) ? fields[0][field] : now, b = fields[1].count(field) ? fields[1][field] : now;
    if (a->value == now->value && b->value == now->value)
      continue;
    TensorRef joined = join(a, b, field.first->name + "." + field.second, stmt.range);
    if (!joined)
      continue;
    joined->bound = now->bound;
    joined->inDeclared = now->inDeclared;
    takers.push_back([joined, &slot = used.fields[field.second]](mlir::Value result) {
      joined->value = result;
      slot = joined;
    });
  }
  for (unsigned i = 0; i < 2; ++i) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(blocks[i]);
    graph::NextOp::create(builder, locate(stmt.range), given[i]);
  }
  auto complete = graph::IfOp::create(builder, locate(stmt.range), mlir::ValueRange(given[0]).getTypes(), value);
  complete.getThenRegion().takeBody(op.getThenRegion());
  complete.getElseRegion().takeBody(op.getElseRegion());
  op.erase();
  for (auto [take, result] : llvm::zip(takers, complete.getResults()))
    take(result);
}

} // namespace heddle::frontend
