/* app OUT [FILE [TRUST]]: opens the model, with its weights in FILE (or WEIGHTS) if it is given,
 * prints the target, or status and message, and writes the result for the input
 * that expect.py knows to OUT. Also C++. */
#include "small.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 7
#ifndef WEIGHTS
#define WEIGHTS NULL
#endif

static float x[ROWS * 20], result[ROWS * 100];

int main(int argc, char **argv) {
  small *model;
  small_options options;
  memset(&options, 0, sizeof options);
  options.threads = 2;
  options.weights_file = argc > 2 ? argv[2] : WEIGHTS;
  options.trust_weights = argc > 3;
  heddle_status status = small_open(&model, &options);
  if (status != HEDDLE_OK) {
    printf("%d: %s\n", (int)status, options.message);
    return model != NULL;
  }
  printf("target: %s\n", small_target(model));
  for (int i = 0; i < ROWS * 20; ++i)
    x[i] = (float)(i * 37 % 101) / 101 - 0.5f;
  small_apply_args args;
  memset(&args, 0, sizeof args);
  args.B = ROWS;
  args.x = x;
  args.result = result;
  size_t size = (small_apply_workspace(ROWS) + 63) / 64 * 64;
  void *workspace = aligned_alloc(64, size ? size : 64);
  status = small_apply(model, &args, workspace, size);
  if (status != HEDDLE_OK)
    printf("%d: %s\n", (int)status, args.message);
  free(workspace);
  small_close(model);
  FILE *out = status == HEDDLE_OK ? fopen(argv[1], "wb") : NULL;
  return !out || fwrite(result, sizeof result, 1, out) != 1 || fclose(out) != 0;
}
