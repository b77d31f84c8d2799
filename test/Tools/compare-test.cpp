//===- compare-test.cpp - What verify calls equal -------------------------===//
//
// Wrong values of each kind must be found, right ones must not.
//
//===----------------------------------------------------------------------===//

#include "tools/heddle/Compare.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace heddle;
using heddle::reference::Storage;
using heddle::reference::Tensor;

/// A reference value of the given elements and bounds.
static Tensor reals(llvm::ArrayRef<int64_t> shape, std::vector<double> values, std::vector<double> error = {}) {
  Tensor tensor = Tensor::make(Storage::F64, shape);
  for (size_t i = 0; i < values.size(); ++i)
    tensor.mutableData<double>()[i] = values[i];
  tensor.error = std::move(error);
  return tensor;
}

static Tensor integers(std::vector<int64_t> values, std::vector<double> error = {}) {
  Tensor tensor = Tensor::make(Storage::I64, {int64_t(values.size())});
  for (size_t i = 0; i < values.size(); ++i)
    tensor.mutableData<int64_t>()[i] = values[i];
  tensor.error = std::move(error);
  return tensor;
}

static void print(llvm::StringRef name, const tool::Comparison &c, llvm::ArrayRef<int64_t> shape) {
  llvm::outs() << name << ": ";
  if (c.departs())
    llvm::outs() << tool::elementAt(shape, c.at) << " " << c.describe();
  else
    llvm::outs() << "equal";
  llvm::outs() << "; unequal " << c.unequal << ", undecided " << c.undecided << ", unbounded " << c.unbounded << "\n";
}

static void real(llvm::StringRef name, double wanted, double bound, double found) {
  print(name, tool::compare(reals({1}, {wanted}, {bound}), reals({1}, {found})), {1});
}

static void judge(llvm::StringRef name, double bound, double found) {
  tool::Judgement j = tool::judge(reals({2}, {8, 1}, {bound, 0}), reals({2}, {8, found}));
  print((name + (j.byBound ? " by bound" : " by tolerance")).str(), j.comparison, {2});
}

int main() {
  std::vector<double> values(2 * 8 * 4, 1), errors(values.size(), 1e-6);
  std::vector<double> wrong = values;
  wrong[1 * 32 + 7 * 4 + 3] = 1.5;
  wrong[2] = 1.25; // nearer
  print("place", tool::compare(reals({2, 8, 4}, values, errors), reals({2, 8, 4}, wrong)), {2, 8, 4});
  real("within", 1, 1e-6, 1 + 9e-7);
  real("outside", 1, 1e-6, 1 + 2e-6);
  real("nan-found", 1, 1e-6, NAN);
  real("nan-wanted", NAN, 0, 1);
  real("nan-both", NAN, 0, NAN);
  real("infinite-wanted", INFINITY, 0, 3);
  real("infinite-sign", INFINITY, 0, -INFINITY);
  real("infinite-both", -INFINITY, 0, -INFINITY);
  real("overflow", 1e39, 0, INFINITY);
  real("no-overflow", 1e38, 0, INFINITY);
  real("bound-infinite", 1, INFINITY, 77);
  real("bound-nan", 1, NAN, 77);
  print("integers", tool::compare(integers({1, 2, 3}, {0, 1, 0}), integers({1, 7, 4})), {3});
  print("integers-undecided", tool::compare(integers({1, 2}, {0, 1}), integers({1, 7})), {2});
  tool::Comparison sum = tool::compare(reals({1}, {1}, {0}), reals({1}, {1}));
  sum.merge(tool::compare(reals({2}, {1, 1}, {0, 0}), reals({2}, {1, 2})));
  sum.merge(tool::compare(integers({1}, {1}), integers({2})));
  print("merged", sum, {2});
  judge("narrow", 1e-6, 1.0001);
  judge("wide", 1, 1.0001);
  judge("wide-wrong", 1, 1.01);
  judge("infinite", INFINITY, 1.01);
  return 0;
}
