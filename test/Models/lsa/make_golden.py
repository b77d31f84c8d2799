#!/usr/bin/env python3
"""Makes the golden values of linear self-attention from the paper's equation.

    python make_golden.py

There is no reference implementation, so f(E) = E + W_PV E (E^T W_KQ E) / N
is evaluated here in double precision as it stands there, with seeded weights and
prompts, and rounded to f32 at the end. Writes golden/predict-N.npy for prompts of
"""
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

B, D = 3, 20


def predict(pv, kq, x, y, query):
    """x: [B, N, D], y: [B, N], query: [B, D]."""
    results = []
    for xs, ys, q in zip(x, y, query):
        n = len(ys)
        e = np.block([[xs.T, q[:, None]], [ys[None, :], np.zeros((1, 1))]])
        f = e + pv @ e @ (e.T @ kq @ e) / n
        results.append(f[-1, -1])
    return np.array(results)


def main():
    (HERE / "golden").mkdir(exist_ok=True)
    weights = [seeded(name, (D + 1, D + 1)).astype(np.float64) for name in ("W_PV", "W_KQ")]
    for n in (1, 20, 400):
        x, y, query = (seeded(f"{name}-{n}", shape, 0, 1).astype(np.float64) for name, shape in
                       (("x", (B, n, D)), ("y", (B, n)), ("query", (B, D))))
        result = predict(*weights, x, y, query)
        print(f"N = {n}: {result}")
        np.save(HERE / "golden" / f"predict-{n}.npy", result.astype(np.float32))


if __name__ == "__main__":
    main()
