//===- Interpreter.cpp - Kernels evaluated slowly, in double --------------===//

#include "test/Kernels/Interpreter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace heddle::kernels {

namespace {

class Machine {
public:
  Machine(const Kernel &kernel, const std::vector<int32_t> &sizes, Values &values)
      : kernel(kernel), sizes(sizes), values(values) {}

  int64_t length(const Extent &extent) const { return extent.isConstant() ? extent.constant : sizes[extent.size]; }

  void run(const Stage &stage) {
    for (int32_t result : stage.results)
      values[result].assign(count(kernel.tensors[result], sizes), 0);
    switch (stage.kind) {
    case StageKind::Map:
      eachResult(stage, [&](int64_t place) {
        for (size_t r = 0; r < stage.results.size(); ++r)
          values[stage.results[r]][place] = eval(*stage.values[r]);
      });
      return;
    case StageKind::Reduce:
      eachResult(stage, [&](int64_t place) { values[stage.results[0]][place] = reduce(stage); });
      return;
    case StageKind::ArgReduce:
      eachResult(stage, [&](int64_t place) { values[stage.results[0]][place] = position(stage); });
      return;
    case StageKind::Softmax:
      eachResult(stage, [&](int64_t place) { values[stage.results[0]][place] = softmax(stage); });
      return;
    default:
      throw std::runtime_error("the interpreter does not know this kind of stage");
    }
  }

private:
  /// Runs `body` for all values of the indices in [from, to), in row-major order.
  template <class Body> void each(const Stage &stage, size_t from, size_t to, const Body &body) {
    if (from == to)
      return body();
    int64_t extent = length(stage.indices[from].extent);
    for (int64_t i = 0; i < extent; ++i) {
      index[from] = i;
      each(stage, from + 1, to, body);
    }
  }

  /// Composite axes are row-major too, so places count up with the indices.
  template <class Body> void eachResult(const Stage &stage, const Body &body) {
    index.assign(stage.indices.size(), 0);
    int64_t place = 0;
    each(stage, 0, stage.numResultIndices, [&] { body(place++); });
  }

  bool exists(const Stage &stage) { return !stage.condition || eval(*stage.condition) != 0; }

  double reduce(const Stage &stage) {
    double inf = std::numeric_limits<double>::infinity(), sum = 0;
    switch (stage.combiner) {
    case Combiner::Prod:
    case Combiner::And: sum = 1; break;
    case Combiner::Max: sum = -inf; break;
    case Combiner::Min: sum = inf; break;
    default: break;
    }
    each(stage, stage.numResultIndices, stage.indices.size(), [&] {
      if (!exists(stage))
        return;
      double value = eval(*stage.values[0]);
      switch (stage.combiner) {
      case Combiner::Sum: sum += value; break;
      case Combiner::Prod: sum *= value; break;
      case Combiner::Max: sum = std::max(sum, value); break;
      case Combiner::Min: sum = std::min(sum, value); break;
      case Combiner::And: sum = sum != 0 && value != 0; break;
      case Combiner::Or: sum = sum != 0 || value != 0; break;
      case Combiner::None: break;
      }
    });
    return sum;
  }

  double position(const Stage &stage) {
    double best = 0;
    int64_t at = -1;
    each(stage, stage.numResultIndices, stage.indices.size(), [&] {
      if (!exists(stage))
        return;
      double value = eval(*stage.values[0]);
      if (at < 0 || (stage.combiner == Combiner::Max ? value > best : value < best)) {
        best = value;
        at = index.back();
      }
    });
    return std::max<int64_t>(at, 0);
  }

  /// One element, its whole row evaluated again.
  double softmax(const Stage &stage) {
    if (!exists(stage))
      return 0;
    std::vector<int64_t> here = index;
    std::vector<double> row;
    double value = eval(*stage.values[0]), most = -std::numeric_limits<double>::infinity(), sum = 0;
    along(stage, 0, [&] {
      if (exists(stage)) {
        row.push_back(eval(*stage.values[0]));
        most = std::max(most, row.back());
      }
    });
    for (double other : row)
      sum += std::exp(other - most);
    index = here;
    return std::exp(value - most) / sum;
  }
  template <class Body> void along(const Stage &stage, size_t next, const Body &body) {
    if (next == stage.along.size())
      return body();
    int32_t which = stage.along[next];
    for (int64_t i = 0; i < length(stage.indices[which].extent); ++i) {
      index[which] = i;
      along(stage, next + 1, body);
    }
  }

