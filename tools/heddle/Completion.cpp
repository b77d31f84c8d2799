//===- Completion.cpp - heddle completion ---------------------------------===//
//
// Scripts that teach shells heddle's words, printed from the table of commands: a
// script that is printed anew knows every option of the heddle that prints it.
//
//===----------------------------------------------------------------------===//

#include "tools/heddle/CommandTable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace heddle::tool {

using llvm::StringRef;

namespace {

std::string joined(llvm::ArrayRef<std::string> words) { return llvm::join(words, " "); }

llvm::SmallVector<StringRef> endingsOf(const Operand &operand) {
  llvm::SmallVector<StringRef> endings;
  operand.endings.split(endings, ' ', -1, /*KeepEmpty=*/false);
  return endings;
}

/// In single quotes, for bash and zsh.
std::string quoted(StringRef text) {
  std::string result = "'";
  for (char c : text)
    result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

//===----------------------------------------------------------------------===//
// bash
//===----------------------------------------------------------------------===//

/// The statement that fills COMPREPLY with what `operand` may be.
std::string bashOffer(const Operand &operand) {
  switch (operand.completes) {
  case Completes::Nothing:
    return ":";
  case Completes::Folders:
    return "_heddle_files -d";
  case Completes::Words:
    return "_heddle_words " + quoted(joined(operand.words()));
  case Completes::PairFiles:
  case Completes::Files:
    std::string pattern;
    for (StringRef ending : endingsOf(operand))
      pattern += (pattern.empty() ? "" : "|") + ("*" + ending).str();
    return "_heddle_files -f " + quoted("!@(" + pattern + ")");
  }
  llvm_unreachable("all kinds are covered");
}

void printBash(llvm::raw_ostream &os) {
  std::vector<std::string> names;
  for (const Command &command : allCommands())
    names.push_back(command.name.str());
  os << R"(# heddle's words for bash, by `heddle completion bash`.
_heddle_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
# -d, or -f and the pattern of what is no such file: folders, and files.
_heddle_files() {
  local extglob
  extglob=$(shopt -p extglob)
  shopt -s extglob
  mapfile -t COMPREPLY < <(compgen -d -- "$cur"; [ "$1" = -f ] && compgen -f -X "$2" -- "$cur" |
    while IFS= read -r name; do [ -d "$name" ] || printf '%s\n' "$name"; done)
  $extglob
  compopt -o filenames 2> /dev/null
}
_heddle() {
  local cur=${COMP_WORDS[COMP_CWORD]} flag="" first=$((COMP_CWORD - 1)) pair=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _heddle_words ')"
     << joined(names) << R"( --help --version'
    return
  fi
  # bash cuts --flag=value and NAME=value at =.
  if [ "$cur" = = ]; then cur="" first=$COMP_CWORD; fi
  if [ "${COMP_WORDS[first]}" = = ]; then first=$((first - 1)) pair=yes; fi
  flag=${COMP_WORDS[first]}
  if [ -n "$pair" ] && [[ $flag != -* ]]; then
    flag=${COMP_WORDS[first - 1]}=
    if [ "$flag" = == ]; then flag=${COMP_WORDS[first - 2]}=; fi
  fi
  case ${COMP_WORDS[1]} in
)";
  for (const Command &command : allCommands()) {
    os << "  " << command.name << ")\n    case $flag in\n";
    std::vector<std::string> flags;
    for (const Option *option : command.options) {
      flags.push_back(option->flag.str());
      bool isPair = option->value.completes == Completes::PairFiles;
      if (!option->value.name.empty())
        os << "    " << option->flag << (isPair ? "=" : "") << ") " << bashOffer(option->value) << "; return ;;\n";
      if (isPair)
        os << "    " << option->flag << ") return ;;\n";
    }
    flags.push_back("--help");
    os << "    esac\n    if [[ $cur = -* ]]; then _heddle_words " << quoted(joined(flags)) << "; else "
       << bashOffer(command.operand) << "; fi ;;\n";
  }
  os << "  esac\n}\ncomplete -F _heddle heddle\n";
}

//===----------------------------------------------------------------------===//
// zsh
//===----------------------------------------------------------------------===//

/// A text inside of a specification of _arguments.
std::string zshText(StringRef text) {
  std::string result;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\')
      result += '\\';
    result += c;
  }
  return result;
}

/// ":FILE:_files ..", what follows a flag.
std::string zshOffer(const Operand &operand) {
  std::string name = ":" + zshText(operand.name) + ":";
  switch (operand.completes) {
  case Completes::Nothing:
    return name;
  case Completes::Folders:
    return name + "_files -/";
  case Completes::Words:
    return name + "(" + joined(operand.words()) + ")";
  case Completes::PairFiles:
  case Completes::Files:
    std::string endings;
    for (StringRef ending : endingsOf(operand))
      endings += (endings.empty() ? "" : "|") + ending.drop_front().str();
    // Brackets around a single one would be qualifiers.
    std::string files = "_files -g \"*." + (StringRef(endings).contains('|') ? "(" + endings + ")" : endings) + "\"";
    // Up to the = it is a name, which only the model knows.
    return name + (operand.completes == Completes::PairFiles ? "{ compset -P \"*=\" && " + files + " }" : files);
  }
  llvm_unreachable("all kinds are covered");
}

void printZsh(llvm::raw_ostream &os) {
  os << "#compdef heddle\n# heddle's words for zsh, by `heddle completion zsh`.\n_heddle() {\n  local -a commands=(\n";
  for (const Command &command : allCommands())
    os << "    " << quoted((command.name + ":" + zshText(command.sentence)).str()) << "\n";
  os << "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
        "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const Command &command : allCommands()) {
    os << "  " << command.name << ")\n    _arguments";
    for (const Option *option : command.options) {
      bool isLong = StringRef(option->flag).starts_with("--");
      std::string spec = "*" + option->flag.str() + (isLong && !option->value.name.empty() ? "=" : "") + "[" +
                         zshText(option->sentence) + "]";
      if (!option->value.name.empty())
        spec += zshOffer(option->value);
      os << " \\\n      " << quoted(spec);
    }
    os << " \\\n      " << quoted("--help[this command's page]") << " \\\n      " << quoted("1" + zshOffer(command.operand))
       << " ;;\n";
  }
  os << "  esac\n}\nif [ \"$funcstack[1]\" = _heddle ]; then _heddle \"$@\"; else compdef _heddle heddle; fi\n";
}

