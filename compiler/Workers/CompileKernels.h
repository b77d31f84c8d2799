//===- CompileKernels.h - Many kernels to objects -------------------------===//
//
// Kernels that the cache does not have are compiled by processes of their own: one
// that crashes, or does not come to an end, is an error and not the end of the
// compiler, and several work at a time. An object depends on its description and
// its target alone, not on how many there are, nor on their order.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WORKERS_COMPILEKERNELS_H
#define HEDDLE_COMPILER_WORKERS_COMPILEKERNELS_H

#include "compiler/Kernels/KernelLibrary.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <string>
#include <vector>

namespace heddle::workers {

/// How kernels are compiled; nothing of it changes an object.
struct WorkOptions {
  unsigned jobs = 0; ///< kernels at a time; 0: as many as processors may be used
  std::string cacheFolder;       ///< empty: no cache
  uint64_t cacheMegabytes = 1000; ///< what the cache may hold
  uint64_t seconds = 600;    ///< of processor time for one kernel, at most
  uint64_t megabytes = 8000; ///< of memory for one kernel, at most
  /// Another program than the running one works, for which nothing is kept.
  std::string worker;
};

/// What the environment says: $HEDDLE_CACHE_DIR (empty: no cache; else
/// $XDG_CACHE_HOME/heddle or $HOME/.cache/heddle), $HEDDLE_CACHE_SIZE,
/// $HEDDLE_KERNEL_SECONDS, $HEDDLE_KERNEL_MEMORY, $HEDDLE_KERNEL_WORKER.
llvm::Expected<WorkOptions> optionsFromEnvironment();

/// One kernel for one target.
struct Job {
  std::string text; ///< of the kernel, KernelText.h
  kernels::Target target;
};

/// What became of a job.
struct Outcome {
  kernels::Compiled compiled;
  std::string failure; ///< empty where it was compiled
};

/// Compiles all jobs, in the order of which the outcomes are. With the first
/// failure the others are stopped: then outcomes may be neither compiled nor failed.
/// Warnings (of a damaged cache) go to `warnings`. `begins`, if any, is told which job
/// is compiled next, as the how-manieth of how many that the cache lacks; by one
/// thread at a time, though not always the same.
std::vector<Outcome>
compileKernels(llvm::ArrayRef<Job> jobs, const WorkOptions &options, llvm::raw_ostream &warnings,
               const std::function<void(size_t job, size_t number, size_t total)> &begins = nullptr);

} // namespace heddle::workers

#endif // HEDDLE_COMPILER_WORKERS_COMPILEKERNELS_H
