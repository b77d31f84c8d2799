//===- KernelParse.cpp - Descriptions of kernels as text: parsing ---------===//
//
// Recursive descent over the grammar in KernelText.h. Everything that a name
// refers to stands before it, so kernels are made on the way. What a kernel must
// be beyond that is Validate.cpp's business.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelText.h"

#include "compiler/Kernels/KernelLexer.h"
#include "compiler/Kernels/KernelNames.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

namespace heddle::kernels {

namespace {

/// Calls of the parser for one level of nodes: an operand and its parentheses.
constexpr int kMostCalls = 2 * kMostDepth;
/// Large enough for what kernels hold, small enough to count with.
constexpr size_t kMostShared = 1 << 20;

class Parser {
public:
  explicit Parser(std::string_view text) : text(text), token(lexAt(text, 0)) {}

  bool atEnd() const { return token.kind == Token::End; }
  bool parseKernel(Kernel &kernel);
  bool expectedEnd() { return expected("the end of the text"); }
  std::string error;

private:
  using Node = std::shared_ptr<Expr>;

  // Tokens.
  void advance() { token = lexAt(text, token.at + token.text.size()); }
  bool accept(std::string_view what) { return token.is(what) && (advance(), true); }
  bool expect(std::string_view what) { return accept(what) || expected("'" + std::string(what) + "'"); }
  bool failAt(size_t at, const std::string &what) {
    if (error.empty())
      error = placeIn(text, at) + ": " + what;
    return false;
  }
  bool expected(const std::string &what) {
    std::string found = token.kind == Token::End ? "the end of the text" : "'" + std::string(token.text) + "'";
    if (token.kind == Token::Wrong && (token.text[0] < ' ' || token.text[0] > '~'))
      found = "byte " + std::to_string(int(uint8_t(token.text[0])));
    return failAt(token.at, "expected " + what + ", found " + found);
  }
  template <typename F> bool parseList(std::string_view close, F &&item) {
    if (accept(close))
      return true;
    do
      if (!item())
        return false;
    while (accept(","));
    return expect(close);
  }
  bool parseName(std::string &name, const char *what);
  bool parseInteger(int64_t &value, int64_t most, bool mayBeNegative = true);
  bool parseSmall(int32_t &value);
  template <typename T> bool parseOneOf(const T &names, size_t &found, const char *what);
  template <typename T> bool parseRef(const std::vector<T> &all, int32_t &ref, const char *what);

  // Kernels.
  bool parseSize();
  bool parseTensor(size_t role);
  bool parseStage(size_t kind);
  bool parseSpace();
  bool parseIndex();
  bool parseExtent(Extent &extent);
  bool parseBody();

  // Expressions; null where there is none.
  Node parseExpr(int strength);
  Node parseOperand();
  Node parsePrimary();
  Node parseNumber(bool isNegative);
  Node parseShared();
  Node parseCall(size_t at);
  bool parseType(Node &node);
  bool parseArgs(std::string_view close, Expr &expr);
  Node finish(Node node, size_t at);
  Node none() { return nullptr; }

  std::string_view text;
  Token token;
  Kernel *kernel = nullptr;
  Stage *stage = nullptr;
  int calls = 0; ///< of parseExpr that have not returned
  std::unordered_map<int64_t, Node> shared;
  std::unordered_map<const Expr *, int> depth; ///< of the stage's nodes
};

bool Parser::parseName(std::string &name, const char *what) {
  if (token.kind != Token::Name)
    return expected(what);
  name = token.text;
  advance();
  return true;
}

bool Parser::parseInteger(int64_t &value, int64_t most, bool mayBeNegative) {
  size_t at = token.at;
  bool isNegative = mayBeNegative && accept("-");
  if (token.kind != Token::Integer)
    return expected("a whole number");
  std::string digits = (isNegative ? "-" : "") + std::string(token.text);
  advance();
  auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc() || value > most || value < -most - 1)
    return failAt(at, "the number " + digits + " is too large");
  return true;
}

bool Parser::parseSmall(int32_t &value) {
  int64_t wide;
  if (!parseInteger(wide, INT32_MAX))
    return false;
  value = int32_t(wide);
  return true;
}

template <typename T> bool Parser::parseOneOf(const T &names, size_t &found, const char *what) {
  for (found = 0; found < std::size(names); ++found)
    if (token.kind == Token::Name && accept(names[found]))
      return true;
  return expected(what);
}

template <typename T> bool Parser::parseRef(const std::vector<T> &all, int32_t &ref, const char *what) {
  if (token.kind != Token::Name)
    return expected(std::string("the name of ") + what);
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i].name == token.text) {
      ref = int32_t(i);
      advance();
      return true;
    }
  return failAt(token.at, "'" + std::string(token.text) + "' is not the name of " + what);
}

