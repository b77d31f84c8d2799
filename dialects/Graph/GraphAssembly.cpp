//===- GraphAssembly.cpp - The graph dialect as text ----------------------===//
//
// Parsing and printing of dimensions, index spaces and types, and the generated
// code that calls it.
//
//===----------------------------------------------------------------------===//

#include "dialects/Graph/GraphOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

namespace {

/// The grammar of Dim::parse over MLIR's tokens.
struct DimReader {
  AsmParser &parser;
  unsigned depth = 0;
  static constexpr unsigned kMaxDepth = 64;

  FailureOr<Dim> checked(SMLoc loc, Dim dim) {
    if (dim)
      return dim;
    return parser.emitError(loc, "dimension divides by zero or is too large"),
           failure();
  }

  FailureOr<Dim> sum() {
    SMLoc loc = parser.getCurrentLocation();
    if (++depth > kMaxDepth)
      return parser.emitError(loc, "dimension is nested too deeply"), failure();
    FailureOr<Dim> result = product();
    while (succeeded(result)) {
      bool plus = succeeded(parser.parseOptionalPlus());
      if (!plus && failed(parser.parseOptionalMinus()))
        break;
      FailureOr<Dim> other = product();
      if (failed(other))
        return failure();
      result = checked(loc, plus ? *result + *other : *result - *other);
    }
    --depth;
    return result;
  }

  FailureOr<Dim> product() {
    SMLoc loc = parser.getCurrentLocation();
    FailureOr<Dim> result = unary();
    while (succeeded(result)) {
      enum { Times, FloorDiv, Mod } op;
      if (succeeded(parser.parseOptionalStar()))
        op = Times;
      else if (succeeded(parser.parseOptionalKeyword("floordiv")))
        op = FloorDiv;
      else if (succeeded(parser.parseOptionalKeyword("mod")))
        op = Mod;
      else
        break;
      FailureOr<Dim> other = unary();
      if (failed(other))
        return failure();
      result = checked(loc, op == Times      ? *result * *other
                            : op == FloorDiv ? Dim::floorDiv(*result, *other)
                                             : Dim::mod(*result, *other));
    }
    return result;
  }

  FailureOr<Dim> unary() {
    bool negative = succeeded(parser.parseOptionalMinus());
    FailureOr<Dim> result = primary();
    if (succeeded(result) && negative)
      return -*result;
    return result;
  }

  FailureOr<Dim> primary() {
    SMLoc loc = parser.getCurrentLocation();
    if (succeeded(parser.parseOptionalLParen())) {
      FailureOr<Dim> inner = sum();
      if (failed(inner) || parser.parseRParen())
        return failure();
      return inner;
    }
    int64_t value;
    OptionalParseResult integer = parser.parseOptionalInteger(value);
    if (integer.has_value()) {
      if (failed(*integer))
        return failure();
      return checked(loc, Dim::constant(value));
    }
    StringRef word;
    if (failed(parser.parseOptionalKeyword(&word)))
      return parser.emitError(loc, "expected a dimension"), failure();
    if (word == "min" || word == "max") {
      if (parser.parseLParen())
        return failure();
      FailureOr<Dim> a = sum();
      if (failed(a) || parser.parseComma())
        return failure();
      FailureOr<Dim> b = sum();
      if (failed(b) || parser.parseRParen())
        return failure();
      return checked(loc, word == "min" ? Dim::min(*a, *b) : Dim::max(*a, *b));
    }
    Dim symbol = Dim::symbol(word);
    if (!symbol)
      return parser.emitError(loc, "'") << word << "' cannot name a dimension",
             failure();
    return symbol;
  }
};

} // namespace

FailureOr<Dim> heddle::graph::parseDim(AsmParser &parser) {
  return DimReader{parser}.sum();
}

static ParseResult parseDimValue(OpAsmParser &parser, DimAttr &attr) {
  FailureOr<Dim> dim = DimReader{parser}.sum();
  if (failed(dim))
    return failure();
  attr = DimAttr::get(parser.getContext(), *dim);
  return success();
}

static void printDimValue(OpAsmPrinter &printer, Operation *, DimAttr attr) {
  attr.getValue().print(printer.getStream(), /*words=*/true);
}

