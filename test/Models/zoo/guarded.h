/* Buffers between pages that cannot be touched: code that no sanitizer has seen ends
 * the program with the buffer's name where it reads or writes outside. */
#ifndef HEDDLE_TEST_GUARDED_H
#define HEDDLE_TEST_GUARDED_H

#include "npy.h" /* CHECK */

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

typedef struct {
  const char *name;
  char *data, *map;
  size_t size, map_size;
} buffer;

enum { MOST_BUFFERS = 256 };
static buffer *buffers[MOST_BUFFERS]; /* what the handler below names */
static pthread_mutex_t buffers_lock = PTHREAD_MUTEX_INITIALIZER;

static void name_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  char *at = info->si_addr, text[256];
  const char *what = "memory that is not the model's";
  long offset = 0;
  size_t size = 0;
  for (int i = 0; i < MOST_BUFFERS; i++)
    if (buffers[i] && at >= buffers[i]->map && at < buffers[i]->map + buffers[i]->map_size)
      what = buffers[i]->name, offset = at - buffers[i]->data, size = buffers[i]->size;
  int length = snprintf(text, sizeof text, "signal %d: the code touches %s at byte %ld of %zu\n",
                        number, what, offset, size);
  if (write(STDERR_FILENO, text, (size_t)length) != length)
    _exit(2);
  _exit(1);
}

/* The buffer ends at the page behind it, as far as `alignment` permits, or begins behind
 * the page before it. `b` stays where it is until it is released. */
static void allocate(buffer *b, const char *name, size_t size, size_t alignment, int at_end) {
  size_t pages = (size + PAGE - 1) / PAGE * PAGE;
  b->name = name;
  b->size = size;
  b->map_size = pages + 2 * PAGE;
  b->map = mmap(NULL, b->map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(b->map != MAP_FAILED);
  CHECK(!pages || !mprotect(b->map + PAGE, pages, PROT_READ | PROT_WRITE));
  b->data = b->map + PAGE + (at_end ? (pages - size) / alignment * alignment : 0);
  pthread_mutex_lock(&buffers_lock);
  int i = 0;
  while (i < MOST_BUFFERS && buffers[i])
    i++;
  CHECK(i < MOST_BUFFERS);
  buffers[i] = b;
  pthread_mutex_unlock(&buffers_lock);
}

/* From now on a write is a fault. */
static void seal(buffer *b) {
  CHECK(b->map_size == 2 * PAGE || !mprotect(b->map + PAGE, b->map_size - 2 * PAGE, PROT_READ));
}

static void release(buffer *b) {
  pthread_mutex_lock(&buffers_lock);
  for (int i = 0; i < MOST_BUFFERS; i++)
    if (buffers[i] == b)
      buffers[i] = NULL;
  pthread_mutex_unlock(&buffers_lock);
  CHECK(!munmap(b->map, b->map_size));
}

static void catch_faults(void) {
  struct sigaction action = {.sa_sigaction = name_fault, .sa_flags = SA_SIGINFO};
  CHECK(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
}

#endif
