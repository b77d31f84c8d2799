//===- ElaborateWrite.cpp - Writes to elements ----------------------------===//
//
// `y[p[i], j] := e` and `+=`: of a local name they make a new value of that name.
//
//===----------------------------------------------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

#include "llvm/ADT/StringExtras.h"

namespace heddle::frontend {

using llvm::Twine;

namespace {

/// The names in the places of a write that may be its indices, in order of first
/// appearance. What brackets bind of their own is not theirs.
class NamesOf {
public:
  struct Found {
    std::string name;
    SourceRange range;
    const ast::Expr *extent; ///< where it is written, or null
  };
  std::vector<Found> found;

  void add(llvm::StringRef name, SourceRange range, const ast::Expr *extent) {
    if (name.empty() || !llvm::isLower(name[0]) || llvm::is_contained(bound, name))
      return;
    for (Found &known : found)
      if (known.name == name) {
        known.extent = known.extent ? known.extent : extent;
        return;
      }
    found.push_back({name.str(), range, extent});
  }

  void visit(const ast::Expr *expr) {
    if (!expr)
      return;
    if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr))
      return add(name->name, name->range, nullptr);
    if (auto *call = llvm::dyn_cast<ast::CallExpr>(expr)) {
      for (auto &arg : call->args)
        visit(arg.value.get());
    } else if (auto *axis = llvm::dyn_cast<ast::AxisExpr>(expr)) {
      size_t outer = bound.size();
      for (auto &own : axis->axes)
        bound.push_back(own.name);
      visit(axis->where.get());
      for (auto &arg : axis->args)
        visit(arg.get());
      bound.resize(outer);
    } else if (auto *composite = llvm::dyn_cast<ast::CompositeExpr>(expr)) {
      for (auto &digit : composite->digits)
        if (digit.kind == ast::Digit::Name)
          add(digit.name, digit.range, digit.extent.get());
    } else if (auto *read = llvm::dyn_cast<ast::SubscriptExpr>(expr)) {
      for (auto &place : read->subscripts) {
        visit(place.expr.get());
        visit(place.pad.get());
      }
    } else if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(expr)) {
      visit(unary->operand.get());
    } else if (auto *binary = llvm::dyn_cast<ast::BinaryExpr>(expr)) {
      visit(binary->lhs.get());
      visit(binary->rhs.get());
    } else if (auto *compare = llvm::dyn_cast<ast::CompareExpr>(expr)) {
      for (auto &operand : compare->operands)
        visit(operand.get());
    } else if (auto *choice = llvm::dyn_cast<ast::IfExpr>(expr)) {
      visit(choice->condition.get());
      visit(choice->thenExpr.get());
      visit(choice->elseExpr.get());
    }
  }

private:
  std::vector<std::string> bound;
};

} // namespace

void Elaborator::write(const ast::WriteStmt &stmt, Frame &frame, Scope &scope) {
  std::string spelled = stmt.add ? "+=" : ":=";
  if (!stmt.field.empty())
    return writeState(stmt, scope);
  Entity *target = scope.find(stmt.name);
  if (!target) {
    error(stmt.range, "unknown name " + stmt.name + "; " + spelled + " changes elements of a tensor that is there");
    return;
  }
  if (target->kind == Entity::Value && target->value.isPoison())
    return;
  if (target->kind != Entity::Value || target->value.kind != Value::Whole || !target->value.tensor->value) {
    std::string what = target->kind == Entity::Weight  ? "a weight"
                       : target->kind == Entity::Value ? describe(target->value)
                                                       : "no tensor";
    error(stmt.range, stmt.name + " is " + what + "; " + spelled + " changes elements of a tensor that is given here");
    return;
  }
  TensorRef tensor = target->value.tensor;
  if (!stmt.hasSlots || tensor->shape.empty()) {
    error(stmt.range, stmt.name + " is given by \"=\"; " + spelled + " changes elements: " + stmt.name + "[..] " + spelled + " ..");
    return;
  }
  // Behind an error the name keeps what it had, of the same type.
  if (TensorRef written = writeElements(stmt, tensor, stmt.name, scope))
    give(scope, stmt.name, Value::whole(written), stmt.range);
}

