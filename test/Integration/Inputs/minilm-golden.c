/* minilm-golden FOLDER: MiniLM against the golden values in FOLDER, and against
 * itself: each row's bits are those of the row alone, whatever stands beside and
 * behind it and however many threads there are. */
#include "encode.h"

#include <math.h>

/* The published network in double precision, rounded to float. */
static const float kTolerance = 1e-5f;

static void near_to(const float *actual, const float *expected, const char *what, int64_t row) {
  for (int k = 0; k < WIDTH; k++)
    if (!(fabsf(actual[k] - expected[k]) <= kTolerance)) {
      fprintf(stderr, "%s, row %ld, element %d: %.9g, expected %.9g\n", what, (long)row, k,
              (double)actual[k], (double)expected[k]);
      exit(1);
    }
}

static void same_bits(const float *a, const float *b, const char *what, int64_t row) {
  if (!memcmp(a, b, WIDTH * sizeof(float)))
    return;
  int k = 0;
  while (!memcmp(a + k, b + k, sizeof(float)))
    k++;
  fprintf(stderr, "%s, row %ld, element %d: %.9g and %.9g\n", what, (long)row, k, (double)a[k],
          (double)b[k]);
  exit(1);
}

/* One more than the last kept position, and at least 1. */
static int64_t length_of(const uint8_t *keep, int64_t S) {
  while (S > 1 && !keep[S - 1])
    S--;
  return S;
}

static void batch(minilm *const *models, int num_models, const char *folder, const char *set) {
  char name[64];
  snprintf(name, sizeof name, "%s-ids", set);
  npy ids = read_npy(folder, name, "<i4", 4);
  snprintf(name, sizeof name, "%s-keep", set);
  npy keep = read_npy(folder, name, "|b1", 1);
  snprintf(name, sizeof name, "%s-expected", set);
  npy expected = read_npy(folder, name, "<f4", 4);
  int64_t B = ids.shape[0], S = ids.shape[1];
  CHECK(B <= MOST_ROWS && S <= MOST_TOKENS && expected.shape[1] == WIDTH);

  float *all = malloc((size_t)B * WIDTH * sizeof(float));
  float *again = malloc((size_t)B * WIDTH * sizeof(float));
  CHECK(all && again);
  encode(models[0], B, S, ids.data, keep.data, all);
  for (int64_t b = 0; b < B; b++)
    near_to(all + b * WIDTH, (float *)expected.data + b * WIDTH, set, b);

  for (int m = 1; m < num_models; m++) {
    encode(models[m], B, S, ids.data, keep.data, again);
    for (int64_t b = 0; b < B; b++)
      same_bits(all + b * WIDTH, again + b * WIDTH, "with more threads", b);
  }
  for (int64_t b = 0; b < B; b++) {
    const int32_t *row = (int32_t *)ids.data + b * S;
    const uint8_t *kept = (uint8_t *)keep.data + b * S;
    float one[WIDTH];
    encode(models[0], 1, length_of(kept, S), row, kept, one);
    same_bits(all + b * WIDTH, one, "alone", b);
    if (b % 8 == 3) {
      encode(models[num_models - 1], 1, S, row, kept, one);
      same_bits(all + b * WIDTH, one, "alone with its padding", b);
    }
  }

  /* What stands behind the kept tokens changes no bit. */
  for (int64_t i = 0; i < B * S; i++)
    if (!((uint8_t *)keep.data)[i])
      ((int32_t *)ids.data)[i] = (int32_t)(i * 7919 % VOCABULARY);
  encode(models[0], B, S, ids.data, keep.data, again);
  for (int64_t b = 0; b < B; b++)
    same_bits(all + b * WIDTH, again + b * WIDTH, "with other tokens in the padding", b);
  printf("%s: %ld rows of %ld\n", set, (long)B, (long)S);
  free(all), free(again), free(ids.data), free(keep.data), free(expected.data);
}

static void lengths(minilm *const *models, int num_models, const char *folder) {
  npy ids = read_npy(folder, "lengths-ids", "<i4", 4);
  npy all = read_npy(folder, "lengths-lengths", "<i4", 4);
  npy expected = read_npy(folder, "lengths-expected", "<f4", 4);
  uint8_t keep[MOST_TOKENS];
  memset(keep, 1, sizeof keep);
  for (int64_t i = 0; i < all.shape[0]; i++) {
    int32_t n = ((int32_t *)all.data)[i];
    float one[WIDTH], again[WIDTH];
    CHECK(n >= 1 && n <= MOST_TOKENS);
    encode(models[0], 1, n, ids.data, keep, one);
    near_to(one, (float *)expected.data + i * WIDTH, "length", n);
    encode(models[1 + i % (num_models - 1)], 1, n, ids.data, keep, again);
    same_bits(one, again, "with more threads, length", n);
  }
  printf("lengths: %ld\n", (long)all.shape[0]);
  free(ids.data), free(all.data), free(expected.data);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  minilm *models[] = {open_model(1), open_model(2), open_model(5)};
  enum { MODELS = sizeof models / sizeof *models };
  lengths(models, MODELS, argv[1]);
  batch(models, MODELS, argv[1], "ragged");
  batch(models, MODELS, argv[1], "texts");
  for (int m = 0; m < MODELS; m++)
    minilm_close(models[m]);
  return 0;
}
