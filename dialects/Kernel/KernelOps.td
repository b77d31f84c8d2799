//===- KernelOps.td - The kernel dialect ----------------------*- tablegen -*-===//

include "dialects/Graph/GraphAttributes.td"
include "dialects/Graph/GraphTypes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::heddle::kernel";
  let summary = "what runs: fused groups of comprehensions and calls of them";
  let description = [{
    A `kernel.func` holds the comprehensions of one group; MLIR decides what is in
    it, the kernel library how it runs. The attribute `kernel.constant` marks an
    argument that is known when the model is compiled (a weight).
  }];
  let dependentDialects = ["::heddle::graph::GraphDialect"];
  let hasRegionArgAttrVerify = 1;
}

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

def Kernel_FuncOp : Kernel_Op<"func", [
    IsolatedFromAbove, FunctionOpInterface, SingleBlock]> {
  let summary = "a group of comprehensions that is compiled as one";
  let description = [{
    A function of tensors whose dimensions are polynomials of its own `sizes`,
    which a call gives. Layouts are part of the types. Arguments and results
    never share memory.

    * (C1) arguments and results are tensors, and the body's arguments are of
      their types.
    * (C2) the sizes have different names, and declare every symbol inside.
    * (C3) the body holds comprehensions, `graph.extent` and constants, and ends
      in `kernel.return`.
    * (C4) each returned value is computed in the body, and none is returned
      twice.
    * (C5) results are dense.

    ```mlir
    kernel.func @linear(%x: !graph.tensor<[m, 384], f32>,
                        %w: !graph.tensor<[384, 384], f32, panels<0, 24>> {kernel.constant})
        -> !graph.tensor<[m, 384], f32> sizes [#graph.size<"m", 1, 32768>] {
      %0 = graph.reduce sum [m: m, o: 384] over [k: 384] { ... } : ...
      kernel.return %0 : !graph.tensor<[m, 384], f32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       OptionalAttr<StrAttr>:$sym_visibility,
                       TypeAttrOf<FunctionType>:$function_type,
                       TypedArrayAttrBase<Graph_SizeAttr, "sizes">:$sizes,
                       OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name,
      "::mlir::FunctionType":$type, "::llvm::ArrayRef<::heddle::graph::SizeAttr>":$sizes)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1; /*func_c2...func_c5*/
  let extraClassDeclaration = [{
    /// Of FunctionOpInterface.
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    ::mlir::LogicalResult verifyType();

    /// The argument is known when the model is compiled.
    bool isConstantArgument(unsigned index) {
      return static_cast<bool>(getArgAttr(index, "kernel.constant"));
    }
    ReturnOp getReturn();
  }];
}

def Kernel_ReturnOp : Kernel_Op<"return", [Pure, Terminator, HasParent<"FuncOp">]> {
  let summary = "the results of a kernel";
  let arguments = (ins Variadic<Graph_TensorType>:$results);
  let assemblyFormat = "($results^ `:` type($results))? attr-dict";
}

def Kernel_CallOp : Kernel_Op<"call", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a run of a kernel";
  let description = [{
    Runs `callee` with its sizes set to dimensions of the caller, one for each in
    order.

    * (C1) `callee` names a `kernel.func`.
    * (C2) there is a dimension for each of its sizes, an operand for each
      argument, and a result for each result.
    * (C3) an operand or result has the elements and the layout of the callee's
      with the sizes put in, and as many elements; where it has a layout, also
      its shape. So leading axes may be merged: `[B, S, 384]` goes for
      `[B * S, 384]`.
    * (C4) each dimension is proved to be within the bounds of its size, by what
      the caller declares (`graph.dims`, `graph.facts`).

    ```mlir
    %y = kernel.call @linear(%x, %w) sizes [B * S]
        : (!graph.tensor<[B, S, 384], f32>, !graph.tensor<[384, 384], f32, panels<0, 24>>)
        -> !graph.tensor<[B, S, 384], f32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<Graph_TensorType>:$operands,
                       TypedArrayAttrBase<Graph_DimAttr, "dimensions">:$size_values);
  let results = (outs Variadic<Graph_TensorType>:$results);
  let assemblyFormat = [{
    $callee `(` $operands `)` `sizes` custom<DimList>($size_values) attr-dict
    `:` functional-type($operands, $results)
  }];
}
