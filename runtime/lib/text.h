/*===- text.h - Puts messages together ---------------------------------------===*\
|*
|* For the files of the runtime. Not by snprintf: no locale, and no symbol of
|* libc.
|*
\*===------------------------------------------------------------------------===*/

#ifndef HEDDLE_RUNTIME_TEXT_H
#define HEDDLE_RUNTIME_TEXT_H

#include "heddle/abi.h"

/* A message that is being written. `at` stops at `end`, which is kept for the
 * NUL; `cut` says that something did not fit. */
struct text {
  char *begin, *at, *end;
  int cut;
};

static inline void put(struct text *t, const char *s) {
  for (; *s; ++s) {
    if (t->at == t->end) {
      t->cut = 1;
      return;
    }
    *t->at++ = *s;
  }
}

static inline void put_unsigned(struct text *t, uint64_t value) {
  char digits[21];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  do
    *--at = (char)('0' + value % 10);
  while (value /= 10);
  put(t, at);
}

static inline void put_integer(struct text *t, int64_t value) {
  if (value < 0)
    put(t, "-");
  /* Negated as unsigned: the least int64_t has no positive counterpart. */
  put_unsigned(t, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static inline struct text begin_text(char *message, const char *entry) {
  struct text t;
  t.begin = t.at = message;
  t.end = message + HEDDLE_MESSAGE_SIZE - 1;
  t.cut = 0;
  put(&t, entry);
  put(&t, ": ");
  return t;
}

/* Ends the message and returns `status`. A cut message ends in "...", and never
 * in half a UTF-8 character. */
static inline int32_t end_text(struct text *t, int32_t status) {
  if (t->cut) {
    t->at = t->end - 3;
    while (t->at > t->begin && ((unsigned char)*t->at & 0xC0) == 0x80)
      --t->at;
    t->cut = 0;
    put(t, "...");
  }
  *t->at = 0;
  return status;
}

#endif /* HEDDLE_RUNTIME_TEXT_H */
