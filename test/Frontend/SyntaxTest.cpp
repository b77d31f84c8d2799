//===- SyntaxTest.cpp - The parser and the formatter alone ----------------===//
//
// heddle-syntax-test parse FILE       prints the tree
// heddle-syntax-test format FILE      prints the formatted text
// heddle-syntax-test roundtrip FILE.. formats each file twice: the second time
//                                     changes nothing, the tree never changes
//
// Messages go to stderr; the exit code is 1 where a file has an error.
//
//===----------------------------------------------------------------------===//

#include "compiler/Syntax/AstDump.h"
#include "compiler/Syntax/Format.h"
#include "compiler/Syntax/Parser.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace heddle::frontend;

static std::string treeOf(const SourceManager &sources, int32_t file, Diagnostics &diagnostics) {
  std::string text;
  llvm::raw_string_ostream os(text);
  dump(*parseFile(sources, file, diagnostics), os);
  return text;
}

/// Reports what is wrong with the formatted text of `file`, if anything.
static bool roundtrip(SourceManager &sources, int32_t file, Diagnostics &diagnostics) {
  std::string name = sources.name(file).str(), tree = treeOf(sources, file, diagnostics);
  std::optional<std::string> once = format(sources, file, diagnostics);
  if (!once)
    return false;
  int32_t second = sources.add(name + " (formatted)", *once);
  std::string treeAgain = treeOf(sources, second, diagnostics);
  std::optional<std::string> twice = format(sources, second, diagnostics);
  if (!twice)
    return false;
  if (tree != treeAgain)
    llvm::errs() << name << ": formatting changes the tree\n";
  if (*once != *twice)
    llvm::errs() << name << ": formatting twice is not formatting once\n";
  return tree == treeAgain && *once == *twice;
}

int main(int argc, char **argv) {
  llvm::StringRef mode = argc > 1 ? argv[1] : "";
  if (argc < 3 || (mode != "parse" && mode != "format" && mode != "roundtrip")) {
    llvm::errs() << "usage: heddle-syntax-test parse|format|roundtrip FILE..\n";
    return 2;
  }
  bool good = true;
  for (int i = 2; i < argc; ++i) {
    auto buffer = llvm::MemoryBuffer::getFile(argv[i]);
    if (!buffer) {
      llvm::errs() << argv[i] << ": " << buffer.getError().message() << "\n";
      return 2;
    }
    SourceManager sources;
    Diagnostics diagnostics(sources);
    int32_t file = sources.add(argv[i], (*buffer)->getBuffer().str());
    if (mode == "parse") {
      std::string tree = treeOf(sources, file, diagnostics);
      if (!diagnostics.numErrors())
        llvm::outs() << tree;
    } else if (mode == "format") {
      if (std::optional<std::string> text = format(sources, file, diagnostics))
        llvm::outs() << *text;
    } else {
      good &= roundtrip(sources, file, diagnostics);
    }
    diagnostics.print(llvm::errs());
    good &= diagnostics.numErrors() == 0;
  }
  return good ? 0 : 1;
}
