//===- Format.cpp - The one style of model files --------------------------===//
//
// Works on tokens, not on the tree: comments and the writer's line breaks are
// kept without being hung onto nodes. Lines are never joined and are broken only
// where the grammar lets a line go on, so the meaning cannot change.
//
//===----------------------------------------------------------------------===//

#include "compiler/Syntax/Format.h"

#include "compiler/Syntax/Lexer.h"
#include "compiler/Syntax/Parser.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"

namespace heddle::frontend {

namespace {

constexpr unsigned kWidth = 120; ///< a longer line is broken
constexpr unsigned kIndent = 2;
constexpr unsigned kContinued = 2; ///< of a line that goes on; twice that for results and in brackets

/// A token or a comment, with what layout needs to know of it.
struct Piece {
  llvm::StringRef text;
  Token::Kind kind = Token::Punctuation;
  unsigned line = 0, column = 0; ///< in the source, from 1
  bool comment = false;
  bool begins = false; ///< a statement, an item or a field begins here
  bool unary = false;  ///< a sign, not a difference
  bool rename = false; ///< a brace around the renames of a call
  unsigned pad = 0;    ///< blanks before it that align a column

  bool is(llvm::StringRef what) const {
    return !comment && (kind == Token::Keyword || kind == Token::Punctuation) && text == what;
  }
  bool isAny(std::initializer_list<llvm::StringRef> words) const {
    return llvm::any_of(words, [&](llvm::StringRef word) { return is(word); });
  }
  bool opens() const { return is("(") || is("[") || (is("{") && rename); }
  bool closes() const { return is(")") || is("]") || (is("}") && rename); }
};

/// Does an operand end with this token?
bool endsOperand(const Piece &piece) {
  return piece.kind == Token::Name || piece.kind == Token::Integer || piece.kind == Token::Real ||
         piece.kind == Token::Text || piece.isAny({")", "]", "true", "false"});
}

/// How tightly things hold together around a break before `b`; -1: it is no place
/// for one.
int tightness(const Piece &a, const Piece &b) {
  if (a.is(",") || b.isAny({"then", "else", "where", "->"}))
    return 0;
  if (b.is("or"))
    return 1;
  if (b.is("and"))
    return 2;
  if (b.isAny({"+", "-"}) && !b.unary)
    return 3;
  return b.isAny({"*", "/", "//", "%"}) ? 4 : -1;
}

class Formatter {
public:
  Formatter(const SourceManager &sources, int32_t file, Diagnostics &diagnostics) {
    collect(sources, file, diagnostics);
    alignColumns();
  }

  std::string run();

private:
  void collect(const SourceManager &sources, int32_t file, Diagnostics &diagnostics);
  void mark();
  void alignColumns();
  void alignRun(llvm::ArrayRef<std::vector<size_t>> run);
  bool spaced(size_t at) const;
  unsigned width(size_t at) const;
  unsigned indentation(size_t at) const;
  size_t breakBefore(size_t begin, size_t end) const;
  void layOut(size_t begin, size_t end);
  void commit(size_t begin, size_t end);
  void flushComments();

  std::vector<Piece> pieces;
  std::string out;

  // The state between two lines of output.
  struct Bracket {
    unsigned column; ///< to which lines inside are aligned
  };
  std::vector<Bracket> brackets;
  unsigned braces = 0, statementBraces = 0;
  bool blank = false;

