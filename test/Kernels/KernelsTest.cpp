//===- KernelsTest.cpp - Compiled kernels against the interpreter ---------===//
//
// Each case is a kernel as the compiler makes them; it is swept over run-time
// sizes around every tile, between guard pages, with poison where a condition
// excludes, by 1, 2 and 5 threads.
//
//   heddle-kernel-test ISA[:ISA] [CASE]
//
//===----------------------------------------------------------------------===//

#include "test/Kernels/Loaded.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>

using namespace heddle::kernels;

namespace {

// Short names for expressions of cases.
ExprRef node(Op op, Type type, std::vector<ExprRef> args, int ref = -1, bool guarded = false) {
  auto e = std::make_shared<Expr>();
  e->op = op;
  e->type = type;
  e->args = std::move(args);
  e->ref = ref;
  e->guarded = guarded;
  return e;
}
ExprRef num(double value) {
  auto e = std::make_shared<Expr>();
  e->number = value;
  return e;
}
ExprRef integer(int64_t value) {
  auto e = std::make_shared<Expr>();
  e->type = Type::I32;
  e->integer = value;
  return e;
}
ExprRef ix(int position) { return node(Op::Index, Type::I32, {}, position); }
ExprRef f(Op op, ExprRef a) { return node(op, Type::F32, {std::move(a)}); }
ExprRef f(Op op, ExprRef a, ExprRef b) { return node(op, Type::F32, {std::move(a), std::move(b)}); }
ExprRef i(Op op, ExprRef a, ExprRef b) { return node(op, Type::I32, {std::move(a), std::move(b)}); }
ExprRef read(int tensor, std::vector<ExprRef> at, Type type = Type::F32, bool guarded = false) {
  return node(Op::Read, type, std::move(at), tensor, guarded);
}

Extent fixed(int64_t n) { return {-1, n}; }
Extent size(int position) { return {position, 0}; }

struct Case {
  std::string name;
  Kernel kernel;
  std::vector<std::vector<int32_t>> sizes;
  double tolerance;
  /// Changes inputs after they were filled: masks, poison, ids.
  std::function<void(const std::vector<int32_t> &, Values &)> prepare = [](auto &, auto &) {};
  /// Index of the size that counts rows, where each row must depend on itself alone.
  int rows = -1;
};

int add(Kernel &k, const char *name, Role role, std::vector<Extent> shape, Type type = Type::F32) {
  Tensor t;
  t.name = name;
  t.type = type;
  t.role = role;
  t.shape = std::move(shape);
  k.tensors.push_back(t);
  return int(k.tensors.size()) - 1;
}

Stage &stage(Kernel &k, StageKind kind, int result, std::vector<Extent> extents, int results, ExprRef value) {
  Stage s;
  s.name = "s" + std::to_string(k.stages.size());
  s.kind = kind;
  for (size_t n = 0; n < extents.size(); ++n)
    s.indices.push_back({"i" + std::to_string(n), extents[n]});
  s.numResultIndices = results;
  s.axes.assign(results, 1);
  s.values = {std::move(value)};
  s.results = {result};
  k.stages.push_back(s);
  return k.stages.back();
}

std::vector<std::vector<int32_t>> upTo(int32_t last) {
  std::vector<std::vector<int32_t>> all;
  for (int32_t n = 1; n <= last; ++n)
    all.push_back({n});
  return all;
}

/// y[m, n] = act(sum k (x[m, k] * w[n, k]) + b[n]) with n columns, k deep.
Case linear(const char *name, int64_t n, int64_t k, bool gelu, std::vector<std::vector<int32_t>> sizes) {
  Kernel kernel;
  kernel.name = name;
  kernel.sizes = {{"M", 1, 4096}};
  int x = add(kernel, "x", Role::Input, {size(0), fixed(k)}), w = add(kernel, "w", Role::Constant, {fixed(n), fixed(k)}),
      b = add(kernel, "b", Role::Constant, {fixed(n)}), sum = add(kernel, "sum", Role::Local, {size(0), fixed(n)}),
      y = add(kernel, "y", Role::Output, {size(0), fixed(n)});
  stage(kernel, StageKind::Reduce, sum, {size(0), fixed(n), fixed(k)}, 2, f(Op::Mul, read(x, {ix(0), ix(2)}), read(w, {ix(1), ix(2)})))
      .combiner = Combiner::Sum;
  ExprRef v = f(Op::Add, read(sum, {ix(0), ix(1)}), read(b, {ix(1)}));
  if (gelu)
    v = f(Op::Mul, f(Op::Mul, num(0.5), v), f(Op::Add, num(1), f(Op::Erf, f(Op::Mul, v, num(0.70710678118654752)))));
  stage(kernel, StageKind::Map, y, {size(0), fixed(n)}, 2, v);
  return {name, kernel, std::move(sizes), 1e-5 * std::sqrt(double(k)), [](auto &, auto &) {}, 0};
}

/// y[m, 0, n] = sum k (x[m, k] * w[n, k]) + b[n]: what the tile takes for its rows is an axis of extent 1.
Case singleRows() {
  Kernel k;
  k.name = "single_rows";
  k.sizes = {{"M", 1, 4096}};
  int x = add(k, "x", Role::Input, {size(0), fixed(24)}), w = add(k, "w", Role::Constant, {fixed(40), fixed(24)}),
      b = add(k, "b", Role::Constant, {fixed(40)}), sum = add(k, "sum", Role::Local, {size(0), fixed(1), fixed(40)}),
      y = add(k, "y", Role::Output, {size(0), fixed(1), fixed(40)});
  stage(k, StageKind::Reduce, sum, {size(0), fixed(1), fixed(40), fixed(24)}, 3,
        f(Op::Mul, read(x, {ix(0), ix(3)}), read(w, {ix(2), ix(3)})))
      .combiner = Combiner::Sum;
  stage(k, StageKind::Map, y, {size(0), fixed(1), fixed(40)}, 3, f(Op::Add, read(sum, {ix(0), ix(1), ix(2)}), read(b, {ix(2)})));
  return {"single_rows", k, upTo(19), 1e-5, [](auto &, auto &) {}, 0};
}

/// (x - mean) * rsqrt(var + eps), row by row.
Case layerNorm(const char *name, int64_t e) {
  Kernel k;
  k.name = name;
  k.sizes = {{"M", 1, 4096}};
  int x = add(k, "x", Role::Input, {size(0), fixed(e)}), sum = add(k, "sum", Role::Local, {size(0)}),
      squares = add(k, "squares", Role::Local, {size(0)}), y = add(k, "y", Role::Output, {size(0), fixed(e)});
  ExprRef centred = f(Op::Sub, read(x, {ix(0), ix(1)}), f(Op::Mul, read(sum, {ix(0)}), num(1.0 / double(e))));
  stage(k, StageKind::Reduce, sum, {size(0), fixed(e)}, 1, read(x, {ix(0), ix(1)})).combiner = Combiner::Sum;
  stage(k, StageKind::Reduce, squares, {size(0), fixed(e)}, 1, f(Op::Mul, centred, centred)).combiner = Combiner::Sum;
  stage(k, StageKind::Map, y, {size(0), fixed(e)}, 2,
        f(Op::Mul, centred, f(Op::Rsqrt, f(Op::Add, f(Op::Mul, read(squares, {ix(0)}), num(1.0 / double(e))), num(1e-12)))));
  return {name, k, upTo(19), 1e-5, [](auto &, auto &) {}, 0};
}

/// softmax[j where keep[j]](x[m, j]): some rows are kept in full, some not at all,
/// and what is excluded is a NaN or an infinity.
Case maskedSoftmax() {
  Kernel k;
  k.name = "masked_softmax";
  k.sizes = {{"M", 1, 64}, {"S", 1, 512}};
  int x = add(k, "x", Role::Input, {size(0), size(1)}), keep = add(k, "keep", Role::Input, {size(0), size(1)}, Type::Bool),
      y = add(k, "y", Role::Output, {size(0), size(1)});
  Stage &s = stage(k, StageKind::Softmax, y, {size(0), size(1)}, 2, read(x, {ix(0), ix(1)}));
  s.along = {1};
  s.condition = read(keep, {ix(0), ix(1)}, Type::Bool);
  std::vector<std::vector<int32_t>> sizes;
  for (int32_t n : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100})
    sizes.push_back({3, n});
  return {"masked_softmax", k, sizes, 2e-6, [=](const std::vector<int32_t> &at, Values &v) {
            for (int32_t m = 0; m < at[0]; ++m)
              for (int32_t j = 0; j < at[1]; ++j) {
                bool kept = m == 0 || (m == 1 && j % 3 != 1);
                v[keep][m * at[1] + j] = kept;
                if (!kept)
                  v[x][m * at[1] + j] = j % 2 ? std::numeric_limits<double>::quiet_NaN() : INFINITY;
              }
          }};
}

