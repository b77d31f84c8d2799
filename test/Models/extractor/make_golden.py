#!/usr/bin/env python3
"""Makes the golden values of the Extractors: make_golden.py (writes golden/*.npy beside it).

No authors' code exists. This is NumPy in double precision, written from the equations at the top
of extractor.heddle: the sums over k one after the other, as a step-by-step decoder would form
them. Weights and inputs by ../seeded.py, and by its `input x 3,16,24`.

  KIND-INDEX-result         the operator alone; INDEX is position, or distance with 1 / sqrt(t + 1)
  model-ids, model-result   the language model with SHE by position
"""
import math
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

E, F, V, T, LAYERS = 24, 40, 30, 16, 2


def weight(name, *shape):
    return seeded(name, shape).astype(np.float64)


def extractor(x, kind, at, distance=False, scaled=False):
    y = np.zeros_like(x)
    for t in range(x.shape[1]):
        total = np.zeros((len(x), E))
        for i in range(t + 1):
            k = t - i if distance else i
            if kind == "SHE":
                total += x[:, i] @ weight(f"{at}.Wext_{k}", E, E)
            elif kind == "HE":
                total += x[:, i] @ weight(f"{at}.Wext", E, E) * weight(f"{at}.wext", T, E)[k]
            elif kind == "WE":
                total += x[:, i] @ weight(f"{at}.Wext", E, E) * weight(f"{at}.wext", T)[k]
            else:
                total += x[:, i] * weight(f"{at}.wext", T)[k]
        y[:, t] = total * (x[:, t] @ weight(f"{at}.Wadj", E, E))
        if scaled:
            y[:, t] /= math.sqrt(t + 1)
    return y


def norm(x, at):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return scaled * weight(f"{at}.weight", E) + weight(f"{at}.bias", E)


def linear(x, at, rows, columns):
    return x @ weight(f"{at}.weight", rows, columns).T + weight(f"{at}.bias", rows)


def logits(ids):
    x = weight("token", V, E)[ids] + weight("position", T, E)[:ids.shape[1]]
    for l in range(LAYERS):
        at = f"layers.{l}"
        x = x + extractor(norm(x, f"{at}.norm_0"), "SHE", f"{at}.extractor")
        u = linear(norm(x, f"{at}.norm_1"), f"{at}.dense_0", F, E)
        u = 0.5 * u * (1 + np.vectorize(math.erf)(u / math.sqrt(2)))
        x = x + linear(u, f"{at}.dense_1", E, F)
    return linear(norm(x, "norm"), "head", V, E)


def main():
    (HERE / "golden").mkdir(exist_ok=True)
    x = seeded("x", (3, T, E), 0, 1).astype(np.float64)
    ids = (np.random.PCG64(27).random_raw(3 * 11) % np.uint64(V)).astype(np.int32).reshape(3, 11)
    results = {"model": logits(ids)}
    for kind in ("SHE", "HE", "WE", "ME"):
        at = "layers.0.extractor"
        results[f"{kind}-position"] = extractor(x, kind, at)
        results[f"{kind}-distance"] = extractor(x, kind, at, distance=True, scaled=True)
    np.save(HERE / "golden" / "model-ids.npy", ids)
    for name, result in results.items():
        print(name, result.shape, "scale", np.abs(result).max())
        np.save(HERE / "golden" / f"{name}-result.npy", result.astype(np.float32))


main()
