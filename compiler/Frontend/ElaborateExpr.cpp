//===- ElaborateExpr.cpp - Expressions ------------------------------------===//

#include "compiler/Frontend/Elaborator.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace heddle::frontend {

using llvm::Twine;

/// Recursion on expressions and calls ends here, long before the stack does.
static constexpr unsigned kMaxDepth = 400;
/// Operations above one another in what a statement computes: later phases walk
/// over it by recursion.
static constexpr unsigned kMostNodeDepth = 500;
/// Expressions of a statement, those of the functions that it calls included.
static constexpr unsigned kMostSteps = 100000;
static constexpr size_t kMostTextBytes = 4096;
static constexpr size_t kMostListItems = 65536;

/// Items of a list, those of its lists included.
static size_t countItems(const Value &list) {
  size_t count = list.items.size();
  for (const Value &item : list.items)
    count += countItems(item);
  return count;
}

Value Elaborator::checkSize(Value value, SourceRange range) {
  if (value.kind == Value::String && value.text.size() > kMostTextBytes)
    return error(range, "a text has at most " + Twine(kMostTextBytes) + " letters, this has " + Twine(value.text.size()));
  if (value.kind == Value::List && countItems(value) > kMostListItems)
    return error(range, "a list has at most " + Twine(kMostListItems) + " values, those of its lists included");
  // The one integer of 64 bits whose negation is none.
  bool tooSmall = value.kind == Value::Int && !value.dim.isValid();
  for (const Value &item : value.items)
    tooSmall |= item.kind == Value::Int && !item.dim.isValid();
  if (tooSmall)
    return error(range, "an integer is at least -9223372036854775807");
  return value;
}

Value Elaborator::evaluate(const ast::Expr &expr, Scope &scope) {
  if (depth >= kMaxDepth) {
    for (const ast::FnItem *fn : llvm::reverse(activeFns))
      if (llvm::count(activeFns, fn) > 1)
        return error(expr.range, Twine(fn->name) + " calls itself, " + Twine(llvm::count(activeFns, fn)) +
                                     " deep here; does the recursion end?");
    return error(expr.range, "the expression and the calls in it are nested more than " + Twine(kMaxDepth) + " deep");
  }
  if (steps >= kMostSteps)
    return error(expr.range, "the statement evaluates more than " + Twine(kMostSteps) +
                                 " expressions, with those of the functions that it calls");
  ++steps;
  ++depth;
  Value value;
  switch (expr.kind) {
  case ast::Expr::Number: {
    auto &number = llvm::cast<ast::NumberExpr>(expr);
    value = number.isInteger ? Value::integer(Dim::constant(number.integer))
                             : Value::number(number.real);
    break;
  }
  case ast::Expr::String:    value = evaluateString(llvm::cast<ast::StringExpr>(expr), scope); break;
  case ast::Expr::Bool:      value = Value::boolean(llvm::cast<ast::BoolExpr>(expr).value); break;
  case ast::Expr::Name:      value = evaluateName(llvm::cast<ast::NameExpr>(expr), scope); break;
  case ast::Expr::Call:      value = evaluateCall(llvm::cast<ast::CallExpr>(expr), scope); break;
  case ast::Expr::Axis:      value = evaluateAxis(llvm::cast<ast::AxisExpr>(expr), scope); break;
  case ast::Expr::Composite: value = evaluateComposite(llvm::cast<ast::CompositeExpr>(expr), scope); break;
  case ast::Expr::Subscript: value = evaluateSubscript(llvm::cast<ast::SubscriptExpr>(expr), scope); break;
  case ast::Expr::Unary:     value = evaluateUnary(llvm::cast<ast::UnaryExpr>(expr), scope); break;
  case ast::Expr::Binary:    value = evaluateBinary(llvm::cast<ast::BinaryExpr>(expr), scope); break;
  case ast::Expr::Compare:   value = evaluateCompare(llvm::cast<ast::CompareExpr>(expr), scope); break;
  case ast::Expr::If:        value = evaluateIf(llvm::cast<ast::IfExpr>(expr), scope); break;
  case ast::Expr::Tuple: {
    std::vector<Value> items;
    for (auto &item : llvm::cast<ast::TupleExpr>(expr).items)
      items.push_back(evaluate(*item, scope));
    value = Value::tuple(std::move(items));
    break;
  }
  case ast::Expr::List: {
    std::vector<Value> items;
    for (auto &item : llvm::cast<ast::ListExpr>(expr).items) {
      items.push_back(evaluate(*item, scope));
      if (items.back().isData()) {
        value = error(item->range, "a list holds static values, this is " + describe(items.back()));
        items.clear();
        break;
      }
    }
    if (llvm::cast<ast::ListExpr>(expr).items.size() == items.size())
      value = checkSize(Value::list(std::move(items)), expr.range);
    break;
  }
  case ast::Expr::Field:     value = evaluateField(llvm::cast<ast::FieldExpr>(expr), scope); break;
  default:
    value = error(expr.range, "this cannot stand here");
    break;
  }
  --depth;
  if (value.kind == Value::Expr) {
    measureDepth(*value.node);
    if (value.node->depth > kMostNodeDepth)
      return error(expr.range, "the operations of the statement, with those of the functions that it calls, are nested more than " +
                                   Twine(kMostNodeDepth) + " deep");
  }
  return value;
}

