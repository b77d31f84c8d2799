/* What the application and the kernels of the host function tests share. */
#ifndef HOST_KERNELS_H
#define HOST_KERNELS_H

#include "toy.h"

/* halide_buffer_t, of which kernels read `host` alone. */
struct buffer {
  uint64_t device;
  const void *device_interface;
  void *host;
  uint64_t flags;
  int32_t type, dimensions;
  void *dim, *padding;
};

/* What the kernels compare their arguments with. */
extern const void *expected_context;
extern const uint8_t *workspace_begin, *workspace_end;
extern const toy_run_args *run_args;

#endif
