//===- SignatureNames.cpp - Which names a C interface may have ------------===//
//
// Implements validate(): a model file may call things what C and C++ cannot, and
// then the model's author must hear of it, not the one who compiles the header.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/Signature.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

namespace heddle::package {

namespace {

/// Keywords of C99 to C23 and of C++11 to C++23 and alternative operators.
const llvm::StringSet<> &keywords() {
  static const llvm::StringSet<> set = {
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool",
      "break", "case", "catch", "char", "char16_t", "char32_t", "char8_t", "class", "co_await",
      "co_return", "co_yield", "compl", "concept", "const", "const_cast", "consteval",
      "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
      "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for",
      "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept",
      "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private", "protected", "public",
      "register", "reinterpret_cast", "requires", "restrict", "return", "short", "signed",
      "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
      "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof",
      "typeof_unqual", "union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t",
      "while", "xor", "xor_eq"};
  return set;
}

/// Macros of the C library and of compilers: they would be replaced in a header.
const llvm::StringSet<> &macros() {
  static const llvm::StringSet<> set = {
      "NULL", "EOF", "assert", "errno", "linux", "unix", "i386", "stdin", "stdout", "stderr",
      "offsetof", "complex", "imaginary", "I", "NAN", "INFINITY", "HUGE_VAL", "EXIT_SUCCESS",
      "EXIT_FAILURE", "RAND_MAX", "BUFSIZ", "SIZE_MAX", "noreturn", "va_arg", "setjmp"};
  return set;
}

/// File-scope names that a model's type would clash with: what the header itself
/// uses, and what <stdio.h>, <stdlib.h>, <string.h>, <math.h>, <time.h> and
/// <unistd.h>, which nearly every program includes, declare in short words.
const llvm::StringSet<> &globals() {
  static const llvm::StringSet<> set = {
      "main", "size_t", "ptrdiff_t", "int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t",
      "uint32_t", "int64_t", "uint64_t", "intptr_t", "uintptr_t", "printf", "puts", "putc",
      "getc", "remove", "rename", "perror", "malloc", "calloc", "realloc", "free", "abort",
      "exit", "system", "abs", "labs", "div", "rand", "srand", "random", "memcpy", "memset",
      "strlen", "index", "rindex", "time", "clock", "signal", "raise", "select", "read", "write",
      "open", "close", "pipe", "link", "access", "fork", "sleep", "pause", "sync", "nice", "exp",
      "exp2", "expm1", "log", "log2", "log10", "log1p", "logb", "pow", "sqrt", "cbrt", "hypot",
      "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "erf", "erfc",
      "gamma", "lgamma", "tgamma", "ceil", "floor", "round", "rint", "trunc", "fmod", "frexp",
      "ldexp", "modf", "fabs", "fmin", "fmax", "fdim", "fma", "j0", "j1", "jn", "y0", "y1", "yn",
      "signgam", "daylight", "timezone", "environ", "std"};
  return set;
}

llvm::Error bad(const llvm::Twine &what) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), what);
}

/// A plain identifier that neither language nor a macro takes.
llvm::Error checkName(const llvm::Twine &what, llvm::StringRef name) {
  if (name.empty())
    return bad(what + " has no name");
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  if (!llvm::all_of(name, isWord) || llvm::isDigit(name.front()))
    return bad(what + " '" + name + "' is not an identifier of C");
  if (keywords().contains(name))
    return bad(what + " '" + name + "' is a keyword of C or C++; rename it");
  if (macros().contains(name))
    return bad(what + " '" + name + "' is a macro of C; rename it");
  if (name.contains("__") || (name.size() > 1 && name[0] == '_' && llvm::isUpper(name[1])))
    return bad(what + " '" + name + "' is reserved in C and C++ for their libraries; rename it");
  return llvm::Error::success();
}

/// Names in one scope of C, and what has each.
class Scope {
public:
  llvm::Error add(llvm::StringRef name, const std::string &owner, const std::string &where = "") {
    auto [it, isNew] = owners.try_emplace(name, owner);
    if (isNew)
      return llvm::Error::success();
    return bad(owner + " and " + it->second + where + " would both be called '" + name +
               "' in C; rename one");
  }

private:
  llvm::StringMap<std::string> owners;
};

llvm::Error checkFields(const Entry &entry) {
  Scope fields;
  std::string where = " of entry '" + entry.name + "'";
  auto add = [&](const char *kind, llvm::StringRef name) -> llvm::Error {
    if (llvm::Error error = checkName(kind + where + ":", name))
      return error;
    return fields.add(name, kind + (" '" + name + "'").str(), where);
  };
  if (llvm::Error error = fields.add("message", "the error message"))
    return error;
  for (const Dim &dim : entry.dims)
    if (llvm::Error error = add("dimension", dim.name))
      return error;
  for (const Value &param : entry.params)
    if (llvm::Error error = add("parameter", param.name))
      return error;
  for (const OutputDim &dim : entry.outputDims)
    if (llvm::Error error = add("dimension", dim.name))
      return error;
  for (const Value &result : entry.results) {
    if (result.name.empty() && entry.results.size() > 1)
      return bad("entry '" + entry.name + "' has several results; each needs a name");
    if (llvm::Error error = add("result", result.name.empty() ? "result" : result.name))
      return error;
  }
  return llvm::Error::success();
}

} // namespace

llvm::Error validate(const Signature &signature) {
  const std::string &model = signature.name;
  if (llvm::Error error = checkName("model", model))
    return error;
  if (globals().contains(model) || llvm::StringRef(model).starts_with("hd1_") ||
      llvm::StringRef(model).starts_with("heddle_"))
    return bad("model '" + model + "' has a name that C programs use for something else; rename it");

  Scope globalNames;
  const std::pair<std::string, const char *> own[] = {
      {model, "the model"},
      {model + "_options", "the type of the model's options"},
      {model + "_open", "the function that opens the model"},
      {model + "_close", "the function that closes the model"},
      {model + "_target", "the function that names the instruction set"},
      {model + "_abi", "the function that returns the interface's hash"},
      {abiSymbol(signature), "the symbol of the interface"}};
  for (const auto &[name, owner] : own)
    if (llvm::Error error = globalNames.add(name, owner))
      return error;
  for (const Entry &entry : signature.entries) {
    if (entry.name.empty())
      return bad("model '" + model + "' has an entry without a name");
    // An entry's C name begins with the model's, so a keyword does no harm.
    std::string function = model + "_" + entry.name;
    if (llvm::Error error = checkName("entry", function))
      return error;
    std::string owner = "entry '" + entry.name + "'";
    for (const char *suffix : {"", "_args", "_workspace"})
      if (llvm::Error error = globalNames.add(function + suffix, owner))
        return error;
    if (llvm::Error error = checkFields(entry))
      return error;
  }
  return llvm::Error::success();
}

} // namespace heddle::package
