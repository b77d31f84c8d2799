#!/usr/bin/env python3
"""Makes golden/pointwise.npz and golden/axis.npz with PyTorch, in doubles."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from golden_file import Golden, random, stored


def activations(x):
    return {"relu": F.relu(x), "sigmoid": torch.sigmoid(x), "silu": F.silu(x), "gelu": F.gelu(x),
            "gelu_tanh": F.gelu(x, approximate="tanh"), "gelu_quick": x * torch.sigmoid(1.702 * x), "elu": F.elu(x),
            "softplus": F.softplus(x), "relu2": F.relu(x) ** 2}


def parameters(x):
    return {"leaky_relu": F.leaky_relu(x, 0.01), "star_relu": 0.8944 * F.relu(x) ** 2 - 0.4472,
            "clip": torch.clip(x, -1, 6), "one_if": (x > 0.5).double()}


def pointwise():
    g = Golden()
    edges = [0.0, 1e-40, 1e-30, 1e-8, 1e-4, 0.02, 0.5, 1, 2, 5, 6, 8.5, 10, 17, 20, 30, 60, 80, 87.3, 88.0, 88.7, 88.8, 90,
             104, 120, 200, 1e4, 1e6, 1e12, 1e13, 1e18]
    extreme = torch.tensor([*edges, *(-e for e in edges), 1e30, 3.4e38, math.inf], dtype=torch.float32).double()
    for name, x in {"one": random(1, 1), "usual": random(61, 2, 3.0), "extreme": extreme}.items():
        for k, v in activations(x).items():
            assert not v.isnan().any(), k
        g.case(f"{name}-activations", "activations", {"x": x}, activations(x), 4, scale=1, relative=True)
        g.case(f"{name}-parameters", "parameters", {"x": x}, parameters(x), 4, scale=1, relative=True)
        small = {"elu": F.elu(x), "softplus": torch.logaddexp(x, torch.zeros_like(x)), "log1p": torch.log1p(x),
                 "expm1": torch.expm1(x)}
        g.case(f"{name}-small", "small", {"x": x}, small, 8, scale=0, relative=True)
        # The approximation's own error is 1.5e-6 at most.
        fast = {"gelu_erf_fast": F.gelu(x), "erfc_fast": torch.special.erfc(x.abs())}
        g.case(f"{name}-fast", "fast", {"x": x}, fast, 25, reference_terms=25, scale=1)
    x = torch.tensor([-math.inf, math.inf, -1.0, -0.5, -0.50001, 1.00001, -1.1])
    g.case("ends-small", "small", {"x": x}, {"elu": F.elu(x), "softplus": torch.logaddexp(x, torch.zeros_like(x)),
                                             "log1p": torch.log1p(x), "expm1": torch.expm1(x)}, 8, scale=0, relative=True)
    for m, n in ((1, 1), (5, 23)):
        x, a, s = random((m, n), m, 2.0), random(m, m + 1).abs(), random((), m + 2)
        y = torch.where(x > 0, x, a[:, None] * x) + torch.minimum(torch.maximum(x, -a[:, None]), a[:, None])
        g.case(f"indexed-{m}", "indexed", {"x": x, "a": a, "s": s}, {"y": y.T, "z": F.silu(s)}, 4)
    g.write("pointwise")


def standardise(x, axes, eps):
    mean = x.mean(axes, keepdim=True)
    return (x - mean) / (((x - mean) ** 2).mean(axes, keepdim=True) + eps).sqrt()


def along(x, axes):
    """The axis functions over some axes of x."""
    lse = torch.logsumexp(x, axes, keepdim=True)
    return {"standardise": standardise(x, axes, 1e-5),
            "l2_normalise": x / x.pow(2).sum(axes, keepdim=True).sqrt().clamp(min=1e-12),
            "log_sum_exp": lse.reshape([n for i, n in enumerate(x.shape) if i not in axes]),
            "log_softmax": x - lse,
            "softmax_plus_one": torch.exp(x - torch.logaddexp(lse, torch.zeros_like(lse)))}


def axis():
    g = Golden()
    assert torch.allclose(along(random((2, 3, 5), 1), (2,))["log_softmax"], F.log_softmax(random((2, 3, 5), 1), -1))
    for b, m, n in ((1, 1, 1), (2, 3, 9), (3, 4, 33)):
        x = random((b, m, n), n, 2.0)
        g.case(f"rows-{n}", "rows", {"x": x}, along(x, (2,)), 2 * n + 16)
        g.case(f"planes-{n}", "planes", {"x": x}, along(x, (1, 2)), 2 * m * n + 16)
        keep = random((b * m, n), n + 1) > -0.3
        keep[:, 0] = True
        x = x.reshape(b * m, n)
        out = {k: torch.zeros(b * m if k == "log_sum_exp" else (b * m, n)) for k in along(x, (1,))}
        for r in range(b * m):
            for k, v in along(x[r, keep[r]], (0,)).items():
                if k == "log_sum_exp":
                    out[k][r] = v
                else:
                    out[k][r, keep[r]] = v
        if b * m <= 4:
            g.case(f"ragged-{n}", "ragged", {"x": x, "keep": keep}, out, 2 * n + 16)
    # A row without any element, and scores that overflow when exponentiated.
    x, keep = random((2, 5), 7), torch.tensor([[False] * 5, [True] * 5])
    out = {k: torch.zeros(2, 5) for k in along(x, (1,))}
    out["log_sum_exp"] = torch.full((2,), -math.inf)
    for k, v in along(x[1], (0,)).items():
        out[k][1] = v
    g.case("empty", "ragged", {"x": x, "keep": keep}, out, 32)
    x = torch.tensor([[[1e4, 1e4, -1e4], [-1e4, -1e4, -1.2e4], [200.0, 100.0, 0.0], [-200.0, -100.0, -50.0]]])
    g.case("large", "rows", {"x": x}, along(x, (2,)), 16)
    g.case("columns", "columns", {"x": x[0]}, {"result": torch.logsumexp(x[0], 0)}, 16)
    # Infinite scores: no inf - inf arises.
    inf = math.inf
    x = torch.tensor([[-inf, -inf, -inf], [-inf, 1, 2], [inf, 1, -inf], [inf, inf, 3], [3e38, 3e38, -3e38], [-3e38] * 3])
    g.case("infinite", "sums", {"x": x}, {"log_sum_exp": torch.logsumexp(x, 1)}, 16)
    x = x[[0, 1, 5]]
    g.case("nothing", "plus", {"x": x}, {"softmax_plus_one": along(x, (1,))["softmax_plus_one"]}, 16)
    g.write("axis")


if __name__ == "__main__":
    pointwise()
    axis()
