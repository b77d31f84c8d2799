//===- WeightsTest.cpp - Drives the readers and writers of files ----------===//
//
// heddle-weights-test COMMAND WORD...: gives the lit tests a command line on
// compiler/Weights and on the file writers of compiler/Package. What goes wrong
// is printed as "error: ..." with exit code 1.
//
//===----------------------------------------------------------------------===//

#include "test/Weights/WeightsTest.h"

#include "compiler/Weights/Config.h"
#include "compiler/Weights/Npy.h"
#include "compiler/Weights/Pack.h"
#include "compiler/Weights/Safetensors.h"
#include "compiler/Weights/Stored.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace heddle::weights;

namespace heddle::test {

Expected<int64_t> integerAt(Words words, size_t position) {
  int64_t value;
  if (position >= words.size() || !to_integer(words[position], value, 10))
    return createStringError(
        formatv("word {0} is not an integer", position + 1));
  return value;
}

namespace {

void printNumber(double number) { outs() << format("%.9g", number); }
void printNumber(int64_t number) { outs() << number; }

template <typename T> void printNumbers(ArrayRef<T> numbers) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    outs() << (i ? " " : "");
    printNumber(numbers[i]);
  }
  outs() << '\n';
}

/// checkpoint FILE...: all tensors with the sum of their elements.
Error checkpoint(Words words) {
  Expected<Checkpoint> file = Checkpoint::open(words);
  if (!file)
    return file.takeError();
  for (const TensorEntry &entry : file->entries()) {
    double sum = 0;
    std::vector<double> tile(1024);
    for (uint64_t at = 0; at < entry.count(); at += tile.size()) {
      MutableArrayRef<double> part(tile);
      part =
          part.take_front(std::min<uint64_t>(tile.size(), entry.count() - at));
      if (Error error = file->readElements(entry, at, part))
        return error;
      for (double value : part)
        sum += value;
    }
    file->release(entry);
    outs() << entry.name << ": " << describeTensor(entry.dtype, entry.shape)
           << " sum " << format("%.9g", sum) << '\n';
  }
  return Error::success();
}

/// read TYPE BEGIN COUNT NAME FILE...: elements as double, float or integer.
Error read(Words words) {
  Expected<int64_t> begin = integerAt(words, 1);
  if (!begin)
    return begin.takeError();
  Expected<int64_t> count = integerAt(words, 2);
  if (!count)
    return count.takeError();
  Expected<Checkpoint> file = Checkpoint::open(words.drop_front(4));
  if (!file)
    return file.takeError();
  const TensorEntry *entry = file->find(words[3]);
  if (!entry)
    return createStringError("no tensor \"" + words[3] + "\"");
  auto run = [&](auto zero) -> Error {
    std::vector<decltype(zero)> out(*count);
    // Twice, with the pages given back in between.
    for (int round = 0; round < 2; ++round) {
      if (Error error = file->readElements(
              *entry, *begin, MutableArrayRef<decltype(zero)>(out)))
        return error;
      file->release(*entry);
    }
    printNumbers(ArrayRef<decltype(zero)>(out));
    return Error::success();
  };
  if (words[0] == "double")
    return run(double());
  if (words[0] == "float")
    return run(float());
  return run(int64_t());
}

/// stored TYPE NAME FILE...: a tensor as a kernel reads it, little-endian
/// elements in hexadecimal.
Error stored(Words words) {
  Expected<Checkpoint> file = Checkpoint::open(words.drop_front(2));
  if (!file)
    return file.takeError();
  const TensorEntry *entry = file->find(words[1]);
  std::optional<kernels::Type> type;
  for (int i = 0; i <= static_cast<int>(kernels::Type::F64); ++i)
    if (storedName(static_cast<kernels::Type>(i)) == words[0])
      type = static_cast<kernels::Type>(i);
  if (!entry || !type)
    return createStringError("no such tensor or type");
  const unsigned size = storedSize(*type);
  std::vector<uint8_t> bytes(entry->count() * size);
  if (Error error = readStored(*file, *entry, *type, 0, entry->count(), bytes))
    return error;
  for (size_t i = 0; i < entry->count(); ++i) {
    outs() << (i ? " " : "");
    for (unsigned byte = size; byte-- > 0;)
      outs() << format_hex_no_prefix(bytes[i * size + byte], 2);
  }
  outs() << '\n';
  return Error::success();
}

/// nearest NAME FILE...
Error nearest(Words words) {
  Expected<Checkpoint> file = Checkpoint::open(words.drop_front());
  if (!file)
    return file.takeError();
  for (StringRef name : file->nearest(words[0]))
    outs() << name << '\n';
  return Error::success();
}

void printValue(double value) { printNumber(value); }
void printValue(int64_t value) { printNumber(value); }
void printValue(bool value) { outs() << (value ? "true" : "false"); }
void printValue(const std::string &value) { outs() << value; }

