//===- Explain.cpp - heddle explain ---------------------------------------===//
//
// Prints what driver::explain collects: as tables for people, with the numbers at the
// sizes of the model's example, or as one JSON document with the formulas as well.
//
//===----------------------------------------------------------------------===//

#include "tools/heddle/Session.h"

#include "compiler/Driver/Explanation.h"
#include "compiler/Driver/Work.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

namespace heddle::tool {

using driver::Place;
using llvm::json::Array;
using llvm::json::Object;

namespace {

struct Explainer {
  const driver::Explanation &all;
  std::vector<reference::DimValues> dims; ///< of each entry

  void print(llvm::raw_ostream &os) const;
  llvm::json::Value json() const;
};

//===----------------------------------------------------------------------===//
// For people
//===----------------------------------------------------------------------===//

/// Rows of cells in columns of their widest; the first row is the heads. What is right
/// aligned are numbers.
class Table {
public:
  /// A letter for each column: l or r.
  explicit Table(llvm::StringRef alignment) : alignment(alignment) {}
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  void print(llvm::raw_ostream &os) const {
    std::vector<size_t> widths(alignment.size());
    for (const auto &row : rows)
      for (auto [i, cell] : llvm::enumerate(row))
        widths[i] = std::max(widths[i], cell.size());
    for (const auto &row : rows) {
      std::string line = "  ";
      for (auto [i, cell] : llvm::enumerate(row)) {
        size_t gap = widths[i] - cell.size();
        line += alignment[i] == 'r' ? std::string(gap, ' ') + cell : cell + std::string(gap, ' ');
        line += "  ";
      }
      os << llvm::StringRef(line).rtrim() << "\n";
    }
  }

private:
  llvm::StringRef alignment;
  std::vector<std::vector<std::string>> rows;
};

/// "12 B", "3.4 kB", "1.23 GB": three digits and a unit.
std::string amount(std::optional<double> value, llvm::StringRef unit) {
  if (!value)
    return "?";
  constexpr const char *kPrefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  double number = *value;
  unsigned prefix = 0;
  while (number >= 999.5 && prefix < 6) {
    number /= 1000;
    ++prefix;
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  const char *format = prefix == 0 || number >= 99.5 ? "%.0f" : number >= 9.95 ? "%.1f" : "%.2f";
  os << llvm::format(format, number) << " " << kPrefixes[prefix] << unit;
  return text;
}

std::optional<double> asDouble(std::optional<int64_t> value) {
  return value ? std::optional<double>(double(*value)) : std::nullopt;
}

/// Multiplications and additions; "-" for what multiplies nothing.
std::string work(Dim products, const reference::DimValues &dims) {
  if (products.isValid() && products.isConstant(0))
    return "-";
  std::optional<int64_t> value = driver::evaluate(products, dims);
  return amount(value ? std::optional<double>(2.0 * double(*value)) : std::nullopt, "FLOP");
}

std::string formula(Dim dim) { return dim.isValid() ? dim.str() : "?"; }

/// "minilm.heddle:30, 31 (encoder.layer.0)": lines of a file and a scope together.
std::string placesText(llvm::ArrayRef<Place> places) {
  std::string text;
  const Place *last = nullptr;
  llvm::StringRef lastScope;
  auto close = [&] { return lastScope.empty() ? std::string() : " (" + lastScope.str() + ")"; };
  for (const Place &place : places) {
    auto [file, line] = llvm::StringRef(place.line).rsplit(':');
    bool isSame = last && last->scope == place.scope && llvm::StringRef(last->line).rsplit(':').first == file;
    if (isSame) {
      text += ", " + line.str();
    } else {
      text += (last ? close() + "; " : "") + place.line;
    }
    last = &place;
    lastScope = place.scope;
  }
  return text + (last ? close() : "");
}

std::string placeText(const std::vector<Place> &places) {
  return places.empty() ? "?" : placesText(llvm::ArrayRef(places).take_front());
}

void printCalls(const driver::ExplainedEntry &entry, const reference::DimValues &dims, llvm::raw_ostream &os) {
  Table table("rllrrrl");
  table.add({"call", "kernel", "sizes", "work", "read", "written", "computes"});
  for (auto [i, call] : llvm::enumerate(entry.calls)) {
    std::string sizes;
    for (const auto &[name, dim] : call.sizes) {
      std::optional<int64_t> value = driver::evaluate(dim, dims);
      sizes += (sizes.empty() ? "" : ", ") + name + " = " + (dim.isSymbol() && dim.getSymbol() == name ? "" : dim.str() + " = ") +
               (value ? std::to_string(*value) : "?");
    }
    table.add({std::to_string(i), call.kernel, sizes, work(call.products, dims),
               amount(asDouble(driver::evaluate(call.read, dims)), "B"),
               amount(asDouble(driver::evaluate(call.written, dims)), "B"), placesText(call.places)});
  }
  table.print(os);
}

void printSlots(const driver::ExplainedEntry &entry, const reference::DimValues &dims, llvm::raw_ostream &os) {
  os << "\nworkspace of " << entry.name << ": " << formula(entry.workspace) << " bytes = "
     << amount(asDouble(driver::evaluate(entry.workspace, dims)), "B") << "\n";
  if (entry.slots.empty())
    return;
  Table table("rlrl");
  table.add({"buffer", "bytes", "", "results of calls"});
  for (auto [i, slot] : llvm::enumerate(entry.slots)) {
    std::string calls;
    for (size_t call : slot.calls)
      calls += (calls.empty() ? "" : ", ") + std::to_string(call);
    table.add({std::to_string(i), formula(slot.bytes), amount(asDouble(driver::evaluate(slot.bytes, dims)), "B"), calls});
  }
  table.print(os);
}

/// Decisions for one reason, with the lines that they are about.
struct MissedLines {
  std::string reason, suggestion;
  std::vector<std::pair<std::string, unsigned>> lines; ///< and how often
};

/// The element of `all` for which `isSame`, made with `fresh` if there is none.
template <typename T, typename F>
T &findOrAdd(std::vector<T> &all, F isSame, T fresh) {
  auto found = llvm::find_if(all, isSame);
  return found == all.end() ? all.emplace_back(std::move(fresh)) : *found;
}

/// The same decision at the same lines is one line: a block is called for each layer.
void printMissed(const driver::ExplainedEntry &entry, llvm::ArrayRef<std::pair<llvm::StringRef, llvm::StringRef>> headings,
                 llvm::raw_ostream &os) {
  for (auto [category, heading] : headings) {
    std::vector<MissedLines> byReason;
    for (const driver::Remark &remark : entry.missed) {
      if (remark.category != category)
        continue;
      std::vector<Place> at = driver::placesOf(remark.at), with;
      if (remark.with)
        with = driver::placesOf(*remark.with);
      // Without their scopes, which differ from layer to layer.
      for (std::vector<Place> *places : {&at, &with})
        for (Place &place : *places)
          place.scope.clear();
      std::string where = placeText(at) + (with.empty() ? "" : " and " + placeText(with));
      MissedLines &reason = findOrAdd(
          byReason, [&](const MissedLines &m) { return m.reason == remark.reason && m.suggestion == remark.suggestion; },
          MissedLines{remark.reason, remark.suggestion, {}});
      ++findOrAdd(reason.lines, [&](const auto &line) { return line.first == where; }, {where, 0u}).second;
    }
    if (byReason.empty())
      continue;
    os << "\n" << heading << " in " << entry.name << "\n";
    for (const MissedLines &missed : byReason) {
      os << "  " << missed.reason << "\n    to change it: " << missed.suggestion << "\n";
      for (const auto &[where, count] : missed.lines)
        os << "    " << where << (count > 1 ? " (" + std::to_string(count) + " times)" : "") << "\n";
    }
  }
}

void Explainer::print(llvm::raw_ostream &os) const {
  for (auto [entry, dims] : llvm::zip(all.entries, dims)) {
    os << "entry " << entry.name;
    for (const auto &[name, value] : dims)
      os << ", " << name << " = " << value;
    os << "\n";
    printCalls(entry, dims, os);
    printSlots(entry, dims, os);
    printMissed(entry,
                {{"fusion", "not fused"},
                 {"inline", "stored, not computed where it is read,"},
                 {"tiles", "sums of products that are no contractions"},
                 {"rows", "leading axes apart"},
                 {"copy", "copied"}},
                os);
    os << "\n";
  }
  os << "kernels, for " << all.target << "\n";
  Table table("lllll");
  table.add({"kernel", "kind", "work", "loops", "computes"});
  for (const driver::ExplainedKernel &kernel : all.kernels) {
    bool multiplies = !(kernel.products.isValid() && kernel.products.isConstant(0));
    std::string ops;
    for (const driver::ExplainedOp &op : kernel.ops)
      ops += (ops.empty() ? "" : "; ") + op.what + " " + op.place.line;
    table.add({kernel.name, kernel.kind, multiplies ? formula(kernel.products * 2) : "-", kernel.schedule, ops});
  }
  table.print(os);

  uint64_t weights = 0, tables = 0;
  size_t numWeights = 0, numTables = 0;
  for (const driver::ExplainedWeight &weight : all.weights) {
    (weight.isTable ? tables : weights) += weight.bytes;
    ++(weight.isTable ? numTables : numWeights);
  }
  os << "\nmemory\n";
  Table memory("lrl");
  memory.add({"weights", amount(weights, "B"), std::to_string(numWeights) + " tensors"});
  memory.add({"tables", amount(tables, "B"), std::to_string(numTables) + ", computed when the model is compiled"});
  memory.add({"packed", amount(all.weightsSize, "B"), "both, as they lie in the archive or the weights file"});
  memory.add({"code", amount(all.codeSize, "B"), "objects of kernels and entries"});
  memory.print(os);
}

//===----------------------------------------------------------------------===//
// For machines
//===----------------------------------------------------------------------===//

llvm::json::Value valueOf(std::optional<int64_t> value) { return value ? llvm::json::Value(*value) : llvm::json::Value(nullptr); }

/// {formula, value}; the value is null without sizes or where it overflows.
Object quantity(Dim dim, const reference::DimValues &dims, int64_t factor = 1) {
  if (dim.isValid())
    dim = dim * factor;
  return Object{{"formula", formula(dim)}, {"value", valueOf(driver::evaluate(dim, dims))}};
}

llvm::json::Value place(const Place &place) {
  return Object{{"line", jsonText(place.line)},
                {"scope", place.scope.empty() ? llvm::json::Value(nullptr) : llvm::json::Value(jsonText(place.scope))}};
}

llvm::json::Value firstPlace(std::optional<mlir::Location> location) {
  std::vector<Place> places;
  if (location)
    places = driver::placesOf(*location);
  return places.empty() ? llvm::json::Value(nullptr) : place(places.front());
}

Object entryJson(const driver::ExplainedEntry &entry, const reference::DimValues &dims) {
  Object sizes;
  for (const auto &[name, value] : dims)
    sizes[name] = value;
  Array calls, buffers, missed;
  for (const driver::ExplainedCall &call : entry.calls) {
    Object callSizes;
    for (const auto &[name, dim] : call.sizes)
      callSizes[name] = quantity(dim, dims);
    Array places;
    for (const Place &each : call.places)
      places.push_back(place(each));
    calls.push_back(Object{{"kernel", call.kernel}, {"sizes", std::move(callSizes)}, {"flop", quantity(call.products, dims, 2)},
                           {"read_bytes", quantity(call.read, dims)}, {"written_bytes", quantity(call.written, dims)},
                           {"places", std::move(places)}});
  }
  for (const driver::ExplainedSlot &slot : entry.slots) {
    Array of;
    for (size_t call : slot.calls)
      of.push_back(int64_t(call));
    buffers.push_back(Object{{"bytes", quantity(slot.bytes, dims)}, {"calls", std::move(of)}});
  }
  for (const driver::Remark &remark : entry.missed)
    missed.push_back(Object{{"category", remark.category}, {"name", remark.name}, {"reason", remark.reason},
                            {"suggestion", remark.suggestion}, {"at", firstPlace(remark.at)}, {"with", firstPlace(remark.with)}});
  return Object{{"name", entry.name}, {"dims", std::move(sizes)}, {"calls", std::move(calls)},
                {"workspace_bytes", quantity(entry.workspace, dims)}, {"buffers", std::move(buffers)}, {"missed", std::move(missed)}};
}

llvm::json::Value Explainer::json() const {
  Array entries, kernels, weights;
  for (auto [entry, dims] : llvm::zip(all.entries, dims))
    entries.push_back(entryJson(entry, dims));
  for (const driver::ExplainedKernel &kernel : all.kernels) {
    Array ops;
    for (const driver::ExplainedOp &op : kernel.ops)
      ops.push_back(Object{{"what", op.what}, {"at", place(op.place)}});
    kernels.push_back(Object{{"name", kernel.name}, {"kind", kernel.kind}, {"loops", kernel.schedule},
                             {"flop", formula(kernel.products.isValid() ? kernel.products * 2 : Dim())},
                             {"read_bytes", formula(kernel.read)}, {"written_bytes", formula(kernel.written)},
                             {"ops", std::move(ops)}});
  }
  for (const driver::ExplainedWeight &weight : all.weights) {
    Array paths;
    for (const std::string &path : weight.paths)
      paths.push_back(jsonText(path));
    weights.push_back(Object{{"paths", std::move(paths)}, {"is_table", weight.isTable}, {"type", weight.type},
                             {"bytes", int64_t(weight.bytes)}});
  }
  return Object{{"target", all.target}, {"entries", std::move(entries)}, {"kernels", std::move(kernels)},
                {"weights", std::move(weights)}, {"packed_bytes", int64_t(all.weightsSize)}, {"code_bytes", int64_t(all.codeSize)}};
}

} // namespace

int explainCommand(const Arguments &arguments) {
  Session session(arguments);
  std::vector<driver::Remark> remarks;
  driver::collectRemarks(session.model.context, remarks);
  if (int code = session.load())
    return code;
  if (!arguments.entry.empty())
    if (int code = session.chooseEntry())
      return code;
  std::vector<reference::DimValues> dims;
  for (auto entry : session.model.module->getOps<mlir::func::FuncOp>()) {
    auto sizes = exampleSizes(entry, arguments);
    if (!sizes)
      return fail(sizes.takeError());
    if (llvm::Error error = checkInputs(entry, {}, *sizes)) // the bounds of the sizes
      return fail(std::move(error));
    dims.push_back(std::move(*sizes));
  }
  if (int code = session.lower())
    return code;
  if (llvm::Error error = driver::checkSupported(session.model))
    return fail(std::move(error));
  auto objects = driver::compileObjects(session.model);
  if (!objects)
    return fail(objects.takeError(), kInternalError);
  driver::Explanation explanation = driver::explain(session.model, *objects, remarks);
  clearProgress();
  Explainer explainer{explanation, std::move(dims)};
  if (arguments.json)
    llvm::outs() << explainer.json() << "\n";
  else
    explainer.print(llvm::outs());
  return 0;
}

} // namespace heddle::tool
