/* Encodes five sentences in one batch and prints how similar they are. */
#include "minilm.h"
#include "sentences.h"

#include <stdio.h>
#include <stdlib.h>

static int failed(const char *what, const char *message) {
  fprintf(stderr, "%s: %s\n", what, message);
  return 1;
}

int main(void) {
  static float vectors[SENTENCES][WIDTH];
  minilm *model;
  if (minilm_open(&model, NULL) != HEDDLE_OK)
    return failed("minilm_open", "no model");

  size_t size = minilm_encode_workspace(SENTENCES, TOKENS);
  void *workspace = aligned_alloc(HEDDLE_WORKSPACE_ALIGNMENT, (size + 63) / 64 * 64);
  minilm_encode_args args = {.B = SENTENCES, .S = TOKENS, .ids = ids[0],
                             .keep = keep[0], .result = vectors[0]};
  if (minilm_encode(model, &args, workspace, size) != HEDDLE_OK)
    return failed("minilm_encode", args.message);

  for (int i = 0; i < SENTENCES; i++) {
    for (int j = 0; j < SENTENCES; j++) {
      double dot = 0; /* the vectors have length 1 */
      for (int k = 0; k < WIDTH; k++)
        dot += (double)vectors[i][k] * vectors[j][k];
      printf("%10.6f", dot);
    }
    printf("   %s\n", sentences[i]);
  }
  free(workspace);
  minilm_close(model);
  return 0;
}