template <typename T> Error print(Expected<T> value) {
  if (!value)
    return value.takeError();
  printValue(*value);
  outs() << '\n';
  return Error::success();
}
template <typename T> Error print(Expected<std::vector<T>> values) {
  if (!values)
    return values.takeError();
  for (size_t i = 0; i < values->size(); ++i) {
    outs() << (i ? ", " : "");
    printValue(static_cast<T>((*values)[i]));
  }
  outs() << '\n';
  return Error::success();
}

/// config FILE TYPE KEY
Error config(Words words) {
  Expected<Config> file = Config::open(words[0]);
  if (!file)
    return file.takeError();
  const StringRef type = words[1], key = words[2];
  if (type == "integer")
    return print(file->integer(key));
  if (type == "number")
    return print(file->number(key));
  if (type == "bool")
    return print(file->boolean(key));
  if (type == "string")
    return print(file->string(key));
  if (type == "integers")
    return print(file->integers(key));
  if (type == "numbers")
    return print(file->numbers(key));
  if (type == "bools")
    return print(file->booleans(key));
  if (type == "strings")
    return print(file->strings(key));
  return createStringError("no type \"" + type + "\"");
}

/// npy FILE [COPY]: type, shape and elements; a copy if asked.
Error npy(Words words) {
  Expected<NpyArray> array = readNpy(words[0]);
  if (!array)
    return array.takeError();
  outs() << describeTensor(array->dtype, array->shape) << '\n';
  std::vector<double> values(array->count());
  convertElements(array->dtype, array->bytes.data(),
                  MutableArrayRef<double>(values));
  printNumbers(ArrayRef<double>(values));
  if (words.size() > 1)
    return writeNpyFile(words[1], array->dtype, array->shape, array->bytes);
  return Error::success();
}

/// pack AXIS WIDTH FILE: the bytes of a .npy file of u8 or i4 in panels, as
/// numbers; width 0 is dense. Every overload is run and compared.
Error packArray(Words words) {
  Expected<int64_t> axis = integerAt(words, 0);
  if (!axis)
    return axis.takeError();
  Expected<int64_t> width = integerAt(words, 1);
  if (!width)
    return width.takeError();
  Expected<NpyArray> array = readNpy(words[2]);
  if (!array)
    return array.takeError();
  kernels::Layout layout;
  if (*width != 0) {
    layout.kind = kernels::Layout::Panels;
    layout.axis = *axis;
    layout.width = *width;
  }
  const unsigned size = elementSize(array->dtype);
  Expected<uint64_t> packed = packedSize(array->shape, size, layout);
  if (!packed)
    return packed.takeError();
  std::vector<uint8_t> bytes(*packed, 0xee);
  if (Error error = pack(array->shape, size, layout, array->bytes, bytes))
    return error;

  std::string streamed;
  raw_string_ostream os(streamed);
  uint64_t read = 0;
  if (Error error = pack(
          array->shape, size, layout,
          [&](uint64_t begin, uint64_t count, MutableArrayRef<uint8_t> out) {
            read += count;
            memcpy(out.data(), array->bytes.data() + begin * size,
                   count * size);
            return Error::success();
          },
          os))
    return error;
  if (streamed !=
      StringRef(reinterpret_cast<char *>(bytes.data()), bytes.size()))
    return createStringError("the streamed bytes differ");
  if (read != array->count())
    return createStringError(
        formatv("{0} elements were read, wanted {1}", read, array->count()));
  std::vector<double> values(*packed / size);
  convertElements(array->dtype, bytes.data(), MutableArrayRef<double>(values));
  printNumbers(ArrayRef<double>(values));
  return Error::success();
}

} // namespace

Error runWeightsCommand(StringRef command, Words words, bool &known) {
  struct Command {
    StringRef name;
    size_t least;
    Error (*run)(Words);
  };
  const Command commands[] = {
      {"checkpoint", 1, checkpoint}, {"read", 5, read},
      {"stored", 3, stored},         {"nearest", 2, nearest},
      {"config", 3, config},         {"npy", 1, npy},
      {"pack", 3, packArray}};
  for (const Command &entry : commands)
    if (entry.name == command) {
      if (words.size() < entry.least)
        return createStringError(
            formatv("{0} takes at least {1} words", command, entry.least));
      return entry.run(words);
    }
  known = false;
  return Error::success();
}

} // namespace heddle::test

int main(int argc, char **argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) {
    errs() << "usage: heddle-weights-test COMMAND WORD...\n";
    return 2;
  }
  const heddle::test::Words arguments = heddle::test::Words(words).drop_front();
  bool known = true;
  Error error = heddle::test::runWeightsCommand(words[0], arguments, known);
  if (!error && !known) {
    known = true;
    error = heddle::test::runPackageCommand(words[0], arguments, known);
  }
  if (!error && !known)
    error = createStringError("no command \"" + words[0] + "\"");
  if (error) {
    outs().flush();
    errs() << "error: " << toString(std::move(error)) << '\n';
    return 1;
  }
  return 0;
}
