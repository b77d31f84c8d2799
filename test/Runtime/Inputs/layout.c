/* The layout that generated code uses against the compiler's own. */
#include "tiny.h"

#define CHECK_FIELD(type, field, offset, size)                                   \
  typedef char type##_##field##_offset[offsetof(type, field) == (offset) ? 1 : -1]; \
  typedef char type##_##field##_size[sizeof(((type *)0)->field) == (size) ? 1 : -1];
#define CHECK_SIZE(type, size) typedef char type##_size[sizeof(type) == (size) ? 1 : -1];
#include "tiny-layout.h"
#include "tiny-options.h"
