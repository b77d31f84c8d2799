"""Hostile content that is large or binary. What gives a function makes its file itself."""
import json
import os
import random
import struct

KB, MB = 1 << 10, 1 << 20


# Model texts.

def model(body="", params="x: f32[B]", result="f32[B]", where="B <= 8", items="", value="x"):
    """A model of one entry around what a case is about."""
    return (f"model m\n{items}\nentry e({params}) -> {result}\n  where {where}\n"
            f"{{\n{body}\n  return {value}\n}}\n")


def nest(opening, count, inner="1", closing=""):
    return opening * count + inner + closing * count


def doubled(count, first, each):
    """`let a0 = FIRST`, then each the one before, twice."""
    return model(items=f"let a0 = {first}\n" + "".join(f"let a{i} = {each.replace('@', f'a{i - 1}')}\n"
                                                       for i in range(1, count)))


def towers(count, body="@(x) + @(x)", first="x"):
    """Functions of which each calls the one before several times."""
    items = f"fn f0(x) = {first}\n" + "".join(f"fn f{i}(x) = {body.replace('@', f'f{i - 1}')}\n" for i in range(1, count))
    return model(f"y[b] = f{count - 1}(x[b])", items=items, value="y")


def names(count, form="i{}", joint=", "):
    return joint.join(form.format(i) for i in range(count))


def recursion(calls, ifs=1):
    """A block that calls itself, in ifs within ifs."""
    return model("y = r(x, 1000)", value="y", items="block r(x: f32[B], n: int) -> f32[B] {\n" + "if n > -1 {\n" * ifs +
                 f"x = {calls}\n" + "}\n" * ifs + "return x\n}\n")


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def used(path, files):
    """A model that uses file 0; `files(n)` is the text of file n, or null where they end."""
    number = 0
    while (text := files(number)) is not None:
        with open(f"{path}.{number}", "w", encoding="utf-8") as f:
            f.write(text)
        number += 1
    with open(path, "w", encoding="utf-8") as f:
        f.write(f'use "{os.path.basename(path)}.0"\n' + model())


# safetensors.

def safetensors(header, data=b"\0" * 16, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype="F32", shape=(4,), offsets=(0, 16)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def one(**fields):
    return safetensors({"w": {**tensor(), **fields}})


def index(path, weight_map, **files):
    """A sharded checkpoint's index; `path` is the index."""
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"weight_map": weight_map}, f)
    for name, content in files.items():
        with open(os.path.join(os.path.dirname(path), name + ".safetensors"), "wb") as f:
            f.write(content)


# .npy.

def npy(header, data=b"\0" * 16, version=(1, 0), length=None, magic=b"\x93NUMPY"):
    text = header.encode("latin-1")
    size = len(text) if length is None else length
    return magic + bytes(version) + struct.pack("<H" if version[0] == 1 else "<I", size) + text + data


def array(shape="(2, 2)", descr="'<i4'", order="False", data=b"\0" * 16, more=""):
    return npy(f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, {more}}}\n", data)


# Files that are none.

def folder(path):
    os.mkdir(path)


def loop(path):
    os.symlink(path, path)


def dangling(path):
    os.symlink(path + ".missing", path)


def link(target):
    return lambda path: os.symlink(target, path)


def nothing(path):
    pass


def fifo(path):
    os.mkfifo(path)


def sparse(size, begin=b""):
    """A file of zeros that takes no place."""
    def make(path):
        with open(path, "wb") as f:
            f.write(begin)
            f.truncate(size)
    return make
