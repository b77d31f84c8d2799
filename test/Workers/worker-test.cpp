//===- worker-test.cpp - A worker whose kernels come to bad ends ----------===//
//
// HEDDLE_KERNEL_WORKER=heddle-worker-test heddle compile ...
//
// What happens to a kernel is in $FAULT, as FAULT:ISA or for all targets as FAULT:
//   crash    a fatal signal          speak   the same, with words before it
//   exit     ends with code 3        spin    does not come to an end
//   grow     takes all memory        refuse  an error, as of Halide
//   wait     sleeps, once $MARK has been made
// Kernels for other targets are compiled.
//
//===----------------------------------------------------------------------===//

#include "compiler/Workers/Worker.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
#include <vector>

using namespace heddle;

static bool compile(const kernels::Kernel &kernel, const kernels::Target &target,
                    const kernels::CompileOptions &options, kernels::Compiled &compiled, std::string &error) {
  const char *variable = std::getenv("FAULT");
  auto [fault, isa] = llvm::StringRef(variable ? variable : "").split(':');
  if (!isa.empty() && isa != target.isa)
    return kernels::compile(kernel, target, options, compiled, error);
  if (fault == "speak")
    std::fprintf(stderr, "the tile does not fit\n");
  if (fault == "speak" || fault == "crash")
    std::raise(SIGSEGV);
  if (fault == "exit")
    _exit(3);
  if (fault == "refuse")
    return error = "the schedule is refused", false;
  if (const char *mark = std::getenv("MARK"); mark && fault == "wait")
    std::fclose(std::fopen((mark + std::string("-") + std::to_string(getpid())).c_str(), "w"));
  while (fault == "wait")
    pause();
  volatile unsigned turns = 0;
  while (fault == "spin")
    turns = turns + 1;
  std::vector<char *> all;
  while (fault == "grow" && all.size() < 200) { // 3 GB
    all.push_back(new char[1 << 24]);
    memset(all.back(), 1, 1 << 24);
  }
  return kernels::compile(kernel, target, options, compiled, error);
}

int main(int argc, char **argv) { return workers::runAsWorker(argc, argv, compile).value_or(1); }
