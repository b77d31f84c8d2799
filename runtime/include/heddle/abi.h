/*===- abi.h - The contract between generated code and the runtime ----------===*\
|*
|* Everything that the code of a compiled model and the runtime know of each
|* other, in C99 and standalone. Version 1: every symbol of the runtime begins
|* with `hd1_`, so models compiled for different versions live in one program.
|* Layouts are for 64-bit targets. Once a release has them they are fixed: a change
|* of any of them, or of a function's parameters, is a new version with a new
|* prefix.
|*
|* Applications never include this file; they include the generated header.
|* compiler/Package/README.md lists what a model's object defines and calls.
|*
\*===------------------------------------------------------------------------===*/

#ifndef HEDDLE_ABI_H
#define HEDDLE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HD1_ABI_VERSION 1

/* Symbols are hidden: they stay inside the shared library or program. */
#define HD1_FUNCTION __attribute__((visibility("hidden")))

/* Definitions are weak besides, so several objects may each carry a copy of one
 * version. On definitions only: a weak reference would not take a member out of
 * an archive. */
#define HD1_DEFINITION __attribute__((weak))

/* Bytes of the `message` field that ends the arguments of every entry. */
#define HEDDLE_MESSAGE_SIZE 192

/* Alignment of workspaces, in bytes. */
#define HEDDLE_WORKSPACE_ALIGNMENT 64

/* The largest number of threads of a model. */
#define HD1_MAX_THREADS 1024

/* X(name, code, sentence). Codes are never reused and never change meaning;
 * the generated header is printed from this list. */
#define HEDDLE_STATUS_LIST(X)                                                      \
  X(OK, 0, "success")                                                              \
  X(NULL_POINTER, 1, "a pointer that is needed is null")                           \
  X(BAD_DIMENSION, 2, "a dimension is outside its bounds or breaks a condition")   \
  X(BAD_VALUE, 3, "an element of an input is outside its range")                   \
  X(WORKSPACE_TOO_SMALL, 4, "the workspace has fewer bytes than the call needs")   \
  X(BAD_WORKSPACE, 5, "the workspace is not aligned to 64 bytes")                  \
  X(BAD_OPTIONS, 6, "an option has a value that is not allowed")                   \
  X(OUT_OF_MEMORY, 7, "the model could not get memory when it was opened")         \
  X(THREADS, 8, "the threads could not be started")                                \
  X(REQUIRE, 9, "a condition that the model requires does not hold")               \
  X(BAD_MODEL, 10, "the model was opened by another object")                       \
  X(BAD_CPU, 11, "the processor lacks instructions that the object uses")          \
  X(PARALLEL, 12, "the caller's function for running tasks reported a failure")    \
  X(BAD_TARGET, 13, "the object has no such instruction set")                      \
  X(WEIGHTS_FILE, 14, "the weights file is missing or cannot be read")             \
  X(BAD_WEIGHTS, 15, "what was given as weights is no whole weights file")         \
  X(OTHER_WEIGHTS, 16, "the weights are of another model or version")

enum hd1_status {
#define HD1_STATUS(name, code, sentence) HEDDLE_##name = code,
  HEDDLE_STATUS_LIST(HD1_STATUS)
#undef HD1_STATUS
};

/*===- Models -----------------------------------------------------------------===*/

/* One task of a parallel loop, as the caller's own threads see it. */
typedef int (*hd1_task)(void *argument, int index);

/* The caller's way to run tasks: calls task(argument, i) once for each i in
 * 0 .. count - 1, in any order, on any threads, and returns when all calls have
 * returned: 0 if each of them returned 0. */
typedef int (*hd1_parallel)(void *context, hd1_task task, void *argument, int count);

/* What <model>_options is in the generated header. */
struct hd1_options {
  int32_t threads;          /* offset  0; 0 means 1 */
  int32_t trust_weights;    /* offset  4; not 0: the weights' checksum is not compared */
  hd1_parallel parallel;    /* offset  8; NULL: the model's own team */
  void *parallel_context;   /* offset 16 */
  const char *target;       /* offset 24; of a variant; NULL: $HEDDLE_TARGET or the best */
  const char *weights_file; /* offset 32; its path, or NULL */
  const void *weights;      /* offset 40; or the contents of one, or NULL */
  uint64_t weights_size;    /* offset 48; bytes of these contents */
  char message[HEDDLE_MESSAGE_SIZE]; /* offset 56; written by hd1_open */
};                                   /* size  248 */