/// scores[b, h, i, j] = sum d (q[b, i, (h d)] * k[b, j, (h d)]), then softmax over j
/// where keep[b, j], then y[b, i, (h d)] = sum j (p * v[b, j, (h d)]).
Case scores(bool masked) {
  const int64_t heads = 3, depth = 8;
  Kernel k;
  k.name = masked ? "scores_softmax" : "scores";
  k.sizes = {{"B", 1, 8}, {"S", 1, 128}};
  int q = add(k, "q", Role::Input, {size(0), size(1), fixed(heads * depth)}),
      key = add(k, "k", Role::Input, {size(0), size(1), fixed(heads * depth)}),
      keep = masked ? add(k, "keep", Role::Input, {size(0), size(1)}, Type::Bool) : -1,
      a = add(k, "a", masked ? Role::Local : Role::Output, {size(0), fixed(heads), size(1), size(1)});
  std::vector<Extent> space{size(0), fixed(heads), size(1), size(1)}, deep = space;
  deep.push_back(fixed(depth));
  ExprRef at = i(Op::Add, i(Op::Mul, ix(1), integer(depth)), ix(4));
  stage(k, StageKind::Reduce, a, deep, 4, f(Op::Mul, read(q, {ix(0), ix(2), at}), read(key, {ix(0), ix(3), at}))).combiner =
      Combiner::Sum;
  if (masked) {
    int p = add(k, "p", Role::Output, space);
    Stage &s = stage(k, StageKind::Softmax, p, space, 4, f(Op::Mul, read(a, {ix(0), ix(1), ix(2), ix(3)}), num(0.35)));
    s.along = {3};
    s.condition = read(keep, {ix(0), ix(3)}, Type::Bool);
  }
  return {k.name, k, {{1, 1}, {2, 2}, {1, 5}, {2, 7}, {1, 8}, {3, 9}, {1, 16}, {2, 17}, {1, 33}}, 2e-5,
          [=](const std::vector<int32_t> &at, Values &v) {
            if (keep < 0)
              return;
            for (int32_t b = 0; b < at[0]; ++b)
              for (int32_t j = 0; j < at[1]; ++j) {
                bool kept = b != 1 && (j == 0 || j % 4 != 1);
                v[keep][b * at[1] + j] = kept;
                if (!kept)
                  for (int64_t d = 0; d < heads * depth; ++d)
                    v[key][(b * at[1] + j) * heads * depth + d] = std::numeric_limits<double>::quiet_NaN();
              }
          }};
}

