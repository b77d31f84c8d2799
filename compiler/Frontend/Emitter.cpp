//===- Emitter.cpp - Definitions become comprehension ops -----------------===//

#include "compiler/Frontend/Emitter.h"

#include "dialects/Graph/GraphOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace heddle::frontend {

using namespace mlir;

Type Emitter::elementType(Element element) {
  switch (element) {
  case Element::Bool: return builder.getI1Type();
  case Element::I8:   return builder.getI8Type();
  case Element::U8:   return builder.getIntegerType(8, /*isSigned=*/false);
  case Element::I32:  return builder.getI32Type();
  case Element::I64:  return builder.getI64Type();
  case Element::F16:  return builder.getF16Type();
  case Element::BF16: return builder.getBF16Type();
  case Element::F32:  return builder.getF32Type();
  }
  llvm_unreachable("all elements are covered");
}

Type Emitter::scalarType(Scalar scalar) {
  switch (scalar) {
  case Scalar::Bool:  return builder.getI1Type();
  case Scalar::Index: return builder.getIndexType();
  case Scalar::I32:   return builder.getI32Type();
  case Scalar::I64:   return builder.getI64Type();
  case Scalar::F32:   return builder.getF32Type();
  }
  llvm_unreachable("all scalars are covered");
}

Type Emitter::tensorType(Element element, ArrayRef<Dim> shape) {
  SmallVector<Dim> resolved;
  for (Dim dim : shape)
    resolved.push_back(dims.resolve(dim));
  return graph::GraphTensorType::get(resolved, elementType(element));
}

/// The type of an op's result: of each axis the product of its indices' extents, and
/// not what facts say that this is equal to, which the op does not know.
Type Emitter::resultType(Element element, ArrayRef<IndexRef> indices, ArrayRef<int32_t> axes) {
  SmallVector<Dim> shape;
  unsigned next = 0;
  for (int32_t size : axes) {
    Dim extent = Dim::constant(1);
    for (int32_t i = 0; i < size; ++i)
      extent = extent * dims.resolve(frontend::resolve(indices[next++])->extent);
    shape.push_back(extent);
  }
  return graph::GraphTensorType::get(shape, elementType(element));
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

static SmallVector<graph::IndexAttr> indexAttrs(ArrayRef<IndexRef> indices,
                                                const DimContext &dims,
                                                MLIRContext *context) {
  SmallVector<graph::IndexAttr> attrs;
  llvm::StringMap<unsigned> seen;
  for (const IndexRef &raw : indices) {
    IndexRef index = resolve(raw);
    std::string name = index->name.empty() ? "i" : index->name;
    if (unsigned count = seen[name]++)
      name += std::to_string(count);
    attrs.push_back(graph::IndexAttr::get(context, name, dims.resolve(index->extent)));
  }
  return attrs;
}

Value Emitter::define(ArrayRef<IndexRef> places, ArrayRef<int32_t> axes, NodeRef root,
                      Element element, Location loc) {
  Indices order;
  for (const IndexRef &place : places)
    order.push_back(resolve(place));

  // An axis operator that is the whole right side needs no map around it.
  if (root->kind == Node::Axis && root->type == widened(element) && !isRanked(root->axis)) {
    Indices free = freeIndices(root);
    bool same = free.size() == order.size() &&
                llvm::all_of(order, [&](const IndexRef &i) { return llvm::is_contained(free, i); });
    if (same)
      return emitAxis(*root, order, axes, element, loc);
  }

  llvm::DenseMap<const Node *, NodeRef> done;
  root = materialize(root, order, done, loc);

  auto attrs = indexAttrs(order, dims, builder.getContext());
  auto op = graph::MapOp::create(builder, loc, TypeRange{resultType(element, order, axes)}, attrs, axes);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getBody().front());
  Body body(loc);
  for (auto [index, arg] : llvm::zip(order, op.getBody().front().getArguments()))
    body.indices[index.get()] = arg;
  Value value = convert(emit(root, body), widened(element), body);
  graph::YieldOp::create(builder, loc, value);
  return op.getResult(0);
}

