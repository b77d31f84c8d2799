/*===- model.c - Opening and closing a model, and its parallel loops --------===*\
|*
|* Implements hd1_open, hd1_close, hd1_par_for and hd1_check_run.
|*
\*===------------------------------------------------------------------------===*/

#include "heddle/abi.h"

#include <stdlib.h>

HD1_DEFINITION int32_t hd1_open(struct hd1_model **result, const struct hd1_options *options,
                 uint64_t hash, uint32_t features, const uint8_t *weights) {
  if (!result)
    return HEDDLE_NULL_POINTER;
  *result = NULL;
  int32_t threads = options && options->threads ? options->threads : 1;
  if (threads < 1 || threads > HD1_MAX_THREADS)
    return HEDDLE_BAD_OPTIONS;
  if (features & ~hd1_cpu_features())
    return HEDDLE_BAD_CPU;

  struct hd1_model *model = malloc(sizeof *model);
  if (!model)
    return HEDDLE_OUT_OF_MEMORY;
  model->abi = HD1_ABI_VERSION;
  model->threads = threads;
  model->hash = hash;
  model->weights = weights;
  model->team = NULL;
  model->parallel = options ? options->parallel : NULL;
  model->parallel_context = options ? options->parallel_context : NULL;
  model->failed = 0;
  model->reserved = 0;
  if (!model->parallel && threads > 1) {
    int32_t status = hd1_team_create(&model->team, threads);
    if (status != HEDDLE_OK) {
      free(model);
      return status;
    }
  }
  *result = model;
  return HEDDLE_OK;
}

HD1_DEFINITION void hd1_close(struct hd1_model *model) {
  if (!model)
    return;
  hd1_team_destroy(model->team);
  free(model);
}

/* A kernel's loop behind the plainer interface of the caller's own threads. */
struct loop {
  void *user_context;
  hd1_kernel_task task;
  uint8_t *closure;
  int min;
  int result; /* of a task that failed; accessed atomically */
};

static int run_task(void *argument, int index) {
  struct loop *loop = argument;
  int result = __atomic_load_n(&loop->result, __ATOMIC_RELAXED);
  if (result)
    return result;
  result = loop->task(loop->user_context, loop->min + index, loop->closure);
  if (result)
    __atomic_store_n(&loop->result, result, __ATOMIC_RELAXED);
  return result;
}

/* Runs the loop on whatever threads the model has. */
static int run_loop(const struct hd1_model *model, void *user_context,
                    hd1_kernel_task task, int min, int extent, uint8_t *closure) {
  if (model && extent > 1) {
    if (model->team)
      return hd1_team_run(model->team, user_context, task, min, extent, closure);
    if (model->parallel) {
      struct loop loop = {user_context, task, closure, min, 0};
      int result = model->parallel(model->parallel_context, run_task, &loop, extent);
      int failed = __atomic_load_n(&loop.result, __ATOMIC_RELAXED);
      return failed ? failed : result ? HEDDLE_PARALLEL : 0;
    }
  }
  for (int i = 0; i < extent; ++i) {
    int result = task(user_context, min + i, closure);
    if (result)
      return result;
  }
  return 0;
}

HD1_DEFINITION int hd1_par_for(void *user_context, hd1_kernel_task task, int min,
                               int extent, uint8_t *closure) {
  struct hd1_model *model = user_context;
  int result = run_loop(model, user_context, task, min, extent, closure);
  if (result && model)
    __atomic_store_n(&model->failed, result, __ATOMIC_RELAXED);
  return result;
}

HD1_DEFINITION int32_t hd1_check_run(char *message, const char *entry,
                                     const struct hd1_model *model) {
  /* Handles are const in the API, where "one call at a time" protects them. */
  struct hd1_model *own = (struct hd1_model *)(uintptr_t)model;
  if (!__atomic_load_n(&own->failed, __ATOMIC_RELAXED))
    return HEDDLE_OK;
  __atomic_store_n(&own->failed, 0, __ATOMIC_RELAXED);
  hd1_check_require(message, entry, "a parallel loop failed", 0);
  return HEDDLE_PARALLEL;
}
