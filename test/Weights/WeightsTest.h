//===- WeightsTest.h - Commands of heddle-weights-test --------------------===//
//
// The commands, each a function of its words.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_TEST_WEIGHTS_WEIGHTSTEST_H
#define HEDDLE_TEST_WEIGHTS_WEIGHTSTEST_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heddle::test {

using Words = llvm::ArrayRef<std::string>;

/// checkpoint, read, nearest, config, npy, pack: foreign files.
/// Sets `known` to false for another command.
llvm::Error runWeightsCommand(llvm::StringRef command, Words words,
                              bool &known);

/// elf, archive, edit, symbols, outputs: what is written.
llvm::Error runPackageCommand(llvm::StringRef command, Words words,
                              bool &known);

/// The word at `position` as an integer, or an error.
llvm::Expected<int64_t> integerAt(Words words, size_t position);

} // namespace heddle::test

#endif // HEDDLE_TEST_WEIGHTS_WEIGHTSTEST_H
