//===- Bench.cpp - heddle bench -------------------------------------------===//
//
// Two measurements in one process: the entry through its C function, and its
// kernels one by one, in the order and on the data of the entry. The parts do
// not add up exactly: timing each call has a cost of its own, and the caches
// are filled differently.
//
//===----------------------------------------------------------------------===//

#include "tools/heddle/Session.h"

#include "compiler/Driver/Work.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

#include <algorithm>
#include <ctime>

namespace heddle::tool {

using driver::Array;

namespace {

constexpr double kEntrySeconds = 2, kKernelSeconds = 1;

double seconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

int64_t valueOf(Dim dim, const reference::DimValues &dims) { return driver::evaluate(dim, dims).value_or(0); }

double medianOf(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// The calls of one kernel in an entry.
struct KernelTimes {
  unsigned calls = 0;
  double products = 0;        ///< multiplications of contractions, of all calls
  double current = 0;         ///< milliseconds so far in this round
  std::vector<double> rounds; ///< milliseconds of all calls, a value for each round
};

/// One call of a kernel, with the memory it works on.
struct Step {
  std::string kernel;
  std::vector<int32_t> sizes;
  std::vector<void *> tensors;
  KernelTimes *times = nullptr;
};

using ByKernel = llvm::MapVector<mlir::StringAttr, std::unique_ptr<KernelTimes>>;

/// An entry as a list of steps. Values between kernels have memory of their own.
class Steps {
public:
  Steps(driver::Loaded &loaded, mlir::func::FuncOp entry, std::vector<Array> &inputs, const reference::DimValues &dims,
        ByKernel &byKernel) {
    llvm::DenseMap<mlir::Value, void *> addresses;
    for (auto [argument, array] : llvm::zip(entry.getArguments(), inputs))
      addresses[argument] = array.bytes.data();
    auto module = entry->getParentOfType<mlir::ModuleOp>();
    for (mlir::Operation &op : entry.getBody().front()) {
      if (mlir::isa<graph::WeightOp, graph::GetGlobalOp>(op)) {
        addresses[op.getResult(0)] = const_cast<uint8_t *>(loaded.weights()) + loaded.weightOffset(&op);
        continue;
      }
      auto call = mlir::dyn_cast<kernel::CallOp>(op);
      if (!call)
        continue;
      auto callee = module.lookupSymbol<kernel::FuncOp>(call.getCallee());
      Step step;
      step.kernel = call.getCallee().str();
      reference::DimValues sizes;
      for (auto [size, dim] : llvm::zip(callee.getSizes().getAsRange<graph::SizeAttr>(), call.getSizeValues())) {
        int64_t value = valueOf(mlir::cast<graph::DimAttr>(dim).getValue(), dims);
        sizes[size.getName().str()] = value;
        step.sizes.push_back(int32_t(value));
      }
      for (mlir::Value operand : call.getOperands())
        step.tensors.push_back(addresses.at(operand));
      for (mlir::Value result : call.getResults())
        step.tensors.push_back(addresses[result] = allocate(mlir::cast<graph::GraphTensorType>(result.getType()), dims));
      std::unique_ptr<KernelTimes> &times = byKernel[callee.getSymNameAttr()];
      if (!times)
        times = std::make_unique<KernelTimes>();
      ++times->calls;
      times->products += double(valueOf(driver::productsOf(callee), sizes));
      step.times = times.get();
      steps.push_back(std::move(step));
    }
  }

  /// All kernels once, in order; adds to their current times.
  llvm::Error run(driver::Loaded &loaded) {
    for (Step &step : steps) {
      double start = seconds();
      if (llvm::Error error = loaded.runKernel(step.kernel, step.sizes, step.tensors))
        return error;
      step.times->current += (seconds() - start) * 1e3;
    }
    return llvm::Error::success();
  }

private:
  void *allocate(graph::GraphTensorType type, const reference::DimValues &dims) {
    size_t bytes = reference::sizeOf(reference::storageOf(type.getElementType()));
    for (Dim dim : type.getShape())
      bytes *= size_t(valueOf(dim, dims));
    memory.emplace_back(new uint8_t[bytes + 64]);
    uintptr_t at = reinterpret_cast<uintptr_t>(memory.back().get());
    return reinterpret_cast<void *>((at + 63) / 64 * 64);
  }

  std::vector<Step> steps;
  std::vector<std::unique_ptr<uint8_t[]>> memory;
};

llvm::Error timeKernels(Session &session, ByKernel &byKernel) {
  driver::Loaded &loaded = *session.loaded;
  Steps steps(loaded, session.entry, session.inputs, session.dims, byKernel);
  // The first round warms up.
  if (llvm::Error error = steps.run(loaded))
    return error;
  double begin = seconds();
  for (unsigned round = 0; round < 5 || (round < 1000 && seconds() - begin < kKernelSeconds); ++round) {
    session.progress.show("timing each kernel, round", 0, 0, llvm::Twine(round + 1));
    for (auto &[name, times] : byKernel)
      times->current = 0;
    if (llvm::Error error = steps.run(loaded))
      return error;
    for (auto &[name, times] : byKernel)
      times->rounds.push_back(times->current);
  }
  return llvm::Error::success();
}

double rateOf(double products, double milliseconds) { return 2 * products / (milliseconds * 1e-3) / 1e9; }

} // namespace

int benchCommand(const Arguments &arguments) {
  Session session(arguments);
  if (int code = session.load())
    return code;
  if (int code = session.chooseEntry())
    return code;
  if (int code = session.readInputs(/*isRandom=*/arguments.inputs.empty()))
    return code;
  if (int code = session.lower())
    return code;
  if (int code = session.link())
    return code;
  driver::Loaded &loaded = *session.loaded;
  mlir::func::FuncOp entry = session.entry;
  auto prepared = loaded.prepare(entry, session.inputs, session.dims);
  if (!prepared)
    return fail(prepared.takeError());
  // A first call warms up and shows whether the input is accepted.
  if (auto first = loaded.run(entry, session.inputs, session.dims); !first)
    return fail(first.takeError());
  std::vector<double> times;
  double begin = seconds();
  while (times.size() < 5 || (times.size() < 1000 && seconds() - begin < kEntrySeconds)) {
    session.progress.show("timing " + entry.getName() + ", run", 0, 0, llvm::Twine(times.size() + 1));
    double start = seconds();
    loaded.call(**prepared);
    times.push_back((seconds() - start) * 1e3);
  }
  double median = medianOf(times);
  auto [least, most] = std::minmax_element(times.begin(), times.end());
  ByKernel byKernel;
  if (llvm::Error error = timeKernels(session, byKernel))
    return fail(std::move(error), kInternalError);
  double peak = driver::measurePeak(), products = 0;
  for (auto &[name, kernel] : byKernel)
    products += kernel->products;
  double rate = rateOf(products, median);
  clearProgress();

  if (arguments.json) {
    llvm::json::Array kernels;
    for (auto &[name, kernel] : byKernel) {
      double time = medianOf(kernel->rounds);
      kernels.push_back(llvm::json::Object{{"name", name.getValue()}, {"calls", int64_t(kernel->calls)}, {"median_ms", time},
                                           {"gflop", 2 * kernel->products / 1e9}, {"gflops", rateOf(kernel->products, time)}});
    }
    llvm::json::Object object{{"entry", entry.getName()}, {"threads", arguments.threads}, {"runs", int64_t(times.size())},
                              {"median_ms", median}, {"min_ms", *least}, {"max_ms", *most}, {"gflop", 2 * products / 1e9},
                              {"gflops", rate}, {"peak_gflops_one_core", peak}, {"kernels", std::move(kernels)}};
    llvm::outs() << llvm::json::Value(std::move(object)) << "\n";
    return 0;
  }
  llvm::outs() << entry.getName() << ": median " << llvm::format("%.3f", median) << " ms, min " << llvm::format("%.3f", *least)
               << ", max " << llvm::format("%.3f", *most) << " over " << times.size() << " runs, " << arguments.threads
               << (arguments.threads == 1 ? " thread\n" : " threads\n");
  llvm::outs() << llvm::format("%.3f", 2 * products / 1e9) << " GFLOP in contractions: " << llvm::format("%.1f", rate) << " GFLOP/s";
  if (peak > 0)
    llvm::outs() << ", " << llvm::format("%.0f", 100 * rate / peak) << " % of one core's FMA peak of " << llvm::format("%.1f", peak)
                 << " measured in this run";
  llvm::outs() << "\n\n     ms  calls  GFLOP/s  kernel\n";
  for (auto &[name, kernel] : byKernel) {
    double time = medianOf(kernel->rounds);
    llvm::outs() << llvm::format("%7.3f", time) << llvm::format("  %5u", kernel->calls);
    if (kernel->products > 0)
      llvm::outs() << llvm::format("  %7.1f", rateOf(kernel->products, time));
    else
      llvm::outs() << "         ";
    llvm::outs() << "  " << name.getValue() << "\n";
  }
  return 0;
}

} // namespace heddle::tool
