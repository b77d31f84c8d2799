//===- Passes.td - Heddle's passes, by phase ------------------*- tablegen -*-===//

#ifndef HEDDLE_PASSES_PASSES_TD
#define HEDDLE_PASSES_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Normalize
//===----------------------------------------------------------------------===//

def InlineMapsPass : Pass<"graph-inline-maps", "::mlir::func::FuncOp"> {
  let summary = "maps move into the ops that read them";
  let description = [{
    A map that only reads elsewhere (a view) moves into all its readers; one of a
    few cheap ops into all that are no contractions; any other where it is read
    once, for no more points than it has and in their order. The map behind a
    contraction stays, unless its one reader is a map: it will be the
    contraction's epilogue. A remark (`inline`) says why a map stays. The reader's
    location then names the map's too.
  }];
  let statistics = [Statistic<"numInlined", "inlined", "number of maps inlined">];
}

def HoistInvariantsPass : Pass<"graph-hoist-invariants", "::mlir::func::FuncOp"> {
  let summary = "a function of some of the indices becomes a map over these";
  let description = [{
    A part of a formula that takes a function (exp, sin, ..) of some of the indices
    only, and that at least four elements share, becomes a map of its own; the largest
    such part. Not where these indices are the leading ones, as inner loops leave it alone
    then, nor where the map could have more than 2^24 elements. Equal maps of several ops
    are one after `cse`, and what names no input is known at compile time.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
  let statistics = [Statistic<"numHoisted", "hoisted", "number of maps made">];
}

def JoinContractionsPass : Pass<"graph-join-contractions", "::mlir::func::FuncOp"> {
  let summary = "matrix products with one input become one";
  let description = [{
    Contractions (each with the map behind it) that are equal but for weights, and for
    the number of columns that these give, become one contraction with the weights joined
    along the axis that is the column; readers read a part of its result. Not where a
    map reads a result at its own element: that map ends the product's kernel.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numJoined", "joined", "number of contractions joined">];
}

def FlattenAxesPass : Pass<"graph-flatten-axes", "::mlir::func::FuncOp"> {
  let summary = "a run-time result axis of several indices gets one index";
  let description = [{
    An axis made of several indices whose extent is known at run time only is
    rewritten over one index, which a map takes apart: `w = t // I`, `i = t % I`.
    Every other op keeps its indices as axes of their own, and a map behind it
    makes the axis.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numFlattened", "flattened", "number of ops rewritten">];
}

def OutlineGlobalsPass : Pass<"graph-outline-globals", "::mlir::ModuleOp"> {
  let summary = "what depends on no input is computed when the model is compiled";
  let description = [{
    A comprehension that depends on weights and constants alone, and on no
    run-time dimension, becomes a `graph.global`.
  }];
  let statistics = [Statistic<"numGlobals", "globals", "number of globals made">];
}

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
    * A contraction over a softmax of what another contraction gives, with both (what
      attention is), where a row of the softmax is bounded: its scores stay in the kernel.
    * Anything else is a group of its own.

    A remark (`fusion`) says why an op was not fused with one that it reads.
  }];
  let statistics = [Statistic<"numGroups", "groups", "number of groups">];
}

def MatchEpiloguesPass : Pass<"graph-match-epilogues", "::mlir::func::FuncOp"> {
  let summary = "maps behind a contraction take its indices";
  let description = [{
    In a group with a contraction that has result axes of several indices, the maps
    behind it are rewritten over these indices: `[b, s, i: 96]` becomes
    `[b, s, (h: 6, d: 16)]` with `i = h * 16 + d`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numSplit", "split", "number of maps rewritten">];
}

def PackColumnsPass : Pass<"graph-pack-columns", "::mlir::func::FuncOp"> {
  let summary = "columns of the contractions of a chain lie in vectors";
  let description = [{
    In a group that holds a contraction, a softmax of it and a contraction over that,
    each block of rows passes over all columns. Where these do not lie side by side in
    memory, a map of its own (and a group of its own) writes them in panels of `width`
    columns, `packed[c / width, .., c % width]`, and the contraction reads these.
    Columns that are vectors already stay.
  }];
  let options = [Option<"width", "width", "int64_t", /*default=*/"0",
      "columns of a panel, which all targets' vectors divide; 0: nothing is packed">];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numPacked", "packed", "number of operands packed">];
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
    Remarks (`copy`, `rows`) say which, and why leading indices stay apart.
    Afterwards an entry holds only `graph.weight`, `graph.get_global`,
    `kernel.call` and `func.return`.
  }];
  let dependentDialects = ["::heddle::kernel::KernelDialect"];
  let statistics = [
    Statistic<"numKernels", "kernels", "number of kernels made">,
    Statistic<"numShared", "shared", "number of groups that share another's kernel">];
}

def AssignLayoutsPass : Pass<"kernel-assign-layouts", "::mlir::ModuleOp"> {
  let summary = "constants of kernels take the layouts that kernels prefer";
  let description = [{
    Each constant argument of a kernel takes the layout that the driver's callback
    gives for it, and each call takes a `graph.weight` or `graph.get_global` of that type. An argument
    to which some call gives anything else stays dense. Without a
    callback (as in heddle-opt) `panels` gives a width for the first axis of
    constants of rank two, for tests.
  }];
  let options = [Option<"panels", "panels", "int", /*default=*/"0",
      "width of panels of the first axis of constants of rank two; 0: none">];
  let dependentDialects = ["::heddle::kernel::KernelDialect"];
  let statistics = [Statistic<"numPacked", "packed", "number of arguments with a layout">];
}

#endif // HEDDLE_PASSES_PASSES_TD
