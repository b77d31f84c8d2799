//===- ParseExpr.cpp - Expressions ----------------------------------------===//

#include "compiler/Syntax/ParserImpl.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

namespace heddle::frontend {

using namespace ast;
using llvm::Twine;

/// Deeper nesting than a person writes is refused before the stack ends.
static constexpr unsigned kMostDepth = 200;
static constexpr unsigned kMostLinks = 2000;

bool Parser::enter() {
  if (depth < kMostDepth) {
    ++depth;
    return true;
  }
  diagnostics.error(peek().range, "nested more than " + Twine(kMostDepth) + " deep");
  return false;
}

/// A chain such as a + a + .. makes a tree as deep as it is long, without nesting.
bool Parser::link() {
  if (links < kMostLinks) {
    ++links;
    return true;
  }
  diagnostics.error(peek().range, "more than " + Twine(kMostLinks) + " operators in one statement");
  return false;
}

ExprPtr Parser::wholeExpression() {
  ExprPtr expr = expression();
  if (expr && peek().kind != Token::End)
    return fail("the end of the expression");
  return expr;
}

ExprPtr Parser::expression() {
  if (!enter())
    return nullptr;
  llvm::scope_exit leave([&] { --depth; });
  if (!at("if"))
    return orExpression();
  SourceRange begin = take().range;
  auto expr = std::make_unique<IfExpr>(begin);
  if (!(expr->condition = expression()) || !expect("then", "behind the condition of if") ||
      !(expr->thenExpr = expression()) || !expect("else", "behind the value of then") ||
      !(expr->elseExpr = expression()))
    return nullptr;
  expr->range = from(begin);
  return expr;
}

static ExprPtr binary(Operator op, ExprPtr lhs, ExprPtr rhs) {
  auto expr = std::make_unique<BinaryExpr>(lhs->range.to(rhs->range));
  expr->op = op;
  expr->lhs = std::move(lhs);
  expr->rhs = std::move(rhs);
  return expr;
}

ExprPtr Parser::orExpression() {
  ExprPtr lhs = andExpression();
  while (lhs && at("or")) {
    take();
    ExprPtr rhs = link() ? andExpression() : nullptr;
    lhs = rhs ? binary(Operator::Or, std::move(lhs), std::move(rhs)) : nullptr;
  }
  return lhs;
}

ExprPtr Parser::andExpression() {
  ExprPtr lhs = notExpression();
  while (lhs && at("and")) {
    take();
    ExprPtr rhs = link() ? notExpression() : nullptr;
    lhs = rhs ? binary(Operator::And, std::move(lhs), std::move(rhs)) : nullptr;
  }
  return lhs;
}

ExprPtr Parser::notExpression() {
  if (!at("not"))
    return comparison();
  if (!enter())
    return nullptr;
  llvm::scope_exit leave([&] { --depth; });
  SourceRange begin = take().range;
  auto expr = std::make_unique<UnaryExpr>(begin);
  expr->op = Operator::Not;
  if (!(expr->operand = notExpression()))
    return nullptr;
  expr->range = from(begin);
  return expr;
}

static std::optional<Operator> comparisonOf(const Token &token) {
  if (token.kind != Token::Punctuation)
    return std::nullopt;
  if (token.text == "<") return Operator::Less;
  if (token.text == "<=") return Operator::LessEqual;
  if (token.text == ">") return Operator::Greater;
  if (token.text == ">=") return Operator::GreaterEqual;
  if (token.text == "==") return Operator::Equal;
  if (token.text == "!=") return Operator::NotEqual;
  return std::nullopt;
}

ExprPtr Parser::comparison() {
  ExprPtr first = sum();
  if (!first || !comparisonOf(peek()))
    return first;
  auto expr = std::make_unique<CompareExpr>(first->range);
  expr->operands.push_back(std::move(first));
  while (std::optional<Operator> op = comparisonOf(peek())) {
    take();
    ExprPtr next = sum();
    if (!next)
      return nullptr;
    expr->ops.push_back(*op);
    expr->operands.push_back(std::move(next));
  }
  expr->range = from(expr->range);
  return expr;
}

ExprPtr Parser::sum() {
  ExprPtr lhs = product();
  while (lhs && (at("+") || at("-"))) {
    Operator op = take().text == "+" ? Operator::Add : Operator::Sub;
    ExprPtr rhs = link() ? product() : nullptr;
    lhs = rhs ? binary(op, std::move(lhs), std::move(rhs)) : nullptr;
  }
  return lhs;
}

ExprPtr Parser::product() {
  ExprPtr lhs = unary();
  while (lhs && (at("*") || at("/") || at("//") || at("%"))) {
    llvm::StringRef text = take().text;
    Operator op = text == "*" ? Operator::Mul : text == "/" ? Operator::Div
                  : text == "//" ? Operator::FloorDiv : Operator::Mod;
    ExprPtr rhs = link() ? unary() : nullptr;
    lhs = rhs ? binary(op, std::move(lhs), std::move(rhs)) : nullptr;
  }
  return lhs;
}

ExprPtr Parser::unary() {
  if (!enter())
    return nullptr;
  llvm::scope_exit leave([&] { --depth; });
  if (at("-")) {
    SourceRange begin = take().range;
    auto expr = std::make_unique<UnaryExpr>(begin);
    expr->op = Operator::Neg;
    if (!(expr->operand = unary()))
      return nullptr;
    expr->range = from(begin);
    return expr;
  }
  ExprPtr base = postfix();
  if (!base || !at("^"))
    return base;
  take();
  ExprPtr exponent = unary();
  return exponent ? binary(Operator::Pow, std::move(base), std::move(exponent)) : nullptr;
}

ExprPtr Parser::postfix() {
  ExprPtr base = primary();
  while (base && at("[")) {
    if (!link())
      return nullptr;
    Token open = take();
    auto expr = std::make_unique<SubscriptExpr>(base->range);
    expr->base = std::move(base);
    do {
      SubscriptExpr::Place place;
      if (at("...")) {
        if (!expr->subscripts.empty())
          return fail("a subscript (... stands first only)");
        take();
      } else {
        if (!(place.expr = expression()))
          return nullptr;
        // `pad` is a keyword behind an expression in brackets only.
        if (peek().kind == Token::Name && peek().text == "pad") {
          take();
          if (!(place.pad = expression()))
            return nullptr;
        }
      }
      expr->subscripts.push_back(std::move(place));
    } while (opt(","));
    if (!close("]", open))
      return nullptr;
    expr->range = from(expr->range);
    base = std::move(expr);
  }
  return base;
}

ExprPtr Parser::number() {
  const Token &token = take();
  auto expr = std::make_unique<NumberExpr>(token.range);
  expr->isInteger = token.kind == Token::Integer;
  if (expr->isInteger) {
    if (token.text.getAsInteger(10, expr->integer)) {
      diagnostics.error(token.range, "the integer does not fit 64 bits");
      return nullptr;
    }
  } else if (token.text.getAsDouble(expr->real) || !std::isfinite(expr->real)) {
    diagnostics.error(token.range, "the number does not fit a double");
    return nullptr;
  }
  return expr;
}

std::unique_ptr<StringExpr> Parser::string(const Twine &what) {
  if (peek().kind != Token::Text)
    return fail(what);
  const Token &token = take();
  auto expr = std::make_unique<StringExpr>(token.range);
  llvm::StringRef rest = token.text;
  uint32_t offset = token.range.begin + 1;
  while (!rest.empty()) {
    size_t open = rest.find('{');
    if (open) {
      expr->parts.push_back({rest.take_front(open).str(), nullptr});
      if (open == llvm::StringRef::npos)
        break;
      rest = rest.drop_front(open);
      offset += open;
    }
    size_t end = rest.find('}');
    if (end == llvm::StringRef::npos) {
      diagnostics.error({token.range.file, offset, offset + 1}, "this { has no } in the text");
      return nullptr;
    }
    SourceRange inner{token.range.file, offset + 1, uint32_t(offset + end)};
    if (depth >= kMostDepth) {
      diagnostics.error(token.range, "nested more than " + Twine(kMostDepth) + " deep");
      return nullptr;
    }
    Parser parser(sources, lexRange(sources, inner, diagnostics), diagnostics);
    parser.depth = depth + 1;
    parser.inText = true;
    ExprPtr value = parser.wholeExpression();
    if (!value)
      return nullptr;
    expr->parts.push_back({"", std::move(value)});
    rest = rest.drop_front(end + 1);
    offset += end + 1;
  }
  return expr;
}

/// `name[` .. `](`: a bracket match tells an axis operator from a subscript.
bool Parser::isAxisOperator() const {
  if (peek().kind != Token::Name || !peek(1).is("["))
    return false;
  unsigned open = 0;
  for (unsigned i = 1;; ++i) {
    const Token &token = peek(i);
    if (token.kind == Token::End || token.kind == Token::NewLine)
      return false;
    if (token.is("[") || token.is("("))
      ++open;
    if ((token.is("]") || token.is(")")) && --open == 0)
      return peek(i + 1).is("(");
  }
}

/// `(a b)`, `(a: N b)`, `(2 b)`: values never stand side by side.
bool Parser::isComposite() const {
  auto digit = [](const Token &t) { return t.kind == Token::Name || t.kind == Token::Integer; };
  return peek().is("(") && digit(peek(1)) &&
         (digit(peek(2)) || (peek(1).kind == Token::Name && peek(2).is(":")));
}

ExprPtr Parser::primary() {
  const Token &token = peek();
  switch (token.kind) {
  case Token::Integer:
  case Token::Real:
    return number();
  case Token::Text:
    return string("a text");
  case Token::Name:
    return name();
  default:
    break;
  }
  if (at("true") || at("false")) {
    auto expr = std::make_unique<BoolExpr>(token.range);
    expr->value = take().text == "true";
    return expr;
  }
  if (at("("))
    return parenthesis();
  if (at("["))
    return list();
  return fail("a value");
}

ExprPtr Parser::name() {
  bool axis = isAxisOperator();
  Token token = take();
  if (axis)
    return axisOperator(token);
  if (at("("))
    return call(token);
  if (at(".") && peek(1).kind == Token::Name) {
    take();
    auto expr = std::make_unique<FieldExpr>(token.range);
    expr->base = token.text.str();
    expr->field = take().text.str();
    expr->range = from(token.range);
    return expr;
  }
  return std::make_unique<NameExpr>(token.text.str(), token.range);
}

ExprPtr Parser::call(const Token &callee) {
  auto expr = std::make_unique<CallExpr>(callee.range);
  expr->callee = callee.text.str();
  expr->calleeRange = callee.range;
  Token open = take();
  if (!at(")")) {
    do {
      Argument argument;
      if (peek().kind == Token::Name && peek(1).is("=")) {
        argument.name = take().text.str();
        take();
      }
      if (!(argument.value = expression()))
        return nullptr;
      expr->args.push_back(std::move(argument));
    } while (opt(","));
  }
  if (!close(")", open))
    return nullptr;
  expr->range = from(callee.range);
  if (!opt("@"))
    return expr;
  if (!(expr->scope = string("the place of the weights, a text")))
    return nullptr;
  // A text behind the `:` tells renames from a body; a weight may be called `weight`.
  auto isName = [&](const Token &t) { return t.kind == Token::Name || t.kind == Token::Keyword; };
  if (at("{") && isName(peek(1)) && peek(2).is(":") && peek(3).kind == Token::Text) {
    Token brace = take();
    do {
      CallExpr::Rename rename;
      if (!isName(peek()))
        return fail("the name of a weight");
      rename.name = take().text.str();
      if (!expect(":", "behind the weight's name"))
        return nullptr;
      if (!(rename.path = string("the weight's name in the checkpoint, a text")))
        return nullptr;
      expr->renames.push_back(std::move(rename));
    } while (opt(","));
    if (!close("}", brace))
      return nullptr;
  }
  expr->range = from(callee.range);
  return expr;
}

ExprPtr Parser::axisOperator(const Token &op) {
  auto expr = std::make_unique<AxisExpr>(op.range);
  expr->op = op.text.str();
  expr->opRange = op.range;
  Token open = take();
  auto axis = [&](AxisName &name) {
    name.range = peek().range;
    if (!expectName(name.name, "the name of an axis"))
      return false;
    if (opt(":") && !(name.extent = sum()))
      return false;
    name.range = from(name.range);
    return true;
  };
  do {
    AxisName name;
    if (!axis(name))
      return nullptr;
    expr->axes.push_back(std::move(name));
  } while (opt(","));
  if (opt("->")) {
    expr->to = std::make_unique<AxisName>();
    if (!axis(*expr->to))
      return nullptr;
  }
  if (opt("where") && !(expr->where = expression()))
    return nullptr;
  if (!close("]", open))
    return nullptr;
  Token paren = peek();
  if (!expect("(", "behind the brackets of an axis operator"))
    return nullptr;
  do {
    ExprPtr arg = expression();
    if (!arg)
      return nullptr;
    expr->args.push_back(std::move(arg));
  } while (opt(","));
  if (!close(")", paren))
    return nullptr;
  expr->range = from(op.range);
  return expr;
}

bool Parser::digits(std::vector<Digit> &digits, const Token &open) {
  while (!at(")")) {
    Digit digit;
    digit.range = peek().range;
    if (peek().kind == Token::Integer) {
      digit.kind = Digit::Integer;
      if (take().text.getAsInteger(10, digit.integer)) {
        diagnostics.error(digit.range, "the integer does not fit 64 bits");
        return false;
      }
    } else if (peek().kind == Token::Name) {
      digit.name = take().text.str();
      if (digit.name == "_")
        digit.kind = Digit::Underscore;
      if (opt(":") && !(digit.extent = sum()))
        return false;
      digit.range = from(digit.range);
    } else {
      fail("an index or ')' in a composite");
      diagnostics.note(open.range, "the composite begins here: names side by side, as in (h d)");
      return false;
    }
    digits.push_back(std::move(digit));
  }
  return close(")", open);
}

ExprPtr Parser::parenthesis() {
  bool composite = isComposite();
  Token open = take();
  if (composite) {
    auto expr = std::make_unique<CompositeExpr>(open.range);
    if (!digits(expr->digits, open))
      return nullptr;
    expr->range = from(open.range);
    return expr;
  }
  ExprPtr first = expression();
  if (!first)
    return nullptr;
  if (!at(",")) {
    if (!close(")", open))
      return nullptr;
    // The parentheses belong to what stands in them, for carets.
    first->range = from(open.range);
    return first;
  }
  auto expr = std::make_unique<TupleExpr>(open.range);
  expr->items.push_back(std::move(first));
  while (opt(",")) {
    ExprPtr item = expression();
    if (!item)
      return nullptr;
    expr->items.push_back(std::move(item));
  }
  if (!close(")", open))
    return nullptr;
  expr->range = from(open.range);
  return expr;
}

ExprPtr Parser::list() {
  Token open = take();
  auto expr = std::make_unique<ListExpr>(open.range);
  if (!at("]")) {
    do {
      ExprPtr item = expression();
      if (!item)
        return nullptr;
      expr->items.push_back(std::move(item));
    } while (opt(","));
  }
  if (!close("]", open))
    return nullptr;
  expr->range = from(open.range);
  return expr;
}

} // namespace heddle::frontend
