// RUN: heddle-opt %s -graph-inline-maps -remarks-filter-missed=inline -split-input-file -verify-diagnostics -o /dev/null

// exp would be computed 64 times for each element.
func.func @dear(%x: !graph.tensor<[32], f32>) -> !graph.tensor<[32, 64], f32> {
  // expected-remark @below {{DearTwice | Category:inline | Function=dear | Reason="it is dear (a function such as exp, a division, or more than 4 operations), and would be computed more than once for each element", Suggestion="nothing, unless its readers can go through it once and in its order"}}
  %t = graph.map [i: 32] {
  ^bb0(%i: index):
    %0 = graph.read %x[%i] : !graph.tensor<[32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32], f32>
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %t[%i] : !graph.tensor<[32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32, 64], f32>
  return %y : !graph.tensor<[32, 64], f32>
}

// -----

func.func @operand(%x: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[8, 64], f32>) -> !graph.tensor<[32, 8], f32> {
  // expected-remark @below {{ContractionOperand | Category:inline | Function=operand | Reason="a contraction's operands are plain reads, each of them many times", Suggestion="nothing in the model, but that a transposed, sliced or repeated tensor is read where it lies"}}
  %t = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.reduce sum [i: 32, o: 8] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %t[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[8, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 8], f32>
  return %y : !graph.tensor<[32, 8], f32>
}

// -----

func.func @several(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 64], f32> {
  // expected-remark @below {{SeveralResults | Category:inline | Function=several | Reason="it has several results, which are computed together", Suggestion="compute what is cheap in maps of their own"}}
  %t:2 = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %0, %1 : f32, f32
  } : !graph.tensor<[32, 64], f32>, !graph.tensor<[32, 64], f32>
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %t#0[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %t#1[%i, %j] : !graph.tensor<[32, 64], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 64], f32>
  return %y : !graph.tensor<[32, 64], f32>
}

// -----

func.func @rounds(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 64], f32> {
  // expected-remark @below {{Rounds | Category:inline | Function=rounds | Reason="its elements are narrower than its values: storing it rounds them", Suggestion="give it the wider type, if the rounding is not wanted"}}
  %t = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f16>
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %t[%i, %j] : !graph.tensor<[32, 64], f16>
    graph.yield %0 : f32
  } : !graph.tensor<[32, 64], f32>
  return %y : !graph.tensor<[32, 64], f32>
}

// -----

