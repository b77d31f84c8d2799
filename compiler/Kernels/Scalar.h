//===- Scalar.h - Scalar functions of kernels -----------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_SCALAR_H
#define HEDDLE_COMPILER_KERNELS_SCALAR_H

#include "compiler/Kernels/KernelDesc.h"

#include "Halide.h"

namespace heddle::kernels {

/// Halide's type of a value in memory, and of a scalar that is computed with.
Halide::Type memoryType(Type type);
Halide::Type scalarType(Type type);

/// The element as it is computed with, and back.
Halide::Expr widen(Halide::Expr value, Type stored);
Halide::Expr narrow(Halide::Expr value, Type stored);

/// One operation, with the meaning that KernelDesc.h gives it.
Halide::Expr apply(Op op, Type type, const std::vector<Halide::Expr> &args);

/// `value` in strict arithmetic. Values that it shares are computed once: what
/// follows in Halide walks expressions as trees.
Halide::Expr strict(Halide::Expr value);

/// apply() for integers that may leave their range: they wrap. Halide takes it that
/// signed ones never do.
Halide::Expr applyWrapping(Op op, Type type, const std::vector<Halide::Expr> &args);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_SCALAR_H
