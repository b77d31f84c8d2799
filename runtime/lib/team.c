/*===- team.c - The threads that run a model's parallel loops ---------------===*\
|*
|* A team runs one loop at a time. The caller publishes it and works on it like
|* everybody else; each thread takes the next index from a counter until there is
|* none. Workers join a loop and need not: the caller closes it when the indices
|* have run out and waits for those who joined, never for a thread that the
|* system has not woken yet. With more threads than processors this is what keeps
|* a loop from costing a time slice.
|*
|* All of the protocol is in one word, `state`:
|*
|*   bits 0..15   workers that have joined and not yet left
|*   bit  16      open: workers may join
|*   bit  17      the caller sleeps until the last worker has left
|*   bits 18..63  the loop's number
|*
|* A worker may touch the loop's fields only between joining (an acquiring
|* compare-exchange on an open state) and leaving (a releasing decrement); the
|* caller writes them only while no worker has joined and the state is closed.
|*
\*===------------------------------------------------------------------------===*/

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_sigmask, clock_gettime and sysconf under -std=c11 */
#endif

#include "heddle/abi.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

enum { CACHE_LINE = 64 };

/* How long a thread looks for work before it sleeps. The serial code between two
 * loops of a model takes a few microseconds; waking a thread takes about 50. */
enum { SPIN_NANOSECONDS = 40000 };

/* Least stack of a worker: the C library's default may be too small for the
 * tiles that kernels keep on the stack (128 KiB in musl). */
enum { STACK_BYTES = 2 << 20 };

#define JOINED UINT64_C(0xFFFF)
#define OPEN (UINT64_C(1) << 16)
#define CALLER_SLEEPS (UINT64_C(1) << 17)
#define NUMBER (UINT64_C(1) << 18)

struct hd1_team {
  /* Written for each loop by the caller, read by those who joined. */
  hd1_kernel_task task;
  void *user_context;
  uint8_t *closure;
  int min;
  int extent;
  uint64_t float_mode;

  _Alignas(CACHE_LINE) atomic_llong next; /* may run past extent: 64 bits */
  atomic_int result;                      /* of the first task that failed */

  _Alignas(CACHE_LINE) atomic_ullong state;
  atomic_int sleepers; /* workers that sleep or are about to */
  atomic_int busy;     /* a loop is running */
  atomic_int stop;

  _Alignas(CACHE_LINE) pthread_mutex_t mutex;
  pthread_cond_t wake; /* for workers: a loop is open, or stop */
  pthread_cond_t done; /* for the caller: the last worker has left */
  int32_t spin_nanoseconds;
  int32_t num_workers;
  pthread_t workers[];
};

/* Rounding and flushing of subnormal numbers are a thread's own. Workers take
 * the caller's, else results would depend on who ran a task. */
static uint64_t get_float_mode(void) {
#if defined(__SSE__)
  return _mm_getcsr();
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
#else
  return 0;
#endif
}

