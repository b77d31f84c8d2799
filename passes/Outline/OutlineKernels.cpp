//===- OutlineKernels.cpp - Groups become kernels and calls ---------------===//
//
// Implements `graph-outline-kernels`. Calls are placed in an order in which each
// group stands behind those that it reads; groups that need each other are an
// error of the pass that made them.
//
//===----------------------------------------------------------------------===//

#include "passes/Outline/KernelBuilder.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

#include <set>

namespace heddle {
#define GEN_PASS_DEF_OUTLINEKERNELSPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::outline;
using namespace mlir;

namespace {

using Members = SmallVector<ComprehensionOpInterface>;

/// A map whose result is `tensor`, under another value.
Value makeCopy(OpBuilder &builder, Location loc, Value tensor) {
  auto type = cast<GraphTensorType>(tensor.getType());
  SmallVector<IndexAttr> indices;
  for (auto [axis, dim] : llvm::enumerate(type.getShape()))
    indices.push_back(
        IndexAttr::get(builder.getContext(), "i" + std::to_string(axis), dim));
  SmallVector<int32_t> axes(indices.size(), 1);
  auto copy = MapOp::create(builder, loc, TypeRange{type.withLayout({})}, indices, axes);
  OpBuilder inside = OpBuilder::atBlockEnd(&copy.getBody().front());
  Value element =
      ReadOp::create(inside, loc, type.getScalarType(), tensor,
                     copy.getBody().getArguments(), /*guarded=*/UnitAttr());
  YieldOp::create(inside, loc, ValueRange{element});
  return copy.getResult(0);
}

/// Each returned value becomes the result of a comprehension of its own.
void copyReturned(func::FuncOp entry) {
  auto result = cast<func::ReturnOp>(entry.getBody().front().getTerminator());
  OpBuilder builder(result);
  SmallPtrSet<Value, 4> returned;
  for (OpOperand &operand : result->getOpOperands()) {
    Value value = operand.get();
    if (!isa<GraphTensorType>(value.getType()))
      continue;
    bool isComputed = isa_and_nonnull<ComprehensionOpInterface>(value.getDefiningOp());
    bool isFirst = returned.insert(value).second;
    if (isFirst && isComputed)
      continue;
    remarks::missed(remarks::kCopy, result, value.getDefiningOp(), isFirst ? "ReturnsInput" : "ReturnedTwice",
                    "result " + Twine(operand.getOperandNumber()) +
                        (isFirst ? " is a parameter or a weight, and results have memory of their own"
                                 : " is another result too, and each has memory of its own"),
                    "leave the result out, where the caller has it already");
    operand.set(makeCopy(builder, result.getLoc(), value));
  }
}

/// The groups of an entry, each behind those that it reads and otherwise in the
/// order of their first ops.
FailureOr<SmallVector<Members>> orderGroups(func::FuncOp entry) {
  SmallVector<Members> groups;
  DenseMap<Operation *, unsigned> groupOf;
  DenseMap<int64_t, unsigned> numbered;
  for (auto op : entry.getBody().front().getOps<ComprehensionOpInterface>()) {
    unsigned group = groups.size();
    if (auto number = op->getAttrOfType<IntegerAttr>("kernel.group"))
      group = numbered.insert({number.getInt(), group}).first->second;
    if (group == groups.size())
      groups.emplace_back();
    groups[group].push_back(op);
    groupOf[op] = group;
  }

  SmallVector<std::set<unsigned>> readers(groups.size());
  SmallVector<std::set<unsigned>> needs(groups.size());
  for (unsigned number = 0; number < groups.size(); ++number)
    for (ComprehensionOpInterface op : groups[number]) {
      auto need = [&](Value tensor) {
        Operation *source = tensor ? tensor.getDefiningOp() : nullptr;
        auto found = groupOf.find(source);
        if (source && found != groupOf.end() && found->second != number) {
          readers[found->second].insert(number);
          needs[number].insert(found->second);
        }
      };
      need(op.getBaseTensor());
      for (Value tensor : op.getCapturedTensors())
        need(tensor);
    }

  std::set<unsigned> ready;
  for (unsigned i = 0; i < groups.size(); ++i)
    if (needs[i].empty())
      ready.insert(i);
  SmallVector<Members> ordered;
  while (!ready.empty()) {
    unsigned group = *ready.begin();
    ready.erase(ready.begin());
    ordered.push_back(groups[group]);
    for (unsigned reader : readers[group]) {
      needs[reader].erase(group);
      if (needs[reader].empty())
        ready.insert(reader);
    }
  }
  if (ordered.size() != groups.size())
    return entry.emitError("has groups of ops that need each other's results");
  return ordered;
}

struct OutlineKernelsPass
    : public heddle::impl::OutlineKernelsPassBase<OutlineKernelsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    auto model = module->getAttrOfType<StringAttr>("graph.model");
    prefix = (model ? model.getValue() : StringRef("model")).str() + "_k";
    shared.clear();
    nextNumber = 0;
    for (auto entry : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (!entry.isExternal() && failed(outlineEntry(entry, symbols)))
        return signalPassFailure();
  }

