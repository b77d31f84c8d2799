//===- ElaborateRequire.cpp - What a call is refused for ------------------===//
//
// `require` and `dim`: both can end a call, and both say something that is known
// from there on.
//
//===----------------------------------------------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "dialects/Graph/GraphOps.h"

namespace heddle::frontend {

using llvm::Twine;

TensorRef Elaborator::stored(Value value, SourceRange range, std::optional<llvm::ArrayRef<Dim>> shape) {
  DefinitionScope definition(*this, /*indexed=*/false);
  TensorRef tensor = materialize(value, definition.definition, range);
  if (!tensor)
    return nullptr;
  llvm::SmallVector<Dim> wanted(shape ? *shape : llvm::ArrayRef<Dim>(tensor->shape));
  if (llvm::any_of(wanted, [](Dim dim) { return !dim.isValid(); })) {
    error(range, "this is a scalar that stands for any shape; it has none that could be kept");
    return nullptr;
  }
  auto written = std::make_shared<Tensor>(*tensor);
  written->shape = wanted;
  // A number that stands for a whole tensor is written out; and a tensor whose axes
  // are the wanted ones by a fact alone, such as (S // 4) * 4, is given those.
  if (!tensor->scalar && tensor->value.getType() == emitter.tensorType(tensor->element, wanted))
    return written;
  std::vector<IndexRef> places;
  for (Dim extent : wanted)
    places.push_back(axisIndex(extent, range));
  NodeRef element = tensor->scalar;
  if (!element) {
    element = std::make_shared<Node>(Node::Read, widened(tensor->element), range);
    element->tensor = tensor;
    for (const IndexRef &place : places) {
      Subscript subscript;
      subscript.value = makeIndex(place, range);
      element->subscripts.push_back(std::move(subscript));
    }
  }
  written->scalar = nullptr;
  written->value = emitter.define(places, std::vector<int32_t>(places.size(), 1), element, tensor->element, locate(range));
  return written;
}

void Elaborator::require(const ast::RequireStmt &stmt, Scope &scope) {
  DefinitionScope definition(*this, /*indexed=*/false);
  Value condition = evaluate(*stmt.condition, scope);
  if (condition.isPoison())
    return;
  // What is known now is decided now.
  if (condition.kind == Value::Flag) {
    if (!condition.flag)
      error(stmt.condition->range, stmt.text);
    return;
  }
  condition = toExpr(condition, stmt.condition->range);
  if (condition.isPoison())
    return;
  if (condition.node->type != Scalar::Bool || !condition.axes.empty()) {
    error(stmt.condition->range, "require takes one bool, found " + describe(condition) +
                                     (condition.node->type == Scalar::Bool ? "; write all[..](..)" : ""));
    return;
  }
  TensorRef tensor = materialize(condition, definition.definition, stmt.condition->range);
  if (!tensor || !checkOrder(stmt.range, "require"))
    return;
  graph::RequireOp::create(builder, locate(stmt.range), tensor->value, stmt.text);
  assumed.push_back({condition.node, true});
  // What it says of dimensions alone holds wherever dimensions are compared.
  LinearForms forms(dims);
  std::vector<Dim> facts;
  forms.addFact(assumed.back(), facts);
  for (Dim fact : facts)
    if (!forms.isLocal(fact))
      dims.require(fact);
}

void Elaborator::bornDimension(const ast::DimStmt &stmt, Scope &scope) {
  std::optional<Dim> most = dimension(*stmt.bound, scope);
  DefinitionScope definition(*this, /*indexed=*/false);
  Value value = evaluate(*stmt.value, scope);
  if (!value.isPoison() && (value.isStatic() ? value.kind != Value::Int : !value.isData()))
    value = error(stmt.value->range, "a dimension is an integer, this is " + describe(value));
  if (!value.isPoison())
    value = toExpr(value, stmt.value->range);
  if (!value.isPoison() && (!isInteger(value.node->type) || value.node->type == Scalar::I64 || !value.axes.empty()))
    value = error(stmt.value->range, "a dimension is one integer of 32 bits, this is " + describe(value));
  std::optional<int64_t> limit = most ? dims.bounds(*most).most : std::nullopt;
  if (most && (!limit || *limit > INT32_MAX)) {
    error(stmt.bound->range, stmt.name + " is at most " + dims.describe(*most) + ", which is not proved to be at most 2147483647");
    most.reset();
  }
  if (stmt.name[0] < 'A' || stmt.name[0] > 'Z') {
    error(stmt.range, stmt.name + " is a value's name; a dimension begins with a capital letter");
    return;
  }
  if (Entity *known = scope.find(stmt.name)) {
    error(stmt.range, stmt.name + " has a value here already; a new dimension needs another name");
    if (known->range.isValid())
      note(known->range, stmt.name + " is given here");
    return;
  }
  TensorRef tensor = most && !value.isPoison() ? materialize(value, definition.definition, stmt.value->range) : nullptr;
  if (!tensor)
    return give(scope, stmt.name, Value::poison(), stmt.range);

  LinearForms forms(dims);
  assumeAll(forms, {}, {value.node});
  Dim form = forms.of(value.node), bound = dims.resolve(*most);
  bool isSure = form.isValid() && forms.proveNonNegative(form, {}) && forms.proveNonNegative(bound - form, {});
  if (value.node->kind == Node::Int && form.isValid() &&
      (forms.proveNonNegative(-form - 1, {}) || forms.proveNonNegative(form - bound - 1, {}))) {
    error(stmt.value->range, stmt.name + " is between 0 and " + dims.describe(*most) + ", and this is " + dims.describe(value.node->integer));
    return give(scope, stmt.name, Value::poison(), stmt.range);
  }
  if (!isSure && !checkOrder(stmt.range, "dim " + stmt.name + ", which can fail,"))
    return give(scope, stmt.name, Value::poison(), stmt.range);
  // A block that is called twice makes two dimensions.
  std::string symbol = stmt.name;
  for (unsigned next = 2; entryDims.count(symbol) || !bornNames.insert(symbol).second; ++next)
    symbol = stmt.name + "." + std::to_string(next);
  Dim dim = Dim::symbol(symbol);
  dims.setBounds(symbol, {0, *limit});
  dims.addFact(bound - dim);
  born.push_back(graph::SizeAttr::get(&context, symbol, 0, *limit));
  graph::DimOp::create(builder, locate(stmt.range), builder.getStringAttr(symbol), tensor->value,
                       graph::DimAttr::get(&context, bound));
  assumed.push_back({makeOp(NodeOp::Eq, Scalar::Bool, {makeInt(dim, stmt.range), value.node}, stmt.range), true});
  give(scope, stmt.name, Value::integer(dim), stmt.range);
}

} // namespace heddle::frontend
