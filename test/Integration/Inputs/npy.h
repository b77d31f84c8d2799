/* Reads the golden .npy files: version 1, little-endian, C order. A file that is
 * anything else ends the program, as does every failed check. */
#ifndef HEDDLE_TEST_NPY_H
#define HEDDLE_TEST_NPY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

typedef struct {
  int64_t shape[2]; /* a vector has shape[1] == 1 */
  void *data;       /* from malloc */
} npy;

/* `descr` is NumPy's name of the element type, such as "<f4". */
static inline npy read_npy(const char *folder, const char *name,
                           const char *descr, size_t element) {
  char path[4096], header[4096], wanted[64];
  unsigned char start[10];
  npy a = {{0, 1}, NULL};
  snprintf(path, sizeof path, "%s/%s.npy", folder, name);
  FILE *f = fopen(path, "rb");
  CHECK(f && fread(start, 1, 10, f) == 10 && !memcmp(start, "\x93NUMPY\x01", 7));
  size_t length = start[8] | (size_t)start[9] << 8;
  CHECK(length < sizeof header && fread(header, 1, length, f) == length);
  header[length] = 0;
  snprintf(wanted, sizeof wanted, "'descr': '%s'", descr);
  CHECK(strstr(header, wanted) && strstr(header, "'fortran_order': False"));
  const char *shape = strstr(header, "'shape': (");
  CHECK(shape && sscanf(shape, "'shape': (%ld, %ld", &a.shape[0], &a.shape[1]) >= 1);
  size_t bytes = (size_t)(a.shape[0] * a.shape[1]) * element;
  a.data = malloc(bytes);
  CHECK(a.data && fread(a.data, 1, bytes, f) == bytes && fgetc(f) == EOF);
  fclose(f);
  return a;
}

#endif
