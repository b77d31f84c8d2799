/*===- cpu.c - What this processor can do -----------------------------------===*\
|*
|* Implements hd1_cpu_features and hd1_choose_variant. The features come from the
|* instructions cpuid and xgetbv: what the
|* compilers offer for this keeps its answer in a writable global. A vector
|* extension counts only if the operating system saves its registers.
|*
\*===------------------------------------------------------------------------===*/

#include "text.h"

#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>

static uint64_t saved_registers(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static int has(uint32_t bits, uint32_t wanted) { return (bits & wanted) == wanted; }

HD1_DEFINITION uint32_t hd1_cpu_features(void) {
  uint32_t a, b, c, d;
  uint32_t features = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d))
    return 0;
  const uint32_t leaf1 = c;
  if (has(leaf1, bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT |
                     bit_CMPXCHG16B))
    features |= HD1_CPU_SSE42;

  const uint64_t avx_state = 0x06, avx512_state = 0xE6;
  uint64_t saved = has(leaf1, bit_OSXSAVE) ? saved_registers() : 0;
  if ((saved & avx_state) != avx_state || !has(leaf1, bit_AVX))
    return features;
  features |= HD1_CPU_AVX;
  if (has(leaf1, bit_F16C))
    features |= HD1_CPU_F16C;
  if (has(leaf1, bit_FMA))
    features |= HD1_CPU_FMA;

  uint32_t extended = 0;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d))
    extended = c;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
    return features;
  if (has(b, bit_AVX2))
    features |= HD1_CPU_AVX2;
  if (has(b, bit_BMI | bit_BMI2) && has(leaf1, bit_MOVBE) && has(extended, bit_LZCNT))
    features |= HD1_CPU_BMI;
  if ((saved & avx512_state) == avx512_state &&
      has(b, bit_AVX512F | bit_AVX512CD | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL)) {
    features |= HD1_CPU_AVX512;
    if (has(c, bit_AVX512VNNI))
      features |= HD1_CPU_AVX512_VNNI;
  }
  return features;
}

#else

HD1_DEFINITION uint32_t hd1_cpu_features(void) { return 0; }

#endif

/* "x86-64-v4, x86-64-v3": what the object has. */
static void put_variants(struct text *t, const struct hd1_package *package) {
  for (int32_t i = 0; i < package->num_variants; ++i) {
    put(t, i ? ", " : "");
    put(t, package->variants[i].target);
  }
}

HD1_DEFINITION int32_t hd1_choose_variant(char *message, const struct hd1_package *package,
                                          const char *wanted, uint32_t features,
                                          const struct hd1_variant **variant) {
  int by_name = wanted && *wanted, found = 0;
  for (int32_t i = 0; i < package->num_variants; ++i) {
    const struct hd1_variant *v = &package->variants[i];
    if (by_name && strcmp(v->target, wanted) != 0)
      continue;
    found = 1;
    if (v->features & ~features)
      continue;
    *variant = v;
    return HEDDLE_OK;
  }
  struct text t = begin_text(message, "open");
  if (found) {
    put(&t, "the processor lacks instructions of ");
    put(&t, by_name ? wanted : package->variants[package->num_variants - 1].target);
    return end_text(&t, HEDDLE_BAD_CPU);
  }
  put(&t, "there is no target ");
  put(&t, wanted);
  put(&t, " in the object; it has ");
  put_variants(&t, package);
  return end_text(&t, HEDDLE_BAD_TARGET);
}
