//===- KernelOps.cpp - The kernel dialect ---------------------------------===//
//
// A call is checked against its kernel with the sizes put in: element counts as
// dimensions, layouts exactly.
//
//===----------------------------------------------------------------------===//

#include "dialects/Kernel/KernelOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringSet.h"

using namespace heddle;
using namespace heddle::graph;
using namespace mlir;

#include "dialects/Kernel/KernelDialect.cpp.inc"

void kernel::KernelDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Kernel/KernelOps.cpp.inc"
      >();
}

LogicalResult kernel::KernelDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                              unsigned,
                                                              NamedAttribute named) {
  if (named.getName() == "kernel.constant" && isa<UnitAttr>(named.getValue()) &&
      isa<kernel::FuncOp>(op))
    return success();
  return op->emitOpError("has an unknown attribute '")
         << named.getName().getValue() << "' on an argument";
}

//===----------------------------------------------------------------------===//
// FuncOp
//===----------------------------------------------------------------------===//

void kernel::FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                           FunctionType type, ArrayRef<SizeAttr> sizes) {
  OpBuilder::InsertionGuard guard(builder);
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getSizesAttrName(state.name),
                     builder.getArrayAttr(SmallVector<Attribute>(sizes)));
  Block *block = builder.createBlock(state.addRegion());
  for (Type input : type.getInputs())
    block->addArgument(input, state.location);
}

ParseResult kernel::FuncOp::parse(OpAsmParser &parser, OperationState &state) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<DictionaryAttr> resultAttrs;
  SmallVector<Type> resultTypes;
  ArrayAttr sizes;
  bool isVariadic;
  if (parser.parseSymbolName(name, getSymNameAttrName(state.name), state.attributes) ||
      function_interface_impl::parseFunctionSignatureWithArguments(
          parser, /*allowVariadic=*/false, arguments, isVariadic, resultTypes,
          resultAttrs) ||
      parser.parseKeyword("sizes") ||
      parser.parseAttribute(sizes, getSizesAttrName(state.name), state.attributes) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  SmallVector<Type> argumentTypes;
  for (const OpAsmParser::Argument &argument : arguments)
    argumentTypes.push_back(argument.type);
  Builder &builder = parser.getBuilder();
  state.addAttribute(
      getFunctionTypeAttrName(state.name),
      TypeAttr::get(builder.getFunctionType(argumentTypes, resultTypes)));
  call_interface_impl::addArgAndResultAttrs(builder, state, arguments, resultAttrs,
                                            getArgAttrsAttrName(state.name),
                                            getResAttrsAttrName(state.name));
  return parser.parseRegion(*state.addRegion(), arguments);
}

void kernel::FuncOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  function_interface_impl::printFunctionSignature(
      printer, *this, getArgumentTypes(), /*isVariadic=*/false, getResultTypes());
  printer << " sizes " << getSizes();
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {getSymNameAttrName(), getFunctionTypeAttrName(), getSizesAttrName(),
       getArgAttrsAttrName(), getResAttrsAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult kernel::FuncOp::verifyType() {
  for (Type type : llvm::concat<const Type>(getArgumentTypes(), getResultTypes()))
    if (!isa<GraphTensorType>(type)) /*func_c1*/
      return emitOpError("expected arguments and results to be tensors, got ") << type;
  return success();
}

kernel::ReturnOp kernel::FuncOp::getReturn() {
  return cast<kernel::ReturnOp>(getBody().front().getTerminator());
}

LogicalResult kernel::FuncOp::verifyRegions() {
  llvm::StringSet<> names;
  for (auto size : getSizes().getAsRange<SizeAttr>()) /*func_c2*/
    if (!names.insert(size.getName()).second)
      return emitOpError("declares size '") << size.getName() << "' twice";
  if (failed(verifySymbolsAreDeclared(*this, getSizes()))) /*func_c2*/
    return failure();

  for (Operation &op : getBody().front()) /*func_c3*/
    if (!isa<ComprehensionOpInterface, ExtentOp, kernel::ReturnOp>(op) &&
        !op.hasTrait<OpTrait::ConstantLike>())
      return op.emitOpError("may not stand in a kernel");
  auto result = dyn_cast<kernel::ReturnOp>(getBody().front().getTerminator());
  if (!result || result.getOperandTypes() != TypeRange(getResultTypes())) /*func_c3*/
    return emitOpError("expected the body to return the kernel's results");

  llvm::SmallPtrSet<Value, 4> returned;
  for (Value value : result.getResults()) /*func_c4*/ {
    if (isa<BlockArgument>(value))
      return result.emitOpError("returns an argument, whose memory is the caller's");
    if (!returned.insert(value).second)
      return result.emitOpError("returns a value twice");
  }
  for (Type type : getResultTypes()) /*func_c5*/
    if (cast<GraphTensorType>(type).getLayout())
      return emitOpError("expected dense results, got ") << type;
  return success();
}

//===----------------------------------------------------------------------===//
// CallOp
//===----------------------------------------------------------------------===//

static ParseResult parseDimList(OpAsmParser &parser, ArrayAttr &list) {
  SmallVector<Attribute> dims;
  auto parseOne = [&]() -> ParseResult {
    FailureOr<Dim> dim = parseDim(parser);
    if (failed(dim))
      return failure();
    dims.push_back(DimAttr::get(parser.getContext(), *dim));
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseOne))
    return failure();
  list = parser.getBuilder().getArrayAttr(dims);
  return success();
}

