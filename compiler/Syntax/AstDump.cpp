//===- AstDump.cpp - Syntax trees as text ---------------------------------===//

#include "compiler/Syntax/AstDump.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace heddle::frontend {

using namespace ast;

namespace {

class Dumper {
public:
  explicit Dumper(llvm::raw_ostream &os) : os(os) {}

  void item(const Item &item);

private:
  llvm::raw_ostream &line() { return os.indent(2 * depth); }
  void quoted(llvm::StringRef text) {
    os << '"';
    llvm::printEscapedString(text, os);
    os << '"';
  }

  void expr(const Expr *expr);
  void labelled(llvm::StringRef label, const Expr *value) {
    if (!value)
      return;
    os << " " << label << " ";
    expr(value);
  }
  template <typename Range> void list(llvm::StringRef label, const Range &values) {
    if (values.empty())
      return;
    os << " " << label << " [";
    llvm::interleaveComma(values, os, [&](const ExprPtr &value) { expr(value.get()); });
    os << "]";
  }
  void digits(const std::vector<Digit> &digits);
  void axis(const AxisName &axis) {
    os << axis.name;
    if (axis.extent) {
      os << ": ";
      expr(axis.extent.get());
    }
  }
  void places(const std::vector<Place> &places);
  void type(const TypeAst &type);
  void staticType(const StaticTypeAst &type) {
    os << (type.isList ? "[" : "") << type.name << (type.isList ? "]" : "");
  }
  void weight(const WeightDecl &decl);
  void block(const BlockItem &block);
  void body(const Body &body);
  void stmt(const Stmt &stmt);

