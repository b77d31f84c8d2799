//===- Validate.h - Is a description of a kernel what it promises? --------===//

#ifndef HEDDLE_COMPILER_KERNELS_VALIDATE_H
#define HEDDLE_COMPILER_KERNELS_VALIDATE_H

#include "compiler/Kernels/KernelDesc.h"

namespace heddle::kernels {

/// Checks all that KernelDesc.h says of a kernel, whatever stands in the structs:
/// names, references, extents, types of expressions, what each kind of stage
/// takes, and that each tensor is written once and before it is read. False and
/// the place and what is wrong in `error` if something is not so. Not checked,
/// since it is proved elsewhere: that unguarded reads are inside, that divisors
/// are positive, and that a size's tensors have fewer than 2^31 elements.
bool validate(const Kernel &kernel, std::string &error);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_VALIDATE_H
