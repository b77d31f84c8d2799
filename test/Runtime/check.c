/* The checks: what they accept, what they return, and every sentence.
 *
 * RUN: %cc -std=c11 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -I%S/../../runtime/include %s %S/../../runtime/lib/check.c -o %t.asan
 * RUN: %t.asan
 * RUN: clang-22 -std=c11 -O2 -Wall -Wextra -Werror -I%S/../../runtime/include %s %S/../../runtime/lib/check.c -o %t.plain
 * RUN: %t.plain
 */

#include "heddle/abi.h"

#include "Inputs/test.h"

#include <stdlib.h>

static char *message; /* on the heap, so that ASan sees an overflow */

#define EXPECT_CHECK(call, status, text)                                         \
  do {                                                                           \
    strcpy(message, "untouched");                                                \
    EXPECT_INT(call, status);                                                    \
    EXPECT_TEXT(message, text);                                                  \
  } while (0)
#define EXPECT_PASS(call) EXPECT_CHECK(call, HEDDLE_OK, "untouched")

static void test_dim(void) {
  EXPECT_PASS(hd1_check_dim(message, "encode", "S", 1, 1, 512, "P"));
  EXPECT_PASS(hd1_check_dim(message, "encode", "S", 512, 1, 512, "P"));
  EXPECT_CHECK(hd1_check_dim(message, "encode", "S", 600, 1, 512, "P"),
               HEDDLE_BAD_DIMENSION, "encode: S = 600 is over its bound P = 512");
  EXPECT_CHECK(hd1_check_dim(message, "encode", "B", 65, 1, 64, NULL),
               HEDDLE_BAD_DIMENSION, "encode: B = 65 is over its bound 64");
  EXPECT_CHECK(hd1_check_dim(message, "encode", "B", 0, 1, 64, NULL),
               HEDDLE_BAD_DIMENSION, "encode: B = 0 is below 1");
  EXPECT_CHECK(hd1_check_dim(message, "e", "B", INT64_MIN, 0, 64, NULL),
               HEDDLE_BAD_DIMENSION, "e: B = -9223372036854775808 is below 0");
  EXPECT_CHECK(hd1_check_dim(message, "e", "B", INT64_MAX, 0, 64, NULL),
               HEDDLE_BAD_DIMENSION, "e: B = 9223372036854775807 is over its bound 64");
}

static void test_pointers(void) {
  static const struct hd1_model model = {.abi = HD1_ABI_VERSION, .threads = 1, .hash = 77};
  static const struct hd1_model closed = {.threads = 1, .hash = 77};
  EXPECT_PASS(hd1_check_pointer(message, "encode", "ids", message));
  EXPECT_CHECK(hd1_check_pointer(message, "encode", "ids", NULL), HEDDLE_NULL_POINTER,
               "encode: ids is a null pointer");
  EXPECT_PASS(hd1_check_model(message, "encode", &model, 77));
  EXPECT_CHECK(hd1_check_model(message, "encode", NULL, 77), HEDDLE_NULL_POINTER,
               "encode: model is a null pointer");
  EXPECT_CHECK(hd1_check_model(message, "encode", &model, 78), HEDDLE_BAD_MODEL,
               "encode: model was opened by another object");
  EXPECT_CHECK(hd1_check_model(message, "encode", &closed, 77), HEDDLE_BAD_MODEL,
               "encode: model was opened by another object");
}

/* One wrong element at each place of tensors of odd sizes, ends of blocks among
 * them; the buffer ends where the tensor ends. BOUND >= 100. */
