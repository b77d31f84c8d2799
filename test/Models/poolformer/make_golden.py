#!/usr/bin/env python3
"""Makes the golden values of PoolFormer from Hugging Face transformers.

    python make_golden.py

PoolFormerForImageClassification gets seeded weights by the authors' names, which are
renamed here as for the published conversions; it is evaluated in double precision on
seeded images and rounded to f32 at the end. The largest distance to the same in single
precision is printed. Writes golden/CASE-result.npy. Needs PyTorch, transformers and
heddle (for the names and shapes of poolformer.heddle).
"""
import pathlib
import re
import sys

import numpy as np
import torch
from transformers import PoolFormerConfig, PoolFormerForImageClassification

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded, weights_of  # noqa: E402

# depths, dims, labels, size of the image, number of images
CASES = {"small": ([2, 2, 6, 2], [8, 12, 20, 24], 11, 64, 2),
         "s12": ([2, 2, 6, 2], [64, 128, 320, 512], 1000, 224, 1)}
PARTS = {"norm1": "before_norm", "norm2": "after_norm", "mlp.fc1": "output.conv1",
         "mlp.fc2": "output.conv2"}


def renamed(name):
    """transformers' name of a weight: stages and the convolutions between them are
    numbered apart there."""
    stem = "poolformer.encoder"
    name = re.sub(r"^head\.", "classifier.", name)
    name = re.sub(r"^patch_embed\.proj\.", f"{stem}.patch_embeddings.0.projection.", name)
    name = re.sub(r"^network\.(\d+)\.proj\.",
                  lambda m: f"{stem}.patch_embeddings.{(int(m[1]) + 1) // 2}.projection.", name)
    name = re.sub(r"^network\.(\d+)\.(\d+)\.",
                  lambda m: f"{stem}.block.{int(m[1]) // 2}.{m[2]}.", name)
    if name.startswith(f"{stem}.block."):
        for old, new in PARTS.items():
            name = name.replace(f".{old}.", f".{new}.")
    return name


@torch.no_grad()
def main():
    (HERE / "golden").mkdir(exist_ok=True)
    for case, (depths, dims, labels, size, images) in CASES.items():
        sizes = {"depths": ",".join(map(str, depths)), "dims": ",".join(map(str, dims)),
                 "M": size, "labels": labels}
        options = [part for name, value in sizes.items() for part in ("--set", f"{name}={value}")]
        weights = weights_of(str(HERE / "poolformer.heddle"), options)
        net = PoolFormerForImageClassification(
            PoolFormerConfig(depths=depths, hidden_sizes=dims, num_labels=labels)).eval()
        net.load_state_dict({renamed(name): torch.from_numpy(a) for name, a in weights.items()})
        image = torch.from_numpy(seeded("image", (images, 3, size, size), 0, 1))
        rounded = net(image).logits
        exact = net.double()(image.double()).logits
        print(f"{case}: values up to {exact.abs().max():.3g}, in single precision within "
              f"{(exact - rounded).abs().max():.2g}")
        np.save(HERE / "golden" / f"{case}-result.npy", exact.numpy().astype(np.float32))


if __name__ == "__main__":
    main()
