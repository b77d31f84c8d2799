/* What probe.test takes for a generated header; wrong.c has the mistakes. */
#include <stddef.h>
#include <stdint.h>

enum { HEDDLE_OK = 0, HEDDLE_BAD_CPU = 11, HEDDLE_WORKSPACE_ALIGNMENT = 64 };
typedef struct wrong wrong;
typedef struct {
  int32_t threads;
  const char *target;
  const void *weights;
  uint64_t weights_size;
  char message[192];
} wrong_options;

int32_t wrong_open(wrong **model, wrong_options *options);
void wrong_close(wrong *model);

/* Example: B = 2, S = 5. */
typedef struct {
  int64_t B;         /* 1 .. 4 */
  int64_t S;         /* 1 .. 64 */
  const float *x;    /* [B][S] */
  float *result;     /* [B][S] */
  char message[192]; /* why a call failed; "" after success */
} wrong_twice_args;

size_t wrong_twice_workspace(int64_t B, int64_t S);
int32_t wrong_twice(const wrong *model, wrong_twice_args *args, void *workspace, size_t size);
