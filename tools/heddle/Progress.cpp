//===- Progress.cpp - A line that says how far it is ----------------------===//

#include "tools/heddle/Progress.h"

#include "compiler/Driver/Driver.h"
#include "compiler/Syntax/Diagnostics.h"

#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <sys/ioctl.h>
#include <unistd.h>

namespace heddle::tool {

using Clock = std::chrono::steady_clock;

/// There is one terminal.
static struct {
  bool isOn = false, isShown = false;
  std::string what; ///< of the line that was shown last
  Clock::time_point last;
} state;

static void writeLine(llvm::StringRef text) {
  std::string line = ("\r" + text + "\x1b[K").str();
  // Not through a buffer, and whether it arrives is of no importance.
  if (write(STDERR_FILENO, line.data(), line.size()) < 0)
    state.isOn = false;
}

void clearProgress() {
  if (state.isShown)
    writeLine("");
  state.isShown = false;
}

Progress::Progress(bool isWanted) {
  const char *terminal = getenv("TERM");
  state.isOn = isWanted && isatty(STDERR_FILENO) && terminal && *terminal && llvm::StringRef(terminal) != "dumb";
  state.what.clear();
}

Progress::~Progress() {
  clearProgress();
  state.isOn = false;
}

void Progress::watch(driver::Model &model) {
  model.onProgress = [this](const driver::Step &step) {
    step.what.empty() ? clearProgress() : show(step.what, step.done, step.total, step.name);
  };
}

void Progress::show(const llvm::Twine &what, size_t done, size_t total, const llvm::Twine &name) {
  if (!state.isOn)
    return;
  std::string text = what.str();
  auto now = Clock::now();
  if (state.isShown && text == state.what && now - state.last < std::chrono::milliseconds(100))
    return;
  state.what = text;
  state.last = now;
  if (total)
    text += " " + std::to_string(done) + " of " + std::to_string(total);
  if (std::string behind = name.str(); !behind.empty())
    text += ": " + frontend::onOneLine(behind);
  winsize size{};
  size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
  if (text.size() >= width) // a line that is broken in two cannot be written over
    text = text.substr(0, width - 4) + "...";
  writeLine(text);
  state.isShown = true;
}

} // namespace heddle::tool
