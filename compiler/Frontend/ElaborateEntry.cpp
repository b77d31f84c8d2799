//===- ElaborateEntry.cpp - Entries, and a model as a whole ---------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/ScopeExit.h"

namespace heddle::frontend {

using llvm::Twine;

/// Parameters, results, facts or dimensions of an entry; entries of a model. No C header
/// has more that somebody would read.
static constexpr size_t kMostInEntry = 500, kMostEntries = 500;

bool Elaborator::elaborateEntry(FileScope &file, const ast::BlockItem &entry) {
  unsigned before = diagnostics.numErrors();
  dims = fileDims;
  weights.clear();
  entryChecks.clear();
  boundNames.clear();
  explicitLeast.clear();
  states.clear();
  assumed.clear();
  firstChange = {};
  born.clear();
  bornNames.clear();
  currentScan = nullptr;

  Frame top;
  top.scope.parent = &file;
  top.file = &file;
  top.block = &entry;
  frame = &top;
  llvm::scope_exit leave([&] {
    frame = nullptr;
    entryBlock = nullptr;
  });

  for (auto [count, what] : {std::pair(entry.params.size(), "parameters"), std::pair(entry.results.size(), "results"),
                             std::pair(entry.facts.size(), "facts")})
    if (count > kMostInEntry) {
      error(entry.range, "entry " + entry.name + " has " + Twine(count) + " " + what + "; at most " + Twine(kMostInEntry) +
                             " are possible");
      return false;
    }

  std::vector<std::string> order;
  std::vector<const ast::Expr *> later;
  if (!bindDimensions(entry, top, order, later))
    return false;

  // The function.
  mlir::OpBuilder::InsertionGuard guard(builder);
  llvm::SmallVector<mlir::Type> inputs;
  struct Param {
    const ast::Param *ast;
    TensorRef tensor;
  };
  std::vector<Param> params;
  for (auto &param : entry.params) {
    auto tensor = std::make_shared<Tensor>();
    std::optional<Element> element = parseElement(param.type->element);
    if (!element) {
      error(param.type->range, Twine(param.type->element) + " is not an element type");
      return false;
    }
    tensor->element = *element;
    tensor->name = param.name;
    for (auto &dim : param.type->dims) {
      std::optional<Dim> value = dimension(*dim, top.scope);
      if (!value)
        return false;
      tensor->shape.push_back(*value);
    }
    if (!checkShape(*element, tensor->shape, param.type->range, /*isMemory=*/true))
      return false;
    if (param.type->range_) {
      if (!isInteger(widened(*element))) {
        error(param.type->range_->range, "only integers are in a range");
        return false;
      }
      std::optional<Dim> limit = dimension(*param.type->range_, top.scope);
      if (!limit)
        return false;
      tensor->bound = *limit;
    }
    if (param.defaultValue) {
      error(param.defaultValue->range, "an entry's parameters have no defaults");
      return false;
    }
    inputs.push_back(emitter.tensorType(*element, tensor->shape));
    params.push_back({&param, tensor});
  }
  auto type = builder.getFunctionType(inputs, {});
  auto func = mlir::func::FuncOp::create(builder, locate(entry.range), entry.name, type);
  mlir::Block *body = func.addEntryBlock();
  builder.setInsertionPointToStart(body);
  entryBlock = body;
  for (auto [i, param] : llvm::enumerate(params)) {
    param.tensor->value = body->getArgument(i);
    func.setArgAttr(i, "graph.name", builder.getStringAttr(param.ast->name));
    if (param.tensor->bound)
      func.setArgAttr(i, "graph.bound", graph::DimAttr::get(&context, dims.resolve(*param.tensor->bound)));
    Entity entity;
    entity.value = Value::whole(param.tensor);
    entity.range = param.ast->range;
    top.scope.names[param.ast->name] = entity;
  }

  statements(entry.body, top, top.scope);
  if (!top.returned && diagnostics.numErrors() == before && !entry.results.empty())
    error(entry.range, Twine("entry ") + entry.name + " ends without a return");
  for (const ast::Expr *fact : later)
    if (diagnostics.numErrors() == before)
      holds(*fact, top.scope, "for what the entry returns");
  if (diagnostics.numErrors() != before) {
    func.erase();
    return false;
  }

  llvm::SmallVector<mlir::Value> results;
  llvm::SmallVector<mlir::Type> types;
  std::vector<Value> items = top.result.kind == Value::Tuple ? top.result.items
                             : top.result.kind == Value::Whole ? std::vector<Value>{top.result} : std::vector<Value>();
  for (Value &item : items) {
    TensorRef tensor = stored(item, entry.range);
    if (!tensor) {
      func.erase();
      return false;
    }
    results.push_back(tensor->value);
    types.push_back(tensor->value.getType());
  }
  for (auto &[state, held] : states)
    for (auto &[name, tensor] : held.fields)
      if (tensor->value != held.before[name]->value)
        graph::StateSetOp::create(builder, locate(entry.range), state->name, name, tensor->value);
  mlir::func::ReturnOp::create(builder, locate(entry.range), results);
  func.setType(builder.getFunctionType(inputs, types));
  for (auto [i, result] : llvm::enumerate(entry.results))
    if (!result.name.empty())
      func.setResultAttr(i, "graph.name", builder.getStringAttr(result.name));

  llvm::SmallVector<mlir::Attribute> sizes, facts;
  for (auto &name : order) {
    Bounds bounds = dims.boundsOf(name);
    sizes.push_back(graph::SizeAttr::get(&context, name, *bounds.least, *bounds.most));
  }
  func->setAttr("graph.dims", builder.getArrayAttr(sizes));
  if (!born.empty())
    func->setAttr("graph.born", builder.getArrayAttr(born));
  llvm::SmallVector<mlir::Attribute> factTexts;
  for (auto &check : entryChecks) {
    // Unresolved on the rewritten side: the check is what relates the two.
    facts.push_back(graph::FactAttr::get(
        &context, check.zero ? graph::FactKind::Zero : graph::FactKind::NonNegative, check.value));
    factTexts.push_back(builder.getStringAttr(check.text));
  }
  if (!facts.empty()) {
    func->setAttr("graph.facts", builder.getArrayAttr(facts));
    func->setAttr("graph.fact_texts", builder.getArrayAttr(factTexts));
  }
  llvm::SmallVector<mlir::NamedAttribute> names;
  for (auto &[symbol, name] : boundNames)
    names.push_back(builder.getNamedAttr(symbol, builder.getStringAttr(name)));
  if (!names.empty())
    func->setAttr("graph.bound_names", builder.getDictionaryAttr(names));
  if (!entry.doc.empty())
    func->setAttr("graph.doc", builder.getStringAttr(entry.doc));
  llvm::SmallVector<mlir::NamedAttribute> example;
  for (auto &size : entry.example) {
    DefinitionScope definition(*this, /*indexed=*/false);
    // Of a scalar parameter it is only a size for tests; the IR keeps dimensions.
    std::optional<int64_t> value = staticInteger(*size.value, top.scope);
    bool isDim = llvm::is_contained(order, size.name);
    if (!isDim && llvm::none_of(entry.params, [&](auto &param) { return param.name == size.name; }))
      error(size.value->range, entry.name + " has no dimension " + size.name + " to give an example of");
    Bounds bounds = isDim ? dims.boundsOf(size.name) : Bounds();
    if (isDim && value && (*value < *bounds.least || *value > *bounds.most))
      error(size.value->range, "the example " + size.name + " = " + Twine(*value) + " is outside " +
                                   Twine(*bounds.least) + " .. " + Twine(*bounds.most));
    else if (isDim && value)
      example.push_back(builder.getNamedAttr(size.name, builder.getI64IntegerAttr(*value)));
  }
  if (!example.empty())
    func->setAttr("graph.example", builder.getDictionaryAttr(example));
  return diagnostics.numErrors() == before;
}

mlir::OwningOpRef<mlir::ModuleOp> Elaborator::run(const ast::File &libraryFile, const ast::File &modelFile) {
  if (!declare(library, libraryFile))
    return nullptr;
  model.imports.parent = &library;
  model.parent = &model.imports;
  declare(model, modelFile);

  // A name that is set must exist.
  for (auto &set : options.sets) {
    const std::string &name = set.first;
    bool found = false;
    for (auto &item : modelFile.items)
      if (auto *config = llvm::dyn_cast<ast::ConfigItem>(item.get()))
        found |= llvm::any_of(config->fields, [&](auto &field) { return field.name == name; });
    if (!found)
      error(modelFile.range, "--set " + name + ": the model has no config entry of that name");
  }
  if (diagnostics.numErrors())
    return nullptr;
  fileDims = dims;

  std::string name = "model";
  unsigned numEntries = 0;
  for (auto &item : modelFile.items)
    if (auto *named = llvm::dyn_cast<ast::ModelItem>(item.get()))
      name = named->name;
  mlir::OwningOpRef<mlir::ModuleOp> module(mlir::ModuleOp::create(builder, locate(modelFile.range)));
  (*module)->setAttr("graph.model", builder.getStringAttr(name));
  builder.setInsertionPointToEnd(module->getBody());
  for (auto &item : modelFile.items)
    if (auto *state = llvm::dyn_cast<ast::StateItem>(item.get()))
      if (Entity *known = model.find(state->name); known && known->state == state)
        declareState(*state);
  dims = fileDims;
  std::set<std::string> entries;
  for (auto &item : modelFile.items) {
    auto *entry = llvm::dyn_cast<ast::BlockItem>(item.get());
    if (!entry || !entry->isEntry)
      continue;
    if (++numEntries > kMostEntries) {
      error(entry->range, "the model has more than " + Twine(kMostEntries) + " entries");
      break;
    }
    if (!entries.insert(entry->name).second) {
      error(entry->range, "entry " + entry->name + " is defined twice");
      continue;
    }
    if (Entity *known = model.find(entry->name); known && known->kind == Entity::State) {
      error(entry->range, "entry " + entry->name + " has the name of a state");
      continue;
    }
    builder.setInsertionPointToEnd(module->getBody());
    elaborateEntry(model, *entry);
  }
  flushCalls();
  // A file of blocks and functions without a name and without entries is a library: they
  // are there for others.
  bool isLibrary = llvm::none_of(modelFile.items, [](auto &item) { return llvm::isa<ast::ModelItem>(item.get()); }) &&
                   llvm::any_of(modelFile.items, [](auto &item) { return llvm::isa<ast::BlockItem, ast::FnItem>(item.get()); });
  if (!numEntries && !isLibrary)
    error(modelFile.range, "the model has no entry");
  if (diagnostics.numErrors())
    return nullptr;
  return module;
}

} // namespace heddle::frontend
