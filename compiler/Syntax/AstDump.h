//===- AstDump.h - Syntax trees as text -----------------------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_ASTDUMP_H
#define HEDDLE_COMPILER_SYNTAX_ASTDUMP_H

#include "compiler/Syntax/Ast.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace heddle::frontend {

/// Prints the tree as nested lists, a line for each item and statement, without
/// places: two files print the same exactly where they mean the same.
void dump(const ast::File &file, llvm::raw_ostream &os);

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_SYNTAX_ASTDUMP_H
