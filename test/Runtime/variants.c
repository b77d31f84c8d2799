/* Which variant of an object is chosen: by features that are made up, by name, by
 * the environment; what the processor or the object lacks has a message.
 *
 * RUN: %cc -std=gnu11 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -I%S/../../runtime/include %s %S/../../runtime/lib/check.c %S/../../runtime/lib/cpu.c %S/../../runtime/lib/model.c %S/../../runtime/lib/team.c %S/../../runtime/lib/weights.c -lpthread -o %t
 * RUN: %t
 */

#include "heddle/abi.h"

#include "Inputs/test.h"

#include <stdlib.h>
#include <string.h>

static void kernel4(void) {}
static void kernel0(void) {}
static const hd1_function kernels4[] = {kernel4}, kernels0[] = {kernel0};
/* The last two every processor has, the first none: in a real object the features
 * of a later one are among those of an earlier one. */
static const struct hd1_variant variants[] = {{"v4", HD1_CPU_X86_64_V4, 0, NULL},
                                              {"v3", HD1_CPU_X86_64_V3, 0, NULL},
                                              {"v2", HD1_CPU_SSE42, 0, NULL}};
static const struct hd1_package package = {7, variants, 3, 0, NULL, 0, 0};
static const struct hd1_variant openable[] = {{"never", UINT32_C(1) << 31, 0, NULL},
                                              {"best", 0, 0, kernels4},
                                              {"plain", 0, 0, kernels0}};
static const struct hd1_package real = {7, openable, 3, 0, NULL, 0, 0};

static void choose(const char *wanted, uint32_t features, int32_t status, const char *text) {
  char message[HEDDLE_MESSAGE_SIZE] = "";
  const struct hd1_variant *variant = NULL;
  EXPECT_INT(hd1_choose_variant(message, &package, wanted, features, &variant), status);
  EXPECT_TEXT(status == HEDDLE_OK ? variant->target : message, text);
}

static void open_as(const char *environment, const char *option, int32_t status,
                    const char *text) {
  if (environment)
    setenv("HEDDLE_TARGET", environment, 1);
  else
    unsetenv("HEDDLE_TARGET");
  struct hd1_options options = {0};
  options.target = option;
  strcpy(options.message, "of an earlier call");
  struct hd1_model *model;
  EXPECT_INT(hd1_open(&model, &options, &real), status);
  if (status == HEDDLE_OK) {
    EXPECT_TEXT(options.message, "");
    EXPECT_TEXT(hd1_target(model), text);
    EXPECT(model->kernels == model->variant->kernels);
    hd1_close(model);
  } else {
    EXPECT(model == NULL);
    EXPECT_TEXT(options.message, text);
  }
}

int main(void) {
  const uint32_t v2 = HD1_CPU_SSE42, v3 = HD1_CPU_X86_64_V3, v4 = HD1_CPU_X86_64_V4;
  choose(NULL, v4 | HD1_CPU_AVX512_VNNI, HEDDLE_OK, "v4");
  choose(NULL, v4, HEDDLE_OK, "v4");
  choose("", v3, HEDDLE_OK, "v3");
  /* AVX2 without FMA is not enough, nor is AVX-512 without all before it. */
  choose(NULL, v3 & ~(uint32_t)HD1_CPU_FMA, HEDDLE_OK, "v2");
  choose(NULL, HD1_CPU_AVX512 | v2, HEDDLE_OK, "v2");
  choose("v2", v4, HEDDLE_OK, "v2");
  choose("v4", v3, HEDDLE_BAD_CPU, "open: the processor lacks instructions of v4");
  choose(NULL, 0, HEDDLE_BAD_CPU, "open: the processor lacks instructions of v2");
  choose("v", v4, HEDDLE_BAD_TARGET, "open: there is no target v in the object; it has v4, v3, v2");
  choose("v22", v4, HEDDLE_BAD_TARGET, "open: there is no target v22 in the object; it has v4, v3, v2");

  open_as(NULL, NULL, HEDDLE_OK, "best");
  open_as("plain", NULL, HEDDLE_OK, "plain");
  open_as("", "", HEDDLE_OK, "best");
  open_as("plain", "best", HEDDLE_OK, "best"); /* the program knows better */
  open_as("never", NULL, HEDDLE_BAD_CPU, "open: the processor lacks instructions of never");
  open_as(NULL, "other", HEDDLE_BAD_TARGET, "open: there is no target other in the object; it has never, best, plain");
  /* A name of any length is cut, not followed by what stands behind it. */
  char name[1000];
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = 0;
  struct hd1_options options = {0};
  options.target = name;
  struct hd1_model *model;
  EXPECT_INT(hd1_open(&model, &options, &real), HEDDLE_BAD_TARGET);
  EXPECT_INT(strlen(options.message), HEDDLE_MESSAGE_SIZE - 1);
  EXPECT_TEXT(options.message + HEDDLE_MESSAGE_SIZE - 5, "x...");
  return failures != 0;
}