static void set_float_mode(uint64_t mode) {
#if defined(__SSE__)
  _mm_setcsr((unsigned)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
  (void)mode;
#endif
}

static void relax(void) {
#if defined(__SSE__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Spins until `is_over` says so (1), or the team's time is up (0). */
static int spin(struct hd1_team *team, int (*is_over)(struct hd1_team *, uint64_t),
                uint64_t argument) {
  if (is_over(team, argument))
    return 1;
  if (team->spin_nanoseconds == 0)
    return 0;
  for (int64_t end = now() + team->spin_nanoseconds; now() < end;)
    for (int i = 0; i < 16; ++i) {
      if (is_over(team, argument))
        return 1;
      relax();
    }
  return is_over(team, argument);
}

/* There is something for a worker that has seen loop `number`. The order
 * of sequential consistency between `state`, `stop` and `sleepers` is what makes
 * it impossible that a worker falls asleep and the caller does not see that. */
static int has_work(struct hd1_team *team, uint64_t number) {
  uint64_t state = atomic_load(&team->state);
  return ((state & OPEN) && state / NUMBER != number) || atomic_load(&team->stop);
}

static int all_left(struct hd1_team *team, uint64_t unused) {
  (void)unused;
  return (atomic_load(&team->state) & JOINED) == 0;
}

/* Takes indices until there are none. */
static void work(struct hd1_team *team) {
  for (;;) {
    if (atomic_load_explicit(&team->result, memory_order_relaxed))
      return;
    long long i = atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed);
    if (i >= team->extent)
      return;
    int result = team->task(team->user_context, (int)(team->min + i), team->closure);
    int none = 0;
    if (result)
      atomic_compare_exchange_strong(&team->result, &none, result);
  }
}

static void *run_worker(void *argument) {
  struct hd1_team *team = argument;
  uint64_t number = 0;
  for (;;) {
    if (!spin(team, has_work, number)) {
      pthread_mutex_lock(&team->mutex);
      atomic_fetch_add(&team->sleepers, 1);
      while (!has_work(team, number))
        pthread_cond_wait(&team->wake, &team->mutex);
      atomic_fetch_sub(&team->sleepers, 1);
      pthread_mutex_unlock(&team->mutex);
    }
    if (atomic_load(&team->stop))
      return NULL;

    unsigned long long state = atomic_load(&team->state);
    int joined = 0;
    while ((state & OPEN) && !joined)
      joined = atomic_compare_exchange_weak(&team->state, &state, state + 1);
    number = state / NUMBER;
    if (!joined)
      continue;

    set_float_mode(team->float_mode);
    work(team);
    state = atomic_fetch_sub(&team->state, 1);
    if ((state & CALLER_SLEEPS) && (state & JOINED) == 1) {
      pthread_mutex_lock(&team->mutex);
      pthread_cond_signal(&team->done);
      pthread_mutex_unlock(&team->mutex);
    }
  }
}

static int run_alone(void *user_context, hd1_kernel_task task, int min, int extent,
                     uint8_t *closure) {
  for (int i = 0; i < extent; ++i) {
    int result = task(user_context, min + i, closure);
    if (result)
      return result;
  }
  return 0;
}

/* Wakes as many sleeping workers as there are tasks beside the caller's. */
static void wake_workers(struct hd1_team *team, int tasks) {
  int sleepers = atomic_load(&team->sleepers);
  if (sleepers == 0)
    return;
  pthread_mutex_lock(&team->mutex);
  if (tasks >= sleepers)
    pthread_cond_broadcast(&team->wake);
  else
    for (int i = 0; i < tasks; ++i)
      pthread_cond_signal(&team->wake);
  pthread_mutex_unlock(&team->mutex);
}

HD1_DEFINITION int hd1_team_run(struct hd1_team *team, void *user_context, hd1_kernel_task task,
                 int min, int extent, uint8_t *closure) {
  /* A task's own loop finds its team busy; so does a second caller, whom the API
   * forbids and who must not do harm here. */
  if (extent < 2 || atomic_exchange(&team->busy, 1))
    return run_alone(user_context, task, min, extent, closure);

  team->task = task;
  team->user_context = user_context;
  team->closure = closure;
  team->min = min;
  team->extent = extent;
  team->float_mode = get_float_mode();
  atomic_store_explicit(&team->next, 0, memory_order_relaxed);
  atomic_store_explicit(&team->result, 0, memory_order_relaxed);
  uint64_t number = atomic_load(&team->state) / NUMBER + 1;
  atomic_store(&team->state, number * NUMBER | OPEN);
  wake_workers(team, extent - 1);

  work(team);

  atomic_fetch_and(&team->state, ~OPEN);
  if (!spin(team, all_left, 0)) {
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_or(&team->state, CALLER_SLEEPS);
    while (!all_left(team, 0))
      pthread_cond_wait(&team->done, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
  }
  int result = atomic_load(&team->result);
  atomic_store(&team->busy, 0);
  return result;
}

HD1_DEFINITION void hd1_team_destroy(struct hd1_team *team) {
  if (!team)
    return;
  atomic_store(&team->stop, 1);
  pthread_mutex_lock(&team->mutex);
  pthread_cond_broadcast(&team->wake);
  pthread_mutex_unlock(&team->mutex);
  for (int32_t i = 0; i < team->num_workers; ++i)
    pthread_join(team->workers[i], NULL);
  pthread_cond_destroy(&team->done);
  pthread_cond_destroy(&team->wake);
  pthread_mutex_destroy(&team->mutex);
  free(team);
}

/* Starts the workers with the application's signals blocked: its handlers run on
 * its own threads. Signals that a thread causes itself stay as they are, so crash
 * handlers and profilers see the workers. */
static int32_t start_workers(struct hd1_team *team, int32_t count) {
  static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF};
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (size_t i = 0; i < sizeof own / sizeof *own; ++i)
    sigdelset(&blocked, own[i]);
  if (pthread_sigmask(SIG_BLOCK, &blocked, &before))
    return HEDDLE_THREADS;

  int32_t status = HEDDLE_OK;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes)) {
    status = HEDDLE_THREADS;
  } else {
    size_t stack = 0;
    if (!pthread_attr_getstacksize(&attributes, &stack) && stack < STACK_BYTES)
      pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (int32_t i = 0; i < count && status == HEDDLE_OK; ++i) {
      if (pthread_create(&team->workers[i], &attributes, run_worker, team))
        status = HEDDLE_THREADS;
      else
        ++team->num_workers;
    }
    pthread_attr_destroy(&attributes);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status;
}

HD1_DEFINITION int32_t hd1_team_create(struct hd1_team **result, int32_t threads) {
  *result = NULL;
  if (threads < 2 || threads > HD1_MAX_THREADS)
    return HEDDLE_BAD_OPTIONS;
  int32_t count = threads - 1;
  size_t size = sizeof(struct hd1_team) + (size_t)count * sizeof(pthread_t);
  size = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
  void *memory = NULL;
  if (posix_memalign(&memory, CACHE_LINE, size))
    return HEDDLE_OUT_OF_MEMORY;
  struct hd1_team *team = memory;
  atomic_init(&team->next, 0);
  atomic_init(&team->result, 0);
  atomic_init(&team->state, 0);
  atomic_init(&team->sleepers, 0);
  atomic_init(&team->busy, 0);
  atomic_init(&team->stop, 0);
  team->num_workers = 0;
  /* Spinning helps nobody where the threads take turns on a processor. */
  team->spin_nanoseconds =
      sysconf(_SC_NPROCESSORS_ONLN) >= threads ? SPIN_NANOSECONDS : 0;

  if (pthread_mutex_init(&team->mutex, NULL))
    goto no_mutex;
  if (pthread_cond_init(&team->wake, NULL))
    goto no_wake;
  if (pthread_cond_init(&team->done, NULL))
    goto no_done;
  if (start_workers(team, count)) {
    hd1_team_destroy(team);
    return HEDDLE_THREADS;
  }
  *result = team;
  return HEDDLE_OK;

no_done:
  pthread_cond_destroy(&team->wake);
no_wake:
  pthread_mutex_destroy(&team->mutex);
no_mutex:
  free(team);
  return HEDDLE_THREADS;
}
