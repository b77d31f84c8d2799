"""The weights that training ends at, and what they compute: closed_form.py FOLDER

Theorem 4.1 of the paper: for data of covariance L and training prompts of N pairs,
gradient flow from a small start ends at

  W_KQ = c diag(G^-1, 0),  W_PV = 1/c diag(0, 1),  G = (1 + 1/N) L + tr(L)/N I,

c = tr(G^-2)^(-1/4), and the prediction is the estimator
query^T G^-1 (1/M sum_i y_i x_i) for a prompt of M pairs. Writes the checkpoint and
a batch of noiseless linear tasks into FOLDER, and the estimator's predictions,
computed without any attention. Needs NumPy only.
"""
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from seeded import seeded, write_safetensors  # noqa: E402

B, D, N, M = 5, 20, 40, 200


def main():
    folder = pathlib.Path(sys.argv[1])
    root = seeded("root", (D, D)).astype(np.float64)  # of the covariance
    covariance = root @ root.T + 0.1 * np.eye(D)
    gamma = (1 + 1 / N) * covariance + np.trace(covariance) / N * np.eye(D)
    inverse = np.linalg.inv(gamma)
    c = np.trace(inverse @ inverse) ** -0.25
    kq, pv = np.zeros((D + 1, D + 1)), np.zeros((D + 1, D + 1))
    kq[:D, :D], pv[D, D] = c * inverse, 1 / c
    write_safetensors(folder / "closed.safetensors",
                      {"W_KQ": kq.astype(np.float32), "W_PV": pv.astype(np.float32)})

    half = np.linalg.cholesky(covariance)
    x = (seeded("tokens", (B, M, D), 0, 1) @ half.T).astype(np.float32)
    query = (seeded("query", (B, D), 0, 1) @ half.T).astype(np.float32)
    task = seeded("task", (B, D), 0, 1).astype(np.float64)
    y = np.einsum("bd,bmd->bm", task, x.astype(np.float64)).astype(np.float32)
    moment = np.einsum("bm,bmd->bd", y.astype(np.float64), x.astype(np.float64)) / M
    estimate = np.einsum("bd,de,be->b", query.astype(np.float64), inverse, moment)
    for name, array in (("x", x), ("y", y), ("query", query), ("estimate", estimate)):
        np.save(folder / f"closed-{name}.npy", array.astype(np.float32))


if __name__ == "__main__":
    main()
