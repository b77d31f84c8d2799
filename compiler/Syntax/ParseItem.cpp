//===- ParseItem.cpp - Items, types, parameters ---------------------------===//

#include "compiler/Syntax/Parser.h"

#include "compiler/Syntax/ParserImpl.h"

namespace heddle::frontend {

using namespace ast;
using llvm::Twine;

std::unique_ptr<File> parseFile(const SourceManager &sources, int32_t file, Diagnostics &diagnostics) {
  return Parser(sources, lex(sources, file, diagnostics), diagnostics).file();
}

llvm::StringRef ast::spelling(Operator op) {
  static const char *const words[] = {"-", "not", "+", "-", "*", "/", "//", "%", "^", "and", "or",
                                      "<", "<=", ">", ">=", "==", "!="};
  return words[unsigned(op)];
}

const Token &Parser::peek(unsigned ahead) const {
  return tokens.tokens[std::min(position + ahead, tokens.tokens.size() - 1)];
}

const Token &Parser::take() {
  const Token &token = peek();
  last = token.range;
  if (position + 1 < tokens.tokens.size())
    ++position;
  return token;
}

bool Parser::opt(llvm::StringRef text) {
  if (!at(text))
    return false;
  take();
  return true;
}

static std::string describe(const Token &token) {
  switch (token.kind) {
  case Token::End:     return "the end of the file";
  case Token::NewLine: return "the end of the line";
  case Token::Text:    return ("\"" + token.text + "\"").str();
  default:             return ("'" + token.text + "'").str();
  }
}

std::nullptr_t Parser::fail(const Twine &wanted) {
  std::string found = inText && peek().kind == Token::End ? "'}'" : describe(peek());
  diagnostics.error(peek().range, "expected " + wanted + ", found " + found);
  return nullptr;
}

bool Parser::expect(llvm::StringRef text, const Twine &where) {
  if (opt(text))
    return true;
  fail("'" + text + "' " + where);
  return false;
}

bool Parser::expectName(std::string &name, const Twine &what) {
  if (peek().kind != Token::Name || peek().text == "_") {
    fail(what);
    if (peek().kind == Token::Keyword)
      diagnostics.note(peek().range, "'" + peek().text + "' is a word of the language");
    return false;
  }
  name = take().text.str();
  if (name == "pi" || name == "inf") {
    diagnostics.error(last, name + " is a name that cannot be given");
    return false;
  }
  return true;
}

bool Parser::close(llvm::StringRef text, const Token &open) {
  if (opt(text))
    return true;
  fail("'" + text + "'");
  diagnostics.note(open.range, "to match this '" + open.text + "'");
  return false;
}

void Parser::skipNewLines() {
  while (peek().kind == Token::NewLine || at(";"))
    take();
}

/// A statement ends with its line, `;` or the body.
bool Parser::endOfStatement() {
  if (peek().kind == Token::NewLine || peek().kind == Token::End || at(";") || at("}"))
    return true;
  fail("the end of the statement");
  return false;
}

/// To the end of the line at this level of braces.
void Parser::skipStatement() {
  unsigned open = 0;
  while (peek().kind != Token::End) {
    if (!open && (peek().kind == Token::NewLine || at(";") || at("}")))
      return;
    if (at("{"))
      ++open;
    if (at("}"))
      --open;
    take();
  }
}

static bool beginsItem(const Token &token) {
  for (llvm::StringRef word : {"model", "use", "config", "let", "fn", "block", "entry", "weight", "state"})
    if (token.is(word))
      return true;
  return token.kind == Token::Name && token.text == "paths";
}

/// `start` is where the wrong item begins: the parser moves on from there.
void Parser::skipItem(size_t start) {
  bool lineBegins = position > start;
  while (peek().kind != Token::End) {
    // An item begins a line in the first column.
    if (lineBegins && beginsItem(peek()) && sources.lineAndColumn(peek().range).second == 1)
      return;
    lineBegins = take().kind == Token::NewLine;
  }
}

std::unique_ptr<File> Parser::file() {
  auto result = std::make_unique<File>();
  result->range = peek().range;
  skipNewLines();
  while (peek().kind != Token::End && !diagnostics.full()) {
    unsigned before = diagnostics.numErrors();
    size_t start = position;
    std::unique_ptr<Item> next = item();
    if (next)
      result->items.push_back(std::move(next));
    if (diagnostics.numErrors() == before && peek().kind != Token::NewLine && peek().kind != Token::End && !at(";"))
      fail("the end of the line");
    if (diagnostics.numErrors() != before && peek().kind != Token::NewLine && peek().kind != Token::End)
      skipItem(start);
    skipNewLines();
  }
  return result;
}

/// The comment lines directly above, without their marks.
std::string Parser::docAbove(SourceRange range) const {
  unsigned line = sources.lineAndColumn(range).first;
  std::string doc;
  for (auto it = tokens.comments.rbegin(); it != tokens.comments.rend(); ++it) {
    if (it->range.begin > range.begin)
      continue;
    unsigned at = sources.lineAndColumn(it->range).first;
    if (!it->ownLine || at + 1 != line)
      break;
    llvm::StringRef text = sources.contents(range.file).slice(it->range.begin, it->range.end);
    text.consume_front("#");
    text.consume_front(" ");
    doc = text.str() + (doc.empty() ? "" : "\n" + doc);
    line = at;
  }
  return doc;
}

std::unique_ptr<Item> Parser::item() {
  links = 0;
  SourceRange begin = peek().range;
  if (opt("model")) {
    auto item = std::make_unique<ModelItem>(begin);
    if (!expectName(item->name, "the model's name"))
      return nullptr;
    return item;
  }
  if (peek().kind == Token::Name && peek().text == "paths" && peek(1).kind == Token::Text) {
    take();
    auto item = std::make_unique<PathsItem>(begin);
    item->separator = take().text.str();
    return item;
  }
  if (opt("use")) {
    if (peek().kind != Token::Text)
      return fail("the path of a file, a text");
    auto item = std::make_unique<UseItem>(begin);
    item->path = take().text.str();
    item->range = from(begin);
    return item;
  }
  if (at("config"))
    return config();
  if (opt("let")) {
    auto item = std::make_unique<LetItem>(begin);
    if (!expectName(item->name, "a name") || !expect("=", "behind the name") || !(item->value = expression()))
      return nullptr;
    item->range = from(begin);
    return item;
  }
  if (at("fn"))
    return fn();
  if (at("block") || at("entry"))
    return block();
  if (at("weight")) {
    auto item = std::make_unique<WeightItem>(begin);
    if (!(item->decl = weightDecl()))
      return nullptr;
    item->range = from(begin);
    return item;
  }
  if (at("state"))
    return state();
  return fail("an item (config, let, fn, block, entry, weight, state, model, paths, use)");
}

bool Parser::staticType(StaticTypeAst &type) {
  SourceRange begin = peek().range;
  bool list = opt("[");
  type.isList = list;
  llvm::StringRef word = peek().text;
  bool known = at("dim") || (peek().kind == Token::Name &&
                             (word == "int" || word == "float" || word == "flag" || word == "str"));
  if (!known) {
    fail("a static type (int, float, flag, str, dim, or a list as in [int])");
    return false;
  }
  type.name = take().text.str();
  if (list && !expect("]", "behind the type of a list's entries"))
    return false;
  type.range = from(begin);
  return true;
}

std::unique_ptr<Item> Parser::config() {
  auto item = std::make_unique<ConfigItem>(take().range);
  Token open = peek();
  if (!expect("{", "behind config"))
    return nullptr;
  skipNewLines();
  while (!at("}") && peek().kind != Token::End) {
    ConfigField field;
    field.range = peek().range;
    if (!expectName(field.name, "the name of a config entry") || !expect(":", "behind the name") ||
        !staticType(field.type))
      return nullptr;
    if (opt("=") && !(field.defaultValue = expression()))
      return nullptr;
    if (opt("from")) {
      if (peek().kind != Token::Text)
        return fail("a key of config.json, a text");
      field.key = take().text.str();
    }
    field.range = from(field.range);
    item->fields.push_back(std::move(field));
    if (!opt(",") && peek().kind != Token::NewLine && !at(";") && !at("}"))
      return fail("the end of the config entry");
    skipNewLines();
  }
  if (!close("}", open))
    return nullptr;
  item->range = from(item->range);
  return item;
}

std::unique_ptr<Item> Parser::fn() {
  auto item = std::make_unique<FnItem>(take().range);
  if (!expectName(item->name, "the function's name"))
    return nullptr;
  if (opt("[") && (!expectName(item->axis, "the name of the axis") || !expect("]", "behind the axis")))
    return nullptr;
  Token open = peek();
  if (!expect("(", "behind the function's name"))
    return nullptr;
  if (!at(")")) {
    do {
      std::string param;
      if (!expectName(param, "the name of a parameter"))
        return nullptr;
      item->params.push_back(param);
    } while (opt(","));
  }
  if (!close(")", open) || !expect("=", "behind the parameters") || !(item->body = expression()))
    return nullptr;
  item->range = from(item->range);
  return item;
}

std::unique_ptr<TypeAst> Parser::type() {
  auto type = std::make_unique<TypeAst>();
  type->range = peek().range;
  if (peek().kind != Token::Name)
    return fail("a type, as in f32[B, S]");
  type->element = take().text.str();
  if (at("[")) {
    Token open = take();
    type->hasDims = true;
    if (!at("]")) {
      do {
        if (at("...")) {
          if (!type->dims.empty())
            return fail("a dimension (... stands first only)");
          take();
          type->dims.push_back(nullptr);
          continue;
        }
        ExprPtr dim = expression();
        if (!dim)
          return nullptr;
        type->dims.push_back(std::move(dim));
      } while (opt(","));
    }
    if (!close("]", open))
      return nullptr;
  }
  if (opt("in") && !(type->range_ = sum()))
    return nullptr;
  type->range = from(type->range);
  return type;
}

bool Parser::params(std::vector<Param> &params) {
  Token open = peek();
  if (!expect("(", "before the parameters"))
    return false;
  if (!at(")")) {
    do {
      Param param;
      param.range = peek().range;
      if (!expectName(param.name, "the name of a parameter") || !expect(":", "behind the parameter's name"))
        return false;
      llvm::StringRef word = peek().text;
      if (at("[") || at("dim") || word == "int" || word == "float" || word == "flag" || word == "str") {
        param.staticType = std::make_unique<StaticTypeAst>();
        if (!staticType(*param.staticType))
          return false;
      } else if (!(param.type = type())) {
        return false;
      }
      if (opt("=") && !(param.defaultValue = expression()))
        return false;
      param.range = from(param.range);
      params.push_back(std::move(param));
    } while (opt(","));
  }
  return close(")", open);
}

/// `where a, b`, or nothing.
bool Parser::facts(std::vector<ExprPtr> &facts) {
  if (!opt("where"))
    return true;
  do {
    ExprPtr fact = expression();
    if (!fact)
      return false;
    facts.push_back(std::move(fact));
  } while (opt(","));
  return true;
}

bool Parser::results(std::vector<Result> &results) {
  if (!at("(")) {
    Result result;
    result.range = peek().range;
    if (!(result.type = type()))
      return false;
    results.push_back(std::move(result));
    return true;
  }
  Token open = take();
  if (!at(")")) {
    do {
      Result result;
      result.range = peek().range;
      if (!expectName(result.name, "the name of a result") || !expect(":", "behind the result's name") ||
          !(result.type = type()))
        return false;
      results.push_back(std::move(result));
    } while (opt(","));
  }
  return close(")", open);
}

std::unique_ptr<Item> Parser::block() {
  SourceRange begin = peek().range;
  auto item = std::make_unique<BlockItem>(begin);
  item->doc = docAbove(begin);
  item->isEntry = take().text == "entry";
  if (!expectName(item->name, item->isEntry ? "the entry's name" : "the block's name"))
    return nullptr;
  item->range = last; // messages point at the name
  SourceRange named = last;
  if (!params(item->params) || !expect("->", "behind the parameters") || !results(item->results))
    return nullptr;
  if (!facts(item->facts))
    return nullptr;
  if (item->isEntry && opt("example")) {
    do {
      ExampleSize size;
      if (!expectName(size.name, "a name") || !expect("=", "behind the name") || !(size.value = expression()))
        return nullptr;
      item->example.push_back(std::move(size));
    } while (opt(","));
  }
  if (!body(item->body))
    return nullptr;
  item->range = named;
  return item;
}

std::unique_ptr<WeightDecl> Parser::weightDecl() {
  auto decl = std::make_unique<WeightDecl>();
  SourceRange begin = take().range;
  if (!expectName(decl->name, "the weight's name"))
    return nullptr;
  if (at("[")) {
    take();
    if (!expectName(decl->family, "the name of the number of a part") || !expect(":", "behind the name") ||
        !(decl->familyExtent = expression()) || !expect("]", "behind the number of parts"))
      return nullptr;
  }
  if (!expect(":", "behind the weight's name") || !(decl->type = type()))
    return nullptr;
  if (opt("@") && !(decl->path = string("the weight's path, a text")))
    return nullptr;
  decl->range = from(begin);
  return decl;
}

std::unique_ptr<Item> Parser::state() {
  auto item = std::make_unique<StateItem>(take().range);
  if (!expectName(item->name, "the state's name"))
    return nullptr;
  SourceRange named = last;
  if (!facts(item->facts))
    return nullptr;
  Token open = peek();
  if (!expect("{", "before the fields of the state"))
    return nullptr;
  skipNewLines();
  while (!at("}") && peek().kind != Token::End) {
    StateField field;
    field.range = peek().range;
    do {
      std::string name;
      if (!expectName(name, "the name of a field"))
        return nullptr;
      field.names.push_back(name);
    } while (opt(","));
    if (!expect(":", "behind the field's name") || !(field.type = type()))
      return nullptr;
    if (opt("=") && !(field.value = expression()))
      return nullptr;
    field.range = from(field.range);
    item->fields.push_back(std::move(field));
    if (!opt(",") && peek().kind != Token::NewLine && !at(";") && !at("}"))
      return fail("the end of the field");
    skipNewLines();
  }
  if (!close("}", open))
    return nullptr;
  item->range = named;
  return item;
}

} // namespace heddle::frontend
