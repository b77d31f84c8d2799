//===- Remarks.h - What passes say they did not do ------------------------===//

#ifndef HEDDLE_COMPILER_DRIVER_REMARKS_H
#define HEDDLE_COMPILER_DRIVER_REMARKS_H

#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"

#include <optional>
#include <string>
#include <vector>

namespace heddle::driver {

/// One missed remark (passes/Remarks.h).
struct Remark {
  std::string category, name, entry, reason, suggestion;
  mlir::Location at;
  std::optional<mlir::Location> with;
};

/// From now on the passes that run in `context` add their remarks to `remarks`, which
/// must outlive it. Of several entries they come in any order, of one in that of the
/// decisions.
void collectRemarks(mlir::MLIRContext &context, std::vector<Remark> &remarks);

} // namespace heddle::driver

#endif // HEDDLE_COMPILER_DRIVER_REMARKS_H
