#!/usr/bin/env python3
"""Makes the golden values of CCT from its authors' code.

    python make_golden.py CODE

CODE is a clone of github.com/SHI-Labs/Compact-Transformers. Models are built as its
cct_2_3x2_32, cct_7_3x1_32 and cvt_7_4_32 build them, given seeded weights, evaluated in double
precision on seeded images and rounded to f32 at the end; the largest distance to the
same in single precision is printed. `small` has all the parts with few channels.
Writes golden/NAME-result.npy. Needs PyTorch.
"""
import json
import pathlib
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402


@torch.no_grad()
def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.path.insert(0, sys.argv[1])
    from src.cct import CCT
    from src.cvt import CVT

    (HERE / "golden").mkdir(exist_ok=True)
    for name in ("cct_2_3x2_32", "cct_7_3x1_32", "cvt_7_4_32", "small"):
        config = json.loads((HERE / f"{name}.json").read_text("utf-8"))
        kernel = config["kernel_size"]
        if name.startswith("cvt"):
            net = CVT(**config).eval()
        else:
            net = CCT(**config, stride=max(1, kernel // 2 - 1), padding=max(1, kernel // 2)).eval()
        net.load_state_dict({key: torch.from_numpy(seeded(key, tuple(old.shape)))
                             for key, old in net.state_dict().items()})
        size = config["img_size"]
        image = torch.from_numpy(seeded("image", (2, config["n_input_channels"], size, size), 0, 1))
        rounded = net(image)
        exact = net.double()(image.double())
        print(f"{name}: {sum(p.numel() for p in net.parameters())} parameters, values up to "
              f"{exact.abs().max():.3g}, in single precision within "
              f"{(exact - rounded).abs().max():.2g}")
        np.save(HERE / "golden" / f"{name}-result.npy", exact.numpy().astype(np.float32))


if __name__ == "__main__":
    main()
