//===- Run.cpp - heddle compile, check, format, run -----------------------===//

#include "tools/heddle/Commands.h"
#include "tools/heddle/Session.h"

#include "compiler/Package/OutputFile.h"
#include "compiler/Syntax/Format.h"
#include "compiler/Weights/Npy.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

namespace heddle::tool {

int compileCommand(const Arguments &arguments) {
  if (arguments.output.empty() && arguments.emit.empty())
    return fail("-o OUT.a says where the archive goes");
  driver::Model model(arguments.model);
  Progress progress(!arguments.quiet);
  progress.watch(model);
  if (!model.load(llvm::errs()))
    return failedToLoad(model);
  if (llvm::Error error = driver::lower(model, arguments.emit, llvm::errs()))
    return fail(std::move(error));
  if (!arguments.emit.empty()) {
    clearProgress();
    if (arguments.output.empty()) {
      if (llvm::Error error = driver::printPhase(model, arguments.emit, llvm::outs()))
        return fail(std::move(error));
      return 0;
    }
    package::OutputSet outputs;
    auto out = outputs.create(arguments.output);
    if (!out)
      return fail(out.takeError());
    if (llvm::Error error = driver::printPhase(model, arguments.emit, **out))
      return fail(std::move(error));
    if (llvm::Error error = outputs.commit())
      return fail(std::move(error));
    return 0;
  }
  if (!model.checkpoint && !llvm::StringRef(arguments.output).empty()) {
    bool needsWeights = false;
    model.module->walk([&](graph::WeightOp) { needsWeights = true; });
    if (needsWeights)
      return fail("the model has weights; give their files with --weights");
  }
  if (llvm::Error error = driver::checkSupported(model))
    return fail(std::move(error));
  driver::PackageOptions package;
  package.needsFile = !arguments.weightsFile.empty();
  package.mostEmbedded = arguments.embedLimit * 1'000'000;
  auto objects = driver::compileObjects(model, package);
  if (!objects)
    return fail(objects.takeError(), kInternalError);
  if (llvm::Error error = driver::writePackage(model, *objects, arguments.output, arguments.weightsFile))
    return fail(std::move(error));
  return 0;
}

int checkCommand(const Arguments &arguments) {
  driver::Model model(arguments.model);
  bool isGood = arguments.json ? model.load(llvm::outs(), /*asJson=*/true) : model.load(llvm::errs());
  return isGood ? 0 : failedToLoad(model);
}

int formatCommand(const Arguments &arguments) {
  auto text = frontend::readModelFile(arguments.model.path);
  if (!text)
    return fail(text.takeError());
  frontend::SourceManager sources;
  frontend::Diagnostics diagnostics(sources);
  int32_t file = sources.add(arguments.model.path, *text);
  std::optional<std::string> formatted = frontend::format(sources, file, diagnostics);
  diagnostics.print(llvm::errs());
  if (!formatted)
    return kInputError;
  if (arguments.check) {
    if (*formatted == *text)
      return 0;
    return fail(arguments.model.path + " is not in the one style; heddle format prints it so");
  }
  if (arguments.output.empty()) {
    llvm::outs() << *formatted;
    return 0;
  }
  package::OutputSet outputs;
  auto out = outputs.create(arguments.output);
  if (!out)
    return fail(out.takeError());
  **out << *formatted;
  if (llvm::Error error = outputs.commit())
    return fail(std::move(error));
  return 0;
}

int runModelCommand(const Arguments &arguments) {
  if (arguments.outputDir.empty())
    return fail("--output-dir says where the results go");
  if (arguments.random && !arguments.inputs.empty())
    return fail("--random makes every input up; it does not go with --input");
  Session session(arguments);
  if (int code = session.load())
    return code;
  if (int code = session.chooseEntry())
    return code;
  if (int code = session.readInputs(arguments.random))
    return code;
  std::vector<driver::Array> results;
  if (arguments.reference) {
    if (llvm::Error error = driver::checkLowerable(session.model))
      return fail(std::move(error));
    if (llvm::Error error = checkInputs(session.entry, session.inputs, session.dims))
      return fail(std::move(error));
    driver::Model &model = session.model;
    reference::Evaluator evaluator(*model.module, model.checkpoint ? &*model.checkpoint : nullptr);
    auto values = evaluator.run(session.entry, asTensors(session.inputs), session.dims);
    if (!values)
      return fail(values.takeError());
    for (auto [value, type] : llvm::zip(*values, session.entry.getResultTypes()))
      results.push_back(toArray(value, llvm::cast<graph::GraphTensorType>(type).getElementType()));
  } else {
    if (int code = session.lower())
      return code;
    if (int code = session.link())
      return code;
    auto values = session.loaded->run(session.entry, session.inputs, session.dims);
    if (!values)
      return fail(values.takeError());
    results = std::move(*values);
  }
  if (std::error_code error = llvm::sys::fs::create_directories(arguments.outputDir))
    return fail("cannot make " + arguments.outputDir + ": " + error.message());
  llvm::json::Array written;
  for (auto [i, result] : llvm::enumerate(results)) {
    auto named = session.entry.getResultAttrOfType<mlir::StringAttr>(i, "graph.name");
    llvm::StringRef name = named ? named.getValue() : llvm::StringRef("result");
    llvm::SmallString<128> path(arguments.outputDir);
    llvm::sys::path::append(path, name + ".npy");
    // An array without elements has a byte, so that it has an address.
    llvm::ArrayRef<uint8_t> bytes = result.bytes;
    if (llvm::is_contained(result.shape, 0))
      bytes = {};
    if (llvm::Error error = weights::writeNpyFile(path, npyType(result.storage), result.shape, bytes))
      return fail(std::move(error));
    written.push_back(llvm::json::Object{{"name", name}, {"type", weights::elementName(npyType(result.storage))},
                                         {"shape", llvm::json::Array(result.shape)}, {"file", jsonText(path)}});
  }
  if (arguments.json) {
    clearProgress();
    llvm::json::Object dims;
    for (const auto &[name, value] : session.dims)
      dims[name] = value;
    llvm::outs() << llvm::json::Value(llvm::json::Object{{"entry", session.entry.getName()}, {"dims", std::move(dims)},
                                                         {"results", std::move(written)}})
                 << "\n";
  }
  return 0;
}

} // namespace heddle::tool