  double eval(const Expr &e) {
    auto arg = [&](int i) { return eval(*e.args[i]); };
    bool real = e.type == Type::F32 || e.type == Type::F64;
    switch (e.op) {
    case Op::Const: return real ? e.number : double(e.integer);
    case Op::Index: return double(index[e.ref]);
    case Op::Size: return sizes[e.ref];
    case Op::Read: {
      const Tensor &tensor = kernel.tensors[e.ref];
      int64_t place = 0;
      for (size_t a = 0; a < e.args.size(); ++a) {
        int64_t at = int64_t(arg(a)), extent = length(tensor.shape[a]);
        if (e.guarded) {
          if (extent == 0)
            return 0;
          at = std::clamp<int64_t>(at, 0, extent - 1);
        } else if (at < 0 || at >= extent) {
          throw std::runtime_error("a read that is not guarded is outside of " + tensor.name);
        }
        place = place * extent + at;
      }
      return values[e.ref][place];
    }
    case Op::Neg: return -arg(0);
    case Op::Not: return arg(0) == 0;
    case Op::Abs: return std::fabs(arg(0));
    case Op::Exp: return std::exp(arg(0));
    case Op::Log: return std::log(arg(0));
    case Op::Sqrt: return std::sqrt(arg(0));
    case Op::Rsqrt: return 1 / std::sqrt(arg(0));
    case Op::Sin: return std::sin(arg(0));
    case Op::Cos: return std::cos(arg(0));
    case Op::Tanh: return std::tanh(arg(0));
    case Op::Erf: return std::erf(arg(0));
    case Op::Floor: return std::floor(arg(0));
    case Op::Ceil: return std::ceil(arg(0));
    case Op::Round: return std::nearbyint(arg(0));
    case Op::IsNan: return std::isnan(arg(0));
    case Op::Cast: {
      double v = arg(0);
      if (e.type == Type::Bool)
        return v != 0;
      if (e.type != Type::I32)
        return v;
      return std::isnan(v) ? 0 : std::trunc(std::clamp(v, -2147483648.0, 2147483647.0));
    }
    case Op::Add: return arg(0) + arg(1);
    case Op::Sub: return arg(0) - arg(1);
    case Op::Mul: return arg(0) * arg(1);
    case Op::Div: return arg(0) / arg(1);
    case Op::FloorDiv: return std::floor(arg(0) / arg(1));
    case Op::Mod: return arg(0) - arg(1) * std::floor(arg(0) / arg(1));
    case Op::Pow: return std::pow(arg(0), arg(1));
    case Op::Min: return std::min(arg(0), arg(1));
    case Op::Max: return std::max(arg(0), arg(1));
    case Op::And: return arg(0) != 0 && arg(1) != 0;
    case Op::Or: return arg(0) != 0 || arg(1) != 0;
    case Op::Lt: return arg(0) < arg(1);
    case Op::Le: return arg(0) <= arg(1);
    case Op::Gt: return arg(0) > arg(1);
    case Op::Ge: return arg(0) >= arg(1);
    case Op::Eq: return arg(0) == arg(1);
    case Op::Ne: return arg(0) != arg(1);
    case Op::Select: return arg(0) != 0 ? arg(1) : arg(2);
    }
    throw std::runtime_error("the interpreter does not know this operation");
  }

  const Kernel &kernel;
  const std::vector<int32_t> &sizes;
  Values &values;
  std::vector<int64_t> index;
};

} // namespace

int64_t count(const Tensor &tensor, const std::vector<int32_t> &sizes) {
  int64_t n = 1;
  for (const Extent &extent : tensor.shape)
    n *= extent.isConstant() ? extent.constant : sizes[extent.size];
  return n;
}

void interpret(const Kernel &kernel, const std::vector<int32_t> &sizes, Values &values) {
  Machine machine(kernel, sizes, values);
  for (const Stage &stage : kernel.stages)
    machine.run(stage);
}

} // namespace heddle::kernels
