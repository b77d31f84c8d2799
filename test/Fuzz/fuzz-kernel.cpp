//===- fuzz-kernel.cpp - Fuzzes the texts of kernels ----------------------===//
//
// Any kernel that can be read can be printed; the text of a valid one gives the
// same text again.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelText.h"
#include "compiler/Kernels/Validate.h"

using namespace heddle::kernels;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::vector<Kernel> kernels;
  std::string error;
  if (!parseAll({reinterpret_cast<const char *>(data), size}, kernels, error)) {
    if (error.empty())
      __builtin_trap();
    return 0;
  }
  for (const Kernel &kernel : kernels) {
    const std::string text = print(kernel);
    if (!validate(kernel, error))
      continue;
    Kernel again;
    if (!parse(text, again, error) || !validate(again, error) || print(again) != text)
      __builtin_trap();
  }
  return 0;
}
