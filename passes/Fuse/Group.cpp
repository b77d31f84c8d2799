//===- Group.cpp - Which ops will be one kernel ---------------------------===//
//
// Implements `graph-group`. A contraction keeps its accumulators in registers,
// so what follows element by element is free there (an epilogue) and a second
// contraction or a reduction by rows would spoil its tiles; but for a chain of two
// joined by a softmax, whose rows are large and are in the cache. Row-wise ops read
// and write a row while it is in the cache. Rows are dropped, so that more ops
// share one row, only while what lies between them stays small for each row:
// else a kernel would lose its parallel rows, or need a scratch of the size of a
// tensor.
//
//===----------------------------------------------------------------------===//

#include "passes/Fuse/Chain.h"
#include "passes/Passes.h"

#include <memory>

namespace heddle {
#define GEN_PASS_DEF_GROUPPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::fuse;
using namespace mlir;

namespace {

/// Elements of one row of a tensor that stays in a kernel: 32 KB of f32, within
/// the second-level cache, and several of them within a thread's stack.
constexpr int64_t kMostRowElements = 8192;
/// Ops in a group: the kernel library compiles up to about 20 functions at once.
constexpr size_t kMostOps = 16;

struct Group {
  enum Kind { Contraction, RowWise, Other } kind = Other;
  SmallVector<ComprehensionOpInterface> ops;
  unsigned rows = 0; ///< RowWise: leading indices that all ops share
};

using GroupRef = std::shared_ptr<Group>;

struct GroupPass : public heddle::impl::GroupPassBase<GroupPass> {
  void runOnOperation() override {
    func::FuncOp entry = getOperation();
    groupOf.clear();
    if (entry.isExternal())
      return;
    SmallVector<ComprehensionOpInterface> ops(
        entry.getBody().front().getOps<ComprehensionOpInterface>());
    for (ComprehensionOpInterface op : ops)
      place(op);
    for (ComprehensionOpInterface op : ops)
      joinChain(op);
    // Only finished groups tell what is read outside.
    SmallVector<GroupRef> finished;
    SmallPtrSet<Group *, 16> seen;
    for (ComprehensionOpInterface op : ops)
      if (seen.insert(groupOf[op].get()).second)
        finished.push_back(groupOf[op]);
    for (const GroupRef &group : finished)
      separate(*group);

    DenseMap<Group *, int64_t> numbers;
    Builder builder(&getContext());
    for (ComprehensionOpInterface op : ops) {
      int64_t next = numbers.size();
      int64_t number = numbers.insert({groupOf[op].get(), next}).first->second;
      op->setAttr("kernel.group", builder.getI64IntegerAttr(number));
    }
    numGroups += numbers.size();
  }

  /// `op` and what it needs of the members.
  static SmallPtrSet<Operation *, 16> closure(Operation *op, const SmallPtrSetImpl<Operation *> &members) {
    SmallPtrSet<Operation *, 16> needed;
    SmallVector<Operation *> work{op};
    while (!work.empty()) {
      Operation *next = work.pop_back_val();
      if (!members.contains(next) || !needed.insert(next).second)
        continue;
      for (Value tensor : cast<ComprehensionOpInterface>(next).getCapturedTensors())
        if (Operation *source = tensor.getDefiningOp())
          work.push_back(source);
    }
    return needed;
  }

