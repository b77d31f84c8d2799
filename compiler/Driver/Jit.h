//===- Jit.h - Compiled models in this process ----------------------------===//

#ifndef HEDDLE_COMPILER_DRIVER_JIT_H
#define HEDDLE_COMPILER_DRIVER_JIT_H

#include "compiler/Driver/Driver.h"
#include "compiler/Reference/Evaluator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

struct hd1_model;

namespace heddle::driver {

/// A dense array that a caller gives or gets, in the element type of the entry.
struct Array {
  reference::Storage storage = reference::Storage::F32;
  llvm::SmallVector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

/// The values of an entry's dimensions, from the shapes of its inputs.
llvm::Expected<reference::DimValues> bindDimensions(mlir::func::FuncOp entry,
                                                    llvm::ArrayRef<Array> inputs);

/// The same objects that the package holds, linked into memory: what is run here
/// is what an application runs, through the same C interface.
class Loaded {
public:
  static llvm::Expected<std::unique_ptr<Loaded>> load(Model &model, int threads);
  ~Loaded();

  /// Calls an entry. A status other than 0 is an error with its message.
  llvm::Expected<std::vector<Array>> run(mlir::func::FuncOp entry, llvm::ArrayRef<Array> inputs,
                                         const reference::DimValues &dims);

  /// A call that is made ready once and can be repeated, for timing.
  struct Prepared;
  llvm::Expected<std::shared_ptr<Prepared>> prepare(mlir::func::FuncOp entry, llvm::ArrayRef<Array> inputs,
                                                    const reference::DimValues &dims);
  int32_t call(Prepared &prepared);
  std::vector<Array> results(const Prepared &prepared);

  /// Calls one kernel; `tensors` are the addresses of its buffers in order.
  llvm::Error runKernel(llvm::StringRef kernel, llvm::ArrayRef<int32_t> sizes, llvm::ArrayRef<void *> tensors);

  const Objects &objects() const { return *compiled; }
  const uint8_t *weights() const { return packed; }
  /// Bytes from weights() of a graph.weight or graph.get_global of the module.
  uint64_t weightOffset(mlir::Operation *op) const { return offsets.at(op); }

private:
  struct Engine;
  Loaded();
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Objects> compiled;
  std::map<mlir::Operation *, uint64_t> offsets;
  std::vector<uint8_t> storage;
  uint8_t *packed = nullptr;
  hd1_model *handle = nullptr;
};

/// GFLOP/s that one core of this machine reaches with 256-bit multiply-adds in
/// registers, measured now (some milliseconds); 0 without FMA.
double measurePeak();

} // namespace heddle::driver

#endif // HEDDLE_COMPILER_DRIVER_JIT_H
