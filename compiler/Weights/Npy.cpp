//===- Npy.cpp - NumPy array files ----------------------------------------===//
//
// The header of a `.npy` file is a Python dictionary in a fixed form: a small
// strict reader for just that, and a writer.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Npy.h"

#include "compiler/Package/OutputFile.h"
#include "compiler/Weights/JsonText.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/EndianStream.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;

namespace heddle::weights {

namespace {

constexpr StringLiteral kMagic = "\x93NUMPY";
constexpr size_t kLongestHeader = 65536;
/// As many as NumPy has.
constexpr size_t kMostAxes = 64;
constexpr StringLiteral kTypes =
    "|b1, |i1, |u1, <i2, <u2, <i4, <u4, <i8, <u8, <f2, <f4 or <f8";

std::optional<ElementType> typeFromDescr(StringRef descr) {
  return StringSwitch<std::optional<ElementType>>(descr)
      .Cases({"|b1", "?"}, ElementType::Bool)
      .Cases({"|i1", "<i1"}, ElementType::I8)
      .Cases({"|u1", "<u1"}, ElementType::U8)
      .Case("<i2", ElementType::I16)
      .Case("<u2", ElementType::U16)
      .Case("<i4", ElementType::I32)
      .Case("<u4", ElementType::U32)
      .Case("<i8", ElementType::I64)
      .Case("<u8", ElementType::U64)
      .Case("<f2", ElementType::F16)
      .Case("<f4", ElementType::F32)
      .Case("<f8", ElementType::F64)
      .Default(std::nullopt);
}

/// NumPy has no bf16: its bits go by as u2.
StringRef descrOf(ElementType type) {
  switch (type) {
  case ElementType::Bool:
    return "|b1";
  case ElementType::I8:
    return "|i1";
  case ElementType::U8:
    return "|u1";
  case ElementType::I16:
    return "<i2";
  case ElementType::U16:
  case ElementType::BF16:
    return "<u2";
  case ElementType::I32:
    return "<i4";
  case ElementType::U32:
    return "<u4";
  case ElementType::I64:
    return "<i8";
  case ElementType::U64:
    return "<u8";
  case ElementType::F16:
    return "<f2";
  case ElementType::F32:
    return "<f4";
  case ElementType::F64:
    return "<f8";
  }
  llvm_unreachable("not an element type");
}

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } with the
/// keys in any order.
class HeaderReader {
public:
  HeaderReader(StringRef text, StringRef file) : rest(text), file(file) {}

  Error read() {
    if (!eat('{'))
      return wanted("'{'");
    while (!eat('}')) {
      StringRef key;
      if (Error error = string(key, "a key"))
        return error;
      if (!eat(':'))
        return wanted("':'");
      bool *seen = StringSwitch<bool *>(key)
                       .Case("descr", &hasType)
                       .Case("fortran_order", &hasOrder)
                       .Case("shape", &hasShape)
                       .Default(nullptr);
      if (!seen)
        return fail("header has the key " + quoted(key) +
                    ", wanted \"descr\", \"fortran_order\" and \"shape\"");
      if (*seen)
        return fail("header has the key " + quoted(key) + " twice");
      *seen = true;
      if (Error error = seen == &hasType    ? readType()
                        : seen == &hasOrder ? readOrder()
                                            : readShape())
        return error;
      if (!eat(',') && !peek('}'))
        return wanted("',' or '}'");
    }
    skipSpace();
    if (!rest.empty())
      return wanted("the end of the header");
    for (auto [seen, key] :
         {std::pair(hasType, "descr"), std::pair(hasOrder, "fortran_order"),
          std::pair(hasShape, "shape")})
      if (!seen)
        return fail("header has no " + quoted(key));
    return Error::success();
  }

  ElementType type = ElementType::F32;
  bool fortranOrder = false;
  std::vector<int64_t> shape;

private:
  Error fail(const Twine &message) const {
    return createStringError(file + ": " + message);
  }

