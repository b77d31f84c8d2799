//===- Header.h - The generated C header ------------------------*- C++ -*-===//
//
// Prints `<model>.h`: what a person needs to call a compiled model, in C99 that
// C++ reads too, without any other file of ours.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_PACKAGE_HEADER_H
#define HEDDLE_COMPILER_PACKAGE_HEADER_H

#include "compiler/Package/Signature.h"

#include <string>

namespace heddle::package {

/// The text of the header of a signature that validate() accepts. The same text
/// for the same signature. Comments of the model file may hold anything; they
/// cannot end the comment that they are put into.
std::string printHeader(const Signature &signature);

} // namespace heddle::package

#endif // HEDDLE_COMPILER_PACKAGE_HEADER_H
