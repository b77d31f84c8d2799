//===- Loaded.cpp - A compiled kernel, loaded and called ------------------===//

#include "test/Kernels/Loaded.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

namespace heddle::kernels {

namespace {

/// Threads take tasks i, i + n, .. so that neighbours run on different ones.
const char *const kRuntime = R"(
#include <pthread.h>
#include <stdint.h>
typedef int (*task)(void *, int, uint8_t *);
int thread_count = 1;
struct part { void *context; task f; int min, size, first; uint8_t *closure; int status; };
static void *work(void *p) {
  struct part *w = p;
  for (int i = w->first; i < w->size && !w->status; i += thread_count) w->status = w->f(w->context, w->min + i, w->closure);
  return 0;
}
int halide_do_par_for(void *context, task f, int min, int size, uint8_t *closure) {
  struct part parts[8]; pthread_t threads[8]; int status = 0;
  for (int t = 0; t < thread_count; ++t) { struct part p = {context, f, min, size, t, closure, 0}; parts[t] = p; }
  for (int t = 1; t < thread_count; ++t) pthread_create(&threads[t], 0, work, &parts[t]);
  work(&parts[0]);
  for (int t = 1; t < thread_count; ++t) pthread_join(threads[t], 0);
  for (int t = 0; t < thread_count; ++t) status = status ? status : parts[t].status;
  return status;
}
)";

/// halide_buffer_t as the kernels see it; they read `host` alone, so the rest is
/// filled with what would be noticed.
struct Buffer {
  uint64_t device = ~0ull;
  void *deviceInterface = nullptr;
  uint8_t *host = nullptr;
  uint64_t flags = ~0ull;
  uint32_t type = ~0u;
  int32_t dimensions = -1;
  void *dim = nullptr;
  void *padding = nullptr;
};

/// Memory between two pages that may not be touched.
class Guarded {
public:
  Guarded(size_t bytes, bool front) {
    size_t page = size_t(sysconf(_SC_PAGESIZE)), room = (bytes + page - 1) / page * page;
    length = room + 2 * page;
    base = static_cast<uint8_t *>(mmap(nullptr, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED || (room && mprotect(base + page, room, PROT_READ | PROT_WRITE)))
      throw std::runtime_error("no memory for a guarded buffer");
    host = front ? base + page : base + page + room - bytes;
  }
  Guarded(Guarded &&o) : base(o.base), host(o.host), length(o.length) { o.base = nullptr; }
  ~Guarded() {
    if (base)
      munmap(base, length);
  }
  uint8_t *base, *host;
  size_t length;
};

size_t sizeOf(Type type) {
  switch (type) {
  case Type::Bool:
  case Type::I8:
  case Type::U8: return 1;
  case Type::F16:
  case Type::BF16: return 2;
  case Type::I32:
  case Type::F32: return 4;
  default: return 8;
  }
}

void store(Type type, uint8_t *to, double value) {
  auto put = [&](auto v) { std::memcpy(to, &v, sizeof v); };
  switch (type) {
  case Type::Bool: return put(uint8_t(value != 0 ? 0x80 : 0)); // any byte but 0 is true
  case Type::I8: return put(int8_t(value));
  case Type::U8: return put(uint8_t(value));
  case Type::I32: return put(int32_t(value));
  case Type::I64: return put(int64_t(value));
  case Type::F16: return put(_Float16(value));
  case Type::BF16: { // of a value that is one
    float wide = float(value);
    uint32_t bits;
    std::memcpy(&bits, &wide, sizeof bits);
    return put(uint16_t(bits >> 16));
  }
  case Type::F32: return put(float(value));
  case Type::F64: return put(value);
  }
}

double load(Type type, const uint8_t *from) {
  auto get = [&](auto v) {
    std::memcpy(&v, from, sizeof v);
    return double(v);
  };
  switch (type) {
  case Type::Bool: return get(uint8_t()) != 0;
  case Type::I8: return get(int8_t());
  case Type::U8: return get(uint8_t());
  case Type::I32: return get(int32_t());
  case Type::I64: return get(int64_t());
  case Type::F16: return get(_Float16());
  case Type::BF16: {
    uint16_t half;
    std::memcpy(&half, from, sizeof half);
    uint32_t bits = uint32_t(half) << 16;
    float wide;
    std::memcpy(&wide, &bits, sizeof wide);
    return wide;
  }
  case Type::F32: return get(float());
  case Type::F64: return get(double());
  }
  return 0;
}

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The element of a panel layout that holds the dense element `place`.
int64_t inPanels(const Tensor &tensor, const std::vector<int32_t> &sizes, int64_t place) {
  std::vector<int64_t> at(tensor.shape.size()), extent;
  for (const Extent &e : tensor.shape)
    extent.push_back(e.isConstant() ? e.constant : sizes[e.size]);
  for (size_t a = at.size(); a-- > 0;) {
    at[a] = place % extent[a];
    place /= extent[a];
  }
  const Layout &layout = tensor.layout;
  int64_t to = at[layout.axis] / layout.width;
  for (size_t a = 0; a < at.size(); ++a)
    if (int(a) != layout.axis)
      to = to * extent[a] + at[a];
  return to * layout.width + at[layout.axis] % layout.width;
}

int call(void *f, const std::vector<int32_t> &s, std::vector<Buffer> &b) {
  // Integer arguments of every kind go to registers or to 8-byte slots alike, so
  // one signature serves all kernels of up to this many arguments.
  int64_t a[16] = {};
  size_t n = 0;
  for (int32_t size : s)
    a[n++] = size;
  if (n + b.size() > 15)
    throw std::runtime_error("too many arguments for the test");
  for (Buffer &buffer : b)
    a[n++] = int64_t(&buffer);
  using I = int64_t;
  auto g = reinterpret_cast<int (*)(void *, I, I, I, I, I, I, I, I, I, I, I, I, I, I, I)>(f);
  return g(nullptr, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14]);
}

} // namespace