Case weighted() {
  const int64_t heads = 3, depth = 8;
  Kernel k;
  k.name = "weighted";
  k.sizes = {{"B", 1, 8}, {"S", 1, 128}};
  int p = add(k, "p", Role::Input, {size(0), fixed(heads), size(1), size(1)}),
      v = add(k, "v", Role::Input, {size(0), size(1), fixed(heads * depth)}),
      y = add(k, "y", Role::Output, {size(0), size(1), fixed(heads * depth)});
  ExprRef at = i(Op::Add, i(Op::Mul, ix(2), integer(depth)), ix(3));
  Stage &s = stage(k, StageKind::Reduce, y, {size(0), size(1), fixed(heads), fixed(depth), size(1)}, 4,
                   f(Op::Mul, read(p, {ix(0), ix(2), ix(1), ix(4)}), read(v, {ix(0), ix(4), at})));
  s.combiner = Combiner::Sum;
  s.axes = {1, 1, 2};
  return {"weighted", k, {{1, 1}, {2, 2}, {1, 5}, {2, 7}, {1, 8}, {3, 9}, {1, 16}, {2, 17}, {1, 33}}, 2e-5};
}

/// The mean over kept places: a reduction along an outer axis.
Case meanPool() {
  Kernel k;
  k.name = "mean_pool";
  k.sizes = {{"B", 1, 8}, {"S", 0, 128}};
  int x = add(k, "x", Role::Input, {size(0), size(1), fixed(37)}), keep = add(k, "keep", Role::Input, {size(0), size(1)}, Type::Bool),
      y = add(k, "y", Role::Output, {size(0), fixed(37)});
  Stage &s = stage(k, StageKind::Reduce, y, {size(0), fixed(37), size(1)}, 2, read(x, {ix(0), ix(2), ix(1)}));
  s.combiner = Combiner::Sum;
  s.condition = read(keep, {ix(0), ix(2)}, Type::Bool);
  return {"mean_pool", k, {{1, 0}, {1, 1}, {2, 2}, {3, 15}, {1, 16}, {2, 17}, {1, 50}}, 1e-5,
          [=](const std::vector<int32_t> &at, Values &v) {
            for (int32_t b = 0; b < at[0]; ++b)
              for (int32_t j = 0; j < at[1]; ++j) {
                v[keep][b * at[1] + j] = (b + j) % 3 != 1;
                if ((b + j) % 3 == 1)
                  for (int e = 0; e < 37; ++e)
                    v[x][(b * at[1] + j) * 37 + e] = std::numeric_limits<double>::quiet_NaN();
              }
          }};
}

