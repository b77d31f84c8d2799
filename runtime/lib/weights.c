/*===- weights.c - Weights in a file or in the caller's memory --------------===*\
|*
|* Implements hd1_find_weights, hd1_unmap_weights and hd1_checksum_*. The file is
|* mapped read-only, so all processes that open it share one copy, and it is
|* compared with what the object expects before anything of it is used. The reason
|* of a message stands before the path, which may be long.
|*
\*===------------------------------------------------------------------------===*/

#define _POSIX_C_SOURCE 200809L /* the build asks for ISO C alone */

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A step is a bijection of the lane for a given word and of the word for a given
 * lane: one word that changes changes the lane. The shift brings what happens to
 * high bits down, where the next multiplication spreads it again. Lanes hide the
 * latency of the multiplications. The empty instruction keeps a lane in a general
 * register: SSE2 cannot multiply 64 bits, and vectorised by it the loop is slower. */
static inline uint64_t mix(uint64_t lane, const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  lane = (lane ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  __asm__("" : "+r"(lane));
  return lane ^ lane >> 32;
}

HD1_DEFINITION void hd1_checksum_add(struct hd1_checksum *sum, const void *data,
                                     uint64_t size) {
  const uint8_t *at = data;
  uint64_t *l = sum->lanes;
  uint64_t l0 = l[0], l1 = l[1], l2 = l[2], l3 = l[3], l4 = l[4], l5 = l[5], l6 = l[6], l7 = l[7];
  for (const uint8_t *end = at + size / 64 * 64; at != end; at += 64) {
    l0 = mix(l0, at), l1 = mix(l1, at + 8), l2 = mix(l2, at + 16), l3 = mix(l3, at + 24);
    l4 = mix(l4, at + 32), l5 = mix(l5, at + 40), l6 = mix(l6, at + 48), l7 = mix(l7, at + 56);
  }
  l[0] = l0, l[1] = l1, l[2] = l2, l[3] = l3, l[4] = l4, l[5] = l5, l[6] = l6, l[7] = l7;
  sum->size += size;
}

HD1_DEFINITION uint64_t hd1_checksum_end(const struct hd1_checksum *sum) {
  uint64_t result = sum->size;
  for (int lane = 0; lane < 8; ++lane) {
    result = (result ^ sum->lanes[lane]) * UINT64_C(0xD6E8FEB86659FD93);
    result ^= result >> 29;
  }
  return result;
}

/* Ends a message with "reason: path". */
static int32_t say(char *message, int32_t status, const char *reason, const char *path) {
  struct text t = begin_text(message, "open");
  put(&t, reason);
  if (path) {
    put(&t, ": ");
    put(&t, path);
  }
  return end_text(&t, status);
}

static int32_t say_sizes(char *message, int32_t status, const char *before, uint64_t have,
                         const char *between, uint64_t want, const char *path) {
  struct text t = begin_text(message, "open");
  put(&t, before);
  put_unsigned(&t, have);
  put(&t, between);
  put_unsigned(&t, want);
  if (path) {
    put(&t, ": ");
    put(&t, path);
  }
  return end_text(&t, status);
}

static uint64_t block_checksum(const void *block) {
  struct hd1_checksum sum = {{0}, 0};
  hd1_checksum_add(&sum, block, 64);
  return hd1_checksum_end(&sum);
}

/* Are the `size` bytes at `bytes` the weights file that `package` expects? */
static int32_t check_contents(char *message, const struct hd1_package *package,
                              const uint8_t *bytes, uint64_t size, int trusted,
                              const char *path) {
  struct hd1_weights_header header;
  if (size < HD1_WEIGHTS_BEGIN)
    return say_sizes(message, HEDDLE_BAD_WEIGHTS, "the weights have ", size,
                     " bytes, their header alone has ", HD1_WEIGHTS_BEGIN, path);
  memcpy(&header, bytes, sizeof header);
  if (memcmp(header.magic, HD1_WEIGHTS_MAGIC, sizeof header.magic) != 0)
    return say(message, HEDDLE_BAD_WEIGHTS, "this is no weights file", path);
  /* The version first: it says what all else means. */
  if (header.version != HD1_WEIGHTS_VERSION)
    return say_sizes(message, HEDDLE_OTHER_WEIGHTS, "the weights are of version ",
                     header.version, ", wanted ", HD1_WEIGHTS_VERSION, path);
  uint64_t checksum = header.header_checksum;
  header.header_checksum = 0;
  if (block_checksum(&header) != checksum || header.begin != HD1_WEIGHTS_BEGIN)
    return say(message, HEDDLE_BAD_WEIGHTS, "the weights' header is damaged", path);
  if (header.layout != package->weights_layout || header.size != package->weights_size)
    return say(message, HEDDLE_OTHER_WEIGHTS, "the weights are of another model", path);
  if (size - HD1_WEIGHTS_BEGIN != header.size)
    return say_sizes(message, HEDDLE_BAD_WEIGHTS, "the weights have ", size,
                     " bytes, wanted ", HD1_WEIGHTS_BEGIN + header.size, path);
  if (trusted)
    return HEDDLE_OK;
  struct hd1_checksum sum = {{0}, 0};
  hd1_checksum_add(&sum, bytes + HD1_WEIGHTS_BEGIN, header.size);
  if (hd1_checksum_end(&sum) != header.checksum)
    return say(message, HEDDLE_BAD_WEIGHTS, "the weights are damaged", path);
  return HEDDLE_OK;
}

static int32_t say_errno(char *message, int code, const char *path) {
  if (code == ENOENT || code == ENOTDIR)
    return say(message, HEDDLE_WEIGHTS_FILE, "there is no such weights file", path);
  if (code == EACCES || code == EPERM)
    return say(message, HEDDLE_WEIGHTS_FILE, "the weights file may not be read", path);
  struct text t = begin_text(message, "open");
  put(&t, "the weights file cannot be read, errno ");
  put_integer(&t, code);
  put(&t, ": ");
  put(&t, path);
  return end_text(&t, HEDDLE_WEIGHTS_FILE);
}

/* Maps a whole file; its descriptor does not stay open. */
static int32_t map_file(char *message, const char *path, void **mapping, uint64_t *size) {
  /* Without O_NONBLOCK a pipe would wait for a writer. */
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return say_errno(message, errno, path);
  int32_t status = HEDDLE_OK;
  struct stat info;
  if (fstat(file, &info) != 0) {
    status = say_errno(message, errno, path);
  } else if (!S_ISREG(info.st_mode)) {
    status = say(message, HEDDLE_WEIGHTS_FILE,
                 S_ISDIR(info.st_mode) ? "the weights file is a folder"
                                       : "the weights file is not a regular file",
                 path);
  } else if (info.st_size < HD1_WEIGHTS_BEGIN) { /* nothing cannot be mapped */
    status = say_sizes(message, HEDDLE_BAD_WEIGHTS, "the weights have ",
                       (uint64_t)info.st_size, " bytes, their header alone has ",
                       HD1_WEIGHTS_BEGIN, path);
  } else {
    *size = (uint64_t)info.st_size;
    *mapping = mmap(NULL, *size, PROT_READ, MAP_SHARED, file, 0);
    if (*mapping == MAP_FAILED) {
      *mapping = NULL;
      status = say_errno(message, errno, path);
    }
  }
  close(file);
  return status;
}

HD1_DEFINITION int32_t hd1_find_weights(char *message, const struct hd1_package *package,
                                        const struct hd1_options *options,
                                        const uint8_t **weights, void **mapping,
                                        uint64_t *mapping_size) {
  *weights = package->weights;
  *mapping = NULL;
  *mapping_size = 0;
  const char *path = options ? options->weights_file : NULL;
  const void *memory = options ? options->weights : NULL;
  if (package->weights_size == 0) {
    if (path || memory)
      return say(message, HEDDLE_BAD_OPTIONS,
                 "weights are given, but the object has its own", NULL);
    return HEDDLE_OK;
  }
  if (path && memory)
    return say(message, HEDDLE_BAD_OPTIONS,
               "weights are given twice, as a file and in memory", NULL);
  if (!path && !memory)
    return say(message, HEDDLE_WEIGHTS_FILE,
               "the model's weights are in a file, which the options must name", NULL);
  int trusted = options->trust_weights != 0;
  if (memory) {
    if ((uintptr_t)memory % 64 != 0)
      return say(message, HEDDLE_BAD_OPTIONS, "weights is not aligned to 64 bytes", NULL);
    int32_t status = check_contents(message, package, memory, options->weights_size,
                                    trusted, NULL);
    if (status == HEDDLE_OK)
      *weights = (const uint8_t *)memory + HD1_WEIGHTS_BEGIN;
    return status;
  }
  int32_t status = map_file(message, path, mapping, mapping_size);
  if (status != HEDDLE_OK)
    return status;
  status = check_contents(message, package, *mapping, *mapping_size, trusted, path);
  if (status != HEDDLE_OK) {
    hd1_unmap_weights(*mapping, *mapping_size);
    *mapping = NULL;
    return status;
  }
  *weights = (const uint8_t *)*mapping + HD1_WEIGHTS_BEGIN;
  return HEDDLE_OK;
}

HD1_DEFINITION void hd1_unmap_weights(void *mapping, uint64_t mapping_size) {
  if (mapping)
    munmap(mapping, mapping_size);
}