Value Emitter::scatter(ArrayRef<IndexRef> indices, NodeRef read, NodeRef value, bool add, Location loc) {
  Indices all;
  for (const IndexRef &index : indices)
    all.push_back(resolve(index));
  llvm::DenseMap<const Node *, NodeRef> done;
  read = materialize(read, all, done, loc);
  value = materialize(value, all, done, loc);
  auto op = graph::ScatterOp::create(builder, loc, add ? graph::ScatterMode::Add : graph::ScatterMode::Set,
                                     read->tensor->value, indexAttrs(all, dims, builder.getContext()));
  Block &block = op.getBody().front();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&block);
  Body body(loc);
  for (auto [index, arg] : llvm::zip(all, block.getArguments()))
    body.indices[index.get()] = arg;
  SmallVector<Value> position;
  for (unsigned axis = 0; axis < read->subscripts.size(); ++axis)
    position.push_back(emitSubscript(*read, axis, body));
  Value stored = convert(emit(value, body), widened(read->tensor->element), body);
  graph::YieldOp::create(builder, loc, stored, position, Value());
  return op.getResult();
}

Value Emitter::emitAxis(const Node &node, const Indices &places, ArrayRef<int32_t> axes,
                        Element element, Location loc) {
  Indices all = places;
  SmallVector<int32_t> along;
  for (const IndexRef &raw : node.indices) {
    IndexRef index = resolve(raw);
    auto it = llvm::find(all, index);
    if (keepsAxis(node.axis)) {
      along.push_back(it - all.begin());
    } else {
      all.push_back(index);
    }
  }

  llvm::DenseMap<const Node *, NodeRef> done;
  NodeRef value = materialize(node.args[0], all, done, loc);
  NodeRef condition = node.condition ? materialize(node.condition, all, done, loc) : nullptr;

  auto type = cast<graph::GraphTensorType>(resultType(element, places, axes));
  auto attrs = indexAttrs(all, dims, builder.getContext());

  Operation *op = nullptr;
  auto reduce = [&](graph::Combiner combiner) {
    op = graph::ReduceOp::create(builder, loc, type, combiner, attrs, axes);
  };
  auto cumulate = [&](graph::Combiner combiner) {
    op = graph::CumulateOp::create(builder, loc, type, combiner, attrs, axes, along);
  };
  switch (node.axis) {
  case AxisKind::Sum:  reduce(graph::Combiner::Sum); break;
  case AxisKind::Prod: reduce(graph::Combiner::Prod); break;
  case AxisKind::Max:  reduce(graph::Combiner::Max); break;
  case AxisKind::Min:  reduce(graph::Combiner::Min); break;
  case AxisKind::And:  reduce(graph::Combiner::And); break;
  case AxisKind::Or:   reduce(graph::Combiner::Or); break;
  case AxisKind::ArgMax:
  case AxisKind::ArgMin:
    op = graph::ArgReduceOp::create(
        builder, loc, type,
        node.axis == AxisKind::ArgMax ? graph::Combiner::Max : graph::Combiner::Min,
        attrs, axes);
    break;
  case AxisKind::Softmax:
    op = graph::SoftmaxOp::create(builder, loc, type, attrs, axes, along);
    break;
  case AxisKind::CumSum:  cumulate(graph::Combiner::Sum); break;
  case AxisKind::CumProd: cumulate(graph::Combiner::Prod); break;
  case AxisKind::CumMax:  cumulate(graph::Combiner::Max); break;
  case AxisKind::ArgSort:
  case AxisKind::TopValues:
  case AxisKind::TopPositions:
    llvm_unreachable("emitRanked makes these");
  }

  Block &block = op->getRegion(0).front();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&block);
  Body body(loc);
  for (auto [index, arg] : llvm::zip(all, block.getArguments()))
    body.indices[index.get()] = arg;
  bool isArg = node.axis == AxisKind::ArgMax || node.axis == AxisKind::ArgMin;
  Value result = emit(value, body);
  if (!isArg)
    result = convert(result, node.type, body);
  else if (value->type == Scalar::Index)
    result = convert(result, Scalar::I32, body);
  Value cond = condition ? emit(condition, body) : Value();
  graph::YieldOp::create(builder, loc, result, cond);
  return op->getResult(0);
}

