//===- Suggest.cpp - The names that somebody may have meant ---------------===//
//
// An edit distance over the parts of dotted names.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Suggest.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <utility>

using namespace llvm;

namespace heddle::weights {

namespace {

/// A part that one name has and the other has not is cheaper than its letters:
/// "bert.pooler.bias" for "pooler.bias" is a likely slip. It is not so cheap
/// that any part could be exchanged for any other.
unsigned partCost(StringRef part) { return 2 + part.size() / 3; }

/// Another number is another layer, hardly ever a misspelling.
constexpr unsigned kNumberCost = 3;

/// Longer names are not compared letter by letter: the names come from files,
/// and the distance takes time that grows with the square of the length.
constexpr size_t kLongestName = 1024;

bool isNumber(StringRef part) {
  return !part.empty() && all_of(part, [](char c) { return isDigit(c); });
}

unsigned partDistance(StringRef a, StringRef b) {
  if (a == b)
    return 0;
  if (isNumber(a) && isNumber(b))
    return kNumberCost;
  return a.edit_distance(b);
}

} // namespace

unsigned nameDistance(StringRef a, StringRef b) {
  if (a.size() > kLongestName || b.size() > kLongestName)
    return a == b ? 0 : std::max(a.size(), b.size());
  SmallVector<StringRef> left, right;
  a.split(left, '.');
  b.split(right, '.');
  // Most names of a checkpoint share their beginning or their end.
  while (!left.empty() && !right.empty() && left.back() == right.back()) {
    left.pop_back();
    right.pop_back();
  }
  SmallVector<unsigned> row(right.size() + 1);
  for (size_t j = 1; j <= right.size(); ++j)
    row[j] = row[j - 1] + partCost(right[j - 1]);
  for (size_t i = 1; i <= left.size(); ++i) {
    unsigned diagonal = row[0];
    row[0] += partCost(left[i - 1]);
    for (size_t j = 1; j <= right.size(); ++j) {
      const unsigned above = row[j];
      row[j] = std::min({diagonal + partDistance(left[i - 1], right[j - 1]),
                         above + partCost(left[i - 1]),
                         row[j - 1] + partCost(right[j - 1])});
      diagonal = above;
    }
  }
  return row.back();
}

std::vector<StringRef>
nearestNames(StringRef name, ArrayRef<StringRef> candidates, unsigned most) {
  const unsigned limit = std::max<size_t>(4, name.size() / 4);
  std::vector<std::pair<unsigned, size_t>> ranked;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const unsigned distance = nameDistance(name, candidates[i]);
    // As many edits as letters is no likeness.
    if (distance <= limit && distance < name.size())
      ranked.push_back({distance, i});
  }
  const size_t count = std::min<size_t>(most, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + count, ranked.end());
  std::vector<StringRef> nearest;
  for (size_t i = 0; i < count; ++i)
    // Names much further than the best one only distract.
    if (ranked[i].first <= ranked[0].first + 2)
      nearest.push_back(candidates[ranked[i].second]);
  return nearest;
}

} // namespace heddle::weights
