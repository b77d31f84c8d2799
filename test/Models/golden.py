"""Runs a model on golden inputs and demands the golden results.

    golden.py MODEL GOLDEN_DIR CASE... [--input PARAMETER=FILE]... [--threads] [--rows]
              [--within R] -- OPTION...

For each CASE, GOLDEN_DIR holds CASE-result.npy and CASE-PARAMETER.npy for each parameter that
--input does not give; OPTIONs are heddle's. `heddle run` must come within R (default 1e-5) of the
golden result's largest absolute value. With --threads, 2 and 5 threads must give the bits that one
gives. With --rows, every parameter has the batch first, and so has the result: the last row alone
must give the bits that it has in the batch.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np


def run(model, options, inputs, threads):
    with tempfile.TemporaryDirectory() as folder:
        command = ["heddle", "run", model, "--threads", str(threads), "--output-dir", folder]
        for name, array in inputs.items():
            path = f"{folder}/input-{name}.npy"
            np.save(path, array)
            command += ["--input", f"{name}={path}"]
        subprocess.run(command + options, check=True)
        return np.load(f"{folder}/result.npy")


def same_bits(a, b):
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def check(options, case):
    """None, or what is wrong with `case`."""
    inputs = {path.stem.removeprefix(f"{case}-"): np.load(path)
              for path in sorted(options.golden.glob(f"{case}-*.npy"))}
    expected = inputs.pop("result")
    for name, path in (text.split("=", 1) for text in options.input):
        inputs[name] = np.load(path)
    result = run(options.model, options.options, inputs, 1)
    if result.shape != expected.shape or result.dtype != expected.dtype:
        return f"result is {result.dtype}{result.shape}, expected {expected.dtype}{expected.shape}"
    scale = np.abs(expected).max()
    distance = np.abs(result.astype(np.float64) - expected).max()
    print(f"{case}: {list(result.shape)} within {distance / scale:.2g} of {scale:.3g}")
    if not distance <= options.within * scale:
        return f"distance {distance:.3g}, allowed {options.within * scale:.3g}"
    for threads in (2, 5) if options.threads else ():
        if not same_bits(run(options.model, options.options, inputs, threads), result):
            return f"{threads} threads give other bits than one"
    if options.rows:
        alone = {name: array[-1:] for name, array in inputs.items()}
        if not same_bits(run(options.model, options.options, alone, 1), result[-1:]):
            return "the last row alone has other bits than in its batch"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("golden", type=pathlib.Path)
    parser.add_argument("cases", nargs="+")
    parser.add_argument("--input", action="append", default=[])
    parser.add_argument("--threads", action="store_true")
    parser.add_argument("--rows", action="store_true")
    parser.add_argument("--within", type=float, default=1e-5)
    own, options = sys.argv[1:], []
    if "--" in own:
        at = own.index("--")
        own, options = own[:at], own[at + 1:]
    parsed = parser.parse_args(own)
    parsed.options = options
    bad = [f"{case}: {problem}" for case in parsed.cases if (problem := check(parsed, case))]
    sys.exit("\n".join(bad) or 0)


if __name__ == "__main__":
    main()
