//===- Tensor.h - Values of the reference evaluator -----------------------===//

#ifndef HEDDLE_COMPILER_REFERENCE_TENSOR_H
#define HEDDLE_COMPILER_REFERENCE_TENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heddle::reference {

/// How elements lie in memory, in the machine's byte order.
enum class Storage : uint8_t { Bool, I8, U8, I32, I64, F16, BF16, F32, F64 };
size_t sizeOf(Storage storage);
bool isReal(Storage storage);
float halfToFloat(uint16_t bits);
float bfloatToFloat(uint16_t bits);
/// Rounds to nearest even, as a store into such a tensor does.
double roundToHalf(double value);
double roundToBFloat(double value);
uint16_t floatToHalf(float value);
uint16_t floatToBFloat(float value);

/// A dense row-major tensor. Reals that the evaluator computes are doubles,
/// integers int64; inputs and weights are read where they lie.
class Tensor {
public:
  llvm::SmallVector<int64_t> shape;
  Storage storage = Storage::F64;

  /// Owned, zero-filled: F64 for real elements, I64 for integers, Bool.
  static Tensor make(Storage storage, llvm::ArrayRef<int64_t> shape);
  /// Refers to `bytes`, which must outlive the tensor (held by `owner` if given).
  static Tensor view(Storage storage, llvm::ArrayRef<int64_t> shape,
                     const void *bytes, std::shared_ptr<void> owner = nullptr);

  int64_t count() const;
  const void *data() const { return bytes; }
  /// Owned tensors only.
  template <typename T> T *mutableData() { return static_cast<T *>(owned.get()); }

  double real(int64_t at) const;
  int64_t integer(int64_t at) const;

  /// A bound on the absolute error that f32 arithmetic may leave in each element
  /// where bounds were asked for; empty otherwise. For an integer or bool
  /// element: not 0 where rounding decides its value.
  std::vector<double> error;

private:
  const void *bytes = nullptr;
  std::shared_ptr<void> owned;
};

} // namespace heddle::reference

#endif // HEDDLE_COMPILER_REFERENCE_TENSOR_H
