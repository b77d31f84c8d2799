/* A small application, in C99 and in C++11, of the samples' header; another model's
 * header beside it and the same one twice must do no harm. */
#include "tiny.h"
#include "Second.h"
#include "tiny.h"

#include <stdio.h>
#include <string.h>

int main(void) {
  tiny *model = NULL;
  tiny_options options;
  memset(&options, 0, sizeof options);
  options.threads = 2;
  heddle_status status = tiny_open(&model, &options);
  printf("open: %s\n", heddle_status_text(status));
  tiny_ping_args args;
  status = tiny_ping(model, &args, NULL, tiny_ping_workspace());
  printf("ping: %s, %d, \"%s\"\n", heddle_status_text(status), args.result, args.message);
  status = tiny_ping(NULL, &args, NULL, 0);
  printf("null: %s, \"%s\"\n", heddle_status_text(status), args.message);
  printf("args: %s\n", heddle_status_text(tiny_ping(model, NULL, NULL, 0)));
  tiny_close(model);
  printf("abi: %d\n", tiny_abi() == HASH);
  printf("unknown: %s\n", heddle_status_text(-7));
  return 0;
}
