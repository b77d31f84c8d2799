//===- Parser.h - Model files to syntax trees -----------------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_PARSER_H
#define HEDDLE_COMPILER_SYNTAX_PARSER_H

#include "compiler/Syntax/Ast.h"
#include "compiler/Syntax/Diagnostics.h"

namespace heddle::frontend {

/// Parses the file by the grammar of LANGUAGE.md section 2. Errors are reported;
/// what follows a wrong statement or item is parsed on, so that several are
/// found in a run. The tree holds what was understood: use it only where no
/// error was reported.
std::unique_ptr<ast::File> parseFile(const SourceManager &sources, int32_t file,
                                     Diagnostics &diagnostics);

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_SYNTAX_PARSER_H
