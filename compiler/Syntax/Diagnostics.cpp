//===- Diagnostics.cpp - Messages to the author of a model ----------------===//

#include "compiler/Syntax/Diagnostics.h"

#include "llvm/ADT/StringExtras.h"

namespace heddle::frontend {

std::string onOneLine(llvm::StringRef text) {
  constexpr size_t kMost = 800, kEnd = 200;
  std::string line;
  auto append = [&](llvm::StringRef part) {
    for (unsigned char c : part) {
      if (c < ' ' || c == 127)
        line += {'\\', 'x', llvm::hexdigit(c >> 4, true), llvm::hexdigit(c & 15, true)};
      else
        line += char(c);
    }
  };
  append(text.size() > kMost ? text.take_front(kMost - kEnd) : text);
  if (text.size() > kMost) {
    line += " ... ";
    append(text.take_back(kEnd));
  }
  return line;
}

void Diagnostics::add(Kind kind, SourceRange range, const llvm::Twine &message) {
  std::string text = onOneLine(message.str());
  if (kind == Note) {
    if (lastKept)
      messages.push_back({kind, range, std::move(text)});
    return;
  }
  std::string key = std::to_string(range.file) + ":" + std::to_string(range.begin) + ":" + text;
  lastKept = seen.insert(key).second && !(kind == Error && full());
  if (kind == Error) {
    ++errors;
    shown += lastKept;
  }
  if (lastKept)
    messages.push_back({kind, range, std::move(text)});
}

void Diagnostics::print(llvm::raw_ostream &os) const {
  static const char *const words[] = {"error", "warning", "note"};
  for (const Message &message : messages) {
    if (!message.range.isValid()) {
      os << words[message.kind] << ": " << message.text << "\n";
      continue;
    }
    auto [line, column] = sources.lineAndColumn(message.range);
    os << sources.name(message.range) << ":" << line << ":" << column << ": " << words[message.kind] << ": "
       << message.text << "\n";
    llvm::StringRef source = sources.line(message.range.file, message.range.begin);
    // Of a very long line, what stands around the place.
    constexpr size_t kWidth = 160;
    size_t at = column - 1, from = 0;
    if (source.size() > kWidth && at > kWidth / 2)
      from = at - kWidth / 2;
    llvm::StringRef shown = source.substr(from, kWidth);
    os << "  ";
    for (char c : shown)
      os << (c == '\t' || (unsigned char)c < 32 ? ' ' : c);
    os << "\n  ";
    os.indent(at - from) << "^";
    size_t length = message.range.end > message.range.begin ? message.range.end - message.range.begin : 1;
    for (size_t i = 1; i < length && at - from + i < shown.size(); ++i)
      os << "~";
    os << "\n";
  }
  if (full())
    os << "error: too many errors, stopping here\n";
}

/// Model files and file names may hold any bytes.
static std::string utf8(llvm::StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); }

/// What stands in every line; the place is filled in where there is one.
static llvm::json::Object withoutPlace(llvm::StringRef text) {
  return llvm::json::Object{{"message", utf8(text)}, {"file", nullptr}, {"line", nullptr}, {"column", nullptr}, {"end_column", nullptr}};
}

llvm::json::Object Diagnostics::toJson(const Message &message) const {
  llvm::json::Object object = withoutPlace(message.text);
  if (!message.range.isValid())
    return object;
  auto [line, column] = sources.lineAndColumn(message.range);
  size_t length = message.range.end > message.range.begin ? message.range.end - message.range.begin : 1;
  size_t most = sources.line(message.range.file, message.range.begin).size() + 1;
  object["file"] = utf8(sources.name(message.range));
  object["line"] = int64_t(line);
  object["column"] = int64_t(column);
  object["end_column"] = int64_t(std::max<size_t>(column, std::min(column + length, most)));
  return object;
}

void Diagnostics::printJson(llvm::raw_ostream &os) const {
  for (size_t i = 0; i < messages.size();) {
    const Message &message = messages[i];
    llvm::json::Object object = toJson(message);
    object["severity"] = message.kind == Warning ? "warning" : "error";
    llvm::json::Array notes;
    while (++i < messages.size() && messages[i].kind == Note)
      notes.push_back(toJson(messages[i]));
    object["notes"] = std::move(notes);
    os << llvm::json::Value(std::move(object)) << "\n";
  }
  if (full())
    printJsonError("too many errors, stopping here", os);
}

void printJsonError(llvm::StringRef message, llvm::raw_ostream &os) {
  llvm::json::Object object = withoutPlace(message);
  object["severity"] = "error";
  object["notes"] = llvm::json::Array();
  os << llvm::json::Value(std::move(object)) << "\n";
}

} // namespace heddle::frontend