Value Emitter::emitRanked(const Node &node, const Indices &places, Location loc) {
  IndexRef axis = resolve(node.indices[0]), rank = places.back();
  // What is sorted lies in memory, the axis innermost.
  Indices rows(places.begin(), places.end() - 1), keyed = rows;
  keyed.push_back(axis);
  SmallVector<int32_t> ones(keyed.size(), 1);
  Scalar scalar = node.args[0]->type == Scalar::Index ? Scalar::I32 : node.args[0]->type;
  Element element = scalar == Scalar::F32 ? Element::F32 : scalar == Scalar::I64 ? Element::I64 : Element::I32;
  Value keys = define(keyed, ones, node.args[0], element, loc);
  Value kept = node.condition ? define(keyed, ones, node.condition, Element::Bool, loc) : Value();
  auto shapeOf = [&](const Indices &indices) {
    SmallVector<Dim> shape;
    for (const IndexRef &index : indices)
      shape.push_back(index->extent);
    return shape;
  };
  /// An op's body over `indices`, which `fill` completes.
  auto fill = [&](Operation *op, llvm::function_ref<void(ValueRange, Body &)> body) {
    OpBuilder::InsertionGuard guard(builder);
    Block &block = op->getRegion(0).front();
    builder.setInsertionPointToEnd(&block);
    Body inside(loc);
    body(block.getArguments(), inside);
  };
  auto read = [&](Value tensor, ValueRange at, bool guarded) -> Value {
    return graph::ReadOp::create(builder, loc, tensor, SmallVector<Value>(at), guarded);
  };
  Indices all = places;
  all.push_back(axis);
  bool descends = node.axis != AxisKind::ArgSort;
  auto sort = graph::SortOp::create(builder, loc, tensorType(Element::I32, shapeOf(places)),
                                    descends ? graph::Combiner::Max : graph::Combiner::Min,
                                    indexAttrs(all, dims, builder.getContext()), SmallVector<int32_t>(places.size(), 1));
  fill(sort, [&](ValueRange at, Body &) {
    SmallVector<Value> where(at.take_front(rows.size()));
    where.push_back(at.back());
    graph::YieldOp::create(builder, loc, read(keys, where, false), kept ? read(kept, where, false) : Value());
  });
  if (!descends)
    return sort.getResult();

  // Fewer than asked: the lowest value, at position 0.
  Value count;
  if (kept) {
    auto op = graph::ReduceOp::create(builder, loc, tensorType(Element::I32, shapeOf(rows)), graph::Combiner::Sum,
                                      indexAttrs(keyed, dims, builder.getContext()), SmallVector<int32_t>(rows.size(), 1));
    fill(op, [&](ValueRange at, Body &) {
      Value one = arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(1));
      graph::YieldOp::create(builder, loc, one, read(kept, at, false));
    });
    count = op.getResult();
  }
  bool isFull = !kept && dims.proveNonNegative(axis->extent - rank->extent);
  bool isValue = node.axis == AxisKind::TopValues;
  auto map = graph::MapOp::create(builder, loc, TypeRange{tensorType(isValue ? element : Element::I32, shapeOf(places))},
                                  indexAttrs(places, dims, builder.getContext()), SmallVector<int32_t>(places.size(), 1));
  fill(map, [&](ValueRange at, Body &body) {
    Value position = read(sort.getResult(), at, false), result = position;
    ValueRange row = at.drop_back();
    Value exists;
    if (!isFull) {
      Value limit = kept ? Value(arith::IndexCastOp::create(builder, loc, builder.getIndexType(), read(count, row, false)))
                         : emitDim(axis->extent, body);
      exists = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, at.back(), limit);
    }
    if (isValue) {
      SmallVector<Value> where(row);
      where.push_back(arith::IndexCastOp::create(builder, loc, builder.getIndexType(), position));
      result = read(keys, where, /*guarded=*/true);
    }
    if (exists) {
      Type type = result.getType();
      Attribute none = isa<FloatType>(type)
          ? Attribute(builder.getFloatAttr(type, -std::numeric_limits<double>::infinity()))
          : Attribute(builder.getIntegerAttr(type, !isValue ? 0 : type.isInteger(64) ? INT64_MIN : INT32_MIN));
      Value other = arith::ConstantOp::create(builder, loc, cast<TypedAttr>(none));
      result = arith::SelectOp::create(builder, loc, exists, result, other);
    }
    graph::YieldOp::create(builder, loc, result);
  });
  return map.getResult(0);
}

