//===- Node.cpp - Typed scalar expressions over indices -------------------===//

#include "compiler/Frontend/Node.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSwitch.h"

namespace heddle::frontend {

llvm::StringRef spelling(Element element) {
  switch (element) {
  case Element::Bool: return "bool";
  case Element::I8:   return "i8";
  case Element::U8:   return "u8";
  case Element::I32:  return "i32";
  case Element::I64:  return "i64";
  case Element::F16:  return "f16";
  case Element::BF16: return "bf16";
  case Element::F32:  return "f32";
  }
  return "";
}

std::optional<Element> parseElement(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<Element>>(text)
      .Case("bool", Element::Bool)
      .Case("i8", Element::I8)
      .Case("u8", Element::U8)
      .Case("i32", Element::I32)
      .Case("i64", Element::I64)
      .Case("f16", Element::F16)
      .Case("bf16", Element::BF16)
      .Case("f32", Element::F32)
      .Default(std::nullopt);
}

Scalar widened(Element element) {
  switch (element) {
  case Element::Bool: return Scalar::Bool;
  case Element::I8:
  case Element::U8:
  case Element::I32:  return Scalar::I32;
  case Element::I64:  return Scalar::I64;
  default:            return Scalar::F32;
  }
}

bool isInteger(Scalar scalar) {
  return scalar == Scalar::Index || scalar == Scalar::I32 || scalar == Scalar::I64;
}

llvm::StringRef spelling(Scalar scalar) {
  switch (scalar) {
  case Scalar::Bool: return "bool";
  case Scalar::Index:
  case Scalar::I32:  return "i32";
  case Scalar::I64:  return "i64";
  case Scalar::F32:  return "f32";
  }
  return "";
}

bool isRanked(AxisKind kind) { return kind >= AxisKind::ArgSort && kind <= AxisKind::TopPositions; }
bool keepsAxis(AxisKind kind) { return kind >= AxisKind::Softmax; }

IndexRef resolve(IndexRef index) {
  while (index && index->forward)
    index = index->forward;
  return index;
}

void measureDepth(Node &node) {
  auto below = [&](const NodeRef &child) {
    if (child)
      node.depth = std::max(node.depth, child->depth + 1);
  };
  for (const NodeRef &arg : node.args)
    below(arg);
  for (const Subscript &subscript : node.subscripts) {
    below(subscript.value);
    for (const NodeRef &digit : subscript.digits)
      below(digit);
  }
  below(node.pad);
  below(node.condition);
}

NodeRef makeInt(Dim value, SourceRange range) {
  auto node = std::make_shared<Node>(Node::Int, Scalar::Index, range);
  node->integer = value;
  return node;
}

NodeRef makeReal(double value, SourceRange range) {
  auto node = std::make_shared<Node>(Node::Real, Scalar::F32, range);
  node->real = value;
  return node;
}

NodeRef makeFlag(bool value, SourceRange range) {
  auto node = std::make_shared<Node>(Node::Flag, Scalar::Bool, range);
  node->flag = value;
  return node;
}

NodeRef makeIndex(IndexRef index, SourceRange range) {
  auto node = std::make_shared<Node>(Node::Index, Scalar::Index, range);
  node->index = std::move(index);
  return node;
}

NodeRef makeOp(NodeOp op, Scalar type, std::vector<NodeRef> args, SourceRange range) {
  auto node = std::make_shared<Node>(Node::Op, type, range);
  node->op = op;
  node->args = std::move(args);
  measureDepth(*node);
  return node;
}

namespace {

using Indices = std::vector<IndexRef>;

void append(Indices &to, const Indices &from, const Indices &except = {}) {
  for (const IndexRef &raw : from) {
    IndexRef index = resolve(raw);
    auto same = [&](const IndexRef &o) { return resolve(o) == index; };
    if (llvm::none_of(except, same) && llvm::none_of(to, same))
      to.push_back(index);
  }
}

/// Shared nodes are visited once: expressions are DAGs.
struct FreeIndices {
  llvm::DenseMap<const Node *, Indices> known;

  const Indices &of(const NodeRef &node) {
    if (auto it = known.find(node.get()); it != known.end())
      return it->second;
    Indices found = compute(*node);
    return known[node.get()] = std::move(found);
  }

  Indices compute(const Node &node) {
    Indices found;
    if (node.kind == Node::Index)
      append(found, {node.index});
    if (node.kind == Node::Cat) {
      append(found, {node.index});
      for (auto [part, index] : llvm::zip(node.args, node.indices))
        append(found, Indices(of(part)), index ? Indices{index} : Indices{});
      return found;
    }
    if (node.kind == Node::Axis) {
      Indices inner = of(node.args[0]);
      if (node.condition)
        append(inner, Indices(of(node.condition)));
      bool keeps = keepsAxis(node.axis);
      append(found, inner, keeps ? Indices{} : node.indices);
      if (keeps)
        append(found, node.indices);
      if (isRanked(node.axis))
        append(found, {node.index});
      return found;
    }
    for (const NodeRef &arg : node.args)
      append(found, Indices(of(arg)));
    for (const Subscript &subscript : node.subscripts) {
      if (subscript.value)
        append(found, Indices(of(subscript.value)));
      for (const NodeRef &digit : subscript.digits)
        append(found, Indices(of(digit)));
    }
    if (node.pad)
      append(found, Indices(of(node.pad)));
    return found;
  }
};

} // namespace

std::vector<IndexRef> freeIndices(const NodeRef &node) {
  FreeIndices walker;
  return walker.of(node);
}

} // namespace heddle::frontend
