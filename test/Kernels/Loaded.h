//===- Loaded.h - A compiled kernel, loaded and called between guard pages ===//

#ifndef HEDDLE_TEST_KERNELS_LOADED_H
#define HEDDLE_TEST_KERNELS_LOADED_H

#include "compiler/Kernels/KernelLibrary.h"
#include "test/Kernels/Interpreter.h"

namespace heddle::kernels {

/// A kernel's object, linked by the system's C compiler with a halide_do_par_for
/// that deals tasks out to several threads, and opened.
class Loaded {
public:
  /// Throws std::runtime_error where the kernel does not compile or link; an
  /// undefined symbol beside halide_do_par_for, memcpy and memset counts as that.
  Loaded(const Kernel &kernel, const std::string &isa);
  ~Loaded();
  Loaded(const Loaded &) = delete;

  /// Calls it, each buffer ending (or, with `front`, beginning) at a page that
  /// may not be touched. Fills the Output tensors of `values`.
  void run(const std::vector<int32_t> &sizes, Values &values, int threads = 1, bool front = false) const;

  Compiled compiled;

private:
  const Kernel &kernel;
  void *library = nullptr;
  void *function = nullptr;
  int *threadCount = nullptr;
};

} // namespace heddle::kernels

#endif // HEDDLE_TEST_KERNELS_LOADED_H
