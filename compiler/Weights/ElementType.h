//===- ElementType.h - Types of elements in foreign files -----------------===//
//
// The element types that checkpoints and .npy files hold, their sizes and
// names, and the conversion of runs of elements into plain C++ numbers.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_ELEMENTTYPE_H
#define HEDDLE_COMPILER_WEIGHTS_ELEMENTTYPE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace heddle::weights {

/// Type of an element as it lies in a file, little-endian. Bool is one byte,
/// 0 or not 0.
enum class ElementType : uint8_t {
  Bool,
  U8,
  I8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  F16,
  BF16,
  F32,
  F64
};

/// Bytes of one element: 1, 2, 4 or 8.
unsigned elementSize(ElementType type);

/// The name in the language and in messages: "f32", "bool", "u16".
llvm::StringRef elementName(ElementType type);

bool isFloat(ElementType type);

/// The type that safetensors calls `name` ("F32"); none if there is no such.
std::optional<ElementType> elementTypeFromSafetensors(llvm::StringRef name);

/// "f32[384, 1536]"; a scalar is "f32[]".
std::string describeTensor(ElementType type, llvm::ArrayRef<int64_t> shape);

/// Number of elements of `shape`, each extent >= 0; none where a partial
/// product does not fit into 63 bits.
std::optional<uint64_t> elementCount(llvm::ArrayRef<int64_t> shape);

/// Converts `out.size()` elements of `type` that lie at `bytes` (any
/// alignment; as many bytes as that takes). F16 and BF16 are exact in both
/// floating types, integers over 2^53 (2^24) round to nearest even.
void convertElements(ElementType type, const uint8_t *bytes,
                     llvm::MutableArrayRef<double> out);
void convertElements(ElementType type, const uint8_t *bytes,
                     llvm::MutableArrayRef<float> out);

/// As above into integers; Bool gives 0 or 1. Fails for floating types and for
/// a U64 over the range of int64_t; the error counts the elements from `first`.
llvm::Error convertElements(ElementType type, const uint8_t *bytes,
                            llvm::MutableArrayRef<int64_t> out,
                            uint64_t first = 0);

/// The value of an IEEE half or of a bfloat16 given by its bits.
float halfToFloat(uint16_t bits);
float bfloatToFloat(uint16_t bits);

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_ELEMENTTYPE_H
