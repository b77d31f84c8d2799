//===- Driver.h - From a model file to objects ----------------------------===//

#ifndef HEDDLE_COMPILER_DRIVER_DRIVER_H
#define HEDDLE_COMPILER_DRIVER_DRIVER_H

#include "compiler/Kernels/KernelLibrary.h"
#include "compiler/Package/Signature.h"
#include "compiler/Weights/Config.h"
#include "compiler/Weights/Safetensors.h"
#include "compiler/Workers/CompileKernels.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/Support/MemoryBuffer.h"

#include <functional>
#include <map>

namespace heddle::driver {

/// What a command is given about a model.
struct ModelOptions {
  std::string path;
  std::vector<std::string> weights; ///< safetensors files or indexes
  std::string config;               ///< config.json, or empty
  std::vector<std::pair<std::string, std::string>> sets;
  std::string weightsPrefix;
  /// Instruction sets, the best first; empty: the best of this machine.
  std::vector<std::string> targets;
  workers::WorkOptions work; ///< how kernels are compiled
};

/// What the driver does next, where it takes time. An empty one: it will write
/// messages.
struct Step {
  llvm::StringRef what; ///< "compiling kernel"
  size_t done = 0, total = 0; ///< the how-manieth of how many; 0: not counted
  llvm::StringRef name = {};  ///< of the kernel, file or tensor
};

/// A model as a module of the graph dialect, with what it refers to.
class Model {
public:
  explicit Model(const ModelOptions &options);
  ~Model();

  /// Reads, checks and imports. On failure the messages are on `errors`, as lines of
  /// JSON if these are wanted, and `isOurFault` says whether the model is to blame.
  bool load(llvm::raw_ostream &errors, bool asJson = false);
  bool isOurFault = false;

  /// Who wants to know how far the driver is; may be empty.
  std::function<void(const Step &)> onProgress;
  void report(const Step &step) const {
    if (onProgress)
      onProgress(step);
  }

  const ModelOptions &options;
  mlir::MLIRContext context;
  std::optional<weights::Checkpoint> checkpoint;
  std::optional<weights::Config> config;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// One tensor in the packed weights.
struct PackedWeight {
  mlir::Operation *op = nullptr; ///< graph.weight or graph.get_global
  uint64_t offset = 0;           ///< bytes from the start
  uint64_t size = 0;             ///< bytes
  llvm::SmallVector<int64_t> shape;
  kernels::Type type = kernels::Type::F32;
  kernels::Layout layout;
};

/// How a compiled model is put together.
struct PackageOptions {
  /// For this process: kernels can be called alone, and the process that loads the
  /// model sets the address of its weights.
  bool inProcess = false;
  bool needsFile = false; ///< weights go into a file of their own, few or many
  /// So do more bytes of them than this. (Objects end at kMostObjectData, programs
  /// of the small code model at 2 GB with all that is in them.)
  uint64_t mostEmbedded = 1'500'000'000;
};

/// Everything that the package holds, in memory but for the weights.
struct Objects {
  package::Signature signature;
  std::string target; ///< the best of them
  std::vector<std::pair<std::string, std::unique_ptr<llvm::MemoryBuffer>>> members;
  std::vector<PackedWeight> weights; ///< by offset
  uint64_t weightsSize = 0;
  uint64_t weightsLayout = 0; ///< hash of what lies where, and of what reads it
  bool weightsInFile = false;
  std::vector<std::string> reports; ///< a line for each kernel and target
  std::map<mlir::Operation *, uint64_t> offsets;     ///< of weights, by the op that reads them
  std::map<std::string, std::string> kernelSymbols; ///< by the kernel's name in the module
};

/// Is there something to compile, made of what can be lowered today? The first that
/// cannot is an error with its place in the model file.
llvm::Error checkLowerable(Model &model);

/// Lowers the module down to kernels and calls (`model.module` changes).
/// `stopAfter`: the name of a phase, or empty for all of them. What fails is an
/// InternalError; diagnostics are on `errors`.
llvm::Error lower(Model &model, llvm::StringRef stopAfter, llvm::raw_ostream &errors);

/// Prints a model that was lowered up to `phase`: the module, or the texts of its
/// kernels (KernelText.h) in order.
llvm::Error printPhase(Model &model, llvm::StringRef phase, llvm::raw_ostream &os);

/// Is all of a lowered model something that can be compiled? What the input says
/// and kernels cannot do yet is an error with its place in the model file.
llvm::Error checkSupported(Model &model);

/// "file:line:column" of an op of the module, or what its location is.
std::string placeOf(mlir::Location location);

/// All instruction sets that kernels can be compiled for, the best first.
llvm::ArrayRef<llvm::StringRef> allTargets();

/// Compiles a lowered model that is supported, for model.options.targets; what
/// fails is an InternalError. Deterministic.
llvm::Expected<Objects> compileObjects(Model &model, const PackageOptions &options = {});

/// Writes the packed weights.
llvm::Error writeWeights(Model &model, const Objects &objects, llvm::raw_ostream &os);

/// Writes OUT.a, OUT.h and where the weights are in a file that, whole or not at
/// all. `weightsFile`: its path; empty: OUT.weights.
llvm::Error writePackage(Model &model, const Objects &objects, llvm::StringRef output,
                         llvm::StringRef weightsFile = "");

/// The names of the phases at whose ends --emit prints, in order.
llvm::ArrayRef<llvm::StringRef> phaseNames();

} // namespace heddle::driver

#endif // HEDDLE_COMPILER_DRIVER_DRIVER_H
