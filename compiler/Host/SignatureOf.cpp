//===- SignatureOf.cpp - A module's C interface ---------------------------===//

#include "compiler/Host/HostFunction.h"

#include "compiler/Host/Plan.h"
#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"

namespace heddle::host {

using namespace mlir;

/// A dimension as a C expression.
static std::string inC(Dim dim) {
  std::string text = dim.str();
  for (size_t at; (at = text.find("//")) != std::string::npos;)
    text.replace(at, 2, "/");
  return text;
}

static std::optional<package::ElementType> elementOf(Type type) {
  if (type.isInteger(1)) return package::ElementType::Bool;
  if (type.isF32()) return package::ElementType::F32;
  if (type.isF16()) return package::ElementType::F16;
  if (type.isBF16()) return package::ElementType::BF16;
  if (type.isInteger(8)) return type.isUnsignedInteger() ? package::ElementType::U8 : package::ElementType::I8;
  if (type.isInteger(32)) return package::ElementType::I32;
  if (type.isInteger(64)) return package::ElementType::I64;
  return std::nullopt;
}

llvm::Expected<package::Signature> signatureOf(ModuleOp module) {
  package::Signature signature;
  if (auto name = module->getAttrOfType<StringAttr>("graph.model"))
    signature.name = name.getValue().str();
  for (auto entry : module.getOps<func::FuncOp>()) {
    if (llvm::Error error = checkEntry(entry))
      return std::move(error);
    package::Entry out;
    out.name = entry.getName().str();
    if (auto doc = entry->getAttrOfType<StringAttr>("graph.doc"))
      out.doc = doc.getValue().str();
    auto boundNames = entry->getAttrOfType<DictionaryAttr>("graph.bound_names");
    if (auto sizes = entry->getAttrOfType<ArrayAttr>("graph.dims"))
      for (auto size : sizes.getAsRange<graph::SizeAttr>()) {
        package::Dim dim;
        dim.name = size.getName().str();
        dim.least = size.getLeast();
        dim.most = size.getMost();
        if (boundNames)
          if (auto bound = boundNames.getAs<StringAttr>(size.getName()))
            dim.mostName = bound.getValue().str();
        out.dims.push_back(std::move(dim));
      }
    auto value = [&](Type type, DictionaryAttr attrs) -> llvm::Expected<package::Value> {
      auto tensor = cast<graph::GraphTensorType>(type);
      package::Value v;
      if (attrs)
        if (auto name = attrs.getAs<StringAttr>("graph.name"))
          v.name = name.getValue().str();
      std::optional<package::ElementType> element = elementOf(tensor.getElementType());
      if (!element)
        return llvm::createStringError("entry " + out.name + ": no C type for an element of " + v.name);
      v.type = *element;
      for (Dim dim : tensor.getShape())
        v.shape.push_back(inC(dim));
      if (attrs)
        if (auto bound = attrs.getAs<graph::DimAttr>("graph.bound"))
          v.most = inC(bound.getValue() - 1);
      return v;
    };
    for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
      auto v = value(entry.getArgumentTypes()[i], entry.getArgAttrDict(i));
      if (!v)
        return v.takeError();
      out.params.push_back(std::move(*v));
    }
    for (unsigned i = 0; i < entry.getNumResults(); ++i) {
      auto v = value(entry.getResultTypes()[i], entry.getResultAttrDict(i));
      if (!v)
        return v.takeError();
      out.results.push_back(std::move(*v));
    }
    if (auto texts = entry->getAttrOfType<ArrayAttr>("graph.fact_texts"))
      for (auto text : texts.getAsRange<StringAttr>())
        out.facts.push_back(text.getValue().str());
    Plan layout = plan(entry);
    out.workspace = inC(layout.offset(layout.slots.size()));
    if (auto example = entry->getAttrOfType<DictionaryAttr>("graph.example"))
      for (NamedAttribute size : example)
        out.example += (out.example.empty() ? "" : ", ") + size.getName().str() + " = " +
                       std::to_string(cast<IntegerAttr>(size.getValue()).getInt());
    signature.entries.push_back(std::move(out));
  }
  if (llvm::Error error = package::validate(signature))
    return std::move(error);
  signature.abiHash = package::hashInterface(signature);
  return signature;
}

} // namespace heddle::host