/// Rows of a table by ids, and a shifted read that may be outside.
Case gather(bool shifted) {
  Kernel k;
  k.name = shifted ? "shifted" : "gathered";
  k.sizes = {{"M", shifted ? 0 : 1, 256}};
  int table = add(k, "table", shifted ? Role::Input : Role::Constant, {shifted ? size(0) : fixed(11), fixed(20)}),
      ids = shifted ? -1 : add(k, "ids", Role::Input, {size(0)}, Type::I32), y = add(k, "y", Role::Output, {size(0), fixed(20)});
  ExprRef row = shifted ? i(Op::Sub, ix(0), integer(3)) : read(ids, {ix(0)}, Type::I32);
  stage(k, StageKind::Map, y, {size(0), fixed(20)}, 2, read(table, {row, ix(1)}, Type::F32, shifted));
  std::vector<std::vector<int32_t>> sizes = upTo(9);
  if (shifted)
    sizes.push_back({0});
  return {k.name, k, sizes, 0, [=](const std::vector<int32_t> &at, Values &v) {
            for (int32_t m = 0; ids >= 0 && m < at[0]; ++m)
              v[ids][m] = m == 0 ? 10 : (m * 7) % 11;
          }};
}

Case reduceTo(const char *name, StageKind kind, Combiner combiner) {
  Kernel k;
  k.name = name;
  k.sizes = {{"M", 1, 64}, {"S", 0, 256}};
  int x = add(k, "x", Role::Input, {size(0), size(1)}),
      y = add(k, "y", Role::Output, {size(0)}, kind == StageKind::ArgReduce ? Type::I32 : Type::F32);
  stage(k, kind, y, {size(0), size(1)}, 1, read(x, {ix(0), ix(1)})).combiner = combiner;
  std::vector<std::vector<int32_t>> sizes;
  for (int32_t n : {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100})
    sizes.push_back({3, n});
  return {name, k, sizes, kind == StageKind::ArgReduce ? 0 : 1e-5, [=](const std::vector<int32_t> &at, Values &v) {
            // Ties: the first wins.
            for (double &value : v[x])
              value = std::round(value * 4) / 4;
          }};
}

