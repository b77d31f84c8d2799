// RUN: heddle-opt %s -split-input-file -verify-diagnostics

// Types, dimensions, and the attributes of entries.

// expected-error@+1 {{expected elements of i1, i8, ui8, i32, i64, f16, bf16, f32 or f64, got 'i16'}}
func.func private @tensor_c1(!graph.tensor<[4], i16>)

// -----

// expected-error@+1 {{expected elements of i1, i8, ui8, i32, i64, f16, bf16, f32 or f64, got 'si8'}}
func.func private @tensor_c1_signed(!graph.tensor<[4], si8>)

// -----

// expected-error@+1 {{expected dimensions of at least 0, got -1 as dimension 0}}
func.func private @tensor_c2(!graph.tensor<[-1], f32>)

// -----

// expected-error@+1 {{expected panels of one of 1 axes, got axis 1}}
func.func private @tensor_c3(!graph.tensor<[4], f32, panels<1, 8>>)

// -----

// expected-error@+1 {{expected panels of an axis >= 0 and a width >= 1, got 0 and 0}}
func.func private @panels_width(!graph.tensor<[4], f32, panels<0, 0>>)

// -----

// expected-error@+1 {{expected a dimension}}
func.func private @dim_missing(!graph.tensor<[S + ], f32>)

// -----

// expected-error@+1 {{dimension divides by zero or is too large}}
func.func private @dim_by_zero(!graph.tensor<[S floordiv 0], f32>)

// -----

// expected-error@+1 {{dimension divides by zero or is too large}}
func.func private @dim_overflow(!graph.tensor<[S * 4611686018427387904 * 4], f32>)

// -----

// expected-error@+1 {{'mod' cannot name a dimension}}
func.func private @dim_reserved(!graph.tensor<[mod], f32>)

// -----

// expected-error@+1 {{expected 0 <= least <= most <= 2147483647 for dimension 'S', got 5 and 4}}
func.func private @size_order() attributes {graph.dims = [#graph.size<"S", 5, 4>]}

// -----

// expected-error@+1 {{expected 0 <= least <= most <= 2147483647 for dimension 'S', got 1 and 2147483648}}
func.func private @size_range() attributes {graph.dims = [#graph.size<"S", 1, 2147483648>]}

// -----

// expected-error@+1 {{'2S' cannot name a dimension}}
func.func private @size_name() attributes {graph.dims = [#graph.size<"2S", 1, 4>]}

// -----

// expected-error@+1 {{expected 'graph.dims' to be an array of #graph.size}}
func.func private @dims_kind() attributes {graph.dims = ["S"]}

// -----

// expected-error@+1 {{declares dimension 'S' twice}}
func.func private @dims_twice() attributes {graph.dims = [#graph.size<"S", 1, 4>, #graph.size<"S", 1, 4>]}

// -----

// expected-error@+1 {{uses dimension 'T' (in S + T), which the enclosing function does not declare}}
func.func private @dims_in_signature(!graph.tensor<[S + T], f32>) attributes {graph.dims = [#graph.size<"S", 1, 4>]}

// -----

func.func @dims_in_body() attributes {graph.dims = [#graph.size<"S", 1, 4>]} {
  // expected-error@+1 {{uses dimension 'T' (in T), which the enclosing function does not declare}}
  %0 = graph.reduce sum [] over [i: T] {
  ^bb0(%i: index):
    %c = arith.constant 1.0 : f32
    graph.yield %c : f32
  } : !graph.tensor<[], f32>
  return
}

// -----

// expected-error@+1 {{uses dimension 'T' (in T - 1), which the enclosing function does not declare}}
func.func private @dims_in_facts() attributes {graph.dims = [#graph.size<"S", 1, 4>], graph.facts = [#graph.fact<nonnegative, T - 1>]}

// -----

// expected-error@+1 {{expected 'graph.facts' to be an array of #graph.fact}}
func.func private @facts_kind() attributes {graph.facts = 1 : i32}

// -----

// expected-error@+1 {{gives an example of 'T', which 'graph.dims' does not declare}}
func.func private @example_name() attributes {graph.dims = [#graph.size<"S", 1, 4>], graph.example = {T = 4 : i64}}

// -----

// expected-error@+1 {{expected 'graph.example' to be a dictionary from dimension to integer}}
func.func private @example_kind() attributes {graph.example = {T = "4"}}

// -----

// expected-error@+1 {{has an unknown attribute 'graph.dim'}}
func.func private @unknown() attributes {graph.dim = 1 : i32}

// -----

// expected-error@+1 {{expected 'graph.doc' to be a string}}
func.func private @doc_kind() attributes {graph.doc = 1 : i32}

// -----

// expected-error@+1 {{'graph.model' belongs on a module}}
func.func private @model_place() attributes {graph.model = "m"}

// -----

// expected-error@+1 {{expected 'graph.name' to be a string}}
func.func private @name_kind(!graph.tensor<[4], f32> {graph.name = 1 : i32})

// -----

// expected-error@+1 {{expected 'graph.bound' to be a #graph.dim on a tensor of integers}}
func.func private @bound_type(!graph.tensor<[4], f32> {graph.bound = #graph.dim<4>})

// -----

// expected-error@+1 {{has an unknown attribute 'graph.nome' on an argument or a result}}
func.func private @unknown_of_result() -> (!graph.tensor<[4], f32> {graph.nome = "x"})

// -----

// expected-error@+1 {{expected 'graph.fact_texts' to be an array of strings}}
func.func private @fact_texts_kind() attributes {graph.fact_texts = [1 : i32]}

// -----

// expected-error@+1 {{expected 'graph.bound_names' to be a dictionary of strings}}
func.func private @bound_names_kind() attributes {graph.bound_names = {S = 1 : i32}}

// -----

// expected-error@+1 {{dimension is nested too deeply}}
func.func private @dim_deep(!graph.tensor<[((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((S))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))], f32>)
