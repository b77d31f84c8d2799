"""Good and hostile .npy files for npy.test; the format is written out by hand."""
import struct
import sys

sys.dont_write_bytecode = True
from driver import Driver  # noqa: E402

d = Driver(sys.argv[1])


def npy(header, data=b"", version=(1, 0), length=None, magic=b"\x93NUMPY"):
    text = header if isinstance(header, bytes) else header.encode()
    size = len(text) if length is None else length
    return magic + bytes(version) + struct.pack("<H" if version[0] == 1 else "<I", size) + text + data


def head(descr="<f4", order="False", shape="(2,)"):
    return "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n" % (descr, order, shape)


floats = struct.pack("<2f", 1.5, -2.25)


def good(title, contents):
    """Reads the file and the copy that was written: they must say the same."""
    path, copy = d.write(title + ".npy", contents), d.folder + "/copy.npy"
    d.run(title, ["npy", path, copy], fails=False)
    with open(copy, "rb") as file:
        written = file.read()
    start = 10 + struct.unpack("<H", written[8:10])[0]
    if written[:8] != b"\x93NUMPY\1\0" or start % 64 or written[start - 1:start] != b"\n":
        print("UNEXPECTED header", written[:start])
        d.failed = True
    d.run(title + " again", ["npy", copy], fails=False)


good("f4", npy(head(), floats))
good("version-2", npy(head(), floats, version=(2, 0)))
good("version-3", npy(head(), floats, version=(3, 0)))
good("scalar", npy(head("<f8", shape="()"), struct.pack("<d", 0.1)))
good("no-elements", npy(head("<i8", shape="(3, 0, 2)")))
good("python-2", npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2L, 1L)}", struct.pack("<2i", -1, 5)))
good("other-order", npy('{"shape":(1,2),"fortran_order":False,"descr":"|u1"}', b"\1\xff"))
good("matrix", npy(head("<i2", shape="(2, 3)"), struct.pack("<6h", *range(6))))
good("fortran", npy(head("<i2", "True", "(2, 3)"), struct.pack("<6h", 0, 3, 1, 4, 2, 5)))
cube = [i * 20 + j * 5 + k for k in range(5) for j in range(4) for i in range(3)]
good("fortran-cube", npy(head("<i4", "True", "(3, 4, 5)"), struct.pack("<60i", *cube)))
good("fortran-vector", npy(head(order="True"), floats))
good("fortran-empty", npy(head(order="True", shape="(2, 0)")))
for descr, data in [("|b1", b"\0\1"), ("|i1", b"\x80\1"), ("|u1", b"\x80\1"), ("<u2", b"\xff\xff\1\0"), ("<u4", b"\xff" * 4 + b"\1\0\0\0"),
                    ("<u8", b"\xff" * 8 + b"\1" + b"\0" * 7), ("<i8", b"\xff" * 8 + b"\1" + b"\0" * 7), ("<f2", b"\0\x3c\1\0")]:
    good("type " + descr, npy(head(descr), data))


def bad(title, contents):
    d.run(title, ["npy", d.write(title + ".npy", contents)])


bad("empty", b"")
bad("magic-only", b"\x93NUMPY")
bad("text", b"1 2 3\n4 5 6\n")
bad("zip", b"PK\3\4" + b"\0" * 60)
bad("version-0", npy(head(), floats, version=(0, 0)))
bad("version-4", npy(head(), floats, version=(4, 0)))
bad("version-1.1", npy(head(), floats, version=(1, 1)))
bad("no-length", b"\x93NUMPY\2\0\1\0")
bad("length-over-file", npy(head(), length=1000))
bad("length-huge", npy(head(), length=2**32 - 1, version=(2, 0)))
bad("length-over-limit", npy(b" " * 70000, version=(2, 0)))
bad("header-empty", npy(""))
bad("header-list", npy("[1]"))
bad("header-open", npy("{'descr': '<f4'"))
bad("header-behind", npy(head().strip() + " {}", floats))
bad("string-open", npy("{'descr"))
bad("no-colon", npy("{'descr' '<f4'}"))
bad("no-comma", npy("{'descr': '<f4' 'shape': ()}"))
bad("key-number", npy("{1: 2}"))
bad("key-unknown", npy("{'desc': '<f4'}"))
bad("key-twice", npy("{'descr': '<f4', 'descr': '<f4'}"))
bad("no-shape", npy("{'descr': '<f4', 'fortran_order': False}"))
bad("no-order", npy("{'descr': '<f4', 'shape': ()}"))
bad("no-descr", npy("{}"))
bad("big-endian", npy(head(">f4"), floats))
bad("objects", npy(head("|O"), b"\x80\4N."))
bad("complex", npy(head("<c8"), floats))
bad("text-elements", npy(head("<U2"), floats))
bad("records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", floats))
bad("descr-number", npy("{'descr': 4}"))
bad("order-number", npy(head(order="0"), floats))
bad("shape-number", npy(head(shape="2"), floats))
bad("shape-list", npy(head(shape="[2]"), floats))
bad("shape-no-tuple", npy(head(shape="(2)"), floats))
bad("shape-negative", npy(head(shape="(-2,)"), floats))
bad("shape-plus", npy(head(shape="(+2,)"), floats))
bad("shape-fraction", npy(head(shape="(2.0,)"), floats))
bad("shape-over-64-bits", npy(head(shape="(99999999999999999999,)"), floats))
bad("shape-over-63-bits", npy(head(shape="(9223372036854775808,)"), floats))
bad("shape-product", npy(head(shape="(4294967296, 4294967296)"), floats))
bad("shape-bytes", npy(head(shape="(4611686018427387904,)"), floats))
bad("shape-many-axes", npy(head(shape="(" + "1, " * 65 + ")"), floats))
bad("shape-open", npy(head(shape="(2, ")))
bad("shape-two-commas", npy(head(shape="(2,,)")))
bad("too-few-bytes", npy(head(shape="(3,)"), floats))
bad("too-many-bytes", npy(head(), floats + b"\0"))
bad("claims-much", npy(head(shape="(1000000000000,)"), floats))
path = d.write("written.npy", npy(head(), floats))
d.run("write-to-folder", ["npy", path, d.folder])
d.run("write-to-nowhere", ["npy", path, d.folder + "/none/x.npy"])
d.end()