Loaded::Loaded(const Kernel &kernel, const std::string &isa) : kernel(kernel) {
  std::string error;
  if (!compile(kernel, {isa}, {}, compiled, error))
    throw std::runtime_error(error);
  const char *temporary = std::getenv("TMPDIR");
  std::string at = std::string(temporary && *temporary ? temporary : "/tmp") + "/heddle-kernels-XXXXXX";
  if (!mkdtemp(at.data()))
    throw std::runtime_error("cannot make a temporary folder");
  std::ofstream(at + "/k.o", std::ios::binary)
      .write(reinterpret_cast<const char *>(compiled.object.data()), std::streamsize(compiled.object.size()));
  std::ofstream(at + "/runtime.c") << kRuntime;
  // Only libc and threads: a kernel that wants libm or Halide's runtime fails here.
  std::string command = "cd '" + at + "' && nm -u k.o | grep -vE ' (halide_do_par_for|memcpy|memset|_GLOBAL_OFFSET_TABLE_)$' ; "
                        "test -z \"$(nm -u k.o | grep -vE ' (halide_do_par_for|memcpy|memset|_GLOBAL_OFFSET_TABLE_)$')\" && "
                        "cc -shared -fPIC -O1 -o k.so k.o runtime.c -lpthread";
  int status = std::system(command.c_str());
  library = status ? nullptr : dlopen((at + "/k.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  for (const char *file : {"/k.o", "/k.so", "/runtime.c"})
    unlink((at + file).c_str());
  rmdir(at.c_str());
  if (status)
    throw std::runtime_error("kernel " + kernel.name + " has undefined symbols that no host defines, or does not link");
  if (!library)
    throw std::runtime_error(dlerror());
  function = dlsym(library, kernel.name.c_str());
  threadCount = static_cast<int *>(dlsym(library, "thread_count"));
  if (!function || !threadCount)
    throw std::runtime_error("kernel " + kernel.name + " is not in its object");
}

Loaded::~Loaded() {
  if (library)
    dlclose(library);
}

void Loaded::run(const std::vector<int32_t> &sizes, Values &values, int threads, bool front) const {
  std::vector<Guarded> memory;
  std::vector<Buffer> buffers;
  std::vector<int> outputs;
  for (bool output : {false, true}) {
    for (size_t t = 0; t < kernel.tensors.size(); ++t) {
      const Tensor &tensor = kernel.tensors[t];
      if (tensor.role == Role::Local || (tensor.role == Role::Output) != output)
        continue;
      int64_t n = count(tensor, sizes), stored = n;
      bool panels = tensor.layout.kind == Layout::Panels;
      if (panels) {
        int64_t columns = tensor.shape[tensor.layout.axis].constant;
        stored = n / columns * ceilDiv(columns, tensor.layout.width) * tensor.layout.width;
      }
      size_t bytes = sizeOf(tensor.type);
      memory.emplace_back(size_t(stored) * bytes, front);
      Buffer buffer;
      buffer.host = memory.back().host;
      if (output) {
        std::memset(buffer.host, 0xc5, size_t(n) * bytes);
        outputs.push_back(int(t));
      } else {
        for (int64_t i = 0; i < n; ++i)
          store(tensor.type, buffer.host + (panels ? inPanels(tensor, sizes, i) : i) * int64_t(bytes), values[t][i]);
      }
      buffers.push_back(buffer);
    }
  }
  *threadCount = threads;
  if (call(function, sizes, buffers))
    throw std::runtime_error("kernel " + kernel.name + " reports an error");
  size_t first = buffers.size() - outputs.size();
  for (size_t o = 0; o < outputs.size(); ++o) {
    const Tensor &tensor = kernel.tensors[outputs[o]];
    std::vector<double> &to = values[outputs[o]];
    to.resize(count(tensor, sizes));
    for (size_t i = 0; i < to.size(); ++i)
      to[i] = load(tensor.type, buffers[first + o].host + i * sizeOf(tensor.type));
  }
}

} // namespace heddle::kernels
