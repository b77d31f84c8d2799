//===- Verify.cpp - heddle verify -----------------------------------------===//
//
// The reference evaluates each entry with error bounds. On the way each kernel is
// run on the reference's inputs, rounded to what it reads, and compared with its
// own evaluation of those; at the end the entry runs as a whole. Compare says what
// is equal.
//
//===----------------------------------------------------------------------===//

#include "tools/heddle/Compare.h"
#include "tools/heddle/Session.h"

#include "compiler/Driver/Work.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

#include <cmath>

namespace heddle::tool {

using driver::Array;
using reference::Tensor;

namespace {

/// The calls of one kernel, together.
struct KernelResult {
  unsigned calls = 0;
  Comparison comparison;
};

/// One result of an entry.
struct EntryResult {
  std::string entry, name;
  Judgement judgement;
};

/// Where the first wrong value is.
struct Departure {
  std::string what;    ///< "kernel k3", "entry encode"
  std::string place;   ///< in the model file
  std::string result;  ///< which of several, or empty
  std::string element; ///< "[1, 7, 3]"
  Comparison comparison;
  std::string remark;  ///< behind it all

  std::string str() const {
    return what + " at " + place + ": " + result + "element " + element + " " + comparison.describe() + remark;
  }
};

/// JSON has no infinity: null says that there is no such number.
llvm::json::Value number(double value) {
  return std::isfinite(value) ? llvm::json::Value(value) : llvm::json::Value(nullptr);
}

class Verifier {
public:
  explicit Verifier(Session &session)
      : module(*session.model.module), loaded(*session.loaded), progress(session.progress),
        evaluator(module, checkpointOf(session.model)), judge(module, checkpointOf(session.model)) {
    evaluator.onCall = [this](mlir::Operation *op, llvm::ArrayRef<Tensor> operands, llvm::ArrayRef<Tensor> results,
                              const reference::DimValues &sizes) {
      auto call = mlir::cast<kernel::CallOp>(op);
      progress.show("verifying " + call->getParentOfType<mlir::func::FuncOp>().getName() + ", call", ++callsDone, callsOfEntry,
                    call.getCallee());
      if (!failure)
        failure = kernel(call, operands, results, sizes);
    };
  }
  ~Verifier() { llvm::consumeError(std::move(failure)); }

  /// Verifies an entry. An error: its kernels could not be run.
  llvm::Error entry(mlir::func::FuncOp entry, llvm::ArrayRef<Array> inputs, const reference::DimValues &dims) {
    auto calls = entry.getBody().front().getOps<kernel::CallOp>();
    callsOfEntry = std::distance(calls.begin(), calls.end());
    callsDone = 0;
    auto expected = evaluator.run(entry, asTensors(inputs), current = dims, /*bounds=*/true);
    if (!expected)
      return expected.takeError();
    if (failure)
      return std::move(failure);
    // As an application calls it, through the C function.
    auto actual = loaded.run(entry, inputs, dims);
    if (!actual)
      return actual.takeError();
    for (auto [i, want] : llvm::enumerate(*expected)) {
      const Array &have = (*actual)[i];
      auto name = entry.getResultAttrOfType<mlir::StringAttr>(i, "graph.name");
      EntryResult result{entry.getName().str(), name ? name.getValue().str() : "result", {}};
      result.judgement = tool::judge(want, Tensor::view(have.storage, have.shape, have.bytes.data()));
      bool isFirst = !first;
      note(result.judgement.comparison, "entry " + result.entry, entry.getLoc(), result.name + " ", want.shape);
      if (isFirst && first && !result.judgement.byBound)
        llvm::raw_string_ostream(first->remark) << "; the bound that came through the model, "
                                                << llvm::format("%.3g", result.judgement.bound) << ", is too wide to judge by";
      entries.push_back(std::move(result));
    }
    return llvm::Error::success();
  }

  bool ok() const { return !first; }
  const std::optional<Departure> &departure() const { return first; }
  void print(llvm::raw_ostream &os) const;
  llvm::json::Value json() const;

private:
  static const weights::Checkpoint *checkpointOf(driver::Model &model) {
    return model.checkpoint ? &*model.checkpoint : nullptr;
  }

  llvm::Error kernel(kernel::CallOp call, llvm::ArrayRef<Tensor> operands, llvm::ArrayRef<Tensor> results,
                     const reference::DimValues &sizes);

  /// Remembers the first that departs.
  void note(const Comparison &comparison, const llvm::Twine &what, mlir::Location at, std::string result,
            llvm::ArrayRef<int64_t> shape) {
    if (comparison.departs() && !first)
      first = Departure{what.str(), driver::placeOf(at), std::move(result), elementAt(shape, comparison.at), comparison, ""};
  }

