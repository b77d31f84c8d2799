//===- Passes.td - Heddle's passes, by phase ------------------*- tablegen -*-===//

#ifndef HEDDLE_PASSES_PASSES_TD
#define HEDDLE_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Fuse
//===----------------------------------------------------------------------===//

def GroupPass : Pass<"graph-group", "::mlir::func::FuncOp"> {
  let summary = "finds the groups of ops that will be one kernel each";
  let description = [{
    Gives each comprehension an integer attribute `kernel.group`:

    * A contraction takes the chain of maps behind it, each of which reads the
      group's result at its own element and is its only reader.
    * Maps, reductions, softmaxes and cumulations that share their leading
      indices (rows) and read each other only within the same row.
    * Anything else is a group of its own.

    A remark says why an op was not fused with one that it reads.
  }];
  let statistics = [Statistic<"numGroups", "groups", "number of groups">];
}

//===----------------------------------------------------------------------===//
// Outline
//===----------------------------------------------------------------------===//

def OutlineKernelsPass : Pass<"graph-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "groups become kernels and calls of them";
  let description = [{
    The ops of an entry with one value of `kernel.group` become one
    `kernel.func`, an op without it one of its own, and a `kernel.call` takes
    their place. Kernels that are equal but for locations are shared. Their names
    are `<model>_k<N>`.

    Every dimension in a kernel is a constant or one of its sizes; a composite
    dimension of the entry becomes a size. Leading indices that all ops of the
    group read together, as whole leading axes, collapse to one, so that a linear
    layer over `[B, S, E]` is compiled once for `m = B * S` rows.

    A returned value that is an argument or a weight, or that is returned twice,
    is copied by a kernel: each returned value is a result of a call of its own.
    Afterwards an entry holds only `graph.weight`, `graph.get_global`,
    `kernel.call` and `func.return`.
  }];
  let dependentDialects = ["::heddle::kernel::KernelDialect"];
  let statistics = [
    Statistic<"numKernels", "kernels", "number of kernels made">,
    Statistic<"numShared", "shared", "number of groups that share another's kernel">];
}

#endif // HEDDLE_PASSES_PASSES_TD
