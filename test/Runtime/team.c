/* Parallel loops: every index once, whatever the threads; failures; loops within
 * loops; sleeping teams; the caller's own threads; floating-point modes.
 *
 * RUN: %cc -std=c11 -g -O1 -Wall -Wextra -Werror -fsanitize=thread -I%S/../../runtime/include %s %S/../../runtime/lib/check.c %S/../../runtime/lib/cpu.c %S/../../runtime/lib/model.c %S/../../runtime/lib/team.c %S/../../runtime/lib/weights.c -lpthread -o %t.tsan
 * RUN: %t.tsan
 * RUN: %cc -std=c11 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -I%S/../../runtime/include %s %S/../../runtime/lib/check.c %S/../../runtime/lib/cpu.c %S/../../runtime/lib/model.c %S/../../runtime/lib/team.c %S/../../runtime/lib/weights.c -lpthread -o %t.asan
 * RUN: %t.asan
 * RUN: %cc -std=c11 -O2 -Wall -Wextra -Werror -I%S/../../runtime/include %s %S/../../runtime/lib/check.c %S/../../runtime/lib/cpu.c %S/../../runtime/lib/model.c %S/../../runtime/lib/team.c %S/../../runtime/lib/weights.c -lpthread -o %t.plain
 * RUN: %t.plain
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "heddle/abi.h"

#include "Inputs/test.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

enum { MOST = 300 };

/* What tasks share. `counts` is written without atomics: two runs of one index,
 * or a loop that returns before its tasks, are races that TSan sees. */
struct shared {
  int counts[MOST];
  int min;
  int fail_at;
  int fail_with;
};

static int count_task(void *user_context, int index, uint8_t *closure) {
  (void)user_context;
  struct shared *s = (struct shared *)closure;
  s->counts[index - s->min] += 1;
  return index == s->fail_at ? s->fail_with : 0;
}

static const struct hd1_variant variants[] = {{"any", 0, 0, NULL}};
static const struct hd1_package package = {1, variants, 1, 0, NULL, 0, 0};

static struct hd1_model *open_model(int32_t threads) {
  struct hd1_options options = {0};
  options.threads = threads;
  struct hd1_model *model = NULL;
  EXPECT_INT(hd1_open(&model, &options, &package), HEDDLE_OK);
  if (!model)
    exit(1);
  return model;
}

static void expect_once(void *context, int min, int extent) {
  struct shared s;
  memset(&s, 0, sizeof s);
  s.min = min;
  s.fail_at = INT_MIN;
  EXPECT_INT(hd1_par_for(context, count_task, min, extent, (uint8_t *)&s), 0);
  int wrong = 0;
  for (int i = 0; i < MOST; ++i)
    wrong += s.counts[i] != (i < extent);
  EXPECT_INT(wrong, 0);
}

static void test_extents(struct hd1_model *model) {
  static const int extents[] = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 64, MOST};
  for (size_t e = 0; e < sizeof extents / sizeof *extents; ++e) {
    expect_once(model, 0, extents[e]);
    expect_once(model, -3, extents[e]);
    expect_once(model, INT_MAX - MOST, extents[e]);
  }
}

static void test_rounds(struct hd1_model *model, int rounds) {
  for (int i = 0; i < rounds; ++i)
    expect_once(model, i, 1 + i % 9);
}

/* A team that has slept, and teams that are just about to. */
static void test_idle(struct hd1_model *model) {
  static const long waits[] = {0, 20000, 40000, 45000, 80000, 2000000};
  for (int round = 0; round < 20; ++round)
    for (size_t w = 0; w < sizeof waits / sizeof *waits; ++w) {
      struct timespec t = {0, waits[w]};
      nanosleep(&t, NULL);
      expect_once(model, 0, 2 + round % 6);
    }
}

static void test_failure(struct hd1_model *model) {
  char message[HEDDLE_MESSAGE_SIZE] = "";
  for (int at = 0; at < 50; ++at) {
    struct shared s;
    memset(&s, 0, sizeof s);
    s.fail_at = at;
    s.fail_with = 100 + at;
    EXPECT_INT(hd1_par_for(model, count_task, 0, 50, (uint8_t *)&s), 100 + at);
    EXPECT_INT(s.counts[at], 1);
    for (int i = 0; i < 50; ++i)
      EXPECT(s.counts[i] <= 1);
    EXPECT_INT(hd1_check_run(message, "encode", model), HEDDLE_PARALLEL);
    EXPECT_TEXT(message, "encode: a parallel loop failed");
    EXPECT_INT(hd1_check_run(message, "encode", model), HEDDLE_OK);
  }
  expect_once(model, 0, 50); /* the team is none the worse */
}

struct nested {
  struct hd1_model *model;
  struct shared inner[20];
};

static int nested_task(void *user_context, int index, uint8_t *closure) {
  struct nested *n = (struct nested *)closure;
  return hd1_par_for(user_context, count_task, 0, 30, (uint8_t *)&n->inner[index]);
}

static void test_nested(struct hd1_model *model) {
  static struct nested n;
  memset(&n, 0, sizeof n);
  for (int i = 0; i < 20; ++i)
    n.inner[i].fail_at = INT_MIN;
  EXPECT_INT(hd1_par_for(model, nested_task, 0, 20, (uint8_t *)&n), 0);
  for (int i = 0; i < 20; ++i)
    for (int j = 0; j < 30; ++j)
      EXPECT_INT(n.inner[i].counts[j], 1);
}

