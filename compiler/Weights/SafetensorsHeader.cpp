//===- SafetensorsHeader.cpp - The header of a safetensors file -----------===//
//
// Eight bytes of length, a JSON object, the tensors' bytes. As the format's
// own implementation demands, the tensors fill the rest of the file exactly:
// they do not overlap and leave no hole.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/JsonText.h"
#include "compiler/Weights/Safetensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace heddle::weights {

namespace {

constexpr uint64_t kLengthBytes = 8;
/// The limit of the format's own implementation.
constexpr uint64_t kLongestHeader = 100'000'000;
/// More axes than any framework has.
constexpr size_t kMostAxes = 64;

constexpr StringLiteral kTypes =
    "BOOL, U8, I8, I16, U16, I32, U32, I64, U64, F16, BF16, F32 or F64";

class HeaderReader {
public:
  HeaderReader(StringRef contents, StringRef file)
      : contents(contents), file(file) {}

  Expected<std::vector<TensorEntry>> read() {
    if (contents.size() < kLengthBytes)
      return error(formatv("has {0} bytes, wanted a safetensors file, which "
                           "begins with 8 bytes of header length",
                           contents.size()));
    const uint64_t length = support::endian::read64le(contents.data());
    if (length > contents.size() - kLengthBytes)
      return error(formatv("header length is {0}, but only {1} bytes follow; "
                           "wanted a safetensors file",
                           length, contents.size() - kLengthBytes));
    if (length > kLongestHeader)
      return error(formatv("header length is {0}, wanted at most {1}", length,
                           kLongestHeader));
    const StringRef header = contents.substr(kLengthBytes, length);
    data = contents.drop_front(kLengthBytes + length);
    if (!header.starts_with("{"))
      return error("the header does not begin with '{', wanted a safetensors "
                   "file");

    Expected<json::Value> value = parseJson(header, file);
    if (!value)
      return value.takeError();
    const json::Object *object = value->getAsObject();
    if (!object)
      return error("the header is " + jsonKind(*value) + ", wanted an object");
    for (const auto &[key, description] : *object) {
      Error failure = key == "__metadata__"
                          ? checkMetadata(description)
                          : addTensor(StringRef(key), description);
      if (failure)
        return failure;
    }
    if (Error failure = checkCover())
      return failure;
    return std::move(entries);
  }

private:
  Error error(const Twine &message) const {
    return createStringError(file + ": " + message);
  }
  Error error(const formatv_object_base &message) const {
    return error(message.str());
  }
  Error tensorError(StringRef name, const Twine &message) const {
    return error("tensor " + quoted(name) + ": " + message);
  }
  Error tensorError(StringRef name, const formatv_object_base &message) const {
    return tensorError(name, message.str());
  }

  Error checkMetadata(const json::Value &value) const {
    const json::Object *object = value.getAsObject();
    if (!object)
      return error("\"__metadata__\" is " + jsonKind(value) +
                   ", wanted an object");
    for (const auto &[key, text] : *object)
      if (!text.getAsString())
        return error("\"__metadata__\": " + quoted(StringRef(key)) + " is " +
                     jsonKind(text) + ", wanted a string");
    return Error::success();
  }

  /// The non-negative 63-bit integers of a list.
  Expected<std::vector<int64_t>> integers(StringRef name, StringRef key,
                                          const json::Object &object) const {
    const json::Value *value = object.get(key);
    if (!value)
      return tensorError(name, "has no " + quoted(key));
    const json::Array *array = value->getAsArray();
    if (!array)
      return tensorError(name, quoted(key) + " is " + jsonKind(*value) +
                                   ", wanted a list of integers");
    std::vector<int64_t> result;
    for (const json::Value &element : *array) {
      std::optional<int64_t> integer = jsonInteger(element);
      if (!integer && element.getAsUINT64())
        return tensorError(name, formatv("{0} holds {1}, wanted at most {2}",
                                         quoted(key), *element.getAsUINT64(),
                                         INT64_MAX));
      if (!integer)
        return tensorError(name, quoted(key) + " holds " + jsonKind(element) +
                                     ", wanted integers");
      if (*integer < 0)
        return tensorError(name, formatv("{0} holds {1}, wanted at least 0",
                                         quoted(key), *integer));
      result.push_back(*integer);
    }
    return result;
  }

