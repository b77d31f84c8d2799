/* Everything that a caller of MiniLM can do wrong, with its status and message.
 * A refused call writes nothing but the message. */
#include "encode.h"

#include <stdbool.h>

static minilm *model;
static int32_t ids[2 * 8];
static uint8_t keep[2 * 8];
static float result[2 * WIDTH];
static size_t size;
static void *workspace;

static minilm_encode_args good(void) {
  minilm_encode_args args = {.B = 2, .S = 8, .ids = ids, .keep = keep, .result = result};
  memset(args.message, 'x', sizeof args.message);
  return args;
}

static void refuse_in(minilm_encode_args args, void *place, size_t bytes, heddle_status status,
                      const char *message) {
  memset(result, 0x55, sizeof result);
  heddle_status got = minilm_encode(model, &args, place, bytes);
  CHECK(memchr(args.message, 0, sizeof args.message));
  printf("%d: %s\n", (int)got, args.message);
  if (got != status || !strstr(args.message, message)) {
    fprintf(stderr, "expected %d: %s\n", (int)status, message);
    exit(1);
  }
  for (size_t i = 0; i < sizeof result; i++)
    CHECK(((unsigned char *)result)[i] == 0x55);
}

static void refuse(minilm_encode_args args, heddle_status status, const char *message) {
  refuse_in(args, workspace, size, status, message);
}

static void dimensions(void) {
  static const struct { int64_t B, S; const char *message; } bad[] = {
      {0, 8, "B = 0"},   {65, 8, "B = 65"}, {2, 0, "S = 0"},      {2, 513, "S = 513"},
      {-1, 8, "B = -1"}, {2, -8, "S = -8"}, {INT64_MAX, 8, "B = "}, {2, INT64_MIN, "S = "},
      {((int64_t)1 << 32) + 2, 8, "B = "},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    minilm_encode_args args = good();
    args.B = bad[i].B, args.S = bad[i].S;
    refuse(args, HEDDLE_BAD_DIMENSION, bad[i].message);
  }
}

static void values(void) {
  static const int32_t bad[] = {VOCABULARY, -1, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char message[64];
    ids[8 + 7] = bad[i];
    snprintf(message, sizeof message, "ids[1][7] = %d", (int)bad[i]);
    refuse(good(), HEDDLE_BAD_VALUE, message);
  }
  /* In the padding too: the read is made whatever `keep` says. */
  keep[8 + 7] = 0;
  refuse(good(), HEDDLE_BAD_VALUE, "ids[1][7]");
  keep[8 + 7] = 1;
  ids[8 + 7] = VOCABULARY - 1;
  encode(model, 2, 8, ids, keep, result);
}

static void pointers(void) {
  minilm_encode_args args = good();
  args.ids = NULL;
  refuse(args, HEDDLE_NULL_POINTER, "ids");
  args = good(), args.keep = NULL;
  refuse(args, HEDDLE_NULL_POINTER, "keep");
  args = good(), args.result = NULL;
  refuse(args, HEDDLE_NULL_POINTER, "result");
  refuse_in(good(), NULL, size, HEDDLE_NULL_POINTER, "workspace");
  CHECK(minilm_encode(model, NULL, workspace, size) == HEDDLE_NULL_POINTER);
  args = good();
  CHECK(minilm_encode(NULL, &args, workspace, size) == HEDDLE_NULL_POINTER);
  CHECK(args.message[0] && memchr(args.message, 0, sizeof args.message));
  CHECK(minilm_open(NULL, NULL) == HEDDLE_NULL_POINTER);
  minilm_close(NULL);
}

static void workspaces(void) {
  CHECK(size > 0);
  refuse_in(good(), workspace, size - 1, HEDDLE_WORKSPACE_TOO_SMALL, "");
  refuse_in(good(), workspace, 0, HEDDLE_WORKSPACE_TOO_SMALL, "");
  char *larger = new_workspace(size + 64);
  for (int off = 1; off < 64; off *= 2)
    refuse_in(good(), larger + off, size + 64 - (size_t)off, HEDDLE_BAD_WORKSPACE, "");
  free(larger);

  /* The size grows with the dimensions, and outside them it is no promise. */
  CHECK(minilm_encode_workspace(1, 1) <= size && size <= minilm_encode_workspace(64, 512));
}

static void options(void) {
  static const int bad[] = {-1, 1 << 20};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    minilm_options o = {.threads = bad[i]};
    minilm *other = NULL;
    CHECK(minilm_open(&other, &o) == HEDDLE_BAD_OPTIONS && !other);
  }
  minilm_options one = {.threads = 0};
  minilm *other = NULL;
  CHECK(minilm_open(&other, &one) == HEDDLE_OK && other);
  minilm_close(other);
}

/* The caller's own way of running tasks: in the wrong order, then failing. */
static int backwards(void *context, heddle_task task, void *argument, int count) {
  ++*(int *)context;
  for (int i = count; i-- > 0;) {
    int failed = task(argument, i);
    if (failed)
      return failed;
  }
  return 0;
}

static int failing(void *context, heddle_task task, void *argument, int count) {
  (void)context, (void)task, (void)argument, (void)count;
  return 1;
}

static void callbacks(void) {
  int calls = 0;
  float expected[2 * WIDTH];
  encode(model, 2, 8, ids, keep, expected);
  minilm_options o = {.threads = 3, .parallel = backwards, .parallel_context = &calls};
  minilm *own = NULL;
  CHECK(minilm_open(&own, &o) == HEDDLE_OK);
  encode(own, 2, 8, ids, keep, result);
  CHECK(calls > 0 && !memcmp(expected, result, sizeof result));
  minilm_close(own);

  o.parallel = failing;
  CHECK(minilm_open(&own, &o) == HEDDLE_OK);
  minilm_encode_args args = good();
  CHECK(minilm_encode(own, &args, workspace, size) == HEDDLE_PARALLEL && args.message[0]);
  minilm_close(own);
}

int main(void) {
  CHECK(minilm_open(&model, NULL) == HEDDLE_OK);
  CHECK(minilm_abi() != 0);
  for (int i = 0; i < 16; i++)
    ids[i] = 1000 + i, keep[i] = 1;
  size = minilm_encode_workspace(2, 8);
  workspace = new_workspace(size);
  dimensions();
  values();
  pointers();
  workspaces();
  options();
  callbacks();
  free(workspace);
  minilm_close(model);
  return 0;
}
