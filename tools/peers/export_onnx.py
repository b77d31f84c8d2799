#!/usr/bin/env python3
"""Exports MiniLM with its pooling to ONNX, for ortbench.py.

    python export_onnx.py CHECKPOINT_DIR OUT.onnx

The graph takes ids i64[B, S] and mask i64[B, S] and gives unit vectors
f32[B, 384], the same function as the `encode` entry of
test/Models/minilm/minilm.heddle. Needs requirements-peers.txt.
"""

import pathlib
import sys

import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel


class SentenceEncoder(torch.nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, ids, mask):
        x = self.net(input_ids=ids, attention_mask=mask).last_hidden_state
        m = mask.unsqueeze(-1).to(x.dtype)
        x = (x * m).sum(1) / torch.clamp(m.sum(1), min=1e-9)
        return torch.nn.functional.normalize(x, p=2.0, dim=1, eps=1e-12)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    checkpoint = pathlib.Path(sys.argv[1])
    config = BertConfig.from_json_file(str(checkpoint / "config.json"))
    config._attn_implementation = "eager"
    net = BertModel(config)
    net.load_state_dict(load_file(str(checkpoint / "model.safetensors")), strict=False)
    ids = torch.randint(1000, 2000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    torch.onnx.export(
        SentenceEncoder(net).eval(), (ids, mask), sys.argv[2],
        input_names=["ids", "mask"], output_names=["result"],
        dynamic_axes={"ids": {0: "B", 1: "S"}, "mask": {0: "B", 1: "S"}, "result": {0: "B"}},
        opset_version=17, dynamo=False)


if __name__ == "__main__":
    main()
