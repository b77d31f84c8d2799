//===- ElaborateState.cpp - Memory that outlives a call -------------------===//
//
// A state is declared once, in dimensions of its own. In an entry each of its
// fields is a tensor like any other: a write makes a new value, what is read is
// what the statements above left, and what is left at the end is stored. An own
// dimension is the entry's of the same name; where the entry has none, it is
// `cache.B`.
//
//===----------------------------------------------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

namespace heddle::frontend {

using llvm::Twine;

/// Of one state. No C header has more that somebody would read.
static constexpr size_t kMostFields = 500;

StateInfo::Field *StateInfo::find(llvm::StringRef name) {
  for (Field &field : fields)
    if (field.name == name)
      return &field;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

/// The type of the fields that one line declares.
bool Elaborator::declareField(const ast::StateField &field, Scope &scope, StateInfo &info) {
  Tensor type;
  std::optional<Element> element = parseElement(field.type->element);
  if (!element) {
    error(field.type->range, Twine(field.type->element) + " is not an element type");
    return false;
  }
  type.element = *element;
  for (auto &dim : field.type->dims) {
    if (!dim) {
      error(field.type->range, "a state's shape is fixed when it is made; ... cannot stand in it");
      return false;
    }
    std::optional<Dim> value = dimension(*dim, scope);
    if (!value)
      return false;
    type.shape.push_back(*value);
  }
  if (!checkShape(*element, type.shape, field.type->range))
    return false;
  if (field.type->range_) {
    if (!isInteger(widened(*element))) {
      error(field.type->range_->range, "only integers are in a range");
      return false;
    }
    std::optional<Dim> limit = dimension(*field.type->range_, scope);
    if (!limit)
      return false;
    if (!dims.proveNonNegative(*limit - 1)) {
      error(field.type->range_->range, "nothing is in " + dims.describe(*limit) + ": a new state holds 0");
      return false;
    }
    type.bound = *limit;
    type.inDeclared = true;
  }
  bool ok = true;
  for (const std::string &name : field.names) {
    if (info.find(name)) {
      error(field.range, "the state has two fields " + name);
      ok = false;
      continue;
    }
    type.name = info.item->name + "." + name;
    info.fields.push_back({name, field.range, type});
  }
  return ok;
}

/// What a new state holds in a field, for every element.
NodeRef Elaborator::initialValue(const ast::StateField &field, const Tensor &type, Scope &scope) {
  Scalar scalar = widened(type.element);
  SourceRange range = field.value ? field.value->range : field.range;
  if (!field.value)
    return scalar == Scalar::Bool  ? makeFlag(false, range)
           : scalar == Scalar::F32 ? makeReal(0, range)
                                   : makeInt(Dim::constant(0), range);
  DefinitionScope definition(*this, /*indexed=*/false);
  Value value = evaluate(*field.value, scope);
  if (value.isPoison())
    return nullptr;
  auto integer = value.kind == Value::Int ? dims.value(value.dim) : std::nullopt;
  bool fits = scalar == Scalar::Bool  ? value.kind == Value::Flag
              : scalar == Scalar::F32 ? value.kind == Value::Real || integer
                                      : integer.has_value();
  if (!fits) {
    error(range, "a field of " + spelling(type.element) + " begins as one " +
                     (scalar == Scalar::Bool ? "of true and false" : scalar == Scalar::F32 ? "number" : "integer") + ", this is " +
                     describe(value));
    return nullptr;
  }
  if (type.bound && (*integer < 0 || !dims.proveNonNegative(*type.bound - *integer - 1))) {
    error(range, type.name + " is in " + dims.describe(*type.bound) + ", and begins as " + Twine(*integer));
    return nullptr;
  }
  if (scalar == Scalar::F32)
    return makeReal(integer ? double(*integer) : value.real, range);
  return toExpr(value, range).node;
}

void Elaborator::declareState(const ast::StateItem &item) {
  StateInfo &info = stateInfos[&item];
  info.item = &item;
  dims = fileDims;
  explicitLeast.clear();
  boundNames.clear();
  unsigned before = diagnostics.numErrors();
  Scope scope;
  scope.parent = &model;
  size_t numFields = 0;
  for (auto &field : item.fields) {
    numFields += field.names.size();
    for (auto &dim : field.type->dims)
      if (auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(dim.get());
          name && name->name[0] >= 'A' && name->name[0] <= 'Z' && !scope.find(name->name)) {
        dims.setBounds(name->name, {1, std::nullopt});
        info.dims.push_back(name->name);
        Entity entity;
        entity.value = Value::integer(Dim::symbol(name->name));
        entity.range = dim->range;
        scope.names[name->name] = entity;
      }
  }
  if (numFields == 0 || numFields > kMostFields) {
    error(item.range, "state " + item.name + " has " + Twine(numFields) + " fields; between 1 and " + Twine(kMostFields) + " are possible");
    return;
  }
  std::vector<const ast::Expr *> facts;
  for (auto &fact : item.facts)
    facts.push_back(fact.get());
  takeFacts(scope, facts, /*areChecked=*/false);
  llvm::SmallVector<mlir::Attribute> sizes;
  for (const std::string &name : info.dims) {
    Bounds bounds = dims.boundsOf(name);
    if (!bounds.most) {
      error(scope.names[name].range, name + " has no upper bound: where " + name + " <= ..");
      continue;
    }
    if (*bounds.most > INT32_MAX || *bounds.least > *bounds.most || *bounds.least < 0) {
      error(scope.names[name].range, name + " runs from " + Twine(*bounds.least) + " to " + Twine(*bounds.most) +
                                         "; a dimension is between 0 and 2147483647");
      continue;
    }
    info.bounds[name] = bounds;
    sizes.push_back(graph::SizeAttr::get(&context, name, *bounds.least, *bounds.most));
  }
  info.facts.assign(dims.allFacts().begin(), dims.allFacts().end());
  if (diagnostics.numErrors() != before)
    return;

  auto state = graph::StateOp::create(builder, locate(item.range), item.name, builder.getStrArrayAttr({}),
                                      builder.getArrayAttr(sizes));
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&state.getBody().emplaceBlock());
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<llvm::StringRef> names;
  for (auto &field : item.fields) {
    size_t first = info.fields.size();
    if (!declareField(field, scope, info))
      continue;
    NodeRef initial = initialValue(field, info.fields[first].type, scope);
    if (!initial)
      continue;
    for (size_t i = first; i < info.fields.size(); ++i) {
      const Tensor &type = info.fields[i].type;
      DefinitionScope definition(*this, /*indexed=*/false);
      std::vector<IndexRef> places;
      for (Dim extent : type.shape)
        places.push_back(axisIndex(extent, field.range));
      values.push_back(emitter.define(places, std::vector<int32_t>(places.size(), 1), initial, type.element, locate(field.range)));
    }
  }
  for (StateInfo::Field &field : info.fields)
    names.push_back(field.name);
  state.setFieldsAttr(builder.getStrArrayAttr(names));
  graph::NextOp::create(builder, locate(item.range), values);
  info.ok = diagnostics.numErrors() == before;
}

//===----------------------------------------------------------------------===//
// In an entry
//===----------------------------------------------------------------------===//

StateUse *Elaborator::use(const Entity &entity, SourceRange range) {
  if (!frame) {
    error(range, entity.state->name + " is state; what is known before any data cannot depend on it");
    return nullptr;
  }
  const StateInfo &info = stateInfos[entity.state];
  if (!info.ok)
    return nullptr; // was said where it is declared
  auto [it, isNew] = states.try_emplace(entity.state);
  StateUse &used = it->second;
  if (!isNew)
    return &used;
  auto own = [&](llvm::StringRef symbol) -> std::optional<Dim> {
    auto known = used.dims.find(symbol.str());
    return known == used.dims.end() ? std::nullopt : std::optional(known->second);
  };
  for (const std::string &name : info.dims) {
    Bounds bounds = info.bounds.at(name);
    if (entryDims.count(name)) {
      used.dims[name] = Dim::symbol(name);
      Bounds here = dims.boundsOf(name);
      bounds = {std::max(*bounds.least, here.least.value_or(0)), std::min(*bounds.most, here.most.value_or(*bounds.most))};
      if (*bounds.least > *bounds.most) {
        error(range, name + " of the entry is at least " + Twine(*here.least) + ", of state " + info.item->name +
                         " at most " + Twine(*info.bounds.at(name).most));
        return nullptr;
      }
      dims.setBounds(name, bounds);
      continue;
    }
    std::string symbol = info.item->name + "." + name;
    used.dims[name] = Dim::symbol(symbol);
    dims.setBounds(symbol, bounds);
    born.push_back(graph::SizeAttr::get(&context, symbol, *bounds.least, *bounds.most));
  }
  for (Dim fact : info.facts)
    dims.addFact(fact.substitute(own));
  return &used;
}

TensorRef Elaborator::field(const Entity &entity, llvm::StringRef name, SourceRange range) {
  StateUse *used = use(entity, range);
  if (!used)
    return nullptr;
  StateInfo &info = stateInfos[entity.state];
  StateInfo::Field *field = info.find(name);
  if (!field) {
    error(range, entity.state->name + " has no field " + name);
    std::string list;
    for (StateInfo::Field &other : info.fields)
      list += (list.empty() ? "" : ", ") + other.name;
    note(entity.range, "it has " + list);
    return nullptr;
  }
  TensorRef &now = used->fields[field->name];
  if (now)
    return now;
  auto tensor = std::make_shared<Tensor>(field->type);
  auto own = [&](llvm::StringRef symbol) -> std::optional<Dim> {
    auto known = used->dims.find(symbol.str());
    return known == used->dims.end() ? std::nullopt : std::optional(known->second);
  };
  for (Dim &dim : tensor->shape)
    dim = dim.substitute(own);
  if (tensor->bound)
    tensor->bound = tensor->bound->substitute(own);
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.restoreInsertionPoint(entryPoint());
  auto type = llvm::cast<graph::GraphTensorType>(emitter.tensorType(tensor->element, tensor->shape));
  tensor->value = graph::StateGetOp::create(builder, locate(range), type, entity.state->name, field->name);
  used->before[field->name] = tensor;
  return now = tensor;
}

Value Elaborator::evaluateField(const ast::FieldExpr &expr, Scope &scope) {
  Entity *entity = scope.find(expr.base);
  if (!entity)
    return error(expr.range, "unknown name " + expr.base);
  if (entity->kind == Entity::Value && entity->value.isPoison())
    return Value::poison();
  if (entity->kind != Entity::State)
    return error(expr.range, expr.base + " is no state; only a state has fields");
  const StateInfo &info = stateInfos[entity->state];
  if (llvm::is_contained(info.dims, expr.field)) {
    StateUse *used = use(*entity, expr.range);
    return used ? Value::integer(used->dims[expr.field]) : Value::poison();
  }
  TensorRef tensor = field(*entity, expr.field, expr.range);
  return tensor ? Value::whole(tensor) : Value::poison();
}

mlir::OpBuilder::InsertPoint Elaborator::entryPoint() {
  mlir::Block *block = builder.getInsertionBlock();
  if (!entryBlock || !block || block == entryBlock)
    return builder.saveInsertionPoint();
  mlir::Operation *around = block->getParentOp();
  while (around && around->getBlock() != entryBlock)
    around = around->getParentOp();
  if (!around)
    return builder.saveInsertionPoint();
  return {entryBlock, mlir::Block::iterator(around)};
}

bool Elaborator::checkOrder(SourceRange range, const Twine &what) {
  if (!firstChange.isValid())
    return true;
  error(range, what + " after a change of state (line " + Twine(sources.lineAndColumn(firstChange).first) +
                   "): a refused call must have changed nothing; move it up");
  return false;
}

void Elaborator::writeState(const ast::WriteStmt &stmt, Scope &scope) {
  Entity *entity = scope.find(stmt.name);
  if (!entity) {
    error(stmt.range, "unknown name " + stmt.name);
    return;
  }
  if (entity->kind == Entity::Value && entity->value.isPoison())
    return;
  if (entity->kind != Entity::State) {
    error(stmt.range, stmt.name + " is no state; only a state has fields");
    return;
  }
  TensorRef tensor = field(*entity, stmt.field, stmt.range);
  if (!tensor)
    return;
  std::string name = stmt.name + "." + stmt.field;
  TensorRef written = stmt.hasSlots ? writeElements(stmt, tensor, name, scope) : writeWhole(stmt, tensor, name, scope);
  if (!firstChange.isValid())
    firstChange = stmt.range;
  if (written)
    states[entity->state].fields[stmt.field] = written;
}

} // namespace heddle::frontend
