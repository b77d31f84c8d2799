//===- fuzz-config.cpp - Fuzzes config.json -------------------------------===//
//
// The bytes are a key up to the first newline, and a file.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Config.h"

using namespace llvm;
using namespace heddle::weights;

template <typename T> static void drop(Expected<T> value) {
  if (!value)
    consumeError(value.takeError());
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const auto [key, text] =
      StringRef(reinterpret_cast<const char *>(data), size).split('\n');
  Expected<Config> config = Config::parse(text, "config.json");
  if (!config) {
    consumeError(config.takeError());
    return 0;
  }
  drop(config->integer(key));
  drop(config->number(key));
  drop(config->boolean(key));
  drop(config->string(key));
  drop(config->integers(key));
  drop(config->strings(key));
  return 0;
}
