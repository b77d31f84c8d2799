/* Weights files: what is accepted, and every mistake with its status and message;
 * more than 2 GB (a sparse file); one copy for all processes.
 *
 * RUN: rm -rf %t && mkdir -p %t
 * RUN: %cc -std=gnu11 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -I%S/../../runtime/include %s %S/../../runtime/lib/check.c %S/../../runtime/lib/cpu.c %S/../../runtime/lib/model.c %S/../../runtime/lib/team.c %S/../../runtime/lib/weights.c -lpthread -o %t/test
 * RUN: cd %t && %t/test
 */

#include "heddle/abi.h"

#include "Inputs/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 640, FILE_SIZE = HD1_WEIGHTS_BEGIN + SIZE };

static const struct hd1_variant variants[] = {{"any", 0, 0, NULL}};
static const struct hd1_package package = {7, variants, 1, 0, NULL, SIZE, 99};
static const struct hd1_package with_own = {7, variants, 1, 0, (const uint8_t *)"own", 0, 0};
static const struct hd1_package large = {7, variants, 1, 0, NULL, UINT64_C(3) << 30, 99};

static _Alignas(64) uint8_t bytes[FILE_SIZE + 64];

static void seal(struct hd1_weights_header *header) {
  struct hd1_checksum sum = {{0}, 0};
  header->header_checksum = 0;
  hd1_checksum_add(&sum, header, sizeof *header);
  header->header_checksum = hd1_checksum_end(&sum);
}

/* A right file in `bytes`. */
static struct hd1_weights_header *make(void) {
  memset(bytes, 0, sizeof bytes);
  for (int i = 0; i < SIZE; ++i)
    bytes[HD1_WEIGHTS_BEGIN + i] = (uint8_t)(i * 7 + i / 64);
  struct hd1_weights_header *header = (struct hd1_weights_header *)bytes;
  memcpy(header->magic, HD1_WEIGHTS_MAGIC, 8);
  header->version = HD1_WEIGHTS_VERSION;
  header->begin = HD1_WEIGHTS_BEGIN;
  header->size = SIZE;
  header->layout = 99;
  struct hd1_checksum sum = {{0}, 0};
  hd1_checksum_add(&sum, bytes + HD1_WEIGHTS_BEGIN, SIZE);
  header->checksum = hd1_checksum_end(&sum);
  seal(header);
  return header;
}

static void put(const char *path, uint64_t size) {
  unlink(path);
  FILE *file = fopen(path, "wb");
  if (!file || (size && fwrite(bytes, size, 1, file) != 1) || fclose(file) != 0)
    exit(2);
}

/* Opens, and for success expects the weights of make(). */
static void expect(const struct hd1_package *object, struct hd1_options options,
                   int32_t status, const char *message) {
  struct hd1_model *model = (struct hd1_model *)&options; /* must be overwritten */
  strcpy(options.message, "of an earlier call");
  EXPECT_INT(hd1_open(&model, &options, object), status);
  EXPECT_TEXT(options.message, message);
  EXPECT((model != NULL) == (status == HEDDLE_OK));
  if (!model)
    return;
  EXPECT((uintptr_t)model->weights % 64 == 0);
  for (int i = 0; i < SIZE; ++i)
    EXPECT_INT(model->weights[i], (uint8_t)(i * 7 + i / 64));
  hd1_close(model);
}

static void expect_file(const char *path, int32_t status, const char *message) {
  struct hd1_options options = {0};
  options.weights_file = path;
  expect(&package, options, status, message);
}

static void expect_bytes(uint64_t size, int32_t status, const char *message) {
  struct hd1_options options = {0};
  options.weights = bytes;
  options.weights_size = size;
  expect(&package, options, status, message);
  put("made", size);
  char with_path[HEDDLE_MESSAGE_SIZE];
  snprintf(with_path, sizeof with_path, "%s%s", message, *message ? ": made" : "");
  expect_file("made", status, with_path);
}

