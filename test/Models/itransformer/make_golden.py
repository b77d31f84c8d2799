#!/usr/bin/env python3
"""Makes the golden values of iTransformer from its authors' code.

    python make_golden.py CODE

CODE is a clone of github.com/thuml/iTransformer (c2426e6). Its model is evaluated in
double precision with seeded weights and series and rounded to f32 at the end; the
largest distance to the same in single precision is printed. Writes

  golden/forecast-N.npy       N = 7, 21 and 321 series, as many as ETT, Weather and ECL have;
                              as [B * P][N]
  golden/forecast-marked.npy  7 series and 4 covariates

Needs PyTorch. Two packages that other mixers of that repository import are replaced by
empty modules.
"""
import json
import pathlib
import sys
import types

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

for package, name in (("reformer_pytorch", "LSHSelfAttention"), ("einops", "rearrange")):
    sys.modules[package] = types.ModuleType(package)
    setattr(sys.modules[package], name, None)


def model(code, dtype):
    sys.path.insert(0, str(code))
    from model.iTransformer import Model

    config = json.loads((HERE / "small.json").read_text("utf-8"))
    # The rest as run.py sets it.
    net = Model(types.SimpleNamespace(**config, output_attention=False, use_norm=True, embed="timeF",
                                      freq="h", dropout=0.1, class_strategy="projection", factor=1,
                                      activation="gelu"))
    net.load_state_dict({name: torch.from_numpy(seeded(name, tuple(old.shape)))
                         for name, old in net.state_dict().items()})
    return net.eval().to(dtype), config


@torch.no_grad()
def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    (net, config), (single, _) = (model(pathlib.Path(sys.argv[1]), dtype)
                                  for dtype in (torch.float64, torch.float32))
    (HERE / "golden").mkdir(exist_ok=True)

    def forecast(*tensors):
        tensors = [torch.from_numpy(t) for t in tensors]
        exact = net(tensors[0].double(), tensors[1].double() if tensors[1:] else None, None, None)
        rounded = single(tensors[0], tensors[1] if tensors[1:] else None, None, None)
        print(f"{list(exact.shape)}: values up to {exact.abs().max():.3g}, "
              f"in single precision within {(exact - rounded).abs().max():.2g}")
        return exact.numpy().astype(np.float32)

    length = config["seq_len"]
    for n in (7, 21, 321):
        y = forecast(seeded(f"x-{n}", (2, length, n), 0, 1))
        np.save(HERE / "golden" / f"forecast-{n}.npy", y.reshape(-1, n))
    y = forecast(seeded("x-7", (2, length, 7), 0, 1), seeded("mark", (2, length, 4), 0, 1))
    np.save(HERE / "golden" / "forecast-marked.npy", y)


if __name__ == "__main__":
    main()
