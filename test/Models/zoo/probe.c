/* probe bits|races WEIGHTS: calls every entry of a model on inputs that are made up.
 *
 * bits   the same bits on 1, 2 and 5 threads, whatever was in workspace and results before,
 *        and of each row alone as in its batch; by each instruction set of this machine.
 * races  two callers at the same time, each with its handle and five threads, get the bits
 *        of one alone. For ThreadSanitizer.
 *
 * Each buffer, the weights among them, ends at a page that cannot be touched, or begins
 * behind one; inputs and weights cannot be written. Kernels have no sanitizer of their own.
 * table.h is made from the model's header by calls.py. */
#define _GNU_SOURCE
#include "guarded.h"

enum { MOST = 12, ROUNDS = 10 };

typedef struct {
  const char *name;
  size_t element;
  int is_result;
  int has_rows; /* row r belongs to sample r of the batch alone */
  enum { REAL, INTEGER, BOOL } kind;
} tensor;

typedef struct {
  const char *name;
  int batch;    /* the dimension */
  int compared; /* whether a row alone is as in its batch */
  int num_dims;
  int64_t dims[MOST];
  int num_tensors;
  tensor tensors[MOST];
  size_t (*count)(const int64_t *dims, int tensor);
  int64_t (*most)(const int64_t *dims, int tensor);
  size_t (*space)(const int64_t *dims);
  int32_t (*call)(const void *model, const int64_t *dims, void *const *data, void *space,
                  size_t size, char *message);
} entry;

#include "table.h"

enum { ENTRIES = sizeof entries / sizeof *entries };

/*===- Calls ------------------------------------------------------------------===*/

/* The buffers of one call. */
typedef struct {
  const entry *entry;
  int64_t dims[MOST];
  buffer tensors[MOST], space;
} call;

static uint64_t next(uint64_t *state) {
  *state ^= *state >> 12, *state ^= *state << 25, *state ^= *state >> 27;
  return *state * 0x2545F4914F6CDD1Du;
}

static void make_up(const call *c, int i) {
  const tensor *t = &c->entry->tensors[i];
  uint64_t state = 0x9E3779B97F4A7C15u * (uint64_t)(i + 1);
  int64_t most = c->entry->most(c->dims, i);
  for (size_t k = 0; k < c->tensors[i].size / t->element; k++) {
    uint64_t r = next(&state) >> 32;
    if (t->kind == REAL) /* of variance 1 */
      ((float *)c->tensors[i].data)[k] = (float)((double)r * 0x1p-31 - 1) * 1.7320508f;
    else if (t->kind == BOOL)
      c->tensors[i].data[k] = r % 10 < 7;
    else if (t->element == 4)
      ((int32_t *)c->tensors[i].data)[k] = (int32_t)(r % (uint64_t)(most + 1));
    else
      CHECK(!"an integer of this width is not made up yet");
  }
}

/* A call with inputs made up, or with row `row` of the inputs of `batch`. */
static void begin(call *c, const entry *e, int at_end, const call *batch, int64_t row) {
  c->entry = e;
  memcpy(c->dims, e->dims, sizeof c->dims);
  if (batch)
    c->dims[e->batch] = 1;
  for (int i = 0; i < e->num_tensors; i++) {
    const tensor *t = &e->tensors[i];
    buffer *b = &c->tensors[i];
    allocate(b, t->name, e->count(c->dims, i) * t->element, t->element, at_end);
    if (t->is_result)
      continue;
    if (batch)
      memcpy(b->data, batch->tensors[i].data + (t->has_rows ? (size_t)row * b->size : 0), b->size);
    else
      make_up(c, i);
    seal(b);
  }
  allocate(&c->space, "the workspace", e->space(c->dims), HEDDLE_WORKSPACE_ALIGNMENT, at_end);
}

/* Calls with `before` in all bytes of workspace and results. */
static void run(call *c, const handle *model, int before) {
  void *data[MOST];
  char message[192];
  for (int i = 0; i < c->entry->num_tensors; i++) {
    data[i] = c->tensors[i].data;
    if (c->entry->tensors[i].is_result)
      memset(data[i], before, c->tensors[i].size);
  }
  memset(c->space.data, before, c->space.size);
  if (c->entry->call(model, c->dims, data, c->space.data, c->space.size, message) != HEDDLE_OK) {
    fprintf(stderr, "%s\n", message);
    exit(1);
  }
}

static void end(call *c) {
  for (int i = 0; i < c->entry->num_tensors; i++)
    release(&c->tensors[i]);
  release(&c->space);
}

/* Demands of each result of `c`, a call of some rows from `row` on, the bits in `batch`. */
static void compare(const call *c, const call *batch, int64_t row, const char *what) {
  for (int i = 0; i < c->entry->num_tensors; i++) {
    const tensor *t = &c->entry->tensors[i];
    const buffer *b = &c->tensors[i];
    if (!t->is_result || (!t->has_rows && c->dims[c->entry->batch] != batch->dims[c->entry->batch]))
      continue;
    const char *wanted = batch->tensors[i].data + (t->has_rows ? (size_t)row * b->size : 0);
    for (size_t k = 0; k < b->size; k++)
      if (b->data[k] != wanted[k]) {
        fprintf(stderr, "%s, %s: %s, row %ld, has other bits from element %zu on\n", c->entry->name,
                t->name, what, (long)row, k / t->element);
        exit(1);
      }
  }
}

