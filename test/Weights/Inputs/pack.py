"""Packs small arrays and compares with the definition of the layout, written out as loops."""
import itertools
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from driver import Driver  # noqa: E402

d = Driver(sys.argv[1])


def array(shape, descr, code, first=1):
    count = 1
    for extent in shape:
        count *= extent
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, tuple(shape))
    values = [(first + i) % 251 for i in range(count)]
    data = struct.pack("<%d%s" % (count, code), *values)
    return d.write("x.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + data), values


def panels(shape, values, axis, width):
    """[ceil(extent / width)][other axes in order][width], zeros behind the end."""
    strides = [1] * len(shape)
    for a in range(len(shape) - 2, -1, -1):
        strides[a] = strides[a + 1] * shape[a + 1]
    others = [a for a in range(len(shape)) if a != axis]
    packed = []
    for panel in range(-(-shape[axis] // width)):
        for index in itertools.product(*[range(shape[a]) for a in others]):
            at = sum(i * strides[a] for i, a in zip(index, others))
            for lane in range(width):
                position = panel * width + lane
                packed.append(values[at + position * strides[axis]] if position < shape[axis] else 0)
    return packed


def check(shape, axis, width, descr="|u1", code="B"):
    path, values = array(shape, descr, code)
    wanted = panels(shape, values, axis, width) if width else values
    done = subprocess.run(["heddle-weights-test", "pack", str(axis), str(width), path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = done.stdout.decode().split()
    if done.returncode or found != [str(v) for v in wanted]:
        print("WRONG", shape, axis, width, descr, done.stdout.decode()[:300])
        d.failed = True


cases = 0
for shape in [(1,), (7,), (16,), (17,), (3, 5), (5, 3), (8, 8), (2, 3, 4), (4, 1, 3), (3, 2, 2, 2), (0, 4), (4, 0), (2, 0, 3)]:
    for axis in range(len(shape)):
        for width in [0, 1, 2, 4, 8, 16]:
            for descr, code in [("|u1", "B"), ("<i4", "i")]:
                check(shape, axis, width, descr, code)
                cases += 1
# Rows longer than a tile, in one and in several reads.
for shape, axis, width in [((3, 70000), 0, 4), ((70000, 3), 1, 2), ((2, 3, 50000), 1, 2), ((70000,), 0, 16), ((9, 20000), 0, 8), ((140000, 1), 0, 0)]:
    check(shape, axis, width)
    check(shape, axis, width, "<i4", "i")
    cases += 2
print(cases, "tensors packed")
path, _ = array((3, 5), "|u1", "B")
d.run("by hand", ["pack", "0", "2", path], fails=False)
d.run("by hand, inner", ["pack", "1", "4", path], fails=False)
d.run("axis-outside", ["pack", "2", "4", path])
d.run("axis-negative", ["pack", "-1", "4", path])
d.run("width-negative", ["pack", "0", "-4", path])
d.run("width-huge", ["pack", "0", "2000000000", path])
d.end()
