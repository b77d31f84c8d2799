/* Calls MiniLM's entry with a workspace of exactly the size that it asks for. */
#ifndef HEDDLE_TEST_ENCODE_H
#define HEDDLE_TEST_ENCODE_H

#include "minilm.h"
#include "npy.h"

enum { WIDTH = 384, VOCABULARY = 30522, MOST_ROWS = 64, MOST_TOKENS = 512 };

/* A model with so many threads. */
static inline minilm *open_model(int threads) {
  minilm_options options = {.threads = threads};
  minilm *model = NULL;
  CHECK(minilm_open(&model, &options) == HEDDLE_OK && model);
  return model;
}

/* Aligned as the interface asks and not a byte longer than `size`, so that the
 * address sanitizer sees what lies behind. */
static inline void *new_workspace(size_t size) {
  void *p = NULL;
  CHECK(!posix_memalign(&p, HEDDLE_WORKSPACE_ALIGNMENT, size ? size : 1));
  memset(p, 0xff, size); /* NaN wherever something is read before it is written */
  return p;
}

static inline void encode(const minilm *model, int64_t B, int64_t S, const int32_t *ids,
                          const uint8_t *keep, float *result) {
  size_t size = minilm_encode_workspace(B, S);
  void *workspace = new_workspace(size);
  minilm_encode_args args = {.B = B, .S = S, .ids = ids, .keep = keep, .result = result};
  memset(args.message, 'x', sizeof args.message);
  heddle_status status = minilm_encode(model, &args, workspace, size);
  if (status != HEDDLE_OK)
    fprintf(stderr, "minilm_encode: %s\n", args.message);
  CHECK(status == HEDDLE_OK && args.message[0] == 0);
  free(workspace);
}

#endif
