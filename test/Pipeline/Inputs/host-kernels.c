/* The kernels of host-entries.mlir, with the calling convention of compiled ones.
 * Each says what it was given: sizes, and where its tensors lie. */

#include "host-kernels.h"

#include <stdio.h>
#include <string.h>

const void *expected_context;
const uint8_t *workspace_begin, *workspace_end;
const toy_run_args *run_args;

/* w, then at the next multiple of 64 bytes the table `shift`. */
const float toy_weights[32] __attribute__((aligned(64), visibility("hidden"))) = {
    2, 2, 2, 2, 2, 2, 2, 2, [16] = 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f,
};

static void where(const char *what, const struct buffer *b) {
  const uint8_t *host = b->host, *weights = (const uint8_t *)toy_weights;
  struct buffer only_host = {0, NULL, b->host, 0, 0, 0, NULL, NULL};
  if (memcmp(b, &only_host, sizeof only_host) != 0)
    printf(" (other fields are set)");
  if (host >= workspace_begin && host < workspace_end)
    printf(" %s=workspace+%ld", what, (long)(host - workspace_begin));
  else if (host >= weights && host < weights + sizeof toy_weights)
    printf(" %s=weights+%ld", what, (long)(host - weights));
  else if (run_args && host == (const uint8_t *)run_args->x)
    printf(" %s=x", what);
  else if (run_args && host == (const uint8_t *)run_args->y)
    printf(" %s=y", what);
  else if (run_args && host == (const uint8_t *)run_args->mixed)
    printf(" %s=mixed", what);
  else if (run_args && host == (const uint8_t *)run_args->ids)
    printf(" %s=ids", what);
  else if (run_args && host == (const uint8_t *)&run_args->bias)
    printf(" %s=&bias", what);
  else if (run_args && host == (const uint8_t *)&run_args->total)
    printf(" %s=&total", what);
  else
    printf(" %s=elsewhere", what);
}

static void begin(const char *name, void *context) {
  printf("%s%s:", name, context == expected_context ? "" : " (wrong context)");
}

int toy_scale(void *context, int32_t m, struct buffer *x, struct buffer *w, struct buffer *y) {
  begin("scale", context);
  printf(" m=%d", m);
  where("x", x), where("w", w), where("y", y);
  puts("");
  const float *in = x->host, *weight = w->host;
  float *out = y->host;
  for (int32_t i = 0; i < m; ++i)
    for (int e = 0; e < 8; ++e)
      out[i * 8 + e] = in[i * 8 + e] * weight[e] + 1;
  return 0;
}

int toy_sums(void *context, int32_t m, struct buffer *x, struct buffer *rows, struct buffer *total) {
  begin("sums", context);
  printf(" m=%d", m);
  where("x", x), where("rows", rows), where("total", total);
  puts("");
  float all = 0;
  for (int32_t i = 0; i < m; ++i) {
    float sum = 0;
    for (int e = 0; e < 8; ++e)
      sum += ((const float *)x->host)[i * 8 + e];
    ((float *)rows->host)[i] = sum;
    all += sum;
  }
  *(float *)total->host = all;
  return 0;
}

int toy_mix(void *context, int32_t m, struct buffer *rows, struct buffer *total, struct buffer *ids,
            struct buffer *bias, struct buffer *mixed) {
  begin("mix", context);
  printf(" m=%d", m);
  where("rows", rows), where("total", total), where("ids", ids), where("bias", bias), where("mixed", mixed);
  puts("");
  for (int32_t i = 0; i < m; ++i)
    ((float *)mixed->host)[i] = ((const float *)rows->host)[i] / *(const float *)total->host +
                                (float)((const int32_t *)ids->host)[i] + *(const float *)bias->host;
  return 0;
}

/* Fills the whole of its results, so that a slot that is too small or that
 * overlaps another is seen by toy_count. */
int toy_fill(void *context, int32_t L, int32_t h, int32_t g, int32_t r, struct buffer *x,
             struct buffer *half, struct buffer *greatest, struct buffer *rest) {
  (void)L, (void)x;
  if (context != expected_context)
    puts("wrong context");
  for (int32_t i = 0; i < h; ++i)
    ((float *)half->host)[i] = 1;
  for (int32_t i = 0; i < g; ++i)
    ((float *)greatest->host)[i] = 100;
  for (int32_t i = 0; i < r; ++i)
    ((int8_t *)rest->host)[i] = 3;
  if (((uintptr_t)half->host | (uintptr_t)greatest->host | (uintptr_t)rest->host) % 64)
    puts("a slot is not aligned");
  if ((const uint8_t *)rest->host + r > workspace_end || (const uint8_t *)half->host < workspace_begin)
    puts("outside of the workspace");
  return 0;
}

int toy_count(void *context, int32_t h, int32_t g, int32_t r, struct buffer *half,
              struct buffer *greatest, struct buffer *rest, struct buffer *sum) {
  (void)context;
  int64_t all = 0;
  for (int32_t i = 0; i < h; ++i)
    all += (int64_t)((const float *)half->host)[i];
  for (int32_t i = 0; i < g; ++i)
    all += (int64_t)((const float *)greatest->host)[i];
  for (int32_t i = 0; i < r; ++i)
    all += 100000 * ((const int8_t *)rest->host)[i];
  *(int64_t *)sum->host = all;
  return 0;
}

int toy_gather(void *context, struct buffer *flag, struct buffer *half, struct buffer *small,
               struct buffer *byte, struct buffer *large, struct buffer *sum, struct buffer *any) {
  begin("gather", context);
  printf(" %d %#x %d %d %lld\n", *(const uint8_t *)flag->host, *(const uint16_t *)half->host,
         *(const int8_t *)small->host, *(const uint8_t *)byte->host,
         (long long)*(const int64_t *)large->host);
  *(int64_t *)sum->host = *(const int8_t *)small->host + *(const uint8_t *)byte->host + *(const int64_t *)large->host;
  *(uint8_t *)any->host = 1;
  return 0;
}