  /// A kernel's outputs are its callers' memory, of any alignment, and it does
  /// not read them back: what a group reads and others read too ends a group of
  /// its own, with what it needs; the rest reads that group's output.
  void separate(const Group &group) {
    SmallVector<ComprehensionOpInterface> ops(group.ops);
    SmallPtrSet<Operation *, 16> members;
    for (ComprehensionOpInterface op : ops)
      members.insert(op);
    auto isMember = [&](Operation *user) { return members.contains(ownerOf(user)); };
    auto isReadOutside = [&](Operation *op) {
      return llvm::any_of(op->getResults(), [&](Value result) { return !llvm::all_of(result.getUsers(), isMember); });
    };
    Operation *shared = nullptr;
    for (ComprehensionOpInterface op : ops)
      if (!shared && isReadOutside(op) &&
          llvm::any_of(op->getResults(), [&](Value result) { return llvm::any_of(result.getUsers(), isMember); })) {
        shared = op;
        op->emitRemark("ends its group: other kernels read it too");
      }
    // What two outputs need would have to be kept until both are done.
    DenseMap<Operation *, unsigned> numOutputs;
    for (ComprehensionOpInterface op : ops)
      if (isReadOutside(op))
        for (Operation *needed : closure(op, members))
          ++numOutputs[needed];
    for (ComprehensionOpInterface op : ops)
      if (!shared && op.getKind() != ComprehensionKind::Map && numOutputs[op] > 1) {
        shared = op;
        op->emitRemark("ends its group: two results of the group need it");
      }
    if (!shared)
      return;
    SmallPtrSet<Operation *, 16> needed = closure(shared, members);
    auto first = std::make_shared<Group>(), second = std::make_shared<Group>();
    for (const GroupRef &part : {first, second}) {
      part->kind = group.kind;
      part->rows = group.rows;
    }
    for (ComprehensionOpInterface op : ops) {
      GroupRef &part = needed.contains(op) ? first : second;
      part->ops.push_back(op);
      groupOf[op] = part;
    }
    separate(*first);
    separate(*second);
  }

  void place(ComprehensionOpInterface op) {
    auto own = std::make_shared<Group>();
    own->ops.push_back(op);
    groupOf[op] = own;
    if (isContraction(op)) {
      own->kind = Group::Contraction;
      return;
    }
    if (op.getKind() == ComprehensionKind::Map && joinEpilogue(op))
      return;
    own->rows = mostRows(op);
    if (own->rows == 0 || op.getKind() == ComprehensionKind::Scatter)
      return;
    own->kind = Group::RowWise;
    for (Value tensor : op.getCapturedTensors()) {
      GroupRef source = groupOf.lookup(tensor.getDefiningOp());
      if (!source || source == groupOf[op] || source->kind != Group::RowWise)
        continue;
      if (std::string reason = join(source, groupOf[op]); !reason.empty())
        op->emitRemark("not fused with the op that it reads: ") << reason;
    }
  }

  /// Whether `op` became the end of a contraction's group.
  bool joinEpilogue(ComprehensionOpInterface op) {
    std::string reason;
    for (Value tensor : op.getCapturedTensors()) {
      GroupRef group = groupOf.lookup(tensor.getDefiningOp());
      if (!group || group->kind != Group::Contraction)
        continue;
      if (op->getNumResults() != 1)
        reason = "an epilogue has one result";
      else if (!readsOwnElement(op, tensor))
        reason = "it reads the contraction's result at other elements than its own";
      else if (llvm::any_of(tensor.getUsers(),
                            [&](Operation *user) { return ownerOf(user) != op; }))
        reason = "the contraction's result has other readers";
      else if (group->ops.size() >= kMostOps)
        reason = "the group is full";
      else {
        group->ops.push_back(op);
        groupOf[op] = group;
        return true;
      }
    }
    if (!reason.empty())
      op->emitRemark("not fused with the contraction that it reads: ") << reason;
    return false;
  }

  /// A contraction over a softmax takes that and the contraction behind it.
  void joinChain(ComprehensionOpInterface op) {
    Chain chain;
    std::string reason = findChain(op, chain);
    if (reason.empty() && !chain.values)
      return;
    auto group = std::make_shared<Group>();
    group->kind = Group::Contraction;
    if (reason.empty()) {
      GroupRef scores = groupOf[chain.scores], softmax = groupOf[chain.softmax], values = groupOf[op];
      if (softmax->ops.size() != 1)
        reason = "its softmax is fused with others";
      else if (scores->ops.back() != chain.scored.getDefiningOp())
        reason = "a map between its scores and the softmax is in another kernel";
      else if (scores->ops.size() + values->ops.size() >= kMostOps)
        reason = "the group would be too large";
      for (const GroupRef &part : {scores, softmax, values})
        group->ops.append(part->ops.begin(), part->ops.end());
    }
    if (!reason.empty()) {
      op->emitRemark("not fused with the softmax that it reads: ") << reason;
      return;
    }
    for (ComprehensionOpInterface member : group->ops)
      groupOf[member] = group;
  }

