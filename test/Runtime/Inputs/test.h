/* What the C tests here share: a check that names its place, and a count. */
#ifndef HEDDLE_TEST_RUNTIME_TEST_H
#define HEDDLE_TEST_RUNTIME_TEST_H

#include <stdio.h>
#include <string.h>

static int failures;

#define EXPECT(condition)                                                        \
  do {                                                                           \
    if (!(condition)) {                                                          \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                     \
      ++failures;                                                                \
    }                                                                            \
  } while (0)

#define EXPECT_INT(got, wanted)                                                  \
  do {                                                                           \
    long long got_ = (got), wanted_ = (wanted);                                  \
    if (got_ != wanted_) {                                                       \
      printf("%s:%d: %s is %lld, wanted %lld\n", __FILE__, __LINE__, #got, got_, \
             wanted_);                                                           \
      ++failures;                                                                \
    }                                                                            \
  } while (0)

#define EXPECT_TEXT(got, wanted)                                                 \
  do {                                                                           \
    if (strcmp(got, wanted)) {                                                   \
      printf("%s:%d: got    \"%s\"\n  wanted \"%s\"\n", __FILE__, __LINE__, got, \
             wanted);                                                            \
      ++failures;                                                                \
    }                                                                            \
  } while (0)

#endif