//===----------------------------------------------------------------------===//
// Index spaces: [b: B, (h: 12, d: 32)] over [k: 384]
//===----------------------------------------------------------------------===//

static ParseResult parseIndex(AsmParser &parser, SmallVectorImpl<IndexAttr> &indices) {
  std::string name;
  if (parser.parseKeywordOrString(&name) || parser.parseColon())
    return failure();
  FailureOr<Dim> extent = DimReader{parser}.sum();
  if (failed(extent))
    return failure();
  indices.push_back(IndexAttr::get(parser.getContext(), name, *extent));
  return success();
}

static void printIndex(AsmPrinter &printer, IndexAttr index) {
  printer.printKeywordOrString(index.getName());
  printer << ": ";
  index.getExtent().print(printer.getStream(), /*words=*/true);
}

static void printIndexList(AsmPrinter &printer, ArrayRef<IndexAttr> indices) {
  printer << '[';
  llvm::interleaveComma(indices, printer,
                        [&](IndexAttr index) { printIndex(printer, index); });
  printer << ']';
}

static FailureOr<IndicesAttr> parseIndexList(AsmParser &parser) {
  SmallVector<IndexAttr> indices;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                     [&] { return parseIndex(parser, indices); }))
    return failure();
  return IndicesAttr::get(parser.getContext(), indices);
}

Attribute IndicesAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return Attribute();
  FailureOr<IndicesAttr> indices = parseIndexList(parser);
  if (failed(indices) || parser.parseGreater())
    return Attribute();
  return *indices;
}

void IndicesAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printIndexList(printer, getList());
  printer << '>';
}

static ParseResult parseIndexSpace(OpAsmParser &parser, IndicesAttr &attr,
                                   DenseI32ArrayAttr &axesAttr) {
  SmallVector<IndexAttr> indices;
  SmallVector<int32_t> axes;
  auto parseAxis = [&]() -> ParseResult {
    size_t before = indices.size();
    if (succeeded(parser.parseOptionalLParen())) {
      if (parser.parseCommaSeparatedList([&] { return parseIndex(parser, indices); }) ||
          parser.parseRParen())
        return failure();
    } else if (parseIndex(parser, indices)) {
      return failure();
    }
    axes.push_back(indices.size() - before);
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseAxis))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("over")))
    if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square,
                                       [&] { return parseIndex(parser, indices); }))
      return failure();
  attr = IndicesAttr::get(parser.getContext(), indices);
  axesAttr = DenseI32ArrayAttr::get(parser.getContext(), axes);
  return success();
}

static void printIndexSpace(OpAsmPrinter &printer, Operation *, IndicesAttr attr,
                            DenseI32ArrayAttr axesAttr) {
  ArrayRef<IndexAttr> rest = attr.getList();
  printer << '[';
  llvm::interleaveComma(axesAttr.asArrayRef(), printer, [&](int32_t size) {
    // Also IR that does not verify is printed, for its diagnostics.
    size_t count = std::clamp<int64_t>(size, 0, rest.size());
    if (count != 1)
      printer << '(';
    llvm::interleaveComma(rest.take_front(count), printer,
                          [&](IndexAttr index) { printIndex(printer, index); });
    if (count != 1)
      printer << ')';
    rest = rest.drop_front(count);
  });
  printer << ']';
  if (rest.empty())
    return;
  printer << " over ";
  printIndexList(printer, rest);
}

static ParseResult parseBoundIndices(OpAsmParser &parser, IndicesAttr &attr) {
  FailureOr<IndicesAttr> indices = parseIndexList(parser);
  if (failed(indices))
    return failure();
  attr = *indices;
  return success();
}

static void printBoundIndices(OpAsmPrinter &printer, Operation *, IndicesAttr attr) {
  printIndexList(printer, attr.getList());
}

