//===- Signature.h - A model's C interface as plain data --------*- C++ -*-===//
//
// What the generated header says and the generated host functions implement:
// both are made from these structs, so they cannot differ. README.md lists the
// symbols and the layouts that follow from them.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_PACKAGE_SIGNATURE_H
#define HEDDLE_COMPILER_PACKAGE_SIGNATURE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::package {

/// Types of elements as the language names them. In C: Bool is uint8_t (0 or
/// not 0), F16 and BF16 are uint16_t.
enum class ElementType : uint8_t { Bool, I8, U8, I32, I64, F16, BF16, F32 };

/// The language's name ("i32") and the C type ("int32_t").
llvm::StringRef elementName(ElementType type);
llvm::StringRef elementCType(ElementType type);

/// Bytes of one element.
int64_t elementSize(ElementType type);

/// A run-time dimension: an int64_t field that the caller sets.
struct Dim {
  std::string name;
  int64_t least = 1;
  int64_t most = 0;
  std::string mostName; ///< how the model file writes the bound ("P"); empty: a number
};

/// A dimension that a call computes: an int64_t field that it writes.
struct OutputDim {
  std::string name;
  std::string range; ///< for people: "0 .. T + 1"
};

/// A parameter or result. With axes it is a pointer to a dense row-major tensor
/// of the caller; without, a field that holds the value.
struct Value {
  std::string name; ///< empty for a single unnamed result, which is called `result`
  ElementType type = ElementType::F32;
  std::vector<std::string> shape; ///< C expressions over the dimensions: "B", "384", "2 * S"
  std::optional<std::string> most; ///< of an integer parameter `in V`: the largest
                                   ///< allowed value, as a C expression ("30521")
  std::string doc;                 ///< may be empty
};

/// A C function.
struct Entry {
  std::string name;
  std::string doc; ///< the comment above the entry in the model file
  std::vector<Dim> dims;
  std::vector<Value> params;
  std::vector<OutputDim> outputDims;
  std::vector<Value> results;
  std::vector<std::string> facts; ///< `where` facts other than bounds: "S == N * W"
  std::string workspace; ///< bytes of working memory, as a C expression over the
                         ///< dimensions; "0" if none is needed
  std::string example;   ///< as in the model file: "B = 2, S = 16"; may be empty
};

/// A model: the contents of one header.
struct Signature {
  std::string name;
  std::string doc;
  uint64_t abiHash = 0; ///< of the interface: hashInterface()
  std::vector<Entry> entries;
  std::string weightsFile = {}; ///< name of the weights file, for people; empty: none
};

/// One field of an entry's arguments struct.
struct Field {
  enum Kind : uint8_t { DimField, ParamField, OutputDimField, ResultField, MessageField };
  Kind kind = DimField;
  size_t index = 0; ///< position in Entry::dims, params, outputDims or results
  std::string name;
  std::string cType;      ///< "int64_t", "const int32_t *", "float *", "char"
  bool isPointer = false; ///< the field is the address of a tensor
  int64_t offset = 0;     ///< bytes from the start of the struct
  int64_t size = 0;       ///< bytes
};

/// The arguments struct of an entry: dimensions, parameters, output dimensions,
/// results, each list in order, then `message`. C's rules of alignment on 64-bit
/// targets.
struct ArgsLayout {
  std::vector<Field> fields;
  int64_t size = 0;          ///< bytes, what sizeof gives
  int64_t messageOffset = 0; ///< of the message, HEDDLE_MESSAGE_SIZE bytes
};
ArgsLayout layOutArgs(const Entry &entry);

/// A hash of everything that a caller's code depends on: names, types, shapes,
/// bounds and the version of the ABI; not comments, examples, the workspace's
/// formula or weights. The same on every machine.
uint64_t hashInterface(const Signature &signature);

/// The symbol that ties a header to its object: "<model>_abi_<16 digits>".
std::string abiSymbol(const Signature &signature);

/// An error if a name cannot be used in C and C++ or two things would have one
/// name. Call it before anything is made from a signature.
llvm::Error validate(const Signature &signature);

} // namespace heddle::package

#endif // HEDDLE_COMPILER_PACKAGE_SIGNATURE_H
