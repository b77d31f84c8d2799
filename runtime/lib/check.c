/*===- check.c - What generated entries check, and what they say ------------===*\
|*
|* Implements the hd1_check_* functions.
|*
\*===------------------------------------------------------------------------===*/

#include "text.h"

HD1_DEFINITION int32_t hd1_check_dim(char *message, const char *entry, const char *name, int64_t value,
                      int64_t least, int64_t most, const char *most_name) {
  if (value >= least && value <= most)
    return HEDDLE_OK;
  struct text t = begin_text(message, entry);
  put(&t, name);
  put(&t, " = ");
  put_integer(&t, value);
  if (value < least) {
    put(&t, " is below ");
    put_integer(&t, least);
  } else {
    put(&t, " is over its bound ");
    if (most_name) {
      put(&t, most_name);
      put(&t, " = ");
    }
    put_integer(&t, most);
  }
  return end_text(&t, HEDDLE_BAD_DIMENSION);
}

HD1_DEFINITION int32_t hd1_check_pointer(char *message, const char *entry, const char *name,
                          const void *pointer) {
  if (pointer)
    return HEDDLE_OK;
  struct text t = begin_text(message, entry);
  put(&t, name);
  put(&t, " is a null pointer");
  return end_text(&t, HEDDLE_NULL_POINTER);
}

HD1_DEFINITION int32_t hd1_check_model(char *message, const char *entry, const struct hd1_model *model,
                        uint64_t hash) {
  if (!model)
    return hd1_check_pointer(message, entry, "model", model);
  if (model->abi == HD1_ABI_VERSION && model->hash == hash)
    return HEDDLE_OK;
  struct text t = begin_text(message, entry);
  put(&t, "model was opened by another object");
  return end_text(&t, HEDDLE_BAD_MODEL);
}

static int64_t count_elements(int32_t rank, const int64_t *shape) {
  int64_t count = 1;
  for (int32_t a = 0; a < rank; ++a)
    count *= shape[a] > 0 ? shape[a] : 0;
  return count;
}

/* Says that element `position` (row-major) is `value`, outside 0 .. bound - 1. */
static int32_t say_range(char *message, const char *entry, const char *name,
                         int64_t position, int64_t value, int32_t rank,
                         const int64_t *shape, int64_t bound) {
  struct text t = begin_text(message, entry);
  put(&t, name);
  int64_t below = count_elements(rank, shape);
  for (int32_t a = 0; a < rank; ++a) {
    below /= shape[a];
    put(&t, "[");
    put_integer(&t, position / below);
    put(&t, "]");
    position %= below;
  }
  put(&t, " = ");
  put_integer(&t, value);
  if (bound > 0) {
    put(&t, " is outside 0 .. ");
    put_integer(&t, bound - 1);
  } else {
    put(&t, " is outside an empty range");
  }
  return end_text(&t, HEDDLE_BAD_VALUE);
}

/* A block is tested as a whole, without a branch for each element, so that the
 * compiler can vectorise it; the position is looked for only after a failure.
 * The bound is narrowed to the type's largest value, which changes nothing:
 * elements over it do not exist. */
#define CHECK_RANGE(SUFFIX, TYPE, UNSIGNED, MOST)                                        \
  HD1_DEFINITION int32_t hd1_check_range_##SUFFIX(                                       \
      char *message, const char *entry, const char *name,                                \
      const TYPE *data, int32_t rank, const int64_t *shape, int64_t bound) {             \
    int64_t count = count_elements(rank, shape);                                         \
    if (bound > 0) {                                                                     \
      UNSIGNED last = (UNSIGNED)(bound - 1 > MOST ? MOST : bound - 1);                   \
      int64_t i = 0;                                                                     \
      for (; i < count; i += 256) {                                                      \
        int64_t end = count - i < 256 ? count : i + 256;                                 \
        unsigned bad = 0;                                                                \
        for (int64_t j = i; j < end; ++j)                                                \
          bad |= (UNSIGNED)data[j] > last;                                               \
        if (bad)                                                                         \
          break;                                                                         \
      }                                                                                  \
      while (i < count && (UNSIGNED)data[i] <= last)                                     \
        ++i;                                                                             \
      if (i >= count)                                                                    \
        return HEDDLE_OK;                                                                \
      return say_range(message, entry, name, i, data[i], rank, shape, bound);            \
    }                                                                                    \
    if (count <= 0)                                                                      \
      return HEDDLE_OK;                                                                  \
    return say_range(message, entry, name, 0, data[0], rank, shape, bound);              \
  }

CHECK_RANGE(i32, int32_t, uint32_t, INT32_MAX)
CHECK_RANGE(i64, int64_t, uint64_t, INT64_MAX)
CHECK_RANGE(i8, int8_t, uint8_t, INT8_MAX)
CHECK_RANGE(u8, uint8_t, uint8_t, UINT8_MAX)

HD1_DEFINITION int32_t hd1_check_workspace(char *message, const char *entry, const void *workspace,
                            size_t have, size_t need) {
  if (need == 0)
    return HEDDLE_OK;
  if (!workspace)
    return hd1_check_pointer(message, entry, "workspace", workspace);
  if ((uintptr_t)workspace % HEDDLE_WORKSPACE_ALIGNMENT != 0) {
    struct text t = begin_text(message, entry);
    put(&t, "workspace is not aligned to 64 bytes");
    return end_text(&t, HEDDLE_BAD_WORKSPACE);
  }
  if (have < need) {
    struct text t = begin_text(message, entry);
    put(&t, "workspace has ");
    put_unsigned(&t, have);
    put(&t, have == 1 ? " byte, " : " bytes, ");
    put_unsigned(&t, need);
    put(&t, " are needed");
    return end_text(&t, HEDDLE_WORKSPACE_TOO_SMALL);
  }
  return HEDDLE_OK;
}

HD1_DEFINITION int32_t hd1_check_fact(char *message, const char *entry, const char *text,
                       int32_t holds) {
  if (holds)
    return HEDDLE_OK;
  struct text t = begin_text(message, entry);
  put(&t, text);
  put(&t, " does not hold");
  return end_text(&t, HEDDLE_BAD_DIMENSION);
}

HD1_DEFINITION int32_t hd1_check_require(char *message, const char *entry, const char *text,
                          int32_t holds) {
  if (holds)
    return HEDDLE_OK;
  struct text t = begin_text(message, entry);
  put(&t, text);
  return end_text(&t, HEDDLE_REQUIRE);
}