static ParseResult parseAlong(OpAsmParser &parser, DenseI32ArrayAttr &along,
                              IndicesAttr indices) {
  SmallVector<int32_t> positions;
  auto parseName = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    std::string name;
    if (parser.parseKeywordOrString(&name))
      return failure();
    for (auto [position, index] : llvm::enumerate(indices.getList()))
      if (index.getName() == name) {
        positions.push_back(position);
        return success();
      }
    return parser.emitError(loc, "'") << name << "' is not an index of this op";
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseName))
    return failure();
  along = DenseI32ArrayAttr::get(parser.getContext(), positions);
  return success();
}

static void printAlong(OpAsmPrinter &printer, Operation *, DenseI32ArrayAttr along,
                       IndicesAttr indices) {
  printer << '[';
  llvm::interleaveComma(along.asArrayRef(), printer, [&](int32_t position) {
    if (position >= 0 && size_t(position) < indices.getList().size())
      printer.printKeywordOrString(indices.getList()[position].getName());
    else
      printer << '"' << position << '"';
  });
  printer << ']';
}

//===----------------------------------------------------------------------===//
// Paths of weights: "a.b", ["a.0", "a.1"] or joined ["a", "b"]
//===----------------------------------------------------------------------===//

static ParseResult parsePaths(OpAsmParser &parser, ArrayAttr &paths, UnitAttr &stacked) {
  Builder builder(parser.getContext());
  SmallVector<Attribute> list;
  auto parsePath = [&]() -> ParseResult {
    std::string path;
    if (parser.parseString(&path))
      return failure();
    list.push_back(builder.getStringAttr(path));
    return success();
  };
  bool joined = succeeded(parser.parseOptionalKeyword("joined"));
  if (joined ? succeeded(parser.parseLSquare()) : succeeded(parser.parseOptionalLSquare())) {
    if (parser.parseCommaSeparatedList(parsePath) || parser.parseRSquare())
      return failure();
    if (!joined)
      stacked = builder.getUnitAttr();
  } else if (joined || parsePath()) {
    return failure();
  }
  paths = builder.getArrayAttr(list);
  return success();
}

static void printPaths(OpAsmPrinter &printer, Operation *, ArrayAttr paths,
                       UnitAttr stacked) {
  if (stacked)
    printer << paths;
  else if (paths.size() > 1)
    printer << "joined " << paths;
  else
    llvm::interleaveComma(paths, printer);
}

//===----------------------------------------------------------------------===//
// Tensor types
//===----------------------------------------------------------------------===//

Type GraphTensorType::parse(AsmParser &parser) {
  SmallVector<Dim> shape;
  Type elementType;
  PanelsAttr layout;
  SMLoc loc = parser.getCurrentLocation();
  auto parseAxis = [&]() -> ParseResult {
    FailureOr<Dim> dim = DimReader{parser}.sum();
    if (failed(dim))
      return failure();
    shape.push_back(*dim);
    return success();
  };
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseAxis) ||
      parser.parseComma() || parser.parseType(elementType))
    return Type();
  if (succeeded(parser.parseOptionalComma())) {
    int32_t axis, width;
    SMLoc layoutLoc = parser.getCurrentLocation();
    if (parser.parseKeyword("panels") || parser.parseLess() ||
        parser.parseInteger(axis) || parser.parseComma() ||
        parser.parseInteger(width) || parser.parseGreater())
      return Type();
    layout = PanelsAttr::getChecked([&] { return parser.emitError(layoutLoc); },
                                    parser.getContext(), axis, width);
    if (!layout)
      return Type();
  }
  if (parser.parseGreater())
    return Type();
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), shape,
                    elementType, layout);
}

void GraphTensorType::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getShape(), printer, [&](Dim dim) {
    dim.print(printer.getStream(), /*words=*/true);
  });
  printer << "], " << getElementType();
  if (PanelsAttr layout = getLayout())
    printer << ", panels<" << layout.getAxis() << ", " << layout.getWidth() << ">";
  printer << '>';
}

//===----------------------------------------------------------------------===//
// Generated code
//===----------------------------------------------------------------------===//

#include "dialects/Graph/GraphEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Graph/GraphAttributes.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Graph/GraphTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/Graph/GraphOps.cpp.inc"

void GraphDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Graph/GraphTypes.cpp.inc"
      >();
}

void GraphDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Graph/GraphAttributes.cpp.inc"
      >();
}
