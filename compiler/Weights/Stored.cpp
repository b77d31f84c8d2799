//===- Stored.cpp - Numbers in the element types of kernels ---------------===//
//
// Rounding to narrow types in one step, and the checks of ranges.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Stored.h"

#include "compiler/Weights/JsonText.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using heddle::kernels::Type;

namespace heddle::weights {

namespace {

/// Elements converted at a time.
constexpr uint64_t kTile = 4096;

/// The nearest number with `fractionBits` of fraction and an exponent of
/// 15 - fractionBits bits, as bits; from a double in one rounding, since going
/// through a float rounds twice.
uint16_t narrow(double value, unsigned fractionBits) {
  const unsigned exponentBits = 15 - fractionBits;
  const int most = (1 << exponentBits) - 1, bias = most >> 1;
  const uint64_t bits = bit_cast<uint64_t>(value);
  const uint16_t sign = static_cast<uint16_t>(bits >> 63 << 15);
  const uint16_t infinity = static_cast<uint16_t>(most << fractionBits);
  const uint64_t fraction = bits & ((uint64_t(1) << 52) - 1);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff);
  if (exponent == 0x7ff) {
    const uint16_t quiet = static_cast<uint16_t>(1u << (fractionBits - 1));
    return sign | infinity | (fraction ? quiet : 0);
  }
  int field = exponent - 1023 + bias;
  if (field >= most)
    return sign | infinity;
  unsigned shift = 52 - fractionBits;
  if (field <= 0) {
    shift += 1 - field;
    field = 0;
    if (shift > 54)
      return sign;
  }
  const uint64_t significand = fraction | (uint64_t(1) << 52);
  const uint64_t rest = significand & ((uint64_t(1) << shift) - 1);
  const uint64_t half = uint64_t(1) << (shift - 1);
  uint64_t rounded = significand >> shift;
  if (rest > half || (rest == half && (rounded & 1)))
    ++rounded;
  // The leading one of a normal number adds to the exponent, and so does the
  // carry of rounding, up to infinity.
  if (field > 0)
    rounded += static_cast<uint64_t>(field - 1) << fractionBits;
  return sign | static_cast<uint16_t>(rounded);
}

template <typename T> void put(uint8_t *out, size_t index, T value) {
  support::endian::write<T, endianness::little>(out + index * sizeof(T), value);
}

Error wrong(const Twine &place, uint64_t index, const Twine &value, Type to,
            const Twine &wanted) {
  return createStringError(place + "element " + Twine(index) + " is " + value +
                           ", wanted " + wanted + " as " + storedName(to));
}

/// As C prints it: shortest of fixed and exponent, "inf", "nan".
std::string text(double value) {
  std::string result;
  raw_string_ostream(result) << format("%.9g", value);
  return result;
}

/// Least and greatest value of an integer type.
std::pair<int64_t, int64_t> range(Type type) {
  switch (type) {
  case Type::Bool:
    return {0, 1};
  case Type::I8:
    return {INT8_MIN, INT8_MAX};
  case Type::U8:
    return {0, UINT8_MAX};
  case Type::I32:
    return {INT32_MIN, INT32_MAX};
  default:
    return {INT64_MIN, INT64_MAX};
  }
}

bool isFloatType(Type type) {
  return type == Type::F16 || type == Type::BF16 || type == Type::F32 ||
         type == Type::F64;
}

} // namespace

uint16_t doubleToHalf(double value) { return narrow(value, 10); }
uint16_t doubleToBfloat(double value) { return narrow(value, 7); }

unsigned storedSize(Type type) {
  switch (type) {
  case Type::Bool:
  case Type::I8:
  case Type::U8:
    return 1;
  case Type::F16:
  case Type::BF16:
    return 2;
  case Type::I32:
  case Type::F32:
    return 4;
  case Type::I64:
  case Type::F64:
    return 8;
  }
  llvm_unreachable("not a kernel type");
}

StringRef storedName(Type type) {
  switch (type) {
  case Type::Bool:
    return "bool";
  case Type::I8:
    return "i8";
  case Type::U8:
    return "u8";
  case Type::I32:
    return "i32";
  case Type::I64:
    return "i64";
  case Type::F16:
    return "f16";
  case Type::BF16:
    return "bf16";
  case Type::F32:
    return "f32";
  case Type::F64:
    return "f64";
  }
  llvm_unreachable("not a kernel type");
}

bool convertsTo(ElementType from, Type to) {
  if (isFloatType(to))
    return isFloat(from);
  if (to == Type::Bool)
    return from == ElementType::Bool || from == ElementType::U8;
  return !isFloat(from) && from != ElementType::Bool;
}

