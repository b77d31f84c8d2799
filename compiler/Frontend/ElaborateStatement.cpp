//===- ElaborateStatement.cpp - Statements --------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

namespace heddle::frontend {

using llvm::Twine;

/// GPT-2's 12 layers are about 150 calls; models of a thousand layers stay far below.
static constexpr unsigned kMostWork = 200000;
static constexpr unsigned kMostBodies = 500; ///< within each other, those of called blocks included
static constexpr unsigned kMostTurns = 100000; ///< of one loop

bool Elaborator::exhausted(SourceRange range) {
  if (work >= kMostWork)
    return true;
  if (++work < kMostWork)
    return false;
  error(range, "the model has more than " + Twine(kMostWork - 1) +
                   " statements, calls and turns of for, all of them inlined");
  return true;
}

void Elaborator::statements(const std::vector<std::unique_ptr<ast::Stmt>> &body, Frame &frame, Scope &scope) {
  if (bodies >= kMostBodies) {
    if (!body.empty())
      error(body.front()->range, "statements nest more than " + Twine(kMostBodies) + " deep here, with those of the blocks around");
    return;
  }
  ++bodies;
  llvm::scope_exit leave([&] { --bodies; });
  for (auto &stmt : body) {
    if (frame.returned || diagnostics.full() || work >= kMostWork)
      return; // behind a taken static return nothing is checked
    if (exhausted(stmt->range))
      return;
    // The statements of a called block are none of the caller's.
    unsigned outer = std::exchange(steps, 0);
    statement(*stmt, frame, scope);
    steps = outer;
    flushCalls();
  }
}

void Elaborator::give(Scope &scope, llvm::StringRef name, Value value, SourceRange range) {
  if (value.kind == Value::Whole && value.tensor->name != name) {
    auto named = std::make_shared<Tensor>(*value.tensor);
    named->name = name.str();
    value.tensor = named;
  }
  Entity entity;
  entity.value = std::move(value);
  entity.range = range;
  scope.names[name.str()] = entity;
}

void Elaborator::bindTarget(const ast::Target &target, Value value, Frame &frame, Scope &scope) {
  // What a type said of another name is not said of this one.
  if (value.kind == Value::Whole && value.tensor->inDeclared) {
    value.tensor = std::make_shared<Tensor>(*value.tensor);
    value.tensor->inDeclared = false;
  }
  if (target.type && !value.isPoison()) {
    DefinitionScope definition(*this, /*indexed=*/false);
    TensorRef tensor = materialize(value, definition.definition, target.range);
    if (tensor && unifyType(*target.type, tensor, frame, scope, target.name, target.range, /*bindNew=*/true) &&
        checkRange(*target.type, tensor, scope, target.name, target.range))
      value = Value::whole(tensor);
    else
      value = Value::poison();
  }
  // What its type would have named is no new mistake.
  if (target.type && value.isPoison())
    for (auto &dim : target.type->dims)
      if (auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(dim.get());
          name && llvm::isUpper(name->name[0]) && !scope.find(name->name))
        give(scope, name->name, Value::poison(), dim->range);
  give(scope, target.name, std::move(value), target.range);
}

void Elaborator::assign(const ast::AssignStmt &stmt, Frame &frame, Scope &scope) {
  if (stmt.scan)
    return scan(stmt, frame, scope);
  if (stmt.targets.size() == 1) {
    const ast::Target &target = stmt.targets[0];
    Value value;
    if (target.hasPlaces) {
      value = define(target.places, *stmt.value, scope, -1, stmt.range);
    } else {
      DefinitionScope definition(*this, /*indexed=*/false);
      value = evaluate(*stmt.value, scope);
      if (value.kind == Value::Tuple)
        value = error(stmt.range, Twine(value.items.size()) + " values for one name");
      else if (value.kind == Value::Nothing)
        value = error(stmt.value->range, "this call gives no value");
      if (value.kind == Value::Expr) {
        TensorRef tensor = materialize(value, definition.definition, stmt.range);
        value = tensor ? Value::whole(tensor) : Value::poison();
      }
    }
    return bindTarget(target, value, frame, scope);
  }
  std::vector<Value> values(stmt.targets.size());
  bool places = llvm::any_of(stmt.targets, [](auto &t) { return t.hasPlaces; });
  if (places) {
    // Only top gives several values by indices; each name is a definition of its own.
    auto *top = llvm::dyn_cast<ast::AxisExpr>(stmt.value.get());
    bool everyPlaces = llvm::all_of(stmt.targets, [](auto &t) { return t.hasPlaces; });
    if (!top || top->op != "top" || values.size() != 2 || !everyPlaces) {
      error(stmt.range, "several names with indices are given by top alone, two of them: (values[..], positions[..]) = top[..](..)");
    } else {
      std::map<std::string, const ast::Expr *> extents;
      for (auto &target : stmt.targets)
        for (auto &place : target.places)
          if (place.kind == ast::Place::Index && place.extent)
            extents.emplace(place.name, place.extent.get());
      for (auto [i, target] : llvm::enumerate(stmt.targets))
        values[i] = define(target.places, *stmt.value, scope, -1, stmt.range, i, extents);
    }
  } else {
    DefinitionScope definition(*this, /*indexed=*/false);
    Value value = evaluate(*stmt.value, scope);
    if (value.kind == Value::Tuple && value.items.size() == values.size()) {
      for (auto [i, item] : llvm::enumerate(value.items)) {
        if (item.kind == Value::Expr) {
          TensorRef tensor = materialize(item, definition.definition, stmt.range);
          item = tensor ? Value::whole(tensor) : Value::poison();
        }
        values[i] = item;
      }
    } else if (!value.isPoison()) {
      unsigned count = value.kind == Value::Tuple ? value.items.size() : value.kind == Value::Nothing ? 0 : 1;
      error(stmt.range, Twine(stmt.targets.size()) + " names for " + Twine(count) + (count == 1 ? " value" : " values"));
    }
  }
  for (auto [target, value] : llvm::zip(stmt.targets, values))
    bindTarget(target, value, frame, scope);
}

void Elaborator::each(const ast::EachStmt &stmt, Frame &frame, Scope &scope) {
  std::vector<Value> values;
  for (auto [i, name] : llvm::enumerate(stmt.names))
    values.push_back(define(stmt.places, *stmt.value, scope, i, stmt.range));
  for (auto [name, value] : llvm::zip(stmt.names, values))
    give(scope, name, value, stmt.range);
}

void Elaborator::statement(const ast::Stmt &stmt, Frame &frame, Scope &scope) {
  switch (stmt.kind) {
  case ast::Stmt::Let: {
    auto &let = llvm::cast<ast::LetStmt>(stmt);
    DefinitionScope definition(*this, /*indexed=*/false);
    Value value = evaluate(*let.value, scope);
    if (!value.isPoison() && !value.isStatic())
      value = error(let.value->range, "let names what is known before any data, this is " + describe(value));
    return give(scope, let.name, value, let.range);
  }
  case ast::Stmt::Weight: {
    auto &decl = *llvm::cast<ast::WeightStmt>(stmt).decl;
    DefinitionScope definition(*this, /*indexed=*/false);
    if (placeless(frame, decl))
      return give(scope, decl.name, Value::poison(), decl.range);
    return give(scope, decl.name, weight(decl, scope, frame.path, &frame.renames, *frame.file), decl.range);
  }
  case ast::Stmt::Assign:
    return assign(llvm::cast<ast::AssignStmt>(stmt), frame, scope);
  case ast::Stmt::Each:
    return each(llvm::cast<ast::EachStmt>(stmt), frame, scope);
  case ast::Stmt::Return: {
    auto &ret = llvm::cast<ast::ReturnStmt>(stmt);
    if (frame.regions) {
      error(ret.range, "return cannot stand in a loop, a scan or a run-time if; give a name there, and return it behind");
      return;
    }
    DefinitionScope definition(*this, /*indexed=*/false);
    Value value = evaluate(*ret.value, scope);
    frame.returned = true;
    if (value.isPoison())
      return;
    std::vector<Value> items = value.kind == Value::Tuple ? value.items
                               : value.kind == Value::Nothing ? std::vector<Value>() : std::vector<Value>{value};
    const ast::BlockItem &block = *frame.block;
    if (items.size() != block.results.size()) {
      error(ret.range, Twine(block.name) + " returns " + Twine(items.size()) + (items.size() == 1 ? " value" : " values") +
                           ", declared " + Twine(block.results.size()));
      return;
    }
    std::vector<Value> results;
    for (auto [item, declared] : llvm::zip(items, block.results)) {
      TensorRef tensor = materialize(item, definition.definition, ret.value->range);
      if (!tensor)
        return;
      // A static or scalar result gets storage of its own.
      std::string what = block.results.size() == 1 ? block.name + " returns a tensor that"
                                                   : block.name + ": result " + declared.name;
      if (!checkResult(*declared.type, tensor, frame, scope, what, ret.value->range))
        return;
      results.push_back(Value::whole(tensor));
    }
    frame.result = results.empty() ? Value::nothing() : results.size() == 1 ? results[0] : Value::tuple(std::move(results));
    return;
  }
  case ast::Stmt::If:      return ifStatement(llvm::cast<ast::IfStmt>(stmt), frame, scope);
  case ast::Stmt::For: {
    auto &loop = llvm::cast<ast::ForStmt>(stmt);
    std::optional<int64_t> bounds[2];
    const ast::Expr *const ends[2] = {loop.begin.get(), loop.end.get()};
    for (unsigned i = 0; i < 2; ++i) {
      const ast::Expr *end = ends[i];
      DefinitionScope definition(*this, /*indexed=*/false);
      Value value = evaluate(*end, scope);
      if (value.isPoison())
        return;
      if (value.kind == Value::Int && (bounds[i] = dims.value(value.dim)))
        continue;
      if (value.kind == Value::Int || value.isData()) {
        error(end->range, "for is unrolled when the model is compiled, but " + text(end->range) +
                              " is known only at run time; use loop or scan");
        return;
      }
      error(end->range, "the bounds of for are integers, this is " + describe(value));
      return;
    }
    // The difference of two 64-bit integers is an unsigned one.
    uint64_t turns = *bounds[1] > *bounds[0] ? uint64_t(*bounds[1]) - uint64_t(*bounds[0]) : 0;
    if (turns > kMostTurns) {
      error(loop.range, "for is unrolled: " + Twine(turns) + " turns are too many, at most " + Twine(kMostTurns) + " are possible");
      return;
    }
    for (int64_t i = *bounds[0]; i < *bounds[1] && !frame.returned && !diagnostics.full(); ++i) {
      if (exhausted(loop.range))
        return;
      // What a turn gives, the next one and what stands below see; its variable ends.
      Entity saved;
      auto shadowed = scope.names.find(loop.name);
      bool had = shadowed != scope.names.end();
      if (had)
        saved = shadowed->second;
      give(scope, loop.name, Value::integer(Dim::constant(i)), loop.range);
      statements(loop.body, frame, scope);
      if (had)
        scope.names[loop.name] = saved;
      else
        scope.names.erase(loop.name);
    }
    return;
  }
  case ast::Stmt::Call: {
    auto &call = llvm::cast<ast::CallStmt>(stmt);
    DefinitionScope definition(*this, /*indexed=*/false);
    Value value = evaluate(*call.call, scope);
    if (!value.isPoison() && value.kind != Value::Nothing)
      error(call.range, "the value of this call is not used");
    return;
  }
  case ast::Stmt::Dim:     return bornDimension(llvm::cast<ast::DimStmt>(stmt), scope);
  case ast::Stmt::Require: return require(llvm::cast<ast::RequireStmt>(stmt), scope);
  case ast::Stmt::Yield:   return yield(llvm::cast<ast::YieldStmt>(stmt), frame, scope);
  case ast::Stmt::Loop:    return loop(llvm::cast<ast::LoopStmt>(stmt), frame, scope);
  case ast::Stmt::Write:   return write(llvm::cast<ast::WriteStmt>(stmt), frame, scope);
  }
}

bool Elaborator::checkResult(const ast::TypeAst &type, TensorRef &tensor, Frame &callee, Scope &scope,
                             const std::string &what, SourceRange range) {
  std::string have = describeType(tensor->element, tensor->shape);
  // The whole type is compared in one message: "returns .., declared ..".
  std::optional<Element> element = parseElement(type.element);
  bool leading = !type.dims.empty() && !type.dims[0];
  unsigned fixed = type.dims.size() - leading;
  if (element && !tensor->shape.empty() && !leading && tensor->shape.size() == fixed) {
    llvm::SmallVector<Dim> wanted;
    std::string unequal;
    unsigned differs = 0;
    for (unsigned i = 0; i < fixed; ++i) {
      const ast::Expr &dim = *type.dims[i];
      if (auto *name = llvm::dyn_cast<ast::NameExpr>(&dim); name && !scope.find(name->name)) {
        if (callee.newDims.count(name->name)) {
          // It is what the body makes it.
          Entity bound;
          bound.value = Value::integer(tensor->shape[i]);
          bound.range = dim.range;
          callee.scope.names[name->name] = bound;
          wanted.push_back(tensor->shape[i]);
          continue;
        }
        error(dim.range, name->name + " is a new dimension of the result and needs a bound: where " + name->name + " <= ..");
        return false;
      }
      std::optional<Dim> value = dimension(dim, scope);
      if (!value)
        return false;
      wanted.push_back(*value);
      if (!dims.equal(*value, tensor->shape[i]) && unequal.empty()) {
        differs = i;
        auto side = [&](Dim d) { return dims.value(d) && !d.isConstant() ? dims.describe(d) : std::string(); };
        std::string a = side(tensor->shape[i]), b = side(*value);
        if (!a.empty() || !b.empty())
          unequal = ": " + a + (a.empty() || b.empty() ? "" : ", ") + b;
        else
          unequal = " ";
      }
    }
    if (!unequal.empty()) {
      error(range, callee.block->name + " returns " + have + ", declared " + describeType(*element, wanted) +
                       (unequal == " " ? "" : unequal));
      explainMismatch(tensor->shape[differs], nullptr, callee, range);
      return false;
    }
  }
  if (!unifyType(type, tensor, callee, scope, what, range, /*bindNew=*/false))
    return false;
  return checkRange(type, tensor, scope, what, range);
}

/// What a type says behind `in`, if it says that, holds of the tensor.
bool Elaborator::checkRange(const ast::TypeAst &type, TensorRef &tensor, Scope &scope, const std::string &what,
                            SourceRange range) {
  if (type.range_) {
    std::optional<Dim> limit = dimension(*type.range_, scope);
    if (!limit)
      return false;
    if (!isIn(*tensor, *limit)) {
      error(range, what + " must be in " + dims.describe(*limit) + ", but " +
                       (tensor->bound ? "it is in " + describeRange(*tensor) : "nothing bounds it"));
      return false;
    }
    auto bounded = std::make_shared<Tensor>(*tensor);
    bounded->bound = *limit;
    bounded->least.reset();
    bounded->inDeclared = true;
    tensor = bounded;
  }
  return true;
}

} // namespace heddle::frontend