  LogicalResult outlineEntry(func::FuncOp entry, SymbolTable &symbols) {
    copyReturned(entry);
    FailureOr<SmallVector<Members>> groups = orderGroups(entry);
    if (failed(groups))
      return failure();
    Operation *end = entry.getBody().front().getTerminator();
    for (Members &group : *groups) {
      OpBuilder builder(entry);
      std::string name = prefix + std::to_string(nextNumber);
      while (symbols.lookup(name))
        name = prefix + std::to_string(++nextNumber);
      // A fixed name while it is compared: names are not part of a kernel.
      FailureOr<BuiltKernel> built = buildKernel(builder, group, "kernel");
      if (failed(built))
        return failure();
      if (!built->func)
        continue; // nobody reads it: the ops go below
      std::string text;
      llvm::raw_string_ostream stream(text);
      built->func->print(stream, OpPrintingFlags().useLocalScope());
      auto [entryOfText, isNew] = shared.try_emplace(text, name);
      if (isNew) {
        built->func.setSymName(name);
        symbols.insert(built->func);
        ++nextNumber;
        ++numKernels;
      } else {
        built->func.erase();
        ++numShared;
      }
      OpBuilder atEnd(end);
      SmallVector<Location> locations;
      for (ComprehensionOpInterface op : group)
        locations.push_back(op->getLoc());
      SmallVector<Type> types;
      for (Value result : built->results)
        types.push_back(result.getType());
      auto call = kernel::CallOp::create(
          atEnd, atEnd.getFusedLoc(locations), types,
          FlatSymbolRefAttr::get(&getContext(), entryOfText->second), built->operands,
          atEnd.getArrayAttr(built->sizes));
      SmallPtrSet<Operation *, 8> members(group.begin(), group.end());
      for (auto [old, fresh] : llvm::zip(built->results, call.getResults()))
        old.replaceUsesWithIf(fresh, [&](OpOperand &use) {
          Operation *owner = isa<ReadOp>(use.getOwner()) ? use.getOwner()->getParentOp()
                                                         : use.getOwner();
          return !members.contains(owner);
        });
    }
    for (Operation &op :
         llvm::make_early_inc_range(llvm::reverse(entry.getBody().front())))
      if (!isa<WeightOp, GetGlobalOp, kernel::CallOp, func::ReturnOp>(op)) {
        if (!op.use_empty())
          return op.emitError("cannot stand in an entry once its kernels are outlined");
        op.erase();
      }
    return success();
  }

  std::string prefix;
  unsigned nextNumber = 0;
  /// Names of kernels by their text.
  llvm::StringMap<std::string> shared;
};

} // namespace
