//===- heddle-kernel.cpp - Texts of kernels: check, schedule, compile -----===//
//
//   heddle-kernel FILE                          checks the kernels and prints them
//   heddle-kernel FILE --loop-nest [--target ISA]   how they would run
//   heddle-kernel FILE -o OUT.o [--target ISA]      compiles one kernel
//
// FILE may be `-`. Exit codes: 0, 1 (the input is at fault), 70 (we are).
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelLibrary.h"
#include "compiler/Kernels/KernelText.h"
#include "compiler/Kernels/Validate.h"

#include <cstdio>
#include <fstream>
#include <iostream>

using namespace heddle::kernels;

namespace {

constexpr int kInputError = 1, kInternalError = 70;

constexpr char kHelp[] =
    "heddle-kernel FILE [--target ISA] [--loop-nest | -o OUT.o]\n\n"
    "Reads descriptions of kernels, checks them and prints them. FILE may be -.\n\n"
    "  --loop-nest    prints how each would run instead\n"
    "  -o OUT.o       compiles the one kernel instead\n"
    "  --target ISA   x86-64-v2, x86-64-v3 (default) or x86-64-v4\n";

/// Of a very long name in a message the beginning and the end are enough.
int fail(std::string what, int code = kInputError) {
  constexpr size_t kMost = 800, kEnd = 200;
  if (what.size() > kMost && code == kInputError)
    what = what.substr(0, kMost - kEnd) + " ... " + what.substr(what.size() - kEnd);
  std::cerr << "error: " << what << "\n";
  return code;
}

/// The whole text, or a message in `error`; whatever the path leads to.
std::string readText(std::istream &in, const std::string &name, std::string &error) {
  constexpr size_t kMostBytes = 64u << 20;
  std::string text;
  while (in && text.size() <= kMostBytes) {
    size_t size = text.size();
    text.resize(size + (1 << 20));
    in.read(text.data() + size, 1 << 20);
    text.resize(size + size_t(in.gcount()));
  }
  if (in.bad()) // a folder
    error = "cannot read " + name;
  else if (text.size() > kMostBytes)
    error = name + " has more than 64 MB";
  return text;
}

struct Arguments {
  std::string input, output;
  Target target{"x86-64-v3"};
  bool loopNest = false;
};

/// A message, or empty.
std::string parseArguments(int argc, char **argv, Arguments &arguments) {
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--loop-nest") {
      arguments.loopNest = true;
    } else if (word == "-o" || word == "--target") {
      if (i + 1 == argc)
        return word + " needs a value";
      (word == "-o" ? arguments.output : arguments.target.isa) = argv[++i];
    } else if (word.size() > 1 && word[0] == '-') {
      return "unknown option " + word + "; heddle-kernel --help lists them";
    } else if (!arguments.input.empty()) {
      return "one file is wanted; found " + arguments.input + " and " + word;
    } else {
      arguments.input = word;
    }
  }
  if (arguments.input.empty())
    return "a file is wanted; - is the standard input";
  if (!isKnown(arguments.target))
    return "unknown target " + arguments.target.isa + "; known are x86-64-v2, x86-64-v3 and x86-64-v4";
  if (arguments.loopNest && !arguments.output.empty())
    return "--loop-nest prints, and does not go with -o";
  return "";
}

int compileTo(const Kernel &kernel, const Arguments &arguments) {
  Compiled compiled;
  std::string error;
  if (!compile(kernel, arguments.target, {}, compiled, error))
    return fail(error, kInternalError);
  std::ofstream out(arguments.output, std::ios::binary);
  out.write(reinterpret_cast<const char *>(compiled.object.data()), std::streamsize(compiled.object.size()));
  out.close();
  return out ? 0 : fail("cannot write " + arguments.output);
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::cout << kHelp;
    return 0;
  }
  Arguments arguments;
  if (std::string message = parseArguments(argc, argv, arguments); !message.empty())
    return fail(message);
  std::ifstream file;
  if (arguments.input != "-")
    file.open(arguments.input, std::ios::binary);
  std::istream &in = arguments.input == "-" ? std::cin : file;
  if (!in)
    return fail("cannot read " + arguments.input);
  std::string error, text = readText(in, arguments.input, error);
  if (!error.empty())
    return fail(error);
  std::vector<Kernel> kernels;
  if (!parseAll(text, kernels, error))
    return fail(arguments.input + ":" + error);
  for (const Kernel &kernel : kernels)
    if (!validate(kernel, error))
      return fail(arguments.input + ": kernel " + kernel.name + ": " + error);
  if (!arguments.output.empty())
    return kernels.size() == 1 ? compileTo(kernels[0], arguments)
                               : fail("-o takes one kernel, found " + std::to_string(kernels.size()));
  for (const Kernel &kernel : kernels) {
    std::string shown = print(kernel);
    if (arguments.loopNest && !loopNest(kernel, arguments.target, shown, error))
      return fail(error, kInternalError);
    std::cout << shown;
  }
  return std::cout.flush() ? 0 : fail("cannot write the standard output");
}
