//===- Worker.h - A process that compiles kernels for another -------------===//
//
// A worker has its socket to the compiler as standard input and takes one kernel at
// a time. It never compiles itself: each kernel gets a fork of the worker, which is
// as fresh as the worker was, and whose end, whatever it is, is told to the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WORKERS_WORKER_H
#define HEDDLE_COMPILER_WORKERS_WORKER_H

#include "compiler/Workers/Message.h"

#include <optional>

namespace heddle::workers {

/// The only word of a worker's command line.
constexpr char kWorkerWord[] = "--kernel-worker";

/// Compiles in the fork; kernels::compile but in tests.
using CompileFunction = bool (*)(const kernels::Kernel &, const kernels::Target &,
                                 const kernels::CompileOptions &, kernels::Compiled &,
                                 std::string &);

/// To be called first of all by the main function of each program that calls
/// compileKernels(). Where the command line says so, works until the compiler goes
/// and gives the exit code.
std::optional<int> runAsWorker(int argc, char **argv, CompileFunction compile = kernels::compile);

} // namespace heddle::workers

#endif // HEDDLE_COMPILER_WORKERS_WORKER_H