  Error addTensor(StringRef name, const json::Value &value) {
    const json::Object *object = value.getAsObject();
    if (!object)
      return tensorError(name, "is " + jsonKind(value) + ", wanted an object");
    for (const auto &[key, ignored] : *object)
      if (key != "dtype" && key != "shape" && key != "data_offsets")
        return tensorError(name, "has the key " + quoted(StringRef(key)) +
                                     ", wanted \"dtype\", \"shape\" and "
                                     "\"data_offsets\"");
    TensorEntry entry;
    entry.name = name.str();

    const json::Value *typeValue = object->get("dtype");
    if (!typeValue)
      return tensorError(name, "has no \"dtype\"");
    std::optional<StringRef> typeName = typeValue->getAsString();
    if (!typeName)
      return tensorError(name, "\"dtype\" is " + jsonKind(*typeValue) +
                                   ", wanted a string");
    std::optional<ElementType> type = elementTypeFromSafetensors(*typeName);
    if (!type)
      return tensorError(name, "\"dtype\" is " + quoted(*typeName) +
                                   ", wanted " + kTypes);
    entry.dtype = *type;

    Expected<std::vector<int64_t>> shape = integers(name, "shape", *object);
    if (!shape)
      return shape.takeError();
    entry.shape = std::move(*shape);
    if (entry.shape.size() > kMostAxes)
      return tensorError(name, formatv("has {0} axes, wanted at most {1}",
                                       entry.shape.size(), kMostAxes));

    Expected<std::vector<int64_t>> offsets =
        integers(name, "data_offsets", *object);
    if (!offsets)
      return offsets.takeError();
    if (offsets->size() != 2)
      return tensorError(name, formatv("\"data_offsets\" holds {0} integers, "
                                       "wanted 2",
                                       offsets->size()));
    const uint64_t begin = (*offsets)[0], end = (*offsets)[1];
    if (begin > end || end > data.size())
      return tensorError(name, formatv("\"data_offsets\" is [{0}, {1}], wanted "
                                       "an ascending pair of at most {2}",
                                       begin, end, data.size()));

    std::optional<uint64_t> count = elementCount(entry.shape);
    std::optional<uint64_t> size =
        count ? checkedMulUnsigned<uint64_t>(*count, elementSize(entry.dtype))
              : std::nullopt;
    if (!size)
      return tensorError(name, describeTensor(entry.dtype, entry.shape) +
                                   " has more bytes than 64 bits can count");
    if (*size != end - begin)
      return tensorError(name,
                         formatv("{0} takes {1} bytes, \"data_offsets\" gives "
                                 "it {2}",
                                 describeTensor(entry.dtype, entry.shape),
                                 *size, end - begin));
    entry.bytes = {data.bytes_begin() + begin, static_cast<size_t>(*size)};
    entries.push_back(std::move(entry));
    return Error::success();
  }

  uint64_t offset(const TensorEntry &entry) const {
    return entry.bytes.data() - data.bytes_begin();
  }

  /// Sorts the entries by their bytes and checks that these fill the data.
  Error checkCover() {
    llvm::sort(entries, [&](const TensorEntry &a, const TensorEntry &b) {
      return std::make_tuple(offset(a), a.bytes.size(), StringRef(a.name)) <
             std::make_tuple(offset(b), b.bytes.size(), StringRef(b.name));
    });
    uint64_t end = 0;
    StringRef before;
    for (const TensorEntry &entry : entries) {
      if (offset(entry) < end)
        return tensorError(entry.name,
                           "overlaps with tensor " + quoted(before));
      if (offset(entry) > end)
        return error(formatv("bytes {0} to {1} of the data belong to no "
                             "tensor, wanted none left over",
                             end, offset(entry)));
      end = offset(entry) + entry.bytes.size();
      before = entry.name;
    }
    if (end != data.size())
      return error(formatv("bytes {0} to {1} of the data belong to no tensor, "
                           "wanted none left over",
                           end, data.size()));
    return Error::success();
  }

  StringRef contents, file, data;
  std::vector<TensorEntry> entries;
};

} // namespace

Expected<std::vector<TensorEntry>> parseSafetensors(StringRef contents,
                                                    StringRef file) {
  return HeaderReader(contents, file).read();
}

} // namespace heddle::weights
