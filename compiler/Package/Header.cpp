//===- Header.cpp - Prints the generated C header -------------------------===//
//
// Implements printHeader(). The header is read by people before it is read by
// compilers: comments say what the caller must give, what comes back, who owns
// what, and how much memory a call needs.
//
// Types that all models share stand between guards of their own, so that headers
// of several models, and of several versions of the ABI, can be included
// together. Such a block never changes; a new version adds a block.
//
//===----------------------------------------------------------------------===//

#include "compiler/Package/Header.h"

#include "runtime/include/heddle/abi.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace heddle::package {

namespace {

constexpr size_t kWidth = 80;

struct StatusInfo {
  const char *name;
  int code;
  const char *sentence;
};
constexpr StatusInfo kStatuses[] = {
#define STATUS(name, code, sentence) {#name, code, sentence},
    HEDDLE_STATUS_LIST(STATUS)
#undef STATUS
};

/// Text that can stand in a comment: it neither ends it nor seems to begin one,
/// and control characters are blanks.
std::string commentText(llvm::StringRef text) {
  std::string out;
  for (char c : text) {
    if (!out.empty() && ((out.back() == '*' && c == '/') || (out.back() == '/' && c == '*')))
      out += ' ';
    out += (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f ? ' ' : c;
  }
  return out;
}

/// Lines of at most `width` columns, cut at blanks where there are any.
llvm::SmallVector<std::string> wrap(llvm::StringRef line, size_t width) {
  llvm::SmallVector<std::string> lines;
  while (line.size() > width) {
    size_t cut = line.rfind(' ', width);
    if (cut == llvm::StringRef::npos || line.take_front(cut).trim().empty())
      cut = line.find(' ', width);
    if (cut == llvm::StringRef::npos)
      break;
    lines.push_back(line.take_front(cut).str());
    line = line.drop_front(cut + 1);
  }
  lines.push_back(line.str());
  return lines;
}

/// A comment block of whole lines. Lines of `text` stay lines, but long ones are
/// wrapped.
void printComment(llvm::raw_ostream &os, llvm::StringRef text) {
  std::string safe = commentText(text.trim('\n'));
  llvm::SmallVector<std::string> lines;
  llvm::SmallVector<llvm::StringRef> given;
  llvm::StringRef(safe).split(given, '\n');
  for (llvm::StringRef line : given)
    lines.append(wrap(line.rtrim(), kWidth - 3));
  for (auto [i, line] : llvm::enumerate(lines))
    os << (i == 0 ? "/*" : " *") << (line.empty() ? "" : " ") << line
       << (i + 1 == lines.size() ? " */\n" : "\n");
}

/// The types that all models share.
void printCommon(llvm::raw_ostream &os) {
  os << R"(#ifndef HEDDLE_STATUS_1
#define HEDDLE_STATUS_1
/* What a call returns. When an entry returns anything but HEDDLE_OK, the message
 * in its arguments says why, and its results are unspecified. */
typedef int32_t heddle_status;
enum {
)";
  size_t last = std::size(kStatuses) - 1;
  for (auto [i, status] : llvm::enumerate(kStatuses)) {
    std::string left = llvm::formatv("  HEDDLE_{0} = {1}{2}", status.name, status.code,
                                     i == last ? "" : ",");
    os << llvm::formatv("{0,-36}/* {1} */\n", left, status.sentence);
  }
  os << R"(};

/* A status in words. */
static inline const char *heddle_status_text(heddle_status status) {
  switch (status) {
)";
  for (const StatusInfo &status : kStatuses)
    os << "  case HEDDLE_" << status.name << ": return \"" << status.sentence << "\";\n";
  os << R"(  default: return "not a status of this version";
  }
}

/* A task, and a function of yours that runs tasks on threads of your own: it
 * calls task(argument, i) once for each i in 0 .. count - 1, in any order, on any
 * threads, and returns when all calls have returned: 0 if each of them did. */
typedef int (*heddle_task)(void *argument, int index);
typedef int (*heddle_parallel)(void *context, heddle_task task, void *argument,
                               int count);

/* Workspaces begin at a multiple of this many bytes. */
)";
  os << "#define HEDDLE_WORKSPACE_ALIGNMENT " << HEDDLE_WORKSPACE_ALIGNMENT << "\n"
     << "#endif /* HEDDLE_STATUS_1 */\n";
}

