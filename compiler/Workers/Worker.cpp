//===- Worker.cpp - A process that compiles kernels for another -----------===//
//
// Why a fork for each kernel: Halide numbers names by a counter of the process, and
// what it makes of a kernel depends on these names, so bytes are the same whatever
// the order only if every kernel meets the same process. Why not a new program for
// each: loading the libraries takes a fifth of the time of a small kernel, a fork
// next to none. The worker has one thread, so that forking it is safe.
//
//===----------------------------------------------------------------------===//

#include "compiler/Workers/Worker.h"

#include "compiler/Kernels/KernelText.h"

#include "llvm/Support/Compiler.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace heddle::workers {

namespace {

// Sanitizers reserve terabytes, to which no limit of memory can be set.
#if LLVM_ADDRESS_SANITIZER_BUILD || LLVM_THREAD_SANITIZER_BUILD || LLVM_MEMORY_SANITIZER_BUILD
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

constexpr int kSocket = 0;
/// Exit code of a fork that would need more memory than it may have.
constexpr int kOutOfMemory = 71;
/// Of what a fork said before it died the end is enough.
constexpr size_t kLastWords = 600;

void limit(int resource, rlim_t most) {
  rlimit limits{};
  if (getrlimit(resource, &limits))
    return;
  limits.rlim_cur = limits.rlim_max == RLIM_INFINITY ? most : std::min(most, limits.rlim_max);
  setrlimit(resource, &limits);
}

/// Limits of the fork itself; those of the user stay where they are tighter.
void limitFork(const Request &request) {
  limit(RLIMIT_CORE, 0);
  if (request.seconds)
    limit(RLIMIT_CPU, request.seconds);
  if (request.megabytes && !kIsSanitized)
    limit(RLIMIT_DATA, rlim_t(request.megabytes) << 20);
  std::set_new_handler([] { _exit(kOutOfMemory); });
}

/// Compiles and writes the reply to `out`.
[[noreturn]] void runFork(const Request &request, CompileFunction compile, int out) {
  limitFork(request);
  Reply reply;
  kernels::Kernel kernel;
  std::string error;
  if (!kernels::parse(request.text, kernel, error))
    reply.failure = "the description cannot be read: " + error;
  else if (!compile(kernel, {request.isa}, {}, reply.compiled, error))
    reply.failure = error;
  std::string bytes = pack(reply);
  for (llvm::StringRef rest = bytes; !rest.empty();) {
    ssize_t written = write(out, rest.data(), rest.size());
    if (written < 0)
      _exit(1);
    rest = rest.drop_front(size_t(written));
  }
  _exit(0); // nothing of the worker's is to be ended twice
}

struct Pipe {
  int read = -1, write = -1;
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
      return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  void closeWrite() {
    if (write >= 0)
      close(write);
    write = -1;
  }
  ~Pipe() {
    closeWrite();
    if (read >= 0)
      close(read);
  }
};

/// Collects both outputs of a fork until it has ended; ends it, and the worker,
/// where the compiler goes before that.
void collect(pid_t fork, const Pipe &result, const Pipe &words, std::string &bytes, std::string &last) {
  std::array<pollfd, 3> events = {pollfd{result.read, POLLIN, 0}, pollfd{words.read, POLLIN, 0},
                                  pollfd{kSocket, POLLRDHUP, 0}};
  std::string *into[] = {&bytes, &last};
  while (events[0].fd >= 0 || events[1].fd >= 0) {
    if (poll(events.data(), events.size(), -1) < 0)
      continue; // interrupted
    if (events[2].revents) {
      kill(fork, SIGKILL);
      waitpid(fork, nullptr, 0);
      _exit(0);
    }
    for (int i : {0, 1}) {
      if (!events[i].revents)
        continue;
      char buffer[1 << 16];
      ssize_t got = read(events[i].fd, buffer, sizeof(buffer));
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0) {
        events[i].fd = -1; // poll passes over it
        continue;
      }
      into[i]->append(buffer, size_t(got));
      if (i == 1 && last.size() > kLastWords)
        last.erase(0, last.size() - kLastWords);
    }
  }
}

/// How a fork ended that did not give a reply.
std::string describeEnd(int status, const Request &request, llvm::StringRef last) {
  std::string what;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    what = "compiling it took more than " + std::to_string(request.seconds) + " seconds of processor time";
  else if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory)
    what = "compiling it took more than " + std::to_string(request.megabytes) + " MB of memory";
  else if (WIFSIGNALED(status))
    what = "the process that compiled it was ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
           strsignal(WTERMSIG(status)) + ")";
  else
    what = "the process that compiled it ended with code " + std::to_string(WEXITSTATUS(status)) + " and no object";
  last = last.trim();
  return last.empty() ? what : what + "; its last words: " + last.str();
}

Reply compileInFork(const Request &request, CompileFunction compile) {
  Reply reply;
  Pipe result, words;
  pid_t worker = getpid();
  pid_t child = result.open() && words.open() ? fork() : -1;
  if (child < 0) {
    reply.failure = std::string("no process can be made for it: ") + strerror(errno);
    return reply;
  }
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != worker) // it went before this was said
      _exit(0);
    dup2(words.write, STDERR_FILENO);
    dup2(words.write, STDOUT_FILENO);
    runFork(request, compile, result.write);
  }
  result.closeWrite();
  words.closeWrite();
  std::string bytes, last;
  collect(child, result, words, bytes, last);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && unpack(bytes, reply))
    return reply;
  reply = {};
  reply.failure = describeEnd(status, request, last);
  return reply;
}

/// Halide listens to variables such as HL_LLVM_ARGS: the same description is to
/// give the same object in any environment.
void forgetHalideVariables() {
  std::vector<std::string> names;
  for (char **variable = environ; *variable; ++variable)
    if (llvm::StringRef text = *variable; text.starts_with("HL_"))
      names.push_back(text.split('=').first.str());
  for (const std::string &name : names)
    unsetenv(name.c_str());
}

} // namespace

std::optional<int> runAsWorker(int argc, char **argv, CompileFunction compile) {
  if (argc != 2 || llvm::StringRef(argv[1]) != kWorkerWord)
    return std::nullopt;
  int type = 0;
  socklen_t size = sizeof(type);
  if (getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &size)) {
    std::fprintf(stderr, "error: --kernel-worker is what heddle calls itself with, not for people\n");
    return 1;
  }
  forgetHalideVariables();
  std::string bytes;
  Request request;
  while (receive(kSocket, bytes) && unpack(bytes, request))
    if (!send(kSocket, pack(compileInFork(request, compile))))
      break;
  return 0;
}

} // namespace heddle::workers