Value Elaborator::evaluateName(const ast::NameExpr &expr, Scope &scope) {
  Entity *entity = scope.find(expr.name);
  if (!entity) {
    if (expr.name == "pi")
      return Value::number(3.14159265358979323846);
    if (expr.name == "inf")
      return Value::number(std::numeric_limits<double>::infinity());
    if (expr.name == "_") {
      if (current && current->ordinal >= 0)
        return Value::integer(Dim::constant(current->ordinal));
      return error(expr.range, "_ numbers the names on the left of (a, b)[..] = ..; there are none here");
    }
    // A dimension that a scalar argument left without a value.
    if (frame && !frame->block->isEntry && expr.name[0] >= 'A' && expr.name[0] <= 'Z')
      for (auto &param : frame->block->params)
        for (auto &dim : param.type ? llvm::ArrayRef(param.type->dims) : llvm::ArrayRef<ast::ExprPtr>())
          if (auto *named = llvm::dyn_cast_or_null<ast::NameExpr>(dim.get()); named && named->name == expr.name)
            return error(expr.range, expr.name + " is not known here: " + param.name + " is a scalar, which has no such axis");
    // The nearest name of the same scopes.
    std::string nearest;
    unsigned best = 3;
    for (Scope *s = &scope; s; s = s->parent)
      for (auto &[name, other] : s->names)
        if (unsigned distance = llvm::StringRef(name).edit_distance(expr.name, true, best);
            distance < best && distance < name.size()) {
          best = distance;
          nearest = name;
        }
    Value poison = error(expr.range, "unknown name " + expr.name);
    if (!nearest.empty())
      note(expr.range, "did you mean " + nearest + "?");
    return poison;
  }
  switch (entity->kind) {
  case Entity::Value:
    return entity->value;
  case Entity::Index:
    return Value::expr(makeIndex(entity->index, expr.range));
  case Entity::Weight:
    return weight(*entity->weight, *entity->file, "", nullptr, *entity->file);
  case Entity::Axis:
    return error(expr.range, expr.name + " is an axis here; it has a meaning only in brackets, as in sum[" + expr.name + "](..)");
  case Entity::Fn:
  case Entity::Block:
    return error(expr.range, expr.name + " is a function; call it: " + expr.name + "(..)");
  case Entity::State:
    return error(expr.range, expr.name + " is state; one of its fields is read: " + expr.name + "." +
                                 entity->state->fields.front().names.front());
  case Entity::Missing: {
    Value poison = error(expr.range, expr.name + " " + entity->missing);
    if (entity->range.isValid())
      note(entity->range, "it stands here");
    return poison;
  }
  }
  return Value::poison();
}

