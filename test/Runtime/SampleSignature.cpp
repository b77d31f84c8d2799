//===- SampleSignature.cpp - Signatures for the tests of the C interface --===//
//
// `heddle-signature-test header NAME` prints the header of a sample, `layout
// NAME` the arguments' layout as C assertions, `define NAME` C macros with the
// ABI symbol and the hash. For a sample that is not allowed: the error and exit
// code 1.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/Header.h"
#include "compiler/Package/Signature.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace heddle::package;

/// A model with every kind of field.
static Signature makeTiny() {
  Entry encode;
  encode.name = "encode";
  encode.doc = "Embeds sentences; */ ids behind /* keep are ignored.\nSecond line.";
  encode.dims = {{"B", 1, 64, ""}, {"S", 1, 512, "P"}};
  encode.params = {{"ids", ElementType::I32, {"B", "S"}, "30521", "token ids"},
                   {"keep", ElementType::Bool, {"B", "S"}, std::nullopt, ""}};
  encode.results = {{"", ElementType::F32, {"B", "384"}, std::nullopt, ""}};
  encode.workspace = "64 * ((1536 * B * S * 4 + 63) / 64)";
  encode.example = "B = 2, S = 7";

  Entry mixed;
  mixed.name = "mixed";
  mixed.dims = {{"N", 0, 9, ""}};
  mixed.params = {{"flag", ElementType::Bool, {}, std::nullopt, ""},
                  {"scale", ElementType::F32, {}, std::nullopt, "a factor"},
                  {"step", ElementType::I64, {}, "N", ""},
                  {"half", ElementType::F16, {"N"}, std::nullopt, ""},
                  {"small", ElementType::I8, {}, std::nullopt, ""}};
  mixed.outputDims = {{"M", "0 .. N"}};
  mixed.results = {{"count", ElementType::U8, {}, std::nullopt, ""},
                   {"brain", ElementType::BF16, {"M"}, std::nullopt, ""}};
  mixed.facts = {"N % 3 == 0"};
  mixed.workspace = "0";

  Entry ping;
  ping.name = "ping";
  ping.results = {{"", ElementType::I8, {}, std::nullopt, ""}};
  ping.workspace = "0";
  return {"tiny", "A model for tests.", 0, {encode, mixed, ping}};
}

static Signature makeSample(llvm::StringRef name) {
  Signature s = makeTiny();
  Entry &encode = s.entries[0];
  if (name == "other") // another interface of the same name
    encode.dims[1].most = 256;
  else if (name == "second") // another model
    s.name = "Second";
  else if (name == "comments") // another text, the same interface
    encode.doc = encode.example = "something else", encode.workspace = "B * 64";
  else if (name == "keyword-model")
    s.name = "while";
  else if (name == "libc-model")
    s.name = "time";
  else if (name == "keyword-dim")
    encode.dims[0].name = "xor";
  else if (name == "macro-param")
    encode.params[0].name = "errno";
  else if (name == "reserved-param")
    encode.params[0].name = "a__b";
  else if (name == "strange-param")
    encode.params[0].name = "a-b";
  else if (name == "message-param")
    encode.params[0].name = "message";
  else if (name == "result-param")
    encode.params[0].name = "result";
  else if (name == "twice")
    encode.params[1].name = "ids";
  else if (name == "unnamed-results")
    encode.results.push_back(encode.results[0]);
  else if (name == "open-entry")
    encode.name = "open";
  else if (name == "suffix-entry")
    s.entries[1].name = "encode_workspace";
  s.abiHash = hashInterface(s);
  return s;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: heddle-signature-test header|layout|define SAMPLE\n";
    return 2;
  }
  llvm::StringRef mode = argv[1];
  Signature signature = makeSample(argv[2]);
  if (llvm::Error error = validate(signature)) {
    llvm::errs() << "error: " << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  if (mode == "header") {
    llvm::outs() << printHeader(signature);
  } else if (mode == "define") {
    llvm::outs() << "#define OPEN " << abiSymbol(signature) << "\n#define HASH "
                 << llvm::format_hex(signature.abiHash, 18) << "u\n";
  } else if (mode == "layout") {
    for (const Entry &entry : signature.entries) {
      std::string type = signature.name + "_" + entry.name + "_args";
      ArgsLayout layout = layOutArgs(entry);
      for (const Field &field : layout.fields)
        llvm::outs() << "CHECK_FIELD(" << type << ", " << field.name << ", " << field.offset
                     << ", " << field.size << ")\n";
      llvm::outs() << "CHECK_SIZE(" << type << ", " << layout.size << ")\n";
    }
  } else {
    llvm::errs() << "error: unknown mode '" << mode << "'\n";
    return 2;
  }
  return 0;
}
