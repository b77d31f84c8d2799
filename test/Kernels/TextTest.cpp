//===- TextTest.cpp - Damaged texts and damaged structs -------------------===//
//
//   heddle-kernel-text-test FILE...   every prefix of each file, and the file with
//                                     each byte changed, is parsed and checked
//   heddle-kernel-text-test           breaks what a text cannot break; prints what
//                                     validate() says of it
//
//===----------------------------------------------------------------------===//

#include "compiler/Kernels/KernelText.h"
#include "compiler/Kernels/Validate.h"

#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>

using namespace heddle::kernels;

namespace {

int failures = 0;

void fail(const std::string &what, const std::string &text) {
  std::printf("WRONG: %s:\n%s\n", what.c_str(), text.c_str());
  ++failures;
}

/// Reads a text. What is read can be printed and checked, and what is right comes
/// back from its text.
void readAnything(const std::string &text) {
  std::vector<Kernel> kernels;
  std::string error;
  if (!parseAll(text, kernels, error)) {
    if (error.empty() || error.find(": ") == std::string::npos)
      fail("refused without a place and a message", text);
    return;
  }
  for (const Kernel &kernel : kernels) {
    std::string printed = print(kernel);
    if (!validate(kernel, error)) {
      if (error.empty())
        fail("not valid without a message", text);
      continue;
    }
    Kernel again;
    if (!parse(printed, again, error))
      fail("what was printed is not read (" + error + ")", printed);
    else if (print(again) != printed)
      fail("another text the second time", printed);
  }
}

void damage(const std::string &text) {
  for (size_t end = 0; end <= text.size(); ++end)
    readAnything(text.substr(0, end));
  for (size_t at = 0; at < text.size(); ++at)
    for (char byte : {'\xff', '-', '9', ']', '$'}) {
      std::string changed = text;
      changed[at] = byte;
      readAnything(changed);
    }
}

/// A contraction and a map behind it: what the cases break.
constexpr char kSound[] = R"(kernel k {
  size M in 1 .. 9
  input x: f32[M, 4]
  constant w: f32[3, 4]
  local t: f32[M, 3]
  output y: f32[M, 3]
  reduce sum s0 [m: M, o: 3 | k: 4] -> t { value x[m, k] * w[o, k] }
  map s1 [m: M, o: 3] -> y { value t[m, o] + f32(size(M)) }
}
)";

std::shared_ptr<Expr> copy(const ExprRef &expr) { return std::make_shared<Expr>(*expr); }

/// Changes the value of the map, or its operand.
std::function<void(Kernel &)> inValue(std::function<void(Expr &)> change) {
  return [=](Kernel &k) {
    auto value = copy(k.stages[1].values[0]);
    change(*value);
    k.stages[1].values[0] = value;
  };
}
std::function<void(Kernel &)> inOperand(std::function<void(Expr &)> change) {
  return inValue([=](Expr &value) {
    auto operand = copy(value.args[0]);
    change(*operand);
    value.args[0] = operand;
  });
}

struct Case {
  const char *name;
  std::function<void(Kernel &)> change;
};

const Case kCases[] = {
    {"kernel name", [](Kernel &k) { k.name = "a b"; }},
    {"no name", [](Kernel &k) { k.name = ""; }},
    {"size name", [](Kernel &k) { k.sizes[0].name = "1"; }},
    {"stage name", [](Kernel &k) { k.stages[0].name = "s-0"; }},
    {"index name", [](Kernel &k) { k.stages[0].indices[0].name = "true"; }},
    {"element type", [](Kernel &k) { k.tensors[0].type = Type(99); }},
    {"role", [](Kernel &k) { k.tensors[0].role = Role(99); }},
    {"layout", [](Kernel &k) { k.tensors[1].layout.kind = Layout::Kind(99); }},
    {"extent of no size", [](Kernel &k) { k.tensors[0].shape[0].size = 1; }},
    {"extent of size -2", [](Kernel &k) { k.tensors[0].shape[0].size = -2; }},
    {"kind", [](Kernel &k) { k.stages[0].kind = StageKind(99); }},
    {"combiner", [](Kernel &k) { k.stages[0].combiner = Combiner(99); }},
    {"too many result indices", [](Kernel &k) { k.stages[0].numResultIndices = 4; }},
    {"fewer than none", [](Kernel &k) { k.stages[0].numResultIndices = -1; }},
    {"empty axis", [](Kernel &k) { k.stages[0].axes = {2, 0}; }},
    {"axes too short", [](Kernel &k) { k.stages[0].axes = {1}; }},
    {"along nothing", [](Kernel &k) {
       k.stages[1].kind = StageKind::Softmax;
       k.stages[1].along = {2};
     }},
    {"base", [](Kernel &k) { k.stages[1].base = 0; }},
    {"base of no tensor", [](Kernel &k) {
       Stage &s = k.stages[1];
       s.kind = StageKind::Scatter;
       s.numResultIndices = 0;
       s.axes.clear();
       s.base = 7;
     }},
    {"result of no tensor", [](Kernel &k) { k.stages[1].results = {-1}; }},
    {"no results", [](Kernel &k) { k.stages[1].results.clear(); }},
    {"null value", [](Kernel &k) { k.stages[1].values[0] = nullptr; }},
    {"null operand", inValue([](Expr &e) { e.args[0] = nullptr; })},
    {"operation", inValue([](Expr &e) { e.op = Op(99); })},
    {"value type", inValue([](Expr &e) { e.type = Type(99); })},
    {"operands", inValue([](Expr &e) { e.args.pop_back(); })},
    {"tensor", inOperand([](Expr &e) { e.ref = 9; })},
    {"subscripts", inOperand([](Expr &e) { e.args.pop_back(); })},
    {"index", inOperand([](Expr &e) {
       e.op = Op::Index;
       e.args.clear();
       e.ref = 2;
     })},
    {"size", inOperand([](Expr &e) {
       e.op = Op::Size;
       e.args.clear();
       e.ref = -1;
     })},
    {"bool constant", inOperand([](Expr &e) {
       e = Expr();
       e.type = Type::Bool;
       e.integer = 2;
     })},
    {"narrow constant", inOperand([](Expr &e) {
       e = Expr();
       e.type = Type::U8;
     })},
    {"deep", [](Kernel &k) {
       // Also the printer sees this before anybody checks it.
       ExprRef value = k.stages[1].values[0];
       for (int n = 0; n < kMostDepth; ++n) {
         auto negated = std::make_shared<Expr>();
         negated->op = Op::Neg;
         negated->args = {value};
         value = negated;
       }
       k.stages[1].values[0] = value;
     }},
};

} // namespace

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::printf("cannot read %s\n", argv[i]);
      return 1;
    }
    damage(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  Kernel sound;
  std::string error;
  if (argc == 1 && !(parse(kSound, sound, error) && validate(sound, error)))
    fail("the sound kernel is not: " + error, kSound);
  for (const Case &c : kCases) {
    if (argc > 1)
      break;
    Kernel kernel = sound;
    c.change(kernel);
    error.clear();
    print(kernel);
    if (validate(kernel, error))
      fail("validate() finds nothing", c.name);
    std::printf("%s: %s\n", c.name, error.c_str());
  }
  std::printf("%d wrong\n", failures);
  return failures != 0;
}
