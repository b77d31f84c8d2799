//===- Prover.cpp - Proofs of ranges --------------------------------------===//

#include "compiler/Frontend/Prover.h"

#include "llvm/ADT/StringExtras.h"

namespace heddle::frontend {

Dim LinearForms::dataSymbol(const std::string &key, Dim bound) {
  Dim &symbol = data[key];
  if (!symbol.isValid()) {
    std::string name = "$" + std::to_string(data.size());
    symbol = Dim::symbol("_" + name);
    ranges[symbol.getSymbol().str()] = {Dim::constant(0), dims.resolve(bound) - 1};
  }
  return symbol;
}

Dim LinearForms::symbolOf(const NodeRef &node, Range range) {
  if (!range.least.isValid() || !range.most.isValid())
    return {};
  Dim symbol = dataSymbol(llvm::utohexstr(uint64_t(node.get())), Dim::constant(1));
  ranges[symbol.getSymbol().str()] = range;
  return symbol;
}

LinearForms::Range LinearForms::endsOf(const NodeRef &node) {
  if (!isInteger(node->type))
    return {};
  if (Dim value = of(node); value.isValid())
    return {least(value), most(value)};
  bool isChoice = node->kind == Node::Op &&
                  (node->op == NodeOp::Min || node->op == NodeOp::Max || node->op == NodeOp::Select);
  return isChoice ? endsOfChoice(node) : Range();
}

LinearForms::Range LinearForms::endsOfChoice(const NodeRef &node) {
  if (auto it = ends.find(node.get()); it != ends.end())
    return it->second;
  Range a = endsOf(node->args[node->args.size() - 2]), b = endsOf(node->args.back());
  Range both = {node->op == NodeOp::Max ? greater(a.least, b.least) : smaller(a.least, b.least),
                node->op == NodeOp::Min ? smaller(a.most, b.most) : greater(a.most, b.most)};
  // One operand alone says how large a min can be, and how small a max.
  auto either = [](Dim x, Dim y) { return x.isValid() ? x : y; };
  if (node->op == NodeOp::Max && !both.least.isValid())
    both.least = either(a.least, b.least);
  if (node->op == NodeOp::Min && !both.most.isValid())
    both.most = either(a.most, b.most);
  return ends[node.get()] = both;
}

/// The smaller of two ends, without a min where it is known which that is.
Dim LinearForms::smaller(Dim a, Dim b) const {
  if (!a.isValid() || !b.isValid())
    return {};
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
      if (!node->tensor->bound || node->pad)
        return {};
      // The same element read twice is the same number.
      std::string key = llvm::utohexstr(uint64_t(
          node->tensor->value ? node->tensor->value.getAsOpaquePointer()
                              : node->tensor.get()));
      for (const Subscript &subscript : node->subscripts) {
        Dim at = of(subscript);
        if (!at.isValid() || subscript.keep != Keep::Proved)
          return dataSymbol(llvm::utohexstr(uint64_t(node.get())), *node->tensor->bound);
        key += "[" + at.str() + "]";
      }
      return dataSymbol(key, *node->tensor->bound);
    }
    case Node::Cat: {
      // The ranges of the parts join.
      Dim lo, hi;
      for (const NodeRef &part : node->args) {
        Dim value = isInteger(part->type) ? of(part) : Dim();
        Dim low = least(value), high = most(value);
        if (!low.isValid() || !high.isValid())
          return {};
        lo = lo.isValid() ? smaller(lo, low) : low;
        hi = hi.isValid() ? greater(hi, high) : high;
      }
      return symbolOf(node, {lo, hi});
    }
    case Node::Axis:
      if ((node->axis == AxisKind::ArgMax || node->axis == AxisKind::ArgMin || node->axis == AxisKind::ArgSort ||
           node->axis == AxisKind::TopPositions) &&
          resolve(node->indices[0])->extent.isValid())
        return dataSymbol(llvm::utohexstr(uint64_t(node.get())),
                          resolve(node->indices[0])->extent);
      return {};
    case Node::Op: {
      if (!isInteger(node->type))
        return {};
      llvm::SmallVector<Dim> args;
      for (const NodeRef &arg : node->args)
        args.push_back(of(arg));
      auto both = [&] { return args[0].isValid() && args[1].isValid(); };
      switch (node->op) {
      case NodeOp::Neg: return args[0].isValid() ? -args[0] : Dim();
      case NodeOp::Add: return both() ? args[0] + args[1] : Dim();
      case NodeOp::Sub: return both() ? args[0] - args[1] : Dim();
      case NodeOp::Mul: return both() ? args[0] * args[1] : Dim();
      // An end that one side alone settles: min(max(x, 0), 9) of any x.
      case NodeOp::Min: return both() ? Dim::min(args[0], args[1]) : symbolOf(node, endsOfChoice(node));
      case NodeOp::Max: return both() ? Dim::max(args[0], args[1]) : symbolOf(node, endsOfChoice(node));
      case NodeOp::FloorDiv:
        return both() && proveNonNegative(args[1] - 1, {})
                   ? Dim::floorDiv(args[0], args[1]) : Dim();
      case NodeOp::Mod:
        // Any dividend, also one about which nothing is known.
        if (!args[1].isValid() || !proveNonNegative(args[1] - 1, {}))
          return {};
        return args[0].isValid() ? Dim::mod(args[0], args[1])
                                 : dataSymbol(llvm::utohexstr(uint64_t(node.get())), args[1]);
      case NodeOp::Select: {
        // The ranges of the two sides join.
        Dim a = args[1], b = args[2];
        if (!a.isValid() || !b.isValid())
          return {};
        if (a == b)
          return a;
        return symbolOf(node, {smaller(least(a), least(b)), greater(most(a), most(b))});
      }
      default: return {};
      }
    }
    default:
      return {};
    }
  };
  Dim result = compute();
  return known[node.get()] = result;
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

  bool failed = false;
  value = value.rewrite([&](DimAtom atom) -> std::optional<Dim> {
    if (atom.isSymbol() || (!touchesLocal(atom.lhs()) && !touchesLocal(atom.rhs())))
      return std::nullopt;
    Dim a = atom.lhs(), b = atom.rhs(), lo, hi;
    switch (atom.kind()) {
    case DimAtom::FloorDiv:
      if (touchesLocal(b)) { failed = true; return std::nullopt; }
      lo = least(a); hi = most(a);
      if (lo.isValid()) lo = Dim::floorDiv(lo, b);
      if (hi.isValid()) hi = Dim::floorDiv(hi, b);
      break;
    case DimAtom::Mod:
      lo = Dim::constant(0);
      hi = touchesLocal(b) ? most(b) - 1 : b - 1;
      break;
    case DimAtom::Min:
      lo = smaller(least(a), least(b)); hi = smaller(most(a), most(b));
      break;
    case DimAtom::Max:
      lo = greater(least(a), least(b)); hi = greater(most(a), most(b));
      break;
    default: break;
    }
    if (!lo.isValid() || !hi.isValid()) { failed = true; return std::nullopt; }
    Dim symbol = dataSymbol("atom " + Dim::atom(atom).str(), Dim::constant(1));
    ranges[symbol.getSymbol().str()] = {lo, hi};
    return symbol;
  });
  if (failed)
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
      else if (dims.proveNonNegative(-most(a))) direction = -1;
    } else {
      direction = sign(a);
    }
    if (!direction)
      return {};
    value = a * ((*direction > 0) == wantLeast ? range.least : range.most) + b;
    if (!value.isValid())
      return {};
  }
  return {};
}

bool LinearForms::proveNonNegative(Dim value, llvm::ArrayRef<Dim> facts) {
  if (!value.isValid())
    return false;
  if (Dim lo = least(value); lo.isValid() && dims.proveNonNegative(lo))
    return true;
  for (Dim fact : facts)
    if (Dim lo = least(value - fact); lo.isValid() && dims.proveNonNegative(lo))
      return true;
  return false;
}

} // namespace heddle::frontend
