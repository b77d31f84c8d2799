//===- Remarks.cpp - What passes say they did not do ----------------------===//

#include "compiler/Driver/Remarks.h"

#include "passes/Remarks.h"

#include <mutex>

namespace heddle::driver {

namespace {

class Collector : public mlir::remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Collector(std::vector<Remark> &remarks) : remarks(remarks) {}

  void streamOptimizationRemark(const mlir::remark::detail::Remark &remark) override {
    Remark copy{remark.getCategoryName().str(), remark.getRemarkName().str(), remark.getFunction().str(), "", "",
                remark.getLocation(), std::nullopt};
    for (const auto &arg : remark.getArgs()) {
      if (arg.key == remarks::kReason)
        copy.reason = arg.val;
      else if (arg.key == remarks::kSuggestion)
        copy.suggestion = arg.val;
      else if (arg.key == remarks::kWith && arg.hasAttribute())
        copy.with = mlir::Location(llvm::cast<mlir::LocationAttr>(arg.getAttribute()));
    }
    // Entries are transformed on threads of their own.
    std::lock_guard<std::mutex> lock(mutex);
    remarks.push_back(std::move(copy));
  }

private:
  std::mutex mutex;
  std::vector<Remark> &remarks;
};

} // namespace

void collectRemarks(mlir::MLIRContext &context, std::vector<Remark> &remarks) {
  mlir::remark::RemarkCategories categories;
  categories.missed = ".*";
  // It fails only where a streamer cannot open its file.
  (void)mlir::remark::enableOptimizationRemarks(context, std::make_unique<Collector>(remarks),
                                                std::make_unique<mlir::remark::RemarkEmittingPolicyAll>(), categories);
}

} // namespace heddle::driver
