//===- describe-test.cpp - Prints what kernels of a file compute ----------===//
//
// heddle-describe-test FILE.mlir: each kernel.func as the kernel library sees it,
// for FileCheck. Exits with 1 where one cannot be described.
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline/Describe.h"
#include "dialects/Registry.h"

#include "mlir/Parser/Parser.h"

using namespace heddle;
using namespace heddle::kernels;

static const char *const kOps[] = {
    "const", "index", "size", "read", "neg",  "not",      "abs", "exp", "log",
    "sqrt",  "rsqrt", "sin",  "cos",  "tanh", "erf",      "floor", "ceil", "round",
    "isnan", "cast",  "add",  "sub",  "mul",  "div",      "floordiv", "mod", "pow",
    "min",   "max",   "and",  "or",   "lt",   "le",       "gt", "ge", "eq",
    "ne",    "select"};
static const char *const kTypes[] = {"bool", "i8", "u8", "i32", "i64", "f16", "bf16", "f32", "f64"};
static const char *const kRoles[] = {"input", "constant", "output", "local"};
static const char *const kKinds[] = {"map", "reduce", "arg_reduce", "softmax", "cumulate", "scatter"};
static const char *const kCombiners[] = {"", " sum", " prod", " min", " max", " and", " or"};

static std::string text(const Kernel &kernel, const Extent &extent) {
  return extent.isConstant() ? std::to_string(extent.constant) : kernel.sizes[extent.size].name;
}

static void print(const Kernel &kernel, const Stage &stage, const ExprRef &expr) {
  llvm::raw_ostream &os = llvm::outs();
  bool isReal = expr->type >= Type::F16;
  switch (expr->op) {
  case Op::Const:
    if (isReal)
      os << expr->number;
    else
      os << expr->integer;
    os << ":" << kTypes[int(expr->type)];
    return;
  case Op::Index: os << stage.indices[expr->ref].name; return;
  case Op::Size: os << kernel.sizes[expr->ref].name; return;
  case Op::Read: os << (expr->guarded ? "guarded " : "") << kernel.tensors[expr->ref].name << "["; break;
  default: os << kOps[int(expr->op)] << ":" << kTypes[int(expr->type)] << "("; break;
  }
  llvm::interleave(expr->args, [&](const ExprRef &arg) { print(kernel, stage, arg); },
                   [&] { os << ", "; });
  os << (expr->op == Op::Read ? "]" : ")");
}

static void print(const Kernel &kernel) {
  llvm::raw_ostream &os = llvm::outs();
  os << "kernel " << kernel.name << "\n";
  for (const Size &size : kernel.sizes)
    os << "size " << size.name << " " << size.least << ".." << size.most << "\n";
  for (const Tensor &tensor : kernel.tensors) {
    os << kRoles[int(tensor.role)] << " " << tensor.name << ": " << kTypes[int(tensor.type)] << "[";
    llvm::interleaveComma(tensor.shape, os, [&](const Extent &e) { os << text(kernel, e); });
    os << "]";
    if (tensor.layout.kind == Layout::Panels)
      os << " panels<" << tensor.layout.axis << ", " << tensor.layout.width << ">";
    os << "\n";
  }
  for (const Stage &stage : kernel.stages) {
    os << kKinds[int(stage.kind)] << kCombiners[int(stage.combiner)] << " [";
    llvm::interleaveComma(stage.indices, os, [&](const Index &index) {
      os << index.name << ": " << text(kernel, index.extent);
    });
    os << "] axes [";
    llvm::interleaveComma(stage.axes, os);
    os << "] along [";
    llvm::interleaveComma(stage.along, os);
    os << "]";
    for (auto [result, value] : llvm::zip(stage.results, stage.values)) {
      os << "\n  " << kernel.tensors[result].name << " = ";
      print(kernel, stage, value);
    }
    if (stage.base >= 0)
      os << "\n  over " << kernel.tensors[stage.base].name;
    for (const ExprRef &position : stage.position) {
      os << "\n  at ";
      print(kernel, stage, position);
    }
    if (stage.condition) {
      os << "\n  if ";
      print(kernel, stage, stage.condition);
    }
    os << "\n";
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: heddle-describe-test FILE.mlir\n";
    return 1;
  }
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  bool failed = false;
  module->walk([&](kernel::FuncOp func) {
    llvm::Expected<Kernel> kernel = describe(func);
    if (kernel)
      return print(*kernel);
    failed = true;
    llvm::errs() << llvm::toString(kernel.takeError()) << "\n";
  });
  return failed;
}
