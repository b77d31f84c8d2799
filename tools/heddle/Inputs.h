//===- Inputs.h - Inputs and results of entries ---------------------------===//

#ifndef HEDDLE_TOOLS_HEDDLE_INPUTS_H
#define HEDDLE_TOOLS_HEDDLE_INPUTS_H

#include "tools/heddle/Commands.h"

#include "compiler/Driver/Jit.h"
#include "dialects/Graph/GraphOps.h"

namespace heddle::tool {

/// The entry of that name; of an empty one, the only entry.
llvm::Expected<mlir::func::FuncOp> findEntry(mlir::ModuleOp module, llvm::StringRef name);

/// Erases the entries beside this one, so that nothing of theirs is compiled.
void keepOnly(mlir::func::FuncOp entry);

/// Reads --input files: NumPy's types, integers of any width where they fit.
llvm::Expected<std::vector<driver::Array>> readInputs(mlir::func::FuncOp entry, const Arguments &arguments);

/// The sizes of --dim over the model's example; 2 where neither says.
llvm::Expected<reference::DimValues> exampleSizes(mlir::func::FuncOp entry, const Arguments &arguments);

/// Values from a fixed seed; sizes of --dim over the model's example.
llvm::Expected<std::vector<driver::Array>> randomInputs(mlir::func::FuncOp entry, const Arguments &arguments);

/// What the compiled entry would check: bounds of dimensions, ranges of elements.
llvm::Error checkInputs(mlir::func::FuncOp entry, llvm::ArrayRef<driver::Array> inputs, const reference::DimValues &dims);

std::vector<reference::Tensor> asTensors(llvm::ArrayRef<driver::Array> arrays);
driver::Array toArray(const reference::Tensor &tensor, mlir::Type element);
weights::ElementType npyType(reference::Storage storage);

} // namespace heddle::tool

#endif // HEDDLE_TOOLS_HEDDLE_INPUTS_H
