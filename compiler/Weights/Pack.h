//===- Pack.h - Tensors in the layouts of kernels -------------------------===//
//
// Rearranges a dense row-major tensor into the layout that a kernel reads,
// streaming: a few hundred kilobytes of memory whatever the tensor's size.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_PACK_H
#define HEDDLE_COMPILER_WEIGHTS_PACK_H

#include "compiler/Kernels/KernelDesc.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>

namespace heddle::weights {

/// Gives the bytes of the elements begin .. begin + count - 1 (row-major) of
/// the dense tensor: `out` is exactly count elements long. It is called once
/// for each element at most, in the order of the packed tensor.
using ElementReader = llvm::function_ref<llvm::Error(
    uint64_t begin, uint64_t count, llvm::MutableArrayRef<uint8_t> out)>;

/// Bytes of a tensor of `shape` (extents >= 0) with elements of `elementSize`
/// bytes in `layout`. Fails for an axis outside the shape, a width below 1 and
/// sizes over 63 bits.
llvm::Expected<uint64_t> packedSize(llvm::ArrayRef<int64_t> shape,
                                    unsigned elementSize,
                                    const kernels::Layout &layout);

/// Writes the packed tensor, packedSize() bytes, to `os`. The elements that
/// fill up the last panel are zeros. Errors of `read` are passed on.
llvm::Error pack(llvm::ArrayRef<int64_t> shape, unsigned elementSize,
                 const kernels::Layout &layout, ElementReader read,
                 llvm::raw_ostream &os);

/// The same into `out`, which is packedSize() bytes long.
llvm::Error pack(llvm::ArrayRef<int64_t> shape, unsigned elementSize,
                 const kernels::Layout &layout, ElementReader read,
                 llvm::MutableArrayRef<uint8_t> out);

/// The same from the bytes of the dense tensor.
llvm::Error pack(llvm::ArrayRef<int64_t> shape, unsigned elementSize,
                 const kernels::Layout &layout, llvm::ArrayRef<uint8_t> source,
                 llvm::MutableArrayRef<uint8_t> out);

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_PACK_H
