#!/usr/bin/env python3
"""Makes golden/transforms.npz with PyTorch, in doubles."""

import torch

from golden_file import Golden, random


def transforms():
    g = Golden()
    for b in (1, 3):
        x, y, u, v = random((b, 24), b), random((b, 24), b + 1), random(7, b + 2), random(7, b + 3)
        p, q = random((b, 2, 64), b + 4), random((b, 2, 64), b + 5)
        out = {}
        for n, z in ((24, torch.complex(x, y)), (7, torch.complex(u, v)), (64, torch.complex(p, q))):
            z = torch.fft.fft(z)
            out[f"re{n}"], out[f"im{n}"] = z.real, z.imag
        g.case(f"pairs-{b}", "pairs", {"x": x, "y": y, "u": u, "v": v, "p": p, "q": q}, out, 24, reference_terms=24)
        p = random((b, 3, 50), b + 6)
        out = {}
        for n, z in ((24, x), (7, u), (50, p)):
            z = torch.fft.rfft(z)
            out[f"re{n}"], out[f"im{n}"] = z.real, z.imag
        g.case(f"reals-{b}", "reals", {"x": x, "u": u, "p": p}, out, 32, reference_terms=32)
    g.write("transforms")


if __name__ == "__main__":
    transforms()
