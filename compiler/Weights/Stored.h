//===- Stored.h - Numbers in the element types of kernels -----------------===//
//
// Converts elements of files and computed numbers into the bytes that a kernel
// reads, refusing what would change silently.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_STORED_H
#define HEDDLE_COMPILER_WEIGHTS_STORED_H

#include "compiler/Kernels/KernelDesc.h"
#include "compiler/Weights/Safetensors.h"

namespace heddle::weights {

/// Bytes of one element in a kernel's memory.
unsigned storedSize(kernels::Type type);

/// The name in the language: "f32".
llvm::StringRef storedName(kernels::Type type);

/// Whether a weight declared as `to` may lie in a file as `from`: floats as any
/// floats, integers as any integers (if every value fits), bool as bool or u8.
bool convertsTo(ElementType from, kernels::Type to);

/// Stores numbers as `to` into `out`, values.size() * storedSize(to) bytes.
/// Floating types round to nearest even. Fails for a number that is not finite
/// or that `to` cannot hold, and for a fraction in an integer type; the error
/// begins with `place` and counts the elements from `first`.
llvm::Error storeElements(kernels::Type to, llvm::ArrayRef<double> values,
                          llvm::MutableArrayRef<uint8_t> out,
                          uint64_t first = 0, llvm::StringRef place = "");
llvm::Error storeElements(kernels::Type to, llvm::ArrayRef<int64_t> values,
                          llvm::MutableArrayRef<uint8_t> out,
                          uint64_t first = 0, llvm::StringRef place = "");

/// The same for computed numbers, which round as kernels round: what `to` (a floating type)
/// cannot hold is infinite, and infinities and NaNs are themselves.
void storeRounded(kernels::Type to, llvm::ArrayRef<double> values, llvm::MutableArrayRef<uint8_t> out);

/// Reads the elements begin .. begin + count - 1 of a checkpoint's tensor as
/// `to`: `out` has count * storedSize(to) bytes. This is what an ElementReader
/// for pack() calls. Errors name file, tensor and element; weights are finite.
llvm::Error readStored(const Checkpoint &checkpoint, const TensorEntry &entry,
                       kernels::Type to, uint64_t begin, uint64_t count,
                       llvm::MutableArrayRef<uint8_t> out);

/// The nearest half or bfloat16, ties to even, too large ones infinite.
uint16_t doubleToHalf(double value);
uint16_t doubleToBfloat(double value);

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_STORED_H