Error storeElements(Type to, ArrayRef<int64_t> values,
                    MutableArrayRef<uint8_t> out, uint64_t first,
                    StringRef place) {
  if (isFloatType(to)) {
    std::vector<double> wide(values.begin(), values.end());
    return storeElements(to, ArrayRef<double>(wide), out, first, place);
  }
  const auto [least, greatest] = range(to);
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t value = values[i];
    if (value < least || value > greatest)
      return wrong(place, first + i, Twine(value), to,
                   formatv("{0} to {1}", least, greatest).str());
    switch (storedSize(to)) {
    case 1:
      out[i] = static_cast<uint8_t>(value);
      break;
    case 4:
      put(out.data(), i, static_cast<int32_t>(value));
      break;
    default:
      put(out.data(), i, value);
      break;
    }
  }
  return Error::success();
}

/// 2^128 less half a unit is where rounding to a float reaches infinity.
constexpr double kFloatEnd = 0x1.ffffffp127;

static bool isInRange(Type to, double value) {
  switch (to) {
  case Type::F16:
    return (doubleToHalf(value) & 0x7fff) != 0x7c00;
  case Type::BF16:
    return (doubleToBfloat(value) & 0x7fff) != 0x7f80;
  case Type::F32:
    return std::fabs(value) < kFloatEnd;
  default:
    return true;
  }
}

Error storeElements(Type to, ArrayRef<double> values,
                    MutableArrayRef<uint8_t> out, uint64_t first,
                    StringRef place) {
  if (!isFloatType(to)) {
    std::vector<int64_t> integers(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      // 2^63 itself is a double, and no int64_t.
      if (!(values[i] >= -0x1p63 && values[i] < 0x1p63) ||
          values[i] != std::floor(values[i]))
        return wrong(place, first + i, text(values[i]), to, "an integer");
      integers[i] = static_cast<int64_t>(values[i]);
    }
    return storeElements(to, ArrayRef<int64_t>(integers), out, first, place);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (!std::isfinite(value))
      return wrong(place, first + i, text(value), to, "a finite number");
    if (!isInRange(to, value))
      return wrong(place, first + i, text(value), to, "a number of its range");
  }
  storeRounded(to, values, out);
  return Error::success();
}

/// The nearest float; UB-free where that is infinite.
static float toFloat(double value) {
  if (std::fabs(value) >= kFloatEnd)
    return std::copysign(std::numeric_limits<float>::infinity(), static_cast<float>(std::copysign(1.0, value)));
  return static_cast<float>(value);
}

void storeRounded(Type to, ArrayRef<double> values, MutableArrayRef<uint8_t> out) {
  for (size_t i = 0; i < values.size(); ++i)
    switch (to) {
    case Type::F16:
      put(out.data(), i, doubleToHalf(values[i]));
      break;
    case Type::BF16:
      put(out.data(), i, doubleToBfloat(values[i]));
      break;
    case Type::F32:
      put(out.data(), i, bit_cast<uint32_t>(toFloat(values[i])));
      break;
    default:
      put(out.data(), i, bit_cast<uint64_t>(values[i]));
    }
}

Error readStored(const Checkpoint &checkpoint, const TensorEntry &entry,
                 Type to, uint64_t begin, uint64_t count,
                 MutableArrayRef<uint8_t> out) {
  auto place = [&] {
    return (checkpoint.fileOf(entry) + ": tensor " + quoted(entry.name) + ": ")
        .str();
  };
  if (!convertsTo(entry.dtype, to))
    return createStringError(formatv("{0}the elements are {1}, wanted {2}",
                                     place(), elementName(entry.dtype),
                                     storedName(to)));
  if (out.size() / storedSize(to) < count)
    return createStringError(formatv("{0}room for {1} bytes, wanted {2} "
                                     "elements of {3}",
                                     place(), out.size(), count,
                                     storedName(to)));
  std::vector<double> numbers;
  std::vector<int64_t> integers;
  auto convert = [&](auto &values, uint64_t at, uint64_t size) -> Error {
    values.resize(size);
    if (Error error = checkpoint.readElements(
            entry, begin + at, MutableArrayRef(values.data(), size)))
      return error;
    if (to == Type::Bool) // any byte in the file
      for (auto &value : values)
        value = value != 0;
    return storeElements(to, ArrayRef(values.data(), size),
                         out.drop_front(at * storedSize(to)), begin + at,
                         place());
  };
  for (uint64_t at = 0; at < count; at += kTile) {
    const uint64_t size = std::min(kTile, count - at);
    if (Error error = isFloatType(to) ? convert(numbers, at, size)
                                      : convert(integers, at, size))
      return error;
  }
  return Error::success();
}

} // namespace heddle::weights
