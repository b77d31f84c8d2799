//===- CommandTable.cpp - Commands and their options ----------------------===//

#include "tools/heddle/CommandTable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace heddle::tool {

using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

namespace {

template <std::string Arguments::*field>
int setText(Arguments &arguments, StringRef, StringRef value) {
  arguments.*field = value.str();
  return 0;
}

template <std::string driver::ModelOptions::*field>
int setModelText(Arguments &arguments, StringRef, StringRef value) {
  arguments.model.*field = value.str();
  return 0;
}

template <bool Arguments::*field>
int setFlag(Arguments &arguments, StringRef, StringRef) {
  arguments.*field = true;
  return 0;
}

int addWeights(Arguments &arguments, StringRef, StringRef value) {
  arguments.model.weights.push_back(value.str());
  return 0;
}

/// NAME=VALUE; an exit code where it is not that.
int readPair(StringRef flag, StringRef what, StringRef text, std::pair<std::string, std::string> &pair) {
  auto [name, value] = text.split('=');
  if (name.empty() || !text.contains('='))
    return fail(flag + " takes " + what + ", this is " + text);
  pair = {name.str(), value.str()};
  return 0;
}

int addSet(Arguments &arguments, StringRef flag, StringRef value) {
  return readPair(flag, "NAME=VALUE", value, arguments.model.sets.emplace_back());
}

int addInput(Arguments &arguments, StringRef flag, StringRef value) {
  return readPair(flag, "NAME=FILE.npy", value, arguments.inputs.emplace_back());
}

int addDim(Arguments &arguments, StringRef flag, StringRef value) {
  std::pair<std::string, std::string> pair;
  if (int code = readPair(flag, "NAME=NUMBER", value, pair))
    return code;
  int64_t number = 0;
  if (StringRef(pair.second).getAsInteger(10, number))
    return fail("--dim " + pair.first + " takes a number, this is " + pair.second);
  arguments.dims.emplace_back(pair.first, number);
  return 0;
}

int setThreads(Arguments &arguments, StringRef, StringRef value) {
  if (value.getAsInteger(10, arguments.threads) || arguments.threads < 1 || arguments.threads > 1024)
    return fail("--threads takes a number from 1 to 1024, this is " + value);
  return 0;
}

int setJobs(Arguments &arguments, StringRef, StringRef value) {
  unsigned &jobs = arguments.model.work.jobs;
  if (value.getAsInteger(10, jobs) || jobs < 1 || jobs > 1024)
    return fail("--jobs takes a number from 1 to 1024, this is " + value);
  return 0;
}

int setCacheDir(Arguments &arguments, StringRef, StringRef value) {
  arguments.model.work.cacheFolder = value.str();
  return 0;
}

int setNoCache(Arguments &arguments, StringRef, StringRef) { return setCacheDir(arguments, "", ""); }

int setEmbedLimit(Arguments &arguments, StringRef, StringRef value) {
  if (value.getAsInteger(10, arguments.embedLimit) || arguments.embedLimit > 1800)
    return fail("--embed-limit takes megabytes, 0 to 1800, this is " + value);
  return 0;
}

int setEmit(Arguments &arguments, StringRef, StringRef value) {
  if (!llvm::is_contained(driver::phaseNames(), value))
    return fail("unknown phase " + value + "; known are " + llvm::join(driver::phaseNames(), ", "));
  arguments.emit = value.str();
  return 0;
}

/// The targets that the list names, the best first.
int setTargets(Arguments &arguments, StringRef, StringRef list) {
  llvm::SmallVector<StringRef> words;
  list.split(words, ',');
  llvm::StringSet<> wanted;
  for (StringRef word : words) {
    std::string host = kernels::hostIsa();
    if (word == "native" && host.empty())
      return fail("this processor has less than x86-64-v2; give --target");
    StringRef name = word == "native" ? StringRef(host) : word;
    if (!llvm::is_contained(driver::allTargets(), name))
      return fail("unknown target " + word + "; known are x86-64-v2, x86-64-v3, x86-64-v4 and native");
    wanted.insert(name);
  }
  arguments.model.targets.clear();
  for (StringRef name : driver::allTargets())
    if (wanted.contains(name))
      arguments.model.targets.push_back(name.str());
  return 0;
}

int setTarget(Arguments &arguments, StringRef flag, StringRef value) {
  if (int code = setTargets(arguments, flag, value))
    return code;
  return arguments.model.targets.size() > 1 ? fail("heddle " + arguments.command + " takes one --target") : 0;
}

std::vector<std::string> phaseWords() {
  return {driver::phaseNames().begin(), driver::phaseNames().end()};
}

std::vector<std::string> targetWords() {
  std::vector<std::string> words(driver::allTargets().begin(), driver::allTargets().end());
  words.push_back("native");
  return words;
}

std::vector<std::string> shellWords() { return {"bash", "zsh", "fish"}; }

std::vector<std::string> commandWords() {
  std::vector<std::string> words;
  for (const Command &command : allCommands())
    words.push_back(command.name.str());
  return words;
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

const Operand kModelFile{"MODEL.heddle", Completes::Files, ".heddle"};

const Option kWeights{"--weights", {"FILE...", Completes::Files, ".safetensors .json"},
                      "safetensors files, or the index of a sharded checkpoint", "", addWeights, true},
    kWeightsPrefix{"--weights-prefix", {"TEXT"}, "stands before the path of every weight", "",
                   setModelText<&driver::ModelOptions::weightsPrefix>},
    kConfig{"--config", {"FILE", Completes::Files, ".json"}, "config.json, for the entries of the model's config",
            "what the model says", setModelText<&driver::ModelOptions::config>},
    kSet{"--set", {"NAME=VALUE"}, "a config entry; over config.json and the default", "", addSet};

const Option kArchive{"-o", {"OUT.a", Completes::Files, ".a"}, "the archive; the header stands beside it", "",
                      setText<&Arguments::output>},
    kTargets{"--target", {"LIST", Completes::Words, "", targetWords},
             "instruction sets, of which a program takes the best that its processor has: x86-64-v2, x86-64-v3, "
             "x86-64-v4, native (this machine's), with commas between them",
             "all three", setTargets},
    kWeightsFile{"--weights-file", {"FILE", Completes::Files, ".weights"},
                 "packed weights go into this file, which the program names when it opens the model", "",
                 setText<&Arguments::weightsFile>},
    kEmbedLimit{"--embed-limit", {"MB"}, "so do, into OUT.weights, weights of more than this", "1500", setEmbedLimit},
    kEmit{"--emit", {"PHASE", Completes::Words, "", phaseWords},
          "prints the module after a phase instead: import, normalize, fuse, outline, layout, kernels (the text of each "
          "kernel)",
          "", setEmit};

const Option kEntry{"--entry", {"NAME"}, "the entry; not needed where there is one", "", setText<&Arguments::entry>},
    kOneEntry{"--entry", {"NAME"}, "one entry only", "all of them", setText<&Arguments::entry>},
    kInput{"--input", {"NAME=FILE.npy", Completes::PairFiles, ".npy"}, "the value of a parameter",
           "values from a fixed seed", addInput},
    kInputOrRandom{"--input", {"NAME=FILE.npy", Completes::PairFiles, ".npy"}, "the value of a parameter", "", addInput},
    kRandom{"--random", {}, "values from a fixed seed instead", "", setFlag<&Arguments::random>},
    kDim{"--dim", {"NAME=N"}, "a dimension, where no file says it", "the model's example, or 2", addDim},
    kThreads{"--threads", {"N"}, "threads; results do not depend on them", "1", setThreads},
    kReference{"--reference", {}, "by the reference evaluator instead of compiled code", "", setFlag<&Arguments::reference>},
    kOutputDir{"--output-dir", {"DIR", Completes::Folders}, "where the results go; made if it is missing", "",
               setText<&Arguments::outputDir>},
    kTarget{"--target", {"ISA", Completes::Words, "", targetWords}, "x86-64-v2, x86-64-v3, x86-64-v4 or native", "native",
            setTarget},
    kJson{"--json", {}, "prints for machines; see below", "", setFlag<&Arguments::json>},
    kQuiet{"--quiet", {}, "no line of progress, which is shown where stderr is a terminal", "", setFlag<&Arguments::quiet>};

const Option kJobs{"--jobs", {"N"}, "kernels that are compiled at a time", "as many as there are processors", setJobs},
    kCacheDir{"--cache-dir", {"DIR", Completes::Folders},
              "where compiled kernels are kept, up to $HEDDLE_CACHE_SIZE megabytes (1000)",
              "$HEDDLE_CACHE_DIR, else ~/.cache/heddle", setCacheDir},
    kNoCache{"--no-cache", {}, "compiles all kernels, and keeps none", "", setNoCache};

const Option kFormatOutput{"-o", {"FILE", Completes::Files, ".heddle"}, "writes the text here", "stdout",
                           setText<&Arguments::output>},
    kCheck{"--check", {}, "prints nothing; exit code 1 where the file is not in the style", "",
           setFlag<&Arguments::check>};

} // namespace

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

llvm::ArrayRef<Command> allCommands() {
  static const Command commands[] = {
      {"compile", "a model to an object archive and a C header", kModelFile, true,
       "MODEL.heddle --weights FILE... -o OUT.a [OPTION...]\nMODEL.heddle --weights FILE... --emit=PHASE [-o FILE]",
       "Writes OUT.a and OUT.h, and OUT.weights where weights are in a file; whole or not at all.",
       {&kArchive, &kTargets, &kWeightsFile, &kEmbedLimit, &kEmit, &kWeights, &kWeightsPrefix, &kConfig, &kSet, &kJobs, &kCacheDir, &kNoCache,
        &kQuiet},
       "", "the model, its weights or the disk is at fault", "a kernel could not be compiled",
       "minilm.heddle --weights model.safetensors --config config.json -o minilm.a", compileCommand},
      {"run", "an entry on .npy files", kModelFile, true,
       "MODEL.heddle --weights FILE... --input NAME=FILE.npy... --output-dir DIR [OPTION...]\n"
       "MODEL.heddle --weights FILE... --random --output-dir DIR [OPTION...]",
       "Writes one NAME.npy for each result, result.npy for a single unnamed one.",
       {&kEntry, &kInputOrRandom, &kRandom, &kDim, &kThreads, &kReference, &kOutputDir, &kJson, &kTarget, &kWeights,
        &kWeightsPrefix, &kConfig, &kSet, &kJobs, &kCacheDir, &kNoCache,
        &kQuiet},
       "One document: entry, dims {NAME: N}, results [name, type, shape, file].",
       "the model, its weights or an input is at fault; a call was refused", "a kernel could not be compiled",
       "minilm.heddle --weights model.safetensors --config config.json --random --output-dir out", runModelCommand},
      {"verify", "kernels and results against the reference", kModelFile, true,
       "MODEL.heddle --weights FILE... [OPTION...]",
       "Runs each kernel on the reference's inputs rounded to f32, and each entry as a whole; compares within the error "
       "bound that comes with each reference value. A result of an entry whose bound is wider than a hundredth of its "
       "largest value is compared within 1e-4 of that value instead. Integers and bools are equal where rounding does not "
       "decide them; an argmax that it decides must be as good as the best. Names the first that departs.",
       {&kOneEntry, &kInput, &kDim, &kThreads, &kJson, &kTarget, &kWeights, &kWeightsPrefix, &kConfig, &kSet, &kJobs, &kCacheDir, &kNoCache,
        &kQuiet},
       "One document: ok; results [entry, name, ok, largest_difference, scale, bound, tolerance, judged_by (bound, "
       "tolerance or equality), unequal, undecided]; kernels [name, calls, ok, largest_error_of_bound, unequal, undecided, "
       "unbounded]; first_departure (what, place, element, found, wanted, bound) or null. An infinite number is null.",
       "the model, its weights or an input is at fault", "a kernel or a result departs from the reference",
       "minilm.heddle --weights model.safetensors --config config.json --set layers=1", verifyCommand},
      {"bench", "times an entry and its kernels", kModelFile, true, "MODEL.heddle --weights FILE... [OPTION...]",
       "Times the entry through its C function for about two seconds, then its kernels one by one, in their order and on "
       "their data. The parts do not add up exactly.",
       {&kEntry, &kInput, &kDim, &kThreads, &kJson, &kTarget, &kWeights, &kWeightsPrefix, &kConfig, &kSet, &kJobs, &kCacheDir, &kNoCache,
        &kQuiet},
       "One document: entry, threads, runs, median_ms, min_ms, max_ms, gflop (of contractions), gflops (a second), "
       "peak_gflops_one_core, kernels [name, calls, median_ms, gflop, gflops].",
       "the model, its weights or an input is at fault", "a kernel could not be compiled",
       "minilm.heddle --weights model.safetensors --config config.json --dim B=1 --dim S=16", benchCommand},
      {"explain", "what is in which kernel and why, work and memory", kModelFile, true, "MODEL.heddle [OPTION...]",
       "For each entry its calls of kernels in order: sizes, work (FLOP of contractions), bytes read and written, and the "
       "lines that a call computes, with the scope of their weights behind them; the workspace, by buffer; what two kernels were not "
       "made one for, why, and what would change it. Then the kernels with their loops, and the memory of weights. Numbers "
       "are those of the model's example, or of --dim.",
       {&kOneEntry, &kDim, &kJson, &kTarget, &kWeights, &kWeightsPrefix, &kConfig, &kSet, &kJobs, &kCacheDir, &kNoCache,
        &kQuiet},
       "One document: target; entries [name, dims {NAME: N}, calls, workspace_bytes, buffers [bytes, calls (positions)], "
       "missed [category (fusion, inline, tiles, rows or copy), name, reason, suggestion, at, with]]; calls [kernel, sizes {NAME: "
       "quantity}, flop, read_bytes, written_bytes, places]; kernels [name, kind (contraction, rows, pointwise, cumulation, "
       "sort or writes), loops, flop, read_bytes, written_bytes, ops [what, at]], with formulas over a kernel's sizes; weights "
       "[paths, is_table, type, bytes]; packed_bytes; code_bytes. A quantity is {formula, value}, a place is {line, scope} "
       "or null.",
       "the model or its weights are at fault", "a kernel could not be compiled",
       "minilm.heddle --weights model.safetensors --config config.json --dim B=1 --dim S=128", explainCommand},
      {"check", "diagnostics only", kModelFile, true, "MODEL.heddle [OPTION...]",
       "Reads and checks a model, and the shapes of its weights where they are given; prints nothing where all is well.",
       {&kJson, &kWeights, &kWeightsPrefix, &kConfig, &kSet},
       "A line for each error and warning, on stdout: severity (error or warning), message, file, line, column, end_column "
       "(in bytes from 1, the last one past the end; all null where there is no place), notes [message, file, line, column, "
       "end_column].",
       "there is an error", "the module is invalid", "minilm.heddle --config config.json", checkCommand},
      {"format", "the one style", kModelFile, true, "MODEL.heddle [-o FILE]\nMODEL.heddle --check",
       "Prints the model in the one style.", {&kFormatOutput, &kCheck}, "",
       "the model cannot be read; with --check, it is not in the style", "never", "minilm.heddle --check", formatCommand},
      {"help", "the page of a command", {"COMMAND", Completes::Words, "", commandWords}, false, "[COMMAND]",
       "Prints the page of a command, or the list of them. heddle COMMAND --help is the same.", {}, "",
       "there is no such command", "never", "compile", helpCommand},
      {"completion", "teaches a shell to complete heddle's words", {"SHELL", Completes::Words, "", shellWords}, true,
       "bash | zsh | fish",
       "Prints a script. For bash: source <(heddle completion bash), in ~/.bashrc. For zsh: as a file _heddle in a folder "
       "of $fpath, or source <(heddle completion zsh) behind compinit. For fish: as "
       "~/.config/fish/completions/heddle.fish.",
       {}, "", "there is no such shell", "never", "bash", completionCommand},
  };
  return commands;
}

const Command *findCommand(StringRef name) {
  for (const Command &command : allCommands())
    if (command.name == name)
      return &command;
  return nullptr;
}

const Option *findOption(const Command &command, StringRef flag) {
  for (const Option *option : command.options)
    if (option->flag == flag)
      return option;
  return nullptr;
}

} // namespace heddle::tool
