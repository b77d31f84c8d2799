//===- fuzz-safetensors.cpp - Fuzzes the header of safetensors files ------===//
//
// Whatever the bytes are: an error, or entries whose elements can be read.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Safetensors.h"

#include <vector>

using namespace llvm;
using namespace heddle::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const StringRef contents(reinterpret_cast<const char *>(data), size);
  Expected<std::vector<TensorEntry>> entries =
      parseSafetensors(contents, "fuzz.safetensors");
  if (!entries) {
    consumeError(entries.takeError());
    return 0;
  }
  for (const TensorEntry &entry : *entries) {
    if (elementCount(entry.shape) != entry.count())
      __builtin_trap();
    std::vector<double> values(entry.count());
    convertElements(entry.dtype, entry.bytes.data(),
                    MutableArrayRef<double>(values));
    std::vector<int64_t> integers(entry.count());
    consumeError(convertElements(entry.dtype, entry.bytes.data(),
                                 MutableArrayRef<int64_t>(integers)));
  }
  return 0;
}