/* Any function of generated code. */
typedef void (*hd1_function)(void);

/* The kernels of a model for one instruction set. */
struct hd1_variant {
  const char *target;          /* offset  0; "x86-64-v3" */
  uint32_t features;           /* offset  8; HD1_CPU_* bits that the kernels need */
  uint32_t reserved;           /* offset 12 */
  const hd1_function *kernels; /* offset 16; the same order in each variant */
};                             /* size   24 */

/* What an object says of itself to hd1_open; it is constant and outlives handles. */
struct hd1_package {
  uint64_t hash;                      /* offset  0; of the model's interface */
  const struct hd1_variant *variants; /* offset  8; the best first */
  int32_t num_variants;               /* offset 16; 1 or more */
  int32_t reserved;                   /* offset 20 */
  const uint8_t *weights;             /* offset 24; in the object, or NULL */
  uint64_t weights_size;              /* offset 32; of those in a file; 0: none are */
  uint64_t weights_layout;            /* offset 40; hash of what lies where in them */
};                                    /* size   48 */

struct hd1_team;

/* An open model; <model> in the generated header is this struct. Generated code
 * reads `weights` and `kernels` and passes the whole as the user context of
 * kernels. */
struct hd1_model {
  uint32_t abi;                      /* offset  0; HD1_ABI_VERSION */
  int32_t threads;                   /* offset  4; of the team, 1 or more */
  uint64_t hash;                     /* offset  8; of the model's interface */
  const uint8_t *weights;            /* offset 16; 64-byte aligned */
  struct hd1_team *team;             /* offset 24; owned; NULL when the caller runs alone */
  hd1_parallel parallel;             /* offset 32; the caller's, or NULL */
  void *parallel_context;            /* offset 40 */
  int32_t failed;                    /* offset 48; of a loop since hd1_check_run, accessed atomically */
  int32_t reserved;                  /* offset 52 */
  const hd1_function *kernels;       /* offset 56; of the variant */
  const struct hd1_variant *variant; /* offset 64; the one that was chosen */
  void *mapping;                     /* offset 72; owned; the weights file, or NULL */
  uint64_t mapping_size;             /* offset 80 */
};                                   /* size   88 */

/* Processor features, as bits. */
enum hd1_cpu {
  HD1_CPU_SSE42 = 1 << 0, /* and all of x86-64-v2 */
  HD1_CPU_AVX = 1 << 1,
  HD1_CPU_F16C = 1 << 2,
  HD1_CPU_FMA = 1 << 3,
  HD1_CPU_AVX2 = 1 << 4,
  HD1_CPU_BMI = 1 << 5,    /* BMI1, BMI2, LZCNT and MOVBE */
  HD1_CPU_AVX512 = 1 << 6, /* F, CD, BW, DQ and VL */
  HD1_CPU_AVX512_VNNI = 1 << 7,
  HD1_CPU_X86_64_V3 = (1 << 6) - 1,
  HD1_CPU_X86_64_V4 = (1 << 7) - 1
};

/* The features of this processor that the operating system supports too. */
HD1_FUNCTION uint32_t hd1_cpu_features(void);

/* Chooses among the variants of an object: `wanted` by its name, or for NULL or ""
 * the first that `features` suffice for. Returns OK, BAD_TARGET (the object has no
 * variant `wanted`) or BAD_CPU, and then a sentence in `message`. */
HD1_FUNCTION int32_t hd1_choose_variant(char *message, const struct hd1_package *package,
                                        const char *wanted, uint32_t features,
                                        const struct hd1_variant **variant);

/* Opens a model: chooses a variant, maps the weights file if there is one,
 * allocates the handle and starts threads - 1 threads, or none if `options` (may be
 * NULL: one thread) has the caller's own. Weights in memory must outlive the handle
 * and are shared by all handles. On failure *model is NULL, nothing stays allocated
 * or mapped, and options->message says why; after success it is "". Returns OK,
 * NULL_POINTER, BAD_OPTIONS, BAD_CPU, BAD_TARGET, WEIGHTS_FILE, BAD_WEIGHTS,
 * OTHER_WEIGHTS, OUT_OF_MEMORY or THREADS. */
