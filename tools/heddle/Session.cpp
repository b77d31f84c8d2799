//===- Session.cpp - A model and an entry of it, made ready to run --------===//

#include "tools/heddle/Session.h"

namespace heddle::tool {

Session::Session(const Arguments &arguments)
    : arguments(arguments), model(arguments.model), progress(!arguments.quiet) {
  progress.watch(model);
}

int Session::load() { return model.load(llvm::errs()) ? 0 : failedToLoad(model); }

int Session::chooseEntry() {
  auto found = findEntry(*model.module, arguments.entry);
  if (!found)
    return fail(found.takeError());
  keepOnly(entry = *found);
  return 0;
}

int Session::readInputs(bool isRandom) {
  auto read = isRandom ? randomInputs(entry, arguments) : tool::readInputs(entry, arguments);
  if (!read)
    return fail(read.takeError());
  inputs = std::move(*read);
  auto bound = driver::bindDimensions(entry, inputs);
  if (!bound)
    return fail(bound.takeError());
  dims = std::move(*bound);
  return 0;
}

int Session::lower() {
  if (llvm::Error error = driver::lower(model, "", llvm::errs()))
    return fail(std::move(error));
  if (!entry)
    return 0;
  auto lowered = findEntry(*model.module, arguments.entry);
  if (!lowered)
    return fail(lowered.takeError(), kInternalError);
  entry = *lowered;
  return 0;
}

int Session::link() {
  auto linked = driver::Loaded::load(model, arguments.threads);
  if (!linked)
    return fail(linked.takeError());
  loaded = std::move(*linked);
  return 0;
}

} // namespace heddle::tool
