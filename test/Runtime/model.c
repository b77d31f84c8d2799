/* Opening a model: options that are allowed and that are not, the processor's
 * features against the compiler's own test for them, running out of memory.
 *
 * RUN: %cc -std=c11 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -I%S/../../runtime/include %s %S/../../runtime/lib/check.c %S/../../runtime/lib/cpu.c %S/../../runtime/lib/model.c %S/../../runtime/lib/team.c %S/../../runtime/lib/weights.c -lpthread -o %t.asan
 * RUN: %t.asan
 * RUN: %cc -std=c11 -O2 -Wall -Wextra -Werror -DLIMITS -I%S/../../runtime/include %s %S/../../runtime/lib/check.c %S/../../runtime/lib/cpu.c %S/../../runtime/lib/model.c %S/../../runtime/lib/team.c %S/../../runtime/lib/weights.c -lpthread -Wl,--wrap=malloc,--wrap=posix_memalign,--wrap=pthread_create -o %t.limits
 * RUN: %t.limits
 */

#include "heddle/abi.h"

#include "Inputs/test.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

static const struct hd1_variant variants[] = {{"any", 0, 0, NULL}};
static const struct hd1_package package = {0x123456789abcdef0, variants, 1, 0, (const uint8_t *)"weights", 0, 0};

static int32_t open_with(int32_t threads, struct hd1_model **model) {
  struct hd1_options options = {0};
  options.threads = threads;
  *model = (struct hd1_model *)&options; /* must be overwritten */
  return hd1_open(model, &options, &package);
}

#ifndef LIMITS
static void test_options(void) {
  struct hd1_model *model;
  for (int32_t threads = 0; threads < 4; ++threads) {
    EXPECT_INT(open_with(threads, &model), HEDDLE_OK);
    EXPECT_INT(model->threads, threads ? threads : 1);
    EXPECT_TEXT((const char *)model->weights, "weights");
    EXPECT(model->hash == 0x123456789abcdef0);
    hd1_close(model);
  }
  static const int32_t bad[] = {-1, INT32_MIN, HD1_MAX_THREADS + 1, INT32_MAX};
  for (int i = 0; i < 4; ++i) {
    EXPECT_INT(open_with(bad[i], &model), HEDDLE_BAD_OPTIONS);
    EXPECT(model == NULL);
  }
  EXPECT_INT(hd1_open(&model, NULL, &package), HEDDLE_OK);
  EXPECT_INT(model->threads, 1);
  hd1_close(model);
  EXPECT_INT(hd1_open(NULL, NULL, &package), HEDDLE_NULL_POINTER);
  hd1_close(NULL);
}

#endif

static void test_features(void) {
  struct hd1_model *model;
  uint32_t features = hd1_cpu_features();
  const struct hd1_variant lacking = {"lacking", UINT32_C(1) << 31, 0, NULL}, fitting = {"fitting", features, 0, NULL};
  struct hd1_package alone = {1, &lacking, 1, 0, NULL, 0, 0};
  EXPECT_INT(hd1_open(&model, NULL, &alone), HEDDLE_BAD_CPU);
  EXPECT(model == NULL);
  alone.variants = &fitting;
  EXPECT_INT(hd1_open(&model, NULL, &alone), HEDDLE_OK);
  EXPECT_TEXT(hd1_target(model), "fitting");
  hd1_close(model);
#if defined(__x86_64__)
#define EXPECT_FEATURE(bit, name) \
  EXPECT_INT((features & (bit)) != 0, __builtin_cpu_supports(name) != 0)
  EXPECT_FEATURE(HD1_CPU_SSE42, "sse4.2");
  EXPECT_FEATURE(HD1_CPU_AVX, "avx");
  EXPECT_FEATURE(HD1_CPU_F16C, "f16c");
  EXPECT_FEATURE(HD1_CPU_FMA, "fma");
  EXPECT_FEATURE(HD1_CPU_AVX2, "avx2");
  EXPECT_FEATURE(HD1_CPU_BMI, "bmi2");
  EXPECT_FEATURE(HD1_CPU_AVX512, "avx512vl");
  EXPECT_FEATURE(HD1_CPU_AVX512_VNNI, "avx512vnni");
#endif
}

