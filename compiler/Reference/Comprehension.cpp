//===- Comprehension.cpp - Evaluates one comprehension --------------------===//

#include "compiler/Reference/Evaluator.h"

#include "dialects/Graph/GraphOps.h"

#include <cmath>
#include <limits>

namespace heddle::reference {

using namespace mlir;
using graph::Combiner;
using graph::ComprehensionKind;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A value of the body with its error.
struct Scalar {
  double real = 0;
  int64_t integer = 0;
  double error = 0;
};

/// Combines values along the bound indices, in order.
struct Accumulator {
  Combiner combiner;
  bool real;
  int32_t width;
  Scalar value;
  double magnitude = 0; ///< sum of |terms|
  double errors = 0;    ///< sum of their errors
  int64_t count = 0;

  Accumulator(Combiner combiner, bool real, int32_t width) : combiner(combiner), real(real), width(width) {
    int64_t least = width == 64 ? INT64_MIN : INT32_MIN, most = width == 64 ? INT64_MAX : INT32_MAX;
    switch (combiner) {
    case Combiner::Prod: value.real = 1; value.integer = 1; break;
    case Combiner::Max: value.real = -kInfinity; value.integer = least; break;
    case Combiner::Min: value.real = kInfinity; value.integer = most; break;
    case Combiner::And: value.integer = 1; break;
    default: break;
    }
  }

  void add(const Scalar &term) {
    ++count;
    switch (combiner) {
    case Combiner::Sum:
      value.real += term.real;
      value.integer = int64_t(uint64_t(value.integer) + uint64_t(term.integer));
      magnitude += std::fabs(term.real);
      errors += term.error;
      break;
    case Combiner::Prod:
      errors = errors * std::fabs(term.real) + std::fabs(value.real) * term.error + errors * term.error;
      value.real *= term.real;
      value.integer = int64_t(uint64_t(value.integer) * uint64_t(term.integer));
      break;
    case Combiner::Max:
      value.real = std::fmax(value.real, term.real);
      value.integer = std::max(value.integer, term.integer);
      errors = std::max(errors, term.error);
      break;
    case Combiner::Min:
      value.real = std::fmin(value.real, term.real);
      value.integer = std::min(value.integer, term.integer);
      errors = std::max(errors, term.error);
      break;
    case Combiner::And: value.integer &= term.integer; errors = std::max(errors, term.error); break;
    case Combiner::Or:  value.integer |= term.integer; errors = std::max(errors, term.error); break;
    case Combiner::None: break;
    }
    if (!real && width == 32)
      value.integer = int32_t(value.integer);
  }

  /// n terms in any order make at most n - 1 roundings of partial sums, each at
  /// most the sum of magnitudes; products contracted by FMA make none of their own.
  Scalar finish() {
    value.error = errors;
    if (real && combiner == Combiner::Sum)
      value.error += count * kRounding * (magnitude + errors);
    if (real && combiner == Combiner::Prod)
      value.error += count * kRounding * std::fabs(value.real);
    if (std::isnan(value.error)) // 0 times an unknown error
      value.error = kInfinity;
    return value;
  }
};

/// Which candidates of an argument reduction rounding may make the first. Keys are
/// such that the largest wins.
struct ArgDecision {
  double most = -kInfinity;   ///< largest key that some candidate may have
  double second = -kInfinity; ///< the same without that candidate
  int64_t mostAt = -1;
  double sure = -kInfinity;   ///< what the winner certainly reaches
  bool anyError = false;
  double choiceMost = -kInfinity; ///< largest key that the choice may have
  bool choiceFound = false;

