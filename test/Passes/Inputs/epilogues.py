"""Writes a contraction, or its argument, and maps of that, each of the one before:
epilogues.py COUNT [alone]."""
import sys

T = "!graph.tensor<[8, 8], f32>"
if "alone" in sys.argv:
    print(f"func.func @f(%y0: {T}) -> {T} {{")
else:
    print(f"""func.func @f(%x: {T}) -> {T} {{
  %y0 = graph.reduce sum [i: 8, o: 8] over [k: 8] {{
  ^bb0(%i: index, %o: index, %k: index):
    %0 = graph.read %x[%i, %k] : {T}
    %1 = graph.read %x[%o, %k] : {T}
    %2 = arith.mulf %0, %1 : f32
    graph.yield %2 : f32
  }} : {T}""")
count = int(sys.argv[1])
for n in range(count):
    print(f"""  %y{n + 1} = graph.map [i: 8, o: 8] {{
  ^bb0(%i: index, %o: index):
    %0 = graph.read %y{n}[%i, %o] : {T}
    %1 = math.exp %0 : f32
    graph.yield %1 : f32
  }} : {T}""")
print(f"  return %y{count} : {T}\n}}")
