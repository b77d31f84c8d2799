//===- Lexer.cpp - Tokens of model files ----------------------------------===//

#include "compiler/Syntax/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace heddle::frontend {

using llvm::Twine;

static constexpr size_t kMostTokens = 2000000;
static constexpr size_t kMostNameBytes = 255;

bool isKeyword(llvm::StringRef word) {
  static const llvm::StringSet<> words = {
      "model", "use", "config", "let", "fn", "block", "entry", "weight", "state", "where",
      "example", "from", "in", "if", "then", "else", "for", "loop", "while", "scan", "yield",
      "return", "require", "dim", "and", "or", "not", "true", "false"};
  return words.contains(word);
}

/// Behind these a statement goes on.
static bool opensLine(const Token &token) {
  static const llvm::StringSet<> words = {
      "+", "-", "*", "/", "//", "%", "^", "=", ":=", "+=", "->", ",", "<", "<=", ">", ">=",
      "==", "!=", "and", "or", "not", "where", "then", "else", "@", ":"};
  return (token.kind == Token::Punctuation || token.kind == Token::Keyword) && words.contains(token.text);
}

/// With these at its beginning a line goes on with the one above.
static bool continuesLine(const Token &token) {
  static const llvm::StringSet<> words = {
      "+", "-", "*", "/", "//", "%", "^", "@", "->", "where", "example", "then", "else", "and",
      "or", "<", "<=", ">", ">=", "==", "!=", "{"};
  return (token.kind == Token::Punctuation || token.kind == Token::Keyword) && words.contains(token.text);
}

namespace {

class Lexer {
public:
  Lexer(const SourceManager &sources, SourceRange range, Diagnostics &diagnostics)
      : text(sources.contents(range.file)), file(range.file),
        at(range.begin), end(range.end), diagnostics(diagnostics) {}

  Tokens run() {
    // What follows the last message is not looked at.
    while (at < end && !diagnostics.full()) {
      if (raw.size() == kMostTokens) {
        diagnostics.error({file, at, at}, "the file has more than " + Twine(kMostTokens) + " words and marks");
        at = end;
        break;
      }
      next();
    }
    push(Token::End, end);
    return {joinLines(), std::move(comments)};
  }

private:
  SourceRange rangeFrom(uint32_t begin) const { return {file, begin, at}; }

  void push(Token::Kind kind, uint32_t begin) {
    raw.push_back({kind, text.slice(begin, at), {file, begin, at}});
  }

  void next() {
    uint32_t begin = at;
    char c = text[at];
    if (c == ' ' || c == '\t' || c == '\r') {
      ++at;
      return;
    }
    if (c == '\n') {
      ++at;
      push(Token::NewLine, begin);
      return;
    }
    if (c == '#') {
      while (at < end && text[at] != '\n')
        ++at;
      bool own = raw.empty() || raw.back().kind == Token::NewLine;
      uint32_t last = at;
      while (last > begin && (text[last - 1] == '\r' || text[last - 1] == ' '))
        --last;
      comments.push_back({{file, begin, last}, own});
      return;
    }
    if (llvm::isDigit(c))
      return number();
    if (llvm::isAlpha(c) || c == '_') {
      while (at < end && (llvm::isAlnum(text[at]) || text[at] == '_'))
        ++at;
      if (at - begin > kMostNameBytes)
        diagnostics.error(rangeFrom(begin), "this name has " + Twine(at - begin) + " letters; a name has at most " +
                                                Twine(kMostNameBytes));
      push(isKeyword(text.slice(begin, at)) ? Token::Keyword : Token::Name, begin);
      return;
    }
    if (c == '"')
      return string();
    for (llvm::StringRef mark : {"...", "..", "->", ":=", "+=", "<=", ">=", "==", "!=", "//"}) {
      if (!text.slice(at, end).starts_with(mark))
        continue;
      at += mark.size();
      push(Token::Punctuation, begin);
      return;
    }
    if (llvm::StringRef("+-*/%^@()[]{},:;<>=.").contains(c)) {
      ++at;
      push(Token::Punctuation, begin);
      return;
    }
    // A run of strange bytes is one error.
    ++at;
    if (static_cast<unsigned char>(c) >= 0x80) {
      while (at < end && static_cast<unsigned char>(text[at]) >= 0x80)
        ++at;
      diagnostics.error(rangeFrom(begin), "a model file is ASCII; only comments hold other characters");
    } else if (c == '\0') {
      diagnostics.error(rangeFrom(begin), "a NUL byte; is this a text file?");
    } else if (llvm::isPrint(c)) {
      diagnostics.error(rangeFrom(begin), Twine("strange character '") + Twine(c) + "'");
    } else {
      diagnostics.error(rangeFrom(begin), Twine("strange character with code ") + Twine(int(c)));
    }
  }

