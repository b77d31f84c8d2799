//===- KernelCache.h - Objects of kernels that were compiled before -------===//
//
// A folder of files, each named by a hash of all that its object depends on: the
// description, the target, and the programs that made it. Several processes may use
// it at once: a file appears whole, by a rename. It is a help and nothing more:
// without a folder that can be read and written everything is compiled, silently.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WORKERS_KERNELCACHE_H
#define HEDDLE_COMPILER_WORKERS_KERNELCACHE_H

#include "compiler/Workers/CompileKernels.h"

namespace heddle::workers {

class KernelCache {
public:
  /// An empty `folder`: holds nothing and keeps nothing.
  KernelCache(llvm::StringRef folder, uint64_t megabytes);

  /// False where there is no such object. A file that is not what was written is
  /// warned of, and as good as none.
  bool load(const Job &job, kernels::Compiled &compiled, llvm::raw_ostream &warnings) const;

  /// Keeps an object, if it can. Threads may do so at the same time.
  void store(const Job &job, const kernels::Compiled &compiled) const;

  /// Removes what was not used for longest, down to the size that is allowed; not
  /// more often than once in some minutes, whoever did it last.
  void prune() const;

private:
  std::string keyOf(const Job &job) const;
  std::string pathOf(llvm::StringRef key) const;

  std::string folder;
  uint64_t megabytes;
  std::string generator; ///< which programs make objects
};

} // namespace heddle::workers

#endif // HEDDLE_COMPILER_WORKERS_KERNELCACHE_H
