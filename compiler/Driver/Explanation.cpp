//===- Explanation.cpp - What became of a model ---------------------------===//

#include "compiler/Driver/Explanation.h"

#include "compiler/Driver/Work.h"
#include "compiler/Host/Plan.h"
#include "dialects/Graph/GraphOps.h"
#include "dialects/Kernel/KernelOps.h"

namespace heddle::driver {

using namespace mlir;
using graph::ComprehensionOpInterface;

static void addPlaces(Location location, llvm::StringRef scope, std::vector<Place> &places) {
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location part : fused.getLocations())
      addPlaces(part, scope, places);
  } else if (auto named = dyn_cast<NameLoc>(location)) {
    addPlaces(named.getChildLoc(), named.getName().getValue(), places);
  } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
    addPlaces(call.getCallee(), scope, places);
  } else if (auto file = dyn_cast<FileLineColLoc>(location)) {
    Place place{file.getFilename().str() + ":" + std::to_string(file.getLine()), scope.str()};
    if (!llvm::is_contained(places, place))
      places.push_back(std::move(place));
  }
}

std::vector<Place> placesOf(Location location) {
  std::vector<Place> places;
  addPlaces(location, "", places);
  return places;
}

static Place placeOfOp(Location location) {
  std::vector<Place> places = placesOf(location);
  return places.empty() ? Place() : places.front();
}

static ExplainedKernel explainKernel(kernel::FuncOp func) {
  ExplainedKernel out;
  out.name = func.getSymName().str();
  out.kind = kindOf(func).str();
  out.products = productsOf(func);
  out.read = out.written = Dim::constant(0);
  for (unsigned i = 0; i < func.getArgumentTypes().size(); ++i)
    out.read = out.read + bytesRead(func, i);
  for (Type type : func.getResultTypes())
    out.written = out.written + bytesOf(cast<graph::GraphTensorType>(type));
  for (auto op : func.getBody().front().getOps<ComprehensionOpInterface>()) {
    std::string what = op->getName().stripDialect().str();
    if (graph::Combiner combiner = op.getCombiner(); combiner != graph::Combiner::None)
      what += " " + graph::stringifyCombiner(combiner).str();
    out.ops.push_back({what, placeOfOp(op->getLoc())});
  }
  return out;
}

static ExplainedEntry explainEntry(func::FuncOp entry, llvm::ArrayRef<ExplainedKernel> kernels) {
  ExplainedEntry out;
  out.name = entry.getName().str();
  SymbolTable symbols(entry->getParentOp());
  host::Plan plan = host::plan(entry);
  for (Dim bytes : plan.slots)
    out.slots.push_back({bytes, {}});
  out.workspace = plan.offset(plan.slots.size());
  for (auto call : entry.getBody().front().getOps<kernel::CallOp>()) {
    auto callee = symbols.lookup<kernel::FuncOp>(call.getCallee());
    auto kernel = llvm::find_if(kernels, [&](const ExplainedKernel &k) { return k.name == call.getCallee(); });
    ExplainedCall explained;
    explained.kernel = kernel->name;
    for (auto [size, value] : llvm::zip(callee.getSizes().getAsRange<graph::SizeAttr>(),
                                        call.getSizeValues().getAsRange<graph::DimAttr>()))
      explained.sizes.emplace_back(size.getName().str(), value.getValue());
    explained.products = atCall(kernel->products, callee, call);
    explained.read = atCall(kernel->read, callee, call);
    explained.written = atCall(kernel->written, callee, call);
    explained.places = placesOf(call.getLoc());
    for (Value result : call.getResults())
      if (auto slot = plan.slotOf.find(result); slot != plan.slotOf.end())
        out.slots[slot->second].calls.push_back(out.calls.size());
    out.calls.push_back(std::move(explained));
  }
  return out;
}

/// Did a later decision make the two ops one kernel?
static bool wasJoined(const Remark &remark, const ExplainedEntry &entry) {
  if (!remark.with)
    return false;
  Place at = placeOfOp(remark.at), with = placeOfOp(*remark.with);
  return llvm::any_of(entry.calls, [&](const ExplainedCall &call) {
    return llvm::is_contained(call.places, at) && llvm::is_contained(call.places, with);
  });
}

Explanation explain(Model &model, const Objects &objects, llvm::ArrayRef<Remark> remarks) {
  Explanation out;
  out.target = objects.target;
  ModuleOp module = *model.module;
  for (auto [func, report] : llvm::zip(module.getOps<kernel::FuncOp>(), objects.reports)) {
    out.kernels.push_back(explainKernel(func));
    // "NAME (TARGET): what"
    out.kernels.back().schedule = llvm::StringRef(report).split("): ").second.str();
  }
  for (auto entry : module.getOps<func::FuncOp>()) {
    ExplainedEntry explained = explainEntry(entry, out.kernels);
    for (const Remark &remark : remarks)
      if (remark.entry == explained.name && !wasJoined(remark, explained))
        explained.missed.push_back(remark);
    out.entries.push_back(std::move(explained));
  }
  for (const PackedWeight &weight : objects.weights) {
    ExplainedWeight explained;
    if (auto op = dyn_cast<graph::WeightOp>(weight.op)) {
      for (auto path : op.getPaths().getAsRange<StringAttr>())
        explained.paths.push_back(path.str());
    } else {
      explained.isTable = true;
      explained.paths.push_back(cast<graph::GetGlobalOp>(weight.op).getGlobal().str());
    }
    llvm::raw_string_ostream(explained.type) << weight.op->getResult(0).getType();
    explained.bytes = weight.size;
    out.weights.push_back(std::move(explained));
  }
  out.weightsSize = objects.weightsSize;
  for (auto &[name, buffer] : objects.members)
    out.codeSize += buffer->getBufferSize();
  return out;
}

} // namespace heddle::driver
