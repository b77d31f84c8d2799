//===- fuzz-npy.cpp - Fuzzes .npy files -----------------------------------===//
//
// What can be read is written, and reads as the same array.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Npy.h"

using namespace llvm;
using namespace heddle::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Expected<NpyArray> array = parseNpy(
      StringRef(reinterpret_cast<const char *>(data), size), "fuzz.npy");
  if (!array) {
    consumeError(array.takeError());
    return 0;
  }
  std::string text;
  raw_string_ostream os(text);
  if (Error error = writeNpy(os, array->dtype, array->shape, array->bytes)) {
    // A header of many long extents is the only thing that cannot be written.
    consumeError(std::move(error));
    return 0;
  }
  Expected<NpyArray> again = parseNpy(text, "again.npy");
  if (!again || again->dtype != array->dtype || again->shape != array->shape ||
      again->bytes != array->bytes)
    __builtin_trap();
  return 0;
}
