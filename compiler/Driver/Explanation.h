//===- Explanation.h - What became of a model -----------------------------===//
//
// Collected from what is there anyway: the lowered module, the plan of the workspace,
// the compiled objects, and the remarks of the passes.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_DRIVER_EXPLANATION_H
#define HEDDLE_COMPILER_DRIVER_EXPLANATION_H

#include "compiler/Driver/Driver.h"
#include "compiler/Driver/Remarks.h"

#include "dialects/Graph/Dim.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heddle::driver {

/// A line of a model file.
struct Place {
  std::string line;  ///< "minilm.heddle:30"
  std::string scope; ///< of the weights, which tells calls of a block apart; or empty
  bool operator==(const Place &o) const { return line == o.line && scope == o.scope; }
};

/// All that a location stands for, each once: the op's own place, then those of what
/// moved into it.
std::vector<Place> placesOf(mlir::Location location);

/// A comprehension of a kernel.
struct ExplainedOp {
  std::string what; ///< "reduce sum"
  Place place;      ///< of the first call of the kernel
};

struct ExplainedKernel {
  std::string name, kind; ///< kindOf()
  std::string schedule;   ///< of its loops, in a line
  Dim products, read, written; ///< over its sizes: productsOf(), bytes
  std::vector<ExplainedOp> ops;
};

/// A call, with forms over the entry's dimensions.
struct ExplainedCall {
  std::string kernel;
  std::vector<std::pair<std::string, Dim>> sizes;
  Dim products, read, written;
  std::vector<Place> places; ///< what it computes
};

/// Memory that values between calls take turns in.
struct ExplainedSlot {
  Dim bytes;
  std::vector<size_t> calls; ///< whose results lie there
};

struct ExplainedEntry {
  std::string name;
  std::vector<ExplainedCall> calls;
  std::vector<ExplainedSlot> slots;
  Dim workspace;
  std::vector<Remark> missed; ///< what two kernels, or two loops, were not made one for
};

/// A weight, or a table that is computed when the model is compiled.
struct ExplainedWeight {
  std::vector<std::string> paths; ///< in the checkpoint; of a table, its name
  bool isTable = false;
  std::string type; ///< as the IR writes it, with its layout
  uint64_t bytes = 0;
};

struct Explanation {
  std::string target;
  std::vector<ExplainedEntry> entries;
  std::vector<ExplainedKernel> kernels;
  std::vector<ExplainedWeight> weights;
  uint64_t weightsSize = 0; ///< with what lies between them
  uint64_t codeSize = 0;    ///< of the objects, kernels and host functions
};

/// Explains a lowered model that was compiled for one target. `remarks` were collected
/// while it was lowered; those about two ops that share a kernel in the end are left out.
Explanation explain(Model &model, const Objects &objects, llvm::ArrayRef<Remark> remarks);

} // namespace heddle::driver

#endif // HEDDLE_COMPILER_DRIVER_EXPLANATION_H
