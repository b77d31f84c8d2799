//===- Contraction.h - Contractions in register tiles ---------------------===//

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

/// The roles in a contraction that runs in tiles of rows and columns: one operand
/// has the column, the innermost index of the result, and is loaded in vectors; the
/// other has the row, and is broadcast.
struct Tile {
  enum Source : uint8_t {
    Panels, ///< a weight that lies in panels
    Direct, ///< vectors as the tensor lies
    Packed  ///< a panel is gathered on the stack before the rows pass over it
  };
  int stage = -1;
  Source source = Direct;
  int operand = 0; ///< the read that has the column
  int tensor = -1; ///< what it reads
  int axis = -1;   ///< Panels: axis of the tensor that the column subscripts
  int column = -1; ///< index of the stage
  int row = -1;    ///< index of the stage
  int width = 0;   ///< columns of the tile
  int panel = 0;   ///< Panels: columns of a panel in memory, a multiple of width
  int rows = 0;    ///< of the tile
};

/// Is the stage a contraction with a constant that can lie in panels? Structure,
/// never names: the weight's axes are the column and bound indices, each once.
/// `tile.width` is 0 where its panels cannot be cut into tiles for the target.
bool findWeight(const Kernel &kernel, int stageNumber, const Facts &facts, Tile &tile);

/// Is the stage a contraction that runs in tiles, of whatever operands?
bool findTile(const Kernel &kernel, int stageNumber, const Facts &facts, Tile &tile);

/// Builds the stage with its accumulator over (lane, panel, other indices..).
void buildTile(Builder &builder, const Tile &tile);

/// Schedules `out`, the contraction or the last map behind it. Gives a line that
/// says how.
std::string scheduleTile(Builder &builder, const Tile &tile, Halide::Func out, const std::vector<Halide::Var> &vars,
                         const Facts &facts);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_CONTRACTION_H