/// Proves what a write promises, and finds what bounds its elements.
bool Elaborator::checkWritten(const ast::WriteStmt &stmt, Definition &definition, const NodeRef &places,
                              llvm::ArrayRef<IndexRef> indices, const NodeRef &value, const std::string &name,
                              Tensor &written) {
  const Tensor &tensor = *places->tensor;
  Scalar held = widened(tensor.element), given = value->type;
  bool fits = (held == Scalar::Bool) == (given == Scalar::Bool) && (held == Scalar::F32 || given != Scalar::F32);
  if (!fits) {
    error(stmt.value->range, "this is " + describe(Value::expr(value)) + ", " + name + " holds " + spelling(tensor.element));
    return false;
  }
  if (stmt.add && held == Scalar::Bool) {
    error(stmt.range, name + " holds bool; += adds numbers");
    return false;
  }
  for (const IndexRef &index : freeIndices(value))
    if (llvm::none_of(indices, [&](const IndexRef &i) { return resolve(i) == index; })) {
      error(index->range.isValid() ? index->range : stmt.value->range,
            "index " + index->name + " is free: it stands in " + text(stmt.value->range) + " but not on the left");
      return false;
    }
  if (!solve(definition) || !discharge(definition))
    return false;

  written = tensor;
  written.name.clear();
  if (!tensor.inDeclared) {
    written.bound.reset();
    written.least.reset();
    if (stmt.add || !tensor.bound || tensor.least)
      return true;
    // The elements are old ones or new ones.
    LinearForms forms(dims);
    Dim form = forms.of(value);
    if (form.isValid() && forms.fits(form, tensor.element) && forms.proveNonNegative(form, {}))
      if (Dim most = forms.most(form); most.isValid())
        written.bound = Dim::max(*tensor.bound, most + 1);
    return true;
  }
  // `in` of a field holds of what is written too. What is added lands on an element
  // once only where every index stands alone in a place of its own.
  NodeRef result = value;
  if (stmt.add) {
    std::vector<IndexRef> alone;
    for (const Subscript &subscript : places->subscripts)
      if (subscript.value && subscript.value->kind == Node::Index && subscript.keep == Keep::Proved)
        alone.push_back(resolve(subscript.value->index));
    for (const IndexRef &index : indices)
      if (llvm::count(alone, resolve(index)) != 1) {
        error(stmt.range, name + " is in " + dims.describe(*tensor.bound) + "; an element can be increased several times here, "
                          "which is not proved to stay in it");
        return false;
      }
    auto old = std::make_shared<Node>(*places);
    old->isWrite = false;
    result = makeOp(NodeOp::Add, std::max(widened(tensor.element), value->type), {old, value}, stmt.range);
  }
  LinearForms forms(dims);
  assumeAll(forms, {}, {result});
  Dim form = forms.of(result), limit = dims.resolve(*tensor.bound);
  bool isBelow = form.isValid() && forms.proveNonNegative(limit - 1 - form, {});
  if (isBelow && forms.proveNonNegative(form, {}))
    return true;
  Dim end = isBelow ? forms.least(form) : forms.most(form);
  std::string fact = isBelow ? "" : requirement(form, limit - 1, forms, /*isMost=*/true);
  error(stmt.range, name + " is in " + dims.describe(*tensor.bound) + ", but " +
                        (end.isValid() ? "what is written reaches " + end.str() : std::string("nothing bounds what is written")) +
                        (fact.empty() ? "" : "; add require " + fact + ", \"..\""));
  return false;
}

TensorRef Elaborator::writeElements(const ast::WriteStmt &stmt, const TensorRef &tensor, const std::string &name,
                                    Scope &scope) {
  if (stmt.slots.size() != tensor->shape.size()) {
    error(stmt.range, name + " has " + Twine(tensor->shape.size()) + (tensor->shape.size() == 1 ? " axis, " : " axes, ") +
                          Twine(stmt.slots.size()) + " places given: " + describe(Value::whole(tensor)));
    return nullptr;
  }
  DefinitionScope definition(*this, /*indexed=*/true);
  Definition &d = definition.definition;
  Scope inner;
  inner.parent = &scope;
  NamesOf names;
  for (auto &slot : stmt.slots) {
    if (slot.name.empty())
      names.visit(slot.value.get());
    else
      names.add(slot.name, slot.range, slot.value.get());
  }
  std::vector<IndexRef> indices;
  for (auto &found : names.found) {
    Entity *known = scope.find(found.name);
    bool isValue = known && known->kind == Entity::Value &&
                   (known->value.isStatic() || known->value.isPoison() ||
                    (known->value.kind == Value::Whole && known->value.tensor->shape.empty()));
    if (isValue && !found.extent)
      continue;
    if (isValue) {
      error(found.range, found.name + " is a value here; an index needs another name");
      return nullptr;
    }
    IndexRef index = bindIndex(inner, found.name, found.range, found.extent);
    if (!index)
      return nullptr;
    indices.push_back(index);
  }

  auto places = std::make_shared<Node>(Node::Read, widened(tensor->element), stmt.range);
  places->tensor = tensor;
  places->isWrite = true;
  for (auto &slot : stmt.slots) {
    ast::NameExpr named(slot.name, slot.range);
    if (!addSubscript(slot.name.empty() ? *slot.value : named, places, name, /*weak=*/false, inner))
      return nullptr;
    places->subscripts.back().drop = slot.drop;
  }
  d.obligations.push_back({places, {}});

  Value value = evaluate(*stmt.value, inner);
  if (!value.isPoison())
    value = toExpr(value, stmt.value->range);
  if (value.isPoison())
    return nullptr;
  auto written = std::make_shared<Tensor>();
  if (!checkWritten(stmt, d, places, indices, value.node, name, *written))
    return nullptr;
  written->value = emitter.scatter(indices, places, value.node, stmt.add, locate(stmt.range));
  return written;
}

/// A field without brackets: all of it, whose axes the value's meet by name.
TensorRef Elaborator::writeWhole(const ast::WriteStmt &stmt, const TensorRef &tensor, const std::string &name,
                                 Scope &scope) {
  DefinitionScope definition(*this, /*indexed=*/false);
  Value value = evaluate(*stmt.value, scope);
  if (!value.isPoison())
    value = toExpr(value, stmt.value->range);
  if (value.isPoison())
    return nullptr;
  Value places = toExpr(Value::whole(tensor), stmt.range);
  places.node->isWrite = true;
  if (value.axes.size() > places.axes.size()) {
    error(stmt.range, name + " is " + describe(places) + ", this is " + describe(value));
    return nullptr;
  }
  Value both[] = {places, value};
  if (!align(both, stmt.range, stmt.add ? "add" : "write"))
    return nullptr;
  std::vector<IndexRef> indices;
  for (const IndexRef &axis : places.axes)
    indices.push_back(resolve(axis));
  auto written = std::make_shared<Tensor>();
  if (!checkWritten(stmt, definition.definition, places.node, indices, value.node, name, *written))
    return nullptr;
  written->value = emitter.scatter(indices, places.node, value.node, stmt.add, locate(stmt.range));
  return written;
}

} // namespace heddle::frontend