/// The handle, the options, and how a model is opened and closed.
void printModel(llvm::raw_ostream &os, const Signature &signature) {
  os << llvm::formatv(R"(
/* An open model. It belongs to you until {0}_close. It runs one call at a time;
 * for calls at the same time open it several times: the weights are shared. */
typedef struct {0} {0};

/* How a model runs. Set all of it to 0 first, then what you want. */
typedef struct {{
  int32_t threads;          /* 1 .. {1}, yours among them; 0 means 1 */
  int32_t trust_weights;    /* 1: weights given below are not read through to be compared
                             * with their checksum */
  heddle_parallel parallel; /* your own threads instead, or NULL */
  void *parallel_context;   /* the first argument of parallel */
  const char *target;       /* the instruction set, such as "x86-64-v3"; NULL: what the
                             * environment's HEDDLE_TARGET says, else the best that the
                             * processor and the object have */
  const char *weights_file; /* the path of the weights file, if there is one */
  const void *weights;      /* or its contents, aligned to 64 bytes; yours, until {0}_close */
  uint64_t weights_size;    /* bytes of these contents */
  char message[{4}];        /* why the model was not opened; "" after success */
} {0}_options;

/* The object that belongs to this header defines this symbol, and no object of
 * another interface does: with one of those, the program does not link. What it
 * does is open the model, so no program can do without it. */
heddle_status {2}({0} **model, {0}_options *options);

/* Opens the model and starts its threads; options NULL: one thread, yours. On
 * failure *model is NULL. Close what you opened. The object has a function of
 * this name too, for other languages, which can compare {0}_abi(). */
static inline heddle_status {0}_open({0} **model, {0}_options *options) {{
  return {2}(model, options);
}

/* Ends the threads and frees the handle; NULL is allowed. */
void {0}_close({0} *model);

/* The instruction set that the model runs with, such as "x86-64-v3". Within one of
 * them results never differ in a bit; between two they may, in the last places. */
const char *{0}_target(const {0} *model);

/* The interface that the object was made with: {3} if it is this one. */
uint64_t {0}_abi(void);
)",
                      signature.name, HD1_MAX_THREADS, abiSymbol(signature),
                      "0x" + llvm::utohexstr(signature.abiHash, /*LowerCase=*/true, 16),
                      HEDDLE_MESSAGE_SIZE);
}

std::string shapeText(const Value &value) {
  std::string text;
  for (const std::string &extent : value.shape)
    text += "[" + extent + "]";
  return text;
}

/// What stands behind a field.
std::string fieldComment(const Entry &entry, const Field &field) {
  auto join = [](std::string text, const std::string &doc) {
    if (doc.empty())
      return text;
    return text.empty() ? doc : text + "; " + doc;
  };
  switch (field.kind) {
  case Field::DimField: {
    const Dim &dim = entry.dims[field.index];
    std::string text = std::to_string(dim.least) + " .. " + std::to_string(dim.most);
    return dim.mostName.empty() ? text : text + " (" + dim.mostName + ")";
  }
  case Field::OutputDimField:
    return "written by the call: " + entry.outputDims[field.index].range;
  case Field::MessageField:
    return "why a call failed; \"\" after success";
  case Field::ParamField:
  case Field::ResultField:
    break;
  }
  bool isParam = field.kind == Field::ParamField;
  const Value &value = isParam ? entry.params[field.index] : entry.results[field.index];
  std::string text = shapeText(value);
  auto more = [&](const std::string &s) { text += text.empty() ? s : ", " + s; };
  if (value.type == ElementType::Bool)
    more(isParam ? "0 is false, all else true" : "0 or 1");
  if (value.type == ElementType::F16 || value.type == ElementType::BF16)
    more(elementName(value.type).str() + " as bits");
  if (value.most)
    more("0 .. " + *value.most);
  if (!isParam && value.shape.empty())
    more("written by the call");
  return join(text, value.doc);
}

void printArgs(llvm::raw_ostream &os, const std::string &function, const Entry &entry) {
  ArgsLayout layout = layOutArgs(entry);
  llvm::SmallVector<std::string> declarations;
  size_t width = 0;
  for (const Field &field : layout.fields) {
    std::string text = field.cType;
    if (!field.isPointer)
      text += ' ';
    text += field.name;
    if (field.kind == Field::MessageField)
      text += "[" + std::to_string(HEDDLE_MESSAGE_SIZE) + "]";
    declarations.push_back(text + ";");
    if (text.size() < 36)
      width = std::max(width, text.size() + 1);
  }
  os << "typedef struct {\n";
  for (auto [declaration, field] : llvm::zip(declarations, layout.fields)) {
    std::string comment = commentText(fieldComment(entry, field));
    std::replace(comment.begin(), comment.end(), '\n', ' ');
    os << "  " << declaration;
    if (!comment.empty() && declaration.size() < width)
      os.indent(width - declaration.size());
    os << (comment.empty() ? "\n" : " /* " + comment + " */\n");
  }
  os << "} " << function << "_args;\n\n";
}

void printEntry(llvm::raw_ostream &os, const std::string &model, const Entry &entry) {
  std::string function = model + "_" + entry.name;
  os << "\n/*===- " << entry.name << " ";
  for (size_t column = 8 + entry.name.size(); column < kWidth - 5; ++column)
    os << '-';
  os << "===*/\n\n";

  std::string about;
  if (!entry.doc.empty())
    about = entry.name + ": " + llvm::StringRef(entry.doc).trim().str() + "\n\n";
  about += "All tensors are yours, dense and row-major; they may not overlap results.";
  if (!entry.facts.empty())
    about += "\nMust hold: " + llvm::join(entry.facts, ", ") + ".";
  if (!entry.example.empty())
    about += "\nExample: " + entry.example + ".";
  printComment(os, about);
  printArgs(os, function, entry);

  printComment(os, "Bytes of workspace that a call with these dimensions needs, exactly:\n    " +
                       entry.workspace +
                       "\nFor dimensions outside their bounds the value means nothing.");
  os << "size_t " << function << "_workspace(";
  if (entry.dims.empty())
    os << "void";
  llvm::interleaveComma(entry.dims, os, [&](const Dim &dim) { os << "int64_t " << dim.name; });
  os << ");\n\n";

  printComment(os, "Runs " + entry.name +
                       ". The workspace is yours, aligned to HEDDLE_WORKSPACE_ALIGNMENT "
                       "bytes, its contents are never read between calls. Nothing is allocated, "
                       "nothing printed; args and workspace are not kept.");
  std::string head = "heddle_status " + function + "(";
  std::string pad(head.size(), ' ');
  os << head << "const " << model << " *model, " << function << "_args *args,\n"
     << pad << "void *workspace, size_t workspace_size);\n";
}

} // namespace

std::string printHeader(const Signature &signature) {
  const std::string &model = signature.name;
  // As it is written: names that differ in case alone are two models.
  std::string guard = "HEDDLE_MODEL_" + model + "_H";
  std::string text;
  llvm::raw_string_ostream os(text);
  std::string title = model + ".h - the model " + model + ", compiled by Heddle.";
  if (!signature.doc.empty())
    title += "\n\n" + llvm::StringRef(signature.doc).trim('\n').str();
  title += "\n\nLink the object of the same name, with -lm -lpthread.";
  if (!signature.weightsFile.empty())
    title += "\nIts weights are in " + signature.weightsFile +
             ": name its path in the options when you open the model.";
  printComment(os, title);
  os << "\n#ifndef " << guard << "\n#define " << guard << "\n\n"
     << "#include <stddef.h>\n#include <stdint.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  printCommon(os);

  printModel(os, signature);
  for (const Entry &entry : signature.entries)
    printEntry(os, model, entry);
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
  return text;
}

} // namespace heddle::package
