//===- KernelLibrary.h - Kernels to object code ---------------------------===//
//
// The one door to Halide: takes plain structs, gives object bytes. No Halide
// type and no exception comes out.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_KERNELLIBRARY_H
#define HEDDLE_COMPILER_KERNELS_KERNELLIBRARY_H

#include "compiler/Kernels/KernelDesc.h"

namespace heddle::kernels {

/// What kernels are compiled for: "x86-64-v2", "x86-64-v3" (AVX2 and FMA) or
/// "x86-64-v4" (AVX-512 F, CD, BW, DQ, VL).
struct Target {
  std::string isa;
};

bool isKnown(const Target &target);

/// The best of these that the running processor has; empty if none.
std::string hostIsa();

struct CompileOptions {
  /// Keep the checks of bounds that Halide can generate: for tests. Such an
  /// object needs halide_error_* functions.
  bool asserts = false;
};

struct Compiled {
  std::vector<uint8_t> object; ///< a relocatable ELF file
  std::string report;          ///< the schedule that was chosen, one line
};

/// Compiles a kernel to `kernel.name`, with the parameters that KernelDesc.h
/// states. False and a message in `error` where that is not possible, or where
/// the kernel is not what KernelDesc.h says.
bool compile(const Kernel &kernel, const Target &target, const CompileOptions &options,
             Compiled &compiled, std::string &error);

/// The loops that the schedule of a kernel makes, the outermost first, as Halide
/// prints them. The same kernel gives the same text. Fails where compile() does.
bool loopNest(const Kernel &kernel, const Target &target, std::string &text, std::string &error);

/// The layout in which the schedule wants a Constant tensor: Panels for the
/// weight of a contraction, Dense for everything else. Ask before packing. Targets
/// with narrower vectors than `target` take this layout too, at some cost: those
/// that share packed weights ask for the widest of them.
Layout preferredLayout(const Kernel &kernel, int tensor, const Target &target);

/// Columns of a panel in which a tensor that is no constant should lie for a contraction
/// to read it as x[c // width, .., c % width]. Narrower targets cut it, as above.
int columnPanel(const Target &target);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_KERNELLIBRARY_H