  unsigned numCalls() const {
    unsigned calls = 0;
    for (auto &[name, kernel] : kernels)
      calls += kernel.calls;
    return calls;
  }

  mlir::ModuleOp module;
  driver::Loaded &loaded;
  Progress &progress;
  size_t callsOfEntry = 0, callsDone = 0;
  reference::Evaluator evaluator, judge;
  reference::DimValues current; ///< of the entry that is evaluated
  llvm::Error failure = llvm::Error::success();
  llvm::MapVector<mlir::StringAttr, KernelResult> kernels;
  std::vector<EntryResult> entries;
  std::optional<Departure> first;
};

llvm::Error Verifier::kernel(kernel::CallOp call, llvm::ArrayRef<Tensor> operands, llvm::ArrayRef<Tensor> results,
                             const reference::DimValues &sizes) {
  auto callee = module.lookupSymbol<kernel::FuncOp>(call.getCallee());
  std::vector<Array> storage;
  std::vector<void *> addresses;
  std::vector<Tensor> rounded;
  storage.reserve(operands.size() + results.size());
  for (auto [i, operand] : llvm::enumerate(operands)) {
    auto type = mlir::cast<graph::GraphTensorType>(callee.getArgumentTypes()[i]);
    if (mlir::Operation *source = call.getOperands()[i].getDefiningOp();
        source && mlir::isa<graph::WeightOp, graph::GetGlobalOp>(source)) {
      addresses.push_back(const_cast<uint8_t *>(loaded.weights()) + loaded.weightOffset(source));
      rounded.push_back(operand);
      continue;
    }
    storage.push_back(toArray(operand, type.getElementType()));
    addresses.push_back(storage.back().bytes.data());
    rounded.push_back(Tensor::view(storage.back().storage, operand.shape, storage.back().bytes.data()));
  }
  auto expected = judge.run(callee, rounded, sizes, /*bounds=*/true);
  if (!expected)
    return expected.takeError();
  size_t firstResult = storage.size();
  for (auto [result, type] : llvm::zip(results, callee.getResultTypes())) {
    storage.push_back(toArray(result, mlir::cast<graph::GraphTensorType>(type).getElementType()));
    // What a kernel does not write is found.
    std::fill(storage.back().bytes.begin(), storage.back().bytes.end(), 0xff);
    addresses.push_back(storage.back().bytes.data());
  }
  std::vector<int32_t> sizeValues;
  for (auto size : callee.getSizes().getAsRange<graph::SizeAttr>())
    sizeValues.push_back(sizes.at(size.getName().str()));
  if (llvm::Error error = loaded.runKernel(call.getCallee(), sizeValues, addresses))
    return error;

  std::vector<Tensor> found;
  for (auto [i, want] : llvm::enumerate(*expected)) {
    const Array &have = storage[firstResult + i];
    found.push_back(Tensor::view(have.storage, want.shape, have.bytes.data()));
  }
  // Where rounding decides an argmax, the kernel's choice must be as good as the best.
  auto returned = callee.getBody().front().getTerminator()->getOperands();
  int64_t undecided = 0;
  for (const Tensor &want : *expected)
    if (!reference::isReal(want.storage))
      undecided += compare(want, want).undecided;
  if (undecided) {
    judge.choiceOf = [&](mlir::Operation *op) -> const Tensor * {
      for (auto [value, tensor] : llvm::zip(returned, found))
        if (value.getDefiningOp() == op)
          return &tensor;
      return nullptr;
    };
    expected = judge.run(callee, rounded, sizes, /*bounds=*/true);
    judge.choiceOf = nullptr;
    if (!expected)
      return expected.takeError();
  }
  KernelResult &all = kernels[callee.getSymNameAttr()];
  ++all.calls;
  all.comparison.undecided += undecided;
  for (auto [i, want] : llvm::enumerate(*expected)) {
    Comparison one = compare(want, found[i]);
    one.undecided = 0; // counted above, before the kernel's choice was taken
    all.comparison.merge(one);
    // The kernel may see several axes as one; the model's author sees the call's.
    llvm::SmallVector<int64_t> shape;
    for (Dim dim : mlir::cast<graph::GraphTensorType>(call.getResult(i).getType()).getShape())
      shape.push_back(driver::evaluate(dim, current).value_or(1));
    note(one, "kernel " + call.getCallee(), returned[i].getLoc(), found.size() > 1 ? "result " + std::to_string(i) + " " : "",
         shape);
  }
  return llvm::Error::success();
}

void Verifier::print(llvm::raw_ostream &os) const {
  for (const EntryResult &result : entries) {
    const Judgement &j = result.judgement;
    os << "entry " << result.entry << ": " << result.name << ": ";
    if (!j.comparison.real) {
      os << j.comparison.unequal << " differ";
    } else {
      os << "largest difference " << llvm::format("%.3g", j.comparison.largest) << " of values up to "
         << llvm::format("%.3g", j.scale) << ", bound " << llvm::format("%.3g", j.bound) << ", tolerance "
         << llvm::format("%.3g", j.tolerance) << ", judged by the " << (j.byBound ? "bound" : "tolerance");
    }
    if (j.comparison.undecided)
      os << ", " << j.comparison.undecided << " undecided";
    os << (j.comparison.departs() ? "  DEPARTS" : "") << "\n";
  }
  for (auto &[name, kernel] : kernels) {
    const Comparison &c = kernel.comparison;
    os << "kernel " << name.getValue() << ": largest error " << llvm::format("%.3f", c.worst) << " of its bound";
    if (c.undecided)
      os << ", " << c.undecided << " undecided";
    if (c.unbounded)
      os << ", " << c.unbounded << " without a finite bound";
    os << (c.departs() ? "  DEPARTS" : "") << "\n";
  }
  os << numCalls() << " calls of " << kernels.size() << " kernels " << (ok() ? "are within their bounds\n" : "were compared\n");
}

llvm::json::Value Verifier::json() const {
  llvm::json::Array results, calls;
  for (const EntryResult &result : entries) {
    const Judgement &j = result.judgement;
    results.push_back(llvm::json::Object{{"entry", result.entry}, {"name", result.name}, {"ok", !j.comparison.departs()},
                                         {"largest_difference", number(j.comparison.largest)}, {"scale", number(j.scale)},
                                         {"bound", number(j.bound)}, {"tolerance", number(j.tolerance)},
                                         {"judged_by", !j.comparison.real ? "equality" : j.byBound ? "bound" : "tolerance"},
                                         {"unequal", j.comparison.unequal}, {"undecided", j.comparison.undecided}});
  }
  for (auto &[name, kernel] : kernels) {
    const Comparison &c = kernel.comparison;
    calls.push_back(llvm::json::Object{{"name", name.getValue()}, {"calls", int64_t(kernel.calls)}, {"ok", !c.departs()},
                                       {"largest_error_of_bound", number(c.worst)}, {"unequal", c.unequal},
                                       {"undecided", c.undecided}, {"unbounded", c.unbounded}});
  }
  llvm::json::Value departs = nullptr;
  if (first) {
    auto value = [&](double real, int64_t integer) -> llvm::json::Value {
      return first->comparison.real ? number(real) : llvm::json::Value(integer);
    };
    departs = llvm::json::Object{{"what", first->what}, {"place", first->place}, {"element", first->element},
                                 {"found", value(first->comparison.found, first->comparison.foundInteger)},
                                 {"wanted", value(first->comparison.wanted, first->comparison.wantedInteger)},
                                 {"bound", number(first->comparison.allowed)}};
  }
  return llvm::json::Object{{"ok", ok()}, {"results", std::move(results)}, {"kernels", std::move(calls)},
                            {"first_departure", std::move(departs)}};
}

} // namespace

int verifyCommand(const Arguments &arguments) {
  Session session(arguments);
  if (int code = session.load())
    return code;
  // Before anything is compiled: a wrong name needs no patience.
  if (!arguments.entry.empty() || !arguments.inputs.empty())
    if (int code = session.chooseEntry())
      return code;
  if (int code = session.lower())
    return code;
  if (int code = session.link())
    return code;
  Verifier verifier(session);
  for (auto entry : session.model.module->getOps<mlir::func::FuncOp>()) {
    auto inputs = arguments.inputs.empty() ? randomInputs(entry, arguments) : readInputs(entry, arguments);
    if (!inputs)
      return fail(inputs.takeError());
    auto dims = driver::bindDimensions(entry, *inputs);
    if (!dims)
      return fail(dims.takeError());
    if (llvm::Error error = checkInputs(entry, *inputs, *dims))
      return fail(std::move(error));
    if (llvm::Error error = verifier.entry(entry, *inputs, *dims))
      return fail(std::move(error), kInternalError);
  }
  clearProgress();
  if (arguments.json)
    llvm::outs() << verifier.json() << "\n";
  else
    verifier.print(llvm::outs());
  if (verifier.ok())
    return 0;
  return fail("the first that departs: " + verifier.departure()->str(), kInternalError);
}

} // namespace heddle::tool
