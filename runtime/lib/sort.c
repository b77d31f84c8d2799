/* sort.c - Positions of values in their order.
 *
 * A heap of the best so far, then the heap is taken apart: n log k steps, no memory
 * but the result. The order is total (equal values by position), so the result is
 * that of a stable sort.
 */

#include "heddle/abi.h"

#include <stdint.h>

typedef struct {
  const void *keys;
  const uint8_t *keep; /* or NULL: all are kept */
  int32_t type, descending;
} row;

/* Does the element at a come before the one at b? */
static int before(const row *r, int32_t a, int32_t b) {
  int less = 0, more = 0;
  if (r->keep) {
    int ka = r->keep[a] != 0, kb = r->keep[b] != 0;
    if (ka != kb)
      return ka;
    if (!ka)
      return a < b;
  }
  if (r->type == HD1_SORT_F32) {
    float x = ((const float *)r->keys)[a], y = ((const float *)r->keys)[b];
    less = x < y;
    more = x > y;
  } else if (r->type == HD1_SORT_I32) {
    int32_t x = ((const int32_t *)r->keys)[a], y = ((const int32_t *)r->keys)[b];
    less = x < y;
    more = x > y;
  } else {
    int64_t x = ((const int64_t *)r->keys)[a], y = ((const int64_t *)r->keys)[b];
    less = x < y;
    more = x > y;
  }
  if (less || more)
    return r->descending ? more : less;
  return a < b;
}

/* The subtree under `at` becomes a heap whose last in order is on top. */
static void sift(const row *r, int32_t *heap, int64_t at, int64_t count) {
  int32_t moved = heap[at];
  for (;;) {
    int64_t child = 2 * at + 1;
    if (child >= count)
      break;
    if (child + 1 < count && before(r, heap[child], heap[child + 1]))
      ++child;
    if (!before(r, moved, heap[child]))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

HD1_DEFINITION void hd1_sort(const void *keys, const uint8_t *keep, int32_t *positions, int64_t rows, int64_t n, int64_t k,
              int32_t type, int32_t descending) {
  int64_t size = type == HD1_SORT_I64 ? 8 : 4;
  int64_t count = k < n ? k : n;
  for (int64_t i = 0; i < rows; ++i) {
    row r = {(const char *)keys + i * n * size, keep ? keep + i * n : keep, type, descending};
    int32_t *heap = positions + i * k;
    for (int64_t j = 0; j < count; ++j)
      heap[j] = (int32_t)j;
    for (int64_t j = count / 2; j-- > 0;)
      sift(&r, heap, j, count);
    for (int64_t j = count; j < n && count; ++j)
      if (before(&r, (int32_t)j, heap[0])) {
        heap[0] = (int32_t)j;
        sift(&r, heap, 0, count);
      }
    for (int64_t last = count; last-- > 1;) {
      int32_t top = heap[0];
      heap[0] = heap[last];
      heap[last] = top;
      sift(&r, heap, 0, last);
    }
    for (int64_t j = count; j < k; ++j)
      heap[j] = 0;
  }
}
