//===- Config.cpp - Hyperparameters from config.json ----------------------===//
//
// Look-up by dotted keys, with errors that name file, key and types.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Config.h"

#include "compiler/Weights/JsonText.h"
#include "compiler/Weights/Suggest.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <optional>

using namespace llvm;

namespace heddle::weights {

namespace {

constexpr uint64_t kLargestConfig = 16 << 20;

const json::Value *findIn(const json::Value &value, StringRef key) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return nullptr;
  if (const json::Value *whole = object->get(key))
    return whole;
  for (size_t dot = key.find('.'); dot != StringRef::npos;
       dot = key.find('.', dot + 1))
    if (const json::Value *outer = object->get(key.take_front(dot)))
      if (const json::Value *inner = findIn(*outer, key.drop_front(dot + 1)))
        return inner;
  return nullptr;
}

void collectKeys(const json::Object &object, const std::string &prefix,
                 std::vector<std::string> &keys) {
  for (const auto &[key, value] : object) {
    std::string full = prefix + StringRef(key).str();
    if (const json::Object *inner = value.getAsObject())
      collectKeys(*inner, full + ".", keys);
    keys.push_back(std::move(full));
  }
}

template <typename T> std::optional<T> as(const json::Value &value);
template <> std::optional<int64_t> as(const json::Value &value) {
  return jsonInteger(value);
}
template <> std::optional<double> as(const json::Value &value) {
  return value.getAsNumber();
}
template <> std::optional<bool> as(const json::Value &value) {
  return value.getAsBoolean();
}
template <> std::optional<std::string> as(const json::Value &value) {
  if (std::optional<StringRef> text = value.getAsString())
    return text->str();
  return std::nullopt;
}

} // namespace

Expected<Config> Config::open(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer =
      openRegularFile(path, kLargestConfig);
  if (!buffer)
    return buffer.takeError();
  return parse((*buffer)->getBuffer(), path);
}

Expected<Config> Config::parse(StringRef text, StringRef file) {
  Expected<json::Value> value = parseJson(text, file);
  if (!value)
    return value.takeError();
  if (!value->getAsObject())
    return createStringError(
        formatv("{0}: is {1}, wanted an object", file, jsonKind(*value)));
  return Config(file.str(), std::move(*value));
}

const json::Value *Config::find(StringRef key) const {
  return findIn(root, key);
}

Expected<const json::Value *> Config::get(StringRef key) const {
  if (const json::Value *value = find(key))
    return value;
  std::vector<std::string> keys;
  collectKeys(*root.getAsObject(), "", keys);
  llvm::sort(keys);
  std::vector<StringRef> candidates(keys.begin(), keys.end());
  std::vector<StringRef> nearest = nearestNames(key, candidates, 1);
  return createStringError(formatv(
      "{0}: no key {1}{2}", fileName, quoted(key),
      nearest.empty() ? std::string()
                      : "; did you mean " + quoted(nearest.front()) + "?"));
}

template <typename T>
Expected<T> Config::read(StringRef key, StringRef wanted) const {
  Expected<const json::Value *> value = get(key);
  if (!value)
    return value.takeError();
  if (std::optional<T> result = as<T>(**value))
    return std::move(*result);
  return createStringError(formatv("{0}: {1} is {2}, wanted {3}", fileName,
                                   quoted(key), jsonKind(**value), wanted));
}

template <typename T>
Expected<std::vector<T>> Config::readList(StringRef key,
                                          StringRef wanted) const {
  Expected<const json::Value *> value = get(key);
  if (!value)
    return value.takeError();
  const json::Array *array = (*value)->getAsArray();
  if (!array)
    return createStringError(formatv("{0}: {1} is {2}, wanted a list", fileName,
                                     quoted(key), jsonKind(**value)));
  std::vector<T> result;
  for (const json::Value &element : *array) {
    std::optional<T> converted = as<T>(element);
    if (!converted)
      return createStringError(
          formatv("{0}: element {1} of {2} is {3}, wanted {4}", fileName,
                  result.size(), quoted(key), jsonKind(element), wanted));
    result.push_back(std::move(*converted));
  }
  return result;
}

Expected<int64_t> Config::integer(StringRef key) const {
  return read<int64_t>(key, "an integer");
}
Expected<double> Config::number(StringRef key) const {
  return read<double>(key, "a number");
}
Expected<bool> Config::boolean(StringRef key) const {
  return read<bool>(key, "a bool");
}
Expected<std::string> Config::string(StringRef key) const {
  return read<std::string>(key, "a string");
}
Expected<std::vector<int64_t>> Config::integers(StringRef key) const {
  return readList<int64_t>(key, "an integer");
}
Expected<std::vector<double>> Config::numbers(StringRef key) const {
  return readList<double>(key, "a number");
}
Expected<std::vector<bool>> Config::booleans(StringRef key) const {
  return readList<bool>(key, "a bool");
}
Expected<std::vector<std::string>> Config::strings(StringRef key) const {
  return readList<std::string>(key, "a string");
}

} // namespace heddle::weights
