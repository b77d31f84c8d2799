//===- CompileKernels.cpp - Many kernels to objects -----------------------===//
//
// A thread of the compiler for each worker: it hands out the next kernel, waits,
// and keeps the object. The calling thread has the first worker.
//
//===----------------------------------------------------------------------===//

#include "compiler/Workers/CompileKernels.h"

#include "compiler/Workers/KernelCache.h"
#include "compiler/Workers/Process.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Threading.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace heddle::workers {

namespace {

/// A number from 1 to `most` in an environment variable; 0 where it is something else.
uint64_t readNumber(const char *text, uint64_t most) {
  uint64_t number = 0;
  return llvm::StringRef(text).getAsInteger(10, number) || number > most ? 0 : number;
}

std::string cacheFolderFromEnvironment() {
  if (const char *folder = std::getenv("HEDDLE_CACHE_DIR"))
    return folder;
  llvm::SmallString<128> folder;
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  if (cache && llvm::sys::path::is_absolute(cache)) // others are to be passed over, it says
    llvm::sys::path::append(folder, cache, "heddle");
  else if (home && llvm::sys::path::is_absolute(home))
    llvm::sys::path::append(folder, home, ".cache", "heddle");
  return folder.str().str();
}

using Begins = std::function<void(size_t, size_t, size_t)>;

/// What is left to do, shared by the threads.
class Work {
public:
  Work(llvm::ArrayRef<Job> jobs, std::vector<size_t> missing, const WorkOptions &options, const KernelCache &cache,
       const Begins &begins, std::vector<Outcome> &outcomes)
      : jobs(jobs), missing(std::move(missing)), options(options), cache(cache), begins(begins), outcomes(outcomes) {}

  void run(unsigned count) {
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < count; ++i) {
      try {
        threads.emplace_back([this] { runWorker(); });
      } catch (const std::system_error &) {
        break; // fewer will do
      }
    }
    runWorker();
    for (std::thread &thread : threads)
      thread.join();
  }

private:
  /// Takes kernels until there are none.
  void runWorker() {
    Process process;
    std::string error;
    bool started = process.start(options.worker, error);
    size_t at;
    while (take(process, at)) {
      const Job &job = jobs[missing[at]];
      Reply reply;
      if (started)
        reply = process.compile({job.text, job.target.isa, options.seconds, options.megabytes});
      else
        reply.failure = "no process can be started for it: " + error;
      give(process, at, reply);
    }
  }

  /// The next kernel for a worker; false where there is none, or one has failed.
  bool take(Process &process, size_t &at) {
    std::lock_guard<std::mutex> lock(mutex);
    if (next >= std::min(failed, missing.size()))
      return false;
    running[&process] = at = next++;
    if (begins)
      begins(missing[at], next, missing.size());
    return true;
  }

  /// What became of it. Of several failures the first in order is wanted, whichever
  /// comes first in time: kernels behind one that failed are stopped, those before
  /// it are not.
  void give(Process &process, size_t at, Reply &reply) {
    Outcome &outcome = outcomes[missing[at]];
    if (reply.failure.empty()) {
      outcome.compiled = std::move(reply.compiled);
      cache.store(jobs[missing[at]], outcome.compiled);
    }
    std::lock_guard<std::mutex> lock(mutex);
    running.erase(&process);
    if (reply.failure.empty() || at > failed) // or it was stopped
      return;
    outcome.failure = reply.failure;
    failed = at;
    for (auto &[other, job] : running)
      if (job > failed)
        other->stop();
  }

  llvm::ArrayRef<Job> jobs;
  const std::vector<size_t> missing; ///< positions in `jobs`
  const WorkOptions &options;
  const KernelCache &cache;
  const Begins &begins;
  std::vector<Outcome> &outcomes; ///< each is one thread's

  std::mutex mutex; ///< of what follows
  size_t next = 0;         ///< position in `missing`
  size_t failed = SIZE_MAX; ///< the first of them that failed
  std::map<Process *, size_t> running; ///< what each works at
};

} // namespace

llvm::Expected<WorkOptions> optionsFromEnvironment() {
  WorkOptions options;
  constexpr uint64_t kMostMegabytes = 100'000'000;
  struct Variable {
    const char *name, *unit;
    uint64_t *value;
  };
  for (const Variable &variable : {Variable{"HEDDLE_CACHE_SIZE", "megabytes", &options.cacheMegabytes},
                                   Variable{"HEDDLE_KERNEL_SECONDS", "seconds", &options.seconds},
                                   Variable{"HEDDLE_KERNEL_MEMORY", "megabytes", &options.megabytes}}) {
    const char *text = std::getenv(variable.name);
    if (text && !(*variable.value = readNumber(text, kMostMegabytes)))
      return llvm::createStringError(llvm::Twine(variable.name) + " takes " + variable.unit + ", at least 1; this is " + text);
  }
  options.cacheFolder = cacheFolderFromEnvironment();
  if (const char *worker = std::getenv("HEDDLE_KERNEL_WORKER"))
    options.worker = worker;
  return options;
}

std::vector<Outcome> compileKernels(llvm::ArrayRef<Job> jobs, const WorkOptions &options, llvm::raw_ostream &warnings,
                                    const Begins &begins) {
  std::vector<Outcome> outcomes(jobs.size());
  KernelCache cache(options.worker.empty() ? options.cacheFolder : "", options.cacheMegabytes);
  std::vector<size_t> missing;
  for (size_t i = 0; i < jobs.size(); ++i)
    if (!cache.load(jobs[i], outcomes[i].compiled, warnings))
      missing.push_back(i);
  if (missing.empty())
    return outcomes;
  unsigned count = options.jobs ? options.jobs : llvm::hardware_concurrency().compute_thread_count();
  count = unsigned(std::min<size_t>(std::max(count, 1u), missing.size()));
  Work(jobs, std::move(missing), options, cache, begins, outcomes).run(count);
  cache.prune();
  return outcomes;
}

} // namespace heddle::workers