//===----------------------------------------------------------------------===//
// fish
//===----------------------------------------------------------------------===//

/// -x: a value that is no file; -r: a value; -F: files too.
std::string fishOffer(const Operand &operand) {
  switch (operand.completes) {
  case Completes::Nothing:
    return " -x";
  case Completes::Folders:
    return " -x -a '(__fish_complete_directories)'";
  case Completes::Words:
    return " -x -a " + quoted(joined(operand.words()));
  case Completes::PairFiles:
    return " -r -F";
  case Completes::Files:
    std::string calls;
    for (StringRef ending : endingsOf(operand))
      calls += (calls.empty() ? "(__fish_complete_suffix " : "; __fish_complete_suffix ") + ending.str();
    return " -x -a " + quoted(calls + ")");
  }
  llvm_unreachable("all kinds are covered");
}

/// As fish quotes it: a backslash before a quote.
std::string fishQuoted(StringRef text) {
  std::string result = "'";
  for (char c : text)
    result += (c == '\'' || c == '\\') ? std::string{'\\', c} : std::string(1, c);
  return result + "'";
}

void printFish(llvm::raw_ostream &os) {
  os << "# heddle's words for fish, by `heddle completion fish`.\ncomplete -c heddle -f\n";
  for (const Command &command : allCommands()) {
    os << "complete -c heddle -n __fish_use_subcommand -a " << command.name << " -d " << fishQuoted(command.sentence) << "\n";
    std::string of = ("complete -c heddle -n '__fish_seen_subcommand_from " + command.name + "'").str();
    for (const Option *option : command.options) {
      StringRef flag = option->flag;
      os << of << (flag.consume_front("--") ? " -l " : (flag = flag.drop_front(), " -s ")) << flag
         << (option->value.name.empty() ? "" : fishOffer(option->value)) << " -d " << fishQuoted(option->sentence) << "\n";
    }
    os << of << " -l help -d 'this command'\\''s page'\n";
    StringRef offer = " -x";
    std::string words = fishOffer(command.operand);
    os << of << (StringRef(words).starts_with(offer) ? StringRef(words).drop_front(offer.size()) : StringRef(words)) << "\n";
  }
}

} // namespace

int completionCommand(const Arguments &arguments) {
  StringRef shell = arguments.operand();
  if (shell == "bash")
    printBash(llvm::outs());
  else if (shell == "zsh")
    printZsh(llvm::outs());
  else if (shell == "fish")
    printFish(llvm::outs());
  else
    return fail("no completion for the shell " + shell + "; known are bash, zsh and fish");
  return 0;
}

} // namespace heddle::tool