static void test_files(void) {
  make();
  expect_bytes(FILE_SIZE, HEDDLE_OK, "");
  expect_file("nowhere/made", HEDDLE_WEIGHTS_FILE, "open: there is no such weights file: nowhere/made");
  expect_file("", HEDDLE_WEIGHTS_FILE, "open: there is no such weights file: ");
  expect_file("made/x", HEDDLE_WEIGHTS_FILE, "open: there is no such weights file: made/x");
  expect_file(".", HEDDLE_WEIGHTS_FILE, "open: the weights file is a folder: .");
  expect_file("/dev/null", HEDDLE_WEIGHTS_FILE, "open: the weights file is not a regular file: /dev/null");
  /* A pipe without a writer must not wait. */
  if (mkfifo("pipe", 0600) == 0)
    expect_file("pipe", HEDDLE_WEIGHTS_FILE, "open: the weights file is not a regular file: pipe");
  if (symlink("loop", "loop") == 0)
    expect_file("loop", HEDDLE_WEIGHTS_FILE, "open: the weights file cannot be read, errno 40: loop");
  put("closed", FILE_SIZE);
  chmod("closed", 0);
  if (geteuid() != 0) /* who may read everything */
    expect_file("closed", HEDDLE_WEIGHTS_FILE, "open: the weights file may not be read: closed");
}

static void test_contents(void) {
  make();
  expect_bytes(0, HEDDLE_BAD_WEIGHTS, "open: the weights have 0 bytes, their header alone has 4096");
  expect_bytes(4095, HEDDLE_BAD_WEIGHTS, "open: the weights have 4095 bytes, their header alone has 4096");
  expect_bytes(4096, HEDDLE_BAD_WEIGHTS, "open: the weights have 4096 bytes, wanted 4736");
  expect_bytes(FILE_SIZE - 1, HEDDLE_BAD_WEIGHTS, "open: the weights have 4735 bytes, wanted 4736");
  expect_bytes(FILE_SIZE + 1, HEDDLE_BAD_WEIGHTS, "open: the weights have 4737 bytes, wanted 4736");
  for (int i = 0; i < SIZE; i += 37) {
    make();
    bytes[HD1_WEIGHTS_BEGIN + i] ^= (uint8_t)(1 << i % 8);
    expect_bytes(FILE_SIZE, HEDDLE_BAD_WEIGHTS, "open: the weights are damaged");
  }
  make()->magic[0] = 'h';
  expect_bytes(FILE_SIZE, HEDDLE_BAD_WEIGHTS, "open: this is no weights file");
  struct hd1_weights_header *header = make();
  header->version = 2;
  seal(header);
  expect_bytes(FILE_SIZE, HEDDLE_OTHER_WEIGHTS, "open: the weights are of version 2, wanted 1");
  for (size_t i = offsetof(struct hd1_weights_header, begin); i < sizeof *header; ++i) {
    make();
    bytes[i] ^= 0x80;
    expect_bytes(FILE_SIZE, HEDDLE_BAD_WEIGHTS, "open: the weights' header is damaged");
  }
  header = make();
  header->begin = 64;
  seal(header);
  expect_bytes(FILE_SIZE, HEDDLE_BAD_WEIGHTS, "open: the weights' header is damaged");
  header = make();
  header->layout = 98;
  seal(header);
  expect_bytes(FILE_SIZE, HEDDLE_OTHER_WEIGHTS, "open: the weights are of another model");
  header = make();
  header->size = SIZE + 64;
  seal(header);
  expect_bytes(FILE_SIZE + 64, HEDDLE_OTHER_WEIGHTS, "open: the weights are of another model");
}

static void test_options(void) {
  make();
  put("made", FILE_SIZE);
  struct hd1_options options = {0};
  expect(&package, options, HEDDLE_WEIGHTS_FILE, "open: the model's weights are in a file, which the options must name");
  struct hd1_model *model;
  EXPECT_INT(hd1_open(&model, NULL, &package), HEDDLE_WEIGHTS_FILE);
  EXPECT(model == NULL);
  options.weights_file = "made";
  expect(&with_own, options, HEDDLE_BAD_OPTIONS, "open: weights are given, but the object has its own");
  options.weights = bytes, options.weights_size = FILE_SIZE;
  expect(&package, options, HEDDLE_BAD_OPTIONS, "open: weights are given twice, as a file and in memory");
  options.weights_file = NULL, options.weights = bytes + 8;
  expect(&package, options, HEDDLE_BAD_OPTIONS, "open: weights is not aligned to 64 bytes");

  /* What is trusted is not read: a wrong checksum passes, a wrong header does not. */
  struct hd1_weights_header *header = make();
  header->checksum ^= 1;
  seal(header);
  options.weights = bytes;
  expect(&package, options, HEDDLE_BAD_WEIGHTS, "open: the weights are damaged");
  options.trust_weights = 1;
  expect(&package, options, HEDDLE_OK, "");
  header->layout = 5;
  seal(header);
  expect(&package, options, HEDDLE_OTHER_WEIGHTS, "open: the weights are of another model");
}

/* Two handles on one file, unlinked while it is open; threads that fail to start
 * give the mapping back (the leak checker does not see mappings: the list does). */
