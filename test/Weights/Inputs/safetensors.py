"""Good and hostile safetensors files for safetensors.test."""
import json
import struct
import sys

sys.dont_write_bytecode = True
from driver import Driver  # noqa: E402

d = Driver(sys.argv[1])


def pack(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


def good(title, contents):
    d.run(title, ["checkpoint", d.write(title + ".safetensors", contents)], fails=False)


def bad(title, contents):
    d.run(title, ["checkpoint", d.write(title + ".safetensors", contents)])


floats = struct.pack("<2f", 1.5, -2.25)

# What is right.
good("empty", pack({}))
good("metadata-and-padding", pack(b'{"__metadata__": {"format": "pt"}, "a": ' + json.dumps(tensor()).encode() + b"}   ", floats))
good("scalar", pack({"s": tensor("F64", (), (0, 8))}, struct.pack("<d", 0.1)))
good("no-elements", pack({"z": tensor("I8", (3, 0), (0, 0)), "a": tensor()}, floats))
values = [("BOOL", struct.pack("<2B", 1, 7)), ("U8", struct.pack("<2B", 255, 1)), ("I8", struct.pack("<2b", -128, 3)),
          ("I16", struct.pack("<2h", -32768, 1)), ("U16", struct.pack("<2H", 65535, 1)), ("I32", struct.pack("<2i", -2**31, 1)),
          ("U32", struct.pack("<2I", 2**32 - 1, 1)), ("I64", struct.pack("<2q", -2**62, 1)), ("U64", struct.pack("<2Q", 2**63, 2**11)),
          ("F16", struct.pack("<2e", 65504, 2**-24)), ("BF16", struct.pack("<2H", 0x3f80, 0xc049)), ("F32", floats),
          ("F64", struct.pack("<2d", 0.1, 0.2))]
header, data = {}, b""
for name, part in values:
    header["t." + name] = tensor(name, (2,), (len(data), len(data) + len(part)))
    data += part
# An odd header length leaves the tensors unaligned.
text = json.dumps(header).encode()
good("all-types", pack(text + b" " * (len(text) % 2 + 1), data))
path = d.write("all-types.safetensors", pack(text, data))
d.run("read-as-float", ["read", "float", "0", "2", "t.BF16", path], fails=False)
d.run("read-as-integer", ["read", "integer", "1", "1", "t.U64", path], fails=False)
d.run("integer-too-large", ["read", "integer", "0", "1", "t.U64", path])
d.run("floats-as-integers", ["read", "integer", "0", "1", "t.F16", path])
d.run("range-outside", ["read", "double", "1", "2", "t.F32", path])
d.run("range-begins-outside", ["read", "double", "3", "0", "t.F32", path])
half = [0x7c00, 0xfc00, 0x7e00, 0x8000, 0x03ff, 0x0400]
path = d.write("half.safetensors", pack({"h": tensor("F16", (6,), (0, 12))}, struct.pack("<6H", *half)))
d.run("half", ["read", "double", "0", "6", "h", path], fails=False)
# Large enough to be mapped: pages are given back between two rounds.
path = d.write("mapped.safetensors", pack({"m": tensor("I32", (100000,), (0, 400000))}, struct.pack("<100000i", *range(100000))))
d.run("mapped", ["read", "integer", "99997", "3", "m", path], fails=False)

# The file.
bad("zero-bytes", b"")
bad("seven-bytes", b"\0" * 7)
bad("length-over-file", pack({}, length=3))
bad("length-wraps", struct.pack("<Q", 2**64 - 8) + b"{}")
bad("length-zero", struct.pack("<Q", 0))
bad("not-an-object", pack(b"[1]"))
bad("space-first", pack(b" {}"))
bad("not-json", pack(b'{"a": }'))
bad("not-utf8", pack(b'{"\xff\xfe": 1}'))
bad("nul-in-json", pack(b'{"a"\0: 1}'))
bad("json-ends-early", pack(b'{"a": {"dtype": "F32"'))
bad("two-values", pack(b"{}{}"))
bad("deep", pack(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"))
bad("twice", pack(b'{"a": ' + json.dumps(tensor()).encode() + b', "\\u0061": ' + json.dumps(tensor()).encode() + b"}", floats))
bad("twice-inside", pack(b'{"a": {"dtype": "F32", "dtype": "I32", "shape": [2], "data_offsets": [0, 8]}}', floats))
d.run("missing-file", ["checkpoint", d.folder + "/none.safetensors"])
d.run("folder", ["checkpoint", d.folder])
d.run("device", ["checkpoint", "/dev/zero"])

# One tensor.
bad("tensor-is-list", pack({"a": [1]}))
bad("unknown-key", pack({"a": tensor(strides=[1])}, floats))
bad("no-dtype", pack({"a": {"shape": [2], "data_offsets": [0, 8]}}, floats))
bad("dtype-number", pack({"a": tensor(7)}, floats))
bad("dtype-unknown", pack({"a": tensor("F8_E4M3")}, floats))
bad("no-shape", pack({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, floats))
bad("shape-object", pack({"a": {"dtype": "F32", "shape": {}, "data_offsets": [0, 8]}}, floats))
bad("shape-fraction", pack({"a": tensor(shape=[1.5])}, floats))
bad("shape-negative", pack({"a": tensor(shape=[-2])}, floats))
bad("shape-text", pack({"a": tensor(shape=["2"])}, floats))
bad("shape-huge-extent", pack({"a": tensor(shape=[2**63])}, floats))
bad("shape-huge-product", pack({"a": tensor(shape=[2**32, 2**32])}, floats))
bad("shape-huge-bytes", pack({"a": tensor(shape=[2**62])}, floats))
bad("shape-many-axes", pack({"a": tensor(shape=[1] * 65)}, floats))
bad("no-offsets", pack({"a": {"dtype": "F32", "shape": [2]}}, floats))
bad("offsets-one", pack({"a": tensor(offsets=[0])}, floats))
bad("offsets-three", pack({"a": tensor(offsets=[0, 8, 8])}, floats))
bad("offsets-descend", pack({"a": tensor(offsets=[8, 0])}, floats))
bad("offsets-outside", pack({"a": tensor(offsets=[0, 9])}, floats))
bad("offsets-null", pack({"a": tensor(offsets=[None, 8])}, floats))
bad("size-differs", pack({"a": tensor(shape=[3])}, floats))
bad("name-unprintable", pack({"a\n\u0007": tensor(shape=[3])}, floats))

# All tensors together.
bad("overlap", pack({"a": tensor(), "b": tensor(offsets=[4, 12])}, floats + b"\0" * 4))
bad("same-bytes", pack({"a": tensor(), "b": tensor()}, floats))
bad("hole", pack({"a": tensor(), "b": tensor(offsets=[12, 20])}, b"\0" * 20))
bad("hole-first", pack({"a": tensor(offsets=[4, 12])}, b"\0" * 12))
bad("tail", pack({"a": tensor()}, floats + b"\0"))
bad("metadata-list", pack({"__metadata__": []}))
bad("metadata-number", pack({"__metadata__": {"epoch": 3}}))

# Several files.
one = d.write("one.safetensors", pack({"x.a": tensor()}, floats))
two = d.write("two.safetensors", pack({"x.b": tensor()}, floats))
d.run("two-files", ["checkpoint", one, two], fails=False)
d.run("one-file-twice", ["checkpoint", one, one])


def index(title, contents, fails=True):
    text = contents if isinstance(contents, bytes) else json.dumps(contents).encode()
    d.run(title, ["checkpoint", d.write(title + ".json", text)], fails)


index("index", {"metadata": {}, "weight_map": {"x.b": "two.safetensors", "x.a": "one.safetensors"}}, fails=False)
index("index-of-missing-tensor", {"weight_map": {"x.c": "one.safetensors"}})
index("index-of-missing-file", {"weight_map": {"x.a": "three.safetensors"}})
index("index-parent-folder", {"weight_map": {"x.a": "../one.safetensors"}})
index("index-absolute", {"weight_map": {"x.a": "/etc/passwd"}})
index("index-backslash", {"weight_map": {"x.a": "..\\one.safetensors"}})
index("index-dots", {"weight_map": {"x.a": ".."}})
index("index-no-name", {"weight_map": {"x.a": ""}})
index("index-nul", b'{"weight_map": {"x.a": "one.safetensors\\u0000"}}')
index("index-number", {"weight_map": {"x.a": 1}})
index("index-no-map", {"weights": {}})
index("index-list", [1])
index("index-map-list", {"weight_map": []})
index("index-not-json", b"{")

# Names.
names = ["encoder.layer.%d.attention.self.query.weight" % i for i in range(3)] + ["encoder.layer.0.output.dense.weight", "pooler.dense.bias"]
path = d.write("names.safetensors", pack({n: tensor("U8", (1,), (i, i + 1)) for i, n in enumerate(names)}, b"\0" * len(names)))
for name in ["encoder.layer.0.attention.self.querry.weight", "bert.pooler.dense.bias", "pooler.bias", "encoder.layer.7.output.dense.weight", "lm_head", ""]:
    d.run("nearest " + name, ["nearest", name, path], fails=False)
d.end()