  /// Merges two row-wise groups, of which `reader` reads `source`; or says why
  /// not.
  std::string join(GroupRef source, GroupRef reader) {
    if (source->ops.size() + reader->ops.size() > kMostOps)
      return "the group would be too large";
    Group merged;
    merged.kind = Group::RowWise;
    merged.rows = std::min(source->rows, reader->rows);
    SmallPtrSet<Operation *, 16> members;
    for (const GroupRef &part : {source, reader})
      for (ComprehensionOpInterface op : part->ops) {
        merged.ops.push_back(op);
        members.insert(op);
      }
    llvm::sort(merged.ops, [](ComprehensionOpInterface a, ComprehensionOpInterface b) {
      return a->isBeforeInBlock(b);
    });
    restrictRows(merged, members);
    if (merged.rows == 0)
      return "they do not share rows";
    bool dropsRows = source->rows != merged.rows || reader->rows != merged.rows;
    DimBounds bounds = DimBounds::enclosing(merged.ops.front());
    for (ComprehensionOpInterface op : merged.ops)
      for (Value result : op->getResults()) {
        // A map is computed where it is read, and not kept.
        if (!dropsRows && op.getKind() == ComprehensionKind::Map)
          continue;
        auto shape = cast<GraphTensorType>(result.getType()).getShape();
        bool isReadInside = llvm::any_of(result.getUsers(), [&](Operation *user) {
          return members.contains(ownerOf(user));
        });
        std::optional<int64_t> most = Dim::product(shape.drop_front(merged.rows)).bounds(bounds).most;
        if (isReadInside && (!most || *most > kMostRowElements))
          return "a row of what lies between them may be too large to keep";
      }
    if (wouldNeedItself(merged, members))
      return "another group stands between them";
    auto group = std::make_shared<Group>(std::move(merged));
    for (ComprehensionOpInterface op : group->ops)
      groupOf[op] = group;
    return "";
  }

  /// Fewer rows, until all ops have them alike and read each other only by them.
  static void restrictRows(Group &group, const SmallPtrSetImpl<Operation *> &members) {
    ComprehensionOpInterface first = group.ops.front();
    auto limit = [&](unsigned row) { group.rows = std::min(group.rows, row); };
    for (ComprehensionOpInterface op : group.ops) {
      for (unsigned row = 0; row < group.rows; ++row)
        if (op.getExtent(row) != first.getExtent(row))
          limit(row);
      for (auto read : op.getBodyBlock().getOps<ReadOp>()) {
        Operation *source = read.getTensor().getDefiningOp();
        if (!source || !members.contains(source))
          continue;
        for (unsigned row = 0; row < group.rows; ++row)
          if (row >= read.getSubscripts().size() ||
              read.getSubscripts()[row] != op.getIndexValue(row))
            limit(row);
      }
    }
  }

  /// Whether a group outside depends on a member and a member on it.
  bool wouldNeedItself(const Group &merged, const SmallPtrSetImpl<Operation *> &members) {
    SmallVector<Group *> work;
    SmallPtrSet<Group *, 16> seen;
    bool reached = false;
    auto addSources = [&](ArrayRef<ComprehensionOpInterface> ops, bool isOutside) {
      auto add = [&](Value tensor) {
        Operation *source = tensor ? tensor.getDefiningOp() : nullptr;
        if (!source || !groupOf.count(source))
          return;
        if (members.contains(source))
          reached |= isOutside;
        else if (Group *group = groupOf[source].get(); seen.insert(group).second)
          work.push_back(group);
      };
      for (ComprehensionOpInterface op : ops) {
        add(op.getBaseTensor());
        for (Value tensor : op.getCapturedTensors())
          add(tensor);
      }
    };
    addSources(merged.ops, /*isOutside=*/false);
    while (!work.empty() && !reached)
      addSources(work.pop_back_val()->ops, /*isOutside=*/true);
    return reached;
  }

  DenseMap<Operation *, GroupRef> groupOf;
};

} // namespace
