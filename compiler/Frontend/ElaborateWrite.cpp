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
    return unsupported(stmt.range, "state");
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
  if (stmt.slots.size() != tensor->shape.size()) {
    error(stmt.range, stmt.name + " has " + Twine(tensor->shape.size()) + (tensor->shape.size() == 1 ? " axis, " : " axes, ") +
                          Twine(stmt.slots.size()) + " places given: " + describe(target->value));
    return;
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
      return;
    }
    Dim extent;
    if (found.extent) {
      std::optional<Dim> given = dimension(*found.extent, scope);
      if (!given)
        return;
      extent = *given;
    }
    IndexRef index = newIndex(found.name, found.range, extent);
    Entity entity;
    entity.kind = Entity::Index;
    entity.index = index;
    entity.range = found.range;
    inner.names[found.name] = entity;
    indices.push_back(index);
  }

  auto places = std::make_shared<Node>(Node::Read, widened(tensor->element), stmt.range);
  places->tensor = tensor;
  places->isWrite = true;
  for (auto &slot : stmt.slots) {
    ast::NameExpr named(slot.name, slot.range);
    if (!addSubscript(slot.name.empty() ? *slot.value : named, places, stmt.name, /*weak=*/false, inner))
      return;
    places->subscripts.back().drop = slot.drop;
  }
  d.obligations.push_back({places, {}});

  Value value = evaluate(*stmt.value, inner);
  if (!value.isPoison())
    value = toExpr(value, stmt.value->range);
  // Behind an error the name keeps what it had, of the same type.
  if (value.isPoison())
    return;
  Scalar held = widened(tensor->element), given = value.node->type;
  bool fits = (held == Scalar::Bool) == (given == Scalar::Bool) && (held == Scalar::F32 || given != Scalar::F32);
  if (!fits) {
    error(stmt.value->range, "this is " + describe(value) + ", " + stmt.name + " holds " + spelling(tensor->element));
    return;
  }
  if (stmt.add && held == Scalar::Bool) {
    error(stmt.range, stmt.name + " holds bool; += adds numbers");
    return;
  }
  for (const IndexRef &index : freeIndices(value.node))
    if (llvm::none_of(indices, [&](const IndexRef &i) { return resolve(i) == index; })) {
      error(index->range.isValid() ? index->range : stmt.value->range,
            "index " + index->name + " is free: it stands in " + text(stmt.value->range) + " but not on the left");
      return;
    }
  if (!solve(d) || !discharge(d))
    return;

  auto written = std::make_shared<Tensor>();
  written->element = tensor->element;
  written->shape = tensor->shape;
  if (!stmt.add && tensor->bound) {
    // The elements are old ones or new ones.
    LinearForms forms(dims);
    Dim form = forms.of(value.node);
    if (form.isValid() && forms.proveNonNegative(form, {}))
      if (Dim most = forms.most(form); most.isValid())
        written->bound = Dim::max(*tensor->bound, most + 1);
  }
  written->value = emitter.scatter(indices, places, value.node, stmt.add, locate(stmt.range));
  give(scope, stmt.name, Value::whole(written), stmt.range);
}

} // namespace heddle::frontend
