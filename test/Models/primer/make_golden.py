#!/usr/bin/env python3
"""Makes the golden values of Primer: make_golden.py (writes golden/*.npy beside it).

The authors' code (google-research/primer/t5_models.py) needs Mesh TensorFlow, which no longer
runs; this is PyTorch written from it and from mesh_tensorflow/transformer, in double precision.
The buckets of relative positions are those of transformers' T5, whose code is an adaptation of
Mesh TensorFlow's. Weights by ../seeded.py, under the names of the authors' checkpoints.

  NAME-ids, NAME-result   ez and full on three rows of 40; long: ez on a row of 150, past the
                          last bucket of distances
"""
import pathlib
import sys

import numpy as np
import torch
from transformers.models.t5.modeling_t5 import T5Attention

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

LAYERS, H, E, D, F, V, BUCKETS, FAR = 3, 3, 24, 8, 40, 30, 32, 128
EPS = 1e-6


def weight(name, *shape):
    return torch.from_numpy(seeded(name, shape)).double()


def bias(at, length):
    table = weight(f"{at}/relative_attention_bias", H, BUCKETS)
    place = torch.arange(length)
    bucket = T5Attention._relative_position_bucket(
        place[None, :] - place[:, None], bidirectional=False, num_buckets=BUCKETS, max_distance=FAR)
    return table[:, bucket]


def dconv(x, at):
    """As causal_depthwise_conv: the sequence is shifted once more for each tap."""
    y = x * weight(f"{at}/conv_0", H * D)
    for k in (1, 2):
        x = torch.nn.functional.pad(x, (0, 0, 1, 0))[:, :-1]
        y = y + x * weight(f"{at}/conv_{k}", H * D)
    return y


def heads(x):
    return x.unflatten(-1, (H, D)).transpose(1, 2)


def attention(x, bias, at, full):
    xq = x @ weight(f"{at}/q", E, H * D)
    if full:
        k = dconv(xq, f"{at}/qk_dconv")
        q = k @ weight(f"{at}/q_solo_project/kernel", H * D, H * D)
    else:
        q = dconv(xq, f"{at}/q_dconv")
        k = dconv(x @ weight(f"{at}/k", E, H * D), f"{at}/k_dconv")
    v = dconv(x @ weight(f"{at}/v", E, H * D), f"{at}/v_dconv")
    scores = heads(q) @ heads(k).transpose(-1, -2) + bias
    scores = scores + torch.full(scores.shape[-2:], -1e9, dtype=scores.dtype).triu(1)
    y = (scores.softmax(-1) @ heads(v)).transpose(1, 2).flatten(-2)
    return y @ weight(f"{at}/o", H * D, E)


def feed_forward(x, at, biases):
    h = x @ weight(f"{at}/wi/kernel", E, F)
    if biases:
        h = h + weight(f"{at}/wi/bias", F)
    y = torch.relu(h).square() @ weight(f"{at}/wo/kernel", F, E)
    return y + weight(f"{at}/wo/bias", E) if biases else y


def norm(x, at, full):
    kind = "primer_norm" if full else "layer_norm"
    outer = "primer_norm" if full else "true_layer_norm"
    at = f"{at}/{outer}/layer_prepostprocess/{kind}/{kind}"
    centred = x - x.mean(-1, keepdim=True)
    variance = (x * centred if full else centred.square()).mean(-1, keepdim=True)
    scaled = centred * torch.rsqrt(variance + EPS)
    return scaled * weight(f"{at}_scale", E) + weight(f"{at}_bias", E)


def primer(ids, full, biases):
    table = weight("transformer/embedding", V, E)
    x = table[torch.from_numpy(ids).long()]
    relative = bias("transformer/block_000/layer_000/MDHA", ids.shape[1])
    for l in range(LAYERS):
        at = f"transformer/block_{l:03d}"
        y = attention(norm(x, f"{at}/layer_000", full), relative, f"{at}/layer_000/MDHA", full)
        x = x + y
        inner = x if full else norm(x, f"{at}/layer_001", full)
        y = feed_forward(inner, f"{at}/layer_001/DenseReluDense", biases)
        x = x + (norm(y, f"{at}/layer_001", full) if full else y)
    return norm(x, "transformer", full) * E**-0.5 @ table.T


def main():
    (HERE / "golden").mkdir(exist_ok=True)
    rng = np.random.Generator(np.random.PCG64(31))
    rows, row = rng.integers(0, V, (3, 40), np.int32), rng.integers(0, V, (1, 150), np.int32)
    cases = {"ez": (rows, False, False), "full": (rows, True, True), "long": (row, False, False)}
    for name, (ids, full, biases) in cases.items():
        logits = primer(ids, full, biases).numpy()
        print(name, logits.shape, "scale", np.abs(logits).max())
        np.save(HERE / "golden" / f"{name}-ids.npy", ids)
        np.save(HERE / "golden" / f"{name}-result.npy", logits.astype(np.float32))


main()