HD1_FUNCTION int32_t hd1_open(struct hd1_model **model, struct hd1_options *options,
                              const struct hd1_package *package);

/* Ends the threads, unmaps the weights file and frees the handle. NULL is allowed. */
HD1_FUNCTION void hd1_close(struct hd1_model *model);

/* The name of the variant that was chosen; "" for NULL. */
HD1_FUNCTION const char *hd1_target(const struct hd1_model *model);

/*===- Weights files ----------------------------------------------------------===*/

/* A weights file is a header of HD1_WEIGHTS_BEGIN bytes, zeros behind the struct,
 * and the packed weights, a multiple of 64 bytes, and nothing behind them. Numbers
 * are little-endian. A reader compares everything below before it uses the rest;
 * no offset and no path is taken from the file. */
#define HD1_WEIGHTS_BEGIN 4096
#define HD1_WEIGHTS_MAGIC "HEDDLEWT"
#define HD1_WEIGHTS_VERSION 1

struct hd1_weights_header {
  char magic[8];            /* offset  0; HD1_WEIGHTS_MAGIC without its NUL */
  uint32_t version;         /* offset  8; HD1_WEIGHTS_VERSION */
  uint32_t begin;           /* offset 12; HD1_WEIGHTS_BEGIN */
  uint64_t size;            /* offset 16; bytes of the packed weights */
  uint64_t layout;          /* offset 24; hd1_package's weights_layout */
  uint64_t checksum;        /* offset 32; of the packed weights */
  uint64_t reserved[2];     /* offset 40; 0 */
  uint64_t header_checksum; /* offset 56; of a block: this struct with 0 in this place */
};                          /* size   64 */

/* A checksum over blocks of 64 bytes, against damage, not against attackers. It
 * changes for certain when one 64-bit word does, and reads memory as fast as it
 * comes. Begin with all 0. */
struct hd1_checksum {
  uint64_t lanes[8];
  uint64_t size;
};
HD1_FUNCTION void hd1_checksum_add(struct hd1_checksum *sum, const void *data,
                                   uint64_t size); /* a multiple of 64 */
HD1_FUNCTION uint64_t hd1_checksum_end(const struct hd1_checksum *sum);

/* Finds the weights of an object: in itself, or validated in the file or memory
 * that the options name. On success *weights is their address, and *mapping (else
 * NULL) of *mapping_size bytes is to be unmapped. Returns OK, BAD_OPTIONS,
 * WEIGHTS_FILE, BAD_WEIGHTS or OTHER_WEIGHTS. */
HD1_FUNCTION int32_t hd1_find_weights(char *message, const struct hd1_package *package,
                                      const struct hd1_options *options,
                                      const uint8_t **weights, void **mapping,
                                      uint64_t *mapping_size);

/* Gives a mapping of hd1_find_weights back. NULL is allowed. */
HD1_FUNCTION void hd1_unmap_weights(void *mapping, uint64_t mapping_size);

/*===- Parallel loops ---------------------------------------------------------===*/

/* The body of a parallel loop in a kernel. */
typedef int (*hd1_kernel_task)(void *user_context, int index, uint8_t *closure);

/* What kernels call, under the name halide_do_par_for before they are packaged.
 * Calls task(user_context, i, closure) once for each i in min .. min + extent - 1
 * on the threads of the model that `user_context` is, the caller's among them;
 * returns when all calls have returned. A NULL user context, one thread, one task
 * or a loop inside a task: the caller runs all of them, in order. Once a task has
 * returned other than 0, tasks that have not begun are left out, and that value
 * is returned. A failure of the caller's own `parallel` without a task's failure
 * returns HEDDLE_PARALLEL. A failure is also kept in the model, for hd1_check_run:
 * kernels compiled without assertions drop what this function returns. Allocates
 * nothing. */
HD1_FUNCTION int hd1_par_for(void *user_context, hd1_kernel_task task, int min,
                             int extent, uint8_t *closure);

/* A team of `threads` >= 2 threads, of which the caller is one. NULL in *team on
 * failure. Returns OK, OUT_OF_MEMORY or THREADS. The team is idle between loops:
 * its threads look for work for some tens of microseconds, then sleep. */
HD1_FUNCTION int32_t hd1_team_create(struct hd1_team **team, int32_t threads);

/* Ends and joins the team's threads. NULL is allowed. */
HD1_FUNCTION void hd1_team_destroy(struct hd1_team *team);

