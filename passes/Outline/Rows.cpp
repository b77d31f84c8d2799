//===- Rows.cpp - Which leading indices of a group are one ----------------===//
//
// Collapsing rows pays twice: a kernel has one parallel loop over all rows of
// the batch, and kernels that differ only in how rows are counted are shared.
// It must not fire where a row index is used alone (a position table, the
// sequence's own mask), since the collapsed index no longer tells it.
//
//===----------------------------------------------------------------------===//

#include "passes/Outline/KernelBuilder.h"
#include "passes/Remarks.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

/// Whether the first `count` subscripts are the first `count` indices and they
/// stand nowhere else in the read.
static bool readsWholeRows(ReadOp read, ComprehensionOpInterface op, unsigned count) {
  auto subscripts = read.getSubscripts();
  if (subscripts.size() < count)
    return false;
  auto type = cast<GraphTensorType>(read.getTensor().getType());
  if (type.getLayout())
    return false;
  for (unsigned i = 0; i < count; ++i)
    if (subscripts[i] != op.getIndexValue(i) || type.getDim(i) != op.getExtent(i))
      return false;
  for (Value other : subscripts.drop_front(count))
    for (unsigned i = 0; i < count; ++i)
      if (other == op.getIndexValue(i))
        return false;
  return true;
}

static bool hasRows(ComprehensionOpInterface op, ComprehensionOpInterface first,
                    unsigned count) {
  if (op.getKind() == ComprehensionKind::Scatter || op.getAxes().size() < count)
    return false;
  for (unsigned i = 0; i < count; ++i)
    if (op.getAxes()[i] != 1 || op.getExtent(i) != first.getExtent(i))
      return false;
  return llvm::all_of(op.getAlong(),
                      [&](int32_t along) { return unsigned(along) >= count; });
}

namespace {
/// What keeps leading indices apart: an op of the group, and why.
struct Obstacle {
  Operation *op = nullptr;
  std::string reason;
};
} // namespace

static Obstacle usedAlone(ComprehensionOpInterface op, unsigned index, const Twine &how) {
  return {op, ("index " + op.getIndices()[index].getName() + " " + how).str()};
}

/// Collects the outside tensors that are read by whole rows; an obstacle where the
/// indices have another use, or a tensor is read in both ways.
static Obstacle collectRows(outline::Group group, outline::Rows &rows) {
  SmallPtrSet<Operation *, 8> members;
  for (ComprehensionOpInterface op : group)
    members.insert(op);
  SmallPtrSet<Value, 8> others;
  for (ComprehensionOpInterface op : group) {
    for (unsigned i = 0; i < rows.count; ++i)
      for (Operation *user : op.getIndexValue(i).getUsers())
        if (!isa<ReadOp>(user))
          return usedAlone(op, i, "is a number in the formula");
    for (auto read : op.getBodyBlock().getOps<ReadOp>()) {
      Value tensor = read.getTensor();
      bool inside = tensor.getDefiningOp() && members.contains(tensor.getDefiningOp());
      if (readsWholeRows(read, op, rows.count)) {
        if (!inside)
          rows.tensors.insert(tensor);
        continue;
      }
      for (unsigned i = 0; i < rows.count; ++i)
        if (llvm::is_contained(read.getSubscripts(), op.getIndexValue(i)))
          return usedAlone(op, i, "is read by itself, or in another order");
      if (inside)
        return {op, "it reads other rows of what is computed beside it"};
      others.insert(tensor);
    }
  }
  if (llvm::any_of(rows.tensors, [&](Value tensor) { return others.contains(tensor); }))
    return {group.front(), "a tensor is read by these rows and by others"};
  return {};
}

outline::Rows outline::findRows(Group group) {
  size_t least = ~size_t(0), most = 0;
  for (ComprehensionOpInterface op : group) {
    least = std::min(least, op.getAxes().size());
    most = std::max(most, op.getAxes().size());
  }
  Obstacle last; // of the fewest indices, where all ops have these
  for (unsigned count = std::min(least, most ? most - 1 : 0); count >= 2; --count) {
    Rows rows;
    rows.count = count;
    ComprehensionOpInterface first = group.front();
    if (!llvm::all_of(group, [&](ComprehensionOpInterface op) { return hasRows(op, first, count); }))
      continue;
    last = collectRows(group, rows);
    if (!last.op)
      return rows;
  }
  if (last.op)
    remarks::missed(remarks::kRows, last.op, nullptr, "RowsApart", "its leading axes are not one loop: " + Twine(last.reason),
                    "nothing is lost with many rows in the first axis; else read by all leading axes, in order");
  return {};
}
