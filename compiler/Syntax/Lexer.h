//===- Lexer.h - Tokens of model files ------------------------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_LEXER_H
#define HEDDLE_COMPILER_SYNTAX_LEXER_H

#include "compiler/Syntax/Diagnostics.h"

namespace heddle::frontend {

struct Token {
  enum Kind : uint8_t { End, NewLine, Name, Keyword, Integer, Real, Text, Punctuation };
  Kind kind = End;
  llvm::StringRef text; ///< as written; of a Text without its quotes
  SourceRange range;

  bool is(llvm::StringRef what) const {
    return (kind == Keyword || kind == Punctuation) && text == what;
  }
};

/// A comment, for the formatter and for documentation.
struct Comment {
  SourceRange range; ///< from `#` to the end of the line
  bool ownLine;      ///< nothing but blanks before it
};

struct Tokens {
  std::vector<Token> tokens; ///< the last one is End
  std::vector<Comment> comments;
};

/// Cuts a file into tokens. Ends of lines that do not end a statement are left
/// out (LANGUAGE.md section 2): inside ( ) and [ ], behind an operator, before
/// a token that goes on. Errors are reported; what is not a token is skipped.
Tokens lex(const SourceManager &sources, int32_t file, Diagnostics &diagnostics);

/// The same for a part of a file: an expression inside a text.
Tokens lexRange(const SourceManager &sources, SourceRange range, Diagnostics &diagnostics);

bool isKeyword(llvm::StringRef word);

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_SYNTAX_LEXER_H
