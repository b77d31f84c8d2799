//===- fuzz-weights.cpp - Fuzzes the runtime's reader of weights files ----===//
//
// The first byte says what is put right before the runtime sees the rest, a
// header and what follows it: checksums keep a fuzzer out otherwise. Whatever the
// bytes are: a status and a message that ends, or weights that lie where they
// must and, unless they were trusted, have their checksum.
//
//===----------------------------------------------------------------------===//

#include "heddle/abi.h"

#include <cstdlib>
#include <cstring>

namespace {

enum Repair { Names = 1, Header = 2, Contents = 4, Short = 8, Trusted = 16 };

constexpr uint64_t kLayout = 0x123456789abcdef0;
constexpr uint64_t kSize = 128;

uint64_t checksum(const void *data, uint64_t size) {
  hd1_checksum sum = {};
  hd1_checksum_add(&sum, data, size);
  return hd1_checksum_end(&sum);
}

void repair(hd1_weights_header &header, int how, const uint8_t *contents, uint64_t size) {
  if (how & Names) {
    memcpy(header.magic, HD1_WEIGHTS_MAGIC, sizeof header.magic);
    header.version = HD1_WEIGHTS_VERSION;
    header.begin = HD1_WEIGHTS_BEGIN;
    header.layout = kLayout;
  }
  if (how & Contents)
    header.checksum = checksum(contents, size / 64 * 64);
  if (how & Header) {
    header.header_checksum = 0;
    header.header_checksum = checksum(&header, sizeof header);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  hd1_weights_header header;
  if (size < 1 + sizeof header)
    return 0;
  int how = data[0];
  memcpy(&header, data + 1, sizeof header);
  const uint8_t *contents = data + 1 + sizeof header;
  size -= 1 + sizeof header;
  repair(header, how, contents, size);

  // Of exactly this size, so that a read behind it is seen.
  uint64_t total = how & Short ? sizeof header + size : HD1_WEIGHTS_BEGIN + size;
  void *memory = nullptr;
  if (posix_memalign(&memory, 64, total))
    __builtin_trap();
  auto *file = static_cast<uint8_t *>(memory);
  memset(file, 0, total);
  memcpy(file, &header, sizeof header);
  memcpy(file + total - size, contents, size);

  hd1_package package = {};
  package.weights_size = kSize;
  package.weights_layout = kLayout;
  hd1_options options = {};
  options.weights = file;
  options.weights_size = total;
  options.trust_weights = (how & Trusted) != 0;
  memset(options.message, 'x', sizeof options.message);
  const uint8_t *weights = nullptr;
  void *mapping = nullptr;
  uint64_t mapped = 0;
  int32_t status =
      hd1_find_weights(options.message, &package, &options, &weights, &mapping, &mapped);
  if (status == HEDDLE_OK) {
    if (weights != file + HD1_WEIGHTS_BEGIN || total != HD1_WEIGHTS_BEGIN + kSize || mapping)
      __builtin_trap();
    if (!options.trust_weights && checksum(weights, kSize) != header.checksum)
      __builtin_trap();
  } else if (!memchr(options.message, 0, sizeof options.message) || !options.message[0]) {
    __builtin_trap();
  }
  free(memory);
  return 0;
}
