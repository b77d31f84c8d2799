//===- Process.h - The compiler's end of a worker -------------------------===//

#ifndef HEDDLE_COMPILER_WORKERS_PROCESS_H
#define HEDDLE_COMPILER_WORKERS_PROCESS_H

#include "compiler/Workers/Message.h"

#include <sys/types.h>

namespace heddle::workers {

/// A running worker. Its process ends, and is waited for, with the object.
class Process {
public:
  Process() = default;
  ~Process();
  Process(const Process &) = delete;
  Process &operator=(const Process &) = delete;

  /// Starts `program` (found as the shell does), or where that is empty the program
  /// that is running. False and a reason where that is not possible.
  bool start(const std::string &program, std::string &error);

  /// Has a kernel compiled. A worker that is gone is a failure of the kernel.
  Reply compile(const Request &request);

  /// Ends what the worker does now: compile() returns. Any thread may call this
  /// while another is in compile().
  void stop();

private:
  pid_t pid = -1;
  int socket = -1;
};

} // namespace heddle::workers

#endif // HEDDLE_COMPILER_WORKERS_PROCESS_H