func.func @stored(%x: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 64], f32>, !graph.tensor<[32, 64], f32>) {
  // expected-remark @below {{IsStored | Category:inline | Function=stored | Reason="it is returned or written over as well, and so in memory anyway", Suggestion="nothing in the model; reading it there costs little"}}
  %t = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %t[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  return %t, %y : !graph.tensor<[32, 64], f32>, !graph.tensor<[32, 64], f32>
}

// -----

func.func @outside(%x: !graph.tensor<[32, 64], f32>, %p: !graph.tensor<[8], i32>) -> !graph.tensor<[8, 64], f32> {
  // expected-remark @below {{ReadsOutside | Category:inline | Function=outside | Reason="it may be read outside of its axes, where its formula means nothing", Suggestion="read it at positions that are provably inside, or put the condition into its formula"}}
  %t = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.map [i: 8, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %p[%i] : !graph.tensor<[8], i32>
    %1 = arith.index_cast %0 : i32 to index
    %2 = graph.read %t[%1, %j] guarded : !graph.tensor<[32, 64], f32>
    graph.yield %2 : f32
  } : !graph.tensor<[8, 64], f32>
  return %y : !graph.tensor<[8, 64], f32>
}

// -----

func.func @sorted(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 4], i32> {
  // expected-remark @below {{IsSorted | Category:inline | Function=sorted | Reason="what is sorted lies in memory", Suggestion="nothing in the model"}}
  %t = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.sort max [i: 32, r: 4] over [j: 64] {
  ^bb0(%i: index, %r: index, %j: index):
    %0 = graph.read %t[%i, %j] : !graph.tensor<[32, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32, 4], i32>
  return %y : !graph.tensor<[32, 4], i32>
}

// -----

func.func @digits(%x: !graph.tensor<[4, 8], f32>) -> !graph.tensor<[32], f32> {
  // expected-remark @below {{AcrossDigits | Category:inline | Function=digits | Reason="one of its axes is made of several indices, and is read by something else than these", Suggestion="read the axis by the same indices, as (h d)"}}
  %t = graph.map [(h: 4, d: 8)] {
  ^bb0(%h: index, %d: index):
    %0 = graph.read %x[%h, %d] : !graph.tensor<[4, 8], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32], f32>
  %y = graph.map [i: 32] {
  ^bb0(%i: index):
    %0 = graph.read %t[%i] : !graph.tensor<[32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32], f32>
  return %y : !graph.tensor<[32], f32>
}

// -----

func.func @long(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 64], f32> {
  // expected-remark @below {{LongFormula | Category:inline | Function=long | Reason="the formula would have more than 64 operations", Suggestion="nothing; a formula of any length is compiled no better"}}
  %t = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %t[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = arith.addf %0, %0 : f32
    %2 = arith.addf %1, %1 : f32
    %3 = arith.addf %2, %2 : f32
    %4 = arith.addf %3, %3 : f32
    %5 = arith.addf %4, %4 : f32
    %6 = arith.addf %5, %5 : f32
    %7 = arith.addf %6, %6 : f32
    %8 = arith.addf %7, %7 : f32
    %9 = arith.addf %8, %8 : f32
    %10 = arith.addf %9, %9 : f32
    %11 = arith.addf %10, %10 : f32
    %12 = arith.addf %11, %11 : f32
    %13 = arith.addf %12, %12 : f32
    %14 = arith.addf %13, %13 : f32
    %15 = arith.addf %14, %14 : f32
    %16 = arith.addf %15, %15 : f32
    %17 = arith.addf %16, %16 : f32
    %18 = arith.addf %17, %17 : f32
    %19 = arith.addf %18, %18 : f32
    %20 = arith.addf %19, %19 : f32
    %21 = arith.addf %20, %20 : f32
    %22 = arith.addf %21, %21 : f32
    %23 = arith.addf %22, %22 : f32
    %24 = arith.addf %23, %23 : f32
    %25 = arith.addf %24, %24 : f32
    %26 = arith.addf %25, %25 : f32
    %27 = arith.addf %26, %26 : f32
    %28 = arith.addf %27, %27 : f32
    %29 = arith.addf %28, %28 : f32
    %30 = arith.addf %29, %29 : f32
    %31 = arith.addf %30, %30 : f32
    %32 = arith.addf %31, %31 : f32
    %33 = arith.addf %32, %32 : f32
    %34 = arith.addf %33, %33 : f32
    %35 = arith.addf %34, %34 : f32
    %36 = arith.addf %35, %35 : f32
    %37 = arith.addf %36, %36 : f32
    %38 = arith.addf %37, %37 : f32
    %39 = arith.addf %38, %38 : f32
    %40 = arith.addf %39, %39 : f32
    %41 = arith.addf %40, %40 : f32
    %42 = arith.addf %41, %41 : f32
    %43 = arith.addf %42, %42 : f32
    %44 = arith.addf %43, %43 : f32
    %45 = arith.addf %44, %44 : f32
    %46 = arith.addf %45, %45 : f32
    %47 = arith.addf %46, %46 : f32
    %48 = arith.addf %47, %47 : f32
    %49 = arith.addf %48, %48 : f32
    %50 = arith.addf %49, %49 : f32
    %51 = arith.addf %50, %50 : f32
    %52 = arith.addf %51, %51 : f32
    %53 = arith.addf %52, %52 : f32
    %54 = arith.addf %53, %53 : f32
    %55 = arith.addf %54, %54 : f32
    %56 = arith.addf %55, %55 : f32
    %57 = arith.addf %56, %56 : f32
    %58 = arith.addf %57, %57 : f32
    %59 = arith.addf %58, %58 : f32
    %60 = arith.addf %59, %59 : f32
    %61 = arith.addf %60, %60 : f32
    graph.yield %61 : f32
  } : !graph.tensor<[32, 64], f32>
  return %y : !graph.tensor<[32, 64], f32>
}

// -----

// What follows a contraction is computed behind it, before anything is stored.
func.func @epilogue(%t: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[8, 64], f32>) -> !graph.tensor<[32], f32> {
  %y = graph.reduce sum [i: 32, o: 8] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %t[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[8, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 8], f32>
  // expected-remark @below {{EndsContraction | Category:inline | Function=epilogue | Reason="it ends the kernel of the contraction that it reads", Suggestion="nothing in the model; there it is computed before anything is stored"}}
  %z = graph.map [i: 32, o: 8] {
  ^bb0(%i: index, %o: index):
    %0 = graph.read %y[%i, %o] : !graph.tensor<[32, 8], f32>
    %1 = arith.addf %0, %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 8], f32>
  %s = graph.reduce max [i: 32] over [o: 8] {
  ^bb0(%i: index, %o: index):
    %0 = graph.read %z[%i, %o] : !graph.tensor<[32, 8], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32], f32>
  return %s : !graph.tensor<[32], f32>
}
