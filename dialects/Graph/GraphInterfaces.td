//===- GraphInterfaces.td - What a comprehension is -----------*- tablegen -*-===//

#ifndef HEDDLE_DIALECTS_GRAPH_GRAPHINTERFACES_TD
#define HEDDLE_DIALECTS_GRAPH_GRAPHINTERFACES_TD

include "mlir/IR/OpBase.td"

def ComprehensionOpInterface : OpInterface<"ComprehensionOpInterface"> {
  let cppNamespace = "::heddle::graph";
  let description = [{
    An index space, a scalar body, and a way in which the body's values combine.
    Everything that the compiler does with an op (evaluate, fuse, slice, compile
    it) is derived from these parts and from nothing else.

    The index space is row-major over `indices`. The first
    `getNumResultIndices()` of them are the result's, the others are bound.
    `axes` says how the result's indices form its axes: `axes[a]` consecutive
    indices make axis `a`, the earlier ones more significant, so
    `y[b, i, (h d)]` has axes `[1, 1, 2]`. Each result axis' extent is the product
    of its indices' extents.

    The body computes, for one point of the index space, a value for each result
    and perhaps a condition; where the condition is false the point does not
    exist. Of no values: sum 0, prod 1, max -inf, min +inf (integers: the least
    and the greatest of the type), and true, or false, arg_reduce 0, softmax and
    cumulate 0, sort the order of the positions.

    Constraints of all comprehensions:

    * (C1) the body has an argument of type `index` for each index.
    * (C2) the names of the indices differ.
    * (C3) each of `axes` is at least 1, and they sum to no more than the number
      of indices; to that number where no index is bound.
    * (C4) a result's dimensions are the products of its axes' extents.
    * (C5) the body ends in `graph.yield` with one value for each result, of the
      type to which the result's elements widen (arg_reduce, sort: any number).
    * (C6) the body holds only `graph.read`, `graph.extent`, and `arith` and
      `math` ops without regions, on i1, i32, i64, f32, f64 and `index`.
    * (C7) from outside, the body uses only tensors, constants and extents.
    * (C8) only a scatter yields a position; a map yields no condition.
    * (C9) results are dense: they have no layout.
  }];
  let verifyWithRegions = 1;
  let verify = [{ return ::heddle::graph::detail::verifyComprehension($_op); }];
  let methods = [
    InterfaceMethod<"Which comprehension it is.",
      "::heddle::graph::ComprehensionKind", "getKind">,
    InterfaceMethod<"All indices, the result's first.",
      "::llvm::ArrayRef<::heddle::graph::IndexAttr>", "getIndices">,
    InterfaceMethod<"The numbers of indices that make each result axis.",
      "::llvm::ArrayRef<int32_t>", "getAxes", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"How values combine; of a scatter None (set) or Sum (add).",
      "::heddle::graph::Combiner", "getCombiner", (ins), "",
      [{ return ::heddle::graph::Combiner::None; }]>,
    InterfaceMethod<"Positions of the indices along which softmax and cumulate go.",
      "::llvm::ArrayRef<int32_t>", "getAlong", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"The tensor that a scatter writes over; else null.",
      "::mlir::Value", "getBaseTensor", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"The body's one block.",
      "::mlir::Block &", "getBodyBlock", (ins), "",
      [{ return $_op->getRegion(0).front(); }]>,
  ];
  let extraClassDeclaration = [{
    /// The body's graph.yield.
    ::heddle::graph::YieldOp getYield();
    /// The type of result `i`.
    ::heddle::graph::GraphTensorType getTensorType(unsigned i = 0);
    /// The tensors that the body reads, in order of first use, each once.
    ::llvm::SmallVector<::mlir::Value> getCapturedTensors();
  }];
  let extraSharedClassDeclaration = [{
    /// The number of leading indices that are the result's; the others are bound.
    unsigned getNumResultIndices() {
      unsigned count = 0;
      for (int32_t size : $_op.getAxes())
        count += size;
      return count;
    }
    unsigned getNumIndices() { return $_op.getIndices().size(); }
    bool isBound(unsigned index) { return index >= getNumResultIndices(); }
    ::heddle::Dim getExtent(unsigned index) { return $_op.getIndices()[index].getExtent(); }
    /// The SSA value of an index in the body.
    ::mlir::BlockArgument getIndexValue(unsigned index) {
      return $_op.getBodyBlock().getArgument(index);
    }
  }];
}

#endif // HEDDLE_DIALECTS_GRAPH_GRAPHINTERFACES_TD
