//===- Evaluator.h - The judge of every op, pass and kernel ---------------===//
//
// Evaluates graph functions and kernels by what ComprehensionOpInterface says of
// each op, and by nothing else: reals in double, rounded where a type narrower
// than f32 is declared; integers exact in their width. With bounds, each value
// comes with the error that f32 arithmetic in any order that the kernels use may
// have left (Higham, Accuracy and Stability of Numerical Algorithms, ch. 3).
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_REFERENCE_EVALUATOR_H
#define HEDDLE_COMPILER_REFERENCE_EVALUATOR_H

#include "compiler/Reference/Program.h"
#include "compiler/Weights/Safetensors.h"

#include "mlir/IR/BuiltinOps.h"

namespace heddle::reference {

/// The storage of the graph's element type.
Storage storageOf(mlir::Type element);

class Evaluator {
public:
  /// `checkpoint`: null where no weight is read. Both must outlive this.
  Evaluator(mlir::ModuleOp module, const weights::Checkpoint *checkpoint)
      : module(module), checkpoint(checkpoint) {}

  /// Evaluates `function` (func.func or kernel.func) for `inputs`, one for each
  /// argument, and the values of its dimensions. `bounds`: compute errors too.
  /// Calls of kernels are evaluated through.
  llvm::Expected<std::vector<Tensor>> run(mlir::Operation *function,
                                          llvm::ArrayRef<Tensor> inputs,
                                          const DimValues &dims, bool bounds = false);

  /// Called with each kernel.call and its operands and results, as they come.
  std::function<void(mlir::Operation *call, llvm::ArrayRef<Tensor> operands,
                     llvm::ArrayRef<Tensor> results, const DimValues &sizes)> onCall;

  /// With bounds: what somebody else chose for an argument reduction, or null. Where
  /// rounding decides a row and the choice may be the best within the errors, the
  /// row takes it and counts as decided; where it cannot be, the row keeps the
  /// reference's choice and counts as decided too.
  std::function<const Tensor *(mlir::Operation *argReduce)> choiceOf;

  /// The value of a graph.weight, of a graph.global.
  llvm::Expected<Tensor> weight(mlir::Operation *op);
  llvm::Expected<Tensor> global(llvm::StringRef name);

private:
  llvm::Error evaluate(mlir::Operation &op, llvm::DenseMap<mlir::Value, Tensor> &values,
                       const DimValues &dims, bool bounds);
  llvm::Error comprehension(mlir::Operation &op, llvm::DenseMap<mlir::Value, Tensor> &values,
                            const DimValues &dims, bool bounds);
  llvm::Expected<std::vector<Tensor>> block(mlir::Block &body, llvm::DenseMap<mlir::Value, Tensor> &values,
                                            const DimValues &dims, bool bounds);

  mlir::ModuleOp module;
  const weights::Checkpoint *checkpoint;
  std::map<std::string, Tensor> globals;
};

} // namespace heddle::reference

#endif // HEDDLE_COMPILER_REFERENCE_EVALUATOR_H
