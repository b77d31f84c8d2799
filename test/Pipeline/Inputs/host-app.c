/* Calls the entries of host-entries.mlir: rightly, and in each wrong way. */

#include "host-kernels.h"

#include <stdio.h>
#include <string.h>

static _Alignas(64) uint8_t space[4096];
static toy *model;

/* What each call of `run` begins with. */
static float x[4 * 8 * 8], y[4 * 8 * 8], mixed[4 * 8];
static int32_t ids[4 * 8];
static toy_run_args right(void) {
  toy_run_args args;
  memset(&args, 0x5a, sizeof args);
  args.B = 2, args.S = 3, args.W = 1;
  args.x = x, args.ids = ids, args.bias = 0.25f, args.kind = 2;
  args.y = y, args.mixed = mixed;
  return args;
}

static void call(const char *what, const toy *handle, toy_run_args args, void *workspace, size_t size) {
  args.message[0] = '?';
  run_args = &args;
  heddle_status status = toy_run(handle, &args, workspace, size);
  printf("%s: %d \"%s\"\n", what, status, args.message);
}
#define WITH(CHANGE)                                             \
  do {                                                           \
    toy_run_args args = right();                                 \
    args.CHANGE;                                                 \
    call(#CHANGE, model, args, space, sizeof space);             \
  } while (0)

static void statuses(void) {
  printf("no arguments: %d\n", toy_run(model, NULL, space, sizeof space));
  WITH(B = 0);
  WITH(B = 5);
  WITH(S = 9);
  WITH(S = -1);
  WITH(W = 0);
  WITH(W = 2);
  WITH(B = 4);
  WITH(x = NULL);
  WITH(ids = NULL);
  WITH(y = NULL);
  WITH(mixed = NULL);
  WITH(kind = 3);
  WITH(kind = -1);
  ids[4] = 10;
  WITH(B = 2);
  /* The element lies behind those of this call. */
  WITH(B = 1);
  ids[4] = 0;
  size_t need = toy_run_workspace(2, 3, 1);
  call("one byte short", model, right(), space, need - 1);
  call("not aligned", model, right(), space + 1, sizeof space - 1);
  call("no workspace", model, right(), NULL, need);
  call("no model", NULL, right(), space, need);
  /* Another interface: the hash stands at offset 8. */
  _Alignas(8) uint8_t other[56];
  memcpy(other, (const void *)model, sizeof other);
  other[8] ^= 1;
  call("another model", (const toy *)other, right(), space, need);
  /* The earlier check wins. */
  toy_run_args args = right();
  args.S = 9, args.x = NULL;
  call("two faults", model, args, NULL, 0);
}

static void results(void) {
  size_t need = toy_run_workspace(2, 3, 1);
  printf("workspace: %zu\n", need);
  workspace_begin = space, workspace_end = space + need;
  for (int i = 0; i < 2 * 3 * 8; ++i)
    x[i] = (float)i, y[i] = -1;
  for (int i = 0; i < 6; ++i)
    ids[i] = i;
  memset(space, 0xff, sizeof space);
  toy_run_args args = right();
  run_args = &args;
  heddle_status status = toy_run(model, &args, space, need);
  printf("run: %d \"%s\"\n", status, args.message);
  int wrong = 0;
  float total = 0, sums[6];
  for (int i = 0; i < 6; ++i) {
    sums[i] = 0;
    for (int e = 0; e < 8; ++e) {
      float v = (float)(8 * i + e);
      v = (((v * 2 + 1) * 0.5f + 1) * 2 + 1) * 0.5f + 1;
      wrong += y[8 * i + e] != v;
      sums[i] += v;
    }
    total += sums[i];
  }
  for (int i = 0; i < 6; ++i)
    wrong += mixed[i] != sums[i] / total + (float)i + 0.25f;
  wrong += args.total != total;
  for (size_t i = need; i < sizeof space; ++i)
    wrong += space[i] != 0xff;
  /* What the call only reads is as it was. */
  wrong += args.B != 2 || args.S != 3 || args.W != 1 || args.bias != 0.25f || args.kind != 2;
  printf("wrong: %d\n", wrong);
}

static int64_t whole(int64_t bytes) { return (bytes + 63) / 64 * 64; }

static void parts(void) {
  int wrong = 0;
  static const float in[100];
  for (int64_t L = 0; L <= 100; ++L) {
    int64_t half = (L + 1) / 2, greatest = L > 3 ? L : 3, rest = L % 3 + 1;
    size_t need = toy_parts_workspace(L);
    wrong += (int64_t)need != whole(4 * half) + whole(4 * greatest) + whole(rest);
    toy_parts_args args = {.L = L, .x = L ? in : NULL};
    workspace_begin = space, workspace_end = space + need;
    wrong += toy_parts(model, &args, space, need - 1) != HEDDLE_WORKSPACE_TOO_SMALL;
    wrong += toy_parts(model, &args, space, need) != HEDDLE_OK;
    wrong += args.result != half + 100 * greatest + 300000 * rest;
  }
  printf("parts: %d wrong\n", wrong);
}

static void scalars(void) {
  toy_scalars_args args = {.flag = 1, .half = 0x3c00, .small = -3, .byte = 199, .large = 4999999999};
  heddle_status status = toy_scalars(model, &args, NULL, 0);
  printf("scalars: %d \"%s\" %lld %d\n", status, args.message, (long long)args.sum, args.any);
  args.byte = 200;
  status = toy_scalars(model, &args, NULL, 0);
  printf("byte: %d \"%s\"\n", status, args.message);
  args.byte = 0, args.large = 5000000000;
  status = toy_scalars(model, &args, NULL, 0);
  printf("large: %d \"%s\"\n", status, args.message);
}

int main(void) {
  heddle_status status = toy_open(&model, NULL);
  printf("open: %s\n", heddle_status_text(status));
  if (status != HEDDLE_OK)
    return 1;
  expected_context = model;
  statuses();
  results();
  parts();
  scalars();
  toy_close(model);
  return 0;
}
