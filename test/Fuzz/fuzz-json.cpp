//===- fuzz-json.cpp - Fuzzes JSON of unknown origin ----------------------===//
//
// What is accepted is written, and reads as the same value.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/JsonText.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace heddle::weights;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const StringRef bytes(reinterpret_cast<const char *>(data), size);
  const std::string shown = quoted(bytes);
  for (char c : shown)
    if (c < ' ' || c > '~')
      __builtin_trap();
  Expected<json::Value> value = parseJson(bytes, "fuzz.json");
  if (!value) {
    consumeError(value.takeError());
    return 0;
  }
  jsonInteger(*value);
  jsonKind(*value);
  std::string text;
  raw_string_ostream(text) << *value;
  Expected<json::Value> again = parseJson(text, "again.json");
  if (!again || *again != *value)
    __builtin_trap();
  return 0;
}
