//===- HostFunction.h - The C functions of a model ------------------------===//
//
// Makes the interface (Signature) of a module of kernel calls, and the object
// that implements it: checks, dimensions, workspace, calls of kernels. What the
// functions do, in which order, is compiler/Package/README.md's.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_HOST_HOSTFUNCTION_H
#define HEDDLE_COMPILER_HOST_HOSTFUNCTION_H

#include "compiler/Package/Signature.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/Support/MemoryBuffer.h"

#include <functional>

namespace heddle::host {

/// The interface of all entries, with its hash. Fails for names that C does not
/// allow and for types that no entry may have.
llvm::Expected<package::Signature> signatureOf(mlir::ModuleOp module);

/// The kernels of one instruction set.
struct HostVariant {
  std::string target;    ///< "x86-64-v3"
  uint32_t features = 0; ///< HD1_CPU_* bits of what they were compiled for
  /// The symbol of a kernel.
  std::function<std::string(llvm::StringRef)> kernelSymbol;
};

struct HostOptions {
  std::vector<HostVariant> variants; ///< the best first
  /// Bytes from the start of the packed weights to those of a graph.weight or a
  /// graph.get_global.
  std::function<uint64_t(mlir::Operation *)> weightOffset;
  bool hasWeights = false; ///< weightsSymbol is in the package
  /// Weights that are in a file instead: bytes, and the hash of what lies where.
  uint64_t weightsSize = 0, weightsLayout = 0;
};

/// The symbol of the packed weights.
std::string weightsSymbol(const package::Signature &signature);

/// A relocatable object for x86-64, position independent; of its data the loader
/// alone writes what holds addresses. Deterministic.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
emitHostObject(mlir::ModuleOp module, const package::Signature &signature, const HostOptions &options);

} // namespace heddle::host

#endif // HEDDLE_COMPILER_HOST_HOSTFUNCTION_H
