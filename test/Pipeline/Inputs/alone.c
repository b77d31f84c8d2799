/* A sequence of every length alone, and as the first of two with padding behind it:
 * the same bits, whatever tile its rows and columns fall into. */
#include "alone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { H = 3, D = 16, E = H * D, O = 40, S = 67 };

typedef struct {
  float *a, *p, *y, *o, *m, *n;
} results;

static float *room(size_t count) { return calloc(count, sizeof(float)); }

static results run(const alone *model, int64_t B, int64_t S_, int64_t length, const float *const x[3]) {
  uint8_t *keep = calloc(B * S_, 1);
  for (int64_t b = 0; b < B; ++b)
    memset(keep + b * S_, 1, length);
  results r = {room(B * H * S_ * S_), room(B * H * S_ * S_), room(B * S_ * E), room(B * S_ * O), room(B * E), room(B * S_ * E)};
  size_t size = alone_run_workspace(B, S_);
  void *space = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
  alone_run_args args = {.B = B, .S = S_, .q = x[0], .k = x[1], .v = x[2], .keep = keep,
                         .a = r.a, .p = r.p, .y = r.y, .o = r.o, .m = r.m, .n = r.n};
  if (alone_run(model, &args, space, size) != HEDDLE_OK) {
    printf("%s\n", args.message);
    exit(1);
  }
  free(space);
  /* Attention as one kernel gives what it gives as three. */
  size = alone_chained_workspace(B, S_);
  space = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
  float *y = room(B * S_ * E);
  alone_chained_args chained = {.B = B, .S = S_, .q = x[0], .k = x[1], .v = x[2], .keep = keep, .result = y};
  if (alone_chained(model, &chained, space, size) != HEDDLE_OK || memcmp(y, r.y, B * S_ * E * sizeof(float))) {
    printf("%d rows of %d: other bits in one kernel\n", (int)B, (int)S_);
    exit(1);
  }
  free(y);
  free(space);
  free(keep);
  return r;
}

static void drop(results r) {
  free(r.a); free(r.p); free(r.y); free(r.o); free(r.m); free(r.n);
}

int main(void) {
  alone *model;
  if (alone_open(&model, NULL) != HEDDLE_OK)
    return 1;
  float *x[3];
  for (int t = 0; t < 3; ++t) {
    x[t] = room(2 * S * E);
    for (int i = 0; i < 2 * S * E; ++i)
      x[t][i] = (float)((i * 2654435761u + t * 40503u) % 20011u) / 10000.0f - 1.0f;
  }
  int wrong = 0;
  for (int64_t length = 1; length <= S; ++length) {
    results both = run(model, 2, S, length, (const float *const *)x);
    /* Its rows lie side by side when it stands alone as well. */
    results one = run(model, 1, length, length, (const float *const *)x);
    int same = !memcmp(both.m, one.m, E * 4);
    for (int64_t i = 0; i < length; ++i) {
      for (int64_t h = 0; h < H; ++h) {
        same &= !memcmp(both.a + (h * S + i) * S, one.a + (h * length + i) * length, length * 4);
        same &= !memcmp(both.p + (h * S + i) * S, one.p + (h * length + i) * length, length * 4);
      }
      same &= !memcmp(both.y + i * E, one.y + i * E, E * 4);
      same &= !memcmp(both.o + i * O, one.o + i * O, O * 4);
      same &= !memcmp(both.n + i * E, one.n + i * E, E * 4);
    }
    if (!same) {
      printf("length %d: other bits\n", (int)length);
      wrong = 1;
    }
    drop(both);
    drop(one);
  }
  for (int t = 0; t < 3; ++t)
    free(x[t]);
  alone_close(model);
  if (!wrong)
    printf("%d lengths, the same bits\n", S);
  return wrong;
}
