//===- Contraction.h - Contractions with packed weights -------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_CONTRACTION_H
#define HEDDLE_COMPILER_KERNELS_CONTRACTION_H

#include "compiler/Kernels/Builder.h"
#include "compiler/Kernels/KernelLibrary.h"

namespace heddle::kernels {

/// What schedules need to know of a target.
struct Facts {
  int vector;    ///< f32 lanes
  int registers; ///< vector registers
};

Facts factsOf(const Target &target);

/// Finds the operands of a contraction with a constant: which read is the weight,
/// and the result index that is its column.
struct WeightUse {
  int stage = -1, tensor = -1, operand = 0;
  int column = -1; ///< index of the stage
  int axis = -1;   ///< axis of the weight that the column subscripts
};

/// Is the stage such a contraction? Structure, never names: the weight's axes are
/// the column and bound indices, each once, and the column is the innermost index
/// of the result.
bool findWeight(const Kernel &kernel, int stageNumber, WeightUse &use);

/// The panel width for so many columns, or 0 where no vector divides them.
int panelWidth(int64_t columns, const Facts &facts);

/// Builds the stage with its accumulator over (lane, panel, rows..), so that the
/// weight is read as it lies.
void buildPanelContraction(Builder &builder, const WeightUse &use);

/// Schedules `out`, the contraction or the last map behind it. Gives a line that
/// says how.
std::string scheduleContraction(Builder &builder, const WeightUse &use, Halide::Func out,
                                const std::vector<Halide::Var> &vars, const Facts &facts);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_CONTRACTION_H
