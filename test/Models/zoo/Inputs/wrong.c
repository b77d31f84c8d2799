/* A model that doubles its input, or makes the mistake MISTAKE. */
#include "wrong.h"

#include <stdlib.h>

enum { NONE, BEHIND, BEFORE, WRITES_INPUT, WEIGHTS, THREADS, BATCH, WORKSPACE, UNWRITTEN, RACE };

struct wrong {
  int threads;
  const volatile float *weights;
};

static volatile int calls; /* of all handles: a race */

int32_t wrong_open(wrong **model, wrong_options *options) {
  *model = malloc(sizeof **model);
  (*model)->threads = options->threads;
  (*model)->weights = options->weights;
  if (MISTAKE == WEIGHTS)
    (*model)->weights += options->weights_size / sizeof(float);
  return HEDDLE_OK;
}

void wrong_close(wrong *model) { free(model); }

size_t wrong_twice_workspace(int64_t B, int64_t S) {
  (void)B, (void)S;
  return 64;
}

/* As a kernel: no sanitizer sees what it touches. */
__attribute__((no_sanitize("address", "undefined")))
int32_t wrong_twice(const wrong *model, wrong_twice_args *args, void *workspace, size_t size) {
  int64_t n = args->B * args->S;
  volatile float *x = (volatile float *)args->x, *y = args->result;
  float more = model->weights[0] * 0;
  (void)size;
  if (MISTAKE == BEHIND)
    more = x[n] * 0;
  if (MISTAKE == BEFORE)
    more = x[-1] * 0;
  if (MISTAKE == WRITES_INPUT)
    x[0] = 1;
  if (MISTAKE == THREADS)
    more = (float)model->threads;
  if (MISTAKE == BATCH)
    more = (float)args->B;
  if (MISTAKE == WORKSPACE)
    more = *(unsigned char *)workspace;
  if (MISTAKE == RACE)
    calls = calls + 1;
  for (int64_t i = 0; i < n - (MISTAKE == UNWRITTEN); i++)
    y[i] = 2 * x[i] + more;
  args->message[0] = 0;
  return HEDDLE_OK;
}