Value Elaborator::evaluateString(const ast::StringExpr &expr, Scope &scope) {
  std::string result;
  for (auto &part : expr.parts) {
    if (!part.expr) {
      result += part.text;
      continue;
    }
    Value value = evaluate(*part.expr, scope);
    if (value.isPoison())
      return value;
    if (value.kind == Value::String) {
      result += value.text;
    } else if (auto number = value.kind == Value::Int ? dims.value(value.dim) : std::nullopt) {
      result += std::to_string(*number);
    } else {
      return error(part.expr->range, "only a static integer or text can stand in a text, this is " + describe(value));
    }
  }
  return checkSize(Value::string(std::move(result)), expr.range);
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

IndexRef Elaborator::newIndex(llvm::StringRef name, SourceRange range, Dim extent) {
  auto index = std::make_shared<IndexVar>();
  index->name = name.str();
  index->symbol = "_i." + std::to_string(numIndices++);
  index->range = range;
  index->extent = extent;
  index->annotated = extent.isValid();
  if (current)
    current->indices.push_back(index);
  return index;
}

IndexRef Elaborator::axisIndex(Dim extent, SourceRange range) {
  IndexRef index = newIndex("", range, extent);
  if (extent.isSymbol() && !extent.getSymbol().contains('.'))
    index->name = extent.getSymbol().lower();
  return index;
}

void Elaborator::unify(const IndexRef &rawFrom, const IndexRef &rawTo) {
  IndexRef from = resolve(rawFrom), to = resolve(rawTo);
  if (from == to)
    return;
  from->forward = to;
  to->uses.insert(to->uses.end(), from->uses.begin(), from->uses.end());
  if (!to->extent.isValid()) {
    to->extent = from->extent;
    to->annotated = from->annotated;
  } else if (from->extent.isValid()) {
    to->uses.push_back({from->extent, "its other use", from->range, false});
  }
  if (to->name.empty())
    to->name = from->name;
}

Value Elaborator::toExpr(Value value, SourceRange range) {
  switch (value.kind) {
  case Value::Int:  return Value::expr(makeInt(value.dim, range));
  case Value::Real: return Value::expr(makeReal(value.real, range));
  case Value::Flag: return Value::expr(makeFlag(value.flag, range));
  case Value::Expr: return value;
  case Value::Whole: {
    TensorRef tensor = value.tensor;
    if (tensor->scalar)
      return Value::expr(tensor->scalar);
    if (current->indexed && !tensor->shape.empty()) {
      std::string name = tensor->name.empty() ? text(range) : tensor->name, places;
      for (unsigned i = 0; i < tensor->shape.size(); ++i)
        places += i ? ", .." : "..";
      return error(range, name + " is a whole tensor in a definition by indices; subscript it: " + name + "[" + places + "]");
    }
    auto read = std::make_shared<Node>(Node::Read, widened(tensor->element), range);
    read->tensor = tensor;
    std::vector<IndexRef> axes;
    for (Dim extent : tensor->shape) {
      IndexRef index = axisIndex(extent, range);
      axes.push_back(index);
      Subscript subscript;
      subscript.value = makeIndex(index, range);
      subscript.range = range;
      read->subscripts.push_back(std::move(subscript));
    }
    return Value::expr(read, axes);
  }
  case Value::Poison:
    return value;
  default:
    return error(range, "expected a number or a tensor, found " + describe(value));
  }
}

/// How `small` is a subsequence of `big`: the number of ways, and one of them.
struct Embedding {
  unsigned ways;
  llvm::SmallVector<unsigned> path;
};

/// Counts from the ends, so that axes of one size are no search: at most nine
/// ways are told apart.
static Embedding embed(llvm::ArrayRef<IndexRef> small, llvm::ArrayRef<IndexRef> big,
                       llvm::function_ref<bool(const IndexRef &, const IndexRef &)> same) {
  size_t rows = small.size(), columns = big.size() + 1;
  auto matches = [&](size_t k, size_t i) { return same(small[k], big[i]); };
  std::vector<unsigned> ways((rows + 1) * columns, 0); // of small[k..] in big[i..]
  std::fill(ways.end() - columns, ways.end(), 1);
  for (size_t k = rows; k-- > 0;)
    for (size_t i = big.size(); i-- > 0;)
      ways[k * columns + i] =
          std::min(9u, ways[k * columns + i + 1] + (matches(k, i) ? ways[(k + 1) * columns + i + 1] : 0));
  Embedding result{ways[0], {}};
  for (size_t i = 0; result.ways && result.path.size() < rows; ++i)
    if (size_t k = result.path.size(); matches(k, i) && ways[(k + 1) * columns + i + 1])
      result.path.push_back(i);
  return result;
}

std::optional<std::vector<IndexRef>>
Elaborator::align(llvm::MutableArrayRef<Value> values, SourceRange range, llvm::StringRef verb) {
  const Value *big = &values[0];
  for (const Value &value : values)
    if (value.axes.size() > big->axes.size())
      big = &value;
  std::vector<IndexRef> axes;
  for (const IndexRef &axis : big->axes)
    axes.push_back(resolve(axis));
  for (const Value &value : values) {
    if (&value == big || value.axes.empty())
      continue;
    std::vector<IndexRef> small;
    for (const IndexRef &axis : value.axes)
      small.push_back(resolve(axis));
    if (llvm::all_of(small, [&](const IndexRef &i) { return llvm::is_contained(axes, i); }))
      continue;
    auto same = [&](const IndexRef &a, const IndexRef &b) {
      if (a == b)
        return true;
      // An axis that is shared already can meet only itself.
      if (llvm::is_contained(axes, a) || llvm::is_contained(small, b))
        return false;
      return dims.equal(a->extent, b->extent);
    };
    Embedding found = embed(small, axes, same);
    if (found.ways == 1) {
      for (auto [k, at] : llvm::enumerate(found.path)) {
        if (!sameDim(small[k]->extent, axes[at]->extent, range))
          return std::nullopt;
        unify(small[k], axes[at]);
      }
      continue;
    }
    const Value &first = &value < big ? value : *big, &second = &value < big ? *big : value;
    if (found.ways > 1) {
      error(range, describe(value) + " fits into " + describe(*big) + " in " + Twine(found.ways) +
                       " ways; write it with indices");
    } else if (small.size() == axes.size()) {
      std::string where;
      for (auto [i, axis] : llvm::enumerate(first.axes))
        if (Dim a = resolve(axis)->extent, b = resolve(second.axes[i])->extent;
            !dims.equal(a, b)) {
          where = (": axis " + Twine(i + 1) + " is " + dims.describe(a) + " on the left and " +
                   dims.describe(b) + " on the right").str();
          break;
        }
      error(range, "cannot " + verb + " " + describe(first) + " and " + describe(second) + where);
    } else {
      error(range, "neither " + describe(first) + " nor " + describe(second) +
                       " has all axes of the other; write it with indices");
    }
    return std::nullopt;
  }
  return axes;
}

static llvm::StringRef verbOf(NodeOp op) {
  switch (op) {
  case NodeOp::Add: return "add";
  case NodeOp::Sub: return "subtract";
  case NodeOp::Mul: return "multiply";
  case NodeOp::Div: case NodeOp::FloorDiv: case NodeOp::Mod: return "divide";
  case NodeOp::Pow: return "raise to a power";
  case NodeOp::And: case NodeOp::Or: return "combine";
  default: return "compare";
  }
}

static bool isLogical(NodeOp op) { return op == NodeOp::And || op == NodeOp::Or; }
static bool isComparison(NodeOp op) { return op >= NodeOp::Lt && op <= NodeOp::Ne; }

Value Elaborator::binary(NodeOp op, Value a, Value b, SourceRange range, llvm::StringRef verb) {
  if (a.isPoison() || b.isPoison())
    return Value::poison();
  if (a.isStatic() && b.isStatic()) {
    std::string why;
    if (std::optional<Value> value = staticBinary(op, a, b, dims, why)) {
      // Where an integer is wanted, it is said how there came to be none.
      if (op == NodeOp::Div && value->kind == Value::Real && a.kind == Value::Int && b.kind == Value::Int) {
        std::string written = text(range), numbers = std::to_string(*dims.value(a.dim)) + " / " + std::to_string(*dims.value(b.dim));
        value->text = (written == numbers ? "" : written + " = ") + numbers + " is not an integer" + origins({a.dim, b.dim});
      }
      return *value;
    }
    if (!why.empty())
      return error(range, why);
    bool numbers = a.isNumber() && b.isNumber() && !isLogical(op);
    if (!numbers)
      return error(range, "cannot " + verb + " " + describe(a) + " and " + describe(b));
  }
  Value operands[] = {toExpr(a, range), toExpr(b, range)};
  if (operands[0].isPoison() || operands[1].isPoison())
    return Value::poison();
  auto axes = align(operands, range, verb);
  if (!axes)
    return Value::poison();
  NodeRef x = operands[0].node, y = operands[1].node;
  bool bools = x->type == Scalar::Bool || y->type == Scalar::Bool;
  if (isLogical(op)) {
    if (x->type != Scalar::Bool || y->type != Scalar::Bool)
      return error(range, "and, or take bools, found " + describe(operands[0]) + " and " + describe(operands[1]));
    return Value::expr(makeOp(op, Scalar::Bool, {x, y}, range), *axes);
  }
  if (bools) {
    bool both = x->type == Scalar::Bool && y->type == Scalar::Bool;
    if (!both || (op != NodeOp::Eq && op != NodeOp::Ne)) {
      return error(range, "bool is not a number: cannot " + verb + " " + describe(operands[0]) + " and " +
                              describe(operands[1]) + "; write one_if(c) or i32(c)");
    }
  }
  Scalar common = std::max(x->type, y->type);
  if (isComparison(op))
    return Value::expr(makeOp(op, Scalar::Bool, {x, y}, range), *axes);

  LinearForms forms(dims);
  assumeAll(forms, current->facts, {x, y});
  if (op == NodeOp::Div)
    common = Scalar::F32;
  if ((op == NodeOp::FloorDiv || op == NodeOp::Mod) && common != Scalar::F32) {
    if (!forms.proveNonNegative(forms.of(y) - 1, {}))
      return error(range, "the divisor in " + text(range) + " is not proved to be positive");
  }
  if (op == NodeOp::Pow) {
    // A small whole exponent is a product.
    std::optional<int64_t> exponent = y->kind == Node::Int ? dims.value(y->integer) : std::nullopt;
    if (exponent && *exponent >= 0 && *exponent <= 4) {
      if (*exponent == 0)
        return Value::expr(common == Scalar::F32 ? makeReal(1, range) : makeInt(Dim::constant(1), range), *axes);
      NodeRef power = x;
      for (int64_t i = 1; i < *exponent; ++i)
        power = makeOp(NodeOp::Mul, x->type, {power, x}, range);
      return Value::expr(power, *axes);
    }
    if (common != Scalar::F32 && !forms.proveNonNegative(forms.of(y), {}))
      common = Scalar::F32;
  }
  if ((op == NodeOp::FloorDiv || op == NodeOp::Mod) && common == Scalar::F32) {
    NodeRef quotient = makeOp(NodeOp::Floor, Scalar::F32, {makeOp(NodeOp::Div, Scalar::F32, {x, y}, range)}, range);
    if (op == NodeOp::FloorDiv)
      return Value::expr(quotient, *axes);
    NodeRef whole = makeOp(NodeOp::Mul, Scalar::F32, {quotient, y}, range);
    return Value::expr(makeOp(NodeOp::Sub, Scalar::F32, {x, whole}, range), *axes);
  }
  return Value::expr(makeOp(op, common, {x, y}, range), *axes);
}

static NodeOp nodeOp(ast::Operator op) {
  switch (op) {
  case ast::Operator::Add: return NodeOp::Add;
  case ast::Operator::Sub: return NodeOp::Sub;
  case ast::Operator::Mul: return NodeOp::Mul;
  case ast::Operator::Div: return NodeOp::Div;
  case ast::Operator::FloorDiv: return NodeOp::FloorDiv;
  case ast::Operator::Mod: return NodeOp::Mod;
  case ast::Operator::Pow: return NodeOp::Pow;
  case ast::Operator::And: return NodeOp::And;
  case ast::Operator::Or:  return NodeOp::Or;
  case ast::Operator::Less: return NodeOp::Lt;
  case ast::Operator::LessEqual: return NodeOp::Le;
  case ast::Operator::Greater: return NodeOp::Gt;
  case ast::Operator::GreaterEqual: return NodeOp::Ge;
  case ast::Operator::Equal: return NodeOp::Eq;
  case ast::Operator::NotEqual: return NodeOp::Ne;
  default: return NodeOp::Add;
  }
}

Value Elaborator::evaluateBinary(const ast::BinaryExpr &expr, Scope &scope) {
  NodeOp op = nodeOp(expr.op);
  Value a = evaluate(*expr.lhs, scope);
  if (!isLogical(op))
    return binary(op, a, evaluate(*expr.rhs, scope), expr.range, verbOf(op));
  // `and` and `or` are lazy: what stands left is a fact for the reads on the right.
  if (a.kind == Value::Flag && a.flag == (op == NodeOp::Or))
    return a;
  if (a.kind == Value::Flag)
    return evaluate(*expr.rhs, scope);
  a = a.isPoison() ? a : toExpr(a, expr.lhs->range);
  if (a.isPoison())
    return a;
  current->facts.push_back({a.node, op == NodeOp::And});
  Value b = evaluate(*expr.rhs, scope);
  current->facts.pop_back();
  if (b.kind == Value::Flag)
    return b.flag == (op == NodeOp::Or) ? b : a;
  return binary(op, a, b, expr.range, verbOf(op));
}

Value Elaborator::evaluateCompare(const ast::CompareExpr &expr, Scope &scope) {
  std::vector<Value> operands;
  for (auto &operand : expr.operands) {
    Value value = evaluate(*operand, scope);
    // Operands of a chain are used twice: one set of axes for both.
    if (value.kind == Value::Whole)
      value = toExpr(value, operand->range);
    operands.push_back(value);
  }
  Value result;
  for (auto [i, op] : llvm::enumerate(expr.ops)) {
    Value link = binary(nodeOp(op), operands[i], operands[i + 1], expr.range, "compare");
    if (i == 0)
      result = link;
    else if (result.kind == Value::Flag && link.kind != Value::Flag)
      result = result.flag ? link : result;
    else if (link.kind == Value::Flag && result.kind != Value::Flag)
      result = link.flag ? result : link;
    else
      result = binary(NodeOp::And, result, link, expr.range, "compare");
  }
  return result;
}

Value Elaborator::unary(NodeOp op, Value a, SourceRange range) {
  if (a.isPoison())
    return a;
  if (a.isStatic()) {
    Value resolved = a;
    if (a.kind == Value::Int && op != NodeOp::Neg)
      resolved.dim = dims.resolve(a.dim);
    std::string why;
    if (std::optional<Value> value = staticUnary(op, resolved, why))
      return *value;
  }
  a = toExpr(a, range);
  if (a.isPoison())
    return a;
  Scalar type = a.node->type;
  if (op == NodeOp::Not) {
    if (type != Scalar::Bool)
      return error(range, "not takes a bool, found " + describe(a));
    return Value::expr(makeOp(op, type, {a.node}, range), a.axes);
  }
  if (type == Scalar::Bool)
    return error(range, "bool is not a number; write one_if(c) or i32(c)");
  if (op == NodeOp::IsNan)
    return Value::expr(makeOp(op, Scalar::Bool, {a.node}, range), a.axes);
  if (op != NodeOp::Neg && op != NodeOp::Abs)
    type = Scalar::F32;
  return Value::expr(makeOp(op, type, {a.node}, range), a.axes);
}

Value Elaborator::evaluateUnary(const ast::UnaryExpr &expr, Scope &scope) {
  return unary(expr.op == ast::Operator::Not ? NodeOp::Not : NodeOp::Neg,
               evaluate(*expr.operand, scope), expr.range);
}

Value Elaborator::select(NodeRef condition, std::vector<IndexRef> conditionAxes, Value a,
                         Value b, SourceRange range) {
  Value operands[] = {Value::expr(condition, conditionAxes), toExpr(a, range), toExpr(b, range)};
  if (operands[1].isPoison() || operands[2].isPoison())
    return Value::poison();
  auto axes = align(operands, range, "select between");
  if (!axes)
    return Value::poison();
  NodeRef x = operands[1].node, y = operands[2].node;
  if ((x->type == Scalar::Bool) != (y->type == Scalar::Bool))
    return error(range, "the sides of if are " + describe(operands[1]) + " and " + describe(operands[2]));
  return Value::expr(makeOp(NodeOp::Select, std::max(x->type, y->type), {condition, x, y}, range), *axes);
}

Value Elaborator::evaluateIf(const ast::IfExpr &expr, Scope &scope) {
  Value c = evaluate(*expr.condition, scope);
  if (c.isPoison())
    return c;
  if (c.kind == Value::Flag)
    return evaluate(c.flag ? *expr.thenExpr : *expr.elseExpr, scope);
  c = toExpr(c, expr.condition->range);
  if (c.isPoison())
    return c;
  if (c.node->type != Scalar::Bool)
    return error(expr.condition->range, "a condition is a bool, found " + describe(c));
  current->facts.push_back({c.node, true});
  Value a = evaluate(*expr.thenExpr, scope);
  current->facts.back().holds = false;
  Value b = evaluate(*expr.elseExpr, scope);
  current->facts.pop_back();
  if (a.isPoison() || b.isPoison())
    return Value::poison();
  return select(c.node, c.axes, a, b, expr.range);
}

//===----------------------------------------------------------------------===//
// Subscripts
//===----------------------------------------------------------------------===//

Value Elaborator::evaluateComposite(const ast::CompositeExpr &expr, Scope &scope) {
  return error(expr.range, "names side by side are a place in an axis; they stand in brackets only");
}

} // namespace heddle::frontend
