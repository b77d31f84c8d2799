//===- Validate.cpp - Is a description of a kernel what it promises? ------===//
//
// The kernel itself, tensors and stages here; expressions in ValidateExpr.cpp.
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/Validate.h"

#include "compiler/Kernels/KernelNames.h"
#include "compiler/Kernels/ValidateExpr.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace heddle::kernels {

namespace {

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return isLower(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

bool isIdentifier(const std::string &name) {
  return !name.empty() && isLetter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return isLetter(c) || isDigit(c); });
}

bool isTensorName(const std::string &name) {
  return !name.empty() && isLower(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return isLower(c) || isDigit(c) || c == '_'; });
}

/// Names that the text form reads as something else.
bool isReserved(const std::string &name) {
  for (const char *word : {"and", "or", "not", "true", "false", "inf"})
    if (name == word)
      return true;
  return false;
}

template <typename T> bool isIn(int32_t ref, const std::vector<T> &all) {
  return ref >= 0 && size_t(ref) < all.size();
}

class Validator {
public:
  explicit Validator(const Kernel &kernel) : kernel(kernel), written(kernel.tensors.size(), false) {}

  /// Throws Invalid.
  void run();

private:
  void checkTensor(const Tensor &tensor);
  void checkExtent(const Extent &extent, const std::string &where);
  void checkStage(const Stage &stage);
  void checkSpace(const Stage &stage, const std::string &where);
  void checkKind(const Stage &stage, const std::string &where);
  void checkAlong(const Stage &stage, const std::string &where);
  void checkScatter(const Stage &stage, const std::string &where);
  void checkResults(const Stage &stage, const std::string &where);
  void checkShape(const Stage &stage, const Tensor &result, const std::string &where);

  const Kernel &kernel;
  std::vector<bool> written; ///< tensors by stages before
};

/// Axes of a tensor, indices of a stage.
constexpr size_t kMostAxes = 64;

template <typename T> std::string text(T value) { return std::to_string(value); }

void Validator::run() {
  require(isIdentifier(kernel.name), "the kernel's name '" + kernel.name + "' is not a C identifier");
  std::set<std::string> sizes, tensors, stages;
  for (const Size &size : kernel.sizes) {
    std::string where = "size '" + size.name + "': ";
    require(isIdentifier(size.name), where + "the name is not an identifier");
    require(sizes.insert(size.name).second, where + "there are two of this name");
    require(size.least >= 0, where + "the least value " + text(size.least) + " is negative");
    require(size.least <= size.most,
            where + "the least value " + text(size.least) + " is above the greatest, " + text(size.most));
    require(size.most <= INT32_MAX, where + "the greatest value " + text(size.most) + " does not fit 32 bits");
  }
  for (const Tensor &tensor : kernel.tensors) {
    require(isTensorName(tensor.name), "tensor '" + tensor.name + "': the name is not [a-z][a-z0-9_]*");
    require(tensors.insert(tensor.name).second, "tensor '" + tensor.name + "': there are two of this name");
    checkTensor(tensor);
  }
  for (const Stage &stage : kernel.stages) {
    require(isIdentifier(stage.name), "stage '" + stage.name + "': the name is not an identifier");
    require(stages.insert(stage.name).second, "stage '" + stage.name + "': there are two of this name");
    checkStage(stage);
  }
  bool hasOutput = false;
  for (size_t t = 0; t < kernel.tensors.size(); ++t) {
    const Tensor &tensor = kernel.tensors[t];
    bool isMade = tensor.role == Role::Output || tensor.role == Role::Local;
    require(!isMade || written[t], "tensor '" + tensor.name + "': no stage writes it");
    hasOutput |= tensor.role == Role::Output;
  }
  require(hasOutput, "the kernel has no output");
}