  /// `0 .. n` and `0..n`: a point needs a digit on both sides.
  void number() {
    uint32_t begin = at;
    bool real = false;
    auto digits = [&] {
      while (at < end && llvm::isDigit(text[at]))
        ++at;
    };
    digits();
    if (at + 1 < end && text[at] == '.' && llvm::isDigit(text[at + 1])) {
      real = true;
      ++at;
      digits();
    }
    if (at < end && (text[at] == 'e' || text[at] == 'E')) {
      uint32_t exponent = at + 1;
      if (exponent < end && (text[exponent] == '+' || text[exponent] == '-'))
        ++exponent;
      if (exponent < end && llvm::isDigit(text[exponent])) {
        real = true;
        at = exponent;
        digits();
      }
    }
    if (at < end && (llvm::isAlpha(text[at]) || text[at] == '_')) {
      while (at < end && (llvm::isAlnum(text[at]) || text[at] == '_'))
        ++at;
      diagnostics.error(rangeFrom(begin), Twine("'") + text.slice(begin, at) + "' is neither a number nor a name");
    }
    push(real ? Token::Real : Token::Integer, begin);
  }

  void string() {
    uint32_t begin = at++;
    while (at < end && text[at] != '"' && text[at] != '\n')
      ++at;
    raw.push_back({Token::Text, text.slice(begin + 1, at), {file, begin, at}});
    if (at < end && text[at] == '"')
      ++at;
    else
      diagnostics.error(rangeFrom(begin), "the text does not end on its line");
    raw.back().range.end = at;
  }

  /// Does a statement or an item begin at `raw[i]`, which begins a line? Says yes
  /// only to what can stand in no bracket, so that a bracket that was left open
  /// hides no more than its own statement.
  bool beginsStatement(size_t i) const {
    static const llvm::StringSet<> words = {
        "model", "use", "config", "let", "fn", "block", "entry", "weight", "state", "for", "loop",
        "yield", "return", "require", "dim"};
    if (raw[i].kind == Token::Keyword)
      return words.contains(raw[i].text);
    if (raw[i].kind != Token::Name && !raw[i].is("("))
      return false;
    int depth = 0;
    for (size_t k = i; k < raw.size() && raw[k].kind != Token::NewLine && depth >= 0; ++k) {
      if (raw[k].is("(") || raw[k].is("["))
        ++depth;
      else if (raw[k].is(")") || raw[k].is("]"))
        --depth;
      else if (depth == 0 && (raw[k].is(":=") || raw[k].is("+=")))
        return true;
      else if (depth == 0 && raw[k].is("="))
        return k != i + 1; // `f(` over `a = 1` is an argument with a name
    }
    return false;
  }

  std::vector<Token> joinLines() {
    std::vector<Token> result;
    // Braces inside parentheses (the renames of a call) keep their depth.
    std::vector<char> open;
    for (size_t i = 0; i < raw.size(); ++i) {
      const Token &token = raw[i];
      if (token.kind == Token::Punctuation) {
        char c = token.text[0];
        if (token.text.size() == 1) {
          if (c == '(' || c == '[' || c == '{')
            open.push_back(c);
          else if (c == '}') {
            // Brackets that were left open end with the body.
            while (!open.empty() && open.back() != '{')
              open.pop_back();
            if (!open.empty())
              open.pop_back();
          } else if ((c == ')' || c == ']') && !open.empty() && open.back() != '{') {
            open.pop_back();
          }
        }
      }
      if (token.kind != Token::NewLine) {
        result.push_back(token);
        continue;
      }
      if (!open.empty() && open.back() != '{') {
        size_t next = i + 1;
        while (next < raw.size() && raw[next].kind == Token::NewLine)
          ++next;
        if (next >= raw.size() || !beginsStatement(next))
          continue;
        while (!open.empty() && open.back() != '{')
          open.pop_back();
      }
      if (result.empty() || result.back().kind == Token::NewLine || opensLine(result.back()))
        continue;
      size_t next = i + 1;
      while (next < raw.size() && raw[next].kind == Token::NewLine)
        ++next;
      if (next < raw.size() && continuesLine(raw[next]))
        continue;
      result.push_back(token);
    }
    return result;
  }

  llvm::StringRef text;
  int32_t file;
  uint32_t at, end;
  Diagnostics &diagnostics;
  std::vector<Token> raw;
  std::vector<Comment> comments;
};

} // namespace

Tokens lexRange(const SourceManager &sources, SourceRange range, Diagnostics &diagnostics) {
  return Lexer(sources, range, diagnostics).run();
}

Tokens lex(const SourceManager &sources, int32_t file, Diagnostics &diagnostics) {
  llvm::StringRef text = sources.contents(file);
  if (text.size() > kMostModelBytes) {
    diagnostics.error({file, 0, 0}, "the file has " + Twine(text.size() >> 20) + " MB; a model has at most 16");
    return lexRange(sources, {file, 0, 0}, diagnostics);
  }
  return lexRange(sources, {file, 0, uint32_t(text.size())}, diagnostics);
}

} // namespace heddle::frontend