/// One function over a range of arguments, large ones too.
Case unary(const char *name, Op op, double from, double to, double tolerance) {
  Kernel k;
  k.name = name;
  k.sizes = {{"M", 0, 5000}};
  int x = add(k, "x", Role::Input, {size(0)}), y = add(k, "y", Role::Output, {size(0)});
  stage(k, StageKind::Map, y, {size(0)}, 1, f(op, read(x, {ix(0)})));
  return {name, k, {{0}, {1}, {2}, {3}, {17}, {4001}}, tolerance, [=](const std::vector<int32_t> &at, Values &v) {
            for (int32_t m = 0; m < at[0]; ++m)
              v[x][m] = float(from + (to - from) * m / std::max(1, at[0] - 1));
            if (at[0] == 17)
              v[x][16] = std::numeric_limits<double>::quiet_NaN();
          }};
}

std::vector<Case> cases() {
  return {linear("linear_384", 384, 96, false, upTo(17)),
          linear("linear_48_gelu", 48, 13, true, upTo(17)),
          linear("linear_40", 40, 7, false, upTo(9)),
          linear("linear_7", 7, 5, true, upTo(9)),
          singleRows(),
          layerNorm("layer_norm_384", 384),
          layerNorm("layer_norm_37", 37),
          layerNorm("layer_norm_3", 3),
          maskedSoftmax(),
          scores(false),
          scores(true),
          weighted(),
          meanPool(),
          gather(false),
          gather(true),
          reduceTo("row_sum", StageKind::Reduce, Combiner::Sum),
          reduceTo("row_max", StageKind::Reduce, Combiner::Max),
          reduceTo("row_min", StageKind::Reduce, Combiner::Min),
          reduceTo("row_argmax", StageKind::ArgReduce, Combiner::Max),
          reduceTo("row_argmin", StageKind::ArgReduce, Combiner::Min),
          unary("exp_of", Op::Exp, -80, 80, 1e-6),
          unary("exp_far", Op::Exp, -300, 300, 1e-6),
          unary("log_of", Op::Log, 1e-6, 1e6, 1e-6),
          unary("tanh_of", Op::Tanh, -12, 12, 1e-6),
          unary("erf_of", Op::Erf, -6, 6, 1e-6),
          unary("sin_of", Op::Sin, -100, 100, 1e-6),
          unary("cos_of", Op::Cos, -100, 100, 1e-6),
          unary("sin_of_large", Op::Sin, -1e5, 1e5, 1e-5),
          unary("rsqrt_of", Op::Rsqrt, 1e-6, 1e6, 1e-6)};
}

/// Weyl's sequence: the same numbers everywhere, in [-1, 1), rounded to floats.
void fill(const Kernel &kernel, const std::vector<int32_t> &sizes, Values &values) {
  values.assign(kernel.tensors.size(), {});
  uint32_t state = 1;
  for (size_t t = 0; t < kernel.tensors.size(); ++t) {
    const Tensor &tensor = kernel.tensors[t];
    if (tensor.role != Role::Input && tensor.role != Role::Constant)
      continue;
    for (int64_t n = count(tensor, sizes); n-- > 0;) {
      state = state * 1664525u + 1013904223u;
      values[t].push_back(double(float(int32_t(state) / 2147483648.0)));
    }
  }
}

