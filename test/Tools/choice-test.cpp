//===- choice-test.cpp - Whose argmax is as good as the best --------------===//
//
// heddle-choice-test CHOICE VALUE...   argmax[i](VALUE[i] + 1e6) by the reference
// with bounds, first alone and then given somebody's choice.
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Evaluator.h"
#include "dialects/Registry.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

using namespace mlir;
using namespace heddle::reference;

static constexpr const char *kText = R"(
  func.func @pick(%x: !graph.tensor<[N], f32>) -> !graph.tensor<[], i32>
      attributes {graph.dims = [#graph.size<"N", 1, 64>]} {
    %0 = graph.arg_reduce max [] over [i: N] {
    ^bb0(%i: index):
      %c = arith.constant 1.0e6 : f32
      %1 = graph.read %x[%i] : !graph.tensor<[N], f32>
      %2 = arith.addf %c, %1 : f32
      graph.yield %2 : f32
    } : !graph.tensor<[], i32>
    return %0 : !graph.tensor<[], i32>
  })";

int main(int argc, char **argv) {
  DialectRegistry registry;
  heddle::registerDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = parseSourceString<ModuleOp>(kText, &context);
  if (!module || argc < 3)
    return 1;
  int64_t choice = std::atoll(argv[1]);
  std::vector<float> values;
  for (int i = 2; i < argc; ++i)
    values.push_back(std::strtof(argv[i], nullptr));
  Tensor input = Tensor::view(Storage::F32, {int64_t(values.size())}, values.data());
  Tensor chosen = Tensor::view(Storage::I64, {}, &choice);
  Evaluator evaluator(*module, nullptr);
  for (bool given : {false, true}) {
    if (given)
      evaluator.choiceOf = [&](Operation *) { return &chosen; };
    auto result = evaluator.run(*module->getOps<func::FuncOp>().begin(), {input}, {{"N", int64_t(values.size())}}, /*bounds=*/true);
    if (!result) {
      llvm::errs() << llvm::toString(result.takeError()) << "\n";
      return 1;
    }
    const Tensor &at = result->front();
    llvm::outs() << (given ? ", given: " : "alone: ") << at.integer(0) << (at.error[0] > 0 ? " undecided" : " decided");
  }
  llvm::outs() << "\n";
  return 0;
}
