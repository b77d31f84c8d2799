//===- Session.h - A model and an entry of it, made ready to run ----------===//

#ifndef HEDDLE_TOOLS_HEDDLE_SESSION_H
#define HEDDLE_TOOLS_HEDDLE_SESSION_H

#include "tools/heddle/Inputs.h"
#include "tools/heddle/Progress.h"

namespace heddle::tool {

/// What run, verify, bench and explain begin with. Each step prints what is wrong and
/// gives the exit code, 0 where all is well.
class Session {
public:
  explicit Session(const Arguments &arguments);

  /// Reads and checks the model.
  int load();
  /// Finds the entry that --entry names, or the only one, and keeps no other.
  int chooseEntry();
  /// The entry's inputs, made up or from --input, and the sizes that follow from them.
  int readInputs(bool isRandom);
  /// Lowers the model; then `entry`, where one was chosen, is the lowered one.
  int lower();
  /// Compiles the lowered model into this process.
  int link();

  const Arguments &arguments;
  driver::Model model;
  Progress progress;
  mlir::func::FuncOp entry;
  std::vector<driver::Array> inputs;
  reference::DimValues dims;
  std::unique_ptr<driver::Loaded> loaded;
};

} // namespace heddle::tool

#endif // HEDDLE_TOOLS_HEDDLE_SESSION_H
