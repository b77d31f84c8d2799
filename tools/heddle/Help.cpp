//===- Help.cpp - heddle help ---------------------------------------------===//

#include "tools/heddle/CommandTable.h"

#include "llvm/Support/raw_ostream.h"

namespace heddle::tool {

using llvm::StringRef;

namespace {

constexpr unsigned kWidth = 100, kIndent = 2, kColumn = 27;

/// `text` in lines of at most kWidth columns, the first at `column`, the others indented
/// to `indent`; ends the line.
void wrap(llvm::raw_ostream &os, StringRef text, unsigned column, unsigned indent) {
  llvm::SmallVector<StringRef> words;
  text.split(words, ' ', -1, /*KeepEmpty=*/false);
  bool isFirst = true;
  for (StringRef word : words) {
    if (!isFirst && column + 1 + word.size() > kWidth) {
      os << "\n";
      os.indent(column = indent);
      isFirst = true;
    }
    os << (isFirst ? "" : " ") << word;
    column += word.size() + !isFirst;
    isFirst = false;
  }
  os << "\n";
}

/// A word, and behind it what it means.
void entry(llvm::raw_ostream &os, const llvm::Twine &word, StringRef text) {
  std::string left = word.str();
  os.indent(kIndent) << left;
  unsigned column = kIndent + left.size();
  if (column + 1 >= kColumn) {
    os << "\n";
    column = 0;
  }
  os.indent(kColumn - column);
  wrap(os, text, kColumn, kColumn);
}

void paragraph(llvm::raw_ostream &os, StringRef heading, StringRef text) {
  os << "\n";
  if (!heading.empty())
    os << heading << ":\n";
  os.indent(kIndent);
  wrap(os, text, kIndent, kIndent);
}

} // namespace

void printPage(const Command &command, llvm::raw_ostream &os) {
  os << "heddle " << command.name << ": " << command.sentence << "\n\nUsage:\n";
  llvm::SmallVector<StringRef> lines;
  command.usage.split(lines, '\n');
  for (StringRef line : lines)
    os << "  heddle " << command.name << " " << line << "\n";
  paragraph(os, "", command.description);
  if (!command.options.empty())
    os << "\nOptions:\n";
  for (const Option *option : command.options) {
    std::string sentence = option->sentence.str();
    if (!option->fallback.empty())
      sentence += " (default: " + option->fallback.str() + ")";
    entry(os, option->flag + (option->value.name.empty() ? "" : " ") + option->value.name, sentence);
  }
  if (!command.json.empty())
    paragraph(os, "With --json", command.json);
  os << "\nExit codes:\n";
  entry(os, "0", "all is well");
  entry(os, "1", "wrong words here" + (command.wrong.empty() ? "" : "; " + command.wrong.str()));
  entry(os, "70", command.fault == "never" ? "heddle is at fault" : "heddle is at fault: " + command.fault.str());
  os << "\nExample:\n  heddle " << command.name << " " << command.example << "\n";
}

void printOverview(llvm::raw_ostream &os) {
  os << "heddle: compiles transformer models to objects that link into any program\n\n";
  for (const Command &command : allCommands())
    os << "  heddle " << llvm::left_justify(command.name, 12) << command.sentence << "\n";
  os << "\nheddle help COMMAND tells more. Exit codes: 0, 1 (the input's fault), 70 (heddle's own).\n";
}

int helpCommand(const Arguments &arguments) {
  if (arguments.operand().empty()) {
    printOverview(llvm::outs());
    return 0;
  }
  const Command *command = findCommand(arguments.operand());
  if (!command)
    return fail("unknown command " + arguments.operand() + "; heddle --help lists them");
  printPage(*command, llvm::outs());
  return 0;
}

} // namespace heddle::tool
