//===- Interpreter.h - Kernels evaluated slowly, in double ----------------===//
//
// The oracle of the kernel tests: reads KernelDesc.h and nothing else, so that
// it shares no mistake with the library that it judges.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_TEST_KERNELS_INTERPRETER_H
#define HEDDLE_TEST_KERNELS_INTERPRETER_H

#include "compiler/Kernels/KernelDesc.h"

namespace heddle::kernels {

/// Values of each tensor of a kernel, dense row-major over its axes. Bools are 0
/// or 1, and integers are exact up to 2^53.
using Values = std::vector<std::vector<double>>;

/// Fills the results of every stage. Inputs and constants are given; `sizes` has
/// a value for each of Kernel::sizes.
void interpret(const Kernel &kernel, const std::vector<int32_t> &sizes, Values &values);

/// The number of elements of a tensor at these sizes.
int64_t count(const Tensor &tensor, const std::vector<int32_t> &sizes);

} // namespace heddle::kernels

#endif // HEDDLE_TEST_KERNELS_INTERPRETER_H
