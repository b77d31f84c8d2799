#!/usr/bin/env python3
"""Makes the golden values of BigBird: make_golden.py (writes golden/*.npy beside it).

The attention is that of transformers (BigBirdBlockSparseAttention) in double precision, given the
random blocks that the entry takes: drawn by transformers' own function, the same for all heads.
Around it stands the encoder of Long Range Arena, which normalises first. Weights by ../seeded.py.

  blocks    10 blocks, 3 of them random, three rows of different lengths
"""
import pathlib
import sys

import numpy as np
import torch
from transformers import BigBirdConfig
from transformers.models.big_bird.modeling_big_bird import BigBirdBlockSparseAttention, BigBirdModel

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

LAYERS, H, E, F, V, P, W, LABELS = 2, 2, 16, 24, 30, 64, 4, 5
N, R, LENGTHS = 10, 3, [40, 37, 18]


def weight(name, *shape):
    return torch.from_numpy(seeded(name, shape)).double()


def linear(x, at, width):
    return x @ weight(f"{at}.weight", width, x.shape[-1]).T + weight(f"{at}.bias", width)


def norm(x, at):
    return torch.nn.functional.layer_norm(
        x, (E,), weight(f"{at}.weight", E), weight(f"{at}.bias", E), 1e-6)


class Attention(BigBirdBlockSparseAttention):
    """With random blocks that are given, and projections without biases."""

    def __init__(self, random, at):
        super().__init__(BigBirdConfig(hidden_size=E, num_attention_heads=H, block_size=W,
                                       use_bias=False, num_random_blocks=R,
                                       max_position_embeddings=P))
        self.random = random
        for name in ("query", "key", "value"):
            getattr(self, name).weight = torch.nn.Parameter(weight(f"{at}.{name}.weight", E, E))

    def _bigbird_block_rand_mask_with_head(self, **_):
        return [self.random[1:-1]] * H  # the first and the last block see all


def draw():
    """Blocks beside those that a block sees anyway, as transformers draws them for one head."""
    drawing = Attention(None, "encoderblock_0.attention").train()
    np.random.seed(7)
    middle = BigBirdBlockSparseAttention._bigbird_block_rand_mask_with_head(
        drawing, from_seq_length=N * W, to_seq_length=N * W, from_block_size=W, to_block_size=W,
        num_heads=1, plan_from_length=[N * W], plan_num_rand_blocks=[R])[0]
    random = np.zeros((N, R), np.int32)
    random[1:-1] = middle[-(N - 2):]
    return random


def classify(ids, keep, random):
    x = weight("embed.embedding", V, E)[torch.from_numpy(ids).long()]
    x = x + weight("posembed.embedding", P, E)[:ids.shape[1]]
    mask = torch.from_numpy(keep).double()
    blocked, band, rows, columns = BigBirdModel.create_masks_for_block_sparse_attn(mask, W)
    for l in range(LAYERS):
        at = f"encoderblock_{l}"
        attend = Attention(random, f"{at}.attention").eval()
        y, _ = attend(norm(x, f"{at}.LayerNorm_0"), band, rows, columns, blocked, blocked)
        x = x + y @ weight(f"{at}.attention.out.weight", E, E).T
        z = linear(norm(x, f"{at}.LayerNorm_1"), f"{at}.mlp.Dense_0", F)
        x = x + linear(torch.nn.functional.gelu(z, approximate="tanh"), f"{at}.mlp.Dense_1", E)
    x = norm(x, "encoder_norm")
    pooled = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return linear(torch.relu(linear(pooled, "classifier.Dense_0", F)), "classifier.Dense_1", LABELS)


def main():
    (HERE / "golden").mkdir(exist_ok=True)
    ids = np.random.Generator(np.random.PCG64(41)).integers(0, V, (len(LENGTHS), N * W), np.int32)
    keep = np.arange(N * W) < np.array(LENGTHS)[:, None]
    random = draw()
    print(random)
    with torch.no_grad():
        logits = classify(ids, keep, random).numpy()
    print(logits)
    arrays = {"ids": ids, "keep": keep, "random": random, "result": logits.astype(np.float32)}
    for name, array in arrays.items():
        np.save(HERE / "golden" / f"blocks-{name}.npy", array)


main()
