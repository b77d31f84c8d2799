// RUN: heddle-opt %s -graph-group '-remarks-filter-missed=fusion|tiles' -split-input-file -verify-diagnostics -o /dev/null

func.func @transposed(%x: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 32], f32> {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{OtherElements | Category:fusion | Function=transposed | Reason="it reads the contraction's result at other elements than its own", Suggestion="give its result the contraction's axes in their order, and transpose or slice behind it"}}
  %z = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%j, %i] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  return %z : !graph.tensor<[32, 32], f32>
}

// -----

func.func @across_rows(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[64, 32], f32> {
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  // expected-remark @below {{NoSharedRows | Category:fusion | Function=across_rows | Reason="they do not share rows: their leading axes differ, or one reads other rows than its own", Suggestion="give both the same leading axes in one order, and read along the axes behind them"}}
  %z = graph.map [j: 64, i: 32] {
  ^bb0(%j: index, %i: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.sqrt %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[64, 32], f32>
  return %z : !graph.tensor<[64, 32], f32>
}

// -----

// Two results need the sum, which would have to be kept until both are done.
func.func @shared(%x: !graph.tensor<[8, 64], f32>) -> (!graph.tensor<[8, 64], f32>, !graph.tensor<[8, 64], f32>) {
  %s = graph.reduce sum [i: 8] over [k: 64] {
  ^bb0(%i: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[8, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[8], f32>
  // expected-remark @below {{TwoResults | Category:fusion | Function=shared | Reason="what it reads ends a kernel, because two results need it and it would be kept until both are done", Suggestion="compute both results in one map, or leave it as it is"}}
  %a = graph.map [i: 8, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[8, 64], f32>
    %1 = graph.read %s[%i] : !graph.tensor<[8], f32>
    %2 = arith.subf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[8, 64], f32>
  %b = graph.map [i: 8, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[8, 64], f32>
    %1 = graph.read %s[%i] : !graph.tensor<[8], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[8, 64], f32>
  return %a, %b : !graph.tensor<[8, 64], f32>, !graph.tensor<[8, 64], f32>
}

// -----

// A row of the softmax may be longer than what a thread's stack holds.
func.func @long_rows(%x: !graph.tensor<[B, S], f32>) -> !graph.tensor<[B], f32>
    attributes {graph.dims = [#graph.size<"B", 1, 4>, #graph.size<"S", 1, 100000>]} {
  %p = graph.softmax [b: B, s: S] along [s] {
  ^bb0(%b: index, %s: index):
    %0 = graph.read %x[%b, %s] : !graph.tensor<[B, S], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, S], f32>
  // expected-remark @below {{LongRows | Category:fusion | Function=long_rows | Reason="a row of what lies between them has S elements, up to 100000; kept are at most 8192", Suggestion="bound its dimensions more tightly (where ..), if it is shorter"}}
  %m = graph.reduce max [b: B] over [s: S] {
  ^bb0(%b: index, %s: index):
    %0 = graph.read %p[%b, %s] : !graph.tensor<[B, S], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B], f32>
  return %m : !graph.tensor<[B], f32>
}

// -----

// Nothing bounds a row.
func.func @endless_rows(%x: !graph.tensor<[B, S], f32>) -> !graph.tensor<[B], f32> {
  %p = graph.softmax [b: B, s: S] along [s] {
  ^bb0(%b: index, %s: index):
    %0 = graph.read %x[%b, %s] : !graph.tensor<[B, S], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B, S], f32>
  // expected-remark @below {{LongRows | Category:fusion | Function=endless_rows | Reason="a row of what lies between them has S elements, without a bound; kept are at most 8192", Suggestion="bound its dimensions more tightly (where ..), if it is shorter"}}
  %m = graph.reduce max [b: B] over [s: S] {
  ^bb0(%b: index, %s: index):
    %0 = graph.read %p[%b, %s] : !graph.tensor<[B, S], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[B], f32>
  return %m : !graph.tensor<[B], f32>
}

// -----

func.func @other_readers(%x: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>) {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %x[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{OtherReaders | Category:fusion | Function=other_readers | Reason="the contraction's result has other readers, or is returned", Suggestion="let one map read the contraction, and the others read that map"}}
  %z = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  return %y, %z : !graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>
}

// -----

func.func @two_results(%x: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>) {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %x[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{SeveralResults | Category:fusion | Function=two_results | Reason="what ends a contraction's kernel has one result, this has several", Suggestion="compute the results in maps of their own"}}
  %z:2 = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %0, %1 : f32, f32
  } : !graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>
  return %z#0, %z#1 : !graph.tensor<[32, 32], f32>, !graph.tensor<[32, 32], f32>
}

// -----

func.func @read_elsewhere(%x: !graph.tensor<[32, 64], f32>) -> (!graph.tensor<[32, 64], f32>, !graph.tensor<[32], f32>) {
  %z = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  // expected-remark @below {{ReadOutside | Category:fusion | Function=read_elsewhere | Reason="what it reads ends a kernel, because other kernels or the caller read that too", Suggestion="compute what one of the readers takes apart, if that is cheap, or leave it as it is"}}
  %sum = graph.reduce sum [i: 32] over [j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %z[%i, %j] : !graph.tensor<[32, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32], f32>
  return %z, %sum : !graph.tensor<[32, 64], f32>, !graph.tensor<[32], f32>
}

// -----

func.func @around_a_contraction(%x: !graph.tensor<[32, 32], f32>) -> !graph.tensor<[32], f32> {
  %a = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{ContractionOperand | Category:fusion | Function=around_a_contraction | Reason="a contraction reads its operands from memory, each element many times", Suggestion="nothing in the model; computed in its loops, the operand would be computed as often as it is read"}}
  %y = graph.reduce sum [i: 32, o: 32] over [k: 32] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %a[%i, %k] : !graph.tensor<[32, 32], f32>
    %1 = graph.read %x[%o, %k] : !graph.tensor<[32, 32], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{KernelBetween | Category:fusion | Function=around_a_contraction | Reason="another kernel stands between them: it reads the one and gives to the other", Suggestion="let the other kernel's reader not need the first as well, or leave it as it is"}}
  // expected-remark @below {{WantsWholeRows | Category:fusion | Function=around_a_contraction | Reason="a contraction computes tiles of its result, and what combines elements wants whole rows", Suggestion="only maps, element by element, end a contraction's kernel"}}
  %sum = graph.reduce sum [i: 32] over [j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %a[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32], f32>
  return %sum : !graph.tensor<[32], f32>
}

// -----

// The sum of two contractions ends the first one's kernel, and reads the second.
func.func @two_contractions(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 32], f32> {
  %y = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %x[%o, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  %z = graph.reduce sum [i: 32, o: 32] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%o, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  // expected-remark @below {{EndsContraction | Category:fusion | Function=two_contractions | Reason="it ends the kernel of a contraction, which reads the rest from memory", Suggestion="nothing in the model; a kernel has one contraction, and no whole rows"}}
  %s = graph.map [i: 32, j: 32] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %y[%i, %j] : !graph.tensor<[32, 32], f32>
    %1 = graph.read %z[%i, %j] : !graph.tensor<[32, 32], f32>
    %2 = arith.addf %0, %1 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32, 32], f32>
  return %s : !graph.tensor<[32, 32], f32>
}

// -----

// A cumulation has an order of its own, whether it reads or is read.
func.func @cumulated(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32, 64], f32> {
  %a = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  // expected-remark @below {{OwnOrder | Category:fusion | Function=cumulated | Reason="it is a cumulation, a sort or a write at positions, with an order of its own", Suggestion="nothing in the model; these are kernels of their own"}}
  %c = graph.cumulate sum [i: 32, j: 64] along [j] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %a[%i, %j] : !graph.tensor<[32, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32, 64], f32>
  // expected-remark @below {{OwnOrder | Category:fusion | Function=cumulated | Reason="what it reads is a cumulation, a sort or a write at positions, with an order of its own", Suggestion="nothing in the model; these are kernels of their own"}}
  %y = graph.map [i: 32, j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %c[%i, %j] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  } : !graph.tensor<[32, 64], f32>
  return %y : !graph.tensor<[32, 64], f32>
}

// -----

// A scalar has no rows.
func.func @total(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[], f32> {
  %a = graph.reduce sum [i: 32] over [j: 64] {
  ^bb0(%i: index, %j: index):
    %0 = graph.read %x[%i, %j] : !graph.tensor<[32, 64], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[32], f32>
  // expected-remark @below {{NoRows | Category:fusion | Function=total | Reason="it has no leading axis of one index, along which rows could be shared", Suggestion="let the result begin with an axis that both have, such as the batch"}}
  %s = graph.reduce sum [] over [i: 32] {
  ^bb0(%i: index):
    %0 = graph.read %a[%i] : !graph.tensor<[32], f32>
    graph.yield %0 : f32
  } : !graph.tensor<[], f32>
  return %s : !graph.tensor<[], f32>
}

// -----

// A factor that is computed in the formula is computed again for each column.
func.func @computed_factor(%x: !graph.tensor<[32, 64], f32>, %w: !graph.tensor<[8, 64], f32>) -> !graph.tensor<[32, 8], f32> {
  // expected-remark @below {{ComputedFactor | Category:tiles | Function=computed_factor | Reason="it is computed row by row and not in register tiles: a factor of its product is computed, not read", Suggestion="store the factor as a tensor of its own, and move what both terms share behind the sum"}}
  %y = graph.reduce sum [i: 32, o: 8] over [k: 64] {
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = graph.read %w[%o, %k] : !graph.tensor<[8, 64], f32>
    %2 = math.exp %0 : f32
    %3 = arith.mulf %2, %1 : f32
    graph.yield %3 : f32
  } : !graph.tensor<[32, 8], f32>
  return %y : !graph.tensor<[32, 8], f32>
}

// -----

// A product by rows alone is no contraction, whatever its factors are.
func.func @by_rows(%x: !graph.tensor<[32, 64], f32>) -> !graph.tensor<[32], f32> {
  %y = graph.reduce sum [i: 32] over [k: 64] {
  ^bb0(%i: index, %k: index):
    %0 = graph.read %x[%i, %k] : !graph.tensor<[32, 64], f32>
    %1 = math.exp %0 : f32
    %2 = arith.mulf %1, %0 : f32
    graph.yield %2 : f32
  } : !graph.tensor<[32], f32>
  return %y : !graph.tensor<[32], f32>
}
