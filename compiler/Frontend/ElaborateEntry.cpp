//===- ElaborateEntry.cpp - Entries, and a model as a whole ---------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/ScopeExit.h"

namespace heddle::frontend {

using llvm::Twine;

/// A run-time dimension is at most this: coordinates are 32 bits.
static constexpr int64_t kMostExtent = (int64_t(1) << 31) - 1;
/// Parameters, results, facts or dimensions of an entry; entries of a model. No C header
/// has more that somebody would read.
static constexpr size_t kMostInEntry = 500, kMostEntries = 500;

/// Reads what `where` says: bounds of single dimensions, equations that rewrite
/// one side, and other facts.
void Elaborator::entryFacts(Scope &scope, const ast::BlockItem &entry) {
  // Bounds first: they prove what the others need.
  for (int pass = 0; pass < 2; ++pass) {
    for (auto &fact : entry.facts) {
      auto *compare = llvm::dyn_cast<ast::CompareExpr>(fact.get());
      if (!compare) {
        if (pass == 0)
          error(fact->range, "a fact compares dimensions, as in S <= 512");
        continue;
      }
      for (auto [i, op] : llvm::enumerate(compare->ops)) {
        const ast::Expr &left = *compare->operands[i], &right = *compare->operands[i + 1];
        std::optional<Dim> a = dimension(left, scope), b = dimension(right, scope);
        if (!a || !b)
          return;
        Dim x = dims.resolve(*a), y = dims.resolve(*b);
        ast::Operator relation = op;
        if (relation == ast::Operator::Greater || relation == ast::Operator::GreaterEqual) {
          std::swap(x, y);
          relation = relation == ast::Operator::Greater ? ast::Operator::Less : ast::Operator::LessEqual;
        }
        if (relation == ast::Operator::NotEqual) {
          if (pass == 0)
            error(fact->range, "!= says nothing that could be used; a fact is <, <=, >, >= or ==");
          continue;
        }
        if (relation == ast::Operator::Equal) {
          if (pass == 0)
            continue;
          if (x.isSymbol() && !y.mentions(x.getSymbol()))
            dims.addRewrite(x.getSymbol(), y);
          else if (y.isSymbol() && !x.mentions(y.getSymbol()))
            dims.addRewrite(y.getSymbol(), x);
          // D % c == 0: what divides.
          for (auto [rest, other] : {std::pair(x, y), std::pair(y, x)}) {
            auto terms = rest.terms();
            if (other.isConstant(0) && terms.size() == 1 && terms[0].coefficient == 1 &&
                terms[0].factors.size() == 1 && terms[0].factors[0].first.kind() == DimAtom::Mod) {
              Dim divisor = terms[0].factors[0].first.rhs(), dividend = terms[0].factors[0].first.lhs();
              // What 8 divides, 2 and 4 divide too; and half of it, 4.
              constexpr int64_t kMostDivisors = 512;
              int64_t all = divisor.isConstant() && divisor.getConstant() <= kMostDivisors ? divisor.getConstant() : 0;
              for (int64_t taken = 1; taken < all; ++taken)
                for (int64_t part = 2; all % taken == 0 && part <= all / taken; ++part)
                  if (all / taken % part == 0)
                    dims.addDivides(Dim::constant(part), Dim::floorDiv(dividend, Dim::constant(taken)));
              dims.addDivides(divisor, dividend);
            }
          }
          if (Dim difference = x - y; difference.isConstant() && !difference.isConstant(0)) {
            error(fact->range, text(fact->range) + " does not hold: " + dims.describe(*a) + ", " + dims.describe(*b));
            continue;
          }
          entryChecks.push_back({x - y, /*zero=*/true, text(fact->range)});
          continue;
        }
        Dim slack = y - x - (relation == ast::Operator::Less ? 1 : 0); // >= 0
        // c - S >= 0 and S - c >= 0 are bounds; the rest are facts.
        auto terms = slack.terms();
        bool single = !terms.empty() && terms[0].factors.size() == 1 && terms[0].factors[0].first.isSymbol() &&
                      terms[0].factors[0].second == 1 && std::abs(terms[0].coefficient) == 1 &&
                      (terms.size() == 1 || (terms.size() == 2 && terms[1].factors.empty()));
        if (single) {
          if (pass == 1)
            continue;
          llvm::StringRef symbol = terms[0].factors[0].first.name();
          Bounds bounds = dims.boundsOf(symbol);
          int64_t c = slack.constantTerm();
          if (terms[0].coefficient < 0) {
            bounds.most = bounds.most ? std::min(*bounds.most, c) : c;
            Dim named = relation == ast::Operator::Less ? Dim() : (x.isSymbol() && x.getSymbol() == symbol ? *b : *a);
            if (named.isValid() && named.isSymbol() && dims.value(named))
              boundNames[symbol.str()] = named.str();
          } else {
            // `0 <= N` widens the default least of 1.
            if (!explicitLeast.insert(symbol.str()).second)
              bounds.least = std::max(*bounds.least, -c);
            else
              bounds.least = -c;
          }
          dims.setBounds(symbol, bounds);
        } else if (pass == 1 && !slack.isConstant()) {
          dims.addFact(slack);
          entryChecks.push_back({slack, /*zero=*/false, text(fact->range)});
        } else if (pass == 1 && slack.getConstant() < 0) {
          error(fact->range, text(fact->range) + " does not hold: " + dims.describe(*a) + ", " + dims.describe(*b));
        }
      }
    }
  }
}

bool Elaborator::elaborateEntry(FileScope &file, const ast::BlockItem &entry) {
  unsigned before = diagnostics.numErrors();
  dims = fileDims;
  weights.clear();
  entryChecks.clear();
  boundNames.clear();
  explicitLeast.clear();

  Frame top;
  top.scope.parent = &file;
  top.file = &file;
  top.block = &entry;
  frame = &top;
  llvm::scope_exit leave([&] { frame = nullptr; });

  for (auto [count, what] : {std::pair(entry.params.size(), "parameters"), std::pair(entry.results.size(), "results"),
                             std::pair(entry.facts.size(), "facts")})
    if (count > kMostInEntry) {
      error(entry.range, "entry " + entry.name + " has " + Twine(count) + " " + what + "; at most " + Twine(kMostInEntry) +
                             " are possible");
      return false;
    }

  // Dimensions are born in the parameters' types; the results' come after `where`.
  std::vector<std::string> order;
  auto birth = [&](const ast::TypeAst &type) {
    for (auto &dim : type.dims) {
      if (!dim) {
        error(type.range, "an entry has no ... in its types");
        continue;
      }
      auto *name = llvm::dyn_cast<ast::NameExpr>(dim.get());
      if (!name || name->name.empty() || name->name[0] < 'A' || name->name[0] > 'Z' || top.scope.find(name->name))
        continue;
      dims.setBounds(name->name, {1, std::nullopt});
      order.push_back(name->name);
      Entity entity;
      entity.value = Value::integer(Dim::symbol(name->name));
      entity.range = dim->range;
      top.scope.names[name->name] = entity;
    }
  };
  for (auto &param : entry.params) {
    if (!param.type) {
      error(param.range, "an entry's parameters are data; a static value is a config entry");
      continue;
    }
    birth(*param.type);
  }
  for (auto &result : entry.results)
    for (auto &dim : result.type->dims)
      if (!dim)
        error(result.type->range, "an entry has no ... in its types");
  if (order.size() > kMostInEntry) {
    error(entry.range, "entry " + entry.name + " has " + Twine(order.size()) + " dimensions; at most " + Twine(kMostInEntry) +
                           " are possible");
    return false;
  }
  entryFacts(top.scope, entry);
  if (diagnostics.numErrors() != before)
    return false;
  for (auto &name : order) {
    Bounds bounds = dims.boundsOf(name);
    Dim resolved = dims.resolve(Dim::symbol(name));
    if (!bounds.most && !resolved.isSymbol())
      bounds.most = dims.bounds(resolved).most;
    // A fact between dimensions bounds one by the other.
    if (!bounds.most)
      for (Dim fact : dims.allFacts())
        if (auto parts = fact.coefficientOf(name); parts && parts->first.isConstant(-1))
          if (auto most = dims.bounds(parts->second).most)
            bounds.most = *most;
    // An equation S == N * W bounds N by S.
    if (!bounds.most)
      for (auto &other : order) {
        Bounds known = dims.boundsOf(other);
        Dim equal = dims.resolve(Dim::symbol(other));
        auto parts = other == name || !known.most ? std::nullopt : equal.coefficientOf(name);
        if (!parts || !parts->first.isConstant() || parts->first.getConstant() < 1)
          continue;
        if (auto rest = dims.bounds(parts->second).least)
          bounds.most = (*known.most - *rest) / parts->first.getConstant();
      }
    if (!bounds.most) {
      error(top.scope.names[name].range, name + " has no upper bound: where " + name + " <= ..");
      continue;
    }
    if (*bounds.most > kMostExtent || *bounds.least > *bounds.most || *bounds.least < 0) {
      error(top.scope.names[name].range, name + " runs from " + Twine(*bounds.least) + " to " + Twine(*bounds.most) +
                                             "; a dimension is between 0 and 2147483647");
      continue;
    }
    dims.setBounds(name, bounds);
  }
  if (diagnostics.numErrors() != before)
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
    if (!checkShape(*element, tensor->shape, param.type->range))
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
  if (diagnostics.numErrors() != before) {
    func.erase();
    return false;
  }

  llvm::SmallVector<mlir::Value> results;
  llvm::SmallVector<mlir::Type> types;
  std::vector<Value> items = top.result.kind == Value::Tuple ? top.result.items
                             : top.result.kind == Value::Whole ? std::vector<Value>{top.result} : std::vector<Value>();
  for (Value &item : items) {
    TensorRef tensor = item.tensor;
    // A number that stands for a whole tensor is written out; and a tensor whose axes
    // are the declared ones by a fact alone, such as (S // 4) * 4, is given those.
    if (tensor->scalar || tensor->value.getType() != emitter.tensorType(tensor->element, tensor->shape)) {
      DefinitionScope definition(*this, /*indexed=*/false);
      std::vector<IndexRef> places;
      for (Dim extent : tensor->shape)
        places.push_back(newIndex("", entry.range, extent));
      std::vector<int32_t> ones(places.size(), 1);
      NodeRef element = tensor->scalar;
      if (!element) {
        element = std::make_shared<Node>(Node::Read, widened(tensor->element), entry.range);
        element->tensor = tensor;
        for (const IndexRef &place : places) {
          Subscript subscript;
          subscript.value = makeIndex(place, entry.range);
          element->subscripts.push_back(std::move(subscript));
        }
      }
      tensor = std::make_shared<Tensor>(*tensor);
      tensor->value = emitter.define(places, ones, element, tensor->element, locate(entry.range));
    }
    results.push_back(tensor->value);
    types.push_back(tensor->value.getType());
  }
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
    builder.setInsertionPointToEnd(module->getBody());
    elaborateEntry(model, *entry);
  }
  if (!numEntries)
    error(modelFile.range, "the model has no entry");
  if (diagnostics.numErrors())
    return nullptr;
  return module;
}

} // namespace heddle::frontend
