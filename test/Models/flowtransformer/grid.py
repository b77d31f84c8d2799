"""The grid of FlowTransformer: input encodings, classification heads and transformers.

    grid.py reference    all 36 by the reference evaluator against golden/grid.npy
    grid.py compiled     six of them compiled: every encoding and every head once; two of them
                         with more threads and for a window alone: the same bits
    grid.py table        bytes of the object and time of a call for all 144, at the published sizes

Small, or as published; what is combined is the same. `golden/grid.npy` is [encoding, head, window].
"""
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from golden import run, same_bits  # noqa: E402
from seeded import seeded, weights_of, write_safetensors  # noqa: E402

MODEL = str(HERE / "flowtransformer.heddle")
ENCODINGS = ["none", "record", "record_projection", "dense", "projection", "lookup"]
HEADS = ["last", "flatten", "average", "cls", "featurewise", "featurewise_projection"]
TRANSFORMERS = ["encoder", "decoder", "bert", "gpt"]

WINDOWS, LEVELS, FIELDS = 5, [4, 7, 3], ["TCP_FLAGS", "PROTOCOL", "L7_PROTO"]
SIZES = {"H": 2, "F": 16, "W": 8, "N": 5, "C": 3, "L": max(LEVELS), "R": 12, "D": 6, "mlp": [10],
         "levels": LEVELS, "fields": FIELDS}


def inputs():
    """A few windows of flows: numbers, and codes below the levels of each field."""
    codes = np.random.PCG64(75).random_raw(WINDOWS * 8 * 3).reshape(WINDOWS, 8, 3)
    return {"numeric": seeded("numeric", (WINDOWS, 8, 5), 0, 1),
            "codes": (codes % np.array(LEVELS, np.uint64)).astype(np.int32)}


def chosen(i, j):
    """What stands in row i (encoding) and column j (head) of the grid."""
    transformer = TRANSFORMERS[(i + j) % 4]
    return {"encoding": ENCODINGS[i], "head": HEADS[j], "transformer": transformer,
            "layers": 3 if transformer in ("bert", "gpt") else 2}


def options(settings):
    def text(value):
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return [word for name, value in settings.items() for word in ("--set", f"{name}={text(value)}")]


def check(i, j, reference):
    """None, or how the model in row i and column j departs from its golden values."""
    with tempfile.TemporaryDirectory() as folder:
        sets = options(SIZES | chosen(i, j))
        write_safetensors(f"{folder}/w.safetensors", weights_of(MODEL, sets))
        more = ["--weights", f"{folder}/w.safetensors", *sets]
        more += ["--reference"] if reference else []
        result = run(MODEL, more, inputs(), 1)
        if not reference and i % 3 == 0:
            alone = {name: array[-1:] for name, array in inputs().items()}
            if not (same_bits(run(MODEL, more, inputs(), 5 if i else 2), result)
                    and same_bits(run(MODEL, more, alone, 1), result[-1:])):
                return f"{chosen(i, j)}: more threads or a row alone give other bits"
    expected = np.load(HERE / "golden" / "grid.npy")[i, j][:, None]
    distance = np.abs(result - expected).max() / np.abs(expected).max()
    print(f"{' '.join(map(str, chosen(i, j).values()))}: within {distance:.2g}")
    return None if distance <= 1e-5 else f"{chosen(i, j)}: {distance:.3g} of the largest value"


def check_all(places, reference):
    sys.exit("\n".join(problem for i, j in places if (problem := check(i, j, reference))) or 0)


def table():
    print(f"{'encoding':18} {'head':23} {'transformer':12} {'object, bytes':>14} {'a window, ms'}")
    for encoding, head, transformer in itertools.product(ENCODINGS, HEADS, TRANSFORMERS):
        settings = {"encoding": encoding, "head": head, "transformer": transformer}
        with tempfile.TemporaryDirectory() as folder:
            write_safetensors(f"{folder}/w.safetensors", weights_of(MODEL, options(settings)))
            model = [MODEL, "--weights", f"{folder}/w.safetensors", *options(settings)]
            subprocess.run(["heddle", "compile", *model, "-o", f"{folder}/m.a"], check=True)
            size = pathlib.Path(f"{folder}/m.a").stat().st_size
            bench = subprocess.run(["heddle", "bench", *model, "--dim", "B=1", "--json"],
                                   check=True, capture_output=True, text=True).stdout
        time = json.loads(bench)["median_ms"]
        print(f"{encoding:18} {head:23} {transformer:12} {size:14} {time:12.3f}", flush=True)


def main():
    match sys.argv[1:]:
        case ["reference"]:
            check_all(itertools.product(range(6), range(6)), True)
        case ["compiled"]:
            check_all([(i, (2 * i + i // 3) % 6) for i in range(6)], False)
        case ["table"]:
            table()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