#define TEST_SWEEP(SUFFIX, TYPE, BOUND, WRONG)                                   \
  for (int64_t count = 0; count < 600; count += count < 5 || count > 507 ? 1 : 251) { \
    TYPE *data = malloc((size_t)count * sizeof(TYPE) + (count == 0));            \
    for (int64_t i = 0; i < count; ++i)                                          \
      data[i] = (TYPE)(i % 100);                                                 \
    int64_t shape[1] = {count};                                                  \
    EXPECT_PASS(hd1_check_range_##SUFFIX(message, "f", "x", data, 1, shape, BOUND)); \
    for (int64_t i = 0; i < count; ++i) {                                        \
      char wanted[100];                                                          \
      TYPE kept = data[i];                                                       \
      data[i] = (TYPE)(WRONG);                                                   \
      snprintf(wanted, sizeof wanted, "f: x[%lld] = %lld is outside 0 .. %lld",  \
               (long long)i, (long long)(TYPE)(WRONG), (long long)(BOUND)-1);    \
      EXPECT_CHECK(hd1_check_range_##SUFFIX(message, "f", "x", data, 1, shape, BOUND), \
                   HEDDLE_BAD_VALUE, wanted);                                    \
      data[i] = kept;                                                            \
    }                                                                            \
    free(data);                                                                  \
  }

static void test_range(void) {
  TEST_SWEEP(i32, int32_t, 100, 100)
  TEST_SWEEP(i32, int32_t, 100, -1)
  TEST_SWEEP(i32, int32_t, 100, INT32_MIN)
  TEST_SWEEP(i64, int64_t, 100, (int64_t)1 << 32)
  TEST_SWEEP(i64, int64_t, 100, -1)
  TEST_SWEEP(i64, int64_t, ((int64_t)1 << 40), INT64_MAX)
  TEST_SWEEP(i8, int8_t, 100, 100)
  TEST_SWEEP(i8, int8_t, 1000, -128)
  TEST_SWEEP(u8, uint8_t, 100, 255)

  int64_t shape[3] = {2, 9, 3};
  int32_t ids[54] = {0};
  ids[27 + 7 * 3 + 2] = 30522;
  ids[53] = -5; /* only the first is named */
  EXPECT_CHECK(hd1_check_range_i32(message, "encode", "ids", ids, 3, shape, 30522),
               HEDDLE_BAD_VALUE, "encode: ids[1][7][2] = 30522 is outside 0 .. 30521");
  EXPECT_PASS(hd1_check_range_i32(message, "encode", "ids", ids, 2, shape, 30522));

  int64_t step = 6;
  EXPECT_PASS(hd1_check_range_i64(message, "f", "step", &step, 0, NULL, 7));
  EXPECT_CHECK(hd1_check_range_i64(message, "f", "step", &step, 0, NULL, 6),
               HEDDLE_BAD_VALUE, "f: step = 6 is outside 0 .. 5");
  EXPECT_CHECK(hd1_check_range_i64(message, "f", "step", &step, 0, NULL, 0),
               HEDDLE_BAD_VALUE, "f: step = 6 is outside an empty range");

  /* Empty tensors hold nothing that could be wrong; their data may be NULL. */
  int64_t empty[2] = {4, 0}, negative[1] = {-1};
  EXPECT_PASS(hd1_check_range_i32(message, "f", "x", NULL, 2, empty, 7));
  EXPECT_PASS(hd1_check_range_i32(message, "f", "x", NULL, 2, empty, 0));
  EXPECT_PASS(hd1_check_range_i32(message, "f", "x", NULL, 1, negative, 7));

  /* A bound that the type cannot reach: only negative numbers are wrong. */
  uint8_t bytes[2] = {255, 0};
  int64_t two[1] = {2};
  EXPECT_PASS(hd1_check_range_u8(message, "f", "x", bytes, 1, two, 256));
  EXPECT_PASS(hd1_check_range_u8(message, "f", "x", bytes, 1, two, 100000));
}

static void test_workspace(void) {
  char *memory = aligned_alloc(64, 128);
  EXPECT_PASS(hd1_check_workspace(message, "encode", memory, 100, 100));
  EXPECT_PASS(hd1_check_workspace(message, "encode", NULL, 0, 0));
  EXPECT_PASS(hd1_check_workspace(message, "encode", memory + 1, 0, 0));
  EXPECT_CHECK(hd1_check_workspace(message, "encode", memory, 4095, 4096),
               HEDDLE_WORKSPACE_TOO_SMALL,
               "encode: workspace has 4095 bytes, 4096 are needed");
  EXPECT_CHECK(hd1_check_workspace(message, "encode", memory, 1, SIZE_MAX),
               HEDDLE_WORKSPACE_TOO_SMALL,
               "encode: workspace has 1 byte, 18446744073709551615 are needed");
  EXPECT_CHECK(hd1_check_workspace(message, "encode", memory + 32, 96, 64),
               HEDDLE_BAD_WORKSPACE, "encode: workspace is not aligned to 64 bytes");
  EXPECT_CHECK(hd1_check_workspace(message, "encode", NULL, 128, 64),
               HEDDLE_NULL_POINTER, "encode: workspace is a null pointer");
  free(memory);
}

static void test_facts(void) {
  EXPECT_PASS(hd1_check_fact(message, "encode", "S == N * W", 1));
  EXPECT_CHECK(hd1_check_fact(message, "encode", "S == N * W", 0), HEDDLE_BAD_DIMENSION,
               "encode: S == N * W does not hold");
  EXPECT_PASS(hd1_check_require(message, "step", "the cache is full", 1));
  EXPECT_CHECK(hd1_check_require(message, "step", "the cache is full", 0), HEDDLE_REQUIRE,
               "step: the cache is full");
}

/* Texts of every length around the end of the buffer, in one-byte and in
 * three-byte characters. */
static void test_long_texts(void) {
  for (int length = 0; length < 400; ++length) {
    char text[401], wanted[500];
    memset(text, 'x', (size_t)length);
    text[length] = 0;
    int whole = length + 3 < HEDDLE_MESSAGE_SIZE;
    snprintf(wanted, sizeof wanted, whole ? "f: %s" : "f: %.185s...", text);
    EXPECT_CHECK(hd1_check_require(message, "f", text, 0), HEDDLE_REQUIRE, wanted);
  }
  for (int shift = 0; shift < 3; ++shift) {
    char text[400] = "xx";
    text[shift] = 0;
    for (int i = 0; i < 100; ++i)
      strcat(text, "\xe2\x82\xac"); /* the euro sign */
    EXPECT_INT(hd1_check_require(message, "f", text, 0), HEDDLE_REQUIRE);
    size_t length = strlen(message);
    EXPECT(length < HEDDLE_MESSAGE_SIZE && length > HEDDLE_MESSAGE_SIZE - 4);
    EXPECT_TEXT(message + length - 3, "...");
    EXPECT_INT((length - 3 - 3 - (size_t)shift) % 3, 0);
  }
}

int main(void) {
  message = malloc(HEDDLE_MESSAGE_SIZE);
  test_dim();
  test_pointers();
  test_range();
  test_workspace();
  test_facts();
  test_long_texts();
  free(message);
  return failures != 0;
}
