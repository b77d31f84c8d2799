//===- ParseStatement.cpp - Statements ------------------------------------===//

#include "compiler/Syntax/ParserImpl.h"

#include "llvm/ADT/ScopeExit.h"

namespace heddle::frontend {

using namespace ast;
using llvm::Twine;

bool Parser::body(Body &body) {
  if (!enter())
    return false;
  llvm::scope_exit leave([&] { --depth; });
  Token open = peek();
  if (!expect("{", "before the statements"))
    return false;
  skipNewLines();
  while (!at("}") && peek().kind != Token::End && !diagnostics.full()) {
    unsigned before = diagnostics.numErrors();
    if (StmtPtr stmt = statement())
      body.push_back(std::move(stmt));
    // A wrong statement is skipped; the next one may be wrong in another way.
    if (diagnostics.numErrors() != before || !endOfStatement())
      skipStatement();
    skipNewLines();
  }
  return close("}", open);
}

StmtPtr Parser::statement() {
  links = 0;
  SourceRange begin = peek().range;
  auto done = [&](auto stmt) -> StmtPtr {
    stmt->range = from(begin);
    return stmt;
  };
  if (opt("let")) {
    auto stmt = std::make_unique<LetStmt>(begin);
    if (!expectName(stmt->name, "a name") || !expect("=", "behind the name") || !(stmt->value = expression()))
      return nullptr;
    return done(std::move(stmt));
  }
  if (at("weight")) {
    auto stmt = std::make_unique<WeightStmt>(begin);
    if (!(stmt->decl = weightDecl()))
      return nullptr;
    return done(std::move(stmt));
  }
  if (opt("dim")) {
    auto stmt = std::make_unique<DimStmt>(begin);
    if (!expectName(stmt->name, "the dimension's name") || !expect("<=", "behind the dimension: it needs a bound") ||
        !(stmt->bound = sum()) || !expect("=", "behind the bound") || !(stmt->value = expression()))
      return nullptr;
    return done(std::move(stmt));
  }
  if (opt("require")) {
    auto stmt = std::make_unique<RequireStmt>(begin);
    if (!(stmt->condition = expression()) || !expect(",", "behind the condition"))
      return nullptr;
    if (peek().kind != Token::Text)
      return fail("the status's text");
    stmt->text = take().text.str();
    return done(std::move(stmt));
  }
  if (opt("return")) {
    auto stmt = std::make_unique<ReturnStmt>(begin);
    if (!(stmt->value = expression()))
      return nullptr;
    return done(std::move(stmt));
  }
  if (opt("yield")) {
    auto stmt = std::make_unique<YieldStmt>(begin);
    if (!(stmt->value = expression()))
      return nullptr;
    return done(std::move(stmt));
  }
  if (at("if"))
    return ifStatement();
  if (at("for") || at("loop"))
    return forOrLoop();
  if (peek().kind == Token::Name && peek(1).is("(")) {
    auto stmt = std::make_unique<CallStmt>(begin);
    if (!(stmt->call = postfix()))
      return nullptr;
    if (at("=") || at(":=") || at("+="))
      return fail("the end of the call (a call cannot be given a value)");
    return done(std::move(stmt));
  }
  if (peek().kind == Token::Name || at("("))
    return assignment();
  return fail("a statement");
}

StmtPtr Parser::ifStatement() {
  if (!enter())
    return nullptr;
  llvm::scope_exit leave([&] { --depth; });
  SourceRange begin = take().range;
  auto stmt = std::make_unique<IfStmt>(begin);
  if (!(stmt->condition = expression()) || !body(stmt->thenBody))
    return nullptr;
  if (opt("else")) {
    if (at("{")) {
      if (!body(stmt->elseBody))
        return nullptr;
    } else {
      StmtPtr other = statement();
      if (!other)
        return nullptr;
      stmt->elseIf = true;
      stmt->elseBody.push_back(std::move(other));
    }
  }
  stmt->range = from(begin);
  return stmt;
}

StmtPtr Parser::forOrLoop() {
  SourceRange begin = peek().range;
  bool isFor = take().text == "for";
  std::string name;
  ExprPtr first, end;
  if (!expectName(name, "the variable of the loop") || !expect("in", "behind the variable") || !(first = sum()) ||
      !expect("..", "between the bounds") || !(end = sum()))
    return nullptr;
  if (isFor) {
    auto stmt = std::make_unique<ForStmt>(begin);
    stmt->name = name;
    stmt->begin = std::move(first);
    stmt->end = std::move(end);
    if (!body(stmt->body))
      return nullptr;
    stmt->range = from(begin);
    return stmt;
  }
  auto stmt = std::make_unique<LoopStmt>(begin);
  stmt->name = name;
  stmt->begin = std::move(first);
  stmt->end = std::move(end);
  if (opt("while") && !(stmt->condition = expression()))
    return nullptr;
  if (!body(stmt->body))
    return nullptr;
  stmt->range = from(begin);
  return stmt;
}

/// Is the statement that begins here a write (`:=`, `+=`) of elements?
bool Parser::writesElements() const {
  unsigned open = 0;
  for (unsigned i = 0;; ++i) {
    const Token &token = peek(i);
    if (token.kind == Token::End || (!open && token.kind == Token::NewLine) || token.is("{"))
      return false;
    if (token.is("(") || token.is("["))
      ++open;
    if ((token.is(")") || token.is("]")) && open)
      --open;
    if (!open && (token.is(":=") || token.is("+=")))
      return true;
    if (!open && token.is("="))
      return false;
  }
}

bool Parser::places(std::vector<Place> &places) {
  Token open = take();
  do {
    Place place;
    place.range = peek().range;
    if (at("...") && std::any_of(places.begin(), places.end(), [](auto &p) { return p.kind == Place::Ellipsis; })) {
      fail("an index (... stands once on the left)");
      return false;
    }
    if (opt("...")) {
      place.kind = Place::Ellipsis;
    } else if (at("(")) {
      place.kind = Place::Composite;
      Token paren = take();
      if (!digits(place.digits, paren))
        return false;
    } else if (peek().kind == Token::Name) {
      if (!expectName(place.name, "an index"))
        return false;
      if (opt(":") && !(place.extent = expression()))
        return false;
    } else {
      fail("an index on the left (a definition by = takes indices only; := writes at computed places)");
      return false;
    }
    place.range = from(place.range);
    if (!at(",") && !at("]")) {
      fail("',' or ']' behind the index (a definition by = takes indices only; := writes at computed places)");
      return false;
    }
    places.push_back(std::move(place));
  } while (opt(","));
  return close("]", open);
}

bool Parser::target(Target &target) {
  target.range = peek().range;
  if (!expectName(target.name, "a name"))
    return false;
  if (at(".")) {
    take();
    std::string field = peek().kind == Token::Name ? take().text.str() : "..";
    diagnostics.error(from(target.range), target.name + "." + field + " is state; it changes by := or +=");
    return false;
  }
  if (at("[")) {
    target.hasPlaces = true;
    if (!places(target.places))
      return false;
  }
  if (opt(":") && !(target.type = type()))
    return false;
  target.range = from(target.range);
  return true;
}

StmtPtr Parser::assignment() {
  SourceRange begin = peek().range;
  if (peek().kind == Token::Name && writesElements()) {
    std::string name, field;
    if (!expectName(name, "a name"))
      return nullptr;
    if (opt(".") && !expectName(field, "a field of the state"))
      return nullptr;
    return write(std::move(name), std::move(field), begin);
  }
  std::vector<Target> targets;
  bool parenthesized = at("(");
  if (parenthesized) {
    Token open = take();
    do {
      Target next;
      if (!target(next))
        return nullptr;
      targets.push_back(std::move(next));
    } while (opt(","));
    if (!close(")", open))
      return nullptr;
    if (at("[")) {
      auto stmt = std::make_unique<EachStmt>(begin);
      for (Target &target : targets) {
        if (target.hasPlaces || target.type) {
          diagnostics.error(target.range, "(a, b)[..] = .. takes plain names on the left");
          return nullptr;
        }
        stmt->names.push_back(target.name);
      }
      if (!places(stmt->places) || !expect("=", "behind the places") || !(stmt->value = expression()))
        return nullptr;
      stmt->range = from(begin);
      return stmt;
    }
  } else {
    Target only;
    if (!target(only))
      return nullptr;
    targets.push_back(std::move(only));
  }
  auto stmt = std::make_unique<AssignStmt>(begin);
  stmt->targets = std::move(targets);
  stmt->parenthesized = parenthesized;
  if (!expect("=", "or ':=', '+=' behind the left side"))
    return nullptr;
  if (opt("scan")) {
    stmt->scan = std::make_unique<Scan>();
    if (!expectName(stmt->scan->name, "the index of the scan") || !body(stmt->scan->body))
      return nullptr;
  } else if (!(stmt->value = expression())) {
    return nullptr;
  }
  stmt->range = from(begin);
  return stmt;
}

StmtPtr Parser::write(std::string name, std::string field, SourceRange begin) {
  auto stmt = std::make_unique<WriteStmt>(begin);
  stmt->name = std::move(name);
  stmt->field = std::move(field);
  if (at("[")) {
    Token open = take();
    stmt->hasSlots = true;
    do {
      WriteStmt::Slot slot;
      slot.range = peek().range;
      if (peek().kind == Token::Name && peek(1).is(":")) {
        slot.name = take().text.str();
        take();
      }
      if (!(slot.value = expression()))
        return nullptr;
      if (peek().kind == Token::Name && peek().text == "drop") {
        take();
        slot.drop = true;
      }
      slot.range = from(slot.range);
      stmt->slots.push_back(std::move(slot));
    } while (opt(","));
    if (!close("]", open))
      return nullptr;
  }
  if (at("+="))
    stmt->add = true;
  else if (!at(":="))
    return fail("':=' or '+='");
  take();
  if (!(stmt->value = expression()))
    return nullptr;
  stmt->range = from(begin);
  return stmt;
}

} // namespace heddle::frontend
