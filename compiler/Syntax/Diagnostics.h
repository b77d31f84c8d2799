//===- Diagnostics.h - Messages to the author of a model ------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_DIAGNOSTICS_H
#define HEDDLE_COMPILER_SYNTAX_DIAGNOSTICS_H

#include "compiler/Syntax/Source.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <set>

namespace heddle::frontend {

/// `text` as one line of a message: control characters are escaped, and of a very
/// long one the beginning and the end are kept.
std::string onOneLine(llvm::StringRef text);

/// A line as Diagnostics::printJson prints it, of an error that has no place.
void printJsonError(llvm::StringRef message, llvm::raw_ostream &os);

/// Collects errors, warnings and notes, in the order in which they are found.
/// The same message at the same place is kept once: blocks are checked at each
/// of their calls.
class Diagnostics {
public:
  explicit Diagnostics(const SourceManager &sources) : sources(sources) {}

  void error(SourceRange range, const llvm::Twine &message) { add(Error, range, message); }
  void warning(SourceRange range, const llvm::Twine &message) { add(Warning, range, message); }
  /// Belongs to the message before it.
  void note(SourceRange range, const llvm::Twine &message) { add(Note, range, message); }

  unsigned numErrors() const { return errors; }
  /// Enough errors for one run: what follows says nothing new.
  bool full() const { return shown >= kMostErrors; }

  /// `file:line:column: error: message`, the line, a caret, for each.
  void print(llvm::raw_ostream &os) const;
  /// For machines: a line of JSON for each error and warning, with its notes:
  /// severity, message, file, line, column, end_column, notes.
  void printJson(llvm::raw_ostream &os) const;

private:
  static constexpr unsigned kMostErrors = 20;
  enum Kind : uint8_t { Error, Warning, Note };
  struct Message {
    Kind kind;
    SourceRange range;
    std::string text;
  };
  llvm::json::Object toJson(const Message &message) const;
  void add(Kind kind, SourceRange range, const llvm::Twine &message);

  const SourceManager &sources;
  std::vector<Message> messages;
  std::set<std::string> seen;
  bool lastKept = true;
  unsigned errors = 0; ///< found, said again or not: a walk that met one has failed
  unsigned shown = 0;  ///< of them, those that are kept
};

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_SYNTAX_DIAGNOSTICS_H
