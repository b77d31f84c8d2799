#!/usr/bin/env python3
"""Makes golden/selection.npz and transport.npz with NumPy, in doubles; what it can is compared with transformers."""

import math

import numpy as np
import torch
from transformers import TopPLogitsWarper

from golden_file import Golden, random


def nucleus(logits, p, mask):
    """Token after token, the likeliest first, until their probability is p."""
    keep = np.zeros(logits.shape, bool)
    for row in range(len(logits)):
        there = [v for v in range(logits.shape[1]) if mask[row, v]]
        weights = {v: math.exp(logits[row, v] - max(logits[row, t] for t in there)) for v in there}
        whole, taken = math.fsum(weights.values()), []
        for v in sorted(there, key=lambda v: (-logits[row, v], v)):
            sofar = math.fsum(taken) / whole
            # Away from where rounding decides, but for sums that are exact.
            assert not taken or p[row] >= 1 or sofar == p[row] or abs(sofar - p[row]) > 1e-5
            if taken and sofar >= p[row] and p[row] < 1:
                break
            keep[row, v] = True
            taken.append(weights[v])
    return keep


def likely(g, name, logits, p, mask):
    logits, p, mask = np.asarray(logits, np.float32), np.asarray(p, np.float32), np.asarray(mask, bool)
    rows, every = len(logits), np.ones_like(mask)
    if 0 < p.min() and p.max() < 1 and np.isfinite(logits).all() and len(np.unique(logits)) == logits.size:
        for row in range(rows):
            theirs = TopPLogitsWarper(float(p[row]))(None, torch.from_numpy(logits[row:row + 1]))
            assert (np.isfinite(theirs.numpy())[0] == nucleus(logits, p, every)[row]).all()
    g.case(name, "likely", {"logits": logits, "p": p, "mask": mask}, {
        "usual": nucleus(logits, np.full(rows, np.float32(0.9)), every), "rows": nucleus(logits, p, every),
        "masked": nucleus(logits, p, mask), "one": mask, "least": nucleus(logits, np.zeros(rows), every)}, 0)


def pick(logits, u, temperature=1.0, mask=True):
    u = np.clip(u, np.float32(0.01), np.float32(0.99)).astype(np.float64)
    score = np.where(mask, logits / temperature - np.log(-np.log(u)), -np.inf)
    return score.argmax(-1)


def scaled(x, turns, rows=1.0, columns=1.0, mask=True):
    """Cuturi 2013, algorithm 1: scalings u and v of the kernel exp(x)."""
    kernel = np.where(mask, np.exp(x), 0)
    u, v = np.ones(x.shape[:-1]), np.ones(x.shape[:-2] + x.shape[-1:])
    for _ in range(turns):
        u = rows / np.einsum("...mn,...n->...m", kernel, v)
        v = columns / np.einsum("...mn,...m->...n", kernel, u)
    return u[..., :, None] * kernel * v[..., None, :]


def normalised(x, turns):
    """Mena et al. 2018, equation 4: rows, then columns, are divided by their sums."""
    y = np.exp(x)
    for _ in range(turns):
        y = y / y.sum(-1, keepdims=True)
        y = y / y.sum(-2, keepdims=True)
    return y


def selection():
    g = Golden()
    for b, v in ((1, 1), (3, 33)):
        logits = random((b, v), v).numpy()
        u = torch.special.ndtr(random((b, v), v + 1)).float().double().numpy()
        mask = random((b, v), v + 2).numpy() > 0.5
        mask[:, 0] = True
        g.case(f"pick-{v}", "pick", {"logits": logits, "u": u, "mask": mask}, {
            "usual": pick(logits, u), "cold": pick(logits, u, 0.25), "masked": pick(logits, u, mask=mask)}, 0)
        keep = nucleus(logits, np.full(b, np.float32(0.3)), np.ones_like(mask))
        g.case(f"drawn-{v}", "drawn", {"logits": logits, "u": u}, {"result": pick(logits, u, mask=keep)}, 0)
        likely(g, f"likely-{v}", logits * 2, np.linspace(0.05, 0.97, b), mask)
    # Equal tokens, of which the earlier come first; sums that are p exactly; one token that has everything.
    likely(g, "ties", [[0, 0, 0, 0], [1, 5, 5, 5], [-1e4, 0, -1e4, 0]], [0.5, 0.4, 0.5],
           [[0, 1, 1, 0], [1, 0, 1, 1], [1, 1, 1, 1]])
    likely(g, "ends", [[0.1, 0.3, 0.2]] * 3, [1e-30, 1.0, 7.0], [[1, 0, 1]] * 3)
    likely(g, "sure", [[-200, 1e4, 200], [-np.inf, 3.0, -np.inf], [3e38, -3e38, 0]], [0.9, 0.999, 0.5], [[1, 1, 1]] * 3)
    # Rows of one element, and of none.
    likely(g, "few", [[0.5, 2.0, 1.0], [0.5, 2.0, 1.0]], [0.9, 0.01], [[1, 0, 0], [0, 0, 1]])
    x = np.float32([[0.5, 2.0]])
    g.case("none", "likely", {"logits": x, "p": np.float32([0.7]), "mask": np.zeros((1, 2), bool)}, {
        "usual": x < 9, "rows": x > 1, "masked": x > 9, "one": x > 9, "least": x > 1}, 0)
    g.write("selection")


def transport():
    g = Golden()
    for m in (1, 4, 19):
        x = random((m, m), m, 2.0).numpy()
        out = {"two": scaled(x, 2), "one": scaled(x, 1), "none": np.exp(x)}
        assert np.allclose(out["two"], normalised(x, 2), 1e-12)
        g.case(f"square-{m}", "square", {"x": x}, out, 4 * m + 100)
    for name, x in {"usual": random((4, 4), 4).numpy(), "large": random((4, 4), 9, 100.0).numpy()}.items():
        # The large ones have exponentials that leave the range of f32.
        assert np.allclose(scaled(x, 20), normalised(x, 20), 1e-12)
        g.case(name, "usual", {"x": x}, {"result": scaled(x, 20)}, 4000 if name == "large" else 120)
    mask = (np.arange(5)[:, None] - np.arange(5)) % 5 <= 2
    mask = np.stack((mask, mask | np.eye(5, dtype=bool)[::-1]))
    x = random((2, 5, 5), 5).numpy()
    g.case("band", "band", {"x": x, "mask": mask}, {"result": scaled(x, 4, mask=mask)}, 120)
    for b in (1, 3):
        x, rows, columns = (random(s, b).numpy() for s in ((b, 7, 3), 7, 3))
        rows, columns = (np.float32(np.abs(r) / np.abs(r).sum()).astype(np.float64) for r in (rows, columns))
        g.case(f"plan-{b}", "plan", {"x": x, "rows": rows, "columns": columns},
               {"result": scaled(x, 4, rows, columns)}, 120)
    g.write("transport")


if __name__ == "__main__":
    selection()
    transport()
