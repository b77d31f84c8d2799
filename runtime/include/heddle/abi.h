/*===- abi.h - The contract between generated code and the runtime ----------===*\
|*
|* Everything that the code of a compiled model and the runtime know of each
|* other, in C99 and standalone. Version 1: every symbol of the runtime begins
|* with `hd1_`, so models compiled for different versions live in one program.
|* Layouts are for 64-bit targets and are fixed; a change of any of them, or of
|* a function's parameters, is a new version with a new prefix.
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
  X(PARALLEL, 12, "the caller's function for running tasks reported a failure")

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
  int32_t threads;        /* offset  0; 0 means 1 */
  int32_t reserved;       /* offset  4; padding, never read */
  hd1_parallel parallel;  /* offset  8; NULL: the model's own team */
  void *parallel_context; /* offset 16 */
};                        /* size   24 */

struct hd1_team;

/* An open model; <model> in the generated header is this struct. Generated code
 * reads `weights` and passes the whole as the user context of kernels. */
struct hd1_model {
  uint32_t abi;           /* offset  0; HD1_ABI_VERSION */
  int32_t threads;        /* offset  4; of the team, 1 or more */
  uint64_t hash;          /* offset  8; of the model's interface */
  const uint8_t *weights; /* offset 16; what hd1_open was given */
  struct hd1_team *team;  /* offset 24; owned; NULL when the caller runs alone */
  hd1_parallel parallel;  /* offset 32; the caller's, or NULL */
  void *parallel_context; /* offset 40 */
  int32_t failed;         /* offset 48; of a loop since hd1_check_run, accessed atomically */
  int32_t reserved;       /* offset 52 */
};                        /* size   56 */

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

/* Opens a model: allocates the handle and starts threads - 1 threads, or none if
 * `options` (may be NULL: one thread) has the caller's own. `features`: those
 * that the object needs. `weights` must outlive the handle and is shared by all
 * handles. On failure *model is NULL and nothing stays allocated. Returns OK,
 * NULL_POINTER, BAD_OPTIONS, BAD_CPU, OUT_OF_MEMORY or THREADS. */
HD1_FUNCTION int32_t hd1_open(struct hd1_model **model,
                              const struct hd1_options *options, uint64_t hash,
                              uint32_t features, const uint8_t *weights);

/* Ends the threads and frees the handle. NULL is allowed. */
HD1_FUNCTION void hd1_close(struct hd1_model *model);

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
