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
    Packed, ///< a panel is gathered on the stack before the rows pass over it
    InPanels ///< of any tensor, whose axes say it: column / panel, .., column % panel
  };
  int stage = -1;
  Source source = Direct;
  int operand = 0; ///< the read that has the column
  int tensor = -1; ///< what it reads
  int axis = -1;   ///< Panels, InPanels: axis of the tensor that the column subscripts
  int column = -1; ///< index of the stage
  int row = -1;    ///< index of the stage
  int width = 0;   ///< columns of the tile
  int panel = 0;   ///< Panels, InPanels: columns of a panel in memory, a multiple of width
  int rows = 0;    ///< of the tile
  /// The other operand is a block of rows in this kernel: those past the last row are
  /// there, if with no value, and need not be replaced.
  bool rowsAreHere = false;
};

/// Is the stage a contraction with a constant that can lie in panels? Structure,
/// never names: the weight's axes are the column and bound indices, each once.
/// `tile.width` is 0 where its panels cannot be cut into tiles for the target.
bool findWeight(const Kernel &kernel, int stageNumber, const Facts &facts, Tile &tile);

/// Is the stage a contraction that runs in tiles, of whatever operands?
bool findTile(const Kernel &kernel, int stageNumber, const Facts &facts, Tile &tile);

/// Can the stage run in tiles of which `operand` has the columns and index `row` the
/// rows (-1: the innermost index that can)?
bool findTileOf(const Kernel &kernel, int stageNumber, int operand, int row, const Facts &facts, Tile &tile);

/// Builds the stage with its accumulator over (lane, panel, other indices..).
void buildTile(Builder &builder, const Tile &tile);

/// The loops of a function over a contraction's result: those of one tile, the innermost
/// first, and those that count tiles of columns and of rows.
struct TileLoops {
  std::vector<Halide::VarOrRVar> inner;
  Halide::Var panel, block;
};

/// Cuts the loops `column` (the innermost) and `row` of `func`.
TileLoops splitTile(Halide::Func func, const Tile &tile, Halide::Var column, Halide::Var row, const Extent &columns,
                    const Facts &facts);

/// Computes the accumulators of a tile at `at`.
void placeAccumulators(Builder &builder, const Tile &tile, Halide::LoopLevel at, const Facts &facts);

/// Gathers the panel of a tile at `at`, if its columns are packed on the stack.
void placePanel(Builder &builder, const Tile &tile, Halide::LoopLevel at, const Facts &facts);

/// Makes two neighbouring loops (or one, given twice) a flat parallel one. Never three: through
/// two levels of fusing Halide does not see that a task has one value of each index.
Halide::Var runInParallel(Halide::Func func, Halide::Var inner, Halide::Var outer);

/// "register tile 8 x 32, ..".
std::string describeTile(const Tile &tile);

/// Schedules `out`, the contraction or the last map behind it. Gives a line that
/// says how.
std::string scheduleTile(Builder &builder, const Tile &tile, Halide::Func out, const std::vector<Halide::Var> &vars,
                         const Facts &facts);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_CONTRACTION_H