bool Parser::parseKernel(Kernel &result) {
  result = Kernel();
  kernel = &result;
  if (!expect("kernel") || !parseName(result.name, "the kernel's name") || !expect("{"))
    return false;
  while (!accept("}")) {
    if (accept("size")) {
      if (!parseSize())
        return false;
      continue;
    }
    size_t found = 0;
    auto isOneOf = [&](const auto &names) {
      for (found = 0; found < std::size(names); ++found)
        if (token.is(names[found]))
          return true;
      return false;
    };
    if (isOneOf(kRoleNames)) {
      if (!parseTensor(found))
        return false;
    } else if (isOneOf(kKindNames)) {
      if (!parseStage(found))
        return false;
    } else {
      return expected("a size, a tensor, a stage or '}'");
    }
  }
  return true;
}

bool Parser::parseSize() {
  Size size;
  if (!parseName(size.name, "the size's name") || !expect("in") || !parseInteger(size.least, INT64_MAX) ||
      !expect("..") || !parseInteger(size.most, INT64_MAX))
    return false;
  kernel->sizes.push_back(size);
  return true;
}

bool Parser::parseExtent(Extent &extent) {
  if (token.kind == Token::Integer || token.is("-"))
    return parseInteger(extent.constant, INT64_MAX);
  return parseRef(kernel->sizes, extent.size, "a size");
}

bool Parser::parseTensor(size_t role) {
  advance();
  Tensor tensor;
  tensor.role = Role(role);
  size_t type;
  if (!parseName(tensor.name, "the tensor's name") || !expect(":") || !parseOneOf(kTypeNames, type, "a type") ||
      !expect("["))
    return false;
  tensor.type = Type(type);
  if (!parseList("]", [&] { return parseExtent(tensor.shape.emplace_back()); }))
    return false;
  if (accept("panels")) {
    tensor.layout.kind = Layout::Panels;
    if (!expect("axis") || !parseSmall(tensor.layout.axis) || !expect("width") || !parseSmall(tensor.layout.width))
      return false;
  }
  kernel->tensors.push_back(std::move(tensor));
  return true;
}

bool Parser::parseIndex() {
  Index index;
  if (!parseName(index.name, "an index") || !expect(":") || !parseExtent(index.extent))
    return false;
  stage->indices.push_back(std::move(index));
  return true;
}

bool Parser::parseSpace() {
  if (!expect("["))
    return false;
  while (!token.is("|") && !token.is("]")) {
    size_t before = stage->indices.size();
    bool isIndex = accept("(") ? parseList(")", [&] { return parseIndex(); }) : parseIndex();
    if (!isIndex)
      return false;
    stage->axes.push_back(int32_t(stage->indices.size() - before));
    if (!accept(",") && !token.is("|") && !token.is("]"))
      return expected("',', '|' or ']'");
  }
  stage->numResultIndices = int32_t(stage->indices.size());
  return accept("|") ? parseList("]", [&] { return parseIndex(); }) : expect("]");
}

bool Parser::parseStage(size_t kind) {
  advance();
  Stage made;
  stage = &made;
  made.kind = StageKind(kind);
  // A combiner stands before the name; a stage may have such a name itself.
  Token first = token;
  if (!parseName(made.name, "the stage's name"))
    return false;
  if (token.kind == Token::Name) {
    Token second = token;
    token = first;
    size_t combiner;
    if (!parseOneOf(kCombinerNames, combiner, "a combiner"))
      return false;
    made.combiner = Combiner(combiner);
    token = second;
    parseName(made.name, "the stage's name");
  }
  if (!parseSpace())
    return false;
  if (accept("along") && !(expect("[") && parseList("]", [&] {
                             return parseRef(made.indices, made.along.emplace_back(), "an index of the stage");
                           })))
    return false;
  if (accept("over") && !parseRef(kernel->tensors, made.base, "a tensor"))
    return false;
  if (!expect("->"))
    return false;
  do
    if (!parseRef(kernel->tensors, made.results.emplace_back(), "a tensor"))
      return false;
  while (accept(","));
  shared.clear();
  depth.clear();
  if (!expect("{") || !parseBody())
    return false;
  kernel->stages.push_back(std::move(made));
  return true;
}