static void printDimList(OpAsmPrinter &printer, Operation *, ArrayAttr list) {
  printer << '[';
  llvm::interleaveComma(list.getAsRange<DimAttr>(), printer, [&](DimAttr dim) {
    dim.getValue().print(printer.getStream(), /*words=*/true);
  });
  printer << ']';
}

LogicalResult kernel::CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto callee = symbols.lookupNearestSymbolFrom<kernel::FuncOp>(*this, getCalleeAttr());
  if (!callee) /*call_c1*/
    return emitOpError("expected '") << getCallee() << "' to be a kernel.func";

  ArrayAttr sizes = callee.getSizes(), values = getSizeValues();
  auto countError = [&](StringRef what, size_t wanted, size_t found) {
    return emitOpError("expected ")
           << wanted << " " << what << " for '" << getCallee() << "', got " << found;
  };
  if (sizes.size() != values.size()) /*call_c2*/
    return countError("sizes", sizes.size(), values.size());
  if (callee.getArgumentTypes().size() != getNumOperands()) /*call_c2*/
    return countError("operands", callee.getArgumentTypes().size(), getNumOperands());
  if (callee.getResultTypes().size() != getNumResults()) /*call_c2*/
    return countError("results", callee.getResultTypes().size(), getNumResults());

  llvm::StringMap<Dim> given;
  for (auto [size, value] :
       llvm::zip(sizes.getAsRange<SizeAttr>(), values.getAsRange<DimAttr>()))
    given[size.getName()] = value.getValue();
  auto putSizesIn = [&](Dim dim) {
    return dim.substitute([&](StringRef name) -> std::optional<Dim> {
      auto found = given.find(name);
      return found == given.end() ? std::nullopt : std::optional(found->second);
    });
  };
  auto verifyTensor = [&](Type foundType, Type calleeType, StringRef what,
                          unsigned i) -> LogicalResult {
    auto found = cast<GraphTensorType>(foundType);
    auto wanted = cast<GraphTensorType>(calleeType);
    SmallVector<Dim> shape = llvm::map_to_vector(wanted.getShape(), putSizesIn);
    Dim count = Dim::product(shape);
    bool sameShape = found.getShape() == ArrayRef(shape);
    if (found.getElementType() == wanted.getElementType() &&
        found.getLayout() == wanted.getLayout() &&
        (sameShape || (!found.getLayout() && count && count == found.getNumElements())))
      return success();
    InFlightDiagnostic error = emitOpError("expected ") << what << " " << i << " to be a ";
    if (llvm::all_of(shape, [](Dim dim) { return dim.isValid(); }))
      error << GraphTensorType::get(shape, wanted.getElementType(), wanted.getLayout());
    else
      error << wanted;
    return error << ", got " << found;
  };
  for (unsigned i = 0; i < getNumOperands(); ++i) /*call_c3*/
    if (failed(verifyTensor(getOperand(i).getType(), callee.getArgumentTypes()[i],
                            "operand", i)))
      return failure();
  for (unsigned i = 0; i < getNumResults(); ++i) /*call_c3*/
    if (failed(verifyTensor(getResult(i).getType(), callee.getResultTypes()[i],
                            "result", i)))
      return failure();

  DimBounds bounds = DimBounds::enclosing(*this);
  SmallVector<Dim> facts = enclosingFacts(*this);
  for (auto size : sizes.getAsRange<SizeAttr>()) /*call_c4*/ {
    Dim value = given.lookup(size.getName());
    if (!proveNonNegative(value - size.getLeast(), bounds, facts) ||
        !proveNonNegative(size.getMost() - value, bounds, facts))
      return emitOpError("expected size '")
             << size.getName() << "' to be within " << size.getLeast() << " and "
             << size.getMost() << ", which is not proved of " << value.str();
  }
  return success();
}

#define GET_OP_CLASSES
#include "dialects/Kernel/KernelOps.cpp.inc"
