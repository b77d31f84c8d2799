//===- Pack.cpp - Tensors in the layouts of kernels -----------------------===//
//
// The layouts of compiler/Kernels/KernelDesc.h, written a tile at a time.
//
//===----------------------------------------------------------------------===//

#include "compiler/Weights/Pack.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace llvm;
using heddle::kernels::Layout;

namespace heddle::weights {

namespace {

/// Bytes of a tile: it and its rearranged copy stay in a core's cache.
constexpr uint64_t kTileBytes = 128 << 10;

using Sink = function_ref<Error(ArrayRef<uint8_t>)>;

std::optional<int64_t> product(ArrayRef<int64_t> extents) {
  int64_t result = 1;
  for (int64_t extent : extents) {
    std::optional<int64_t> next = checkedMul(result, extent);
    if (extent < 0 || !next)
      return std::nullopt;
    result = *next;
  }
  return result;
}

Error packDense(uint64_t count, unsigned elementSize, ElementReader read,
                Sink sink) {
  const uint64_t most = std::max<uint64_t>(1, kTileBytes / elementSize);
  std::vector<uint8_t> tile(std::min(count, most) * elementSize);
  for (uint64_t begin = 0; begin < count; begin += most) {
    const uint64_t size = std::min(most, count - begin);
    MutableArrayRef<uint8_t> bytes(tile.data(), size * elementSize);
    if (Error error = read(begin, size, bytes))
      return error;
    if (Error error = sink(bytes))
      return error;
  }
  return Error::success();
}

/// Transposes rows x columns elements of `elementSize` bytes; each column
/// becomes `width` >= rows elements, the last of which stay as they are.
void transpose(const uint8_t *from, uint64_t rows, uint64_t columns,
               uint64_t width, unsigned elementSize, uint8_t *to) {
  for (uint64_t row = 0; row < rows; ++row)
    for (uint64_t column = 0; column < columns; ++column)
      std::memcpy(to + (column * width + row) * elementSize,
                  from + (row * columns + column) * elementSize, elementSize);
}

/// [outer, extent, inner] -> [panels, outer, inner, width]. For each panel and
/// outer index `width` rows of `inner` elements follow one another in the
/// source, so they are one read where they fit into a tile.
Error packPanels(uint64_t outer, uint64_t extent, uint64_t inner,
                 uint64_t width, unsigned elementSize, ElementReader read,
                 Sink sink) {
  const uint64_t most = std::max<uint64_t>(1, kTileBytes / elementSize / width);
  const uint64_t columns = std::min(inner, most);
  std::vector<uint8_t> rows(columns * width * elementSize);
  std::vector<uint8_t> packed(rows.size());
  for (uint64_t begin = 0; begin < extent; begin += width) {
    const uint64_t count = std::min(width, extent - begin);
    // The tail of each column stays zero throughout the last panel.
    if (count < width)
      std::fill(packed.begin(), packed.end(), 0);
    for (uint64_t o = 0; o < outer; ++o) {
      const uint64_t source = (o * extent + begin) * inner;
      for (uint64_t column = 0; column < inner; column += columns) {
        const uint64_t size = std::min(columns, inner - column);
        if (size == inner) {
          if (Error error =
                  read(source, count * inner,
                       {rows.data(),
                        static_cast<size_t>(count * inner * elementSize)}))
            return error;
        } else {
          for (uint64_t row = 0; row < count; ++row)
            if (Error error = read(source + row * inner + column, size,
                                   {rows.data() + row * size * elementSize,
                                    static_cast<size_t>(size * elementSize)}))
              return error;
        }
        transpose(rows.data(), count, size, width, elementSize, packed.data());
        if (Error error =
                sink({packed.data(),
                      static_cast<size_t>(size * width * elementSize)}))
          return error;
      }
    }
  }
  return Error::success();
}

Error packInto(ArrayRef<int64_t> shape, unsigned elementSize,
               const Layout &layout, ElementReader read, Sink sink) {
  Expected<uint64_t> size = packedSize(shape, elementSize, layout);
  if (!size)
    return size.takeError();
  if (*size == 0)
    return Error::success();
  if (layout.kind == Layout::Dense)
    return packDense(*size / elementSize, elementSize, read, sink);
  return packPanels(*product(shape.take_front(layout.axis)), shape[layout.axis],
                    *product(shape.drop_front(layout.axis + 1)), layout.width,
                    elementSize, read, sink);
}

} // namespace

Expected<uint64_t> packedSize(ArrayRef<int64_t> shape, unsigned elementSize,
                              const Layout &layout) {
  if (elementSize == 0)
    return createStringError("elements have 0 bytes, wanted at least 1");
  SmallVector<int64_t> stored(shape.begin(), shape.end());
  for (int64_t extent : shape)
    if (extent < 0)
      return createStringError(
          formatv("extent is {0}, wanted at least 0", extent));
  if (layout.kind == Layout::Panels) {
    if (layout.axis < 0 || static_cast<size_t>(layout.axis) >= shape.size())
      return createStringError(formatv("panels along axis {0} of a tensor of "
                                       "{1} axes",
                                       layout.axis, shape.size()));
    // A panel of one column fits into the streaming buffer's order of size.
    if (layout.width < 1 || layout.width > (1 << 20))
      return createStringError(formatv("panels have width {0}, wanted 1 to {1}",
                                       layout.width, 1 << 20));
    stored[layout.axis] =
        divideCeil(static_cast<uint64_t>(shape[layout.axis]), layout.width);
    stored.push_back(layout.width);
  }
  stored.push_back(elementSize);
  std::optional<int64_t> size = product(stored);
  if (!size)
    return createStringError("packed tensor has more bytes than 63 bits can "
                             "count");
  return static_cast<uint64_t>(*size);
}

Error pack(ArrayRef<int64_t> shape, unsigned elementSize, const Layout &layout,
           ElementReader read, raw_ostream &os) {
  return packInto(
      shape, elementSize, layout, read, [&](ArrayRef<uint8_t> part) {
        os.write(reinterpret_cast<const char *>(part.data()), part.size());
        return Error::success();
      });
}

Error pack(ArrayRef<int64_t> shape, unsigned elementSize, const Layout &layout,
           ElementReader read, MutableArrayRef<uint8_t> out) {
  Expected<uint64_t> size = packedSize(shape, elementSize, layout);
  if (!size)
    return size.takeError();
  if (*size != out.size())
    return createStringError(formatv("packed tensor has {0} bytes, {1} were "
                                     "given",
                                     *size, out.size()));
  return packInto(shape, elementSize, layout, read,
                  [&](ArrayRef<uint8_t> part) {
                    std::memcpy(out.data(), part.data(), part.size());
                    out = out.drop_front(part.size());
                    return Error::success();
                  });
}

Error pack(ArrayRef<int64_t> shape, unsigned elementSize, const Layout &layout,
           ArrayRef<uint8_t> source, MutableArrayRef<uint8_t> out) {
  std::optional<int64_t> count = product(shape);
  std::optional<int64_t> size =
      count ? checkedMul<int64_t>(*count, elementSize) : std::nullopt;
  if (!size || static_cast<uint64_t>(*size) != source.size())
    return createStringError(formatv("source has {0} bytes, the dense tensor "
                                     "another number",
                                     source.size()));
  return pack(
      shape, elementSize, layout,
      [&](uint64_t begin, uint64_t number, MutableArrayRef<uint8_t> part) {
        std::memcpy(part.data(), source.data() + begin * elementSize,
                    number * elementSize);
        return Error::success();
      },
      out);
}

} // namespace heddle::weights