  /// Lines that are held back until their comments can be aligned.
  struct Row {
    std::string code, comment;
  };
  std::vector<Row> rows;
};

void Formatter::collect(const SourceManager &sources, int32_t file, Diagnostics &diagnostics) {
  Tokens lexed = lex(sources, file, diagnostics);
  llvm::StringRef contents = sources.contents(file);
  auto comment = lexed.comments.begin();
  auto push = [&](SourceRange range) -> Piece & {
    Piece &piece = pieces.emplace_back();
    piece.text = contents.slice(range.begin, range.end);
    std::tie(piece.line, piece.column) = sources.lineAndColumn(range);
    return piece;
  };
  bool begins = true;
  for (const Token &token : lexed.tokens) {
    for (; comment != lexed.comments.end() && comment->range.begin < token.range.begin; ++comment) {
      Piece &piece = push(comment->range);
      piece.comment = true;
      piece.text = piece.text.rtrim();
    }
    if (token.kind == Token::NewLine || token.kind == Token::End) {
      begins = true;
      continue;
    }
    Piece &piece = push(token.range);
    piece.kind = token.kind;
    piece.begins = begins;
    begins = token.is("{") || token.is(";");
  }
  for (; comment != lexed.comments.end(); ++comment) {
    Piece &piece = push(comment->range);
    piece.comment = true;
    piece.text = piece.text.rtrim();
  }
  mark();
}

/// Finds signs and the braces of renames; drops `;` at the end of a line.
void Formatter::mark() {
  std::vector<bool> open; // braces: is it a rename's?
  for (size_t i = 0; i < pieces.size(); ++i) {
    Piece &piece = pieces[i];
    if (piece.comment)
      continue;
    // `pad -inf`: a keyword there, though a name elsewhere.
    bool pad = i >= 2 && pieces[i - 1].kind == Token::Name && pieces[i - 1].text == "pad" && endsOperand(pieces[i - 2]);
    if (piece.is("-"))
      piece.unary = i == 0 || pad || !endsOperand(pieces[i - 1]);
    if (piece.is("{")) {
      piece.rename = i >= 2 && i + 3 < pieces.size() && pieces[i - 1].kind == Token::Text && pieces[i - 2].is("@") &&
                     (pieces[i + 1].kind == Token::Name || pieces[i + 1].kind == Token::Keyword) && pieces[i + 2].is(":") && pieces[i + 3].kind == Token::Text;
      open.push_back(piece.rename);
      if (piece.rename)
        for (size_t k = i + 1; k < pieces.size() && !pieces[k].is("}"); ++k)
          pieces[k].begins = false;
    }
    if (piece.is("}") && !open.empty()) {
      piece.rename = open.back();
      if (piece.rename)
        piece.begins = false;
      open.pop_back();
    }
  }
  std::vector<Piece> kept;
  for (size_t i = 0; i < pieces.size(); ++i) {
    bool last = i + 1 == pieces.size() || pieces[i + 1].line != pieces[i].line || pieces[i + 1].comment;
    if (pieces[i].is(";") && (last || pieces[i + 1].is("}")) && !pieces[i].begins)
      continue;
    kept.push_back(pieces[i]);
  }
  pieces = std::move(kept);
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

/// Adjacent lines that each hold one field, weight, fn or definition are written
/// in columns: fields, weights and fns always, definitions where their writer
/// aligned the `=`.
void Formatter::alignColumns() {
  enum Kind { None, Config, State, Weight, Fn, Define };
  std::vector<std::vector<size_t>> run; // of each line: its first token, then the anchors
  Kind runKind = None;
  unsigned lastLine = 0;
  auto blanksBefore = [&](size_t at) {
    const Piece &before = pieces[at - 1];
    return pieces[at].column - before.column - unsigned(before.text.size());
  };
  auto flush = [&] {
    bool align = run.size() > 1 && runKind != None;
    if (runKind == Define)
      align &= llvm::any_of(run, [&](auto &line) { return blanksBefore(line[1]) >= 2; });
    if (align)
      alignRun(run);
    run.clear();
    runKind = None;
  };

  std::vector<Kind> inside{None}; // what the braces around belong to
  for (size_t i = 0; i < pieces.size();) {
    if (pieces[i].is("}") && !pieces[i].rename && inside.size() > 1)
      inside.pop_back();
    if (!pieces[i].begins || pieces[i].comment) {
      if (pieces[i].comment && (i == 0 || pieces[i - 1].line != pieces[i].line))
        flush(); // a comment on its own line ends a run
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < pieces.size() && !pieces[end].begins)
      ++end;
    Kind kind = inside.back() == Config || inside.back() == State ? inside.back() : None;
    if (pieces[i].is("weight"))
      kind = Weight;
    else if (pieces[i].is("fn"))
      kind = Fn;
    else if (kind == None && (pieces[i].kind == Token::Name || pieces[i].is("(") || pieces[i].is("let")))
      kind = Define;
    std::vector<size_t> line{i};
    unsigned depth = 0;
    bool colon = false;
    for (size_t k = i + 1; k < end && pieces[k].line == pieces[i].line && !pieces[k].comment; ++k) {
      const Piece &piece = pieces[k];
      if (piece.opens())
        ++depth;
      else if (piece.closes() && depth)
        --depth;
      if (depth && !(depth == 1 && piece.opens()))
        continue;
      bool anchor = false;
      if (kind == Config || kind == State || kind == Weight) {
        anchor = (pieces[k - 1].is(":") && !colon) || piece.isAny({"=", "from", "@"});
        colon |= pieces[k - 1].is(":");
      } else if (kind == Fn || kind == Define) {
        anchor = piece.isAny({"=", ":=", "+="}) && line.size() == 1;
      }
      if (anchor)
        line.push_back(k);
    }
    // Alone on its line?
    bool first = i == 0 || pieces[i - 1].line != pieces[i].line;
    bool alone = first && line.size() > 1;
    for (size_t k = i; k < end; ++k)
      alone &= !(pieces[k].is("{") && !pieces[k].rename);
    if (end < pieces.size() && pieces[end].line == pieces[end - 1].line)
      alone = false;
    if (!alone)
      kind = kind == Config || kind == State ? kind : None;
    bool goesOn = alone && kind == runKind && pieces[i].line == lastLine + 1;
    if (goesOn && kind == Define)
      goesOn = pieces[run.back()[1]].column == pieces[line[1]].column && pieces[run.back()[0]].column == pieces[i].column;
    if (!goesOn)
      flush();
    if (alone) {
      run.push_back(line);
      runKind = kind;
    }
    // Braces that open in this statement.
    for (size_t k = i; k < end; ++k) {
      if (pieces[k].is("{") && !pieces[k].rename)
        inside.push_back(pieces[i].is("config") ? Config : pieces[i].is("state") ? State : None);
      else if (k > i && pieces[k].is("}") && !pieces[k].rename && inside.size() > 1)
        inside.pop_back();
    }
    size_t code = end - 1;
    while (pieces[code].comment)
      --code; // stops at `i`
    lastLine = pieces[code].line;
    i = end;
  }
  flush();
}

void Formatter::alignRun(llvm::ArrayRef<std::vector<size_t>> run) {
  // Cell k of a line reaches from its k-th anchor to the next one.
  auto cell = [&](const std::vector<size_t> &line, size_t k) {
    unsigned length = 0;
    for (size_t at = line[k]; at < line[k + 1]; ++at)
      length += width(at) + (at > line[k] && spaced(at));
    return length;
  };
  for (size_t k = 0;; ++k) {
    unsigned widest = 0;
    for (auto &line : run)
      if (k + 1 < line.size())
        widest = std::max(widest, cell(line, k));
    if (!widest)
      return;
    for (auto &line : run)
      if (k + 1 < line.size())
        pieces[line[k + 1]].pad = widest - cell(line, k);
  }
}

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

unsigned Formatter::width(size_t at) const { return pieces[at].text.size(); }

/// Does a blank stand between this token and the one before it?
bool Formatter::spaced(size_t at) const {
  const Piece &a = pieces[at - 1], &b = pieces[at];
  if (a.is("(") || a.is("[") || b.isAny({")", "]", ",", ";", ":"}))
    return false;
  if (a.is(".") || b.is(".") || a.is("^") || b.is("^") || (a.is("-") && a.unary))
    return false;
  if (b.is("(") || b.is("["))
    return !(a.kind == Token::Name || a.is(")") || a.is("]"));
  return !(a.is("{") && b.is("}"));
}

/// Of a line that begins with this token.
unsigned Formatter::indentation(size_t at) const {
  const Piece &piece = pieces[at];
  if (!brackets.empty())
    return brackets.back().column - (piece.closes() ? 1 : 0);
  if (piece.is("}"))
    return kIndent * (braces ? braces - 1 : 0);
  if (piece.comment || piece.begins)
    return kIndent * braces;
  if (piece.is("{") || (piece.is("else") && pieces[at - 1].is("}")))
    return kIndent * statementBraces;
  return kIndent * statementBraces + kContinued * (piece.is("->") ? 2 : 1);
}

/// The token before which a line that is too long is broken; `end` if nowhere.
size_t Formatter::breakBefore(size_t begin, size_t end) const {
  unsigned column = indentation(begin) + width(begin);
  unsigned depth = brackets.size() + pieces[begin].opens();
  size_t best = end;
  unsigned bestRank = ~0u; // outer brackets first, then loose operators, then far right
  for (size_t at = begin + 1; at < end; ++at) {
    unsigned blank = spaced(at) + pieces[at].pad;
    const Piece &a = pieces[at - 1], &b = pieces[at];
    unsigned here = depth - (b.closes() && depth);
    int hold = tightness(a, b);
    unsigned rank = 8 * here + hold;
    if (hold >= 0 && at > begin + 1 && rank <= bestRank && column <= kWidth) {
      best = at;
      bestRank = rank;
    }
    if (b.closes() && depth)
      --depth;
    if (b.opens())
      ++depth;
    column += blank + width(at);
  }
  return column <= kWidth ? end : best;
}

/// Appends the tokens as one line and keeps the books.
void Formatter::commit(size_t begin, size_t end) {
  if (blank) {
    flushComments();
    out += '\n';
    blank = false;
  }
  unsigned indent = indentation(begin);
  Row row;
  row.code.append(indent, ' ');
  for (size_t at = begin; at < end; ++at) {
    const Piece &piece = pieces[at];
    if (piece.comment) {
      (at == begin ? row.code : row.comment) += piece.text;
      continue;
    }
    if (at > begin)
      row.code.append(piece.pad + spaced(at), ' ');
    row.code += piece.text;
    if (piece.begins && brackets.empty())
      statementBraces = braces - (piece.is("}") && braces);
    if (piece.opens()) {
      // Behind a bracket that ends its line, lines are indented; else aligned.
      bool last = at + 1 >= end || pieces[at + 1].comment;
      unsigned column = last ? indent + 2 * kContinued : unsigned(row.code.size()) + (piece.is("{") ? 1 : 0);
      brackets.push_back({column});
    } else if (piece.closes() && !brackets.empty()) {
      brackets.pop_back();
    } else if (piece.is("{")) {
      ++braces;
    } else if (piece.is("}") && braces) {
      statementBraces = --braces;
    }
  }
  if (row.comment.empty() || (!rows.empty() && rows.back().comment.empty()))
    flushComments();
  rows.push_back(std::move(row));
}

/// Adjacent comments behind lines stand in one column.
void Formatter::flushComments() {
  size_t column = 0;
  for (const Row &row : rows)
    if (!row.comment.empty())
      column = std::max(column, row.code.size());
  for (Row &row : rows) {
    out += row.code;
    if (!row.comment.empty()) {
      out.append(column - row.code.size() + 2, ' ');
      out += row.comment;
    }
    out += '\n';
  }
  rows.clear();
}

void Formatter::layOut(size_t begin, size_t end) {
  size_t code = end;
  if (pieces[end - 1].comment && end - 1 > begin)
    code = end - 1;
  while (!pieces[begin].comment) {
    size_t at = breakBefore(begin, code);
    if (at >= code)
      break;
    commit(begin, at);
    begin = at;
  }
  commit(begin, end);
}

std::string Formatter::run() {
  for (size_t begin = 0; begin < pieces.size();) {
    size_t end = begin + 1;
    while (end < pieces.size() && pieces[end].line == pieces[begin].line)
      ++end;
    const Piece &first = pieces[begin];
    if (begin) {
      const Piece &before = pieces[begin - 1];
      const Piece *code = &before;
      if (before.comment && begin >= 2 && pieces[begin - 2].line == before.line)
        code = &pieces[begin - 2];
      bool inside = !brackets.empty() || (!first.begins && !first.comment && !first.is("}"));
      blank = first.line > before.line + 1 && !inside && !code->is("{") && !first.is("}");
    }
    layOut(begin, end);
    begin = end;
  }
  flushComments();
  return std::move(out);
}

} // namespace

std::optional<std::string> format(const SourceManager &sources, int32_t file, Diagnostics &diagnostics) {
  unsigned before = diagnostics.numErrors();
  parseFile(sources, file, diagnostics);
  if (diagnostics.numErrors() != before)
    return std::nullopt;
  std::string text = Formatter(sources, file, diagnostics).run();
  // A break can move a token out of the line by which a column is chosen; the
  // next round then leaves that column. It ends: breaks are only added.
  for (unsigned round = 0; round < 4; ++round) {
    SourceManager own;
    Diagnostics none(own);
    int32_t again = own.add(sources.name(file).str(), text);
    std::string next = Formatter(own, again, none).run();
    if (next == text)
      break;
    text = std::move(next);
  }
  return text;
}

} // namespace heddle::frontend
