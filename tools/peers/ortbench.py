#!/usr/bin/env python3
"""Times the compiled MiniLM and ONNX Runtime in turns, in one process.

    python ortbench.py MINILM.onnx MINILM.a [--rows 1] [--tokens 128] [--threads 1]
                       [--rounds 20] [--json]

MINILM.onnx comes from export_onnx.py, MINILM.a from `heddle compile`. Both get
the same ids with nothing masked. A round is a few calls of the one, then a few of
the other, so that a change of the machine's speed meets both; the first round
warms up and is dropped. With several threads a turn begins when those of the other
have gone to sleep (ONNX Runtime's look for work for milliseconds after a call, on the
processors that the next call needs), and with a call that wakes its own and is not
counted. Prints the medians of all calls in milliseconds, and
their ratio (over 1: ONNX Runtime is faster). Stops if the results differ by 1e-5.

ONNX Runtime runs with all graph optimizations and the given threads. Needs
requirements-peers.txt.
"""

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime

WIDTH, VOCABULARY, MESSAGE, ALIGNMENT = 384, 30522, 192, 64
SETTLE_SECONDS = 0.05


class Options(ctypes.Structure):
    _fields_ = [("threads", ctypes.c_int32), ("trust_weights", ctypes.c_int32),
                ("parallel", ctypes.c_void_p), ("parallel_context", ctypes.c_void_p),
                ("target", ctypes.c_char_p), ("weights_file", ctypes.c_char_p),
                ("weights", ctypes.c_void_p), ("weights_size", ctypes.c_uint64),
                ("message", ctypes.c_char * MESSAGE)]


class Args(ctypes.Structure):
    _fields_ = [("B", ctypes.c_int64), ("S", ctypes.c_int64), ("ids", ctypes.c_void_p),
                ("keep", ctypes.c_void_p), ("result", ctypes.c_void_p),
                ("message", ctypes.c_char * MESSAGE)]


class Compiled:
    """MiniLM from an archive, linked into a shared library for this process."""

    def __init__(self, archive, threads):
        with tempfile.TemporaryDirectory() as folder:
            library = os.path.join(folder, "minilm.so")
            subprocess.run(["cc", "-shared", "-o", library, "-Wl,--whole-archive", archive,
                            "-Wl,--no-whole-archive", "-lm", "-lpthread"], check=True)
            self.library = ctypes.CDLL(library)
        self.library.minilm_encode_workspace.restype = ctypes.c_size_t
        self.library.minilm_encode_workspace.argtypes = [ctypes.c_int64, ctypes.c_int64]
        self.library.minilm_encode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
                                               ctypes.c_size_t]
        self.model = ctypes.c_void_p()
        options = Options(threads)
        status = self.library.minilm_open(ctypes.byref(self.model), ctypes.byref(options))
        if status:
            sys.exit(f"minilm_open: {options.message.decode()} (status {status})")

    def prepare(self, ids):
        rows, tokens = ids.shape
        self.ids = np.ascontiguousarray(ids, np.int32)
        self.keep = np.ones(ids.shape, np.uint8)
        self.result = np.empty((rows, WIDTH), np.float32)
        self.size = self.library.minilm_encode_workspace(rows, tokens)
        self.memory = np.empty(self.size + ALIGNMENT, np.uint8)
        self.workspace = -(-self.memory.ctypes.data // ALIGNMENT) * ALIGNMENT
        self.args = Args(rows, tokens, self.ids.ctypes.data, self.keep.ctypes.data,
                         self.result.ctypes.data)

    def run(self):
        status = self.library.minilm_encode(self.model, ctypes.byref(self.args), self.workspace,
                                            self.size)
        if status:
            sys.exit(f"minilm_encode: {self.args.message.decode()}")
        return self.result


def main():
    parser = argparse.ArgumentParser(description="times the compiled MiniLM beside ONNX Runtime")
    parser.add_argument("onnx")
    parser.add_argument("archive")
    parser.add_argument("--rows", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    o = parser.parse_args()

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = o.threads
    settings.inter_op_num_threads = 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(o.onnx, settings, providers=["CPUExecutionProvider"])
    ids = np.random.default_rng(1).integers(1000, VOCABULARY, (o.rows, o.tokens))
    feed = {"ids": ids.astype(np.int64), "mask": np.ones(ids.shape, np.int64)}
    compiled = Compiled(o.archive, o.threads)
    compiled.prepare(ids)

    peers = {"heddle": compiled.run, "onnxruntime": lambda: session.run(None, feed)[0]}
    distance = float(np.abs(peers["heddle"]() - peers["onnxruntime"]()).max())
    if not distance < 1e-5:
        sys.exit(f"the results differ by {distance:.2e}")

    times = {name: [] for name in peers}
    for turn in range(o.rounds + 1):
        for name, run in peers.items():
            if o.threads > 1:
                time.sleep(SETTLE_SECONDS)
                run()
            for _ in range(20 if o.threads > 1 else 5):
                begin = time.perf_counter()
                run()
                if turn:
                    times[name].append(1e3 * (time.perf_counter() - begin))
    medians = {name: float(np.median(t)) for name, t in times.items()}
    ratio = medians["heddle"] / medians["onnxruntime"]
    if o.json:
        print(json.dumps({**medians, "ratio": ratio, "distance": distance,
                          "onnxruntime_version": onnxruntime.__version__}))
        return
    print(f"B = {o.rows}, S = {o.tokens}, {o.threads} thread(s), "
          f"median of {len(times['heddle'])} calls")
    print(f"  heddle       {medians['heddle']:8.2f} ms")
    print(f"  onnxruntime  {medians['onnxruntime']:8.2f} ms   (version {onnxruntime.__version__})")
    print(f"  ratio        {ratio:8.2f}      largest distance of the results {distance:.1e}")


if __name__ == "__main__":
    main()
