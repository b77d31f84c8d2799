//===- Accuracy.h - Declared errors of scalar functions -------------------===//
//
// How far a kernel's f32 function may be from the true value of its argument,
// in units in the last place of the result. The kernel library's tests hold the
// implementations to these numbers; the verifier's bounds use them.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_REFERENCE_ACCURACY_H
#define HEDDLE_COMPILER_REFERENCE_ACCURACY_H

namespace heddle::reference::accuracy {

constexpr double kExp = 2;
constexpr double kLog = 3;
constexpr double kTanh = 4;
constexpr double kErf = 4;
constexpr double kPow = 32; ///< exp(b log a): grows with |b log a| up to its range
constexpr double kSinCosAbsolute = 2.4e-7; ///< absolute, |argument| up to 1e5

} // namespace heddle::reference::accuracy

#endif // HEDDLE_COMPILER_REFERENCE_ACCURACY_H
