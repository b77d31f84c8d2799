//===- Prover.cpp - Proofs of ranges --------------------------------------===//

#include "compiler/Frontend/Prover.h"

#include "llvm/ADT/StringExtras.h"

namespace heddle::frontend {

Dim LinearForms::dataSymbol(const std::string &key, Range range, NodeRef shown) {
  auto [it, isNew] = data.try_emplace(key);
  if (isNew) {
    it->second = Dim::symbol("_$" + std::to_string(data.size()));
    ranges[it->second.getSymbol().str()] = range;
    if (shown)
      texts[it->second.getSymbol().str()] = shown;
  }
  return it->second;
}

/// Where nothing is known of the node but its type.
Dim LinearForms::opaque(const NodeRef &node, Range range) {
  return dataSymbol(llvm::utohexstr(uint64_t(node.get())), range, node);
}

/// The smaller of two ends, without a min where it is known which that is.
Dim LinearForms::smaller(Dim a, Dim b) const {
  if (!a.isValid() || !b.isValid())
    return {};
  if (a == b)
    return a;
  return dims.proveNonNegative(b - a) ? a : dims.proveNonNegative(a - b) ? b : Dim::min(a, b);
}

Dim LinearForms::greater(Dim a, Dim b) const {
  if (!a.isValid() || !b.isValid())
    return {};
  return dims.proveNonNegative(a - b) ? a : dims.proveNonNegative(b - a) ? b : Dim::max(a, b);
}

Dim LinearForms::of(const Subscript &subscript) {
  if (subscript.value)
    return of(subscript.value);
  Dim sum = Dim::constant(0);
  for (auto [digit, radix] : llvm::zip(subscript.digits, subscript.radix)) {
    Dim value = of(digit);
    if (!value.isValid() || !radix.isValid())
      return {};
    sum = sum * dims.resolve(radix) + value;
  }
  return sum;
}

Dim LinearForms::of(const NodeRef &node) {
  if (auto it = known.find(node.get()); it != known.end())
    return it->second;
  auto compute = [&]() -> Dim {
    switch (node->kind) {
    case Node::Int:
      return dims.resolve(node->integer);
    case Node::Index: {
      IndexRef index = resolve(node->index);
      if (!index->extent.isValid())
        return {};
      ranges[index->symbol] = {Dim::constant(0), dims.resolve(index->extent) - 1};
      return Dim::symbol(index->symbol);
    }
    case Node::Count: {
      Dim product = Dim::constant(1);
      for (const IndexRef &index : node->indices)
        product = product * dims.resolve(resolve(index)->extent);
      return product;
    }
    case Node::Read: {
      if (!isInteger(node->type))
        return {};
      Range range;
      if (node->tensor->bound && !node->pad)
        range = {node->tensor->least ? dims.resolve(*node->tensor->least) : Dim::constant(0),
                 dims.resolve(*node->tensor->bound) - 1};
      else if (!node->pad && node->tensor->element == Element::U8)
        range = {Dim::constant(0), Dim::constant(UINT8_MAX)};
      else if (!node->pad && node->tensor->element == Element::I8)
        range = {Dim::constant(INT8_MIN), Dim::constant(INT8_MAX)};
      if (node->pad || !node->tensor->value)
        return opaque(node, range);
      // The same element read twice is the same number.
      std::string key = llvm::utohexstr(uint64_t(node->tensor->value.getAsOpaquePointer()));
      for (const Subscript &subscript : node->subscripts) {
        Dim at = of(subscript);
        if (!at.isValid())
          return opaque(node, range);
        key += "[" + std::to_string(unsigned(subscript.keep)) + ":" + at.str() + "]";
      }
      return dataSymbol(key, range, node);
    }
    case Node::Cat: {
      if (!isInteger(node->type))
        return {};
      // The ranges of the parts join.
      Range joined = rangeOf(node->args[0]);
      for (const NodeRef &part : llvm::drop_begin(node->args)) {
        Range range = rangeOf(part);
        joined = {smaller(joined.least, range.least), greater(joined.most, range.most)};
      }
      return opaque(node, joined);
    }
    case Node::Axis:
      return isInteger(node->type) ? opaque(node, rangeOfAxis(*node)) : Dim();
    case Node::Cast: {
      if (!isInteger(node->type))
        return {};
      const NodeRef &from = node->args[0];
      if (from->type == Scalar::Bool)
        return opaque(node, {Dim::constant(0), Dim::constant(1)});
      if (isInteger(from->type) && node->type == Scalar::I32 && fits(of(from), node->element))
        return of(from);
      return opaque(node);
    }
    case Node::Op: {
      if (!isInteger(node->type))
        return {};
      Dim form = ofOp(node);
      // What may wrap is a number of its own, the same wherever it is computed.
      bool mayWrap = node->op == NodeOp::Neg || node->op == NodeOp::Add || node->op == NodeOp::Sub || node->op == NodeOp::Mul;
      if (!mayWrap || node->type == Scalar::Index || !form.isValid() || fits(form, node->type == Scalar::I64 ? Element::I64 : Element::I32))
        return form;
      return dataSymbol("wrapped " + form.str(), {}, node);
    }
    default:
      return {};
    }
  };
  Dim result = compute();
  return known[node.get()] = result;
}

/// What an operation on integers gives, as a polynomial or as a number of its own.
Dim LinearForms::ofOp(const NodeRef &node) {
  llvm::SmallVector<Dim> args;
  for (const NodeRef &arg : node->args) {
    args.push_back(isInteger(arg->type) ? of(arg) : Dim());
    if (isInteger(arg->type) && !args.back().isValid())
      return {};
  }
  switch (node->op) {
  case NodeOp::Neg: return -args[0];
  case NodeOp::Add: return args[0] + args[1];
  case NodeOp::Sub: return args[0] - args[1];
  case NodeOp::Mul: return args[0] * args[1];
  case NodeOp::Min: return Dim::min(args[0], args[1]);
  case NodeOp::Max: return Dim::max(args[0], args[1]);
  case NodeOp::FloorDiv:
  case NodeOp::Mod: {
    if (!proveNonNegative(args[1] - 1, {}))
      return opaque(node);
    Dim result = node->op == NodeOp::Mod ? Dim::mod(args[0], args[1]) : Dim::floorDiv(args[0], args[1]);
    return result.isValid() ? result : opaque(node);
  }
  case NodeOp::Abs: {
    Range range = {least(args[0]), most(args[0])};
    return opaque(node, {Dim::constant(0), range.least.isValid() ? greater(range.most, -range.least) : Dim()});
  }
  case NodeOp::Select: {
    // The ranges of the two sides join.
    if (args[1] == args[2])
      return args[1];
    return opaque(node, {smaller(least(args[1]), least(args[2])), greater(most(args[1]), most(args[2]))});
  }
  default:
    return opaque(node);
  }
}

LinearForms::Range LinearForms::rangeOf(const NodeRef &node) {
  Dim value = isInteger(node->type) ? of(node) : Dim();
  return {least(value), most(value)};
}

/// Positions are in their axis; a sum has at most as many terms as its indices have
/// places; an extreme is one of the values, where there are any.
LinearForms::Range LinearForms::rangeOfAxis(const Node &node) {
  Dim count = Dim::constant(1);
  bool nonEmpty = !node.condition;
  for (const IndexRef &raw : node.indices) {
    Dim extent = resolve(raw)->extent;
    if (!extent.isValid())
      return {};
    count = count * dims.resolve(extent);
    nonEmpty &= dims.proveNonNegative(extent - 1);
  }
  switch (node.axis) {
  case AxisKind::ArgMax:
  case AxisKind::ArgMin:
  case AxisKind::ArgSort:
  case AxisKind::TopPositions:
    return {Dim::constant(0), count - 1};
  case AxisKind::Max:
  case AxisKind::Min:
  case AxisKind::TopValues:
    return nonEmpty && node.axis != AxisKind::TopValues ? rangeOf(node.args[0]) : Range();
  case AxisKind::Sum:
  case AxisKind::CumSum: {
    Range term = rangeOf(node.args[0]);
    if (!term.least.isValid() || !term.most.isValid() || !dims.proveNonNegative(term.least))
      return {};
    Range range = {Dim::constant(0), term.most * count};
    return fits(range.most, node.type == Scalar::I64 ? Element::I64 : Element::I32) ? range : Range();
  }
  default:
    return {};
  }
}

bool LinearForms::fits(Dim value, Element element) {
  Dim lo = least(value), hi = most(value);
  if (!lo.isValid() || !hi.isValid())
    return false;
  Bounds low = dims.bounds(lo), high = dims.bounds(hi);
  if (!low.least || !high.most)
    return false;
  switch (element) {
  case Element::I8:  return *low.least >= INT8_MIN && *high.most <= INT8_MAX;
  case Element::U8:  return *low.least >= 0 && *high.most <= UINT8_MAX;
  case Element::I32: return *low.least >= INT32_MIN && *high.most <= INT32_MAX;
  case Element::I64: return true;
  default:           return false;
  }
}

void LinearForms::addFact(const Fact &fact, std::vector<Dim> &to) {
  const NodeRef &c = fact.condition;
  if (!c || c->kind != Node::Op)
    return;
  if (c->op == NodeOp::Not)
    return addFact({c->args[0], !fact.holds}, to);
  // A true conjunction, or a false disjunction, says both sides.
  if (c->op == (fact.holds ? NodeOp::And : NodeOp::Or)) {
    addFact({c->args[0], fact.holds}, to);
    return addFact({c->args[1], fact.holds}, to);
  }
  if (c->args.size() != 2 || !isInteger(c->args[0]->type) || !isInteger(c->args[1]->type))
    return;
  NodeOp op = c->op;
  if (!fact.holds) {
    switch (op) {
    case NodeOp::Lt: op = NodeOp::Ge; break;
    case NodeOp::Le: op = NodeOp::Gt; break;
    case NodeOp::Gt: op = NodeOp::Le; break;
    case NodeOp::Ge: op = NodeOp::Lt; break;
    case NodeOp::Ne: op = NodeOp::Eq; break;
    default: return;
    }
  }
  Dim a = of(c->args[0]), b = of(c->args[1]);
  if (!a.isValid() || !b.isValid())
    return;
  switch (op) {
  case NodeOp::Lt: to.push_back(b - a - 1); break;
  case NodeOp::Le: to.push_back(b - a); break;
  case NodeOp::Gt: to.push_back(a - b - 1); break;
  case NodeOp::Ge: to.push_back(a - b); break;
  case NodeOp::Eq:
    to.push_back(a - b);
    to.push_back(b - a);
    break;
  default: break;
  }
}

bool LinearForms::isLocal(Dim value) const {
  return llvm::any_of(value.symbols(), [&](llvm::StringRef symbol) { return ranges.count(symbol.str()) != 0; });
}

Dim LinearForms::mostOverIndices(Dim value, std::map<std::string, NodeRef> &shown) {
  std::map<std::string, Range> all = ranges;
  for (llvm::StringRef symbol : value.symbols())
    if (auto it = texts.find(symbol.str()); it != texts.end()) {
      shown[symbol.str()] = it->second;
      ranges.erase(symbol.str());
    }
  Dim result = most(value);
  ranges = std::move(all);
  return result;
}

std::optional<int> LinearForms::sign(Dim coefficient) {
  if (dims.proveNonNegative(coefficient))
    return 1;
  if (dims.proveNonNegative(-coefficient))
    return -1;
  return std::nullopt;
}

/// Puts in the end of each index's and datum's range that makes `value` least
/// or greatest. Opaque terms over them become symbols with a range first.
Dim LinearForms::eliminate(Dim value, bool wantLeast) {
  if (!value.isValid())
    return {};
  auto isLocal = [&](llvm::StringRef symbol) { return ranges.count(symbol.str()) != 0; };
  auto touchesLocal = [&](Dim dim) { return llvm::any_of(dim.symbols(), isLocal); };

  auto either = [&](Dim a, Dim b, bool least) { return !a.isValid() ? b : !b.isValid() ? a : least ? smaller(a, b) : greater(a, b); };
  value = value.rewrite([&](DimAtom atom) -> std::optional<Dim> {
    if (atom.isSymbol() || (!touchesLocal(atom.lhs()) && !touchesLocal(atom.rhs())))
      return std::nullopt;
    Dim a = atom.lhs(), b = atom.rhs(), lo, hi;
    switch (atom.kind()) {
    case DimAtom::FloorDiv:
      lo = least(a); hi = most(a);
      if (touchesLocal(b)) {
        // Of what is not negative a quotient is not greater.
        bool nonNegative = lo.isValid() && dims.proveNonNegative(lo);
        lo = nonNegative ? Dim::constant(0) : Dim();
        hi = nonNegative ? hi : Dim();
        break;
      }
      if (lo.isValid()) lo = Dim::floorDiv(lo, b);
      if (hi.isValid()) hi = Dim::floorDiv(hi, b);
      break;
    case DimAtom::Mod:
      lo = Dim::constant(0);
      hi = touchesLocal(b) ? most(b) : b;
      if (hi.isValid()) hi = hi - 1;
      break;
    case DimAtom::Min:
      // The smaller is below whichever is bounded.
      lo = smaller(least(a), least(b));
      hi = either(most(a), most(b), /*least=*/true);
      break;
    case DimAtom::Max:
      lo = either(least(a), least(b), /*least=*/false);
      hi = greater(most(a), most(b));
      break;
    default: break;
    }
    return dataSymbol("atom " + Dim::atom(atom).str(), {lo, hi});
  });
  if (!value.isValid())
    return {};

  // Each step removes one symbol; a range may mention others, but no cycle.
  for (unsigned step = 0; step < 64; ++step) {
    auto symbols = value.symbols();
    auto it = llvm::find_if(symbols, isLocal);
    if (it == symbols.end())
      return value;
    auto parts = value.coefficientOf(*it);
    if (!parts)
      return {};
    Range range = ranges[it->str()];
    auto [a, b] = *parts;
    // Where the coefficient has indices itself, its own range decides.
    std::optional<int> direction;
    if (touchesLocal(a)) {
      if (dims.proveNonNegative(least(a))) direction = 1;
      else if (Dim end = most(a); end.isValid() && dims.proveNonNegative(-end)) direction = -1;
    } else {
      direction = sign(a);
    }
    if (!direction)
      return {};
    Dim end = (*direction > 0) == wantLeast ? range.least : range.most;
    if (!end.isValid())
      return {};
    value = a * end + b;
    if (!value.isValid())
      return {};
  }
  return {};
}

bool LinearForms::proveNonNegative(Dim value, llvm::ArrayRef<Dim> facts) {
  if (!value.isValid())
    return false;
  auto holds = [&](Dim rest) {
    Dim lo = rest.isValid() ? least(rest) : Dim();
    return lo.isValid() && dims.proveNonNegative(lo);
  };
  if (holds(value))
    return true;
  llvm::SmallVector<Dim> all(assumed.begin(), assumed.end());
  all.append(facts.begin(), facts.end());
  for (Dim fact : all)
    if (holds(value - fact))
      return true;
  // Two facts together; no more, so that one can predict it.
  constexpr size_t kMostPairs = 24;
  for (size_t i = 0; i < all.size() && i < kMostPairs; ++i)
    for (size_t j = 0; j < i; ++j)
      if (holds(value - all[i] - all[j]))
        return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Facts of all elements
//===----------------------------------------------------------------------===//

/// `node` with indices replaced by what `by` says.
static NodeRef replaceIndices(const NodeRef &node, const std::map<IndexVar *, NodeRef> &by) {
  if (!node)
    return node;
  if (node->kind == Node::Index) {
    auto it = by.find(resolve(node->index).get());
    return it == by.end() ? node : it->second;
  }
  auto copy = std::make_shared<Node>(*node);
  bool changed = false;
  auto visit = [&](NodeRef &child) {
    NodeRef next = replaceIndices(child, by);
    changed |= next != child;
    child = next;
  };
  for (NodeRef &arg : copy->args)
    visit(arg);
  for (Subscript &subscript : copy->subscripts) {
    visit(subscript.value);
    for (NodeRef &digit : subscript.digits)
      visit(digit);
  }
  visit(copy->pad);
  visit(copy->condition);
  return changed ? NodeRef(copy) : node;
}

/// Every read in `node`, those in subscripts included.
static void collectReads(const NodeRef &node, std::vector<NodeRef> &into) {
  if (!node || into.size() > 256)
    return;
  if (node->kind == Node::Read && !llvm::is_contained(into, node))
    into.push_back(node);
  for (const NodeRef &arg : node->args)
    collectReads(arg, into);
  for (const Subscript &subscript : node->subscripts) {
    collectReads(subscript.value, into);
    for (const NodeRef &digit : subscript.digits)
      collectReads(digit, into);
  }
}

void LinearForms::addFacts(const Facts &facts, llvm::ArrayRef<NodeRef> goals, std::vector<Dim> &to) {
  std::vector<NodeRef> wanted;
  for (const Fact &fact : facts) {
    addFact(fact, to);
    const NodeRef &all = fact.condition;
    if (!fact.holds || !all || all->kind != Node::Axis || all->axis != AxisKind::And || all->condition)
      continue;
    if (wanted.empty())
      for (const NodeRef &goal : goals)
        collectReads(goal, wanted);
    // all[b](.. n[b] ..): of the elements of n that the goal reads.
    std::vector<NodeRef> said;
    collectReads(all->args[0], said);
    for (const NodeRef &read : said)
      for (const NodeRef &other : wanted) {
        if (!read->tensor->value || read->tensor->value != other->tensor->value || read->pad || other->pad ||
            read->subscripts.size() != other->subscripts.size())
          continue;
        // An index that runs over all of the axis stands for whatever is read there.
        std::map<IndexVar *, NodeRef> by;
        for (auto [mine, its, extent] : llvm::zip(read->subscripts, other->subscripts, read->tensor->shape)) {
          IndexRef index = mine.value && mine.value->kind == Node::Index ? resolve(mine.value->index) : nullptr;
          bool isBound = index && llvm::any_of(all->indices, [&](const IndexRef &i) { return resolve(i) == index; });
          if (isBound && its.value && mine.keep == Keep::Proved && its.keep == Keep::Proved && dims.equal(index->extent, extent))
            by[index.get()] = its.value;
        }
        if (!llvm::all_of(all->indices, [&](const IndexRef &i) { return by.count(resolve(i).get()); }))
          continue;
        kept.push_back(replaceIndices(all->args[0], by));
        addFact({kept.back(), true}, to);
      }
  }
}

} // namespace heddle::frontend
