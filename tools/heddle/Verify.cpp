//===- Verify.cpp - heddle verify -----------------------------------------===//

#include "tools/heddle/Inputs.h"

#include "dialects/Kernel/KernelOps.h"

#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>

namespace heddle::tool {

using driver::Array;
using reference::Tensor;

namespace {

/// How far results are from the reference, in units of its bound.
struct Comparison {
  double worst = 0;     ///< largest |difference| / bound
  double difference = 0, bound = 0;
  int64_t at = -1;      ///< position of the worst
  int64_t unequal = 0;  ///< discrete results that differ though they are decided
};

void compare(const Tensor &expected, const Tensor &actual, Comparison &to) {
  bool real = reference::isReal(expected.storage);
  for (int64_t i = 0; i < expected.count(); ++i) {
    double bound = expected.error.empty() ? 0 : expected.error[i];
    if (!real) {
      if (expected.integer(i) != actual.integer(i) && bound == 0) {
        ++to.unequal;
        to.at = i;
      }
      continue;
    }
    double want = expected.real(i), have = actual.real(i);
    double difference = want == have ? 0 : std::fabs(want - have);
    // What is no number must be the same kind of no number.
    if (std::isnan(want) && std::isnan(have))
      difference = 0;
    else if (std::isnan(difference))
      difference = INFINITY;
    // Storing the result rounds once more; subnormal results may be flushed.
    double allowed = bound + std::fabs(want) * 2 * reference::kRounding + 1e-37;
    if (difference / allowed > to.worst) {
      to.worst = difference / allowed;
      to.difference = difference;
      to.bound = allowed;
      to.at = i;
    }
  }
}

} // namespace

int verifyCommand(const Arguments &arguments) {
  driver::Model model(arguments.model);
  if (!model.load(llvm::errs()))
    return kInputError;
  if (!driver::lower(model, "", llvm::errs()))
    return fail("lowering failed; this is a fault of heddle", kInternalError);
  auto loaded = driver::Loaded::load(model, arguments.threads);
  if (!loaded)
    return fail(loaded.takeError());
  bool ok = true;
  unsigned numKernels = 0;
  std::map<std::string, Comparison> byKernel;
  std::string firstDeparture;
  bool found = false;
  for (auto entry : model.module->getOps<mlir::func::FuncOp>()) {
    if (!arguments.entry.empty() && entry.getName() != arguments.entry)
      continue;
    found = true;
    auto inputs = arguments.inputs.empty() ? randomInputs(entry, arguments) : readInputs(entry, arguments);
    if (!inputs)
      return fail(inputs.takeError());
    auto dims = driver::bindDimensions(entry, *inputs);
    if (!dims)
      return fail(dims.takeError());
    if (llvm::Error error = checkInputs(entry, *inputs, *dims))
      return fail(std::move(error));

    // Each kernel on the reference's inputs, rounded to what it reads.
    llvm::Error failure = llvm::Error::success();
    reference::Evaluator evaluator(*model.module, model.checkpoint ? &*model.checkpoint : nullptr);
    reference::Evaluator judge(*model.module, model.checkpoint ? &*model.checkpoint : nullptr);
    evaluator.onCall = [&](mlir::Operation *op, llvm::ArrayRef<Tensor> operands, llvm::ArrayRef<Tensor> results,
                           const reference::DimValues &sizes) {
      if (failure)
        return;
      auto call = mlir::cast<kernel::CallOp>(op);
      auto callee = model.module->lookupSymbol<kernel::FuncOp>(call.getCallee());
      ++numKernels;
      std::vector<Array> storage;
      std::vector<void *> addresses;
      std::vector<Tensor> rounded;
      storage.reserve(operands.size() + results.size());
      for (auto [i, operand] : llvm::enumerate(operands)) {
        auto type = mlir::cast<graph::GraphTensorType>(callee.getArgumentTypes()[i]);
        if (mlir::Operation *source = call.getOperands()[i].getDefiningOp();
            source && mlir::isa<graph::WeightOp, graph::GetGlobalOp>(source)) {
          addresses.push_back(const_cast<uint8_t *>((*loaded)->weights()) + (*loaded)->weightOffset(source));
          rounded.push_back(operand);
          continue;
        }
        storage.push_back(toArray(operand, type.getElementType()));
        addresses.push_back(storage.back().bytes.data());
        rounded.push_back(Tensor::view(storage.back().storage, operand.shape, storage.back().bytes.data()));
      }
      auto expected = judge.run(callee, rounded, sizes, /*bounds=*/true);
      if (!expected) {
        failure = expected.takeError();
        return;
      }
      size_t firstResult = storage.size();
      for (auto [result, type] : llvm::zip(results, callee.getResultTypes())) {
        storage.push_back(toArray(result, mlir::cast<graph::GraphTensorType>(type).getElementType()));
        std::fill(storage.back().bytes.begin(), storage.back().bytes.end(), 0xff);
        addresses.push_back(storage.back().bytes.data());
      }
      std::vector<int32_t> sizeValues;
      for (auto size : callee.getSizes().getAsRange<graph::SizeAttr>())
        sizeValues.push_back(sizes.at(size.getName().str()));
      if (llvm::Error error = (*loaded)->runKernel(call.getCallee(), sizeValues, addresses)) {
        failure = std::move(error);
        return;
      }
      for (auto [i, want] : llvm::enumerate(*expected)) {
        Array &have = storage[firstResult + i];
        Comparison one;
        compare(want, Tensor::view(have.storage, want.shape, have.bytes.data()), one);
        Comparison &all = byKernel[call.getCallee().str()];
        if (one.worst > all.worst) {
          int64_t unequal = all.unequal;
          all = one;
          all.unequal += unequal;
        } else {
          all.unequal += one.unequal;
        }
        if ((one.worst > 1 || one.unequal) && firstDeparture.empty()) {
          llvm::raw_string_ostream os(firstDeparture);
          os << "kernel " << call.getCallee() << " at " << driver::placeOf(call.getLoc()) << ": element " << one.at << " is off by "
             << llvm::format("%.3g", one.difference) << ", the bound is " << llvm::format("%.3g", one.bound);
        }
      }
    };
    auto expected = evaluator.run(entry, asTensors(*inputs), *dims);
    if (!expected)
      return fail(expected.takeError());
    if (failure)
      return fail(std::move(failure), kInternalError);

    // The entry as a whole, through its C function.
    auto actual = (*loaded)->run(entry, *inputs, *dims);
    if (!actual)
      return fail(actual.takeError());
    double largest = 0, scale = 0;
    for (auto [want, have] : llvm::zip(*expected, *actual)) {
      Tensor view = Tensor::view(have.storage, have.shape, have.bytes.data());
      for (int64_t i = 0; i < want.count(); ++i) {
        double difference = std::fabs(want.real(i) - view.real(i));
        largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
        scale = std::max(scale, std::fabs(want.real(i)));
      }
    }
    bool entryOk = largest <= 1e-4 * std::max(scale, 1e-30);
    ok &= entryOk;
    llvm::outs() << "entry " << entry.getName() << ": largest difference " << llvm::format("%.3g", largest) << " of values up to "
                 << llvm::format("%.3g", scale) << (entryOk ? "" : "  DEPARTS") << "\n";
  }
  if (!found)
    return fail("the model has no entry " + arguments.entry);
  for (auto &[name, comparison] : byKernel) {
    bool good = comparison.worst <= 1 && !comparison.unequal;
    ok &= good;
    llvm::outs() << "kernel " << name << ": largest error " << llvm::format("%.3f", comparison.worst) << " of its bound"
                 << (good ? "" : "  DEPARTS") << "\n";
  }
  llvm::outs() << numKernels << " calls of " << byKernel.size() << " kernels " << (ok ? "are within their bounds\n" : "were compared\n");
  if (!firstDeparture.empty())
    llvm::errs() << "error: the first that departs: " << firstDeparture << "\n";
  return ok ? 0 : kInternalError;
}

} // namespace heddle::tool
