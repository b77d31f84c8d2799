//===- ElaborateDefine.cpp - Extents, proofs, definitions -----------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

namespace heddle::frontend {

using llvm::Twine;

/// Coordinates are 32 bits.
static constexpr int64_t kMostExtent = (int64_t(1) << 31) - 1;

/// Finds the extent of every index of the definition. An index that is written
/// with an extent has that; another the extent of the axes in which it stands
/// alone, or what is left of an axis that a composite cuts.
bool Elaborator::solve(Definition &definition) {
  auto known = [&](const IndexRef &raw) { return resolve(raw)->extent.isValid(); };
  bool failed = false;

  auto takeUses = [&](IndexRef index, bool weak) {
    const ExtentUse *first = nullptr;
    for (const ExtentUse &use : index->uses)
      if (use.weak == weak && !first)
        first = &use;
    if (!first)
      return false;
    for (const ExtentUse &use : index->uses) {
      if (use.weak != weak || sameDim(first->extent, use.extent, use.range))
        continue;
      std::string name = index->name.empty() ? "the index" : index->name;
      auto side = [&](const ExtentUse &u) { return dims.describe(u.extent) + " (" + u.what + ")"; };
      std::string hint = index->range.isValid() && !index->annotated
          ? "; if " + name + " is to run over " + first->extent.str() + ", write " + name + ": " + first->extent.str() : "";
      error(use.range, "index " + name + " runs over " + side(*first) + " and over " + side(use) + hint);
      failed = true;
      break;
    }
    index->extent = first->extent;
    return true;
  };

  for (bool weak : {false, true}) {
    for (bool progress = true; progress && !failed;) {
      progress = false;
      for (const IndexRef &raw : definition.indices) {
        IndexRef index = resolve(raw);
        if (!known(index))
          progress |= takeUses(index, weak);
      }
      for (Cut &cut : definition.cuts) {
        if (!cut.read)
          continue;
        Subscript &subscript = cut.read->subscripts[cut.subscript];
        Dim rest = Dim::constant(1);
        int unknown = -1, numUnknown = 0;
        for (unsigned i = 0; i < subscript.digits.size(); ++i) {
          IndexRef var = resolve(subscript.digitVars[i]);
          if (!subscript.radix[i].isValid() && var && var->extent.isValid())
            subscript.radix[i] = var->extent;
          if (subscript.radix[i].isValid()) {
            rest = rest * subscript.radix[i];
          } else {
            unknown = i;
            ++numUnknown;
          }
        }
        if (numUnknown != 1)
          continue;
        Dim total = dims.resolve(cut.total), divisor = dims.resolve(rest);
        std::optional<Dim> quotient = Dim::divideExactly(total, divisor);
        // A fact may say that it divides.
        if (!quotient && dims.proveNonNegative(divisor - 1))
          if (Dim floor = Dim::floorDiv(total, divisor); floor.isValid() && dims.equal(floor * divisor, total))
            quotient = floor;
        if (!quotient) {
          error(cut.range, cut.what + " has " + dims.describe(cut.total) + " places, which " +
                               dims.describe(rest) + " does not divide");
          return false;
        }
        // Keep a name where the cut has one: D of H * D.
        if (std::optional<Dim> named = Dim::divideExactly(cut.total, rest))
          quotient = named;
        subscript.radix[unknown] = *quotient;
        if (IndexRef var = resolve(subscript.digitVars[unknown]); var && !var->extent.isValid())
          var->extent = *quotient;
        progress = true;
      }
      for (const NodeRef &sort : definition.ranked) {
        IndexRef rank = resolve(sort->index), axis = resolve(sort->indices[0]);
        if (!known(rank) && known(axis)) {
          rank->extent = axis->extent;
          progress = true;
        }
      }
      for (const NodeRef &cat : definition.cats) {
        IndexRef index = resolve(cat->index);
        if (known(index))
          continue;
        Dim total = Dim::constant(0);
        for (const IndexRef &part : cat->indices) {
          if (!part) {
            total = total + 1;
          } else if (known(part)) {
            total = total + resolve(part)->extent;
          } else {
            total = Dim();
            break;
          }
        }
        if (total.isValid()) {
          index->extent = total;
          progress = true;
        }
      }
    }
  }
  if (failed)
    return false;

  for (Cut &cut : definition.cuts) {
    if (!cut.read)
      continue;
    Subscript &subscript = cut.read->subscripts[cut.subscript];
    Dim product = Dim::constant(1);
    for (unsigned i = 0; i < subscript.radix.size(); ++i) {
      if (!subscript.radix[i].isValid())
        if (IndexRef var = resolve(subscript.digitVars[i]))
          subscript.radix[i] = var->extent;
      if (!subscript.radix[i].isValid()) {
        std::string first;
        for (unsigned k = 0; k < subscript.digitVars.size() && first.empty(); ++k)
          if (IndexRef var = resolve(subscript.digitVars[k]))
            first = var->name;
        error(cut.range, "cannot tell how " + dims.describe(cut.total) + " is cut into " + text(cut.range) +
                             ": write " + (first.empty() ? "the extent of a digit" : first + ": N"));
        return false;
      }
      product = product * subscript.radix[i];
    }
    if (!dims.equal(product, cut.total)) {
      error(cut.range, text(cut.range) + " has " + dims.describe(product) + " places, " + cut.what + " has " +
                           dims.describe(cut.total));
      return false;
    }
  }
  for (const IndexRef &raw : definition.indices) {
    IndexRef index = resolve(raw);
    if (known(index))
      continue;
    error(index->range, "cannot tell how far " + index->name + " runs; nothing is subscripted by " + index->name +
                            " alone: write " + index->name + ": N");
    return false;
  }
  for (const NodeRef &cat : definition.cats) {
    Dim total = Dim::constant(0);
    for (const IndexRef &part : cat->indices)
      total = total + (part ? resolve(part)->extent : Dim::constant(1));
    if (!dims.equal(total, resolve(cat->index)->extent)) {
      error(cat->range, "the parts of cat have " + dims.describe(total) + " places, " + resolve(cat->index)->name +
                            " runs over " + dims.describe(resolve(cat->index)->extent));
      return false;
    }
  }
  return true;
}

void Elaborator::assumeAll(LinearForms &forms, const Facts &facts, llvm::ArrayRef<NodeRef> goals) {
  std::vector<Dim> known;
  forms.addFacts(assumed, goals, known);
  forms.assume(known);
  known.clear();
  forms.addFacts(facts, goals, known);
  forms.assume(known);
}

IndexRef Elaborator::bindIndex(Scope &inner, llvm::StringRef name, SourceRange range, const ast::Expr *extent) {
  Dim dim;
  if (extent) {
    std::optional<Dim> given = dimension(*extent, *inner.parent);
    if (!given)
      return nullptr;
    dim = *given;
  }
  Entity entity;
  entity.kind = Entity::Index;
  entity.index = newIndex(name, range, dim);
  entity.range = range;
  inner.names[name.str()] = entity;
  return entity.index;
}

bool Elaborator::annotate(const IndexRef &index, const ast::Expr &extent, Scope &scope) {
  std::optional<Dim> given = dimension(extent, scope);
  if (given && !index->extent.isValid()) {
    index->extent = *given;
    index->annotated = true;
  }
  return given.has_value();
}

std::string Elaborator::requirement(Dim value, Dim extent, LinearForms &forms, bool isMost) {
  std::map<std::string, NodeRef> data;
  Dim most = value.isValid() ? forms.mostOverIndices(value, data) : Dim();
  if (!most.isValid() || data.empty())
    return "";
  std::string fact = (isMost ? most : most + 1).str(), indices;
  std::set<std::string> seen;
  for (auto &[symbol, node] : data) {
    if (node->kind != Node::Read || node->tensor->name.empty())
      return "";
    std::string written = node->tensor->name, places;
    for (const Subscript &subscript : node->subscripts) {
      bool isIndex = subscript.value && subscript.value->kind == Node::Index;
      std::string place = isIndex ? resolve(subscript.value->index)->name : text(subscript.range);
      if (place.empty())
        return "";
      places += (places.empty() ? "" : ", ") + place;
    }
    written += places.empty() ? "" : "[" + places + "]";
    for (size_t at = fact.find(symbol); at != std::string::npos; at = fact.find(symbol, at + written.size()))
      fact.replace(at, symbol.size(), written);
    for (const IndexRef &index : freeIndices(node))
      if (seen.insert(index->name).second)
        indices += (indices.empty() ? "" : ", ") + index->name;
  }
  fact += " <= " + extent.str();
  return indices.empty() ? fact : "all[" + indices + "](" + fact + ")";
}

bool Elaborator::checkSubscript(const NodeRef &read, unsigned axis, const Facts &facts, LinearForms &forms) {
  Subscript &subscript = read->subscripts[axis];
  Dim extent = dims.resolve(read->tensor->shape[axis]);
  if (subscript.keep == Keep::Clamp || subscript.keep == Keep::Wrap) {
    // Of an empty axis there is nothing to read: the guard gives 0.
    if (!dims.proveNonNegative(extent - 1))
      read->guarded = true;
    return true;
  }
  if (subscript.drop)
    return true;
  Dim value = forms.of(subscript);
  Dim low = value, high = value.isValid() ? extent - 1 - value : Dim();
  if (subscript.keep == Keep::Reflect) {
    low = value.isValid() ? value + extent - 1 : Dim();
    high = value.isValid() ? extent * 2 - 2 - value : Dim();
  }
  if (forms.proveNonNegative(low, {}) && forms.proveNonNegative(high, {}))
    return true;
  if (read->pad) {
    subscript.check = true;
    return true;
  }
  LinearForms knowing(dims);
  std::vector<NodeRef> goals{subscript.value};
  goals.insert(goals.end(), subscript.digits.begin(), subscript.digits.end());
  assumeAll(knowing, facts, goals);
  value = knowing.of(subscript);
  low = value;
  high = value.isValid() ? extent - 1 - value : Dim();
  if (subscript.keep == Keep::Reflect) {
    low = value.isValid() ? value + extent - 1 : Dim();
    high = value.isValid() ? extent * 2 - 2 - value : Dim();
  }
  bool isAbove = knowing.proveNonNegative(low, {}), isBelow = knowing.proveNonNegative(high, {});
  if (isAbove && isBelow) {
    read->guarded = true;
    return true;
  }
  std::string name = read->tensor->name;
  if (name.empty())
    name = text(read->range).substr(0, text(read->range).find('['));
  std::string whole = text(read->range), part = text(subscript.range);
  Dim most = knowing.most(value), least = knowing.least(value);
  Dim end = isBelow ? least : most;
  if (read->isWrite) {
    std::string fact = isBelow || !isAbove ? std::string() : requirement(value, read->tensor->shape[axis], knowing);
    error(subscript.range, "this write can be out of range: " +
                               (end.isValid() ? part + " reaches " + end.str() : "nothing bounds " + part) + ", axis " +
                               Twine(axis + 1) + " of " + name + " has " + dims.describe(read->tensor->shape[axis]) +
                               (fact.empty() ? "; write \"drop\" behind it, or clamp(" + part + ")"
                                             : "; add require " + fact + ", \"..\", or write \"drop\" behind it"));
    return false;
  }
  if (!end.isValid()) {
    error(subscript.range, whole + " can be out of range: nothing bounds " + part + "; declare it \"in " +
                               read->tensor->shape[axis].str() + "\", or write clamp(" + part + ") or \"pad 0\"");
    return false;
  }
  std::string reaches = end.isValid() ? part + " reaches " + end.str()
                                      : "nothing bounds " + part;
  std::string hint = "write \"pad v\", clamp(" + part + ") or wrap(" + part + ")";
  error(subscript.range, whole + " can be out of range: " + reaches + ", axis " + std::to_string(axis + 1) + " of " +
                             name + " has " + dims.describe(read->tensor->shape[axis]) + "; " + hint);
  return false;
}

bool Elaborator::discharge(Definition &definition) {
  bool ok = true;
  for (Obligation &obligation : definition.obligations) {
    LinearForms forms(dims);
    for (unsigned axis = 0; axis < obligation.read->subscripts.size() && ok; ++axis)
      ok &= checkSubscript(obligation.read, axis, obligation.facts, forms);
  }
  definition.obligations.clear();
  return ok;
}

bool Elaborator::isIn(const Tensor &tensor, Dim limit) const {
  return tensor.bound && (!tensor.least || dims.proveNonNegative(*tensor.least)) &&
         dims.proveNonNegative(limit - *tensor.bound);
}

std::string Elaborator::describeRange(const Tensor &tensor) const {
  return tensor.least ? dims.describe(*tensor.least) + " .. " + dims.describe(*tensor.bound - 1) : dims.describe(*tensor.bound);
}

bool Elaborator::checkShape(Element element, llvm::ArrayRef<Dim> shape, SourceRange range, bool isMemory) {
  // A formula may have more than memory that is addressed with 32 bits: the compiler
  // looks again at what it stores.
  const int64_t kMostElements = isMemory ? (int64_t(1) << 31) - 1 : INT64_MAX;
  constexpr size_t kMostAxes = 32;
  if (shape.size() > kMostAxes) {
    error(range, "a tensor has at most " + Twine(kMostAxes) + " axes, this has " + Twine(shape.size()));
    return false;
  }
  for (Dim dim : shape)
    if (!dims.proveNonNegative(dim)) {
      if (dims.value(dim))
        error(range, "the dimension " + dims.describe(dim) + " is negative");
      else
        error(range, "the dimension " + dims.describe(dim) + " is not proved to be at least 0; it needs a fact (where ..)");
      return false;
    }
  std::optional<int64_t> most = dims.bounds(Dim::product(shape)).most;
  if (most && *most <= kMostElements)
    return true;
  error(range, describeType(element, shape) + " can have " + (most ? Twine(*most) : Twine("more")) + " elements" +
                   (most ? ", more than" : " than") + " the " + Twine(kMostElements) + " that coordinates of " +
                   (isMemory ? "32" : "64") + " bits reach; bound its dimensions more tightly (where ..)");
  return false;
}

TensorRef Elaborator::finish(Definition &definition, NodeRef root, llvm::ArrayRef<IndexRef> places,
                             llvm::ArrayRef<int32_t> axes, SourceRange range) {
  std::vector<IndexRef> left;
  for (const IndexRef &place : places)
    left.push_back(resolve(place));
  for (const IndexRef &index : freeIndices(root)) {
    if (llvm::is_contained(left, index))
      continue;
    std::string name = index->name.empty() ? "an axis" : index->name;
    error(index->range.isValid() ? index->range : range,
          "index " + name + " is free: it stands in " + text(root->range) + " but not on the left; reduce over it, as in sum[" +
              name + "](..), or write it on the left");
    return nullptr;
  }
  if (!solve(definition) || !discharge(definition))
    return nullptr;

  auto tensor = std::make_shared<Tensor>();
  unsigned next = 0;
  for (int32_t size : axes) {
    Dim extent = Dim::constant(1);
    for (int32_t i = 0; i < size; ++i)
      extent = extent * left[next++]->extent;
    tensor->shape.push_back(extent);
  }
  switch (root->type) {
  case Scalar::Bool: tensor->element = Element::Bool; break;
  case Scalar::Index:
  case Scalar::I32:  tensor->element = Element::I32; break;
  case Scalar::I64:  tensor->element = Element::I64; break;
  case Scalar::F32:  tensor->element = Element::F32; break;
  }
  // What is converted to bytes is stored in bytes.
  if (root->kind == Node::Cast && (root->element == Element::I8 || root->element == Element::U8))
    tensor->element = root->element;
  if (!checkShape(tensor->element, tensor->shape, range))
    return nullptr;
  // What is reduced over is in no shape; an extent that is written may be anything.
  for (const IndexRef &raw : definition.indices) {
    IndexRef index = resolve(raw);
    std::optional<int64_t> most = dims.bounds(index->extent).most;
    if (most && *most <= kMostExtent && dims.proveNonNegative(index->extent))
      continue;
    std::string name = index->name.empty() ? "an index" : "index " + index->name;
    error(index->range, name + " runs over " + dims.describe(index->extent) + ", which is not proved to be between 0 and " +
                            Twine(kMostExtent));
    return nullptr;
  }
  if (isInteger(root->type)) {
    LinearForms forms(dims);
    assumeAll(forms, {}, {root});
    Dim value = forms.of(root), least = forms.least(value), most = forms.most(value);
    if (least.isValid() && most.isValid() && forms.fits(value, tensor->element)) {
      tensor->bound = most + 1;
      if (!forms.proveNonNegative(value, {}))
        tensor->least = least;
    }
  }
  tensor->value = emitter.define(left, axes, root, tensor->element, locate(range));
  return tensor;
}

/// Value of a definition by indices; the definition is closed when it returns.
Value Elaborator::define(const std::vector<ast::Place> &places, const ast::Expr &value, Scope &scope,
                         int64_t ordinal, SourceRange range, int component,
                         const std::map<std::string, const ast::Expr *> &extents, llvm::StringRef without) {
  DefinitionScope definition(*this, /*indexed=*/true);
  Definition &d = definition.definition;
  d.ordinal = ordinal;
  Scope inner;
  inner.parent = &scope;
  struct Group {
    bool ellipsis;
    std::vector<IndexRef> indices;
    SourceRange range;
  };
  std::vector<Group> groups;
  auto declare = [&](llvm::StringRef name, const ast::Expr *extent, SourceRange at) -> IndexRef {
    if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') {
      error(at, name + " is a dimension's name; an index is lower case");
      return nullptr;
    }
    if (Entity *known = scope.find(name); known && known->kind == Entity::Value &&
        (known->value.isStatic() || (known->value.kind == Value::Whole && known->value.tensor->shape.empty()))) {
      error(at, name + " is a value here; an index needs another name");
      if (known->range.isValid())
        note(known->range, name + " is given here");
      return nullptr;
    }
    if (inner.names.count(name.str())) {
      error(at, "index " + name + " stands twice on the left");
      return nullptr;
    }
    if (auto it = extents.find(name.str()); !extent && it != extents.end())
      extent = it->second;
    return bindIndex(inner, name, at, extent);
  };
  for (const ast::Place &place : places) {
    Group group{place.kind == ast::Place::Ellipsis, {}, place.range};
    if (place.kind == ast::Place::Index && place.name == without)
      continue;
    if (place.kind == ast::Place::Index) {
      IndexRef index = declare(place.name, place.extent.get(), place.range);
      if (!index)
        return Value::poison();
      group.indices.push_back(index);
    } else if (place.kind == ast::Place::Composite) {
      for (auto &digit : place.digits) {
        if (digit.kind != ast::Digit::Name)
          return error(digit.range, "on the left a composite place has indices only");
        if (digit.name == without)
          continue;
        IndexRef index = declare(digit.name, digit.extent.get(), digit.range);
        if (!index)
          return Value::poison();
        group.indices.push_back(index);
      }
    }
    if (group.ellipsis || !group.indices.empty())
      groups.push_back(std::move(group));
  }
  Value result = evaluate(value, inner);
  if (result.isPoison())
    return result;
  if (result.kind == Value::Tuple && component >= 0)
    result = Value(result.items[component]);
  if (result.kind == Value::Tuple)
    return error(range, Twine(result.items.size()) + " values for one name");
  result = toExpr(result, value.range);
  if (result.isPoison())
    return result;
  std::vector<IndexRef> left;
  std::vector<int32_t> axes;
  for (Group &group : groups) {
    if (group.ellipsis) {
      // Nothing on the right has them: they are the block's.
      if (!d.ellipsisKnown) {
        if (!frame || !frame->ellipsisKnown)
          return error(group.range, "cannot tell what ... stands for; nothing on the right is subscripted by it");
        d.ellipsisKnown = true;
        for (Dim extent : frame->ellipsis)
          d.ellipsis.push_back(newIndex("", group.range, extent));
      }
      for (const IndexRef &index : d.ellipsis) {
        left.push_back(index);
        axes.push_back(1);
      }
      continue;
    }
    left.insert(left.end(), group.indices.begin(), group.indices.end());
    axes.push_back(group.indices.size());
  }
  TensorRef tensor = finish(d, result.node, left, axes, range);
  return tensor ? Value::whole(tensor) : Value::poison();
}

} // namespace heddle::frontend
