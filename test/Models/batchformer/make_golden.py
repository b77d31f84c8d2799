#!/usr/bin/env python3
"""Makes the golden values: make_golden.py CHECKOUT (of github.com/zhihou7/BatchFormer).

Runs the authors' code in double precision, with dropout 0: for the second version the encoder of
batchformer-v2/detr/models/transformer.py, for the first the function in their README.md, both in
training and in testing. Weights and inputs by ../seeded.py. Two of five images are smaller than
the others: the rest of their places is padding, which keep.npy tells.

  testing-encode-result, training-encode-result      the second version
  testing-classify-result, training-classify-result  the first
"""
import importlib.util
import pathlib
import sys
import textwrap

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

B, S, H, E, F, LAYERS, FIRST, LABELS = 5, 7, 3, 24, 40, 3, 1, 10


def seeded_weights(net, prefix):
    """Sets every weight of `net`; its name behind `prefix` is the checkpoint's."""
    net.double().load_state_dict({
        name: torch.from_numpy(seeded(prefix + name, tuple(old.shape)))
        for name, old in net.state_dict().items()})
    for part in net.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
        if isinstance(part, torch.nn.MultiheadAttention):
            part.dropout = 0.0
    return net


def detr_encoder(checkout):
    path = checkout / "batchformer-v2/detr/models/transformer.py"
    spec = importlib.util.spec_from_file_location("transformer", path)
    detr = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(detr)
    inserted = list(range(FIRST, LAYERS))
    bf = torch.nn.ModuleList([torch.nn.TransformerEncoderLayer(E, 4, E) if l in inserted
                              else torch.nn.Identity() for l in range(LAYERS)])
    layer = detr.TransformerEncoderLayer(E, H, F, 0.0)
    return seeded_weights(detr.TransformerEncoder(layer, LAYERS, bf=bf, bf_idx=3,
                                                  insert_idx=inserted), "encoder.")


def first_version(checkout):
    text = (checkout / "README.md").read_text()
    text = text[text.index("    def BatchFormer("):]
    scope = {"torch": torch}
    exec(textwrap.dedent(text[:text.index("return x, y\n", text.index("cat")) + 12]), scope)
    return scope["BatchFormer"]


def main():
    checkout = pathlib.Path(sys.argv[1])
    (HERE / "golden").mkdir(exist_ok=True)
    src, pos = seeded("src", (B, S, E), 0, 1), seeded("pos", (B, S, E), 0, 1)
    feature = seeded("feature", (B, E), 0, 1)
    keep = np.ones((B, S), bool)
    keep[1, 5:] = keep[3, 4:] = False

    def places_first(array):
        return torch.from_numpy(array).double().transpose(0, 1)

    encoder = detr_encoder(checkout)
    head = seeded_weights(torch.nn.Linear(E, LABELS), "classifier.")
    layer = seeded_weights(torch.nn.TransformerEncoderLayer(E, 4, E), "encoder.")
    batch_former = first_version(checkout)
    for name, training in (("testing", False), ("training", True)):
        with torch.no_grad():
            encoded = encoder.train(training)(
                places_first(src), src_key_padding_mask=torch.from_numpy(~keep),
                pos=places_first(pos)).transpose(0, 1)
            labels = torch.arange(B)
            x, y = batch_former(torch.from_numpy(feature).double(), labels,
                                layer.train(training), training)
            logits = head(x)
        assert len(y) == len(x) == len(encoded)
        for entry, result in (("encode", encoded), ("classify", logits)):
            print(name, entry, tuple(result.shape), result.flatten()[:3].tolist())
            np.save(HERE / "golden" / f"{name}-{entry}-result.npy",
                    result.numpy().astype(np.float32))
    np.save(HERE / "golden" / "keep.npy", keep)


main()