NodeRef Emitter::materialize(const NodeRef &node, const Indices &order,
                             llvm::DenseMap<const Node *, NodeRef> &done, Location loc) {
  if (auto it = done.find(node.get()); it != done.end())
    return it->second;
  auto compute = [&]() -> NodeRef {
    // Bodies compute in f32; what is stored as a narrower float is rounded to it.
    bool rounds = node->kind == Node::Cast && (node->element == Element::F16 || node->element == Element::BF16);
    if (node->kind == Node::Axis || rounds) {
      Indices free = freeIndices(node), places;
      for (const IndexRef &index : order)
        if (llvm::is_contained(free, resolve(index)))
          places.push_back(resolve(index));
      for (const IndexRef &index : free)
        if (!llvm::is_contained(places, index))
          places.push_back(index);
      if (!rounds && isRanked(node->axis)) {
        IndexRef rank = resolve(node->index);
        llvm::erase_if(places, [&](const IndexRef &i) { return i == rank; });
        places.push_back(rank);
      }
      SmallVector<int32_t> axes(places.size(), 1);
      Element element = rounds                      ? node->element
                        : node->type == Scalar::Bool  ? Element::Bool
                        : node->type == Scalar::F32 ? Element::F32
                        : node->type == Scalar::I64 ? Element::I64
                                                    : Element::I32;
      auto tensor = std::make_shared<Tensor>();
      tensor->element = element;
      tensor->value = rounds                 ? define(places, axes, node->args[0], element, loc)
                      : isRanked(node->axis) ? emitRanked(*node, places, loc)
                                             : emitAxis(*node, places, axes, element, loc);
      auto read = std::make_shared<Node>(Node::Read, widened(element), node->range);
      for (const IndexRef &index : places) {
        tensor->shape.push_back(index->extent);
        Subscript subscript;
        subscript.value = makeIndex(index, node->range);
        read->subscripts.push_back(std::move(subscript));
      }
      if (!rounds && (node->axis == AxisKind::ArgMax || node->axis == AxisKind::ArgMin ||
                      node->axis == AxisKind::ArgSort || node->axis == AxisKind::TopPositions))
        tensor->bound = resolve(node->indices[0])->extent;
      read->tensor = tensor;
      return read;
    }
    auto copy = std::make_shared<Node>(*node);
    bool changed = false;
    auto visit = [&](NodeRef &child, const Indices &inside) {
      if (!child)
        return;
      NodeRef next = materialize(child, inside, done, loc);
      changed |= next != child;
      child = next;
    };
    for (auto [i, arg] : llvm::enumerate(copy->args)) {
      Indices inside = order;
      if (node->kind == Node::Cat && node->indices[i])
        inside.push_back(resolve(node->indices[i]));
      visit(arg, inside);
    }
    for (Subscript &subscript : copy->subscripts) {
      visit(subscript.value, order);
      for (NodeRef &digit : subscript.digits)
        visit(digit, order);
    }
    visit(copy->pad, order);
    return changed ? NodeRef(copy) : node;
  };
  NodeRef result = compute();
  return done[node.get()] = result;
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

Value Emitter::constantLike(Value like, int64_t value, Body &body) {
  Type type = like.getType();
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(builder, body.loc, builder.getFloatAttr(type, double(value)));
  return arith::ConstantOp::create(builder, body.loc, builder.getIntegerAttr(type, value));
}

Value Emitter::emitDim(Dim dim, Body &body) {
  dim = dims.resolve(dim);
  if (auto constant = dim.getIfConstant())
    return arith::ConstantIndexOp::create(builder, body.loc, *constant);
  return graph::ExtentOp::create(builder, body.loc, builder.getIndexType(),
                                 graph::DimAttr::get(builder.getContext(), dim));
}

Value Emitter::convert(Value value, Scalar to, Body &body) {
  Type from = value.getType(), type = scalarType(to);
  if (from == type)
    return value;
  Location loc = body.loc;
  if (from.isIndex() || type.isIndex()) {
    if (isa<FloatType>(type)) {
      // An index fits 32 bits; a constant may not.
      if (auto constant = value.getDefiningOp<arith::ConstantIndexOp>())
        return arith::ConstantOp::create(builder, loc, builder.getFloatAttr(type, double(constant.value())));
      Value wide = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
      return arith::SIToFPOp::create(builder, loc, type, wide);
    }
    if (auto constant = value.getDefiningOp<arith::ConstantIndexOp>())
      return arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(type, constant.value()));
    return arith::IndexCastOp::create(builder, loc, type, value);
  }
  if (isa<FloatType>(type))
    return arith::SIToFPOp::create(builder, loc, type, value);
  return arith::ExtSIOp::create(builder, loc, type, value);
}

