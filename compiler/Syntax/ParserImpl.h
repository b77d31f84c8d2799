//===- ParserImpl.h - The parser's class ----------------------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_PARSERIMPL_H
#define HEDDLE_COMPILER_SYNTAX_PARSERIMPL_H

#include "compiler/Syntax/Ast.h"
#include "compiler/Syntax/Lexer.h"

namespace heddle::frontend {

/// Recursive descent, a function for each form of the grammar. A function that
/// fails has reported why and returns null; its callers return at once, up to
/// the statement or item, which is skipped.
class Parser {
public:
  Parser(const SourceManager &sources, Tokens tokens, Diagnostics &diagnostics)
      : sources(sources), tokens(std::move(tokens)), diagnostics(diagnostics) {}

  std::unique_ptr<ast::File> file();
  /// An expression that is all there is (inside a text).
  ast::ExprPtr wholeExpression();

private:
  // Tokens.
  const Token &peek(unsigned ahead = 0) const;
  const Token &take();
  bool at(llvm::StringRef text) const { return peek().is(text); }
  bool opt(llvm::StringRef text);
  bool expect(llvm::StringRef text, const llvm::Twine &where);
  bool expectName(std::string &name, const llvm::Twine &what);
  bool close(llvm::StringRef text, const Token &open);
  void skipNewLines();
  bool endOfStatement();
  std::nullptr_t fail(const llvm::Twine &wanted);
  SourceRange from(SourceRange begin) const { return begin.to(last); }
  void skipStatement();
  void skipItem(size_t start);

  // Items.
  std::unique_ptr<ast::Item> item();
  std::unique_ptr<ast::Item> config();
  std::unique_ptr<ast::Item> fn();
  std::unique_ptr<ast::Item> block();
  std::unique_ptr<ast::Item> state();
  bool staticType(ast::StaticTypeAst &type);
  bool params(std::vector<ast::Param> &params);
  bool results(std::vector<ast::Result> &results);
  bool facts(std::vector<ast::ExprPtr> &facts);
  std::unique_ptr<ast::TypeAst> type();
  std::unique_ptr<ast::WeightDecl> weightDecl();
  std::string docAbove(SourceRange range) const;

  // Statements.
  bool body(ast::Body &body);
  ast::StmtPtr statement();
  ast::StmtPtr ifStatement();
  ast::StmtPtr forOrLoop();
  ast::StmtPtr assignment();
  ast::StmtPtr write(std::string name, std::string field, SourceRange begin);
  bool places(std::vector<ast::Place> &places);
  bool target(ast::Target &target);
  bool writesElements() const;

  // Expressions.
  ast::ExprPtr expression();
  ast::ExprPtr orExpression();
  ast::ExprPtr andExpression();
  ast::ExprPtr notExpression();
  ast::ExprPtr comparison();
  ast::ExprPtr sum();
  ast::ExprPtr product();
  ast::ExprPtr unary();
  ast::ExprPtr postfix();
  ast::ExprPtr primary();
  ast::ExprPtr number();
  std::unique_ptr<ast::StringExpr> string(const llvm::Twine &what);
  ast::ExprPtr name();
  ast::ExprPtr call(const Token &callee);
  ast::ExprPtr axisOperator(const Token &op);
  ast::ExprPtr parenthesis();
  ast::ExprPtr list();
  bool digits(std::vector<ast::Digit> &digits, const Token &open);
  bool isAxisOperator() const;
  bool isComposite() const;
  bool enter();
  bool link();

  const SourceManager &sources;
  Tokens tokens;
  Diagnostics &diagnostics;
  size_t position = 0;
  unsigned depth = 0;
  bool inText = false; ///< the tokens are those of `{..}` in a text
  unsigned links = 0; ///< operators and subscripts of this statement so far
  SourceRange last; ///< of the token that was taken last
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_SYNTAX_PARSERIMPL_H
