//===- Arguments.cpp - Reads the command line -----------------------------===//

#include "tools/heddle/CommandTable.h"
#include "tools/heddle/Progress.h"

#include "compiler/Driver/Fault.h"
#include "compiler/Syntax/Diagnostics.h"

#include "llvm/Support/JSON.h"
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
  clearProgress();
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

std::string jsonText(llvm::StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); }

int failedToLoad(const driver::Model &model) { return model.isOurFault ? reportFault() : kInputError; }

/// Reads the value of an option, if it takes one, and those behind it; 0 or an exit code.
static int readOption(const Command &command, llvm::ArrayRef<const char *> words, size_t &at, Arguments &arguments) {
  llvm::StringRef word = words[at], flag = word, value;
  bool hasValue = word.starts_with("--") && word.contains('=');
  if (hasValue)
    std::tie(flag, value) = word.split('=');
  const Option *option = findOption(command, flag);
  if (!option)
    return fail("unknown option " + flag + "; heddle " + command.name + " --help lists them");
  if (option->value.name.empty())
    return hasValue ? fail(flag + " takes no value, this is " + value) : option->set(arguments, flag, "");
  if (!hasValue) {
    if (at + 1 == words.size())
      return fail(flag + " needs a value");
    value = words[++at];
  }
  if (int code = option->set(arguments, flag, value))
    return code;
  llvm::SmallVector<llvm::StringRef> endings;
  option->value.endings.split(endings, ' ');
  auto isMore = [&](llvm::StringRef next) {
    return !next.starts_with("-") && llvm::any_of(endings, [&](llvm::StringRef ending) { return next.ends_with(ending); });
  };
  while (option->takesMore && at + 1 < words.size() && isMore(words[at + 1]))
    if (int code = option->set(arguments, flag, words[++at]))
      return code;
  return 0;
}

/// What no option alone can tell; 0 or an exit code.
static int checkArguments(const Command &command, Arguments &arguments) {
  if (command.needsOperand && arguments.operand().empty())
    return fail((command.operand.completes == Completes::Files ? "no model file; heddle " : "one word is missing; heddle ") +
                command.name + " --help tells more");
  if (!arguments.dims.empty() && !arguments.inputs.empty())
    return fail("the sizes of --input files are theirs; --dim does not go with them");
  if (command.name == "compile" && arguments.model.targets.empty())
    for (llvm::StringRef target : driver::allTargets())
      arguments.model.targets.push_back(target.str());
  if (findOption(command, "--target") && arguments.model.targets.empty() && kernels::hostIsa().empty())
    return fail("this processor has less than x86-64-v2; give --target");
  return 0;
}

int runCommand(llvm::ArrayRef<const char *> words) {
  rememberCommandLine(words);
  if (words.empty()) {
    printOverview(llvm::errs());
    return kInputError;
  }
  llvm::StringRef first = words[0];
  if (first == "--help" || first == "-h") {
    printOverview(llvm::outs());
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
  if (findOption(*command, "--jobs")) {
    auto work = workers::optionsFromEnvironment();
    if (!work)
      return fail(work.takeError());
    arguments.model.work = std::move(*work);
  }
  for (size_t i = 1; i < words.size(); ++i) {
    llvm::StringRef word = words[i];
    if (word == "--help" || word == "-h") {
      printPage(*command, llvm::outs());
      return 0;
    }
    if (word.starts_with("-")) {
      if (int code = readOption(*command, words, i, arguments))
        return code;
      continue;
    }
    if (!arguments.operand().empty())
      return fail((command->operand.completes == Completes::Files ? "one model file is wanted; found "
                                                                  : "one word is wanted; found ") +
                  arguments.operand() + " and " + word);
    arguments.model.path = word.str();
  }
  if (int code = checkArguments(*command, arguments))
    return code;
  return command->run(arguments);
}

} // namespace heddle::tool