Value Emitter::emit(const NodeRef &node, Body &body) {
  if (auto it = body.values.find(node.get()); it != body.values.end())
    return it->second;
  auto compute = [&]() -> Value {
    Location loc = body.loc;
    switch (node->kind) {
    case Node::Int:
      return emitDim(node->integer, body);
    case Node::Real:
      return arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(node->real));
    case Node::Flag:
      return arith::ConstantOp::create(builder, loc, builder.getBoolAttr(node->flag));
    case Node::Index:
      return body.indices.lookup(resolve(node->index).get());
    case Node::Count: {
      Dim product = Dim::constant(1);
      for (const IndexRef &index : node->indices)
        product = product * resolve(index)->extent;
      return emitDim(product, body);
    }
    case Node::Read:
      return emitRead(*node, body);
    case Node::Op:
      return emitOp(*node, body);
    case Node::Cast: {
      Value value = emit(node->args[0], body);
      return roundTo(value, node->element, body);
    }
    case Node::Cat:
      return emitCat(*node, body);
    case Node::Axis:
      break;
    }
    llvm_unreachable("axis operators are ops of their own by now");
  };
  Value result = compute();
  return body.values[node.get()] = result;
}

Value Emitter::emitIndex(const NodeRef &node, Body &body) {
  if (node->type == Scalar::Index)
    return emit(node, body);
  // Bounded data under + - * does not wrap: computed as an index, later phases
  // see the linear form.
  bool linear = node->kind == Node::Op && node->type == Scalar::I32 &&
                (node->op == NodeOp::Add || node->op == NodeOp::Sub || node->op == NodeOp::Mul);
  if (linear && llvm::all_of(node->args, [](const NodeRef &arg) {
        return arg->type == Scalar::Index || (arg->kind == Node::Read && arg->tensor->bound);
      })) {
    Value a = emitIndex(node->args[0], body), b = emitIndex(node->args[1], body);
    if (node->op == NodeOp::Add)
      return arith::AddIOp::create(builder, body.loc, a, b);
    if (node->op == NodeOp::Sub)
      return arith::SubIOp::create(builder, body.loc, a, b);
    return arith::MulIOp::create(builder, body.loc, a, b);
  }
  return convert(emit(node, body), Scalar::Index, body);
}

Value Emitter::emitFloorMod(Value a, Value b, bool nonNegative, Body &body) {
  Location loc = body.loc;
  Value rest = arith::RemSIOp::create(builder, loc, a, b);
  if (nonNegative)
    return rest;
  Value zero = constantLike(rest, 0, body);
  Value negative = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, rest, zero);
  Value up = arith::AddIOp::create(builder, loc, rest, b);
  return arith::SelectOp::create(builder, loc, negative, up, rest);
}

