#!/usr/bin/env python3
"""Makes the golden values of ViT from Hugging Face transformers.

    python make_golden.py

ViTForImageClassification reads a checkpoint of seeded weights under the names of the
published ones (transformers renames them itself), is evaluated in double precision on
seeded images and rounded to f32 at the end; the largest distance to the same in single
precision is printed. Writes golden/small-result.npy. Needs PyTorch and transformers.
"""
import json
import pathlib
import sys
import tempfile

import numpy as np
import torch
from transformers import ViTConfig, ViTForImageClassification

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded, weights_of, write_safetensors  # noqa: E402

LABELS = 10


@torch.no_grad()
def main():
    config = json.loads((HERE / "small.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        # As the published checkpoints: names as in vit.heddle, config.json beside them.
        options = ["--config", str(HERE / "small.json"), "--set", f"labels={LABELS}"]
        write_safetensors(f"{folder}/model.safetensors", weights_of(str(HERE / "vit.heddle"), options))
        ViTConfig(**config, num_labels=LABELS).save_pretrained(folder)
        net, info = ViTForImageClassification.from_pretrained(
            folder, output_loading_info=True, attn_implementation="eager")
        assert not any(info.values()), info
    size = config["image_size"]
    image = torch.from_numpy(seeded("image", (3, config["num_channels"], size, size), 0, 1))
    rounded = net.eval()(image).logits
    exact = net.double()(image.double()).logits
    print(f"values up to {exact.abs().max():.3g}, in single precision within "
          f"{(exact - rounded).abs().max():.2g}")
    (HERE / "golden").mkdir(exist_ok=True)
    np.save(HERE / "golden" / "small-result.npy", exact.numpy().astype(np.float32))


if __name__ == "__main__":
    main()
