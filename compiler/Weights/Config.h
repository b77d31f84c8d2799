//===- Config.h - Hyperparameters from config.json ------------------------===//
//
// Typed look-up by dotted keys in the JSON file that comes with a checkpoint.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_WEIGHTS_CONFIG_H
#define HEDDLE_COMPILER_WEIGHTS_CONFIG_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::weights {

/// A configuration file. A key "a.b.c" is looked up in nested objects; where an
/// object has a key with dots in it, that one comes first. Every error names
/// the file and the key, what was found and what was wanted:
/// `config.json: "num_hidden_layers" is a string, wanted an integer`.
class Config {
public:
  /// Reads the file `path`: at most 16 MB of JSON, nested at most 64 deep, no
  /// key twice in an object, an object at the top.
  static llvm::Expected<Config> open(llvm::StringRef path);

  /// The same for text; `file` is its name in messages.
  static llvm::Expected<Config> parse(llvm::StringRef text,
                                      llvm::StringRef file);

  llvm::StringRef file() const { return fileName; }

  /// The value of `key`, or null where there is none (a JSON null is one).
  const llvm::json::Value *find(llvm::StringRef key) const;

  /// The value of `key` as a type. A missing key is an error that suggests the
  /// nearest ones. An integer is a number too; 2.0 is an integer too.
  llvm::Expected<int64_t> integer(llvm::StringRef key) const;
  llvm::Expected<double> number(llvm::StringRef key) const;
  llvm::Expected<bool> boolean(llvm::StringRef key) const;
  llvm::Expected<std::string> string(llvm::StringRef key) const;
  llvm::Expected<std::vector<int64_t>> integers(llvm::StringRef key) const;
  llvm::Expected<std::vector<double>> numbers(llvm::StringRef key) const;
  llvm::Expected<std::vector<bool>> booleans(llvm::StringRef key) const;
  llvm::Expected<std::vector<std::string>> strings(llvm::StringRef key) const;

private:
  Config(std::string file, llvm::json::Value root)
      : fileName(std::move(file)), root(std::move(root)) {}

  llvm::Expected<const llvm::json::Value *> get(llvm::StringRef key) const;
  template <typename T>
  llvm::Expected<T> read(llvm::StringRef key, llvm::StringRef wanted) const;
  template <typename T>
  llvm::Expected<std::vector<T>> readList(llvm::StringRef key,
                                          llvm::StringRef wanted) const;

  std::string fileName;
  llvm::json::Value root;
};

} // namespace heddle::weights

#endif // HEDDLE_COMPILER_WEIGHTS_CONFIG_H
