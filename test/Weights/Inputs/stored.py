"""Weights as a kernel reads them, against Python's own rounding, for stored.test."""
import json
import math
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from driver import Driver  # noqa: E402

d = Driver(sys.argv[1])
FORMATS = {"F64": "d", "F32": "f", "F16": "e", "I64": "q", "U64": "Q", "I32": "i", "U8": "B", "I8": "b", "BOOL": "B", "U16": "H", "BF16": "H"}


def tensor(dtype, values, name="w.safetensors"):
    data = struct.pack("<%d%s" % (len(values), FORMATS[dtype]), *values)
    header = json.dumps({"w": {"dtype": dtype, "shape": [len(values)], "data_offsets": [0, len(data)]}}).encode()
    return d.write(name, struct.pack("<Q", len(header)) + header + data)


def run(title, dtype, values, to, fails=False):
    d.run(title, ["stored", to, "w", tensor(dtype, values)], fails)


def bfloat(bits):
    return struct.unpack("<f", struct.pack("<I", bits << 16))[0]


def half(bits):
    return struct.unpack("<e", struct.pack("<H", bits))[0]


def rounding(title, to, value_of, step):
    """Every `step`-th number, the middle to the next one, and doubles beside the middle."""
    values, wanted = [], []
    last = 0x7bff if to == "f16" else 0x7f7f
    for bits in list(range(0, last, step)) + list(range(0, 300)) + [last - 1]:
        low, high = value_of(bits), value_of(bits + 1)
        middle = (low + high) / 2
        even = bits if bits % 2 == 0 else bits + 1
        for value, result in [(low, bits), (middle, even), (math.nextafter(middle, 0), bits), (math.nextafter(middle, math.inf), bits + 1), (high, bits + 1)]:
            values += [value, -value]
            wanted += [result, result | 0x8000]
    done = subprocess.run(["heddle-weights-test", "stored", to, "w", tensor("F64", values)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = done.stdout.decode().split()
    wrong = [(v, f, "%04x" % w) for v, f, w in zip(values, found, wanted) if f != "%04x" % w]
    print("==", title)
    print(len(wrong), "of", "all" if len(found) == len(wanted) else len(found), "rounded otherwise", wrong[:3] or "")


rounding("f16 rounds to nearest even", "f16", half, 7)
rounding("bf16 rounds to nearest even", "bf16", bfloat, 7)
run("f32 from f64", "F64", [0.1, 1 + 2**-24, 1 + 2**-24 + 2**-50, 2**-149, 2**-150, -0.0], "f32")
run("f32 as it is", "F32", [1.5, -2.25], "f32")
run("f32 from f16", "F16", [65504, 2**-24, -0.5], "f32")
run("f64 from bf16", "BF16", [0x3f80], "f64")
run("i32 from i64", "I64", [-2**31, 2**31 - 1], "i32")
run("i64 from u8", "U8", [255], "i64")
run("u8 from i32", "I32", [255, 0], "u8")
run("bool from bool", "BOOL", [0, 1, 7], "bool")
run("bool from u8", "U8", [0, 255], "bool")
run("not a number", "F32", [1, math.nan], "f32", fails=True)
run("infinite", "F64", [-math.inf], "f64", fails=True)
run("over f16", "F32", [65519.99, 65520], "f16", fails=True)
run("over bf16", "F64", [3.4e38], "bf16", fails=True)
run("over f32", "F64", [3.4028235677973366e38], "f32", fails=True)
run("just in f32", "F64", [3.4028235677973362e38], "f32")
run("over i32", "I64", [0] * 5000 + [2**31], "i32", fails=True)
run("under u8", "I8", [-1], "u8", fails=True)
run("over i64", "U64", [0] * 5000 + [2**63], "i64", fails=True)
run("floats as integers", "F32", [1], "i32", fails=True)
run("integers as floats", "I32", [1], "f32", fails=True)
run("integers as bools", "I32", [1], "bool", fails=True)
run("bools as integers", "BOOL", [1], "i8", fails=True)
d.end()