static int count_mappings(const char *name, const char *permissions) {
  char line[1024];
  int count = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps))
    count += strstr(line, name) && strstr(line, permissions);
  if (maps)
    fclose(maps);
  return count;
}

static void test_sharing(void) {
  make();
  put("shared-weights", FILE_SIZE);
  struct hd1_options options = {0};
  options.weights_file = "shared-weights";
  struct hd1_model *one, *two;
  EXPECT_INT(hd1_open(&one, &options, &package), HEDDLE_OK);
  EXPECT_INT(hd1_open(&two, &options, &package), HEDDLE_OK);
  unlink("shared-weights");
  EXPECT_INT(count_mappings("shared-weights", " r--s "), 2);
  hd1_close(one);
  EXPECT_INT(two->weights[1], 7);
  hd1_close(two);
  put("shared-weights", FILE_SIZE - 1);
  EXPECT_INT(hd1_open(&one, &options, &package), HEDDLE_BAD_WEIGHTS);
  EXPECT_INT(count_mappings("shared-weights", "r"), 0);
}

/* 3 GB of which all but the ends is a hole; a checksum would read it all. */
static void test_large(void) {
  struct hd1_weights_header *header = make();
  header->size = large.weights_size;
  seal(header);
  put("large", HD1_WEIGHTS_BEGIN);
  int file = open("large", O_WRONLY);
  const uint8_t last = 77;
  int made = pwrite(file, &last, 1, (off_t)(HD1_WEIGHTS_BEGIN + large.weights_size - 1)) == 1;
  close(file);
  if (!made) { /* a file system without large files */
    printf("no large files here\n");
    return;
  }
  struct hd1_options options = {0};
  options.weights_file = "large";
  options.trust_weights = 1;
  struct hd1_model *model;
  EXPECT_INT(hd1_open(&model, &options, &large), HEDDLE_OK);
  if (model) {
    EXPECT_INT(model->weights[large.weights_size - 1], 77);
    EXPECT_INT(model->weights[UINT64_C(0x80000001)], 0);
    hd1_close(model);
  }
  /* Short by 2^32 bytes: sizes are not compared in 32 bits. */
  struct hd1_package larger = large;
  larger.weights_size += UINT64_C(1) << 32;
  header->size = larger.weights_size;
  seal(header);
  file = open("large", O_WRONLY);
  EXPECT_INT(pwrite(file, bytes, sizeof *header, 0), sizeof *header);
  close(file);
  EXPECT_INT(hd1_open(&model, &options, &larger), HEDDLE_BAD_WEIGHTS);
  EXPECT_TEXT(options.message, "open: the weights have 3221229568 bytes, wanted 7516196864: large");
  unlink("large");
}

/* The sum is part of the format: it stays what it is. Pieces do not matter. */
static void test_checksum(void) {
  make();
  struct hd1_checksum sum = {{0}, 0};
  EXPECT(hd1_checksum_end(&sum) == 0);
  hd1_checksum_add(&sum, bytes + HD1_WEIGHTS_BEGIN, SIZE);
  uint64_t whole = hd1_checksum_end(&sum);
  if (whole != UINT64_C(0x3c583ae7e13f701b)) {
    printf("checksum 0x%016llx\n", (unsigned long long)whole);
    ++failures;
  }
  struct hd1_checksum pieces = {{0}, 0};
  hd1_checksum_add(&pieces, bytes + HD1_WEIGHTS_BEGIN, 64);
  hd1_checksum_add(&pieces, bytes + HD1_WEIGHTS_BEGIN + 64, SIZE - 64);
  EXPECT(hd1_checksum_end(&pieces) == whole);
  /* Zeros count, and so does the order of blocks. */
  hd1_checksum_add(&pieces, bytes + 1024, 64);
  EXPECT(hd1_checksum_end(&pieces) != whole);
  struct hd1_checksum turned = {{0}, 0};
  hd1_checksum_add(&turned, bytes + HD1_WEIGHTS_BEGIN + 64, SIZE - 64);
  hd1_checksum_add(&turned, bytes + HD1_WEIGHTS_BEGIN, 64);
  EXPECT(hd1_checksum_end(&turned) != whole);
}

int main(void) {
  test_files();
  test_contents();
  test_options();
  test_sharing();
  test_large();
  test_checksum();
  EXPECT_INT(sizeof(struct hd1_weights_header), 64);
  EXPECT_INT(offsetof(struct hd1_weights_header, header_checksum), 56);
  return failures != 0;
}
