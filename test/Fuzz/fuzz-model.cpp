//===- fuzz-model.cpp - Fuzzes the texts of models ------------------------===//
//
// A model is parsed, checked with the standard library, and verified as IR; what
// parses is also formatted, twice, as SyntaxTest does.
//
//===----------------------------------------------------------------------===//

#include "compiler/Frontend/Elaborator.h"
#include "compiler/Library/Library.h"
#include "compiler/Syntax/AstDump.h"
#include "compiler/Syntax/Format.h"
#include "compiler/Syntax/Parser.h"

#include "mlir/IR/Verifier.h"

using namespace heddle::frontend;

static std::string dumped(const ast::File &tree) {
  std::string text;
  llvm::raw_string_ostream os(text);
  dump(tree, os);
  return text;
}

/// Formatting keeps the tree, and what is formatted stays as it is.
static void checkFormat(SourceManager &sources, int32_t file, const ast::File &tree) {
  Diagnostics diagnostics(sources);
  std::optional<std::string> once = format(sources, file, diagnostics);
  if (!once)
    __builtin_trap();
  int32_t second = sources.add("formatted", *once);
  auto again = parseFile(sources, second, diagnostics);
  if (diagnostics.numErrors() || dumped(*again) != dumped(tree) || format(sources, second, diagnostics) != once)
    __builtin_trap();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  SourceManager sources;
  Diagnostics diagnostics(sources);
  int32_t library = sources.add("std.heddle", heddle::standardLibraryText().str());
  int32_t file = sources.add("fuzz.heddle", std::string(reinterpret_cast<const char *>(data), size));
  auto tree = parseFile(sources, file, diagnostics);
  std::string messages;
  llvm::raw_string_ostream os(messages);
  if (diagnostics.numErrors()) {
    diagnostics.print(os);
    return 0;
  }
  checkFormat(sources, file, *tree);
  auto libraryTree = parseFile(sources, library, diagnostics);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  ElaborateOptions options;
  Elaborator elaborator(context, sources, diagnostics, options);
  auto module = elaborator.run(*libraryTree, *tree);
  diagnostics.print(os);
  if (!module && messages.find("error: ") == std::string::npos)
    __builtin_trap();
  if (module && mlir::failed(mlir::verify(*module)))
    __builtin_trap();
  return 0;
}
