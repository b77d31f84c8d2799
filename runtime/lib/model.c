/*===- model.c - Opening and closing a model, and its parallel loops --------===*\
|*
|* Implements hd1_open, hd1_close, hd1_target, hd1_par_for and hd1_check_run.
|*
\*===------------------------------------------------------------------------===*/

#include "text.h"

#include <stdlib.h>

static int32_t say(char *message, int32_t status, const char *sentence) {
  struct text t = begin_text(message, "open");
  put(&t, sentence);
  return end_text(&t, status);
}

/* What the options do not say of the target the environment may say: they come from
 * the program, which may depend on the bits of one variant. */
static const char *wanted_target(const struct hd1_options *options) {
  if (options && options->target && *options->target)
    return options->target;
  return getenv("HEDDLE_TARGET");
}

HD1_DEFINITION int32_t hd1_open(struct hd1_model **result, struct hd1_options *options,
                                const struct hd1_package *package) {
  char unread[HEDDLE_MESSAGE_SIZE];
  char *message = options ? options->message : unread;
  message[0] = 0;
  if (!result)
    return say(message, HEDDLE_NULL_POINTER, "model is a null pointer");
  *result = NULL;
  int32_t threads = options && options->threads ? options->threads : 1;
  if (threads < 1 || threads > HD1_MAX_THREADS)
    return say(message, HEDDLE_BAD_OPTIONS, "threads is outside 1 .. 1024");
  const struct hd1_variant *variant;
  int32_t status = hd1_choose_variant(message, package, wanted_target(options),
                                      hd1_cpu_features(), &variant);
  if (status != HEDDLE_OK)
    return status;

  struct hd1_model *model = malloc(sizeof *model);
  if (!model)
    return say(message, HEDDLE_OUT_OF_MEMORY, "there is no memory for the handle");
  model->abi = HD1_ABI_VERSION;
  model->threads = threads;
  model->hash = package->hash;
  model->team = NULL;
  model->parallel = options ? options->parallel : NULL;
  model->parallel_context = options ? options->parallel_context : NULL;
  model->failed = 0;
  model->reserved = 0;
  model->kernels = variant->kernels;
  model->variant = variant;
  status = hd1_find_weights(message, package, options, &model->weights, &model->mapping,
                            &model->mapping_size);
  if (status != HEDDLE_OK) {
    free(model);
    return status;
  }
  if (!model->parallel && threads > 1) {
    status = hd1_team_create(&model->team, threads);
    if (status != HEDDLE_OK) {
      hd1_unmap_weights(model->mapping, model->mapping_size);
      free(model);
      return say(message, status,
                 status == HEDDLE_THREADS ? "the threads could not be started"
                                          : "there is no memory for the threads");
    }
  }
  *result = model;
  return HEDDLE_OK;
}

HD1_DEFINITION void hd1_close(struct hd1_model *model) {
  if (!model)
    return;
  hd1_team_destroy(model->team);
  hd1_unmap_weights(model->mapping, model->mapping_size);
  free(model);
}

HD1_DEFINITION const char *hd1_target(const struct hd1_model *model) {
  return model ? model->variant->target : "";
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
