//===- ElaborateCall.cpp - Calls of functions and blocks ------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "llvm/ADT/StringExtras.h"

namespace heddle::frontend {

using llvm::Twine;

/// Blocks may call themselves with a static argument, this deep.
static constexpr unsigned kMaxBlocks = 64;

Value Elaborator::evaluateCall(const ast::CallExpr &expr, Scope &scope) {
  Entity *entity = scope.find(expr.callee);
  if (entity && entity->kind == Entity::Block)
    return callBlock(*entity, expr, scope);
  if (expr.scope)
    return error(expr.scope->range, Twine(expr.callee) + " is no block: it has no weights for @ to place");
  if (entity && entity->kind == Entity::Fn) {
    std::vector<Value> args;
    for (auto &arg : expr.args) {
      if (!arg.name.empty())
        return error(arg.value->range, "arguments of a fn have no names");
      Value value = evaluate(*arg.value, scope);
      // Used several times, a tensor still has one set of axes.
      if (value.kind == Value::Whole)
        value = toExpr(value, arg.value->range);
      if (value.isPoison())
        return value;
      args.push_back(value);
    }
    return callFunction(*entity, std::move(args), expr.range);
  }
  if (entity)
    return error(expr.range, Twine(expr.callee) + " is not a function");
  if (std::optional<Value> value = callPrimitive(expr, scope))
    return *value;
  std::string nearest;
  unsigned best = 3;
  for (Scope *s = &scope; s; s = s->parent)
    for (auto &[name, other] : s->names)
      if (other.kind == Entity::Fn || other.kind == Entity::Block)
        if (unsigned distance = llvm::StringRef(name).edit_distance(expr.callee, true, best); distance < best) {
          best = distance;
          nearest = name;
        }
  Value poison = error(expr.range, Twine("unknown function ") + expr.callee);
  if (!nearest.empty())
    note(expr.range, "did you mean " + nearest + "?");
  return poison;
}

Value Elaborator::callFunction(const Entity &fn, std::vector<Value> args, SourceRange range) {
  if (!fn.fn->axis.empty())
    return error(range, Twine(fn.fn->name) + " works along an axis: " + fn.fn->name + "[i](..)");
  if (args.size() != fn.fn->params.size())
    return error(range, Twine(fn.fn->name) + " takes " + Twine(fn.fn->params.size()) + " values, " +
                            Twine(args.size()) + " are given");
  if (exhausted(range))
    return Value::poison();
  Scope scope;
  scope.parent = fn.file;
  for (auto [param, arg] : llvm::zip(fn.fn->params, args)) {
    Entity entity;
    entity.value = arg;
    entity.range = range;
    scope.names[param] = entity;
  }
  activeFns.push_back(fn.fn);
  Value result = evaluate(*fn.fn->body, scope);
  activeFns.pop_back();
  return result;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

bool Elaborator::sameDim(Dim a, Dim b, SourceRange range) {
  if (a == b)
    return true;
  if (!dims.equal(a, b))
    return false;
  // Two names of this model that are equal by chance; a number beside a name, or
  // a product, is how one writes what one means.
  if (a.isSymbol() && b.isSymbol() && dims.value(a)) {
    std::string x = a.str(), y = b.str();
    if (y < x)
      std::swap(x, y);
    flushCalls();
    if (coincidences.insert({x, y}).second)
      diagnostics.warning(range, x + " and " + y + " are both " + std::to_string(*dims.value(a)) +
                                     " in this configuration, but they are different names");
  }
  return true;
}

TensorRef Elaborator::broadcast(TensorRef tensor, llvm::ArrayRef<Dim> shape, SourceRange range,
                                const std::string &what) {
  // A scalar stands for any shape.
  if (tensor->shape.empty()) {
    auto wide = std::make_shared<Tensor>(*tensor);
    wide->shape.assign(shape.begin(), shape.end());
    if (!wide->scalar) {
      auto read = std::make_shared<Node>(Node::Read, widened(tensor->element), range);
      read->tensor = tensor;
      wide->scalar = read;
      wide->value = {};
    }
    return wide;
  }
  DefinitionScope definition(*this, /*indexed=*/false);
  std::vector<IndexRef> places;
  for (Dim extent : shape) {
    IndexRef index = newIndex("", range, extent);
    places.push_back(index);
  }
  Value both[] = {Value::expr(makeReal(0, range), places), toExpr(Value::whole(tensor), range)};
  auto axes = align(both, range, "pass");
  if (!axes)
    return nullptr;
  std::vector<int32_t> ones(places.size(), 1);
  return finish(definition.definition, both[1].node, *axes, ones, range);
}

/// `type` with respect to the tensor that is bound to it.
bool Elaborator::unifyType(const ast::TypeAst &type, TensorRef &tensor, Frame &callee,
                           Scope &scope, const std::string &what, SourceRange range,
                           bool bindNew) {
  std::optional<Element> element = parseElement(type.element);
  if (!element) {
    error(type.range, Twine(type.element) + " is not an element type");
    return false;
  }
  bool literal = tensor->scalar && tensor->scalar->kind != Node::Read;
  bool fits = tensor->element == *element ||
              (literal && tensor->element == Element::I32 && *element != Element::Bool);
  // A declared float type rounds; integers of another width and floats meet only
  // by a conversion that is written.
  bool bothFloat = widened(tensor->element) == Scalar::F32 && widened(*element) == Scalar::F32;
  if (!fits && !bothFloat) {
    error(range, what + " is " + describeType(tensor->element, tensor->shape) + ", wanted " + spelling(*element) +
                     (isInteger(widened(*element)) && widened(tensor->element) == Scalar::F32
                          ? "; a conversion to an integer is written: " + spelling(*element) + "(..)" : Twine()));
    return false;
  }
  if (literal && tensor->element != *element) {
    auto typed = std::make_shared<Tensor>(*tensor);
    typed->element = *element;
    if (widened(*element) == Scalar::F32 && typed->scalar->kind == Node::Int)
      if (auto value = dims.value(typed->scalar->integer))
        typed->scalar = makeReal(double(*value), range);
    tensor = typed;
  }

  bool leading = !type.dims.empty() && !type.dims[0];
  unsigned fixed = type.dims.size() - leading;
  unsigned rank = tensor->shape.size();
  bool isScalar = rank == 0 && (fixed || leading);

  // Bind the new names and evaluate the others.
  auto nameOf = [&](const ast::Expr *dim) -> std::string {
    auto *name = llvm::dyn_cast<ast::NameExpr>(dim);
    if (!name || name->name.empty() || name->name[0] < 'A' || name->name[0] > 'Z')
      return "";
    Entity *known = scope.find(name->name);
    if (!known || known->kind == Entity::Missing)
      return name->name;
    return "";
  };
  if (!isScalar && (leading ? rank < fixed : rank != fixed) && !(rank < fixed && !leading)) {
    error(range, what + " has " + Twine(rank) + (rank == 1 ? " axis: " : " axes: ") +
                     describeType(tensor->element, tensor->shape) + ", wanted " + text(type.range));
    return false;
  }
  bool narrower = !isScalar && !leading && rank < fixed;
  llvm::SmallVector<Dim> wanted;
  if (leading) {
    unsigned count = isScalar ? 0 : rank - fixed;
    llvm::ArrayRef<Dim> lead(tensor->shape.begin(), count);
    if (isScalar) {
      wanted.append(callee.ellipsis.begin(), callee.ellipsis.end());
    } else if (!callee.ellipsisKnown) {
      callee.ellipsisKnown = true;
      callee.ellipsis.assign(lead.begin(), lead.end());
    } else {
      bool same = callee.ellipsis.size() == count;
      for (unsigned i = 0; same && i < count; ++i)
        same = sameDim(callee.ellipsis[i], lead[i], range);
      if (!same) {
        error(range, what + ": ... stands for other axes here: " + describeType(tensor->element, tensor->shape) +
                         " after " + describeType(tensor->element, callee.ellipsis));
        return false;
      }
    }
    if (!isScalar)
      wanted.append(lead.begin(), lead.end());
  }
  for (unsigned i = 0; i < fixed; ++i) {
    const ast::Expr *dim = type.dims[i + leading].get();
    if (std::string name = nameOf(dim); !name.empty()) {
      if (isScalar || narrower) {
        if (isScalar) {
          wanted.push_back(Dim()); // an error only if it is used
          continue;
        }
        error(range, what + " is " + describeType(tensor->element, tensor->shape) + ", wanted " +
                         text(type.range) + ": an axis is left out only where its dimension is known, and " + name +
                         " is not");
        return false;
      }
      if (!bindNew) {
        error(dim->range, name + " is a new dimension of the result and needs a bound: where " + name + " <= ..");
        return false;
      }
      Dim bound = tensor->shape[wanted.size()];
      Entity entity;
      entity.value = Value::integer(bound);
      entity.range = dim->range;
      scope.names[name] = entity;
      wanted.push_back(bound);
      continue;
    }
    std::optional<Dim> value = dimension(*dim, scope);
    if (!value)
      return false;
    wanted.push_back(*value);
  }
  if (isScalar || narrower) {
    tensor = broadcast(tensor, wanted, range, what);
    return tensor != nullptr;
  }
  for (auto [i, have] : llvm::enumerate(tensor->shape)) {
    if (sameDim(have, wanted[i], range))
      continue;
    error(range, what + " is " + describeType(tensor->element, tensor->shape) + ", declared " +
                     describeType(*element, wanted) + ": axis " + Twine(i + 1) + " is " + dims.describe(have) +
                     ", declared " + dims.describe(wanted[i]));
    unsigned lead = wanted.size() - fixed;
    explainMismatch(have, bindNew && i >= lead ? type.dims[i - lead + leading].get() : nullptr, callee, range);
    return false;
  }
  if (bothFloat && tensor->element != *element) {
    auto rounded = std::make_shared<Tensor>(*tensor);
    DefinitionScope definition(*this, /*indexed=*/false);
    Value value = toExpr(Value::whole(tensor), range);
    std::vector<int32_t> ones(value.axes.size(), 1);
    mlir::Value stored = emitter.define(value.axes, ones, value.node, *element, locate(range));
    rounded->value = stored;
    rounded->element = *element;
    tensor = rounded;
  }
  // In the block the tensor has the names that it was declared with.
  auto named = std::make_shared<Tensor>(*tensor);
  named->shape.assign(wanted.begin(), wanted.end());
  tensor = named;
  return true;
}

void Elaborator::explainMismatch(Dim have, const ast::Expr *dim, Frame &callee, SourceRange range) {
  // A product that a name stands for: H * D is E.
  if (!have.isSymbol() && !have.isConstant() && dims.value(have))
    for (auto &[name, entity] : callee.file->names)
      if (entity.kind == Entity::Value && entity.value.kind == Value::Int && entity.value.dim.isSymbol() &&
          dims.value(entity.value.dim) == dims.value(have)) {
        note(range, have.str() + " is " + name);
        break;
      }
  auto *name = llvm::dyn_cast_if_present<ast::NameExpr>(dim);
  if (!name || callee.scope.names.count(name->name))
    return;
  auto it = callee.file->names.find(name->name);
  if (it != callee.file->names.end() && it->second.kind == Entity::Value)
    note(dim->range, name->name + " is the file's constant (line " +
                        std::to_string(sources.lineAndColumn(it->second.range).first) +
                        "); a block that takes any size needs another name");
}

TensorRef Elaborator::materialize(Value value, Definition &definition, SourceRange range) {
  if (value.kind == Value::Whole)
    return value.tensor;
  if (value.isStatic()) {
    if (!value.isNumber() && value.kind != Value::Flag) {
      error(range, "expected a tensor, found " + describe(value));
      return nullptr;
    }
    auto tensor = std::make_shared<Tensor>();
    tensor->scalar = toExpr(value, range).node;
    tensor->element = value.kind == Value::Flag ? Element::Bool : value.kind == Value::Int ? Element::I32 : Element::F32;
    if (value.kind == Value::Int && dims.proveNonNegative(value.dim))
      tensor->bound = value.dim + 1;
    return tensor;
  }
  if (value.kind != Value::Expr) {
    if (!value.isPoison())
      error(range, "expected a tensor, found " + describe(value));
    return nullptr;
  }
  std::vector<int32_t> ones(value.axes.size(), 1);
  return finish(definition, value.node, value.axes, ones, range);
}

/// The weights that the block declares itself. Those of the blocks that it calls are found when they are
/// declared, by placeless().
static void ownWeights(const std::vector<std::unique_ptr<ast::Stmt>> &body, std::vector<std::string> &names) {
  for (auto &stmt : body) {
    if (auto *weight = llvm::dyn_cast<ast::WeightStmt>(stmt.get()))
      // By the name in the checkpoint, where it is written plainly.
      names.push_back(weight->decl->path && weight->decl->path->parts.size() == 1 && !weight->decl->path->parts[0].expr
                          ? weight->decl->path->parts[0].text
                          : weight->decl->name);
    else if (auto *branch = llvm::dyn_cast<ast::IfStmt>(stmt.get())) {
      ownWeights(branch->thenBody, names);
      ownWeights(branch->elseBody, names);
    } else if (auto *loop = llvm::dyn_cast<ast::ForStmt>(stmt.get())) {
      ownWeights(loop->body, names);
    }
  }
}

bool Elaborator::placeless(const Frame &declaring, const ast::WeightDecl &decl) {
  for (const Frame *f = &declaring; f; f = f->caller) {
    if (f->placed)
      continue;
    // What the call stands in is the caller's.
    Frame *inner = std::exchange(frame, f->caller);
    error(f->call, Twine(f->block->name) + " has weights: say where they are, " + text(f->call) +
                       " @ \"name\"; @ \".\" is here");
    note(decl.range, "weight " + decl.name);
    frame = inner;
    return true;
  }
  return false;
}

/// Is a weight that the block declares called `name`, in the model or (as far as
/// the text tells) in the checkpoint?
static bool mayRename(const std::vector<std::unique_ptr<ast::Stmt>> &body, const std::string &name) {
  return llvm::any_of(body, [&](auto &stmt) {
    if (auto *weight = llvm::dyn_cast<ast::WeightStmt>(stmt.get())) {
      const ast::StringExpr *path = weight->decl->path.get();
      return weight->decl->name == name ||
             (path && llvm::any_of(path->parts, [&](auto &part) { return part.expr || part.text == name; }));
    }
    if (auto *branch = llvm::dyn_cast<ast::IfStmt>(stmt.get()))
      return mayRename(branch->thenBody, name) || mayRename(branch->elseBody, name);
    auto *loop = llvm::dyn_cast<ast::ForStmt>(stmt.get());
    return loop && mayRename(loop->body, name);
  });
}

Value Elaborator::callBlock(const Entity &entity, const ast::CallExpr &call, Scope &scope) {
  const ast::BlockItem &block = *entity.block;
  unsigned active = 0;
  for (Frame *f = frame; f; f = f->caller)
    ++active;
  if (active >= kMaxBlocks)
    return error(call.range, "blocks are called " + Twine(kMaxBlocks) + " deep here; does the recursion on " +
                                 block.name + " end?");
  if (exhausted(call.range))
    return Value::poison();

  Frame callee;
  callee.scope.parent = entity.file;
  callee.file = entity.file;
  callee.block = &block;
  callee.caller = frame;
  callee.call = call.range;
  callee.path = frame ? frame->path : "";
  if (call.scope) {
    std::optional<std::string> place = staticString(*call.scope, scope);
    if (!place)
      return Value::poison();
    callee.path = join(callee.path, *place, model.separator);
  } else {
    callee.placed = false;
    std::vector<std::string> names;
    ownWeights(block.body, names);
    if (!names.empty()) {
      std::string list;
      for (auto [i, name] : llvm::enumerate(names))
        list += (i ? ", \"" : "\"") + name + "\"";
      return error(call.range, Twine(block.name) + " has weights (" + list + "): say where they are, " +
                                   text(call.range) + " @ \"name\"; @ \".\" is here");
    }
  }
  for (auto &rename : call.renames) {
    if (!mayRename(block.body, rename.name))
      return error(rename.path->range, Twine(block.name) + " has no weight " + rename.name + " to rename");
    if (callee.renames.count(rename.name))
      return error(rename.path->range, "weight " + Twine(rename.name) + " is renamed twice");
    std::optional<std::string> to = staticString(*rename.path, scope);
    if (!to)
      return Value::poison();
    callee.renames[rename.name] = *to;
  }

  // Evaluate the arguments where they are written.
  if (call.args.size() > block.params.size())
    return error(call.range, Twine(block.name) + " takes " + Twine(block.params.size()) + " arguments, " +
                                 Twine(call.args.size()) + " are given");
  std::vector<const ast::Argument *> given(block.params.size(), nullptr);
  bool named = false;
  for (auto [i, arg] : llvm::enumerate(call.args)) {
    unsigned at = i;
    if (!arg.name.empty()) {
      named = true;
      const std::string &wanted = arg.name;
      auto it = llvm::find_if(block.params, [&](auto &p) { return p.name == wanted; });
      if (it == block.params.end())
        return error(arg.value->range, Twine(block.name) + " has no parameter " + arg.name);
      at = it - block.params.begin();
    } else if (named) {
      return error(arg.value->range, "an argument without a name stands before those with names");
    }
    if (given[at])
      return error(arg.value->range, Twine(block.params[at].name) + " is given twice");
    given[at] = &arg;
  }

  struct Deferred {
    const ast::Param *param;
    TensorRef tensor;
    SourceRange range;
  };
  std::vector<Deferred> ranges;
  // A parameter hides what the file calls by its name, also before it is bound.
  for (auto &param : block.params)
    if (!param.type && llvm::isUpper(param.name[0])) {
      Entity &hidden = callee.scope.names[param.name];
      hidden.kind = Entity::Missing;
      hidden.range = param.range;
      hidden.missing = "is not known yet: a parameter before it uses it";
    }
  for (size_t position = 0; position < block.params.size(); ++position) {
    const ast::Param &param = block.params[position];
    const ast::Argument *arg = given[position];
    if (!arg && !param.defaultValue)
      return error(call.range, Twine(block.name) + ": " + param.name + " is missing");
    SourceRange range = arg ? arg->value->range : call.range;
    std::string what = (Twine(block.name) + ": " + param.name).str();
    DefinitionScope definition(*this, /*indexed=*/false);
    Value value = arg ? evaluate(*arg->value, scope) : evaluate(*param.defaultValue, callee.scope);
    if (value.isPoison())
      return value;
    Entity bound;
    bound.range = param.range;
    if (!param.type) {
      // A static parameter.
      if (!value.isStatic())
        return error(range, what + " is static (" + param.staticType->name + "), this is " + describe(value));
      llvm::StringRef type = param.staticType->name;
      auto mismatch = [&](llvm::StringRef wanted) {
        if (value.kind == Value::Real && !value.text.empty())
          return error(range, what + " is an integer: " + value.text);
        return error(range, what + " is " + describe(value) + ", wanted " + wanted);
      };
      if (param.staticType->isList) {
        if (value.kind != Value::List)
          return mismatch("a list");
      } else if (type == "int" || type == "dim") {
        if (value.kind != Value::Int)
          return mismatch(type == "int" ? "an integer" : "a dimension");
        if (type == "int" && !dims.value(value.dim))
          return error(range, what + " is an integer known when the model is compiled; " + value.dim.str() +
                                  " is known at run time only");
      } else if (type == "float") {
        if (!value.isNumber())
          return mismatch("a number");
      } else if (type == "flag") {
        if (value.kind != Value::Flag)
          return mismatch("true or false");
      } else if (value.kind != Value::String) {
        return mismatch("a text");
      }
      if (auto it = callee.scope.names.find(param.name);
          it != callee.scope.names.end() && it->second.kind == Entity::Value) {
        Entity *known = &it->second;
        // A dimension that an earlier tensor bound: they must agree.
        if (value.kind != Value::Int || !dims.equal(known->value.dim, value.dim))
          return error(range, what + " is " + describe(value) + ", but the tensors say " + dims.describe(known->value.dim));
        continue;
      }
      bound.value = value;
      callee.scope.names[param.name] = bound;
      continue;
    }
    TensorRef tensor = materialize(value, definition.definition, range);
    if (!tensor || !unifyType(*param.type, tensor, callee, callee.scope, what, range, /*bindNew=*/true))
      return Value::poison();
    auto local = std::make_shared<Tensor>(*tensor);
    local->name = param.name;
    local->inDeclared = false;
    if (param.type->range_)
      ranges.push_back({&param, local, range});
    bound.value = Value::whole(local);
    callee.scope.names[param.name] = bound;
  }
  for (Deferred &deferred : ranges) {
    std::optional<Dim> limit = dimension(*deferred.param->type->range_, callee.scope);
    if (!limit)
      return Value::poison();
    std::string what = (Twine(block.name) + ": " + deferred.param->name).str();
    if (!deferred.tensor->bound)
      return error(deferred.range, what + " must be in " + dims.describe(*limit) + ", but nothing bounds this " +
                                       describeType(deferred.tensor->element, deferred.tensor->shape));
    if (!isIn(*deferred.tensor, *limit))
      return error(deferred.range, what + " must be in " + dims.describe(*limit) + ", this is in " +
                                       describeRange(*deferred.tensor));
    deferred.tensor->bound = *limit;
    deferred.tensor->least.reset();
  }
  // A dimension that only the results have is known when they are.
  std::vector<const ast::Expr *> later;
  for (const ast::Expr *fact : laterFacts(block, callee, later))
    if (!holds(*fact, callee.scope, "at this call")) {
      note(call.range, block.name + " is called here");
      return Value::poison();
    }

  // Run the body.
  Frame *outer = frame;
  frame = &callee;
  Definition *definition = current;
  unsigned errorsBefore = diagnostics.numErrors();
  statements(block.body, callee, callee.scope);
  current = definition;
  frame = outer;
  if (!callee.returned) {
    if (block.results.empty())
      return Value::nothing();
    if (diagnostics.numErrors() == errorsBefore)
      error(block.range, Twine(block.name) + " ends without a return");
    return Value::poison();
  }
  for (const ast::Expr *fact : later)
    if (!callee.result.isPoison() && !holds(*fact, callee.scope, "at this call")) {
      note(call.range, block.name + " is called here");
      return Value::poison();
    }
  return callee.result;
}

} // namespace heddle::frontend