/* Rows that are all the same would agree with any row. */
static int rows_differ(const call *c) {
  for (int i = 0; i < c->entry->num_tensors; i++) {
    size_t size = c->tensors[i].size / (size_t)c->dims[c->entry->batch];
    if (c->entry->tensors[i].is_result && c->entry->tensors[i].has_rows &&
        memcmp(c->tensors[i].data, c->tensors[i].data + size, size))
      return 1;
  }
  return 0;
}

/*===- Models -----------------------------------------------------------------===*/

/* NULL if this machine or the object lacks the instruction set. */
static handle *open_model(const buffer *weights, int threads, const char *target) {
  options o = {.threads = threads, .target = target, .weights = weights->data,
               .weights_size = weights->size};
  handle *model = NULL;
  int32_t status = MODEL(open)(&model, &o);
  if (status == HEDDLE_BAD_CPU)
    return NULL;
  if (status != HEDDLE_OK)
    fprintf(stderr, "%s\n", o.message);
  CHECK(status == HEDDLE_OK);
  return model;
}

static void read_weights(buffer *b, const char *path, int at_end) {
  FILE *f = fopen(path, "rb");
  CHECK(f && !fseek(f, 0, SEEK_END));
  size_t size = (size_t)ftell(f);
  rewind(f);
  allocate(b, "the weights", size, 64, at_end);
  CHECK(b->data + (at_end ? size : 0) == b->map + (at_end ? b->map_size - PAGE : PAGE));
  CHECK(fread(b->data, 1, size, f) == size && !fclose(f));
  seal(b);
}

static void check_bits(const entry *e, const buffer *weights, const char *target) {
  static const int threads[] = {1, 2, 5};
  call first;
  for (int t = 0; t < 3; t++) {
    for (int at_end = 0; at_end < 2; at_end++) {
      handle *model = open_model(&weights[at_end], threads[t], target);
      if (!model)
        return;
      call again, alone;
      char what[64];
      if (!t && !at_end) {
        begin(&first, e, 0, NULL, 0);
        run(&first, model, 0xff); /* a NaN where something is read before it is written */
        CHECK(!e->compared || rows_differ(&first));
      }
      begin(&again, e, at_end, NULL, 0);
      run(&again, model, 0);
      snprintf(what, sizeof what, "%d threads, %s", threads[t], target);
      compare(&again, &first, 0, what);
      end(&again);
      for (int64_t row = 0; e->compared && row < e->dims[e->batch]; row++) {
        begin(&alone, e, at_end, &first, row);
        run(&alone, model, 0xff);
        snprintf(what, sizeof what, "alone, %d threads, %s", threads[t], target);
        compare(&alone, &first, row, what);
        end(&alone);
      }
      MODEL(close)(model);
    }
  }
  end(&first);
  printf("%s: %s, %s\n", e->name, target, e->compared ? "threads and rows" : "threads");
}

/*===- Races ------------------------------------------------------------------===*/

typedef struct {
  const buffer *weights;
  call *expected;
  int at_end;
  pthread_barrier_t *before, *after; /* two: a second wait must not order the first */
} caller;

/* Between the barriers nothing of the probe's own orders the callers, so that what they
 * share is seen however short the calls are. */
static void *call_often(void *argument) {
  caller *c = argument;
  call again[ENTRIES];
  handle *model = open_model(c->weights, 5, NULL);
  CHECK(model);
  for (int i = 0; i < ENTRIES; i++)
    begin(&again[i], &entries[i], c->at_end, NULL, 0);
  pthread_barrier_wait(c->before);
  for (int round = 0; round < ROUNDS; round++)
    for (int i = 0; i < ENTRIES; i++) {
      run(&again[i], model, round);
      compare(&again[i], &c->expected[i], 0, "with another caller");
    }
  pthread_barrier_wait(c->after);
  for (int i = 0; i < ENTRIES; i++)
    end(&again[i]);
  MODEL(close)(model);
  return NULL;
}

static void check_races(const buffer *weights) {
  static call expected[ENTRIES];
  handle *model = open_model(weights, 1, NULL);
  CHECK(model);
  for (int i = 0; i < ENTRIES; i++) {
    begin(&expected[i], &entries[i], 0, NULL, 0);
    run(&expected[i], model, 0);
  }
  MODEL(close)(model);
  pthread_barrier_t before, after;
  CHECK(!pthread_barrier_init(&before, NULL, 2) && !pthread_barrier_init(&after, NULL, 2));
  caller callers[] = {{weights, expected, 0, &before, &after},
                      {weights, expected, 1, &before, &after}};
  pthread_t other;
  CHECK(!pthread_create(&other, NULL, call_often, &callers[0]));
  call_often(&callers[1]);
  CHECK(!pthread_join(other, NULL));
  for (int i = 0; i < ENTRIES; i++) {
    end(&expected[i]);
    printf("%s: two callers\n", entries[i].name);
  }
}

int main(int argc, char **argv) {
  static const char *const targets[] = {"x86-64-v4", "x86-64-v3", "x86-64-v2"};
  CHECK(argc == 3);
  catch_faults();
  buffer weights[2];
  read_weights(&weights[0], argv[2], 0);
  read_weights(&weights[1], argv[2], 1);
  if (!strcmp(argv[1], "races"))
    check_races(&weights[0]);
  else
    for (int i = 0; i < ENTRIES; i++)
      for (int t = 0; t < 3; t++)
        check_bits(&entries[i], weights, targets[t]);
  release(&weights[0]);
  release(&weights[1]);
  return 0;
}
