#!/usr/bin/env python3
"""Compares two .npy files.

    python compare_npy.py ACTUAL.npy EXPECTED.npy [--atol A] [--rtol R]

Fails unless dtype and shape agree and |actual - expected| <= A + R * |expected|
for every element (NaN equals NaN, an infinity equals itself). Without
tolerances the elements must be equal. Says where the worst element is.
"""

import argparse
import sys

import numpy as np


def difference(actual, expected, atol, rtol):
    """None, or a sentence that says how the arrays differ."""
    if actual.dtype != expected.dtype:
        return f"element type is {actual.dtype}, expected {expected.dtype}"
    if actual.shape != expected.shape:
        return f"shape is {list(actual.shape)}, expected {list(expected.shape)}"
    if actual.size == 0:
        return None
    a, e = actual.astype(np.float64), expected.astype(np.float64)
    same = (a == e) | (np.isnan(a) & np.isnan(e))
    with np.errstate(invalid="ignore"):
        distance = np.where(same, 0.0, np.abs(a - e))
        allowed = np.where(np.isfinite(e), atol + rtol * np.abs(e), 0.0)
    bad = ~(distance <= allowed)
    if not bad.any():
        print(f"equal within atol {atol:g}, rtol {rtol:g}: largest distance {distance.max():.3g}")
        return None
    excess = np.where(bad, np.where(np.isnan(distance), np.inf, distance - allowed), -np.inf)
    at = tuple(int(i) for i in np.unravel_index(excess.argmax(), excess.shape))
    return (f"{int(bad.sum())} of {a.size} elements differ; the worst at {list(at)}: "
            f"{a[at]!r}, expected {e[at]!r}, distance {distance[at]:.3g}, allowed {allowed[at]:.3g}")


def main():
    parser = argparse.ArgumentParser(description="compares two .npy files")
    parser.add_argument("actual")
    parser.add_argument("expected")
    parser.add_argument("--atol", type=float, default=0.0)
    parser.add_argument("--rtol", type=float, default=0.0)
    o = parser.parse_args()
    problem = difference(np.load(o.actual), np.load(o.expected), o.atol, o.rtol)
    if problem:
        print(f"{o.actual}: {problem}", file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