/* As many tasks as threads, each of which waits for all others to have begun: they
 * must run at the same time, also when the team has slept before. */
struct meeting {
  int threads;
  int arrived;
};

static int meet_task(void *user_context, int index, uint8_t *closure) {
  struct meeting *m = (struct meeting *)closure;
  (void)user_context, (void)index;
  __atomic_add_fetch(&m->arrived, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < 20000; ++i) {
    if (__atomic_load_n(&m->arrived, __ATOMIC_SEQ_CST) == m->threads)
      return 0;
    struct timespec t = {0, 1000000};
    nanosleep(&t, NULL);
  }
  return 1;
}

static void test_all_work(struct hd1_model *model) {
  for (int round = 0; round < 5; ++round) {
    struct meeting m = {model->threads, 0};
    EXPECT_INT(hd1_par_for(model, meet_task, 0, model->threads, (uint8_t *)&m), 0);
    struct timespec t = {0, 3000000};
    nanosleep(&t, NULL);
  }
}

/* A sleeping team uses no time of the processor. */
static void test_sleep(void) {
  struct timespec before, after, t = {0, 300000000};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  nanosleep(&t, NULL);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  double used = (double)(after.tv_sec - before.tv_sec) +
                1e-9 * (double)(after.tv_nsec - before.tv_nsec);
  EXPECT(used < 0.1);
}

/* Tasks that take unequal time: no thread waits for a share of its own. */
static int slow_task(void *user_context, int index, uint8_t *closure) {
  struct timespec t = {0, index == 0 ? 3000000 : 10000};
  nanosleep(&t, NULL);
  return count_task(user_context, index, closure);
}

static void test_uneven(struct hd1_model *model) {
  for (int round = 0; round < 5; ++round) {
    struct shared s;
    memset(&s, 0, sizeof s);
    s.fail_at = INT_MIN;
    EXPECT_INT(hd1_par_for(model, slow_task, 0, 40, (uint8_t *)&s), 0);
    for (int i = 0; i < 40; ++i)
      EXPECT_INT(s.counts[i], 1);
  }
}

/* Two threads of the application on one handle: forbidden, yet harmless. */
static void *intrude(void *model) {
  test_rounds(model, 200);
  return NULL;
}

static void test_two_callers(struct hd1_model *model) {
  pthread_t other;
  if (pthread_create(&other, NULL, intrude, model))
    exit(1);
  test_rounds(model, 200);
  pthread_join(other, NULL);
}

#if defined(__SSE__)
static int mode_task(void *user_context, int index, uint8_t *closure) {
  struct timespec t = {0, 100000};
  (void)user_context;
  nanosleep(&t, NULL); /* so that every thread gets a task */
  ((unsigned *)closure)[index] = _mm_getcsr() & _MM_ROUND_MASK;
  return 0;
}

static void test_float_mode(struct hd1_model *model) {
  static const unsigned modes[] = {_MM_ROUND_UP, _MM_ROUND_NEAREST};
  for (int m = 0; m < 2; ++m) {
    unsigned seen[40];
    _MM_SET_ROUNDING_MODE(modes[m]);
    EXPECT_INT(hd1_par_for(model, mode_task, 0, 40, (uint8_t *)seen), 0);
    for (int i = 0; i < 40; ++i)
      EXPECT_INT(seen[i], modes[m]);
  }
}
#else
static void test_float_mode(struct hd1_model *model) { (void)model; }
#endif

/* The caller's own threads: here one that runs tasks backwards, and counts. */
static int backwards(void *context, hd1_task task, void *argument, int count) {
  int result = 0;
  ++*(int *)context;
  for (int i = count - 1; i >= 0; --i)
    result |= task(argument, i) != 0;
  return result;
}

static int broken(void *context, hd1_task task, void *argument, int count) {
  (void)context, (void)task, (void)argument, (void)count;
  return -1;
}

static void test_callback(void) {
  int calls = 0;
  struct hd1_options options = {0};
  options.threads = 7, options.parallel = backwards, options.parallel_context = &calls;
  struct hd1_model *model;
  EXPECT_INT(hd1_open(&model, &options, &package), HEDDLE_OK);
  EXPECT(model->team == NULL);
  test_extents(model);
  EXPECT(calls > 0);
  test_failure(model);
  hd1_close(model);

  options.parallel = broken;
  EXPECT_INT(hd1_open(&model, &options, &package), HEDDLE_OK);
  struct shared s;
  memset(&s, 0, sizeof s);
  EXPECT_INT(hd1_par_for(model, count_task, 0, 2, (uint8_t *)&s), HEDDLE_PARALLEL);
  hd1_close(model);
}

int main(void) {
  expect_once(NULL, 0, 40);
  static const int32_t threads[] = {1, 2, 5, 0};
  for (int t = 0; t < 4; ++t) {
    struct hd1_model *model = open_model(threads[t]);
    EXPECT((model->team != NULL) == (threads[t] > 1));
    test_extents(model);
    test_rounds(model, 3000);
    test_idle(model);
    test_failure(model);
    test_nested(model);
    test_uneven(model);
    test_all_work(model);
    test_sleep();
    if (model->team)
      test_two_callers(model);
    test_float_mode(model);
    hd1_close(model);
  }
  for (int i = 0; i < 100; ++i) { /* closed before its threads have begun */
    struct hd1_model *model = open_model(2 + i % 4);
    if (i % 3 == 0)
      expect_once(model, 0, 10);
    hd1_close(model);
  }
  test_callback();
  return failures != 0;
}
