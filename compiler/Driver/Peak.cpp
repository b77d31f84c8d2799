//===- Peak.cpp - The machine's own limit ---------------------------------===//

#include "compiler/Driver/Jit.h"

#include <ctime>

namespace heddle::driver {

/// Twelve independent chains of multiply-adds keep both pipes busy.
__attribute__((target("avx2,fma"))) static double chains(int rounds) {
  typedef float Vector __attribute__((vector_size(32)));
  Vector a[12], x, y;
  for (int i = 0; i < 8; ++i)
    x[i] = 1.0000001f, y[i] = 1e-9f;
  for (int i = 0; i < 12; ++i)
    a[i] = x * float(i);
  timespec begin, end;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  for (int r = 0; r < rounds; ++r)
    for (int i = 0; i < 12; ++i)
      asm volatile("vfmadd213ps %2, %1, %0" : "+x"(a[i]) : "x"(x), "x"(y));
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return double(end.tv_sec - begin.tv_sec) + double(end.tv_nsec - begin.tv_nsec) * 1e-9;
}

double measurePeak() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return 0;
  constexpr int kRounds = 200000;
  double best = 0;
  for (int repeat = 0; repeat < 5; ++repeat)
    best = std::max(best, kRounds * 12.0 * 16 / chains(kRounds) / 1e9);
  return best;
}

} // namespace heddle::driver
