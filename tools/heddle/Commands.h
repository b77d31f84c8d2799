//===- Commands.h - The commands of heddle --------------------------------===//

#ifndef HEDDLE_TOOLS_HEDDLE_COMMANDS_H
#define HEDDLE_TOOLS_HEDDLE_COMMANDS_H

#include "compiler/Driver/Driver.h"

#include "llvm/ADT/ArrayRef.h"

namespace heddle::tool {

/// Exit codes: the input's fault, and ours.
constexpr int kInputError = 1, kInternalError = 70;

/// What the command line says; each command uses what it knows.
struct Arguments {
  std::string command;
  driver::ModelOptions model;
  std::string output, outputDir, entry, emit, weightsFile;
  uint64_t embedLimit = 1500; ///< megabytes
  std::vector<std::pair<std::string, std::string>> inputs; ///< name, path
  std::vector<std::pair<std::string, int64_t>> dims;
  int threads = 1;
  bool random = false, reference = false, json = false, check = false, quiet = false;

  /// What stands without a flag: the model's file; of help and completion, a word.
  const std::string &operand() const { return model.path; }
};

int runCommand(llvm::ArrayRef<const char *> words);

int compileCommand(const Arguments &arguments);
int runModelCommand(const Arguments &arguments);
int checkCommand(const Arguments &arguments);
int formatCommand(const Arguments &arguments);
int verifyCommand(const Arguments &arguments);
int benchCommand(const Arguments &arguments);
int explainCommand(const Arguments &arguments);
int helpCommand(const Arguments &arguments);
int completionCommand(const Arguments &arguments);

/// All commands, a line each.
void printOverview(llvm::raw_ostream &os);
/// The page of help of a command.
struct Command;
void printPage(const Command &command, llvm::raw_ostream &os);

/// Prints an error and gives its exit code. A driver::InternalError is always ours;
/// what is ours is printed with the command line.
int fail(llvm::Error error, int code = kInputError);
int fail(const llvm::Twine &message, int code = kInputError);

/// `text` as JSON takes it: file names and models may hold any bytes.
std::string jsonText(llvm::StringRef text);

/// The exit code where a model could not be loaded and the messages are printed.
int failedToLoad(const driver::Model &model);

} // namespace heddle::tool

#endif // HEDDLE_TOOLS_HEDDLE_COMMANDS_H
