//===- ElaborateItems.cpp - Files, config, static values ------------------===//

#include "compiler/Frontend/Elaborator.h"
#include "compiler/Frontend/UsedFiles.h"

#include "compiler/Weights/Config.h"
#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace heddle::frontend {

using llvm::Twine;

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
  flushCalls();
  diagnostics.error(range, message);
  // An error in a block is one of its call too: up to the first that stands in the
  // model's own file.
  for (Frame *f = frame; f && f->caller; f = f->caller) {
    pendingCalls.push_back({f->call, f->block->name + " is called here"});
    if (f->call.file == model.file->range.file)
      break;
  }
  return Value::poison();
}

/// Notes that an error brings with it stand before those of the calls.
void Elaborator::flushCalls() {
  for (auto &[range, message] : std::exchange(pendingCalls, {}))
    diagnostics.note(range, message);
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
      if (&scope != &model)
        error(state->range, "a state stands in the model's own file, not in one that is used");
      entity.kind = Entity::State;
      entity.state = state;
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

/// A block's fact must hold at the call, a fact of what an entry returns where it does.
bool Elaborator::holds(const ast::Expr &fact, Scope &scope, llvm::StringRef what) {
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
  error(fact.range, text(fact.range) + " is not proved " + what);
  return false;
}

} // namespace heddle::frontend