bool Parser::parseBody() {
  while (token.is("$")) {
    size_t at = token.at;
    advance();
    int64_t number;
    if (!parseInteger(number, kMostShared, false))
      return false;
    if (shared.count(number))
      return failAt(at, "$" + std::to_string(number) + " is given twice");
    if (!expect("="))
      return false;
    Node node = parseExpr(1);
    if (!node)
      return false;
    shared[number] = std::move(node);
  }
  if (accept("where") && !(stage->condition = parseExpr(1)))
    return false;
  if (accept("at")) {
    auto item = [&] { return bool(stage->position.emplace_back(parseExpr(1))); };
    if (!expect("[") || !parseList("]", item))
      return false;
  }
  while (accept("value"))
    if (!stage->values.emplace_back(parseExpr(1)))
      return false;
  return accept("}") || expected(stage->values.empty() ? "'value'" : "'value', an operator or '}'");
}

/// What `node`, all of whose operands are there, is as a whole.
Parser::Node Parser::finish(Node node, size_t at) {
  int below = 0;
  for (const ExprRef &arg : node->args)
    below = std::max(below, depth[arg.get()]);
  if (below >= kMostDepth) {
    failAt(at, "the expression nests more than " + std::to_string(kMostDepth) + " deep");
    return none();
  }
  depth[node.get()] = below + 1;
  if (node->op != Op::Const && node->op != Op::Cast)
    node->type = usualType(*kernel, *node);
  return node;
}

/// Binary operators of at least this strength.
Parser::Node Parser::parseExpr(int strength) {
  if (calls >= kMostCalls) {
    failAt(token.at, "the expression nests more than " + std::to_string(kMostDepth) + " deep");
    return none();
  }
  ++calls;
  Node left = parseOperand();
  while (left) {
    size_t op = size_t(Op::Add);
    while (op <= size_t(Op::Ne) && !(kOpNames[op].strength >= strength && token.is(kOpNames[op].text)))
      ++op;
    if (op > size_t(Op::Ne))
      break;
    size_t at = token.at;
    advance();
    Node right = parseExpr(kOpNames[op].strength + 1);
    if (!right) {
      left = none();
      break;
    }
    auto node = std::make_shared<Expr>();
    node->op = Op(op);
    node->args = {left, right};
    left = finish(node, at);
  }
  --calls;
  return left;
}

Parser::Node Parser::parseOperand() {
  size_t at = token.at;
  bool isNegative = token.is("-");
  if (!isNegative && !token.is("not"))
    return parsePrimary();
  advance();
  if (isNegative && (token.kind == Token::Integer || token.kind == Token::Real || token.is("inf")))
    return parseNumber(true);
  Node operand = parseExpr(kPrefix);
  if (!operand)
    return none();
  auto node = std::make_shared<Expr>();
  node->op = isNegative ? Op::Neg : Op::Not;
  node->args = {operand};
  return finish(node, at);
}

Parser::Node Parser::parseNumber(bool isNegative) {
  Token number = token;
  advance();
  auto node = std::make_shared<Expr>();
  bool isReal = number.kind != Token::Integer;
  node->type = isReal ? Type::F32 : Type::I32;
  if (accept(":")) {
    size_t at = token.at, type;
    if (!parseOneOf(kTypeNames, type, "a type"))
      return none();
    node->type = Type(type);
    if (isFloat(node->type) != isReal || node->type == Type::Bool) {
      failAt(at, std::string("expected the type of a ") + (isReal ? "real" : "whole") + " number, found '" +
                     std::string(nameOf(node->type)) + "'");
      return none();
    }
  }
  std::string digits = (isNegative ? "-" : "") + std::string(number.text);
  std::from_chars_result result{};
  if (number.is("inf")) {
    node->number = isNegative ? -INFINITY : INFINITY;
    return finish(node, number.at);
  }
  const char *begin = digits.data(), *end = begin + digits.size();
  if (!isReal) {
    result = std::from_chars(begin, end, node->integer);
  } else if (number.text.substr(0, 2) == "0x") {
    result = std::from_chars(number.text.data() + 2, number.text.data() + number.text.size(), node->number,
                             std::chars_format::hex);
    node->number = isNegative ? -node->number : node->number;
    end = number.text.data() + number.text.size();
  } else if (node->type == Type::F64) {
    result = std::from_chars(begin, end, node->number);
  } else {
    float value = 0;
    result = std::from_chars(begin, end, value);
    node->number = value;
  }
  if (result.ec == std::errc::result_out_of_range) {
    failAt(number.at, "the number " + digits + " is too large or too small");
    return none();
  }
  if (result.ec != std::errc() || result.ptr != end) {
    failAt(number.at, "expected a number, found '" + std::string(number.text) + "'");
    return none();
  }
  return finish(node, number.at);
}

