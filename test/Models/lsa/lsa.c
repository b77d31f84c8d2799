/* lsa INPUTS GOLDEN: one compiled object predicts from prompts of 1, 20 and 400
 * pairs. A prediction's bits are those of its prompt alone, however many threads
 * there are. INPUTS has x-N.npy as [B * N][D], y-N.npy and query-N.npy. */
#include "lsa.h"
#include "npy.h"

#include <math.h>

enum { B = 3, D = 20 };

static void predict(const lsa *model, int64_t rows, int64_t n, const float *x, const float *y,
                    const float *query, float *result) {
  size_t size = lsa_predict_workspace(rows, n);
  void *workspace = NULL;
  CHECK(!posix_memalign(&workspace, HEDDLE_WORKSPACE_ALIGNMENT, size));
  memset(workspace, 0xff, size); /* NaN wherever something is read before it is written */
  lsa_predict_args args = {.B = rows, .N = n, .x = x, .y = y, .query = query, .result = result};
  CHECK(lsa_predict(model, &args, workspace, size) == HEDDLE_OK);
  free(workspace);
}

static float *read(const char *folder, const char *what, int n, int64_t rows, int64_t columns) {
  char name[32];
  snprintf(name, sizeof name, "%s-%d", what, n);
  npy a = read_npy(folder, name, "<f4", 4);
  CHECK(a.shape[0] == rows && a.shape[1] == columns);
  return a.data;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  static const int pairs[] = {1, 20, 400}, threads[] = {1, 2, 5};
  for (int i = 0; i < 3; i++) {
    int n = pairs[i];
    float *x = read(argv[1], "x", n, B * n, D), *y = read(argv[1], "y", n, B, n);
    float *query = read(argv[1], "query", n, B, D);
    float *expected = read(argv[2], "predict", n, B, 1), first[B], again[B];
    for (int t = 0; t < 3; t++) {
      lsa_options options = {.threads = threads[t]};
      lsa *model = NULL;
      CHECK(lsa_open(&model, &options) == HEDDLE_OK);
      predict(model, B, n, x, y, query, t ? again : first);
      CHECK(!t || !memcmp(first, again, sizeof first));
      for (int b = 0; b < B; b++) {
        predict(model, 1, n, x + b * n * D, y + b * n, query + b * D, again);
        CHECK(!memcmp(first + b, again, sizeof *first));
      }
      lsa_close(model);
    }
    for (int b = 0; b < B; b++)
      CHECK(fabsf(first[b] - expected[b]) <= 1e-5f * fmaxf(1, fabsf(expected[b])));
    printf("%d pairs\n", n);
    free(x), free(y), free(query), free(expected);
  }
  return 0;
}
