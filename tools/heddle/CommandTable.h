//===- CommandTable.h - Commands and their options ------------------------===//
//
// The one table from which the command line is read, pages of help are printed and
// shells learn to complete. What is not in it does not exist.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_TOOLS_HEDDLE_COMMANDTABLE_H
#define HEDDLE_TOOLS_HEDDLE_COMMANDTABLE_H

#include "tools/heddle/Commands.h"

namespace heddle::tool {

/// What a shell offers for a value.
enum class Completes : uint8_t {
  Nothing,
  Files,     ///< of the given endings
  PairFiles, ///< NAME=FILE, of the given endings
  Folders,
  Words,     ///< the given ones
};

/// What may stand in a place of the command line.
struct Operand {
  llvm::StringLiteral name = ""; ///< as pages write it: FILE, NAME=N; empty: there is none
  Completes completes = Completes::Nothing;
  llvm::StringLiteral endings = ""; ///< of files: ".safetensors .json"
  std::vector<std::string> (*words)() = nullptr;
};

struct Option {
  llvm::StringLiteral flag; ///< "--weights", "-o"
  Operand value;
  llvm::StringLiteral sentence;
  llvm::StringLiteral fallback; ///< what holds without it, for people; empty: nothing to say
  /// Takes a value, and says what is wrong with it. 0, or an exit code.
  int (*set)(Arguments &arguments, llvm::StringRef flag, llvm::StringRef value);
  bool takesMore = false; ///< words behind the value that end like its files are values too
};

struct Command {
  llvm::StringLiteral name, sentence;
  Operand operand;                 ///< what stands without a flag
  bool needsOperand;
  llvm::StringLiteral usage;       ///< lines, without "heddle NAME"
  llvm::StringLiteral description; ///< paragraphs
  std::vector<const Option *> options;
  llvm::StringLiteral json;        ///< what --json prints; empty where there is none
  llvm::StringLiteral wrong;       ///< exit code 1, beside wrong words; empty: never
  llvm::StringLiteral fault;       ///< exit code 70, beside crashes
  llvm::StringLiteral example;     ///< without "heddle NAME"; runs beside the files it names
  int (*run)(const Arguments &);
};

llvm::ArrayRef<Command> allCommands();
const Command *findCommand(llvm::StringRef name);
/// Null where the command has no such option.
const Option *findOption(const Command &command, llvm::StringRef flag);

} // namespace heddle::tool

#endif // HEDDLE_TOOLS_HEDDLE_COMMANDTABLE_H