[[noreturn]] void fail(const std::vector<int32_t> &sizes, const std::string &what) {
  std::string text = "at sizes";
  for (int32_t n : sizes)
    text += " " + std::to_string(n);
  throw std::runtime_error(text + ": " + what);
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void check(const Case &c, const std::vector<int32_t> &sizes, const Loaded &loaded) {
  Values values, got;
  fill(c.kernel, sizes, values);
  c.prepare(sizes, values);
  got = values;
  Values want = values;
  interpret(c.kernel, sizes, want);
  loaded.run(sizes, got);
  for (size_t t = 0; t < got.size(); ++t) {
    if (c.kernel.tensors[t].role != Role::Output)
      continue;
    for (size_t n = 0; n < got[t].size(); ++n) {
      double a = got[t][n], b = double(float(want[t][n]));
      if (!same(a, b) && !(std::fabs(a - b) <= c.tolerance * std::max(1.0, std::fabs(b))))
        fail(sizes, c.kernel.tensors[t].name + "[" + std::to_string(n) + "] is " + std::to_string(a) + ", not " + std::to_string(b));
    }
    for (int threads : {1, 2, 5}) {
      Values again = values;
      loaded.run(sizes, again, threads, true);
      for (size_t n = 0; n < got[t].size(); ++n)
        if (!same(again[t][n], got[t][n]))
          fail(sizes, "other bits with " + std::to_string(threads) + " threads");
    }
  }
  if (c.rows < 0)
    return;
  // Each row alone gives the bits that it has in the batch.
  for (int32_t row = 0; row < sizes[c.rows]; ++row) {
    std::vector<int32_t> one = sizes;
    one[c.rows] = 1;
    Values alone = values;
    for (size_t t = 0; t < alone.size(); ++t) {
      const Tensor &tensor = c.kernel.tensors[t];
      if (tensor.shape.empty() || tensor.shape[0].size != c.rows || tensor.role != Role::Input)
        continue;
      size_t length = values[t].size() / sizes[c.rows];
      alone[t].assign(values[t].begin() + row * length, values[t].begin() + (row + 1) * length);
    }
    loaded.run(one, alone);
    for (size_t t = 0; t < got.size(); ++t)
      if (c.kernel.tensors[t].role == Role::Output)
        for (size_t n = 0; n < alone[t].size(); ++n)
          if (!same(alone[t][n], got[t][row * alone[t].size() + n]))
            fail(sizes, "row " + std::to_string(row) + " has other bits alone");
  }
}

} // namespace

int main(int argc, char **argv) {
  // "x86-64-v3:x86-64-v4": for the first, with constants in the second's layout;
  // only kernels to which that makes a difference.
  std::string isa = argc > 1 ? argv[1] : "", packedFor = isa;
  if (size_t colon = isa.find(':'); colon != std::string::npos) {
    packedFor = isa.substr(colon + 1);
    isa.resize(colon);
  }
  if (!isKnown({isa}) || !isKnown({packedFor})) {
    std::fprintf(stderr, "usage: heddle-kernel-test ISA[:ISA] [CASE]\n");
    return 1;
  }
  int failed = 0, done = 0;
  for (Case &c : cases()) {
    if (argc > 2 && c.name != argv[2])
      continue;
    bool differs = isa == packedFor;
    for (size_t t = 0; t < c.kernel.tensors.size(); ++t)
      if (c.kernel.tensors[t].role == Role::Constant) {
        differs |= preferredLayout(c.kernel, int(t), {isa}).width != preferredLayout(c.kernel, int(t), {packedFor}).width;
        c.kernel.tensors[t].layout = preferredLayout(c.kernel, int(t), {packedFor});
      }
    if (!differs)
      continue;
    ++done;
    try {
      Loaded loaded(c.kernel, isa);
      Compiled again;
      std::string error;
      if (!compile(c.kernel, {isa}, {}, again, error) || again.object != loaded.compiled.object)
        throw std::runtime_error("compiling it again gives other bytes");
      for (const std::vector<int32_t> &sizes : c.sizes)
        check(c, sizes, loaded);
      std::printf("%s: right (%s)\n", c.name.c_str(), loaded.compiled.report.c_str());
    } catch (const std::exception &e) {
      std::printf("%s: WRONG: %s\n", c.name.c_str(), e.what());
      ++failed;
    }
    std::fflush(stdout);
  }
  std::printf("%d kernels, %d wrong\n", done, failed);
  return failed || !done;
}
