//===- JsonText.h - JSON of unknown origin --------------------------------===//
//
// Reads JSON text that nobody vouches for: llvm::json behind limits on depth
// and size and with duplicate keys refused, which it would silently merge.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_JSONTEXT_H
#define HEDDLE_COMPILER_WEIGHTS_JSONTEXT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace heddle::weights {

/// Arrays and objects may nest this deep; the reader is recursive.
constexpr unsigned kDeepestJson = 64;

/// Parses `text`. Errors begin with `file` (and line and column where they
/// have one): what is not JSON, a key given twice in an object, nesting over
/// kDeepestJson, a number that a double makes infinite.
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef text,
                                            llvm::StringRef file);

/// The value as an integer, exactly: 2.0 is one, 2^63 written as a fraction is
/// none (llvm::json lets it wrap around).
std::optional<int64_t> jsonInteger(const llvm::json::Value &value);

/// "a string", "an integer", "a list", ...: for messages.
llvm::StringRef jsonKind(const llvm::json::Value &value);

/// A name out of a foreign file for use in a message: quoted, what is not
/// printable escaped, cut after about 200 bytes.
std::string quoted(llvm::StringRef name);

/// Maps the regular file `path` (small ones are read). Errors name it: missing,
/// a folder or device, larger than `mostBytes`. The bytes must not be changed
/// by others while they are in use.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openRegularFile(llvm::StringRef path, uint64_t mostBytes = UINT64_MAX);

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_JSONTEXT_H
