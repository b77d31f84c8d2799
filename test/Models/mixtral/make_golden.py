#!/usr/bin/env python3
"""Makes the golden values of Mixtral: make_golden.py (writes golden/*.npy beside it).

transformers' MixtralForCausalLM in double precision, where it does not convert to single itself
(norms and router). Weights by ../seeded.py, under the names of the published checkpoints.

  small    two layers, two of four experts, grouped keys and values; rows of 21 and 13 tokens
"""
import pathlib
import sys

import numpy as np
import torch
from transformers import MixtralConfig, MixtralForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

LAYERS, H, G, E, F, V, X, K = 2, 4, 2, 32, 24, 30, 4, 2
S, LENGTHS = 21, [21, 13]


def weight(name, *shape):
    return torch.from_numpy(seeded(name, shape)).double()


def expert(at, n, name, *shape):
    return weight(f"{at}.experts.{n}.{name}.weight", *shape)


def fill(model):
    """Gives each parameter its seeded values; transformers stacks the experts' weights."""
    for name, parameter in model.named_parameters():
        at = name.split(".experts.")[0].replace(".mlp", ".block_sparse_moe")
        if name.endswith("gate_up_proj"):
            value = torch.stack([torch.cat([expert(at, n, "w1", F, E), expert(at, n, "w3", F, E)])
                                 for n in range(X)])
        elif name.endswith("down_proj"):
            value = torch.stack([expert(at, n, "w2", E, F) for n in range(X)])
        else:
            value = weight(name.replace(".mlp.", ".block_sparse_moe."), *parameter.shape)
        assert parameter.shape == value.shape, name
        parameter.data = value


def main():
    (HERE / "golden").mkdir(exist_ok=True)
    config = MixtralConfig(
        num_hidden_layers=LAYERS, num_attention_heads=H, num_key_value_heads=G, hidden_size=E,
        intermediate_size=F, vocab_size=V, num_local_experts=X, num_experts_per_tok=K,
        head_dim=E // H, rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        sliding_window=None, tie_word_embeddings=False, attn_implementation="eager",
        experts_implementation="eager")
    model = MixtralForCausalLM(config).double().eval()
    fill(model)
    ids = np.random.Generator(np.random.PCG64(43)).integers(0, V, (len(LENGTHS), S), np.int32)
    keep = np.arange(S) < np.array(LENGTHS)[:, None]
    with torch.no_grad():
        logits = model(input_ids=torch.from_numpy(ids).long(),
                       attention_mask=torch.from_numpy(keep).long(),
                       position_ids=torch.arange(S)[None].expand(len(LENGTHS), S)).logits.numpy()
    print(logits.shape, "scale", np.abs(logits).max())
    for name, array in {"ids": ids, "keep": keep, "result": logits.astype(np.float32)}.items():
        np.save(HERE / "golden" / f"small-{name}.npy", array)


main()
