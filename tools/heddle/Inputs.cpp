//===- Inputs.cpp - Inputs and results of entries -------------------------===//

#include "tools/heddle/Inputs.h"

#include "compiler/Driver/Work.h"
#include "compiler/Weights/Npy.h"
#include "compiler/Weights/Suggest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <random>

namespace heddle::tool {

using driver::Array;
using reference::Storage;

/// "; did you mean X? it has X, Y": what follows a name that does not exist.
static std::string hint(llvm::StringRef name, llvm::ArrayRef<std::string> known) {
  if (known.empty())
    return "; it has none";
  std::vector<llvm::StringRef> candidates(known.begin(), known.end());
  std::vector<llvm::StringRef> nearest = weights::nearestNames(name, candidates, 1);
  return (nearest.empty() ? "" : "; did you mean " + nearest[0].str() + "?") + "; it has " + llvm::join(known, ", ");
}

llvm::Expected<mlir::func::FuncOp> findEntry(mlir::ModuleOp module, llvm::StringRef name) {
  mlir::func::FuncOp found;
  std::vector<std::string> all;
  for (auto entry : module.getOps<mlir::func::FuncOp>()) {
    all.push_back(entry.getName().str());
    if (name.empty() || entry.getName() == name)
      found = found ? found : entry;
  }
  if (found && (!name.empty() || all.size() == 1))
    return found;
  if (all.empty())
    return llvm::createStringError("the model has no entry");
  if (name.empty())
    return llvm::createStringError("the model has several entries; give --entry with one of " + llvm::join(all, ", "));
  return llvm::createStringError("the model has no entry " + name + hint(name, all));
}

void keepOnly(mlir::func::FuncOp entry) {
  auto module = entry->getParentOfType<mlir::ModuleOp>();
  for (auto other : llvm::make_early_inc_range(module.getOps<mlir::func::FuncOp>()))
    if (other != entry)
      other.erase();
}

weights::ElementType npyType(Storage storage) {
  switch (storage) {
  case Storage::Bool: return weights::ElementType::Bool;
  case Storage::I8:   return weights::ElementType::I8;
  case Storage::U8:   return weights::ElementType::U8;
  case Storage::I32:  return weights::ElementType::I32;
  case Storage::I64:  return weights::ElementType::I64;
  case Storage::F16:  return weights::ElementType::F16;
  case Storage::BF16: return weights::ElementType::U16; // NumPy has no bf16: its bits
  case Storage::F32:  return weights::ElementType::F32;
  case Storage::F64:  return weights::ElementType::F64;
  }
  return weights::ElementType::F32;
}

/// Elements of an input that is made up.
constexpr int64_t kMostRandomElements = int64_t(1) << 30;

static std::string nameOf(mlir::func::FuncOp entry, unsigned i) {
  auto name = entry.getArgAttrOfType<mlir::StringAttr>(i, "graph.name");
  return name ? name.getValue().str() : std::to_string(i);
}

template <typename T>
static void put(Array &array, size_t at, T value) {
  memcpy(array.bytes.data() + at * sizeof(T), &value, sizeof(T));
}

static void putInteger(Array &array, size_t at, int64_t value) {
  switch (array.storage) {
  case Storage::Bool:
  case Storage::U8:  return put<uint8_t>(array, at, value);
  case Storage::I8:  return put<int8_t>(array, at, value);
  case Storage::I32: return put<int32_t>(array, at, value);
  default:           return put<int64_t>(array, at, value);
  }
}

static void putReal(Array &array, size_t at, double value) {
  switch (array.storage) {
  case Storage::F16:  return put<uint16_t>(array, at, reference::floatToHalf(value));
  case Storage::BF16: return put<uint16_t>(array, at, reference::floatToBFloat(value));
  case Storage::F64:  return put<double>(array, at, value);
  default:            return put<float>(array, at, value);
  }
}

llvm::Expected<std::vector<Array>> readInputs(mlir::func::FuncOp entry, const Arguments &arguments) {
  std::vector<Array> arrays(entry.getNumArguments());
  std::vector<bool> given(entry.getNumArguments());
  for (const auto &input : arguments.inputs) {
    const std::string &name = input.first, &path = input.second;
    unsigned i = 0;
    while (i < arrays.size() && nameOf(entry, i) != name)
      ++i;
    if (i == arrays.size()) {
      std::vector<std::string> all;
      for (unsigned k = 0; k < arrays.size(); ++k)
        all.push_back(nameOf(entry, k));
      return llvm::createStringError("entry " + entry.getName() + " has no parameter " + name + hint(name, all));
    }
    if (given[i])
      return llvm::createStringError("--input " + name + " is given twice");
    given[i] = true;
    auto file = weights::readNpy(path);
    if (!file)
      return file.takeError();
    auto type = llvm::cast<graph::GraphTensorType>(entry.getArgumentTypes()[i]);
    Array &array = arrays[i];
    array.storage = reference::storageOf(type.getElementType());
    array.shape.assign(file->shape.begin(), file->shape.end());
    size_t count = file->count();
    array.bytes.resize(std::max<size_t>(1, count * reference::sizeOf(array.storage)));
    auto mismatch = [&] {
      return llvm::createStringError(path + ": " + name + " holds " + weights::elementName(file->dtype).str() + ", wanted " +
                                     weights::elementName(npyType(array.storage)).str());
    };
    if (file->dtype == npyType(array.storage)) {
      llvm::copy(file->bytes, array.bytes.begin()); // of no element there are no bytes
    } else if (reference::isReal(array.storage)) {
      if (!weights::isFloat(file->dtype))
        return mismatch();
      std::vector<double> values(count);
      weights::convertElements(file->dtype, file->bytes.data(), llvm::MutableArrayRef<double>(values));
      for (size_t k = 0; k < count; ++k)
        putReal(array, k, values[k]);
    } else {
      if (weights::isFloat(file->dtype) || array.storage == Storage::Bool || file->dtype == weights::ElementType::Bool)
        return mismatch();
      std::vector<int64_t> values(count);
      if (llvm::Error error = weights::convertElements(file->dtype, file->bytes.data(), llvm::MutableArrayRef<int64_t>(values)))
        return std::move(error);
      unsigned bits = reference::sizeOf(array.storage) * 8;
      for (size_t k = 0; k < count; ++k) {
        bool fits = array.storage == Storage::U8 ? llvm::isUIntN(8, values[k]) : llvm::isIntN(bits, values[k]);
        if (!fits)
          return llvm::createStringError(path + ": " + name + " holds " + std::to_string(values[k]) + ", which does not fit " +
                                         weights::elementName(npyType(array.storage)).str());
        putInteger(array, k, values[k]);
      }
    }
  }
  for (unsigned i = 0; i < arrays.size(); ++i)
    if (!given[i])
      return llvm::createStringError("nothing gives " + nameOf(entry, i) + "; write --input " + nameOf(entry, i) + "=FILE.npy, or --random");
  return arrays;
}

llvm::Expected<reference::DimValues> exampleSizes(mlir::func::FuncOp entry, const Arguments &arguments) {
  reference::DimValues dims;
  if (auto example = entry->getAttrOfType<mlir::DictionaryAttr>("graph.example"))
    for (mlir::NamedAttribute size : example)
      dims[size.getName().str()] = llvm::cast<mlir::IntegerAttr>(size.getValue()).getInt();
  std::vector<std::string> names;
  if (auto sizes = entry->getAttrOfType<mlir::ArrayAttr>("graph.dims"))
    for (auto size : sizes.getAsRange<graph::SizeAttr>()) {
      names.push_back(size.getName().str());
      dims.try_emplace(names.back(), std::max<int64_t>(size.getLeast(), std::min<int64_t>(2, size.getMost())));
    }
  for (const auto &[name, value] : arguments.dims) {
    if (!llvm::is_contained(names, name))
      return llvm::createStringError("entry " + entry.getName() + " has no dimension " + name + hint(name, names));
    dims[name] = value;
  }
  return dims;
}

llvm::Expected<std::vector<Array>> randomInputs(mlir::func::FuncOp entry, const Arguments &arguments) {
  auto dims = exampleSizes(entry, arguments);
  if (!dims)
    return dims.takeError();
  auto valueOf = [&](Dim dim) { return driver::evaluate(dim, *dims); };
  std::mt19937_64 random(20240501);
  auto uniform = [&] { return double(random() >> 11) * 0x1p-53; };
  std::vector<Array> arrays;
  for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
    auto type = llvm::cast<graph::GraphTensorType>(entry.getArgumentTypes()[i]);
    Array array;
    array.storage = reference::storageOf(type.getElementType());
    int64_t count = 1;
    for (Dim dim : type.getShape()) {
      std::optional<int64_t> extent = valueOf(dim);
      if (!extent)
        return llvm::createStringError(nameOf(entry, i) + ": the size " + dim.str() + " is not known; give --dim");
      if (*extent < 0)
        return llvm::createStringError(nameOf(entry, i) + ": the size " + dim.str() + " is " + std::to_string(*extent) +
                                       ", which is below 0");
      array.shape.push_back(*extent);
      // Out of bounds is the entry's to refuse, but not what no memory holds.
      if (llvm::MulOverflow(count, *extent, count) || count > kMostRandomElements)
        return llvm::createStringError(nameOf(entry, i) + " would have more than " + std::to_string(kMostRandomElements) +
                                       " elements; give smaller sizes with --dim");
    }
    array.bytes.resize(std::max<size_t>(1, count * reference::sizeOf(array.storage)));
    auto bound = entry.getArgAttrOfType<graph::DimAttr>(i, "graph.bound");
    int64_t limit = bound ? valueOf(bound.getValue()).value_or(1) : 9;
    for (int64_t k = 0; k < count; ++k) {
      if (array.storage == Storage::Bool)
        putInteger(array, k, uniform() < 0.7);
      else if (reference::isReal(array.storage))
        putReal(array, k, std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.283185307179586 * uniform()));
      else
        putInteger(array, k, limit > 0 ? int64_t(uniform() * double(limit)) : 0);
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

llvm::Error checkInputs(mlir::func::FuncOp entry, llvm::ArrayRef<Array> inputs, const reference::DimValues &dims) {
  std::string name = entry.getName().str();
  if (auto sizes = entry->getAttrOfType<mlir::ArrayAttr>("graph.dims"))
    for (auto size : sizes.getAsRange<graph::SizeAttr>()) {
      auto it = dims.find(size.getName().str());
      if (it == dims.end() || it->second < size.getLeast() || it->second > size.getMost())
        return llvm::createStringError(name + ": " + size.getName().str() + " = " +
                                       (it == dims.end() ? "?" : std::to_string(it->second)) + " is outside " +
                                       std::to_string(size.getLeast()) + " .. " + std::to_string(size.getMost()));
    }
  for (auto [i, array] : llvm::enumerate(inputs)) {
    auto bound = entry.getArgAttrOfType<graph::DimAttr>(i, "graph.bound");
    if (!bound)
      continue;
    auto limit = bound.getValue().evaluate([&](llvm::StringRef s) { return std::optional<int64_t>(dims.at(s.str())); });
    reference::Tensor view = reference::Tensor::view(array.storage, array.shape, array.bytes.data());
    for (int64_t k = 0; k < view.count(); ++k)
      if (view.integer(k) < 0 || view.integer(k) >= *limit)
        return llvm::createStringError(name + ": " + nameOf(entry, i) + " holds " + std::to_string(view.integer(k)) +
                                       ", which is outside 0 .. " + std::to_string(*limit - 1));
  }
  return llvm::Error::success();
}

std::vector<reference::Tensor> asTensors(llvm::ArrayRef<Array> arrays) {
  std::vector<reference::Tensor> tensors;
  for (const Array &array : arrays)
    tensors.push_back(reference::Tensor::view(array.storage, array.shape, array.bytes.data()));
  return tensors;
}

Array toArray(const reference::Tensor &tensor, mlir::Type element) {
  Array array;
  array.storage = reference::storageOf(element);
  array.shape = tensor.shape;
  int64_t count = tensor.count();
  array.bytes.resize(std::max<size_t>(1, count * reference::sizeOf(array.storage)));
  for (int64_t i = 0; i < count; ++i) {
    if (reference::isReal(array.storage))
      putReal(array, i, tensor.real(i));
    else
      putInteger(array, i, tensor.integer(i));
  }
  return array;
}

} // namespace heddle::tool
