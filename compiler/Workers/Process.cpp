//===- Process.cpp - The compiler's end of a worker -----------------------===//

#include "compiler/Workers/Process.h"

#include "compiler/Workers/Worker.h"

#include <cerrno>
#include <cstring>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace heddle::workers {

Process::~Process() {
  if (socket >= 0)
    close(socket); // the worker sees it, and ends
  while (pid > 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR)
    ;
}

bool Process::start(const std::string &program, std::string &error) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
    error = strerror(errno);
    return false;
  }
  socket = ends[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  // A group of its own: an interrupt from the keyboard is for the compiler, and the
  // worker goes when the compiler has gone.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  // The running program even where its file has been replaced meanwhile.
  const char *path = program.empty() ? "/proc/self/exe" : program.c_str();
  std::string name = program.empty() ? "heddle" : program, word = kWorkerWord;
  char *arguments[] = {name.data(), word.data(), nullptr};
  int code = posix_spawnp(&pid, path, &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (code == 0)
    return true;
  pid = -1;
  error = strerror(code);
  return false;
}

Reply Process::compile(const Request &request) {
  Reply reply;
  std::string bytes;
  if (!send(socket, pack(request)) || !receive(socket, bytes) || !unpack(bytes, reply)) {
    reply = {};
    reply.failure = "the worker that compiled it is gone";
  }
  return reply;
}

void Process::stop() { shutdown(socket, SHUT_RDWR); }

} // namespace heddle::workers
