//===- ElementType.cpp - Types of elements in foreign files ---------------===//
//
// Sizes, names and conversion of the element types of checkpoints.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/ElementType.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <limits>

using namespace llvm;

namespace heddle::weights {

unsigned elementSize(ElementType type) {
  switch (type) {
  case ElementType::Bool:
  case ElementType::U8:
  case ElementType::I8:
    return 1;
  case ElementType::I16:
  case ElementType::U16:
  case ElementType::F16:
  case ElementType::BF16:
    return 2;
  case ElementType::I32:
  case ElementType::U32:
  case ElementType::F32:
    return 4;
  case ElementType::I64:
  case ElementType::U64:
  case ElementType::F64:
    return 8;
  }
  llvm_unreachable("not an element type");
}

StringRef elementName(ElementType type) {
  switch (type) {
  case ElementType::Bool:
    return "bool";
  case ElementType::U8:
    return "u8";
  case ElementType::I8:
    return "i8";
  case ElementType::I16:
    return "i16";
  case ElementType::U16:
    return "u16";
  case ElementType::I32:
    return "i32";
  case ElementType::U32:
    return "u32";
  case ElementType::I64:
    return "i64";
  case ElementType::U64:
    return "u64";
  case ElementType::F16:
    return "f16";
  case ElementType::BF16:
    return "bf16";
  case ElementType::F32:
    return "f32";
  case ElementType::F64:
    return "f64";
  }
  llvm_unreachable("not an element type");
}

bool isFloat(ElementType type) { return type >= ElementType::F16; }

std::optional<ElementType> elementTypeFromSafetensors(StringRef name) {
  return StringSwitch<std::optional<ElementType>>(name)
      .Case("BOOL", ElementType::Bool)
      .Case("U8", ElementType::U8)
      .Case("I8", ElementType::I8)
      .Case("I16", ElementType::I16)
      .Case("U16", ElementType::U16)
      .Case("I32", ElementType::I32)
      .Case("U32", ElementType::U32)
      .Case("I64", ElementType::I64)
      .Case("U64", ElementType::U64)
      .Case("F16", ElementType::F16)
      .Case("BF16", ElementType::BF16)
      .Case("F32", ElementType::F32)
      .Case("F64", ElementType::F64)
      .Default(std::nullopt);
}

std::string describeTensor(ElementType type, ArrayRef<int64_t> shape) {
  std::string text;
  raw_string_ostream os(text);
  os << elementName(type) << '[';
  for (size_t axis = 0; axis < shape.size(); ++axis)
    os << (axis ? ", " : "") << shape[axis];
  os << ']';
  return text;
}

std::optional<uint64_t> elementCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    std::optional<int64_t> next = checkedMul(count, extent);
    if (extent < 0 || !next)
      return std::nullopt;
    count = *next;
  }
  return static_cast<uint64_t>(count);
}

float bfloatToFloat(uint16_t bits) {
  return bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

float halfToFloat(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1f;
  const uint32_t fraction = bits & 0x3ff;
  if (exponent == 0x1f)
    return bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent == 0) {
    // Zero or subnormal: fraction * 2^-24 is exact in a float.
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

namespace {

template <typename Stored, typename Out>
void convertAs(const uint8_t *bytes, MutableArrayRef<Out> out) {
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<Out>(support::endian::read<Stored, endianness::little>(
        bytes + i * sizeof(Stored)));
}

template <typename Bits, typename Stored, typename Out>
void convertBits(const uint8_t *bytes, MutableArrayRef<Out> out) {
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<Out>(
        bit_cast<Stored>(support::endian::read<Bits, endianness::little>(
            bytes + i * sizeof(Bits))));
}

template <typename Out>
void convert16(float (*widen)(uint16_t), const uint8_t *bytes,
               MutableArrayRef<Out> out) {
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = widen(support::endian::read16le(bytes + 2 * i));
}

/// All types but the floating ones.
template <typename Out>
void convertIntegers(ElementType type, const uint8_t *bytes,
                     MutableArrayRef<Out> out) {
  switch (type) {
  case ElementType::Bool:
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = bytes[i] != 0;
    return;
  case ElementType::U8:
    return convertAs<uint8_t>(bytes, out);
  case ElementType::I8:
    return convertAs<int8_t>(bytes, out);
  case ElementType::I16:
    return convertAs<int16_t>(bytes, out);
  case ElementType::U16:
    return convertAs<uint16_t>(bytes, out);
  case ElementType::I32:
    return convertAs<int32_t>(bytes, out);
  case ElementType::U32:
    return convertAs<uint32_t>(bytes, out);
  case ElementType::I64:
    return convertAs<int64_t>(bytes, out);
  case ElementType::U64:
    return convertAs<uint64_t>(bytes, out);
  default:
    llvm_unreachable("not an integer type");
  }
}

template <typename Out>
void convertAny(ElementType type, const uint8_t *bytes,
                MutableArrayRef<Out> out) {
  switch (type) {
  case ElementType::F16:
    return convert16(halfToFloat, bytes, out);
  case ElementType::BF16:
    return convert16(bfloatToFloat, bytes, out);
  case ElementType::F32:
    return convertBits<uint32_t, float>(bytes, out);
  case ElementType::F64:
    return convertBits<uint64_t, double>(bytes, out);
  default:
    return convertIntegers(type, bytes, out);
  }
}

} // namespace

void convertElements(ElementType type, const uint8_t *bytes,
                     MutableArrayRef<double> out) {
  convertAny(type, bytes, out);
}

void convertElements(ElementType type, const uint8_t *bytes,
                     MutableArrayRef<float> out) {
  convertAny(type, bytes, out);
}

Error convertElements(ElementType type, const uint8_t *bytes,
                      MutableArrayRef<int64_t> out, uint64_t first) {
  if (isFloat(type))
    return createStringError(
        formatv("the elements are {0}, wanted integers", elementName(type)));
  convertIntegers(type, bytes, out);
  if (type == ElementType::U64)
    for (size_t i = 0; i < out.size(); ++i)
      if (out[i] < 0)
        return createStringError(
            formatv("element {0} is {1}, wanted at most {2}", first + i,
                    static_cast<uint64_t>(out[i]),
                    std::numeric_limits<int64_t>::max()));
  return Error::success();
}

} // namespace heddle::weights
