#!/usr/bin/env python3
"""Makes the golden values of TLEG: make_golden.py CHECKOUT (of github.com/AlphaXia/TLEG).

Runs the authors' code in double precision: TLEG_vit.py for the auxiliary net at each depth, and
utils.gene_tranfer for the weights of a descendant, which PyTorch's own encoder layers then take
(the authors take timm's). Of what they import from timm, only the cutting into patches computes
anything here, and that is written out below. Weights by ../seeded.py, under the names of the
auxiliary net's checkpoint; the image is its `input image 3,3,16,16`.

  auxiliary-D-result for D in 3 .. 14, descendant-5-result
"""
import pathlib
import re
import sys
import types

import numpy as np
import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from seeded import seeded  # noqa: E402

H, E, M, P, LABELS = 3, 24, 16, 4, 10


class PatchEmbed(nn.Module):
    """What timm's does with an image that fits: a convolution of stride P, patches in rows."""

    def __init__(self, img_size, patch_size, in_chans, embed_dim):
        super().__init__()
        self.num_patches = (img_size // patch_size) ** 2
        self.proj = nn.Conv2d(in_chans, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


def stand_in_for_timm():
    """Modules with the names that the authors import. Nothing but PatchEmbed computes here."""
    def module(name, **members):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(members)

    module("timm")
    module("timm.models")
    module("timm.data", IMAGENET_DEFAULT_MEAN=None, IMAGENET_DEFAULT_STD=None)
    module("timm.models.helpers", load_pretrained=None)
    module("timm.models.layers", DropPath=None, to_2tuple=lambda x: (x, x),
           trunc_normal_=nn.init.trunc_normal_)
    module("timm.models.resnet", resnet26d=None, resnet50d=None)
    module("timm.models.registry", register_model=lambda f: f)
    module("timm.models.vision_transformer", _cfg=None, default_cfgs=None, PatchEmbed=PatchEmbed,
           HybridEmbed=None)


def auxiliary(depth):
    from TLEG_vit import VisionTransformer
    schedule = {name: [[depth], [True]]
                for name in ("norm1", "norm2", "attn_qkv", "attn_proj", "mlp_fc1", "mlp_fc2")}
    net = VisionTransformer(img_size=M, patch_size=P, num_classes=LABELS, embed_dim=E, depth=depth,
                            num_heads=H, qkv_bias=True, use_cls_token=False,
                            repeated_times_schedule=schedule)
    state = {name: torch.from_numpy(seeded(name, tuple(old.shape)))
             for name, old in net.state_dict().items()}
    net.load_state_dict(state)
    return net.double().eval(), {name: value.double() for name, value in state.items()}


def descendant(depth, image, checkout):
    """PyTorch's layers with the weights that the authors' function expands; its file imports far
    more than that function, so the function alone is run."""
    text = (checkout / "utils.py").read_text()
    scope = {}
    exec(re.search(r"^def gene_tranfer.*?^    return cp_new", text, re.M | re.S).group(0), scope)
    aux, state = auxiliary(depth)
    new = scope["gene_tranfer"](None, state, depth, load_head=True)
    x = aux.patch_embed(image) + new["pos_embed"]
    for l in range(depth):
        layer = nn.TransformerEncoderLayer(E, H, 4 * E, 0.0, "gelu", 1e-6, True, True).double()
        names = {"self_attn.in_proj_": "attn.qkv.", "self_attn.out_proj.": "attn.proj.",
                 "linear1.": "mlp.fc1.", "linear2.": "mlp.fc2.",
                 "norm1.": "norm1.", "norm2.": "norm2."}
        layer.load_state_dict({f"{ours}{kind}": new[f"blocks.{l}.{theirs}{kind}"]
                               for ours, theirs in names.items() for kind in ("weight", "bias")})
        x = layer.eval()(x)
    x = nn.functional.layer_norm(x.mean(1), (E,), new["fc_norm.weight"], new["fc_norm.bias"], 1e-6)
    return x @ new["head.weight"].T + new["head.bias"]


def main():
    checkout = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(checkout))
    stand_in_for_timm()
    (HERE / "golden").mkdir(exist_ok=True)
    image = seeded("image", (3, 3, M, M), 0, 1)
    cases = {}
    with torch.no_grad():
        pixels = torch.from_numpy(image).double()
        for depth in range(3, 15):
            cases[f"auxiliary-{depth}"] = auxiliary(depth)[0](pixels)
        cases["descendant-5"] = descendant(5, pixels, checkout)
    for name, logits in cases.items():
        print(name, logits[0, :3].tolist())
        np.save(HERE / "golden" / f"{name}-result.npy", logits.numpy().astype(np.float32))


main()