void Validator::checkExtent(const Extent &extent, const std::string &where) {
  if (!extent.isConstant()) {
    require(isIn(extent.size, kernel.sizes), where + "the extent refers to size " + text(extent.size) + " of " +
                                                 text(kernel.sizes.size()));
    return;
  }
  require(extent.size == -1, where + "the extent refers to size " + text(extent.size));
  require(extent.constant >= 0, where + "the extent " + text(extent.constant) + " is negative");
  require(extent.constant <= INT32_MAX, where + "the extent " + text(extent.constant) + " does not fit 32 bits");
}

void Validator::checkTensor(const Tensor &tensor) {
  std::string where = "tensor '" + tensor.name + "': ";
  require(size_t(tensor.type) < std::size(kTypeNames), where + "there is no such type");
  require(size_t(tensor.role) < std::size(kRoleNames), where + "there is no such role");
  require(tensor.shape.size() <= kMostAxes, where + text(tensor.shape.size()) + " axes, at most " + text(kMostAxes) +
                                                " are possible");
  for (const Extent &extent : tensor.shape)
    checkExtent(extent, where);
  // Positions are counted in 32 bits. Bounds of sizes say little of their product
  // (B and S with B * S bounded), so what is certain is refused and no more.
  int64_t elements = 1;
  for (const Extent &extent : tensor.shape) {
    int64_t least = extent.isConstant() ? extent.constant : kernel.sizes[extent.size].least;
    if (least == 0) {
      elements = 0;
      break;
    }
    elements = std::min(elements, int64_t(INT32_MAX) + 1) * least;
  }
  require(elements <= INT32_MAX, where + "more than 2147483647 elements");
  const Layout &layout = tensor.layout;
  if (layout.kind == Layout::Dense)
    return;
  require(layout.kind == Layout::Panels, where + "there is no such layout");
  require(tensor.role == Role::Constant, where + "only a constant lies in panels");
  require(isIn(layout.axis, tensor.shape), where + "panels of axis " + text(layout.axis) + ", which it does not have");
  require(layout.width >= 1, where + "panels of width " + text(layout.width));
  const Extent &cut = tensor.shape[layout.axis];
  require(!cut.isConstant() || cut.constant + int64_t(layout.width) <= INT32_MAX,
          where + "panels of width " + text(layout.width) + " do not fit 32 bits");
}

void Validator::checkSpace(const Stage &stage, const std::string &where) {
  require(stage.indices.size() <= kMostAxes, where + text(stage.indices.size()) + " indices, at most " + text(kMostAxes) +
                                                 " are possible");
  std::set<std::string> names;
  for (const Index &index : stage.indices) {
    require(isIdentifier(index.name) && !isReserved(index.name),
            where + "the name of index '" + index.name + "' is not an identifier");
    require(names.insert(index.name).second, where + "there are two indices '" + index.name + "'");
    checkExtent(index.extent, where + "index '" + index.name + "': ");
  }
  require(stage.numResultIndices >= 0 && size_t(stage.numResultIndices) <= stage.indices.size(),
          where + "the result has " + text(stage.numResultIndices) + " of " + text(stage.indices.size()) + " indices");
  int64_t sum = 0;
  for (int32_t count : stage.axes) {
    require(count >= 1, where + "an axis of " + text(count) + " indices");
    sum += count;
  }
  require(sum == stage.numResultIndices, where + "the axes take " + text(sum) + " indices, the result has " +
                                             text(stage.numResultIndices));
}