  Error wanted(const Twine &what) const {
    const StringRef found = rest.ltrim(" \t\n");
    return fail(
        "header has " +
        (found.empty() ? std::string("ended") : quoted(found.take_front(16))) +
        ", wanted " + what);
  }

  void skipSpace() { rest = rest.ltrim(" \t\n"); }
  bool peek(char c) {
    skipSpace();
    return rest.starts_with(StringRef(&c, 1));
  }
  bool eat(char c) {
    if (!peek(c))
      return false;
    rest = rest.drop_front();
    return true;
  }

  Error string(StringRef &value, const Twine &what) {
    skipSpace();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return wanted(what);
    const size_t end = rest.find(rest[0], 1);
    if (end == StringRef::npos)
      return wanted("a string that ends");
    value = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return Error::success();
  }

  Error readType() {
    if (peek('['))
      return fail("elements are records, wanted " + kTypes);
    StringRef descr;
    if (Error error = string(descr, "the type of the elements"))
      return error;
    std::optional<ElementType> known = typeFromDescr(descr);
    if (!known)
      return fail("elements are " + quoted(descr) +
                  (descr.starts_with(">") ? " (big-endian)" : "") +
                  (descr.contains('O') ? " (Python objects)" : "") +
                  ", wanted " + kTypes);
    type = *known;
    return Error::success();
  }

  Error readOrder() {
    skipSpace();
    if (rest.consume_front("True"))
      fortranOrder = true;
    else if (!rest.consume_front("False"))
      return wanted("True or False");
    return Error::success();
  }

  Error readShape() {
    if (!eat('('))
      return wanted("'('");
    while (!eat(')')) {
      skipSpace();
      uint64_t extent = 0;
      StringRef behind = rest;
      if (behind.starts_with("+") || behind.consumeInteger(10, extent) ||
          extent > INT64_MAX)
        return wanted("an extent of at most 63 bits");
      rest = behind;
      // Python 2 marked long integers.
      rest.consume_front("L");
      if (shape.size() == kMostAxes)
        return fail(formatv("has more than {0} axes", kMostAxes).str());
      shape.push_back(extent);
      if (!eat(',')) {
        if (!peek(')'))
          return wanted("',' or ')'");
        if (shape.size() == 1)
          return wanted("',' behind a single extent");
      }
    }
    return Error::success();
  }