/* The layouts that generated code is compiled for. */
static void test_layout(void) {
  EXPECT_INT(offsetof(struct hd1_model, abi), 0);
  EXPECT_INT(offsetof(struct hd1_model, threads), 4);
  EXPECT_INT(offsetof(struct hd1_model, hash), 8);
  EXPECT_INT(offsetof(struct hd1_model, weights), 16);
  EXPECT_INT(offsetof(struct hd1_model, team), 24);
  EXPECT_INT(offsetof(struct hd1_model, parallel), 32);
  EXPECT_INT(offsetof(struct hd1_model, parallel_context), 40);
  EXPECT_INT(offsetof(struct hd1_model, failed), 48);
  EXPECT_INT(offsetof(struct hd1_model, kernels), 56);
  EXPECT_INT(offsetof(struct hd1_model, variant), 64);
  EXPECT_INT(offsetof(struct hd1_model, mapping), 72);
  EXPECT_INT(offsetof(struct hd1_model, mapping_size), 80);
  EXPECT_INT(sizeof(struct hd1_model), 88);
  EXPECT_INT(offsetof(struct hd1_variant, target), 0);
  EXPECT_INT(offsetof(struct hd1_variant, features), 8);
  EXPECT_INT(offsetof(struct hd1_variant, kernels), 16);
  EXPECT_INT(sizeof(struct hd1_variant), 24);
  EXPECT_INT(offsetof(struct hd1_package, hash), 0);
  EXPECT_INT(offsetof(struct hd1_package, variants), 8);
  EXPECT_INT(offsetof(struct hd1_package, num_variants), 16);
  EXPECT_INT(offsetof(struct hd1_package, weights), 24);
  EXPECT_INT(offsetof(struct hd1_package, weights_size), 32);
  EXPECT_INT(offsetof(struct hd1_package, weights_layout), 40);
  EXPECT_INT(sizeof(struct hd1_package), 48);
  EXPECT_INT(offsetof(struct hd1_options, threads), 0);
  EXPECT_INT(offsetof(struct hd1_options, parallel), 8);
  EXPECT_INT(offsetof(struct hd1_options, parallel_context), 16);
  EXPECT_INT(offsetof(struct hd1_options, target), 24);
  EXPECT_INT(offsetof(struct hd1_options, weights_file), 32);
  EXPECT_INT(offsetof(struct hd1_options, weights), 40);
  EXPECT_INT(offsetof(struct hd1_options, weights_size), 48);
  EXPECT_INT(offsetof(struct hd1_options, message), 56);
  EXPECT_INT(sizeof(struct hd1_options), 248);
}

#ifdef LIMITS
/* Each allocation and each thread fails in turn; what was got is given back. */
static int allowed_blocks, allowed_threads;

void *__real_malloc(size_t);
void *__wrap_malloc(size_t size) {
  return allowed_blocks-- > 0 ? __real_malloc(size) : NULL;
}
int __real_posix_memalign(void **, size_t, size_t);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
  return allowed_blocks-- > 0 ? __real_posix_memalign(memory, alignment, size) : 12;
}
int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument) {
  return allowed_threads-- > 0 ? __real_pthread_create(thread, attributes, run, argument)
                               : 11;
}

static void test_limits(void) {
  struct hd1_model *model;
  for (int blocks = 0; blocks < 2; ++blocks) {
    allowed_blocks = blocks;
    allowed_threads = 100;
    EXPECT_INT(open_with(5, &model), HEDDLE_OUT_OF_MEMORY);
    EXPECT(model == NULL);
  }
  for (int threads = 0; threads < 4; ++threads) {
    allowed_blocks = 2;
    allowed_threads = threads;
    EXPECT_INT(open_with(5, &model), HEDDLE_THREADS);
    EXPECT(model == NULL);
  }
  allowed_blocks = 2;
  allowed_threads = 4;
  EXPECT_INT(open_with(5, &model), HEDDLE_OK);
  hd1_close(model);
}
#endif

int main(void) {
#ifdef LIMITS
  test_limits();
  allowed_blocks = 1000;
#else
  test_options();
#endif
  test_layout();
  test_features();
  return failures != 0;
}
