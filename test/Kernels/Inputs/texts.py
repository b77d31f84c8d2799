"""Texts that no one would write: texts.py WHAT prints a kernel whose one value is

left, right N      N terms, grouped from the left or by brackets from the right
calls N            N calls of abs, each in the other
brackets N         N opening brackets
minus N            N signs
doubled N          N doublings of a value, each of the one before"""
import sys

what, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 990
shared = ""
if what == "left":
    value = " + ".join(["x[i]"] * count)
elif what == "right":
    value = "x[i] - (" * (count - 2) + "x[i] - x[i]" + ")" * (count - 2)
elif what == "calls":
    value = "abs(" * count + "x[i]" + ")" * count
elif what == "brackets":
    value = "(" * count + "x[i]"
elif what == "minus":
    value = "-" * count + "x[i]"
else:
    value = f"${count - 1}"
    shared = "    $0 = x[i] + x[i]\n" + "".join(f"    $n = ${n - 1} + ${n - 1}\n".replace("$n", f"${n}", 1) for n in range(1, count))
print(f"kernel k {{\n  input x: f32[4]\n  output y: f32[4]\n  map s [i: 4] -> y {{\n{shared}    value {value}\n  }}\n}}")