  StringRef rest, file;
  bool hasType = false, hasOrder = false, hasShape = false;
};

/// Copies a column-major array into row-major order.
void copyFromFortran(const uint8_t *from, NpyArray &to) {
  const size_t size = elementSize(to.dtype), rank = to.shape.size();
  std::vector<uint64_t> strides(rank);
  uint64_t stride = size;
  for (size_t axis = 0; axis < rank; ++axis) {
    strides[axis] = stride;
    stride *= to.shape[axis];
  }
  std::vector<int64_t> index(rank);
  uint64_t offset = 0;
  for (size_t at = 0; at < to.bytes.size(); at += size) {
    std::memcpy(&to.bytes[at], from + offset, size);
    for (size_t axis = rank; axis-- > 0;) {
      offset += strides[axis];
      if (++index[axis] < to.shape[axis])
        break;
      offset -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

} // namespace

Expected<NpyArray> parseNpy(StringRef contents, StringRef file) {
  auto fail = [&](const Twine &message) {
    return createStringError(file + ": " + message);
  };
  if (!contents.starts_with(kMagic) || contents.size() < kMagic.size() + 2)
    return fail("is not a .npy file");
  const unsigned version = static_cast<uint8_t>(contents[kMagic.size()]);
  const unsigned minor = static_cast<uint8_t>(contents[kMagic.size() + 1]);
  if (version < 1 || version > 3 || minor != 0)
    return fail(formatv("is of version {0}.{1} of the format, wanted 1.0, 2.0 "
                        "or 3.0",
                        version, minor)
                    .str());
  StringRef rest = contents.drop_front(kMagic.size() + 2);
  const size_t lengthBytes = version == 1 ? 2 : 4;
  if (rest.size() < lengthBytes)
    return fail("ends inside the length of the header");
  const uint64_t length = version == 1 ? support::endian::read16le(rest.data())
                                       : support::endian::read32le(rest.data());
  rest = rest.drop_front(lengthBytes);
  if (length > rest.size())
    return fail(formatv("header length is {0}, but only {1} bytes follow",
                        length, rest.size())
                    .str());
  if (length > kLongestHeader)
    return fail(formatv("header length is {0}, wanted at most {1}", length,
                        kLongestHeader)
                    .str());
  HeaderReader header(rest.take_front(length), file);
  if (Error error = header.read())
    return error;
  rest = rest.drop_front(length);

  std::optional<uint64_t> count = elementCount(header.shape);
  std::optional<uint64_t> size =
      count ? checkedMulUnsigned<uint64_t>(*count, elementSize(header.type))
            : std::nullopt;
  if (!size)
    return fail(describeTensor(header.type, header.shape) +
                " has more bytes than 64 bits can count");
  if (*size != rest.size())
    return fail(formatv("{0} takes {1} bytes, {2} follow the header",
                        describeTensor(header.type, header.shape), *size,
                        rest.size())
                    .str());
  NpyArray array;
  array.dtype = header.type;
  array.shape = std::move(header.shape);
  if (header.fortranOrder && array.shape.size() > 1) {
    array.bytes.resize(rest.size());
    copyFromFortran(rest.bytes_begin(), array);
  } else {
    array.bytes.assign(rest.bytes_begin(), rest.bytes_end());
  }
  return array;
}

Expected<NpyArray> readNpy(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openRegularFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseNpy((*buffer)->getBuffer(), path);
}

Error writeNpy(raw_ostream &os, ElementType dtype, ArrayRef<int64_t> shape,
               ArrayRef<uint8_t> bytes) {
  std::optional<uint64_t> count = elementCount(shape);
  std::optional<uint64_t> size =
      count ? checkedMulUnsigned<uint64_t>(*count, elementSize(dtype))
            : std::nullopt;
  if (!size || *size != bytes.size())
    return createStringError(formatv(
        "{0} was given {1} bytes", describeTensor(dtype, shape), bytes.size()));
  std::string header;
  raw_string_ostream text(header);
  text << "{'descr': '" << descrOf(dtype)
       << "', 'fortran_order': False, 'shape': (";
  for (size_t axis = 0; axis < shape.size(); ++axis)
    text << (axis ? " " : "") << shape[axis]
         << (axis + 1 < shape.size() || axis == 0 ? "," : "");
  text << "), }";
  // The elements begin at a multiple of 64, behind a final newline.
  const size_t prefix = kMagic.size() + 2 + 2;
  const size_t padded = alignTo(prefix + header.size() + 1, 64) - prefix;
  if (padded > UINT16_MAX)
    return createStringError(formatv("a .npy header takes at most {0} bytes, "
                                     "{1} axes need more",
                                     UINT16_MAX, shape.size()));
  header.append(padded - header.size() - 1, ' ');
  header += '\n';
  os << kMagic << '\1' << '\0';
  support::endian::Writer(os, endianness::little)
      .write<uint16_t>(header.size());
  os << header;
  os.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  return Error::success();
}

Error writeNpyFile(StringRef path, ElementType dtype, ArrayRef<int64_t> shape,
                   ArrayRef<uint8_t> bytes) {
  package::OutputSet outputs;
  Expected<raw_pwrite_stream *> os = outputs.create(path);
  if (!os)
    return os.takeError();
  if (Error error = writeNpy(**os, dtype, shape, bytes))
    return createStringError(path + ": " + toString(std::move(error)));
  return outputs.commit();
}

} // namespace heddle::weights
