//===- Compare.cpp - Values beside the reference's ------------------------===//

#include "tools/heddle/Compare.h"

#include "compiler/Reference/Program.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cfloat>
#include <cmath>

namespace heddle::tool {

using reference::Tensor;

namespace {

/// The part of the bound that every stored f32 has: one rounding more; subnormal
/// results may be flushed.
double storing(double wanted) { return std::fabs(wanted) * 2 * reference::kRounding + 1e-37; }

/// |wanted - found|; infinite where one is no number and the other is not the same.
double differenceOf(double wanted, double found, double allowed) {
  if (wanted == found || (std::isnan(wanted) && std::isnan(found)))
    return 0;
  // A value that is nearer to the power of two above the largest f32 is stored as
  // infinite; one that is exact, such as a maximum, is not.
  constexpr double kMostFinite = FLT_MAX * (1 + 0x1p-25);
  if (std::isinf(found) && std::isfinite(wanted) && (found > 0 ? wanted : -wanted) + allowed - storing(wanted) >= kMostFinite)
    return 0;
  double difference = std::fabs(wanted - found);
  return std::isnan(difference) ? INFINITY : difference;
}

/// `boundOf(i, wanted)`: what a real may be off by.
template <typename BoundOf>
Comparison compareBy(const Tensor &wanted, const Tensor &found, BoundOf boundOf) {
  Comparison result;
  result.real = reference::isReal(wanted.storage);
  for (int64_t i = 0, count = wanted.count(); i < count; ++i) {
    double ratio = 0, difference = 0, allowed = 0;
    if (!result.real) {
      if (!wanted.error.empty() && wanted.error[i] != 0) {
        ++result.undecided;
        continue;
      }
      if (wanted.integer(i) == found.integer(i))
        continue;
      ++result.unequal;
      difference = std::fabs(double(wanted.integer(i)) - double(found.integer(i)));
      ratio = INFINITY;
    } else {
      double want = wanted.real(i);
      allowed = boundOf(i, want);
      if (std::isfinite(want) && !(allowed < INFINITY)) {
        ++result.unbounded;
        continue;
      }
      difference = differenceOf(want, found.real(i), allowed);
      // An infinite value has no neighbours: it is met or not.
      ratio = difference == 0 ? 0 : std::isfinite(difference) ? difference / allowed : INFINITY;
    }
    result.largest = std::max(result.largest, difference);
    if (ratio <= result.worst)
      continue;
    result.worst = ratio;
    result.at = i;
    result.difference = difference;
    result.allowed = allowed;
    result.found = found.real(i);
    result.wanted = wanted.real(i);
    if (!result.real) {
      result.foundInteger = found.integer(i);
      result.wantedInteger = wanted.integer(i);
    }
  }
  return result;
}

} // namespace

void Comparison::merge(const Comparison &other) {
  Comparison sum = other.worst > worst || at < 0 ? other : *this;
  sum.largest = std::max(largest, other.largest);
  sum.unequal = unequal + other.unequal;
  sum.undecided = undecided + other.undecided;
  sum.unbounded = unbounded + other.unbounded;
  *this = sum;
}

std::string Comparison::describe() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (real)
    os << "is " << llvm::format("%.9g", found) << ", wanted " << llvm::format("%.9g", wanted) << " within "
       << llvm::format("%.3g", allowed);
  else
    os << "is " << foundInteger << ", wanted " << wantedInteger;
  return text;
}

Comparison compare(const Tensor &wanted, const Tensor &found) {
  return compareBy(wanted, found, [&](int64_t i, double want) {
    return (wanted.error.empty() ? 0 : wanted.error[i]) + storing(want);
  });
}

Comparison compareWithin(const Tensor &wanted, const Tensor &found, double tolerance) {
  return compareBy(wanted, found, [&](int64_t, double want) { return tolerance + storing(want); });
}

Judgement judge(const Tensor &wanted, const Tensor &found) {
  Judgement result;
  if (!reference::isReal(wanted.storage)) {
    result.comparison = compare(wanted, found);
    return result;
  }
  for (int64_t i = 0, count = wanted.count(); i < count; ++i) {
    double value = std::fabs(wanted.real(i));
    if (!std::isfinite(value))
      continue;
    result.scale = std::max(result.scale, value);
    if (!wanted.error.empty())
      result.bound = std::max(result.bound, wanted.error[i]);
  }
  result.tolerance = kTolerance * result.scale;
  result.byBound = result.bound <= std::max(kWidestBound * result.scale, kSmallBound);
  result.comparison = result.byBound ? compare(wanted, found) : compareWithin(wanted, found, result.tolerance);
  return result;
}

std::string elementAt(llvm::ArrayRef<int64_t> shape, int64_t position) {
  llvm::SmallVector<int64_t> index(shape.size(), 0);
  for (size_t axis = shape.size(); axis-- > 0 && shape[axis] > 0;) {
    index[axis] = position % shape[axis];
    position /= shape[axis];
  }
  std::string text = "[";
  for (size_t axis = 0; axis < index.size(); ++axis)
    text += (axis ? ", " : "") + std::to_string(index[axis]);
  return text + "]";
}

} // namespace heddle::tool
