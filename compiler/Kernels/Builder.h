//===- Builder.h - A kernel's comprehensions as Halide functions ----------===//
//
// The algorithm, one to one: indices are Vars and RDoms, reads are calls. What
// is said here is what the kernel computes; how it runs is Schedule.cpp's.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_BUILDER_H
#define HEDDLE_COMPILER_KERNELS_BUILDER_H

#include "compiler/Kernels/KernelDesc.h"
#include "compiler/Kernels/Scalar.h"

#include <functional>
#include <map>

namespace heddle::kernels {

/// A stage as it was built.
struct Built {
  const Stage *stage = nullptr;
  std::vector<Halide::Var> vars; ///< a Var for each result index (of a scatter: axis)
  std::vector<Extent> extents;   ///< how far they run
  std::vector<Halide::Func> locals; ///< helpers (softmax: max, exp, sum), innermost last
  Halide::Func func;             ///< over the result indices, the innermost first
  Halide::RDom domain;           ///< of a reduction
  bool isContraction = false;
  bool isPartial = false; ///< locals[0] has the 16 partial results, its first Var is the lane
  bool isSoftmax = false; ///< locals: score, 16 maxima, 16 sums, exp, max, scale
  int numUpdates = 0;     ///< of a cumulation or scatter, which is `func` itself
};

/// The number of partial sums of a float sum outside contractions, whatever the
/// vector width, so that all schedules and variants agree in bits.
constexpr int kPartialSums = 16;

class Builder {
public:
  Builder(const Kernel &kernel);

  Halide::Expr extent(const Extent &extent);
  /// Extents of an input's buffer, the innermost dimension first.
  std::vector<Halide::Expr> bufferExtents(int tensor);
  Halide::Expr tensorExtent(int tensor, int axis) { return extent(kernel.tensors[tensor].shape[axis]); }

  /// The value of an expression with the given values of a stage's indices.
  Halide::Expr lower(const ExprRef &expr, const std::vector<Halide::Expr> &indices);
  /// The element of an input at these places in the axes.
  Halide::Expr readTensor(int tensor, std::vector<Halide::Expr> at);

  /// The expression that is the element of `stage`'s result at its indices.
  Halide::Func funcOf(int tensor) { return results.at(tensor); }
  void setResult(int tensor, Halide::Func func) { results[tensor] = func; }

  const Kernel &kernel;
  /// Conditions are hidden from Halide, which computes what is only used where one holds
  /// for that region alone: of a register tile, for a region that is no tile.
  bool hidesConditions = false;
  std::vector<Halide::Param<int32_t>> sizes;
  std::map<int, Halide::ImageParam> inputs;
  std::vector<Built> stages;
  std::map<int, int> producer; ///< stage by result tensor

  void buildStage(const Stage &stage, int number);
  /// What is lowered from now on stands in `stage`; lowered expressions are
  /// forgotten, since they hold the indices of one stage.
  void enter(const Stage &stage) {
    current = &stage;
    cache.clear();
  }

private:
  void addInput(int tensor);
  Halide::Expr hide(Halide::Expr condition);
  bool readsData(const ExprRef &expr);
  Halide::Expr readGuarded(int tensor, Halide::Expr value);
  Halide::Expr readStage(const Expr &read, const std::vector<Halide::Expr> &at, const std::vector<Halide::Expr> &here);
  void buildReduce(const Stage &stage, Built &built, const std::vector<Halide::Expr> &indices);
  void buildSoftmax(const Stage &stage, Built &built);
  void buildCumulate(const Stage &stage, Built &built);
  void buildScatter(const Stage &stage, Built &built);
  void buildArgReduce(const Stage &stage, Built &built, const std::vector<Halide::Expr> &indices);
  Halide::Expr buildLanes(const Stage &stage, Built &built, const std::vector<Halide::Expr> &outer);
  Halide::Expr combineLanes(Built &built, const char *name, const std::vector<Halide::Var> &args, Halide::Expr total,
                            Combiner combiner, Halide::Type type,
                            const std::function<Halide::Expr(Halide::Expr)> &element);

  std::map<int, Halide::Func> results; ///< by tensor, in index space
  const Stage *current = nullptr;
  std::map<const Expr *, Halide::Expr> cache;
  std::map<const Expr *, bool> dataExprs;
};

/// The most places that an index or axis of this extent has, at least 1.
int64_t mostOf(const Kernel &kernel, const Extent &extent);

/// Is `stage` a sum of products of two reads (or padded reads), each with an index of the result
/// that the other lacks? Structure, never names.
bool isContraction(const Stage &stage);

/// The call that hides a condition, its one argument.
constexpr const char *kHidden = "heddle_hidden";

/// An infinity by its bits, since Halide's arithmetic does not know infinities.
Halide::Expr infinity(Halide::Type type, bool isNegative);

/// What nothing changes when it is combined, and how two values combine.
Halide::Expr identity(Combiner combiner, Halide::Type type);
Halide::Expr combine(Combiner combiner, Halide::Expr a, Halide::Expr b);

/// Do neighbouring elements of the result read neighbouring elements? If not, a
/// vector runs along what is combined: the 16 partial results are its lanes.
bool runsAlongResult(const Stage &stage);

/// Indices of the stage that occur in `expr`.
void collectIndices(const ExprRef &expr, std::vector<bool> &used);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_BUILDER_H
