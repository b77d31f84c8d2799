/* Calls the model with results that begin at each element of a vector. */

#include "unaligned.h"

#include <stdio.h>

enum { S = 9, E = 16 };

int main(void) {
  static _Alignas(64) float x[S][E], sums[S * E + E], added[3 * E + E];
  static _Alignas(64) char workspace[1 << 16];
  static int32_t to[S];
  for (int s = 0; s < S; ++s) {
    to[s] = s % 3;
    for (int e = 0; e < E; ++e)
      x[s][e] = (float)(s + e);
  }
  unaligned *model;
  if (unaligned_open(&model, NULL))
    return 1;
  size_t size = unaligned_run_workspace(S);
  if (size > sizeof workspace)
    return 1;
  for (int shift = 0; shift < E; ++shift) {
    unaligned_run_args args = {.S = S, .x = &x[0][0], .to = to, .sums = sums + shift, .added = added + shift};
    if (unaligned_run(model, &args, workspace, size)) {
      printf("%s\n", args.message);
      return 1;
    }
    for (int e = 0; e < E; ++e) {
      /* 0 + 1 + .. + 8, and of these 2 + 5 + 8. */
      if (sums[shift + 8 * E + e] != (float)(36 + 9 * e) || added[shift + 2 * E + e] != (float)(15 + 3 * e)) {
        printf("wrong behind %d elements\n", shift);
        return 1;
      }
    }
  }
  unaligned_close(model);
  puts("right behind every element");
  return 0;
}
