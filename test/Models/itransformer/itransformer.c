/* itransformer INPUTS GOLDEN: one compiled object forecasts 7, 21 and 321 series.
 * A row's bits are those of the row alone, however many threads there are. INPUTS
 * has x-N.npy as [B * L][N]; L and P are those of small.json. */
#include "itransformer.h"
#include "npy.h"

#include <math.h>

enum { B = 2, L = 96, P = 24 };

static void forecast(const itransformer *model, int64_t rows, int64_t n, const float *x,
                     float *result) {
  size_t size = itransformer_forecast_workspace(rows, n);
  void *workspace = NULL;
  CHECK(!posix_memalign(&workspace, HEDDLE_WORKSPACE_ALIGNMENT, size));
  memset(workspace, 0xff, size); /* NaN wherever something is read before it is written */
  itransformer_forecast_args args = {.B = rows, .N = n, .x = x, .result = result};
  CHECK(itransformer_forecast(model, &args, workspace, size) == HEDDLE_OK);
  free(workspace);
}

static float *read(const char *folder, const char *what, int n, int64_t rows) {
  char name[32];
  snprintf(name, sizeof name, "%s-%d", what, n);
  npy a = read_npy(folder, name, "<f4", 4);
  CHECK(a.shape[0] == rows && a.shape[1] == n);
  return a.data;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  static const int series[] = {7, 21, 321}, threads[] = {1, 2, 5};
  for (int i = 0; i < 3; i++) {
    int n = series[i];
    size_t count = (size_t)B * P * n, row = (size_t)P * n;
    float *x = read(argv[1], "x", n, B * L), *expected = read(argv[2], "forecast", n, B * P);
    float *first = malloc(count * sizeof *first), *again = malloc(count * sizeof *again);
    CHECK(first && again);
    for (int t = 0; t < 3; t++) {
      itransformer_options options = {.threads = threads[t]};
      itransformer *model = NULL;
      CHECK(itransformer_open(&model, &options) == HEDDLE_OK);
      forecast(model, B, n, x, t ? again : first);
      CHECK(!t || !memcmp(first, again, count * sizeof *first));
      for (int b = 0; b < B; b++) {
        forecast(model, 1, n, x + b * L * n, again);
        CHECK(!memcmp(first + b * row, again, row * sizeof *first));
      }
      itransformer_close(model);
    }
    for (size_t k = 0; k < count; k++)
      CHECK(fabsf(first[k] - expected[k]) <= 1e-5f);
    printf("%d series\n", n);
    free(x), free(expected), free(first), free(again);
  }
  return 0;
}
