//===- Signature.cpp - Layout, hash and rules of a C interface ------------===//
//
// Implements Signature.h but for validate(), which is in SignatureNames.cpp.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/Signature.h"

#include "runtime/include/heddle/abi.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"

namespace heddle::package {

namespace {

struct ElementInfo {
  const char *name;
  const char *cType;
  int64_t size;
};

/// In the order of ElementType.
constexpr ElementInfo kElements[] = {
    {"bool", "uint8_t", 1}, {"i8", "int8_t", 1},    {"u8", "uint8_t", 1},
    {"i32", "int32_t", 4},  {"i64", "int64_t", 8},  {"f16", "uint16_t", 2},
    {"bf16", "uint16_t", 2}, {"f32", "float", 4},
};

const ElementInfo &info(ElementType type) { return kElements[static_cast<size_t>(type)]; }

/// Text in which no two interfaces look alike: every string carries its length.
class Canonical {
public:
  Canonical &add(llvm::StringRef s) {
    text += std::to_string(s.size()) + ":" + s.str() + ";";
    return *this;
  }
  Canonical &add(int64_t n) {
    text += std::to_string(n) + ";";
    return *this;
  }
  uint64_t hash() const { return llvm::xxh3_64bits(text); }

private:
  std::string text;
};

void addValue(Canonical &c, const Value &value) {
  c.add(value.name).add(elementName(value.type)).add(value.shape.size());
  for (const std::string &extent : value.shape)
    c.add(extent);
  c.add(value.most ? 1 : 0).add(value.most.value_or(""));
}

} // namespace

llvm::StringRef elementName(ElementType type) { return info(type).name; }
llvm::StringRef elementCType(ElementType type) { return info(type).cType; }
int64_t elementSize(ElementType type) { return info(type).size; }

ArgsLayout layOutArgs(const Entry &entry) {
  ArgsLayout layout;
  int64_t end = 0;
  auto add = [&](Field::Kind kind, size_t index, llvm::StringRef name, std::string cType,
                 bool isPointer, int64_t size, int64_t alignment) {
    end = static_cast<int64_t>(llvm::alignTo(end, alignment));
    layout.fields.push_back({kind, index, name.str(), std::move(cType), isPointer, end, size});
    end += size;
  };
  auto addValue = [&](Field::Kind kind, size_t index, const Value &value) {
    llvm::StringRef name = value.name.empty() ? "result" : llvm::StringRef(value.name);
    std::string cType = elementCType(value.type).str();
    if (value.shape.empty())
      return add(kind, index, name, cType, false, elementSize(value.type),
                 elementSize(value.type));
    add(kind, index, name, (kind == Field::ParamField ? "const " : "") + cType + " *", true, 8,
        8);
  };
  for (size_t i = 0; i < entry.dims.size(); ++i)
    add(Field::DimField, i, entry.dims[i].name, "int64_t", false, 8, 8);
  for (size_t i = 0; i < entry.params.size(); ++i)
    addValue(Field::ParamField, i, entry.params[i]);
  for (size_t i = 0; i < entry.outputDims.size(); ++i)
    add(Field::OutputDimField, i, entry.outputDims[i].name, "int64_t", false, 8, 8);
  for (size_t i = 0; i < entry.results.size(); ++i)
    addValue(Field::ResultField, i, entry.results[i]);
  add(Field::MessageField, 0, "message", "char", false, HEDDLE_MESSAGE_SIZE, 1);
  layout.messageOffset = layout.fields.back().offset;

  // A struct of characters and small scalars alone would be aligned to less than
  // 8 bytes; its size follows its widest field.
  int64_t alignment = 1;
  for (const Field &field : layout.fields)
    if (field.kind != Field::MessageField)
      alignment = std::max(alignment, field.size);
  layout.size = static_cast<int64_t>(llvm::alignTo(end, alignment));
  return layout;
}

uint64_t hashInterface(const Signature &signature) {
  Canonical c;
  c.add(HD1_ABI_VERSION).add(HEDDLE_MESSAGE_SIZE).add(signature.name);
  c.add(signature.entries.size());
  for (const Entry &entry : signature.entries) {
    c.add(entry.name).add(entry.dims.size());
    for (const Dim &dim : entry.dims)
      c.add(dim.name).add(dim.least).add(dim.most);
    c.add(entry.params.size());
    for (const Value &param : entry.params)
      addValue(c, param);
    c.add(entry.outputDims.size());
    for (const OutputDim &dim : entry.outputDims)
      c.add(dim.name).add(dim.range);
    c.add(entry.results.size());
    for (const Value &result : entry.results)
      addValue(c, result);
    c.add(entry.facts.size());
    for (const std::string &fact : entry.facts)
      c.add(fact);
  }
  return c.hash();
}

std::string abiSymbol(const Signature &signature) {
  return signature.name + "_abi_" +
         llvm::utohexstr(signature.abiHash, /*LowerCase=*/true, /*Width=*/16);
}

} // namespace heddle::package
