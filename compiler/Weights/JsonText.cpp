//===- JsonText.cpp - JSON of unknown origin ------------------------------===//
//
// A scan that checks nesting and duplicate keys, then llvm::json.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/JsonText.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <vector>

using namespace llvm;

namespace heddle::weights {

namespace {

constexpr size_t kLongestQuoted = 200;

/// Line and column (from 1, in bytes) of `offset`.
std::string position(StringRef file, StringRef text, size_t offset) {
  const StringRef before = text.take_front(offset);
  const size_t line = before.count('\n') + 1;
  const size_t newline = before.rfind('\n');
  const size_t column =
      offset - (newline == StringRef::npos ? 0 : newline + 1) + 1;
  return formatv("{0}:{1}:{2}", file, line, column).str();
}

/// Checks nesting and duplicate keys in one pass over text that need not be
/// JSON: whatever this lets through, the real parser judges.
class Scan {
public:
  Scan(StringRef text, StringRef file) : text(text), file(file) {}

  Error run() {
    for (size_t at = 0; at < text.size();) {
      switch (text[at]) {
      case '{':
      case '[':
        if (open.size() == kDeepestJson)
          return createStringError(formatv("{0}: nested more than {1} deep",
                                           position(file, text, at),
                                           kDeepestJson));
        open.emplace_back();
        if (text[at] == '{')
          open.back().emplace();
        ++at;
        break;
      case '}':
      case ']':
        if (!open.empty())
          open.pop_back();
        ++at;
        break;
      case '"':
        if (Error error = string(at))
          return error;
        break;
      default:
        ++at;
      }
    }
    return Error::success();
  }

private:
  /// A string that begins at `at`; moves behind it and, if it is a key,
  /// remembers it.
  Error string(size_t &at) {
    const size_t begin = at;
    for (++at; at < text.size() && text[at] != '"'; ++at)
      if (text[at] == '\\')
        ++at;
    at = std::min(at + 1, text.size());
    const size_t next = text.find_first_not_of(" \t\r\n", at);
    const bool isKey = next != StringRef::npos && text[next] == ':';
    if (!isKey || open.empty() || !open.back())
      return Error::success();
    const StringRef literal = text.slice(begin, at);
    StringRef key = literal.drop_front().drop_back();
    // Escapes give one key several spellings.
    std::optional<json::Value> decoded;
    if (key.contains('\\')) {
      Expected<json::Value> value = json::parse(literal);
      if (!value) {
        consumeError(value.takeError());
        return Error::success();
      }
      decoded = std::move(*value);
      if (auto plain = decoded->getAsString())
        key = *plain;
    }
    if (!open.back()->insert(key).second)
      return createStringError(formatv("{0}: the key {1} is given twice",
                                       position(file, text, begin),
                                       quoted(key)));
    return Error::success();
  }

  StringRef text, file;
  /// What is open: the keys of an object, none for an array.
  std::vector<std::optional<StringSet<>>> open;
};

/// llvm::json reports "[line:column, byte=offset]: Message".
Error notJson(StringRef file, Error error) {
  const std::string text = toString(std::move(error));
  StringRef message = text, where;
  if (message.consume_front("[")) {
    where = message.split(", byte=").first;
    message = message.split("]: ").second;
  }
  // It counts columns from 0 where it fails before the first letter, and
  // guesses at words ("Invalid JSON value (true?)").
  std::string place = where.str();
  if (where.ends_with(":0"))
    place.back() = '1';
  if (message.ends_with("?)"))
    message = message.take_front(message.rfind(" ("));
  std::string lowered = message.str();
  if (!lowered.empty() && (lowered.size() < 2 || !isUpper(lowered[1])))
    lowered[0] = toLower(lowered[0]);
  return createStringError(formatv("{0}{1}{2}: not JSON: {3}", file,
                                   place.empty() ? "" : ":", place, lowered));
}

/// Whether each number is one: llvm::json reads 1e999 as infinite.
bool isFinite(const json::Value &value) {
  if (const json::Array *list = value.getAsArray())
    return all_of(*list, isFinite);
  if (const json::Object *object = value.getAsObject())
    return all_of(*object, [](const auto &entry) { return isFinite(entry.second); });
  std::optional<double> number = value.getAsNumber();
  return !number || std::isfinite(*number);
}

} // namespace

Expected<json::Value> parseJson(StringRef text, StringRef file) {
  if (Error error = Scan(text, file).run())
    return error;
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return notJson(file, value.takeError());
  if (!isFinite(*value))
    return createStringError(formatv("{0}: a number does not fit a double", file));
  return value;
}

std::optional<int64_t> jsonInteger(const json::Value &value) {
  std::optional<double> number = value.getAsNumber();
  if (!number || *number < 0x1p63)
    return number ? value.getAsInteger() : std::nullopt;
  // As a double, 2^63 and 2^63 - 1 are the same.
  std::optional<uint64_t> exact = value.getAsUINT64();
  if (!exact || *exact > static_cast<uint64_t>(INT64_MAX))
    return std::nullopt;
  return static_cast<int64_t>(*exact);
}

StringRef jsonKind(const json::Value &value) {
  switch (value.kind()) {
  case json::Value::Null:
    return "null";
  case json::Value::Boolean:
    return "a bool";
  case json::Value::Number:
    if (jsonInteger(value))
      return "an integer";
    return *value.getAsNumber() >= 0x1p63 ? "an integer over 63 bits"
                                          : "a fraction";
  case json::Value::String:
    return "a string";
  case json::Value::Array:
    return "a list";
  case json::Value::Object:
    return "an object";
  }
  return "a value";
}

std::string quoted(StringRef name) {
  std::string text;
  raw_string_ostream os(text);
  os << '"';
  printEscapedString(name.take_front(kLongestQuoted), os);
  os << (name.size() > kLongestQuoted ? "...\"" : "\"");
  return text;
}

Expected<std::unique_ptr<MemoryBuffer>> openRegularFile(StringRef path,
                                                        uint64_t mostBytes) {
  if (path.empty() || path.contains('\0'))
    return createStringError(formatv("{0} is not a file name", quoted(path)));
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return createStringError(
        code, formatv("{0}: {1}", path, StringRef(code.message()).lower()));
  if (status.type() == sys::fs::file_type::directory_file)
    return createStringError(formatv("{0}: is a folder, wanted a file", path));
  // A pipe or a device may never end.
  if (status.type() != sys::fs::file_type::regular_file)
    return createStringError(
        formatv("{0}: is not a regular file, wanted one", path));
  if (status.getSize() > mostBytes)
    return createStringError(formatv("{0}: has {1} bytes, wanted at most {2}",
                                     path, status.getSize(), mostBytes));
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (std::error_code code = buffer.getError())
    return createStringError(
        code, formatv("{0}: {1}", path, StringRef(code.message()).lower()));
  return std::move(*buffer);
}

} // namespace heddle::weights
