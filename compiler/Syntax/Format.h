//===- Format.h - The one style of model files ----------------------------===//

#ifndef HEDDLE_COMPILER_SYNTAX_FORMAT_H
#define HEDDLE_COMPILER_SYNTAX_FORMAT_H

#include "compiler/Syntax/Diagnostics.h"

#include <optional>
#include <string>

namespace heddle::frontend {

/// The text of `file` in the one style: two blanks for each brace, one blank
/// around operators, columns in config, state, weights and adjacent `fn`s, at most
/// one empty line. Line breaks inside a statement stay; a line past 120 columns
/// gets more. Comments stay. Formatting twice changes nothing more, and the
/// syntax tree stays the same. Nothing where the file has a syntax error, which
/// is reported.
std::optional<std::string> format(const SourceManager &sources, int32_t file,
                                  Diagnostics &diagnostics);

} // namespace heddle::frontend

#endif // HEDDLE_COMPILER_SYNTAX_FORMAT_H
