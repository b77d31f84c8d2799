/* What the compiler generates for the sample's entry `ping`, by hand: the symbols
 * and calls that compiler/Package/README.md lists. It includes no header of the
 * model. OPEN is the ABI symbol, HASH the hash. */
#include "heddle/abi.h"

struct ping_args {
  int8_t result;
  char message[HEDDLE_MESSAGE_SIZE];
};

static const struct hd1_variant variants[] = {{"any", 0, 0, NULL}};
static const struct hd1_package package = {HASH, variants, 1, 0, NULL, 0, 0};

int32_t OPEN(struct hd1_model **model, struct hd1_options *options) {
  return hd1_open(model, options, &package);
}
int32_t tiny_open(struct hd1_model **model, struct hd1_options *options) {
  return hd1_open(model, options, &package);
}
const char *tiny_target(const struct hd1_model *model) { return hd1_target(model); }
void tiny_close(struct hd1_model *model) { hd1_close(model); }
uint64_t tiny_abi(void) { return HASH; }
size_t tiny_ping_workspace(void) { return 0; }

int32_t tiny_ping(const struct hd1_model *model, struct ping_args *args, void *workspace,
                  size_t size) {
  if (!args)
    return HEDDLE_NULL_POINTER;
  args->message[0] = 0;
  int32_t status = hd1_check_model(args->message, "ping", model, HASH);
  if (status == HEDDLE_OK)
    status = hd1_check_workspace(args->message, "ping", workspace, size, 0);
  if (status != HEDDLE_OK)
    return status;
  args->result = 42;
  return hd1_check_run(args->message, "ping", model);
}
