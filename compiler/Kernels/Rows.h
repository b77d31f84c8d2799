//===- Rows.h - The schedule of everything else ---------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_ROWS_H
#define HEDDLE_COMPILER_KERNELS_ROWS_H

#include "compiler/Kernels/Builder.h"
#include "compiler/Kernels/Contraction.h"

namespace heddle::kernels {

/// Schedules one output of a kernel row by row: what a row needs is computed
/// once at the row, on the stack; the output runs along the row in vectors.
class RowSchedule {
public:
  RowSchedule(Builder &builder, Halide::Func out, const Facts &facts)
      : builder(builder), out(out), facts(facts) {}

  /// Is stage `number` computed for this output? Another output is computed for
  /// itself, and what it alone needs is its own.
  bool serves(size_t number);

  /// Schedules the output, whose indices are `vars`; gives a line that says how.
  std::string schedule(const Stage &stage, const std::vector<Halide::Var> &vars);

private:
  std::string scheduleAcross(const Stage &stage, const std::vector<Halide::Var> &vars);
  void findRows();
  void keepMaps();
  bool servesAnother(size_t number);
  bool isInlined(size_t number);
  int rowsReadAlone(const Stage &reader);
  bool isPointwise(size_t number);
  void placeStages(Halide::LoopLevel row, Halide::LoopLevel element, int lanes);
  void placeHelpers(Built &built, Halide::LoopLevel at, int lanes);
  void placeSoftmax(Built &built, Halide::LoopLevel row, bool isOutput);
  void store(Halide::Func func, const Built &built, Halide::LoopLevel at);
  int64_t rowElements(const Built &built);
  bool isInRow(const Built &built, size_t index);

  bool isOutputTensor(int tensor) { return builder.kernel.tensors[tensor].role == Role::Output; }
  void need(const Stage &stage, std::vector<bool> &needed);
  void visit(const Stage &stage, const std::function<void(const Expr &)> &each);
  void collect(const Stage &stage, std::vector<bool> &reads);
  bool callsFunction(const Stage &stage);

  Builder &builder;
  Halide::Func out;
  Facts facts;
  std::vector<bool> kept; ///< by stage: a map whose values stay at the row; empty: none
  int rank = 0; ///< of the output, in indices
  int rows = 0; ///< leading indices that all stages share: what lies behind them is a row
  int lanes = 1; ///< of the output's vectors
};

/// The greatest score, the sum and the scale of a softmax row, at the row.
void placeSoftmaxRow(Built &built, Halide::LoopLevel row);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_ROWS_H
