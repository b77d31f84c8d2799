//===- Passes.h - Heddle's passes -----------------------------------------===//
//
// What each pass does is in Passes.td, and the order in README.md.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_PASSES_PASSES_H
#define HEDDLE_PASSES_PASSES_H

#include "dialects/Kernel/KernelOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <functional>
#include <memory>

namespace heddle {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

/// Makes all of Heddle's passes known by their flags, for heddle-opt.
inline void registerPasses() { registerHeddlePasses(); }

} // namespace heddle

#endif // HEDDLE_PASSES_PASSES_H
