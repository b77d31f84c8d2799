//===- Plan.cpp - Where values lie in the workspace -----------------------===//

#include "compiler/Host/Plan.h"

#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"

namespace heddle::host {

using namespace mlir;

static constexpr int64_t kAlignment = 64;

int64_t elementBytes(Type element) {
  return element.isInteger(1) ? 1 : element.getIntOrFloatBitWidth() / 8;
}

Dim Plan::offset(unsigned index) const {
  Dim sum = Dim::constant(0);
  for (unsigned i = 0; i < index; ++i)
    sum = sum + slots[i];
  return sum;
}

Plan plan(func::FuncOp entry) {
  Plan result;
  Block &body = entry.getBody().front();
  llvm::DenseMap<Operation *, unsigned> position;
  for (auto [i, op] : llvm::enumerate(body))
    position[&op] = i;
  std::vector<unsigned> freeFrom; // of each slot: the position of its last reader

  for (Operation &op : body) {
    auto call = dyn_cast<kernel::CallOp>(op);
    if (!call)
      continue;
    unsigned here = position[&op];
    for (Value value : call.getResults()) {
      unsigned last = here;
      bool returned = false;
      for (Operation *user : value.getUsers()) {
        returned |= isa<func::ReturnOp>(user);
        last = std::max(last, position[user]);
      }
      if (returned)
        continue; // written where the caller wants it
      auto type = cast<graph::GraphTensorType>(value.getType());
      Dim bytes = type.getNumElements() * elementBytes(type.getElementType());
      bytes = Dim::floorDiv(bytes + (kAlignment - 1), Dim::constant(kAlignment)) * kAlignment;
      // A free slot of just this size, whatever the dimensions are.
      unsigned slot = 0;
      while (slot < result.slots.size() && !(result.slots[slot] == bytes && freeFrom[slot] < here))
        ++slot;
      if (slot == result.slots.size()) {
        result.slots.push_back(bytes);
        freeFrom.push_back(0);
      }
      freeFrom[slot] = last;
      result.slotOf[value] = slot;
    }
  }
  return result;
}

} // namespace heddle::host