  llvm::raw_ostream &os;
  unsigned depth = 0;
};

void Dumper::digits(const std::vector<Digit> &digits) {
  os << "(digits";
  for (const Digit &digit : digits) {
    os << " ";
    if (digit.kind == Digit::Integer)
      os << digit.integer;
    else
      os << (digit.kind == Digit::Underscore ? "_" : digit.name);
    if (digit.extent) {
      os << ": ";
      expr(digit.extent.get());
    }
  }
  os << ")";
}

void Dumper::expr(const Expr *e) {
  if (!e) {
    os << "...";
    return;
  }
  switch (e->kind) {
  case Expr::Number: {
    auto *number = llvm::cast<NumberExpr>(e);
    if (number->isInteger)
      os << number->integer;
    else
      os << llvm::format("%.17g", number->real) << "r";
    return;
  }
  case Expr::String: {
    os << "(text";
    for (auto &part : llvm::cast<StringExpr>(e)->parts) {
      os << " ";
      if (part.expr)
        expr(part.expr.get());
      else
        quoted(part.text);
    }
    os << ")";
    return;
  }
  case Expr::Bool:
    os << (llvm::cast<BoolExpr>(e)->value ? "true" : "false");
    return;
  case Expr::Name:
    os << llvm::cast<NameExpr>(e)->name;
    return;
  case Expr::Field: {
    auto *field = llvm::cast<FieldExpr>(e);
    os << "(field " << field->base << " " << field->field << ")";
    return;
  }
  case Expr::Call: {
    auto *call = llvm::cast<CallExpr>(e);
    os << "(call " << call->callee;
    for (auto &arg : call->args) {
      os << " ";
      if (!arg.name.empty())
        os << arg.name << "= ";
      expr(arg.value.get());
    }
    labelled("@", call->scope.get());
    for (auto &rename : call->renames)
      labelled("rename " + rename.name, rename.path.get());
    os << ")";
    return;
  }
  case Expr::Axis: {
    auto *op = llvm::cast<AxisExpr>(e);
    os << "(axis " << op->op << " [";
    llvm::interleaveComma(op->axes, os, [&](const AxisName &name) { axis(name); });
    os << "]";
    if (op->to) {
      os << " -> ";
      axis(*op->to);
    }
    labelled("where", op->where.get());
    list("of", op->args);
    os << ")";
    return;
  }
  case Expr::Composite:
    return digits(llvm::cast<CompositeExpr>(e)->digits);
  case Expr::Subscript: {
    auto *subscript = llvm::cast<SubscriptExpr>(e);
    os << "(at ";
    expr(subscript->base.get());
    for (auto &place : subscript->subscripts) {
      os << " ";
      expr(place.expr.get());
      labelled("pad", place.pad.get());
    }
    os << ")";
    return;
  }
  case Expr::Unary: {
    auto *unary = llvm::cast<UnaryExpr>(e);
    os << "(" << spelling(unary->op) << " ";
    expr(unary->operand.get());
    os << ")";
    return;
  }
  case Expr::Binary: {
    auto *binary = llvm::cast<BinaryExpr>(e);
    os << "(" << spelling(binary->op) << " ";
    expr(binary->lhs.get());
    os << " ";
    expr(binary->rhs.get());
    os << ")";
    return;
  }
  case Expr::Compare: {
    auto *compare = llvm::cast<CompareExpr>(e);
    os << "(compare ";
    expr(compare->operands[0].get());
    for (size_t i = 0; i < compare->ops.size(); ++i)
      labelled(spelling(compare->ops[i]), compare->operands[i + 1].get());
    os << ")";
    return;
  }
  case Expr::If: {
    auto *choice = llvm::cast<IfExpr>(e);
    os << "(if ";
    expr(choice->condition.get());
    labelled("then", choice->thenExpr.get());
    labelled("else", choice->elseExpr.get());
    os << ")";
    return;
  }
  case Expr::Tuple:
    os << "(tuple";
    list("of", llvm::cast<TupleExpr>(e)->items);
    os << ")";
    return;
  case Expr::List:
    os << "(list";
    list("of", llvm::cast<ListExpr>(e)->items);
    os << ")";
    return;
  }
}

void Dumper::places(const std::vector<Place> &places) {
  os << "[";
  llvm::interleaveComma(places, os, [&](const Place &place) {
    if (place.kind == Place::Ellipsis) {
      os << "...";
    } else if (place.kind == Place::Composite) {
      digits(place.digits);
    } else {
      os << place.name;
      if (place.extent) {
        os << ": ";
        expr(place.extent.get());
      }
    }
  });
  os << "]";
}

void Dumper::type(const TypeAst &type) {
  os << type.element;
  if (type.hasDims) {
    os << "[";
    llvm::interleaveComma(type.dims, os, [&](const ExprPtr &dim) { expr(dim.get()); });
    os << "]";
  }
  labelled("in", type.range_.get());
}

void Dumper::weight(const WeightDecl &decl) {
  line() << "weight " << decl.name;
  if (decl.familyExtent) {
    os << "[" << decl.family << ": ";
    expr(decl.familyExtent.get());
    os << "]";
  }
  os << ": ";
  type(*decl.type);
  labelled("@", decl.path.get());
  os << "\n";
}

void Dumper::body(const Body &statements) {
  ++depth;
  for (const StmtPtr &statement : statements)
    stmt(*statement);
  --depth;
}

void Dumper::stmt(const Stmt &s) {
  switch (s.kind) {
  case Stmt::Let: {
    auto &let = llvm::cast<LetStmt>(s);
    line() << "let " << let.name;
    labelled("=", let.value.get());
    os << "\n";
    return;
  }
  case Stmt::Weight:
    return weight(*llvm::cast<WeightStmt>(s).decl);
  case Stmt::Dim: {
    auto &dim = llvm::cast<DimStmt>(s);
    line() << "dim " << dim.name;
    labelled("<=", dim.bound.get());
    labelled("=", dim.value.get());
    os << "\n";
    return;
  }
  case Stmt::Require: {
    auto &require = llvm::cast<RequireStmt>(s);
    line() << "require ";
    expr(require.condition.get());
    os << " ";
    quoted(require.text);
    os << "\n";
    return;
  }
  case Stmt::Return:
    line() << "return ";
    expr(llvm::cast<ReturnStmt>(s).value.get());
    os << "\n";
    return;
  case Stmt::Yield:
    line() << "yield ";
    expr(llvm::cast<YieldStmt>(s).value.get());
    os << "\n";
    return;
  case Stmt::If: {
    auto &branch = llvm::cast<IfStmt>(s);
    line() << "if ";
    expr(branch.condition.get());
    os << "\n";
    body(branch.thenBody);
    if (!branch.elseBody.empty())
      line() << (branch.elseIf ? "else-if\n" : "else\n");
    return body(branch.elseBody);
  }
  case Stmt::For: {
    auto &loop = llvm::cast<ForStmt>(s);
    line() << "for " << loop.name;
    labelled("in", loop.begin.get());
    labelled("..", loop.end.get());
    os << "\n";
    return body(loop.body);
  }
  case Stmt::Loop: {
    auto &loop = llvm::cast<LoopStmt>(s);
    line() << "loop " << loop.name;
    labelled("in", loop.begin.get());
    labelled("..", loop.end.get());
    labelled("while", loop.condition.get());
    os << "\n";
    return body(loop.body);
  }
  case Stmt::Call:
    line();
    expr(llvm::cast<CallStmt>(s).call.get());
    os << "\n";
    return;
  case Stmt::Assign: {
    auto &assign = llvm::cast<AssignStmt>(s);
    line() << (assign.parenthesized ? "give-each" : "give");
    for (auto &target : assign.targets) {
      os << " " << target.name;
      if (target.hasPlaces)
        places(target.places);
      if (target.type) {
        os << ": ";
        type(*target.type);
      }
    }
    labelled("=", assign.value.get());
    if (!assign.scan) {
      os << "\n";
      return;
    }
    os << " = scan " << assign.scan->name << "\n";
    return body(assign.scan->body);
  }
  case Stmt::Each: {
    auto &each = llvm::cast<EachStmt>(s);
    line() << "each " << llvm::join(each.names, " ") << " ";
    places(each.places);
    labelled("=", each.value.get());
    os << "\n";
    return;
  }
  case Stmt::Write: {
    auto &write = llvm::cast<WriteStmt>(s);
    line() << (write.add ? "add " : "write ") << write.name;
    if (!write.field.empty())
      os << "." << write.field;
    if (write.hasSlots) {
      os << "[";
      llvm::interleaveComma(write.slots, os, [&](const WriteStmt::Slot &slot) {
        if (!slot.name.empty())
          os << slot.name << ": ";
        expr(slot.value.get());
        os << (slot.drop ? " drop" : "");
      });
      os << "]";
    }
    labelled("=", write.value.get());
    os << "\n";
    return;
  }
  }
}

void Dumper::block(const BlockItem &block) {
  for (llvm::StringRef rest = block.doc; !rest.empty();) {
    auto [first, others] = rest.split('\n');
    line() << "doc " << first << "\n";
    rest = others;
  }
  line() << (block.isEntry ? "entry " : "block ") << block.name << "\n";
  ++depth;
  for (const Param &param : block.params) {
    line() << "param " << param.name << ": ";
    if (param.type)
      type(*param.type);
    else
      staticType(*param.staticType);
    labelled("=", param.defaultValue.get());
    os << "\n";
  }
  for (const Result &result : block.results) {
    line() << "result " << result.name << (result.name.empty() ? "" : ": ");
    type(*result.type);
    os << "\n";
  }
  for (const ExprPtr &fact : block.facts) {
    line() << "fact ";
    expr(fact.get());
    os << "\n";
  }
  for (const ExampleSize &size : block.example) {
    line() << "example " << size.name;
    labelled("=", size.value.get());
    os << "\n";
  }
  --depth;
  body(block.body);
}

void Dumper::item(const Item &i) {
  switch (i.kind) {
  case Item::Model:
    line() << "model " << llvm::cast<ModelItem>(i).name << "\n";
    return;
  case Item::Paths:
    line() << "paths ";
    quoted(llvm::cast<PathsItem>(i).separator);
    os << "\n";
    return;
  case Item::Use:
    line() << "use ";
    quoted(llvm::cast<UseItem>(i).path);
    os << "\n";
    return;
  case Item::Config:
    line() << "config\n";
    ++depth;
    for (const ConfigField &field : llvm::cast<ConfigItem>(i).fields) {
      line() << field.name << ": ";
      staticType(field.type);
      labelled("=", field.defaultValue.get());
      if (!field.key.empty()) {
        os << " from ";
        quoted(field.key);
      }
      os << "\n";
    }
    --depth;
    return;
  case Item::Let: {
    auto &let = llvm::cast<LetItem>(i);
    line() << "let " << let.name;
    labelled("=", let.value.get());
    os << "\n";
    return;
  }
  case Item::Fn: {
    auto &fn = llvm::cast<FnItem>(i);
    line() << "fn " << fn.name;
    if (!fn.axis.empty())
      os << "[" << fn.axis << "]";
    os << "(" << llvm::join(fn.params, ", ") << ")";
    labelled("=", fn.body.get());
    os << "\n";
    return;
  }
  case Item::Block:
    return block(llvm::cast<BlockItem>(i));
  case Item::Weight:
    return weight(*llvm::cast<WeightItem>(i).decl);
  case Item::State: {
    auto &state = llvm::cast<StateItem>(i);
    line() << "state " << state.name;
    list("where", state.facts);
    os << "\n";
    ++depth;
    for (const StateField &field : state.fields) {
      line() << llvm::join(field.names, ", ") << ": ";
      type(*field.type);
      labelled("=", field.value.get());
      os << "\n";
    }
    --depth;
    return;
  }
  }
}

} // namespace

void dump(const File &file, llvm::raw_ostream &os) {
  Dumper dumper(os);
  for (auto &item : file.items)
    dumper.item(*item);
}

} // namespace heddle::frontend
