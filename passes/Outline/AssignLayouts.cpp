//===- AssignLayouts.cpp - Constants take the layouts that kernels prefer -===//
//
// Implements `kernel-assign-layouts`. A layout is part of the type, so a kernel
// and all its calls change together or not at all: one call with another view of
// a constant keeps it dense. A weight or a global may lie in several layouts, for
// kernels that want several; each is stored once.
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"

#include "llvm/ADT/MapVector.h"

namespace heddle {
#define GEN_PASS_DEF_ASSIGNLAYOUTSPASS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

namespace {

struct AssignLayoutsPass
    : public heddle::impl::AssignLayoutsPassBase<AssignLayoutsPass> {
  using AssignLayoutsPassBase::AssignLayoutsPassBase;
  AssignLayoutsPass() = default;
  explicit AssignLayoutsPass(LayoutChooser chooser) : chooser(std::move(chooser)) {}

  void runOnOperation() override {
    llvm::MapVector<StringAttr, SmallVector<kernel::CallOp>> calls;
    getOperation().walk([&](kernel::CallOp call) {
      calls[call.getCalleeAttr().getAttr()].push_back(call);
    });
    SymbolTable symbols(getOperation());
    for (auto &[name, sites] : calls) {
      auto func = symbols.lookup<kernel::FuncOp>(name);
      for (unsigned i = 0; i < func.getArgumentTypes().size(); ++i)
        assign(func, i, sites);
    }
    // A dense constant whose last reader took a packed one is read no more.
    getOperation().walk([](Operation *op) {
      if (isa<WeightOp, GetGlobalOp>(op) && op->use_empty())
        op->erase();
    });
  }

  PanelsAttr choose(kernel::FuncOp func, unsigned argument) {
    if (chooser)
      return chooser(func, argument);
    auto type = cast<GraphTensorType>(func.getArgumentTypes()[argument]);
    return panels > 0 && type.getRank() == 2 ? PanelsAttr::get(&getContext(), 0, panels)
                                             : PanelsAttr();
  }

  void assign(kernel::FuncOp func, unsigned argument, ArrayRef<kernel::CallOp> sites) {
    auto type = cast<GraphTensorType>(func.getArgumentTypes()[argument]);
    if (!func.isConstantArgument(argument) || type.getLayout())
      return;
    for (kernel::CallOp site : sites) {
      Value operand = site.getOperands()[argument];
      // A packed tensor is one of exactly the callee's shape.
      if (!isa_and_nonnull<WeightOp, GetGlobalOp>(operand.getDefiningOp()) || operand.getType() != Type(type))
        return;
    }
    PanelsAttr layout = choose(func, argument);
    if (!layout)
      return;
    GraphTensorType packed = type.withLayout(layout);
    SmallVector<Type> inputs(func.getArgumentTypes());
    inputs[argument] = packed;
    func.setFunctionType(
        FunctionType::get(&getContext(), inputs, func.getResultTypes()));
    func.getBody().getArgument(argument).setType(packed);
    for (kernel::CallOp site : sites) {
      OpBuilder builder(site);
      Operation *weight = site.getOperands()[argument].getDefiningOp();
      builder.setInsertionPointAfter(weight);
      Operation *copy = builder.clone(*weight);
      copy->getResult(0).setType(packed);
      site.getOperandsMutable()[argument].set(copy->getResult(0));
    }
    ++numPacked;
  }

  LayoutChooser chooser;
};

} // namespace

std::unique_ptr<Pass> heddle::createAssignLayoutsPass(LayoutChooser chooser) {
  return std::make_unique<AssignLayoutsPass>(std::move(chooser));
}
