// RUN: heddle-describe-test %s | FileCheck %s
// The errors, with their places:
// RUN: not heddle-describe-test %S/Inputs/describe-errors.mlir 2>&1 | FileCheck %s --check-prefix=ERROR
// ERROR: describe-errors.mlir:5:{{[0-9]+}}: expected a constant or a size of the kernel as dimension, got n * 2
// ERROR: describe-errors.mlir:18:{{[0-9]+}}: kernels do not know math.atan

// CHECK-LABEL: kernel linear
// CHECK-NEXT: size m 1..64
// CHECK-NEXT: input x0: f32[m, 64]
// CHECK-NEXT: constant w1: f32[16, 64] panels<0, 8>
// CHECK-NEXT: output y2: f32[m, 16]
// CHECK-NEXT: local t3: f32[m, 16]
// CHECK-NEXT: reduce sum [m: m, o: 16, k: 64] axes [1, 1] along []
// CHECK-NEXT:   t3 = mul:f32(x0[m, k], w1[o, k])
// CHECK-NEXT: map [m: m, o: 16] axes [1, 1] along []
// CHECK-NEXT:   y2 = max:f32(t3[m, o], 0{{.*}}:f32)
kernel.func @linear(%x: !graph.tensor<[m, 64], f32>, %w: !graph.tensor<[16, 64], f32, panels<0, 8>> {kernel.constant})
    -> !graph.tensor<[m, 16], f32> sizes [#graph.size<"m", 1, 64>] {
  %zero = arith.constant 0.0 : f32
  %0 = graph.reduce sum [m: m, o: 16] over [k: 64] {
  ^bb0(%r: index, %o: index, %k: index):
    %1 = graph.read %x[%r, %k] : !graph.tensor<[m, 64], f32>
    %2 = graph.read %w[%o, %k] : !graph.tensor<[16, 64], f32, panels<0, 8>>
    %3 = arith.mulf %1, %2 : f32
    graph.yield %3 : f32
  } : !graph.tensor<[m, 16], f32>
  %5 = graph.map [m: m, o: 16] {
  ^bb0(%r: index, %o: index):
    %1 = graph.read %0[%r, %o] : !graph.tensor<[m, 16], f32>
    %3 = arith.maxnumf %1, %zero : f32
    graph.yield %3 : f32
  } : !graph.tensor<[m, 16], f32>
  kernel.return %5 : !graph.tensor<[m, 16], f32>
}

// A rest truncates unless its operand is no less than 0.
// CHECK-LABEL: kernel rests
// CHECK: map
// CHECK-NEXT: y1 = add:i32(mod:i32(i, 3:i32), select:i32(and:bool(lt:bool(x0[i], 0:i32), ne:bool(mod:i32(x0[i], 3:i32), 0:i32)), sub:i32(mod:i32(x0[i], 3:i32), 3:i32), mod:i32(x0[i], 3:i32)))
kernel.func @rests(%x: !graph.tensor<[8], i32>) -> !graph.tensor<[8], i32> sizes [] {
  %three = arith.constant 3 : i32
  %c3 = arith.constant 3 : index
  %0 = graph.map [i: 8] {
  ^bb0(%i: index):
    %a = arith.remsi %i, %c3 : index
    %b = arith.index_cast %a : index to i32
    %c = graph.read %x[%i] : !graph.tensor<[8], i32>
    %d = arith.remsi %c, %three : i32
    %e = arith.addi %b, %d : i32
    graph.yield %e : i32
  } : !graph.tensor<[8], i32>
  kernel.return %0 : !graph.tensor<[8], i32>
}

// Conditions, positions, guarded reads, casts, and comparisons with NaN.
// CHECK-LABEL: kernel others
// CHECK: size n 1..9
// CHECK: softmax [i: n, j: 4] axes [1, 1] along [1]
// CHECK-NEXT: = cast:f32(cast:f64(guarded x0[i, add:i32(j, n)]))
// CHECK-NEXT: if not:bool(lt:bool(x0[i, j], 0{{.*}}:f32))
// CHECK-NEXT: scatter sum [i: n] axes [] along []
// CHECK-NEXT: = x0[i, 0:i32]
// CHECK-NEXT: over x1
// CHECK-NEXT: at i
kernel.func @others(%x: !graph.tensor<[n, 4], f32>, %b: !graph.tensor<[n], f32>)
    -> (!graph.tensor<[n, 4], f32>, !graph.tensor<[n], f32>) sizes [#graph.size<"n", 1, 9>] {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %0 = graph.softmax [i: n, j: 4] along [j] {
  ^bb0(%i: index, %j: index):
    %n = graph.extent n
    %at = arith.addi %j, %n : index
    %1 = graph.read %x[%i, %at] guarded : !graph.tensor<[n, 4], f32>
    %2 = arith.extf %1 : f32 to f64
    %3 = arith.truncf %2 : f64 to f32
    %4 = graph.read %x[%i, %j] : !graph.tensor<[n, 4], f32>
    %5 = arith.cmpf uge, %4, %zero : f32
    graph.yield %3 if %5 : f32
  } : !graph.tensor<[n, 4], f32>
  %6 = graph.scatter add %b over [i: n] {
  ^bb0(%i: index):
    %1 = graph.read %x[%i, %c0] : !graph.tensor<[n, 4], f32>
    graph.yield %1 at [%i] : f32
  } : !graph.tensor<[n], f32>
  kernel.return %0, %6 : !graph.tensor<[n, 4], f32>, !graph.tensor<[n], f32>
}
