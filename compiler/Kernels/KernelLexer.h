//===- KernelLexer.h - Tokens of the text form of kernels -----------------===//

#ifndef HEDDLE_COMPILER_KERNELS_KERNELLEXER_H
#define HEDDLE_COMPILER_KERNELS_KERNELLEXER_H

#include <cstddef>
#include <string>
#include <string_view>

namespace heddle::kernels {

struct Token {
  enum Kind { End, Name, Integer, Real, Mark, Wrong } kind = End;
  std::string_view text;
  size_t at = 0; ///< where it begins
  bool is(std::string_view mark) const { return (kind == Mark || kind == Name) && text == mark; }
};

/// The token that begins at or behind `at`. Wrong: a byte that begins none.
inline Token lexAt(std::string_view text, size_t at) {
  auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  auto isWord = [&](char c) { return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  auto peek = [&](size_t i) { return i < text.size() ? text[i] : '\0'; };
  for (; at < text.size(); ++at) {
    if (text[at] == '#')
      while (peek(at + 1) != '\n' && at + 1 < text.size())
        ++at;
    else if (text[at] != ' ' && text[at] != '\t' && text[at] != '\n' && text[at] != '\r')
      break;
  }
  if (at >= text.size())
    return {Token::End, {}, text.size()};
  size_t end = at + 1;
  auto token = [&](Token::Kind kind) { return Token{kind, text.substr(at, end - at), at}; };
  if (isDigit(text[at])) {
    bool isHex = text[at] == '0' && peek(end) == 'x', isReal = isHex;
    while (true) {
      char c = peek(end), before = text[end - 1];
      bool isExponent = isHex ? before == 'p' : before == 'e';
      if (c == '.' && peek(end + 1) == '.')
        break; // `1..2`
      if (!isWord(c) && c != '.' && !((c == '+' || c == '-') && isExponent))
        break;
      isReal |= !isDigit(c);
      ++end;
    }
    return token(isReal ? Token::Real : Token::Integer);
  }
  if (isWord(text[at])) {
    while (isWord(peek(end)))
      ++end;
    return token(Token::Name);
  }
  for (std::string_view mark : {"->", "..", "<=", ">=", "==", "!=", "//"})
    if (text.substr(at, 2) == mark) {
      end = at + 2;
      return token(Token::Mark);
    }
  bool isMark = std::string_view("{}[]()|,:?$+-*/%<>=").find(text[at]) != std::string_view::npos;
  return token(isMark ? Token::Mark : Token::Wrong);
}

/// "line:column" of a place, both from 1.
inline std::string placeIn(std::string_view text, size_t at) {
  size_t line = 1, begin = 0;
  for (size_t i = 0; i < at && i < text.size(); ++i)
    if (text[i] == '\n') {
      ++line;
      begin = i + 1;
    }
  return std::to_string(line) + ":" + std::to_string(at - begin + 1);
}

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_KERNELLEXER_H