void Validator::checkStage(const Stage &stage) {
  std::string where = "stage '" + stage.name + "': ";
  require(size_t(stage.kind) < std::size(kKindNames), where + "there is no such kind");
  require(size_t(stage.combiner) < std::size(kCombinerNames), where + "there is no such combiner");
  checkSpace(stage, where);
  ExprChecker exprs(kernel, stage, written);
  if (stage.condition) {
    require(exprs.check(stage.condition, where + "condition: ") == Type::Bool, where + "the condition is not a bool");
    require(stage.kind != StageKind::Map, where + "a map has no condition");
  }
  require(!stage.values.empty(), where + "there is no value");
  for (size_t v = 0; v < stage.values.size(); ++v)
    exprs.check(stage.values[v], where + "value " + text(v) + ": ");
  for (const ExprRef &at : stage.position)
    require(exprs.check(at, where + "position: ") == Type::I32, where + "a position is not an i32");
  require(stage.results.size() == stage.values.size(), where + text(stage.values.size()) + " values for " +
                                                           text(stage.results.size()) + " results");
  for (int32_t result : stage.results)
    require(isIn(result, kernel.tensors), where + "the result refers to tensor " + text(result) + " of " +
                                              text(kernel.tensors.size()));
  checkKind(stage, where);
  checkResults(stage, where);
  for (int32_t result : stage.results) {
    const Tensor &tensor = kernel.tensors[result];
    require(tensor.role == Role::Output || tensor.role == Role::Local,
            where + "writes '" + tensor.name + "', which is an input");
    require(!written[result], where + "writes '" + tensor.name + "' again");
    written[result] = true;
  }
}

void Validator::checkKind(const Stage &stage, const std::string &where) {
  bool isAll = size_t(stage.numResultIndices) == stage.indices.size();
  Type type = stage.values[0]->type;
  Combiner combiner = stage.combiner;
  std::string kind(kKindNames[size_t(stage.kind)]), name(kCombinerNames[size_t(combiner)]);
  require(stage.kind == StageKind::Map || stage.values.size() == 1, where + "only a map has several results");
  auto allow = [&](std::initializer_list<Combiner> allowed) {
    require(std::count(allowed.begin(), allowed.end(), combiner),
            where + (combiner == Combiner::None ? kind + " needs a combiner" : kind + " does not combine by " + name));
  };
  switch (stage.kind) {
  case StageKind::Map:
    allow({Combiner::None});
    require(isAll, where + "a map binds no index");
    break;
  case StageKind::Reduce:
    allow({Combiner::Sum, Combiner::Prod, Combiner::Min, Combiner::Max, Combiner::And, Combiner::Or});
    require((type == Type::Bool) == (combiner == Combiner::And || combiner == Combiner::Or),
            where + name + " does not combine values of type " + std::string(nameOf(type)));
    break;
  case StageKind::ArgReduce:
  case StageKind::Sort:
    allow({Combiner::Max, Combiner::Min});
    require(stage.indices.size() - stage.numResultIndices == 1,
            where + kind + " binds one index, found " + text(stage.indices.size() - stage.numResultIndices));
    require(type != Type::Bool, where + kind + " compares numbers, found bool");
    require(stage.kind != StageKind::Sort || (!stage.axes.empty() && stage.axes.back() == 1),
            where + "sort has a last axis of one index, the rank");
    break;
  case StageKind::Softmax:
    allow({Combiner::None});
    require(isAll, where + "softmax binds no index");
    require(isFloat(type), where + "softmax is of f32 or f64, found " + std::string(nameOf(type)));
    break;
  case StageKind::Cumulate:
    allow({Combiner::Sum, Combiner::Prod, Combiner::Max});
    require(isAll, where + "cumulate binds no index");
    require(type != Type::Bool, where + "cumulate combines numbers, found bool");
    break;
  case StageKind::Scatter:
    allow({Combiner::None, Combiner::Sum});
    require(stage.numResultIndices == 0, where + "scatter has no indices of the result");
    require(combiner == Combiner::None || type != Type::Bool, where + "scatter adds numbers, found bool");
    break;
  }
  checkAlong(stage, where);
  checkScatter(stage, where);
}