  void add(int64_t at, double key, double error, bool unsure, int64_t choice) {
    double high = std::isnan(key) ? kInfinity : key + error;
    anyError |= error > 0 || unsure;
    if (high > most || mostAt < 0) {
      second = most;
      most = high;
      mostAt = at;
    } else {
      second = std::max(second, high);
    }
    if (!unsure && !std::isnan(key))
      sure = std::max(sure, key - error);
    if (at == choice) {
      choiceMost = high;
      choiceFound = true;
    }
  }
  /// May anything but `best` come first?
  bool undecided(int64_t best) const {
    return anyError && ((mostAt >= 0 && mostAt != best) || second >= sure);
  }
  bool isAcceptable() const { return choiceFound && choiceMost >= sure; }
};

void store(Tensor &tensor, Type element, int64_t at, const Scalar &value, bool isReal, bool bounds) {
  if (isReal) {
    double real = value.real, error = value.error;
    if (element.isF16()) {
      real = roundToHalf(real);
      if (error > 0)
        error += std::fabs(value.real) * 0x1p-10 + 0x1p-24;
    } else if (element.isBF16()) {
      real = roundToBFloat(real);
      if (error > 0)
        error += std::fabs(value.real) * 0x1p-7;
    }
    tensor.mutableData<double>()[at] = real;
    if (bounds)
      tensor.error[at] = error;
    return;
  }
  if (tensor.storage == Storage::Bool)
    tensor.mutableData<uint8_t>()[at] = value.integer != 0;
  else
    tensor.mutableData<int64_t>()[at] = element.isInteger(8)
        ? (element.isUnsignedInteger() ? int64_t(uint8_t(value.integer)) : int64_t(int8_t(value.integer)))
        : value.integer;
  if (bounds)
    tensor.error[at] = value.error;
}

} // namespace

