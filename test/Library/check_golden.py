#!/usr/bin/env python3
"""Runs the cases of a golden file and compares: check_golden.py MODEL.heddle GOLDEN.npz FOLDER [OPTION...]

GOLDEN holds arrays `weight|PATH`, `CASE|in|NAME`, `CASE|out|NAME`, and `cases`, a JSON text that gives each case its
entry and tolerances (make_golden.py writes all of it). The weights go to FOLDER/model.safetensors, which `heddle
verify` can then use. Each case runs by the reference evaluator and compiled (with OPTIONs).

An element may differ by

    terms * 2^-24 * scale + 2^-126

where compiled code rounds `terms` times values of size `scale`: the case's, or else the largest expected value. In cases that
are `relative`, the element's own size is added to the scale. The reference computes in doubles and rounds only results
and constants: 2 in place of `terms`, unless the case says otherwise. Infinities and NaN must agree in place and sign;
integers and bools are equal."""

import json
import os
import struct
import subprocess
import sys

import numpy as np

TYPES = {"float32": "F32", "int32": "I32", "bool": "BOOL"}


def write_safetensors(path, tensors):
    header, data, offset = {}, [], 0
    for name, value in tensors.items():
        raw = np.ascontiguousarray(value).tobytes()
        header[name] = {"dtype": TYPES[str(value.dtype)], "shape": list(value.shape),
                        "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def difference(actual, expected, terms, scale):
    """None, or a sentence that says how the arrays differ."""
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        return f"is {actual.dtype}{list(actual.shape)}, expected {expected.dtype}{list(expected.shape)}"
    if actual.size == 0 or actual.dtype.kind in "bi":
        wrong = np.argwhere(actual != expected)
        return None if not len(wrong) else f"{len(wrong)} differ, first at {wrong[0].tolist()}"
    a, e = actual.astype(np.float64), expected.astype(np.float64)
    scale = np.where(np.isfinite(e), scale(e), 0)
    same = (a == e) | (np.isnan(a) & np.isnan(e))
    with np.errstate(invalid="ignore"):
        distance = np.where(same, 0, np.abs(a - e))
        allowed = np.where(np.isfinite(e), terms * 2.0**-24 * scale + 2.0**-126, 0)
    bad = ~(distance <= allowed)
    if not bad.any():
        return None
    rank = np.where(bad, np.where(np.isnan(distance), np.inf, distance - allowed), -np.inf)
    at = np.unravel_index(rank.argmax(), rank.shape)
    return (f"{int(bad.sum())} of {a.size} differ; the worst at {[int(i) for i in at]}: {a[at]!r}, expected {e[at]!r}, "
            f"distance {distance[at]:.3g}, allowed {allowed[at]:.3g}")


def scale_of(case, expected):
    if "scale" not in case:
        finite = expected[np.isfinite(expected)]
        return np.abs(finite).max() if finite.size else 0
    return case["scale"] + (np.abs(expected) if case["relative"] else 0)


def main():
    model, golden, folder, *options = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    arrays = dict(np.load(golden))
    cases = json.loads(str(arrays.pop("cases")))
    weights = {k.split("|")[1]: v for k, v in arrays.items() if k.startswith("weight|")}
    checkpoint = os.path.join(folder, "model.safetensors")
    write_safetensors(checkpoint, weights)
    common = ["heddle", "run", model, *(["--weights", checkpoint] if weights else []), *options]
    problems = 0
    for name, case in cases.items():
        command = [*common, "--entry", case["entry"]]
        outputs = {}
        for key, value in arrays.items():
            parts = key.split("|")
            if parts[0] != name:
                continue
            if parts[1] == "in":
                path = os.path.join(folder, f"{name}-{parts[2]}.npy")
                np.save(path, value)
                command += ["--input", f"{parts[2]}={path}"]
            else:
                outputs[parts[2]] = value
        for how in ("compiled", "reference"):
            result = os.path.join(folder, how, name)
            run = subprocess.run([*command, "--output-dir", result, *(["--reference"] if how == "reference" else [])],
                                 capture_output=True, text=True)
            if run.returncode:
                problems += 1
                print(f"{name}, {how}: exit code {run.returncode}\n{run.stderr}")
                continue
            for output, expected in outputs.items():
                actual = np.load(os.path.join(result, output + ".npy"))
                terms = case["terms"] if how == "compiled" else case["reference_terms"]
                problem = difference(actual, expected, terms, lambda e: scale_of(case, e))
                if problem:
                    problems += 1
                    print(f"{name}, {how}: {output} {problem}")
    print(f"{len(cases)} cases, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