void Validator::checkAlong(const Stage &stage, const std::string &where) {
  bool isCumulate = stage.kind == StageKind::Cumulate;
  if (stage.kind != StageKind::Softmax && !isCumulate) {
    require(stage.along.empty(), where + "only softmax and cumulate run along indices");
    return;
  }
  require(!stage.along.empty(), where + "there is no index that it runs along");
  require(!isCumulate || stage.along.size() == 1, where + "cumulate runs along one index");
  int32_t before = -1;
  for (int32_t at : stage.along) {
    require(isIn(at, stage.indices), where + "runs along index " + text(at) + " of " + text(stage.indices.size()));
    require(at > before, where + "the indices that it runs along do not ascend");
    before = at;
  }
}

void Validator::checkScatter(const Stage &stage, const std::string &where) {
  if (stage.kind != StageKind::Scatter) {
    require(stage.position.empty(), where + "only scatter has a position");
    require(stage.base == -1, where + "only scatter writes over a tensor");
    return;
  }
  require(stage.base != -1, where + "scatter needs a tensor that it writes over");
  require(isIn(stage.base, kernel.tensors), where + "the base refers to tensor " + text(stage.base) + " of " +
                                                text(kernel.tensors.size()));
  const Tensor &base = kernel.tensors[stage.base], &result = kernel.tensors[stage.results[0]];
  require(base.role == Role::Input || base.role == Role::Constant || written[stage.base],
          where + "writes over '" + base.name + "' before it is there");
  require(stage.position.size() == base.shape.size(), where + text(stage.position.size()) + " positions for the " +
                                                          text(base.shape.size()) + " axes of '" + base.name + "'");
  require(base.type == result.type && base.shape == result.shape,
          where + "the result '" + result.name + "' is not of the type of '" + base.name + "'");
}

void Validator::checkResults(const Stage &stage, const std::string &where) {
  for (size_t r = 0; r < stage.results.size(); ++r) {
    const Tensor &result = kernel.tensors[stage.results[r]];
    if (stage.kind != StageKind::Scatter)
      checkShape(stage, result, where);
    if (stage.kind == StageKind::ArgReduce || stage.kind == StageKind::Sort) {
      require(result.type == Type::I32, where + std::string(kKindNames[size_t(stage.kind)]) + " gives i32, '" + result.name + "' is " +
                                            std::string(nameOf(result.type)));
      continue;
    }
    require(stage.values[r]->type == widened(result.type),
            where + "a value of type " + std::string(nameOf(stage.values[r]->type)) + " for '" + result.name +
                "', which is " + std::string(nameOf(result.type)));
  }
}

/// Each axis of a result is as long as the product of its indices: a constant, or
/// one size where the others are 1.
void Validator::checkShape(const Stage &stage, const Tensor &result, const std::string &where) {
  require(result.shape.size() == stage.axes.size(), where + "a result of " + text(stage.axes.size()) + " axes for '" +
                                                        result.name + "', which has " + text(result.shape.size()));
  size_t next = 0;
  for (size_t axis = 0; axis < stage.axes.size(); ++axis) {
    int64_t constant = 1;
    int32_t size = -1, numSizes = 0;
    for (int32_t i = 0; i < stage.axes[axis]; ++i) {
      const Extent &extent = stage.indices[next++].extent;
      if (!extent.isConstant()) {
        size = extent.size;
        ++numSizes;
      } else {
        constant = std::min(constant, int64_t(INT32_MAX) + 1) * extent.constant;
      }
    }
    std::string place = where + "axis " + text(axis) + " of '" + result.name + "' ";
    require(numSizes == 0 || constant == 0 || (numSizes == 1 && constant == 1),
            place + "is a product that is neither a constant nor a size");
    Extent product;
    if (numSizes && constant)
      product.size = size;
    else
      product.constant = constant;
    require(product == result.shape[axis], place + "does not have the extent of its indices");
  }
}

} // namespace

bool validate(const Kernel &kernel, std::string &error) {
  try {
    Validator(kernel).run();
    return true;
  } catch (const Invalid &invalid) {
    error = invalid.what();
    return false;
  }
}

} // namespace heddle::kernels
