"""Weights and inputs that are the same everywhere, made from their names alone.

    seeded.py weights MODEL OUT.safetensors [OPTION...]
    seeded.py input NAME SHAPE OUT.npy          SHAPE as in 2,3,16

`weights` takes names and shapes from the imported module (OPTIONs are heddle's),
so a checkpoint need not be stored. make_golden.py of a model imports `seeded` to
give the reference implementation the same numbers. Needs NumPy only.
"""
import hashlib
import json
import re
import struct
import subprocess
import sys

import numpy as np


def seeded(name, shape, shift=None, spread=None):
    """An f32 array whose values depend on `name` and `shape` only.

    Uniform around `shift` with standard deviation `spread`, from the raw bits of
    PCG64: those are the same in all versions of NumPy, its distributions are not.
    By default matrices keep the size of what goes through them, and a vector
    called "...weight" or "...var" is the scale of a norm: about 1, above 0.
    """
    count = int(np.prod(shape, dtype=np.int64))
    scale = len(shape) == 1 and name.endswith(("weight", "var"))
    if shift is None:
        shift = 1 if scale else 0
    if spread is None:
        spread = (count / shape[0]) ** -0.5 if len(shape) > 1 else 0.3
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    bits = np.random.PCG64(seed).random_raw(count) >> np.uint64(40)
    unit = (bits.astype(np.float64) + 0.5) * 2.0**-23 - 1  # within (-1, 1), variance 1/3
    return (shift + spread * 3**0.5 * unit).astype(np.float32).reshape(shape)


def seeded_integers(name, shape, below):
    """An i32 array of 0 .. below - 1, by `name` and `shape` only."""
    count = int(np.prod(shape, dtype=np.int64))
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    numbers = (np.random.PCG64(seed).random_raw(count) >> np.uint64(32)) % np.uint64(below)
    return numbers.astype(np.int32).reshape(shape)


DTYPES = {"float32": "F32", "int32": "I32", "bool": "BOOL"}


def write_safetensors(path, tensors):
    """Writes {name: array} of f32, i32 or bool."""
    header, offset = {}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def weights_of(model, options):
    """{name: seeded array} of every f32, i32 and bool weight that `model` reads."""
    text = subprocess.run(["heddle", "compile", model, "--emit=import", *options],
                          check=True, capture_output=True, text=True).stdout
    found = re.findall(r'graph\.weight (\[?)("[^\]:]*")\]?(?: below (\d+))? : '
                       r'!graph\.tensor<\[([^\]]*)\], (f32|i32|i1)>', text)
    weights = {}
    for stacked, names, below, dims, kind in found:
        shape = [int(d) for d in dims.split(",") if d.strip()]
        for name in re.findall(r'"([^"]+)"', names):
            one = shape[1:] if stacked else shape
            if kind == "f32":
                weights[name] = seeded(name, one)
            else:
                weights[name] = seeded_integers(name, one, int(below or 2))
                if kind == "i1":
                    weights[name] = weights[name].astype(bool)
    return weights


def main():
    match sys.argv[1:]:
        case ["weights", model, out, *options]:
            write_safetensors(out, weights_of(model, options))
        case ["input", name, shape, out]:
            np.save(out, seeded(name, [int(d) for d in shape.split(",")], 0, 1))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
