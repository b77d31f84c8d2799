//===- ElaborateItems.cpp - Files, config, entries ------------------------===//

#include "compiler/Frontend/Elaborator.h"
#include "compiler/Frontend/UsedFiles.h"

#include "compiler/Weights/Config.h"
#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "llvm/ADT/ScopeExit.h"

namespace heddle::frontend {

using llvm::Twine;

/// A run-time dimension is at most this: coordinates are 32 bits.
static constexpr int64_t kMostExtent = (int64_t(1) << 31) - 1;
/// Parameters, results, facts or dimensions of an entry; entries of a model. No C header
/// has more that somebody would read.
static constexpr size_t kMostInEntry = 500, kMostEntries = 500;

Entity *Scope::find(llvm::StringRef name) {
  std::string key = name.str();
  for (Scope *scope = this; scope; scope = scope->parent)
    if (auto it = scope->names.find(key); it != scope->names.end())
      return &it->second;
  return nullptr;
}

Elaborator::Elaborator(mlir::MLIRContext &context, SourceManager &sources, Diagnostics &diagnostics,
                       const ElaborateOptions &options)
    : context(context), sources(sources), diagnostics(diagnostics), options(options),
      builder(&context), emitter(builder, dims) {
  context.loadDialect<graph::GraphDialect, mlir::arith::ArithDialect, mlir::math::MathDialect,
                      mlir::func::FuncDialect>();
}
Elaborator::~Elaborator() = default;

Value Elaborator::error(SourceRange range, const Twine &message) {
  diagnostics.error(range, message);
  return Value::poison();
}
void Elaborator::note(SourceRange range, const Twine &message) { diagnostics.note(range, message); }
std::string Elaborator::text(SourceRange range) { return sources.text(range); }

mlir::Location Elaborator::locate(SourceRange range) {
  auto [line, column] = sources.lineAndColumn(range);
  mlir::Location place = mlir::FileLineColLoc::get(&context, sources.name(range), line, column);
  // The scope of the weights says which call of a block this is.
  if (frame && !frame->path.empty())
    return mlir::NameLoc::get(mlir::StringAttr::get(&context, frame->path), place);
  return place;
}

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

/// A parameter or a result with the name of another could not be told from it.
void Elaborator::checkNames(const ast::BlockItem &block) {
  std::set<std::string> params, results;
  for (auto &param : block.params)
    if (!params.insert(param.name).second)
      error(param.range, block.name + " has two parameters " + param.name);
  for (auto &result : block.results)
    if (!result.name.empty() && !results.insert(result.name).second)
      error(result.range, block.name + " has two results " + result.name);
}

/// The items of the used file, not those that it uses itself, under their names.
void Elaborator::import(FileScope &scope, const ast::UseItem &use) {
  const ast::File *file = options.used ? options.used->find(use) : nullptr;
  if (!file)
    return; // was said where it was read
  std::unique_ptr<FileScope> &used = usedScopes[file];
  if (!used) {
    used = std::make_unique<FileScope>();
    used->imports.parent = &library;
    used->parent = &used->imports;
    declare(*used, *file);
  }
  for (auto &[name, entity] : used->names) {
    auto [it, isNew] = scope.imports.names.try_emplace(name, entity);
    if (isNew || it->second.file == entity.file)
      continue;
    error(use.range, "\"" + use.path + "\" has a " + name + ", as another used file has");
    note(it->second.range, "the other is here");
    note(entity.range, "this is here");
  }
}

bool Elaborator::declare(FileScope &scope, const ast::File &file) {
  scope.file = &file;
  unsigned before = diagnostics.numErrors();
  auto enter = [&](llvm::StringRef name, Entity entity, SourceRange range) {
    entity.file = &scope;
    entity.range = range;
    auto [it, isNew] = scope.names.try_emplace(name.str(), entity);
    if (!isNew) {
      error(range, Twine(name) + " is defined twice");
      note(it->second.range, "the first is here");
    }
  };
  // Functions and weights see each other in any order; a let or a default sees
  // only what stands above it.
  for (auto &item : file.items) {
    Entity entity;
    if (auto *fn = llvm::dyn_cast<ast::FnItem>(item.get())) {
      for (auto it = fn->params.begin(); it != fn->params.end(); ++it)
        if (*it == fn->axis || llvm::is_contained(llvm::make_range(fn->params.begin(), it), *it))
          error(fn->range, fn->name + " has two parameters " + *it);
      entity.kind = Entity::Fn;
      entity.fn = fn;
      enter(fn->name, entity, fn->range);
    } else if (auto *block = llvm::dyn_cast<ast::BlockItem>(item.get())) {
      checkNames(*block);
      if (block->isEntry && &scope != &model)
        error(block->range, "an entry stands in the model's own file, not in one that is used");
      if (block->isEntry)
        continue;
      entity.kind = Entity::Block;
      entity.block = block;
      enter(block->name, entity, block->range);
    } else if (auto *weight = llvm::dyn_cast<ast::WeightItem>(item.get())) {
      entity.kind = Entity::Weight;
      entity.weight = weight->decl.get();
      enter(weight->decl->name, entity, weight->range);
    } else if (auto *state = llvm::dyn_cast<ast::StateItem>(item.get())) {
      entity.kind = Entity::State;
      enter(state->name, entity, state->range);
    } else if (auto *paths = llvm::dyn_cast<ast::PathsItem>(item.get())) {
      scope.separator = paths->separator;
    } else if (auto *use = llvm::dyn_cast<ast::UseItem>(item.get())) {
      import(scope, *use);
    }
  }
  for (auto &item : file.items) {
    if (auto *config = llvm::dyn_cast<ast::ConfigItem>(item.get())) {
      if (&scope == &model)
        elaborateConfig(scope, *config);
      else
        error(config->range, "config stands in the model's own file; what is used takes parameters");
    } else if (auto *let = llvm::dyn_cast<ast::LetItem>(item.get())) {
      DefinitionScope definition(*this, /*indexed=*/false);
      Value value = evaluate(*let->value, scope);
      if (!value.isPoison() && !value.isStatic())
        value = error(let->value->range, "let names what is known before any data, this is " + describe(value));
      Entity entity;
      // A constant keeps its name in messages; its value is what it is equal to.
      if (value.kind == Value::Int)
        if (std::optional<int64_t> number = dims.value(value.dim);
            number && &scope == &model && Dim::isSymbolName(let->name)) {
          dims.setStatic(let->name, *number);
          value = Value::integer(Dim::symbol(let->name));
        }
      entity.value = value;
      enter(let->name, entity, let->range);
    }
  }
  return diagnostics.numErrors() == before;
}

static llvm::StringRef wantedText(const ast::StaticTypeAst &type) {
  if (type.isList)
    return type.name == "int" ? "a list of integers" : type.name == "float" ? "a list of numbers" : "a list";
  if (type.name == "int" || type.name == "dim") return "an integer";
  if (type.name == "float") return "a number";
  if (type.name == "flag") return "true or false";
  return "a text";
}

/// Does `value` have the declared type? Integers are floats too.
static bool fits(const Value &value, llvm::StringRef type, bool isList) {
  if (isList)
    return value.kind == Value::List &&
           llvm::all_of(value.items, [&](const Value &item) { return fits(item, type, false); });
  if (type == "int" || type == "dim") return value.kind == Value::Int;
  if (type == "float") return value.isNumber();
  if (type == "flag") return value.kind == Value::Flag;
  return value.kind == Value::String;
}

std::optional<Value> Elaborator::parseStatic(const ast::ConfigField &field, llvm::StringRef text,
                                             llvm::StringRef from) {
  auto scalar = [&](llvm::StringRef word, llvm::StringRef type) -> std::optional<Value> {
    word = word.trim();
    if (type == "str")
      return Value::string(word.str());
    if (type == "flag")
      return word == "true" ? std::optional(Value::boolean(true))
             : word == "false" ? std::optional(Value::boolean(false)) : std::nullopt;
    int64_t integer;
    if (!word.getAsInteger(10, integer))
      return Value::integer(Dim::constant(integer));
    double real;
    if (type == "float" && !word.getAsDouble(real))
      return Value::number(real);
    return std::nullopt;
  };
  std::optional<Value> value;
  if (field.type.isList) {
    llvm::StringRef list = text.trim();
    list.consume_front("[");
    list.consume_back("]");
    llvm::SmallVector<llvm::StringRef> words;
    list.split(words, ',', -1, false);
    std::vector<Value> items;
    for (llvm::StringRef word : words) {
      std::optional<Value> item = scalar(word, field.type.name);
      if (!item)
        break;
      items.push_back(*item);
    }
    if (items.size() == words.size())
      value = Value::list(std::move(items));
  } else {
    value = scalar(text, field.type.name);
  }
  if (!value)
    error(field.range, field.name + " is \"" + text + "\" (" + from + "), wanted " + wantedText(field.type));
  return value;
}

/// The command line over config.json over the default.
std::optional<Value> Elaborator::configValue(const ast::ConfigField &field, FileScope &scope) {
  for (const auto &set : options.sets)
    if (set.first == field.name) {
      configOrigins[field.name] = "from the command line";
      return parseStatic(field, set.second, "from --set");
    }
  if (options.config && !field.key.empty() && options.config->find(field.key)) {
    const weights::Config &config = *options.config;
    configOrigins[field.name] = ("from " + config.file().substr(config.file().rfind('/') + 1)).str();
    auto take = [&](auto value, auto &&make) -> std::optional<Value> {
      if (!value) {
        error(field.range, llvm::toString(value.takeError()));
        return std::nullopt;
      }
      return make(*value);
    };
    auto list = [&](auto &&items, auto &&make) {
      std::vector<Value> values;
      for (const auto &item : items)
        values.push_back(make(item));
      return Value::list(std::move(values));
    };
    auto integer = [](int64_t v) { return Value::integer(Dim::constant(v)); };
    auto number = [](double v) { return Value::number(v); };
    auto boolean = [](bool v) { return Value::boolean(v); };
    auto string = [](const std::string &v) { return Value::string(v); };
    llvm::StringRef type = field.type.name;
    if (field.type.isList) {
      if (type == "int" || type == "dim")
        return take(config.integers(field.key), [&](auto &v) { return list(v, integer); });
      if (type == "float")
        return take(config.numbers(field.key), [&](auto &v) { return list(v, number); });
      if (type == "flag")
        return take(config.booleans(field.key), [&](auto &v) { return list(v, boolean); });
      return take(config.strings(field.key), [&](auto &v) { return list(v, string); });
    }
    if (type == "int" || type == "dim")
      return take(config.integer(field.key), integer);
    if (type == "float")
      return take(config.number(field.key), number);
    if (type == "flag")
      return take(config.boolean(field.key), boolean);
    return take(config.string(field.key), string);
  }
  if (!field.defaultValue) {
    error(field.range, field.name + " has no value: it has no default" +
                           (field.key.empty() ? Twine("; give it with --set ") + field.name + "=.."
                            : options.config ? Twine(", and ") + options.config->file() + " has no \"" + field.key + "\""
                                             : Twine("; give it with --set ") + field.name + "=.. or --config"));
    return std::nullopt;
  }
  configOrigins[field.name] = "by default";
  DefinitionScope definition(*this, /*indexed=*/false);
  Value value = evaluate(*field.defaultValue, scope);
  if (value.isPoison())
    return std::nullopt;
  if (!fits(value, field.type.name, field.type.isList)) {
    if (value.kind == Value::Real && !value.text.empty())
      error(field.defaultValue->range, field.name + " is " + wantedText(field.type).str() + ": " + value.text);
    else
      error(field.defaultValue->range, field.name + " is " + describe(value) + ", wanted " + wantedText(field.type));
    return std::nullopt;
  }
  return value;
}

void Elaborator::elaborateConfig(FileScope &scope, const ast::ConfigItem &item) {
  for (const ast::ConfigField &field : item.fields) {
    Entity entity;
    entity.file = &scope;
    entity.range = field.range;
    std::optional<Value> value = configValue(field, scope);
    if (value)
      value = checkSize(std::move(*value), field.range);
    if (value && value->kind == Value::Int && !field.type.isList && Dim::isSymbolName(field.name)) {
      if (std::optional<int64_t> number = dims.value(value->dim)) {
        dims.setStatic(field.name, *number);
        value = Value::integer(Dim::symbol(field.name));
      }
    }
    entity.value = value ? *value : Value::poison();
    auto [it, isNew] = scope.names.try_emplace(field.name, entity);
    if (!isNew) {
      error(field.range, field.name + " is defined twice");
      note(it->second.range, "the first is here");
    }
  }
}

std::string Elaborator::origins(llvm::ArrayRef<Dim> of) const {
  std::string list;
  for (const auto &entry : configOrigins)
    if (llvm::any_of(of, [&](Dim dim) { return dim.mentions(entry.first); }))
      list += (list.empty() ? " (" : ", ") + entry.first + " " + entry.second;
  return list.empty() ? list : list + ")";
}

//===----------------------------------------------------------------------===//
// Static values
//===----------------------------------------------------------------------===//

std::optional<Dim> Elaborator::dimension(const ast::Expr &expr, Scope &scope) {
  DefinitionScope definition(*this, /*indexed=*/false);
  Value value = evaluate(expr, scope);
  if (value.isPoison())
    return std::nullopt;
  if (value.kind == Value::Int)
    return value.dim;
  // A quotient that is not known to be exact.
  if (auto *quotient = llvm::dyn_cast<ast::BinaryExpr>(&expr); quotient && quotient->op == ast::Operator::Div) {
    Value a = evaluate(*quotient->lhs, scope), b = evaluate(*quotient->rhs, scope);
    if (a.kind == Value::Int && b.kind == Value::Int) {
      if (!dims.value(a.dim) || !dims.value(b.dim)) {
        error(expr.range, text(expr.range) + " is not known to be an integer; it needs a fact: where " + a.dim.str() +
                              " % " + b.dim.str() + " == 0");
        return std::nullopt;
      }
    }
  }
  if (value.kind == Value::Real) {
    std::string written = text(expr.range), number = realText(value.real);
    error(expr.range, !value.text.empty() ? value.text
                      : written == number ? "a dimension is an integer, this is " + number
                                          : written + " is " + number + ", not an integer");
    // Where the name got its value.
    if (auto *name = llvm::dyn_cast<ast::NameExpr>(&expr))
      if (Entity *entity = scope.find(name->name); entity && entity->range.isValid())
        note(entity->range, name->name + " is given here");
  }
  else
    error(expr.range, "a dimension is an integer, this is " + describe(value));
  return std::nullopt;
}

std::optional<int64_t> Elaborator::staticInteger(const ast::Expr &expr, Scope &scope) {
  Value value = evaluate(expr, scope);
  if (value.isPoison())
    return std::nullopt;
  if (value.kind == Value::Int)
    if (std::optional<int64_t> number = dims.value(value.dim))
      return number;
  error(expr.range, "expected an integer known when the model is compiled, this is " + describe(value));
  return std::nullopt;
}

std::optional<std::string> Elaborator::staticString(const ast::Expr &expr, Scope &scope) {
  DefinitionScope definition(*this, /*indexed=*/false);
  Value value = evaluate(expr, scope);
  if (value.isPoison())
    return std::nullopt;
  if (value.kind == Value::String)
    return value.text;
  error(expr.range, "expected a text, this is " + describe(value));
  return std::nullopt;
}

/// A block's fact: it must hold at the call; of an entry it is assumed (and
/// checked when the entry is called).
bool Elaborator::holds(const ast::Expr &fact, Scope &scope, bool assume) {
  DefinitionScope definition(*this, /*indexed=*/false);
  // A fact about a dimension that the results bring is their bound.
  Value value = evaluate(fact, scope);
  if (value.isPoison())
    return false;
  if (value.kind == Value::Flag) {
    if (!value.flag)
      error(fact.range, text(fact.range) + " does not hold");
    return value.flag;
  }
  if (assume)
    return true;
  error(fact.range, text(fact.range) + " is not proved at this call");
  return false;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

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
