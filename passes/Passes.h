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

/// The layout that argument `argument` of a kernel shall have; null: dense.
using LayoutChooser =
    std::function<graph::PanelsAttr(kernel::FuncOp func, unsigned argument)>;

/// `kernel-assign-layouts` with a callback, which is asked once for each constant
/// argument. It must outlive the pass's run.
std::unique_ptr<mlir::Pass> createAssignLayoutsPass(LayoutChooser chooser);

/// Makes all of Heddle's passes known by their flags, for heddle-opt.
inline void registerPasses() { registerHeddlePasses(); }

} // namespace heddle

#endif // HEDDLE_PASSES_PASSES_H
