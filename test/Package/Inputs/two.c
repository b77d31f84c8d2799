/* Two models, each with its own weights file, in one program; each with the other's. */
#include "other.h"
#include "small.h"

#include <stdio.h>

int main(void) {
  small *s;
  other *o;
  small_options of_small = {0};
  other_options of_other = {0};
  of_small.weights_file = "small.weights";
  of_other.weights_file = "other.weights";
  printf("%d\n", small_open(&s, &of_small));
  printf("%d\n", other_open(&o, &of_other));
  small_close(s);
  other_close(o);
  of_small.weights_file = "other.weights";
  printf("%d %s\n", small_open(&s, &of_small), of_small.message);
  of_other.weights_file = "small.weights";
  printf("%d %s\n", other_open(&o, &of_other), of_other.message);
  return 0;
}
