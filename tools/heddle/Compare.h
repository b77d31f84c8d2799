//===- Compare.h - Values beside the reference's --------------------------===//
//
// What `heddle verify` calls equal. A real lies within the bound that stands
// beside the reference's value; an integer or bool is equal where the reference
// says that rounding does not decide it.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_TOOLS_HEDDLE_COMPARE_H
#define HEDDLE_TOOLS_HEDDLE_COMPARE_H

#include "compiler/Reference/Tensor.h"

namespace heddle::tool {

/// How far values are from the reference's, at the worst of them.
struct Comparison {
  double worst = 0;      ///< largest difference / allowed; infinite for a wrong discrete value
  int64_t at = -1;       ///< the position of the worst; -1: nothing differs
  bool real = true;      ///< which of the two pairs below holds the worst
  double found = 0, wanted = 0;
  int64_t foundInteger = 0, wantedInteger = 0;
  double difference = 0; ///< at the worst
  double allowed = 0;    ///< at the worst
  double largest = 0;    ///< largest difference of all, wherever
  int64_t unequal = 0;   ///< discrete values that differ though they are decided
  int64_t undecided = 0; ///< discrete values that rounding decides: not compared
  int64_t unbounded = 0; ///< reals of which the bound says nothing (it is infinite)

  bool departs() const { return worst > 1; }
  /// Takes the other's worst where it is worse, and adds its counts.
  void merge(const Comparison &other);
  /// "is 0.5, wanted 0.25 within 1e-07".
  std::string describe() const;
};

/// Compares with the bounds beside `wanted`; without bounds, with what rounding to
/// f32 leaves.
Comparison compare(const reference::Tensor &wanted, const reference::Tensor &found);

/// An absolute tolerance in the place of the bounds of reals. What is not decided
/// by the bounds stays so.
Comparison compareWithin(const reference::Tensor &wanted, const reference::Tensor &found, double tolerance);

/// A result of a whole entry: by the bounds that came through the model where they
/// mean something, else by a flat tolerance. compiler/Reference/README.md says why.
struct Judgement {
  double scale = 0;      ///< largest finite |value| of the reference
  double bound = 0;      ///< widest bound, possibly infinite
  double tolerance = 0;  ///< kTolerance * scale
  bool byBound = true;   ///< which of the two judged
  Comparison comparison;
};
constexpr double kTolerance = 1e-4;
/// A bound wider than this part of the scale would let wrong results pass.
constexpr double kWidestBound = 1e-2;
/// But a result near 0 may be what cancelling left of values around 1.
constexpr double kSmallBound = 1e-5;
Judgement judge(const reference::Tensor &wanted, const reference::Tensor &found);

/// "[1, 7, 3]": the element at a position of a row-major tensor.
std::string elementAt(llvm::ArrayRef<int64_t> shape, int64_t position);

} // namespace heddle::tool

#endif // HEDDLE_TOOLS_HEDDLE_COMPARE_H
