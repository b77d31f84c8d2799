"""How the scripts that make golden files collect cases: see check_golden.py for what a file holds."""

import json
import os

import numpy as np
import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def random(shape, seed, scale=1.0, shift=0.0):
    """Normal numbers that f32 holds exactly, as doubles."""
    r = np.random.default_rng(seed)
    return torch.from_numpy(np.asarray(r.normal(size=shape) * scale + shift).astype(np.float32).astype(np.float64))


def stored(value):
    """A tensor as a .npy file of its type holds it: reals are f32."""
    a = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    if a.dtype.kind == "f":
        return a.astype(np.float32)
    return a.astype(np.int32) if a.dtype.kind == "i" else a


class Golden:
    def __init__(self):
        self.arrays, self.cases, self.seed = {}, {}, 1000

    def weight(self, path, shape, scale=0.5, shift=0.0):
        """A random weight; the same path gives the same weight."""
        key = f"weight|{path}"
        if key not in self.arrays:
            self.seed += 1
            self.arrays[key] = stored(random(shape, self.seed, scale, shift))
        return torch.from_numpy(self.arrays[key].astype(np.float64))

    def case(self, name, entry, inputs, outputs, terms, reference_terms=2, scale=None, relative=False):
        """check_golden.py says what the last four mean."""
        assert name not in self.cases, name
        assert scale is not None or not relative
        self.cases[name] = {"entry": entry, "terms": terms, "reference_terms": reference_terms, "relative": relative}
        if scale is not None:
            self.cases[name]["scale"] = scale
        for key, value in inputs.items():
            self.arrays[f"{name}|in|{key}"] = stored(value)
        for key, value in outputs.items():
            with np.errstate(over="ignore"):
                self.arrays[f"{name}|out|{key}"] = stored(value)

    def write(self, name):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", name + ".npz")
        np.savez_compressed(path, cases=np.array(json.dumps(self.cases)), **self.arrays)
        print(f"{name}: {len(self.cases)} cases, {os.path.getsize(path)} bytes")
