/* Checks the blobs that `heddle-weights-test elf` makes: byte i is i * 7 + size. */
#include <stdint.h>

extern const unsigned char first[100], tiny[5], page[3];

static int check(const unsigned char *bytes, unsigned size, unsigned alignment) {
  if ((uintptr_t)bytes % alignment)
    return 1;
  for (unsigned i = 0; i < size; ++i)
    if (bytes[i] != (unsigned char)(i * 7 + size))
      return 1;
  return 0;
}

int main(void) {
  return check(first, 100, 64) | check(tiny, 5, 64) << 1 | check(page, 3, 4096) << 2;
}
