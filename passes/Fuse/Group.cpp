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
#include "passes/Remarks.h"

#include "llvm/ADT/MapVector.h"

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
    chains.clear();
    if (entry.isExternal())
      return;
    SmallVector<ComprehensionOpInterface> ops(
        entry.getBody().front().getOps<ComprehensionOpInterface>());
    for (ComprehensionOpInterface op : ops)
      if (Chain chain; findChain(op, chain).empty() && chain.values)
        chains[chain.softmax] = chain;
    for (ComprehensionOpInterface op : ops)
      place(op);
    for (auto &[softmax, chain] : chains)
      joinChain(chain);
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

  /// The first op of the block that reads `op` and is such a user.
  static Operation *firstReader(Operation *op, llvm::function_ref<bool(Operation *)> isWanted) {
    Operation *first = nullptr;
    for (Operation *user : op->getUsers())
      if (isWanted(user) && (!first || ownerOf(user)->isBeforeInBlock(first)))
        first = ownerOf(user);
    return first ? first : op;
  }

  static void notFused(Operation *op, Operation *with, StringRef name, const Twine &reason, StringRef suggestion) {
    remarks::missed(remarks::kFusion, op, with, name, reason, suggestion);
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
        notFused(firstReader(op, isMember), op, "ReadOutside",
                 "what it reads ends a kernel, because other kernels or the caller read that too",
                 "compute what one of the readers takes apart, if that is cheap, or leave it as it is");
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
        notFused(firstReader(op, isMember), op, "TwoResults",
                 "what it reads ends a kernel, because two results need it and it would be kept until both are done",
                 "compute both results in one map, or leave it as it is");
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

  /// The comprehensions whose results `op` reads or writes over, each once.
  static llvm::SetVector<Operation *> sourcesOf(ComprehensionOpInterface op) {
    llvm::SetVector<Operation *> sources;
    auto add = [&](Value tensor) {
      if (Operation *source = tensor ? tensor.getDefiningOp() : nullptr; isa_and_nonnull<ComprehensionOpInterface>(source))
        sources.insert(source);
    };
    add(op.getBaseTensor());
    for (Value tensor : op.getCapturedTensors())
      add(tensor);
    return sources;
  }

  void place(ComprehensionOpInterface op) {
    auto own = std::make_shared<Group>();
    own->ops.push_back(op);
    groupOf[op] = own;
    llvm::SetVector<Operation *> sources = sourcesOf(op);
    if (isContraction(op)) {
      own->kind = Group::Contraction;
      Chain chain;
      std::string reason = findChain(op, chain);
      if (!reason.empty()) {
        notFused(op, chain.softmax, "NoChain", reason,
                 "let the softmax go along the last axis of a product of rows and columns, and one sum over that axis read it");
        sources.remove(chain.softmax);
      }
      for (Operation *source : sources)
        if (!chains.contains(source))
          notFused(op, source, "ContractionOperand",
                 "a contraction reads its operands from memory, each element many times",
                 "nothing in the model; computed in its loops, the operand would be computed as often as it is read");
      return;
    }
    if (wouldBeContraction(op))
      remarks::missed(remarks::kTiles, op, nullptr, "ComputedFactor",
                      "it is computed row by row and not in register tiles: a factor of its product is computed, not read",
                      "store the factor as a tensor of its own, and move what both terms share behind the sum");
    if (op.getKind() == ComprehensionKind::Map && joinEpilogue(op, sources))
      return;
    if (auto found = chains.find(op); found != chains.end()) {
      for (Operation *source : sources)
        if (source != found->second.scored.getDefiningOp())
          notFused(op, source, "EndsContraction", "it is in the kernel of two contractions, which reads the rest from memory",
                   "nothing in the model; a kernel has no whole rows beside its contractions");
      return;
    }
    own->rows = mostRows(op);
    bool hasRows = own->rows != 0 && op.getKind() != ComprehensionKind::Scatter;
    if (hasRows)
      own->kind = Group::RowWise;
    for (Operation *source : sources) {
      GroupRef group = groupOf.lookup(source);
      if (group->kind == Group::Contraction) {
        if (op.getKind() != ComprehensionKind::Map) // of a map joinEpilogue has told
          notFused(op, source, "WantsWholeRows",
                   "a contraction computes tiles of its result, and what combines elements wants whole rows",
                   "only maps, element by element, end a contraction's kernel");
        continue;
      }
      if (!hasRows || group->kind != Group::RowWise) {
        auto apart = cast<ComprehensionOpInterface>(hasRows ? source : op.getOperation());
        notFused(op, source, hasOwnOrder(apart) ? "OwnOrder" : "NoRows",
                 Twine(hasRows ? "what it reads" : "it") +
                     (hasOwnOrder(apart) ? " is a cumulation, a sort or a write at positions, with an order of its own"
                                         : " has no leading axis of one index, along which rows could be shared"),
                 hasOwnOrder(apart) ? "nothing in the model; these are kernels of their own"
                                    : "let the result begin with an axis that both have, such as the batch");
        continue;
      }
      if (group != groupOf[op])
        join(group, op, source);
    }
  }

  static bool hasOwnOrder(ComprehensionOpInterface op) {
    return op.getKind() == ComprehensionKind::Scatter || op.getKind() == ComprehensionKind::Cumulate ||
           op.getKind() == ComprehensionKind::Sort;
  }

  /// Whether `op` became the end of a contraction's group.
  bool joinEpilogue(ComprehensionOpInterface op, const llvm::SetVector<Operation *> &sources) {
    Operation *joined = nullptr;
    for (Operation *source : sources) {
      GroupRef group = groupOf.lookup(source);
      if (group->kind != Group::Contraction || joined)
        continue;
      Value tensor = source->getResult(0);
      if (op->getNumResults() != 1)
        notFused(op, source, "SeveralResults", "what ends a contraction's kernel has one result, this has several",
                 "compute the results in maps of their own");
      else if (!readsOwnElement(op, tensor))
        notFused(op, source, "OtherElements", "it reads the contraction's result at other elements than its own",
                 "give its result the contraction's axes in their order, and transpose or slice behind it");
      else if (Operation *other = firstReader(source, [&](Operation *user) { return ownerOf(user) != op; });
               other != source)
        notFused(op, source, "OtherReaders", "the contraction's result has other readers, or is returned",
                 "let one map read the contraction, and the others read that map");
      else if (group->ops.size() >= kMostOps)
        notFused(op, source, "FullKernel", "the kernel has " + Twine(group->ops.size()) + " ops, and that is the most",
                 "write several steps of the chain as one formula");
      else {
        group->ops.push_back(op);
        groupOf[op] = group;
        joined = source;
      }
    }
    if (!joined)
      return false;
    for (Operation *source : sources)
      if (groupOf[source] != groupOf[op])
        notFused(op, source, "EndsContraction", "it ends the kernel of a contraction, which reads the rest from memory",
                 "nothing in the model; a kernel has one contraction, and no whole rows");
    return true;
  }

  /// A contraction over a softmax takes that and the contraction behind it.
  void joinChain(Chain chain) {
    GroupRef scores = groupOf[chain.scores], softmax = groupOf[chain.softmax], values = groupOf[chain.values];
    auto group = std::make_shared<Group>();
    group->kind = Group::Contraction;
    for (const GroupRef &part : {scores, softmax, values})
      group->ops.append(part->ops.begin(), part->ops.end());
    if (group->ops.size() > kMostOps || scores->ops.back() != chain.scored.getDefiningOp())
      return notFused(chain.values, chain.softmax, "FullKernel",
                      "one kernel would have " + Twine(group->ops.size()) + " ops, and " + Twine(kMostOps) + " is the most",
                      "write several steps of the chain as one formula");
    for (ComprehensionOpInterface member : group->ops)
      groupOf[member] = group;
  }

  /// Merges the group of `source` and that of `op`, which reads it; or says why not.
  void join(GroupRef source, ComprehensionOpInterface op, Operation *read) {
    GroupRef reader = groupOf[op];
    if (size_t size = source->ops.size() + reader->ops.size(); size > kMostOps)
      return notFused(op, read, "FullKernel",
                      "one kernel would have " + Twine(size) + " ops, and " + Twine(kMostOps) + " is the most",
                      "write several steps of the chain as one formula");
    Group merged;
    merged.kind = Group::RowWise;
    merged.rows = std::min(source->rows, reader->rows);
    SmallPtrSet<Operation *, 16> members;
    for (const GroupRef &part : {source, reader})
      for (ComprehensionOpInterface member : part->ops) {
        merged.ops.push_back(member);
        members.insert(member);
      }
    llvm::sort(merged.ops, [](ComprehensionOpInterface a, ComprehensionOpInterface b) {
      return a->isBeforeInBlock(b);
    });
    restrictRows(merged, members);
    if (merged.rows == 0)
      return notFused(op, read, "NoSharedRows",
                      "they do not share rows: their leading axes differ, or one reads other rows than its own",
                      "give both the same leading axes in one order, and read along the axes behind them");
    bool dropsRows = source->rows != merged.rows || reader->rows != merged.rows;
    DimBounds bounds = DimBounds::enclosing(merged.ops.front());
    for (ComprehensionOpInterface member : merged.ops)
      for (Value result : member->getResults()) {
        // A map is computed where it is read, and not kept.
        if (!dropsRows && member.getKind() == ComprehensionKind::Map)
          continue;
        auto shape = cast<GraphTensorType>(result.getType()).getShape();
        bool isReadInside = llvm::any_of(result.getUsers(), [&](Operation *user) {
          return members.contains(ownerOf(user));
        });
        Dim row = Dim::product(shape.drop_front(merged.rows));
        std::optional<int64_t> most = row.bounds(bounds).most;
        if (isReadInside && (!most || *most > kMostRowElements))
          return notFused(op, read, "LongRows",
                          "a row of what lies between them has " + Twine(row.str()) + " elements, " +
                              (most ? "up to " + std::to_string(*most) : std::string("without a bound")) +
                              "; kept are at most " + Twine(kMostRowElements),
                          "bound its dimensions more tightly (where ..), if it is shorter");
      }
    if (wouldNeedItself(merged, members))
      return notFused(op, read, "KernelBetween", "another kernel stands between them: it reads the one and gives to the other",
                      "let the other kernel's reader not need the first as well, or leave it as it is");
    auto group = std::make_shared<Group>(std::move(merged));
    for (ComprehensionOpInterface member : group->ops)
      groupOf[member] = group;
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
  llvm::MapVector<Operation *, Chain> chains; ///< by their softmax
};

} // namespace
