//===- ElaborateFacts.cpp - Dimensions of entries, and facts of them ------===//

#include "compiler/Frontend/Elaborator.h"

namespace heddle::frontend {

using llvm::Twine;

/// A run-time dimension is at most this: coordinates are 32 bits.
static constexpr int64_t kMostExtent = (int64_t(1) << 31) - 1;
/// Dimensions of an entry.
static constexpr size_t kMostDimensions = 500;

bool mentions(const ast::Expr &expr, llvm::StringRef name) {
  if (auto *is = llvm::dyn_cast<ast::NameExpr>(&expr))
    return is->name == name;
  if (auto *compare = llvm::dyn_cast<ast::CompareExpr>(&expr))
    return llvm::any_of(compare->operands, [&](auto &operand) { return mentions(*operand, name); });
  if (auto *binary = llvm::dyn_cast<ast::BinaryExpr>(&expr))
    return mentions(*binary->lhs, name) || mentions(*binary->rhs, name);
  if (auto *unary = llvm::dyn_cast<ast::UnaryExpr>(&expr))
    return mentions(*unary->operand, name);
  if (auto *call = llvm::dyn_cast<ast::CallExpr>(&expr))
    return llvm::any_of(call->args, [&](auto &arg) { return mentions(*arg.value, name); });
  return false;
}

std::vector<const ast::Expr *> Elaborator::laterFacts(const ast::BlockItem &block, Frame &frame,
                                                      std::vector<const ast::Expr *> &later) {
  std::vector<const ast::Expr *> now;
  for (auto &fact : block.facts) {
    bool isLater = false;
    for (auto &result : block.results)
      for (auto &dim : result.type->dims)
        if (auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(dim.get());
            name && !frame.scope.find(name->name) && mentions(*fact, name->name)) {
          frame.newDims.insert(name->name);
          isLater = true;
        }
    (isLater ? later : now).push_back(fact.get());
  }
  return now;
}

/// Bounds of single dimensions, equations that rewrite one side, and other facts.
void Elaborator::takeFacts(Scope &scope, llvm::ArrayRef<const ast::Expr *> facts, bool areChecked) {
  // Bounds first: they prove what the others need.
  for (int pass = 0; pass < 2; ++pass) {
    for (const ast::Expr *fact : facts) {
      auto *compare = llvm::dyn_cast<ast::CompareExpr>(fact);
      if (!compare) {
        if (pass == 0)
          error(fact->range, "a fact compares dimensions, as in S <= 512");
        continue;
      }
      for (auto [i, op] : llvm::enumerate(compare->ops)) {
        const ast::Expr &left = *compare->operands[i], &right = *compare->operands[i + 1];
        std::optional<Dim> a = dimension(left, scope), b = dimension(right, scope);
        if (!a || !b)
          return;
        Dim x = dims.resolve(*a), y = dims.resolve(*b);
        ast::Operator relation = op;
        if (relation == ast::Operator::Greater || relation == ast::Operator::GreaterEqual) {
          std::swap(x, y);
          relation = relation == ast::Operator::Greater ? ast::Operator::Less : ast::Operator::LessEqual;
        }
        if (relation == ast::Operator::NotEqual) {
          if (pass == 0)
            error(fact->range, "!= says nothing that could be used; a fact is <, <=, >, >= or ==");
          continue;
        }
        if (relation == ast::Operator::Equal) {
          if (pass == 0)
            continue;
          if (x.isSymbol() && !y.mentions(x.getSymbol()))
            dims.addRewrite(x.getSymbol(), y);
          else if (y.isSymbol() && !x.mentions(y.getSymbol()))
            dims.addRewrite(y.getSymbol(), x);
          // D % c == 0: what divides.
          for (auto [rest, other] : {std::pair(x, y), std::pair(y, x)}) {
            auto terms = rest.terms();
            if (other.isConstant(0) && terms.size() == 1 && terms[0].coefficient == 1 &&
                terms[0].factors.size() == 1 && terms[0].factors[0].first.kind() == DimAtom::Mod) {
              Dim divisor = terms[0].factors[0].first.rhs(), dividend = terms[0].factors[0].first.lhs();
              // What 8 divides, 2 and 4 divide too; and half of it, 4.
              constexpr int64_t kMostDivisors = 512;
              int64_t all = divisor.isConstant() && divisor.getConstant() <= kMostDivisors ? divisor.getConstant() : 0;
              for (int64_t taken = 1; taken < all; ++taken)
                for (int64_t part = 2; all % taken == 0 && part <= all / taken; ++part)
                  if (all / taken % part == 0)
                    dims.addDivides(Dim::constant(part), Dim::floorDiv(dividend, Dim::constant(taken)));
              dims.addDivides(divisor, dividend);
              // What is above 0 is as large as its divisor.
              Bounds bounds = dims.bounds(dividend);
              if (dividend.isSymbol() && divisor.isConstant() && bounds.least && bounds.most) {
                int64_t by = divisor.getConstant();
                Bounds whole{llvm::divideCeilSigned(*bounds.least, by) * by, llvm::divideFloorSigned(*bounds.most, by) * by};
                if (*whole.least <= *whole.most)
                  dims.setBounds(dividend.getSymbol(), whole);
              } else if (dims.proveNonNegative(dividend - 1)) {
                dims.addFact(dividend - divisor);
              }
            }
          }
          if (Dim difference = x - y; difference.isConstant() && !difference.isConstant(0)) {
            error(fact->range, text(fact->range) + " does not hold: " + dims.describe(*a) + ", " + dims.describe(*b));
            continue;
          }
          if (areChecked)
            entryChecks.push_back({x - y, /*zero=*/true, text(fact->range)});
          continue;
        }
        Dim slack = y - x - (relation == ast::Operator::Less ? 1 : 0); // >= 0
        // c - S >= 0 and S - c >= 0 are bounds; the rest are facts.
        auto terms = slack.terms();
        bool single = !terms.empty() && terms[0].factors.size() == 1 && terms[0].factors[0].first.isSymbol() &&
                      terms[0].factors[0].second == 1 && std::abs(terms[0].coefficient) == 1 &&
                      (terms.size() == 1 || (terms.size() == 2 && terms[1].factors.empty()));
        if (single) {
          if (pass == 1)
            continue;
          llvm::StringRef symbol = terms[0].factors[0].first.name();
          Bounds bounds = dims.boundsOf(symbol);
          int64_t c = slack.constantTerm();
          if (terms[0].coefficient < 0) {
            bounds.most = bounds.most ? std::min(*bounds.most, c) : c;
            Dim named = relation == ast::Operator::Less ? Dim() : (x.isSymbol() && x.getSymbol() == symbol ? *b : *a);
            if (named.isValid() && named.isSymbol() && dims.value(named))
              boundNames[symbol.str()] = named.str();
          } else {
            // `0 <= N` widens the default least of 1.
            if (!explicitLeast.insert(symbol.str()).second)
              bounds.least = std::max(*bounds.least, -c);
            else
              bounds.least = -c;
          }
          dims.setBounds(symbol, bounds);
        } else if (pass == 1 && !slack.isConstant()) {
          dims.addFact(slack);
          if (areChecked)
            entryChecks.push_back({slack, /*zero=*/false, text(fact->range)});
        } else if (pass == 1 && slack.getConstant() < 0) {
          error(fact->range, text(fact->range) + " does not hold: " + dims.describe(*a) + ", " + dims.describe(*b));
        }
      }
    }
  }
}

bool Elaborator::bindDimensions(const ast::BlockItem &entry, Frame &top, std::vector<std::string> &order,
                                std::vector<const ast::Expr *> &later) {
  unsigned before = diagnostics.numErrors();
  entryDims.clear();
  // Dimensions are born in the parameters' types; the results' come after `where`.
  auto birth = [&](const ast::TypeAst &type) {
    for (auto &dim : type.dims) {
      if (!dim) {
        error(type.range, "an entry has no ... in its types");
        continue;
      }
      auto *name = llvm::dyn_cast<ast::NameExpr>(dim.get());
      if (!name || name->name.empty() || name->name[0] < 'A' || name->name[0] > 'Z' || top.scope.find(name->name))
        continue;
      dims.setBounds(name->name, {1, std::nullopt});
      order.push_back(name->name);
      entryDims.insert(name->name);
      Entity entity;
      entity.value = Value::integer(Dim::symbol(name->name));
      entity.range = dim->range;
      top.scope.names[name->name] = entity;
    }
  };
  for (auto &param : entry.params) {
    if (!param.type) {
      error(param.range, "an entry's parameters are data; a static value is a config entry");
      continue;
    }
    birth(*param.type);
  }
  for (auto &result : entry.results)
    for (auto &dim : result.type->dims)
      if (!dim)
        error(result.type->range, "an entry has no ... in its types");
  if (order.size() > kMostDimensions) {
    error(entry.range, "entry " + entry.name + " has " + Twine(order.size()) + " dimensions; at most " + Twine(kMostDimensions) +
                           " are possible");
    return false;
  }
  takeFacts(top.scope, laterFacts(entry, top, later), /*areChecked=*/true);
  if (diagnostics.numErrors() != before)
    return false;
  for (auto &name : order) {
    Bounds bounds = dims.boundsOf(name);
    Dim resolved = dims.resolve(Dim::symbol(name));
    if (!bounds.most && resolved != Dim::symbol(name))
      bounds.most = dims.bounds(resolved).most;
    // A fact between dimensions bounds one by the other.
    if (!bounds.most)
      for (Dim fact : dims.allFacts())
        if (auto parts = fact.coefficientOf(name); parts && parts->first.isConstant(-1))
          if (auto most = dims.bounds(parts->second).most)
            bounds.most = *most;
    // An equation S == N * W bounds N by S.
    if (!bounds.most)
      for (auto &other : order) {
        Bounds known = dims.boundsOf(other);
        Dim equal = dims.resolve(Dim::symbol(other));
        auto parts = other == name || !known.most ? std::nullopt : equal.coefficientOf(name);
        if (!parts || !parts->first.isConstant() || parts->first.getConstant() < 1)
          continue;
        if (auto rest = dims.bounds(parts->second).least)
          bounds.most = (*known.most - *rest) / parts->first.getConstant();
      }
    if (!bounds.most) {
      error(top.scope.names[name].range, name + " has no upper bound: where " + name + " <= ..");
      continue;
    }
    if (*bounds.most > kMostExtent || *bounds.least > *bounds.most || *bounds.least < 0) {
      error(top.scope.names[name].range, name + " runs from " + Twine(*bounds.least) + " to " + Twine(*bounds.most) +
                                             "; a dimension is between 0 and 2147483647");
      continue;
    }
    dims.setBounds(name, bounds);
  }
  return diagnostics.numErrors() == before;
}

} // namespace heddle::frontend