Value Emitter::emitSubscript(const Node &read, unsigned axis, Body &body) {
  const Subscript &subscript = read.subscripts[axis];
  Location loc = body.loc;
  if (!subscript.value) {
    Value sum;
    for (auto [digit, radix] : llvm::zip(subscript.digits, subscript.radix)) {
      Value value = emitIndex(digit, body);
      if (sum) {
        Value scaled = arith::MulIOp::create(builder, loc, sum, emitDim(radix, body));
        value = arith::AddIOp::create(builder, loc, scaled, value);
      }
      sum = value;
    }
    return sum;
  }
  Value value = emitIndex(subscript.value, body);
  if (subscript.keep == Keep::Proved)
    return value;
  Value extent = emitDim(read.tensor->shape[axis], body);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value last = arith::SubIOp::create(builder, loc, extent, one);
  switch (subscript.keep) {
  case Keep::Clamp:
    value = arith::MaxSIOp::create(builder, loc, value, zero);
    return arith::MinSIOp::create(builder, loc, value, last);
  case Keep::Wrap:
    return emitFloorMod(value, extent, /*nonNegative=*/false, body);
  case Keep::Reflect: {
    Value minus = arith::SubIOp::create(builder, loc, zero, value);
    Value magnitude = arith::MaxSIOp::create(builder, loc, value, minus);
    Value twice = arith::AddIOp::create(builder, loc, last, last);
    Value back = arith::SubIOp::create(builder, loc, twice, magnitude);
    return arith::MinSIOp::create(builder, loc, magnitude, back);
  }
  case Keep::Proved:
    break;
  }
  return value;
}

Value Emitter::emitRead(const Node &node, Body &body) {
  Location loc = body.loc;
  SmallVector<Value> at;
  Value inside;
  for (unsigned axis = 0; axis < node.subscripts.size(); ++axis) {
    at.push_back(emitSubscript(node, axis, body));
    if (!node.pad || !node.subscripts[axis].check)
      continue;
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value extent = emitDim(node.tensor->shape[axis], body);
    Value low = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, at.back(), zero);
    Value high = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, at.back(), extent);
    Value both = arith::AndIOp::create(builder, loc, low, high);
    inside = inside ? Value(arith::AndIOp::create(builder, loc, inside, both)) : both;
  }
  bool guarded = node.guarded || inside;
  Value value = graph::ReadOp::create(builder, loc, node.tensor->value, at, guarded);
  if (node.type != widened(node.tensor->element))
    value = convert(value, node.type, body);
  if (!inside)
    return value;
  Value pad = convert(emit(node.pad, body), node.type, body);
  return arith::SelectOp::create(builder, loc, inside, value, pad);
}

/// A chain of selects over the parts; each part's index is clamped into its own
/// range, so that its reads stay proved.
Value Emitter::emitCat(const Node &node, Body &body) {
  Location loc = body.loc;
  Value at = body.indices.lookup(resolve(node.index).get());
  Dim offset = Dim::constant(0);
  SmallVector<std::pair<Dim, Value>> parts; // begin, value
  for (auto [part, raw] : llvm::zip(node.args, node.indices)) {
    Dim extent = Dim::constant(1);
    if (raw) {
      IndexRef index = resolve(raw);
      extent = index->extent;
      Value local = arith::SubIOp::create(builder, loc, at, emitDim(offset, body));
      Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
      Value last = emitDim(extent - 1, body);
      local = arith::MaxSIOp::create(builder, loc, local, zero);
      local = arith::MinSIOp::create(builder, loc, local, last);
      body.indices[index.get()] = local;
    }
    parts.emplace_back(offset, convert(emit(part, body), node.type, body));
    offset = offset + extent;
  }
  Value result = parts.back().second;
  for (unsigned i = parts.size() - 1; i-- > 0;) {
    Value end = emitDim(parts[i + 1].first, body);
    Value here = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, at, end);
    result = arith::SelectOp::create(builder, loc, here, parts[i].second, result);
  }
  return result;
}

} // namespace heddle::frontend
