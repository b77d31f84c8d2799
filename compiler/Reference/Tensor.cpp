//===- Tensor.cpp - Values of the reference evaluator ---------------------===//

#include "compiler/Reference/Tensor.h"

#include "llvm/ADT/APFloat.h"

#include <cstring>

namespace heddle::reference {

size_t sizeOf(Storage storage) {
  switch (storage) {
  case Storage::Bool:
  case Storage::I8:
  case Storage::U8:   return 1;
  case Storage::F16:
  case Storage::BF16: return 2;
  case Storage::I32:
  case Storage::F32:  return 4;
  case Storage::I64:
  case Storage::F64:  return 8;
  }
  return 0;
}

bool isReal(Storage storage) { return storage >= Storage::F16; }

static double throughSemantics(double value, const llvm::fltSemantics &semantics) {
  llvm::APFloat narrow(value);
  bool losesInfo;
  narrow.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  narrow.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return narrow.convertToDouble();
}

double roundToHalf(double value) { return throughSemantics(value, llvm::APFloat::IEEEhalf()); }
double roundToBFloat(double value) { return throughSemantics(value, llvm::APFloat::BFloat()); }

float halfToFloat(uint16_t bits) {
  llvm::APFloat value(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits));
  bool losesInfo;
  value.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToFloat();
}

float bfloatToFloat(uint16_t bits) {
  uint32_t wide = uint32_t(bits) << 16;
  float value;
  std::memcpy(&value, &wide, 4);
  return value;
}

static uint16_t bitsOf(float value, const llvm::fltSemantics &semantics) {
  llvm::APFloat narrow(value);
  bool losesInfo;
  narrow.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return uint16_t(narrow.bitcastToAPInt().getZExtValue());
}

uint16_t floatToHalf(float value) { return bitsOf(value, llvm::APFloat::IEEEhalf()); }
uint16_t floatToBFloat(float value) { return bitsOf(value, llvm::APFloat::BFloat()); }

int64_t Tensor::count() const {
  int64_t product = 1;
  for (int64_t extent : shape)
    product *= extent;
  return product;
}

Tensor Tensor::make(Storage storage, llvm::ArrayRef<int64_t> shape) {
  Tensor tensor;
  tensor.storage = isReal(storage)             ? Storage::F64
                   : storage == Storage::Bool ? Storage::Bool
                                              : Storage::I64;
  tensor.shape.assign(shape.begin(), shape.end());
  size_t bytes = std::max<size_t>(1, size_t(tensor.count()) * sizeOf(tensor.storage));
  tensor.owned = std::shared_ptr<void>(::calloc(bytes, 1), ::free);
  tensor.bytes = tensor.owned.get();
  return tensor;
}

Tensor Tensor::view(Storage storage, llvm::ArrayRef<int64_t> shape, const void *bytes,
                    std::shared_ptr<void> owner) {
  Tensor tensor;
  tensor.storage = storage;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.bytes = bytes;
  tensor.owned = std::move(owner);
  return tensor;
}

template <typename T> static T load(const void *bytes, int64_t at) {
  T value; // weights may lie at any address
  std::memcpy(&value, static_cast<const char *>(bytes) + at * sizeof(T), sizeof(T));
  return value;
}

double Tensor::real(int64_t at) const {
  switch (storage) {
  case Storage::F64:  return load<double>(bytes, at);
  case Storage::F32:  return load<float>(bytes, at);
  case Storage::F16:  return halfToFloat(load<uint16_t>(bytes, at));
  case Storage::BF16: return bfloatToFloat(load<uint16_t>(bytes, at));
  default:            return double(integer(at));
  }
}

int64_t Tensor::integer(int64_t at) const {
  switch (storage) {
  case Storage::Bool: return load<uint8_t>(bytes, at) != 0;
  case Storage::I8:   return load<int8_t>(bytes, at);
  case Storage::U8:   return load<uint8_t>(bytes, at);
  case Storage::I32:  return load<int32_t>(bytes, at);
  case Storage::I64:  return load<int64_t>(bytes, at);
  default:            return int64_t(real(at));
  }
}

} // namespace heddle::reference