enum hd1_sort_type { HD1_SORT_F32, HD1_SORT_I32, HD1_SORT_I64 };

/* positions[rows][k]: the positions of the first k of each row of keys[rows][n], from
 * the greatest down or from the least up; equal ones, and those that keep[rows][n]
 * (NULL: none) leaves out and which come last, by position. Past n: 0. */
HD1_FUNCTION void hd1_sort(const void *keys, const uint8_t *keep, int32_t *positions,
                           int64_t rows, int64_t n, int64_t k, int32_t type,
                           int32_t descending);

/* hd1_par_for on a team. */
HD1_FUNCTION int hd1_team_run(struct hd1_team *team, void *user_context,
                              hd1_kernel_task task, int min, int extent,
                              uint8_t *closure);

/*===- Checks -----------------------------------------------------------------===*/

/* What generated entries call before they do anything. Each returns OK or a
 * status, and in the second case writes a sentence into `message`: the field of
 * the arguments, HEDDLE_MESSAGE_SIZE bytes, always NUL-terminated, cut with
 * "..." if it would not fit. `entry` and `name` are names in the model file. */

/* BAD_DIMENSION unless least <= value <= most. `most_name`: how the model file
 * writes the upper bound ("P"), or NULL if it is a number there.
 * "encode: S = 600 is over its bound P = 512". */
HD1_FUNCTION int32_t hd1_check_dim(char *message, const char *entry, const char *name,
                                   int64_t value, int64_t least, int64_t most,
                                   const char *most_name);

/* NULL_POINTER if `pointer` is NULL. "encode: ids is a null pointer". */
HD1_FUNCTION int32_t hd1_check_pointer(char *message, const char *entry,
                                       const char *name, const void *pointer);

/* NULL_POINTER if `model` is NULL, BAD_MODEL if it was not opened with `hash`. */
HD1_FUNCTION int32_t hd1_check_model(char *message, const char *entry,
                                     const struct hd1_model *model, uint64_t hash);

/* BAD_VALUE unless 0 <= element < bound for every element of the dense
 * row-major tensor `data` of shape `shape[rank]`; the first such element is
 * named. Rank 0: one element. "encode: ids[1][7] = 30522 is outside 0 .. 30521". */
HD1_FUNCTION int32_t hd1_check_range_i32(char *message, const char *entry,
                                         const char *name, const int32_t *data,
                                         int32_t rank, const int64_t *shape,
                                         int64_t bound);
HD1_FUNCTION int32_t hd1_check_range_i64(char *message, const char *entry,
                                         const char *name, const int64_t *data,
                                         int32_t rank, const int64_t *shape,
                                         int64_t bound);
HD1_FUNCTION int32_t hd1_check_range_i8(char *message, const char *entry,
                                        const char *name, const int8_t *data,
                                        int32_t rank, const int64_t *shape,
                                        int64_t bound);
HD1_FUNCTION int32_t hd1_check_range_u8(char *message, const char *entry,
                                        const char *name, const uint8_t *data,
                                        int32_t rank, const int64_t *shape,
                                        int64_t bound);

/* For need > 0: NULL_POINTER, BAD_WORKSPACE (not aligned to 64 bytes) or
 * WORKSPACE_TOO_SMALL. "encode: workspace has 100 bytes, 4096 are needed". */
HD1_FUNCTION int32_t hd1_check_workspace(char *message, const char *entry,
                                         const void *workspace, size_t have,
                                         size_t need);

/* BAD_DIMENSION unless `holds`; `text` is a `where` fact of the model file.
 * "encode: S == N * W does not hold". */
HD1_FUNCTION int32_t hd1_check_fact(char *message, const char *entry, const char *text,
                                    int32_t holds);

/* REQUIRE unless `holds`; `text` is what the model's `require` says.
 * "encode: the cache is full". */
HD1_FUNCTION int32_t hd1_check_require(char *message, const char *entry,
                                       const char *text, int32_t holds);

/* Called once, after an entry's last kernel: PARALLEL if a parallel loop has
 * failed since the last call of this function, which is forgotten thereby. */
HD1_FUNCTION int32_t hd1_check_run(char *message, const char *entry,
                                   const struct hd1_model *model);

#ifdef __cplusplus
}
#endif

#endif /* HEDDLE_ABI_H */