Parser::Node Parser::parseShared() {
  size_t at = token.at;
  advance();
  int64_t number;
  if (!parseInteger(number, kMostShared, false))
    return none();
  auto it = shared.find(number);
  if (it == shared.end()) {
    failAt(at, "$" + std::to_string(number) + " is not given above");
    return none();
  }
  return it->second;
}

bool Parser::parseArgs(std::string_view close, Expr &expr) {
  return parseList(close, [&] {
    Node arg = parseExpr(1);
    return arg && (expr.args.push_back(arg), true);
  });
}

/// A type behind an expression.
bool Parser::parseType(Node &node) {
  size_t type;
  if (!accept(":"))
    return true;
  if (!parseOneOf(kTypeNames, type, "a type"))
    return false;
  node->type = Type(type);
  return true;
}

Parser::Node Parser::parsePrimary() {
  size_t at = token.at;
  if (token.kind == Token::Integer || token.kind == Token::Real || token.is("inf"))
    return parseNumber(false);
  if (token.is("$"))
    return parseShared();
  if (token.is("true") || token.is("false")) {
    auto node = std::make_shared<Expr>();
    node->type = Type::Bool;
    node->integer = token.is("true");
    advance();
    return finish(node, at);
  }
  if (accept("(")) {
    Node node = parseExpr(1);
    if (!node || !expect(")"))
      return none();
    // A number says its type itself, and what is shared where it is given.
    if (token.is(":") && (node->op == Op::Const || node->op == Op::Cast || node.use_count() > 1)) {
      failAt(token.at, "a type stands behind an operation or a number");
      return none();
    }
    return parseType(node) ? node : none();
  }
  if (token.kind != Token::Name) {
    expected("an expression");
    return none();
  }
  return parseCall(at);
}

/// What begins with a name: an index, a read, a function.
Parser::Node Parser::parseCall(size_t at) {
  Token name = token, next = lexAt(text, token.at + token.text.size());
  auto node = std::make_shared<Expr>();
  auto typed = [&]() -> Node {
    Node made = finish(node, at);
    return made && parseType(made) ? made : none();
  };
  if (next.is("[") || next.is("?")) {
    node->op = Op::Read;
    if (!parseRef(kernel->tensors, node->ref, "a tensor"))
      return none();
    node->guarded = accept("?");
    return expect("[") && parseArgs("]", *node) ? typed() : none();
  }
  if (!next.is("(")) {
    node->op = Op::Index;
    node->type = Type::I32;
    return parseRef(stage->indices, node->ref, "an index of the stage") ? typed() : none();
  }
  advance();
  advance();
  if (name.is("size")) {
    node->op = Op::Size;
    return parseRef(kernel->sizes, node->ref, "a size") && expect(")") ? typed() : none();
  }
  if (name.is("nan")) {
    node->number = std::numeric_limits<double>::quiet_NaN();
    node->type = Type::F32;
    if (!expect(")") || !parseType(node))
      return none();
    if (!isFloat(node->type)) {
      failAt(at, "expected the type of a real number, found '" + std::string(nameOf(node->type)) + "'");
      return none();
    }
    return finish(node, at);
  }
  for (size_t type = 0; type < std::size(kTypeNames); ++type)
    if (name.is(kTypeNames[type])) {
      node->op = Op::Cast;
      node->type = Type(type);
    }
  for (size_t op = size_t(Op::Neg); op <= size_t(Op::Select); ++op)
    if (!kOpNames[op].strength && Op(op) != Op::Cast && name.is(kOpNames[op].text))
      node->op = Op(op);
  if (node->op == Op::Const) {
    failAt(at, "'" + std::string(name.text) + "' is not a function");
    return none();
  }
  if (!parseArgs(")", *node))
    return none();
  if (int wanted = nameOf(node->op).numOperands; int(node->args.size()) != wanted) {
    failAt(at, "'" + std::string(name.text) + "' takes " + std::to_string(wanted) +
                   (wanted == 1 ? " operand" : " operands") + ", found " + std::to_string(node->args.size()));
    return none();
  }
  return node->op == Op::Cast ? finish(node, at) : typed();
}

} // namespace

bool parseAll(std::string_view text, std::vector<Kernel> &kernels, std::string &error) {
  Parser parser(text);
  kernels.clear();
  while (!parser.atEnd())
    if (!parser.parseKernel(kernels.emplace_back())) {
      error = parser.error;
      return false;
    }
  return true;
}

bool parse(std::string_view text, Kernel &kernel, std::string &error) {
  Parser parser(text);
  if (parser.parseKernel(kernel) && (parser.atEnd() || parser.expectedEnd()))
    return true;
  error = parser.error;
  return false;
}

} // namespace heddle::kernels
