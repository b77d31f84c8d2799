//===- ElaborateWeight.cpp - Weights by their paths -----------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "compiler/Weights/Safetensors.h"
#include "dialects/Graph/GraphOps.h"

namespace heddle::frontend {

using llvm::Twine;

/// `@ "."` is here.
std::string Elaborator::join(llvm::StringRef scope, llvm::StringRef path, llvm::StringRef separator) {
  if (path == "." || path.empty())
    return scope.str();
  if (scope.empty())
    return path.str();
  return (scope + separator + path).str();
}

static bool isFloat(Element element) { return widened(element) == Scalar::F32; }

/// Is the checkpoint's tensor what the model declares?
bool Elaborator::checkWeight(const std::string &path, Element element, llvm::ArrayRef<Dim> shape,
                             const ast::WeightDecl &decl) {
  if (!options.checkpoint)
    return true;
  const weights::Checkpoint &checkpoint = *options.checkpoint;
  std::string files = checkpoint.files().size() == 1
                          ? llvm::StringRef(checkpoint.files()[0]).rsplit('/').second.str()
                          : "the checkpoint";
  if (files.empty())
    files = checkpoint.files()[0];
  const weights::TensorEntry *entry = checkpoint.find(path);
  if (!entry) {
    error(decl.range, "no tensor \"" + path + "\" in " + files);
    if (auto near = checkpoint.nearest(path); !near.empty())
      note(decl.range, "did you mean \"" + near[0] + "\"?");
    return false;
  }
  std::vector<int64_t> wanted;
  for (Dim dim : shape)
    wanted.push_back(*dims.value(dim));
  std::string declared = describeType(element, shape), numbers;
  for (auto [i, n] : llvm::enumerate(wanted))
    numbers += (i ? ", " : "") + std::to_string(n);
  std::string values = (spelling(element) + "[" + numbers + "]").str();
  if (entry->shape != wanted) {
    error(decl.range, "weight \"" + path + "\" is " + weights::describeTensor(entry->dtype, entry->shape) + " in " + files +
                          ", declared " + declared +
                          (declared == values ? std::string() : " = " + values));
    if (wanted.size() == 2 && entry->shape.size() == 2 && wanted[0] == entry->shape[1] && wanted[1] == entry->shape[0])
      note(decl.range, "the axes are swapped: " + describeType(element, {shape[1], shape[0]}) + "?");
    return false;
  }
  bool storedFloat = weights::isFloat(entry->dtype), storedBool = entry->dtype == weights::ElementType::Bool;
  bool fits = isFloat(element) ? storedFloat
              : element == Element::Bool ? storedBool || entry->dtype == weights::ElementType::U8
                                         : !storedFloat && !storedBool;
  if (!fits) {
    error(decl.range, "weight \"" + path + "\" holds " + weights::elementName(entry->dtype) + " in " + files +
                          ", declared " + spelling(element));
    return false;
  }
  return true;
}

Value Elaborator::weight(const ast::WeightDecl &decl, Scope &scope, const std::string &place,
                         const std::map<std::string, std::string> *renames, FileScope &file) {
  std::optional<Element> element = parseElement(decl.type->element);
  if (!element)
    return error(decl.type->range, Twine(decl.type->element) + " is not an element type");
  llvm::SmallVector<Dim> shape;
  int64_t family = -1;
  if (decl.familyExtent) {
    std::optional<int64_t> count = staticInteger(*decl.familyExtent, scope);
    if (!count)
      return Value::poison();
    if (*count < 1 || *count > 1000000)
      return error(decl.familyExtent->range, "a stacked weight has at least one part, this is " + Twine(*count));
    family = *count;
    shape.push_back(Dim::constant(*count));
  }
  for (auto &dim : decl.type->dims) {
    if (!dim)
      return error(decl.type->range, "a weight's shape is known; ... cannot stand in it");
    std::optional<Dim> value = dimension(*dim, scope);
    if (!value)
      return Value::poison();
    std::optional<int64_t> number = dims.value(*value);
    if (!number || *number < 0)
      return error(dim->range, "a weight's shape is known when the model is compiled; " + dims.describe(*value) +
                                   (number ? " is negative" : " is known at run time only"));
    shape.push_back(*value);
  }
  if (!checkShape(*element, shape, decl.type->range, /*isMemory=*/true))
    return Value::poison();
  auto tensor = std::make_shared<Tensor>();
  tensor->element = *element;
  tensor->shape = shape;
  tensor->name = decl.name;
  if (decl.type->range_) {
    if (!isInteger(widened(*element)))
      return error(decl.type->range_->range, "only integers are in a range");
    std::optional<Dim> limit = dimension(*decl.type->range_, scope);
    if (!limit)
      return Value::poison();
    tensor->bound = *limit;
  }

  auto pathOf = [&](Scope &within) -> std::optional<std::string> {
    std::string own = decl.name;
    if (auto it = renames ? renames->find(decl.name) : std::map<std::string, std::string>::const_iterator();
        renames && it != renames->end()) {
      own = it->second;
    } else if (decl.path) {
      std::optional<std::string> written = staticString(*decl.path, within);
      if (!written)
        return std::nullopt;
      own = *written;
      // A call renames a weight by its path too: { weight: "gamma" }.
      if (renames)
        if (auto byPath = renames->find(own); byPath != renames->end())
          own = byPath->second;
    }
    std::string path = options.weightsPrefix + join(place, own, model.separator);
    if (path.empty())
      error(decl.path ? decl.path->range : decl.range, Twine("the path of weight ") + decl.name + " is empty here");
    return path.empty() ? std::nullopt : std::optional(path);
  };
  std::vector<std::string> paths;
  if (family < 0) {
    std::optional<std::string> path = pathOf(scope);
    if (!path)
      return Value::poison();
    paths.push_back(*path);
  } else {
    for (int64_t n = 0; n < family; ++n) {
      Scope inner;
      inner.parent = &scope;
      Entity entity;
      entity.value = Value::integer(Dim::constant(n));
      inner.names[decl.family] = entity;
      std::optional<std::string> path = pathOf(inner);
      if (!path)
        return Value::poison();
      paths.push_back(*path);
    }
  }
  llvm::ArrayRef<Dim> each = llvm::ArrayRef<Dim>(shape).drop_front(family >= 0);
  for (const std::string &path : paths)
    if (!checkWeight(path, *element, each, decl))
      return Value::poison();
  // The same path is the same tensor: one op for it in an entry.
  std::string key = describeType(*element, shape);
  for (const std::string &path : paths)
    key += " " + path;
  auto [it, isNew] = weights.try_emplace(key);
  if (!isNew) {
    auto shared = std::make_shared<Tensor>(*it->second.tensor);
    shared->shape = shape;
    shared->name = decl.name;
    return Value::whole(shared);
  }
  llvm::SmallVector<llvm::StringRef> names(paths.begin(), paths.end());
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.restoreInsertionPoint(entryPoint());
  tensor->value = graph::WeightOp::create(
      builder, locate(decl.range), llvm::cast<graph::GraphTensorType>(emitter.tensorType(*element, shape)),
      builder.getStrArrayAttr(names), family >= 0 ? builder.getUnitAttr() : mlir::UnitAttr(),
      tensor->bound ? graph::DimAttr::get(&context, dims.resolve(*tensor->bound)) : graph::DimAttr());
  it->second = Value::whole(tensor);
  return it->second;
}

} // namespace heddle::frontend