llvm::Error Evaluator::comprehension(Operation &op, llvm::DenseMap<Value, Tensor> &values, const DimValues &dims,
                                     bool bounds) {
  auto comprehension = cast<graph::ComprehensionOpInterface>(op);
  auto valueOf = [&](Dim dim) -> std::optional<int64_t> {
    return dim.evaluate([&](llvm::StringRef symbol) -> std::optional<int64_t> {
      auto it = dims.find(symbol.str());
      return it == dims.end() ? std::nullopt : std::optional<int64_t>(it->second);
    });
  };
  llvm::SmallVector<int64_t> extents;
  for (graph::IndexAttr index : comprehension.getIndices()) {
    std::optional<int64_t> extent = valueOf(index.getExtent());
    if (!extent)
      return llvm::createStringError("the extent " + index.getExtent().str() + " is not known");
    extents.push_back(*extent);
  }
  unsigned numIndices = extents.size(), numResult = comprehension.getNumResultIndices();
  ComprehensionKind kind = comprehension.getKind();
  if (kind == ComprehensionKind::Scatter)
    numResult = numIndices;

  // Lanes run along the innermost index.
  int lane = numIndices ? int(numIndices) - 1 : -1;
  llvm::Expected<Program> program = Program::compile(comprehension.getBodyBlock(), lane, dims);
  if (!program)
    return program.takeError();
  llvm::SmallVector<const Tensor *> captured;
  for (Value tensor : program->tensors()) {
    auto it = values.find(tensor);
    if (it == values.end())
      return llvm::createStringError("a tensor is read before it is computed");
    captured.push_back(&it->second);
  }
  Machine machine(*program, captured, bounds);
  graph::YieldOp yield = comprehension.getYield();
  unsigned numValues = yield.getValues().size(), numPosition = yield.getPosition().size();
  auto outputs = program->results();
  bool hasCondition = bool(yield.getCondition());
  int32_t conditionRegister = hasCondition ? outputs[numValues + numPosition] : -1;

  llvm::SmallVector<Tensor> results;
  for (Value result : op.getResults()) {
    auto type = cast<graph::GraphTensorType>(result.getType());
    llvm::SmallVector<int64_t> shape;
    for (Dim dim : type.getShape()) {
      std::optional<int64_t> extent = valueOf(dim);
      if (!extent)
        return llvm::createStringError("the dimension " + dim.str() + " is not known");
      shape.push_back(*extent);
    }
    results.push_back(Tensor::make(storageOf(type.getElementType()), shape));
    if (bounds)
      results.back().error.assign(results.back().count(), 0.0);
  }
  auto elementOf = [&](unsigned r) {
    return cast<graph::GraphTensorType>(op.getResult(r).getType()).getElementType();
  };

  auto scalarAt = [&](unsigned output, int at) {
    Scalar value;
    int32_t reg = outputs[output];
    if (program->isReal(reg))
      value.real = machine.real(reg, at);
    else
      value.integer = machine.integer(reg, at);
    value.error = machine.error(reg, at);
    return value;
  };
  bool realValue = numValues && program->isReal(outputs[0]);
  Type valueType = numValues ? yield.getValues()[0].getType() : Type();
  int32_t width = valueType && valueType.isInteger() ? valueType.getIntOrFloatBitWidth() : 64;

  // Calls visit(position in the space, lane in the chunk, index values) for each
  // point of indices begin .. end - 1, with the earlier ones fixed.
  llvm::SmallVector<int64_t> point(numIndices, 0);
  auto forEach = [&](unsigned begin, auto &&visit) {
    int64_t total = 1;
    for (unsigned i = begin; i < numIndices; ++i)
      total *= extents[i];
    if (!total)
      return;
    if (begin >= numIndices) {
      machine.run(point, 0, 1);
      visit(0);
      return;
    }
    for (unsigned i = begin; i < numIndices; ++i)
      point[i] = 0;
    int64_t inner = extents[numIndices - 1];
    while (true) {
      for (int64_t from = 0; from < inner; from += kLanes) {
        int count = int(std::min<int64_t>(kLanes, inner - from));
        machine.run(point, from, count);
        for (int i = 0; i < count; ++i) {
          point[numIndices - 1] = from + i;
          visit(i);
        }
      }
      point[numIndices - 1] = 0;
      int axis = int(numIndices) - 2;
      for (; axis >= int(begin); --axis) {
        if (++point[axis] < extents[axis])
          break;
        point[axis] = 0;
      }
      if (axis < int(begin))
        return;
    }
  };
  auto holds = [&](int at) { return !hasCondition || machine.integer(conditionRegister, at) != 0; };
  auto conditionError = [&](int at) { return hasCondition ? machine.error(conditionRegister, at) : 0.0; };

  switch (kind) {
  case ComprehensionKind::Map: {
    int64_t at = 0;
    forEach(0, [&](int i) {
      for (unsigned r = 0; r < numValues; ++r)
        store(results[r], elementOf(r), at, scalarAt(r, i), program->isReal(outputs[r]), bounds);
      ++at;
    });
    break;
  }
  case ComprehensionKind::Reduce:
  case ComprehensionKind::ArgReduce: {
    int64_t rows = results[0].count();
    std::fill(point.begin(), point.end(), 0);
    const Tensor *choices = bounds && choiceOf && kind == ComprehensionKind::ArgReduce ? choiceOf(&op) : nullptr;
    for (int64_t row = 0; row < rows; ++row) {
      if (kind == ComprehensionKind::Reduce) {
        Accumulator accumulator(comprehension.getCombiner(), realValue, width);
        double undecided = 0;
        forEach(numResult, [&](int i) {
          if (holds(i))
            accumulator.add(scalarAt(0, i));
          if (bounds && conditionError(i) > 0)
            undecided += std::fabs(scalarAt(0, i).real) + 1;
        });
        Scalar value = accumulator.finish();
        value.error += undecided;
        store(results[0], elementOf(0), row, value, realValue, bounds);
      } else {
        bool max = comprehension.getCombiner() == Combiner::Max, any = false;
        Scalar best, chosen;
        ArgDecision decision;
        int64_t choice = choices ? choices->integer(row) : -1;
        forEach(numResult, [&](int i) {
          bool unsure = conditionError(i) > 0;
          if (!holds(i) && !unsure)
            return;
          Scalar v = scalarAt(0, i);
          double key = realValue ? v.real : double(v.integer);
          double have = realValue ? best.real : double(best.integer);
          decision.add(point[numIndices - 1], max ? key : -key, v.error, unsure, choice);
          if (holds(i) && (!any || (max ? key > have : key < have))) {
            best = v;
            chosen.integer = point[numIndices - 1];
            any = true;
          }
        });
        chosen.error = decision.undecided(any ? chosen.integer : -1);
        if (choices && chosen.error > 0) {
          chosen.error = 0;
          if (decision.isAcceptable())
            chosen.integer = choice;
        }
        store(results[0], elementOf(0), row, chosen, false, bounds);
      }
      for (int axis = int(numResult) - 1; axis >= 0; --axis) {
        if (++point[axis] < extents[axis])
          break;
        point[axis] = 0;
      }
    }
    break;
  }
  case ComprehensionKind::Softmax: {
    // All values first, then a distribution for each setting of the other indices.
    int64_t total = results[0].count(), at = 0;
    std::vector<double> value(total), error(bounds ? total : 0);
    std::vector<uint8_t> valid(total);
    std::vector<int64_t> group(total);
    llvm::SmallVector<bool> along(numIndices, false);
    for (int32_t position : comprehension.getAlong())
      along[position] = true;
    int64_t numGroups = 1;
    for (unsigned i = 0; i < numIndices; ++i)
      if (!along[i])
        numGroups *= extents[i];
    forEach(0, [&](int i) {
      Scalar v = scalarAt(0, i);
      value[at] = v.real;
      if (bounds)
        error[at] = v.error;
      valid[at] = holds(i);
      int64_t g = 0;
      for (unsigned k = 0; k < numIndices; ++k)
        if (!along[k])
          g = g * extents[k] + point[k];
      group[at++] = g;
    });
    std::vector<double> most(numGroups, -kInfinity), sum(numGroups, 0.0), worst(numGroups, 0.0);
    std::vector<int64_t> counts(numGroups, 0);
    for (int64_t i = 0; i < total; ++i)
      if (valid[i]) {
        most[group[i]] = std::fmax(most[group[i]], value[i]);
        ++counts[group[i]];
        if (bounds)
          worst[group[i]] = std::max(worst[group[i]], error[i]);
      }
    for (int64_t i = 0; i < total; ++i)
      if (valid[i])
        sum[group[i]] += std::exp(value[i] - most[group[i]]);
    for (int64_t i = 0; i < total; ++i) {
      Scalar p;
      if (valid[i]) {
        int64_t g = group[i];
        p.real = std::exp(value[i] - most[g]) / sum[g];
        // Numerator and denominator each carry the error of their arguments, of
        // the subtraction and of exp; the sum its order.
        double argument = error.empty() ? 0 : error[i] + worst[g];
        double rounding = kRounding * (2 + std::fabs(value[i] - most[g]));
        double relative = 2 * std::expm1(argument + rounding) + (counts[g] + 2 * 2 * 2 + 4) * kRounding;
        p.error = p.real * relative + 1e-37;
        // A probability stays one, however little is known of its argument.
        double widest = std::max(p.real, 1 - p.real) + (counts[g] + 12) * kRounding;
        if (!(p.error <= widest))
          p.error = widest;
      }
      store(results[0], elementOf(0), i, p, true, bounds);
    }
    break;
  }
  case ComprehensionKind::Cumulate: {
    unsigned axis = comprehension.getAlong()[0];
    int64_t inner = 1;
    for (unsigned i = axis + 1; i < numIndices; ++i)
      inner *= extents[i];
    std::vector<Accumulator> running(inner, Accumulator(comprehension.getCombiner(), realValue, width));
    int64_t at = 0;
    int64_t block = inner * extents[axis];
    forEach(0, [&](int i) {
      if (block && at % block == 0)
        running.assign(inner, Accumulator(comprehension.getCombiner(), realValue, width));
      Scalar value;
      if (holds(i)) {
        Accumulator &accumulator = running[at % inner];
        accumulator.add(scalarAt(0, i));
        value = accumulator.finish();
      }
      store(results[0], elementOf(0), at++, value, realValue, bounds);
    });
    break;
  }
  case ComprehensionKind::Sort: {
    bool descends = comprehension.getCombiner() == Combiner::Max;
    unsigned rank = numResult - 1;
    int64_t ranks = extents[rank], rows = ranks ? results[0].count() / ranks : 0;
    std::fill(point.begin(), point.end(), 0);
    struct Candidate {
      Scalar value;
      bool isKept, isUnsure;
      int64_t at;
    };
    std::vector<Candidate> all;
    auto before = [&](const Candidate &a, const Candidate &b) {
      if (a.isKept != b.isKept)
        return a.isKept;
      if (!a.isKept)
        return false;
      if (realValue)
        return descends ? a.value.real > b.value.real : a.value.real < b.value.real;
      return descends ? a.value.integer > b.value.integer : a.value.integer < b.value.integer;
    };
    for (int64_t row = 0; row < rows; ++row) {
      all.clear();
      forEach(numResult, [&](int i) {
        all.push_back({scalarAt(0, i), holds(i), conditionError(i) > 0, point[numIndices - 1]});
      });
      // A NaN compares with nothing: any order will do, but it must be one.
      bool hasNaN = realValue && llvm::any_of(all, [](const Candidate &c) { return std::isnan(c.value.real); });
      if (!hasNaN)
        std::sort(all.begin(), all.end(), [&](const Candidate &a, const Candidate &b) {
          return before(a, b) || (!before(b, a) && a.at < b.at);
        });
      bool unsure = hasNaN || llvm::any_of(all, [](const Candidate &c) { return c.isUnsure; });
      for (int64_t r = 0; r < ranks; ++r) {
        Scalar chosen;
        chosen.integer = r < int64_t(all.size()) ? all[r].at : 0;
        // Neighbours that rounding may exchange decide nothing.
        auto isClose = [&](int64_t a, int64_t b) {
          if (a < 0 || b >= int64_t(all.size()) || !all[a].isKept || !all[b].isKept)
            return false;
          double slack = all[a].value.error + all[b].value.error;
          return slack > 0 && !(std::fabs(all[a].value.real - all[b].value.real) > slack);
        };
        if (bounds && (unsure || isClose(r - 1, r) || isClose(r, r + 1)))
          chosen.error = 1;
        store(results[0], elementOf(0), row * ranks + r, chosen, false, bounds);
      }
      for (int axis = int(rank) - 1; axis >= 0; --axis) {
        if (++point[axis] < extents[axis])
          break;
        point[axis] = 0;
      }
    }
    break;
  }
  case ComprehensionKind::Scatter: {
    const Tensor &base = values.find(comprehension.getBaseTensor())->second;
    bool real = isReal(base.storage);
    for (int64_t i = 0; i < base.count(); ++i) {
      Scalar value;
      if (real)
        value.real = base.real(i);
      else
        value.integer = base.integer(i);
      value.error = base.error.empty() ? 0 : base.error[i];
      store(results[0], elementOf(0), i, value, real, bounds);
    }
    bool add = comprehension.getCombiner() == Combiner::Sum;
    forEach(0, [&](int i) {
      if (!holds(i))
        return;
      int64_t at = 0;
      for (unsigned axis = 0; axis < numPosition; ++axis) {
        int64_t place = machine.integer(outputs[numValues + axis], i);
        if (place < 0 || place >= results[0].shape[axis])
          return;
        at = at * results[0].shape[axis] + place;
      }
      Scalar value = scalarAt(0, i);
      if (add) {
        value.real += real ? results[0].real(at) : 0;
        value.integer += real ? 0 : results[0].integer(at);
        if (bounds)
          value.error += results[0].error[at] + kRounding * std::fabs(value.real);
      }
      store(results[0], elementOf(0), at, value, real, bounds);
    });
    break;
  }
  }
  for (auto [result, tensor] : llvm::zip(op.getResults(), results))
    values[result] = std::move(tensor);
  return llvm::Error::success();
}

} // namespace heddle::reference
