//===- Arguments.cpp - Reads the command line -----------------------------===//

#include "tools/heddle/Commands.h"

#include "compiler/Driver/Fault.h"
#include "compiler/Syntax/Diagnostics.h"
#include "compiler/Weights/Suggest.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

namespace heddle::tool {

namespace {

/// What heddle was called with, for messages about its own faults.
std::string commandLine;

void rememberCommandLine(llvm::ArrayRef<const char *> words) {
  llvm::raw_string_ostream os(commandLine = "heddle");
  for (llvm::StringRef word : words) {
    os << ' ';
    llvm::sys::printArg(os, word, /*Quote=*/false);
  }
}

int reportFault() {
  llvm::errs() << "please report it with the command line: " << commandLine << "\n";
  return kInternalError;
}

} // namespace

int fail(const llvm::Twine &message, int code) {
  llvm::outs().flush(); // what was printed before stands before
  // What others wrote may hold anything; what went wrong in us is said in full.
  std::string text = message.str();
  llvm::errs() << "error: " << (code == kInternalError ? text : frontend::onOneLine(text)) << "\n";
  return code == kInternalError ? reportFault() : code;
}

int fail(llvm::Error error, int code) {
  if (error.isA<driver::InternalError>())
    code = kInternalError;
  return fail(llvm::toString(std::move(error)), code);
}

int failedToLoad(const driver::Model &model) { return model.isOurFault ? reportFault() : kInputError; }

namespace {

constexpr llvm::StringLiteral kModel =
    "  --weights FILE...      safetensors files, or the index of a sharded checkpoint\n"
    "  --weights-prefix TEXT  stands before every weight's path\n"
    "  --config FILE          config.json\n"
    "  --set NAME=VALUE       a config entry; over config.json and the default\n";
constexpr llvm::StringLiteral kOneTarget =
    "  --target ISA           x86-64-v2, x86-64-v3, x86-64-v4 or native (default)\n";

constexpr llvm::StringLiteral kWork =
    "  --jobs N               kernels that are compiled at a time; default: as many as there are processors\n"
    "  --cache-dir DIR        where compiled kernels are kept; default: $HEDDLE_CACHE_DIR, else ~/.cache/heddle,\n"
    "                         up to $HEDDLE_CACHE_SIZE megabytes (1000)\n"
    "  --no-cache             compiles all of them, and keeps none\n";

struct Command {
  llvm::StringLiteral name, sentence, page;
  int (*run)(const Arguments &);
};

const Command commands[] = {
    {"compile", "a model to an object archive and a C header",
     "heddle compile MODEL.heddle --weights model.safetensors --config config.json -o model.a\n"
     "heddle compile MODEL.heddle --weights model.safetensors --emit=outline\n\n"
     "Writes OUT.a and OUT.h, and OUT.weights where weights are in a file; whole or not at all.\n\n"
     "  -o OUT.a               the archive; the header stands beside it\n"
     "  --target LIST          instruction sets, of which a program takes the best that its processor has:\n"
     "                         x86-64-v2, x86-64-v3, x86-64-v4, native (this machine's); default: all three\n"
     "  --weights-file FILE    packed weights go into this file, which the program names when it opens the model\n"
     "  --embed-limit MB       so do, into OUT.weights, weights of more than this (default 1500)\n"
     "  --emit=PHASE           prints the module after a phase instead: import, normalize, fuse, outline, layout,\n"
     "                         kernels (the text of each kernel)\n",
     compileCommand},
    {"run", "an entry on .npy files",
     "heddle run MODEL.heddle --weights model.safetensors --entry encode --input ids=ids.npy --input keep=keep.npy --output-dir out\n"
     "heddle run MODEL.heddle --weights model.safetensors --random --output-dir out\n\n"
     "Writes one NAME.npy for each result, result.npy for a single unnamed one.\n\n"
     "  --entry NAME           the entry; not needed where there is one\n"
     "  --input NAME=FILE.npy  a parameter's value\n"
     "  --random               values from a fixed seed, sizes of the model's example or --dim\n"
     "  --dim NAME=N           a dimension, with --random\n"
     "  --threads N            threads (default 1); results do not depend on them\n"
     "  --reference            by the reference evaluator instead of compiled code\n"
     "  --output-dir DIR       where the results go; made if it is missing\n",
     runModelCommand},
    {"verify", "kernels and results against the reference",
     "heddle verify MODEL.heddle --weights model.safetensors --config config.json\n\n"
     "Runs each kernel on the reference's inputs rounded to f32, and each entry as a whole; compares within the error\n"
     "bound that comes with each reference value. A result of an entry whose bound is wider than a hundredth of its\n"
     "largest value is compared within 1e-4 of that value instead. Integers and bools are equal where rounding does not\n"
     "decide them; an argmax that it decides must be as good as the best. Names the first that departs: exit code 70.\n\n"
     "  --entry NAME           one entry only\n"
     "  --input NAME=FILE.npy  a parameter's value; without any, values from a fixed seed\n"
     "  --dim NAME=N           a dimension, over the model's example\n"
     "  --threads N            threads (default 1)\n"
     "  --json                 one document: ok; results [entry, name, ok, largest_difference, scale, bound, tolerance,\n"
     "                         judged_by (bound, tolerance or equality), unequal, undecided]; kernels [name, calls, ok,\n"
     "                         largest_error_of_bound, unequal, undecided, unbounded]; first_departure (what, place,\n"
     "                         element, found, wanted, bound) or null. An infinite number is null\n",
     verifyCommand},
    {"bench", "times an entry and its kernels",
     "heddle bench MODEL.heddle --weights model.safetensors --entry encode --dim B=1 --dim S=128\n\n"
     "  --entry NAME, --dim NAME=N, --threads N\n"
     "  --json                 one document: entry, threads, runs, median_ms, min_ms, max_ms, gflop (of contractions),\n"
     "                         gflops (a second), peak_gflops_one_core, kernels [name, calls, median_ms, gflop, gflops]\n",
     benchCommand},
    {"check", "diagnostics only",
     "heddle check MODEL.heddle\n\nReads and checks a model; prints nothing where all is well.\n\n", checkCommand},
    {"format", "the one style",
     "heddle format MODEL.heddle\nheddle format --check MODEL.heddle\n\n"
     "Prints the model in the one style; -o FILE writes it.\n\n"
     "  --check                prints nothing; exit code 1 where the file is not in the style\n",
     formatCommand},
};

/// The targets that `list` names, the best first; exit code 0 or an error's.
int readTargets(llvm::StringRef list, std::vector<std::string> &targets) {
  llvm::SmallVector<llvm::StringRef> words;
  list.split(words, ',');
  llvm::StringSet<> wanted;
  for (llvm::StringRef word : words) {
    std::string host = kernels::hostIsa();
    if (word == "native" && host.empty())
      return fail("this processor has less than x86-64-v2; give --target");
    llvm::StringRef name = word == "native" ? llvm::StringRef(host) : word;
    if (!llvm::is_contained(driver::allTargets(), name))
      return fail("unknown target " + word + "; known are x86-64-v2, x86-64-v3, x86-64-v4 and native");
    wanted.insert(name);
  }
  targets.clear();
  for (llvm::StringRef name : driver::allTargets())
    if (wanted.contains(name))
      targets.push_back(name.str());
  return 0;
}

const Command *findCommand(llvm::StringRef name) {
  for (const Command &command : commands)
    if (command.name == name)
      return &command;
  return nullptr;
}

} // namespace

void printHelp(llvm::StringRef name, llvm::raw_ostream &os) {
  if (const Command *command = findCommand(name)) {
    os << "heddle " << command->name << ": " << command->sentence << "\n\n" << command->page;
    if (name == "run" || name == "verify" || name == "bench")
      os << kOneTarget;
    if (name == "compile" || name == "run" || name == "verify" || name == "bench")
      os << kWork;
    if (name != "format")
      os << kModel;
    return;
  }
  os << "heddle: compiles transformer models to objects that link into any program\n\n";
  for (const Command &command : commands)
    os << "  heddle " << llvm::left_justify(command.name, 10) << command.sentence << "\n";
  os << "\nheddle COMMAND --help tells more. Exit codes: 0, 1 (the input's fault), 70 (heddle's own).\n";
}

int runCommand(llvm::ArrayRef<const char *> words) {
  rememberCommandLine(words);
  if (words.empty()) {
    printHelp("", llvm::errs());
    return kInputError;
  }
  llvm::StringRef first = words[0];
  if (first == "--help" || first == "-h" || first == "help") {
    printHelp(words.size() > 1 ? words[1] : "", llvm::outs());
    return 0;
  }
  if (first == "--version") {
    llvm::outs() << "heddle 0.1.0\n";
    return 0;
  }
  const Command *command = findCommand(first);
  if (!command)
    return fail("unknown command " + first + "; heddle --help lists them");
  Arguments arguments;
  arguments.command = first.str();
  auto work = workers::optionsFromEnvironment();
  if (!work)
    return fail(work.takeError());
  arguments.model.work = std::move(*work);
  bool noCache = false;
  for (size_t i = 1; i < words.size(); ++i) {
    llvm::StringRef word = words[i];
    if (word == "--help" || word == "-h") {
      printHelp(first, llvm::outs());
      return 0;
    }
    if (!word.starts_with("-")) {
      if (!arguments.model.path.empty())
        return fail("one model file is wanted; found " + arguments.model.path + " and " + word);
      arguments.model.path = word.str();
      continue;
    }
    llvm::StringRef flag = word.split('=').first, attached = word.split('=').second;
    bool hasValue = word.contains('=') && word.starts_with("--");
    if (!hasValue)
      flag = word;
    if (flag == "--random") { arguments.random = true; continue; }
    if (flag == "--reference") { arguments.reference = true; continue; }
    if (flag == "--json") { arguments.json = true; continue; }
    if (flag == "--no-cache") { noCache = true; continue; }
    if (flag == "--check") { arguments.check = true; continue; }
    bool known = llvm::StringSwitch<bool>(flag)
                     .Cases({"--weights", "--weights-prefix", "--config", "--set", "-o", "--target", "--emit", "--entry",
                             "--input", "--dim", "--threads", "--output-dir", "--weights-file", "--embed-limit", "--jobs",
                             "--cache-dir"}, true)
                     .Default(false);
    if (!known)
      return fail("unknown option " + flag + "; heddle " + first + " --help lists them");
    if (!hasValue) {
      if (i + 1 == words.size())
        return fail(flag + " needs a value");
      attached = words[++i];
    }
    auto pair = [&](llvm::StringRef what) -> std::optional<std::pair<std::string, std::string>> {
      auto [name, value] = attached.split('=');
      if (name.empty() || !attached.contains('=')) {
        fail(flag + " takes " + what + ", this is " + attached);
        return std::nullopt;
      }
      return std::pair(name.str(), value.str());
    };
    if (flag == "--weights") {
      arguments.model.weights.push_back(attached.str());
      // Several files may follow.
      while (i + 1 < words.size() && !llvm::StringRef(words[i + 1]).starts_with("-") &&
             (llvm::StringRef(words[i + 1]).ends_with(".safetensors") || llvm::StringRef(words[i + 1]).ends_with(".json")))
        arguments.model.weights.push_back(words[++i]);
    } else if (flag == "--weights-prefix") {
      arguments.model.weightsPrefix = attached.str();
    } else if (flag == "--config") {
      arguments.model.config = attached.str();
    } else if (flag == "--set") {
      auto value = pair("NAME=VALUE");
      if (!value)
        return kInputError;
      arguments.model.sets.push_back(*value);
    } else if (flag == "-o") {
      arguments.output = attached.str();
    } else if (flag == "--target") {
      if (int code = readTargets(attached, arguments.model.targets))
        return code;
    } else if (flag == "--weights-file") {
      arguments.weightsFile = attached.str();
    } else if (flag == "--embed-limit") {
      if (attached.getAsInteger(10, arguments.embedLimit) || arguments.embedLimit > 1800)
        return fail("--embed-limit takes megabytes, 0 to 1800, this is " + attached);
    } else if (flag == "--emit") {
      arguments.emit = attached.str();
      if (!llvm::is_contained(driver::phaseNames(), attached)) {
        std::string all;
        for (llvm::StringRef phase : driver::phaseNames())
          all += (all.empty() ? "" : ", ") + phase.str();
        return fail("unknown phase " + attached + "; known are " + all);
      }
    } else if (flag == "--entry") {
      arguments.entry = attached.str();
    } else if (flag == "--input") {
      auto value = pair("NAME=FILE.npy");
      if (!value)
        return kInputError;
      arguments.inputs.push_back(*value);
    } else if (flag == "--dim") {
      auto value = pair("NAME=NUMBER");
      int64_t number = 0;
      if (!value)
        return kInputError;
      if (llvm::StringRef(value->second).getAsInteger(10, number))
        return fail("--dim " + value->first + " takes a number, this is " + value->second);
      arguments.dims.emplace_back(value->first, number);
    } else if (flag == "--threads") {
      if (attached.getAsInteger(10, arguments.threads) || arguments.threads < 1 || arguments.threads > 1024)
        return fail("--threads takes a number from 1 to 1024, this is " + attached);
    } else if (flag == "--jobs") {
      if (attached.getAsInteger(10, arguments.model.work.jobs) || arguments.model.work.jobs < 1 ||
          arguments.model.work.jobs > 1024)
        return fail("--jobs takes a number from 1 to 1024, this is " + attached);
    } else if (flag == "--cache-dir") {
      arguments.model.work.cacheFolder = attached.str();
    } else if (flag == "--output-dir") {
      arguments.outputDir = attached.str();
    }
  }
  if (noCache)
    arguments.model.work.cacheFolder.clear();
  if (arguments.model.path.empty())
    return fail("no model file; heddle " + first + " --help tells more");
  if (!arguments.dims.empty() && !arguments.inputs.empty())
    return fail("the sizes of --input files are theirs; --dim does not go with them");
  if (first == "compile" && arguments.model.targets.empty())
    for (llvm::StringRef target : driver::allTargets())
      arguments.model.targets.push_back(target.str());
  if (first != "compile" && arguments.model.targets.size() > 1)
    return fail("heddle " + first + " takes one --target");
  if (kernels::hostIsa().empty() && arguments.model.targets.empty() && first != "check" && first != "format")
    return fail("this processor has less than x86-64-v2; give --target");
  return command->run(arguments);
}

} // namespace heddle::tool
