#!/usr/bin/env python3
"""Makes golden/extremes.npz with PyTorch, in doubles."""

import torch
import torch.nn.functional as F

from golden_attention import alibi, attention, halves, mha, sinusoid, swiglu
from golden_file import Golden, random
from golden_layers import last


def heads(g, x, y):
    names = ["q_proj", "k_proj", "v_proj", "out_proj"]
    value = mha(g, "heads", x, torch.zeros(x.shape[0], 1, 6) if 0 in y.shape else y, 2, names, True)
    if 0 in y.shape:  # attention to nothing is 0, of which the last map makes its bias
        value = g.weight("heads.out_proj.bias", 6).expand(x.shape)
    return value


def extremes():
    g = Golden()
    for b, s, t in ((0, 3, 2), (2, 0, 3), (2, 3, 0), (1, 1, 1), (0, 0, 0)):
        x, y, u = random((b, s, 6), s), random((b, t, 6), t + 1), random((b, s, 1), s + 2)
        ids, pos = torch.arange(b * s).reshape(b, s) % 7, torch.arange(s) + 5
        if "weight|batch.running_var" not in g.arrays:
            g.arrays["weight|batch.running_var"] = (random(6, 77).abs() + 0.1).float().numpy()
        stats = [g.weight(f"batch.{n}", 6) for n in ("running_mean", "running_var", "weight", "bias")]
        scores = x if s else torch.full((b, 1, 6), -torch.inf)
        out = {"linear": F.linear(x, g.weight("linear.weight", (3, 6)), g.weight("linear.bias", 3)),
               "embedding": F.embedding(ids, g.weight("table.weight", (7, 4))),
               "layer_norm": F.layer_norm(x, (6,), g.weight("layer.weight", 6), g.weight("layer.bias", 6)),
               "rms_norm": F.rms_norm(u, (1,), g.weight("root.weight", 1), 1e-6),
               "batch_norm": (x - stats[0]) / (stats[1] + 1e-5).sqrt() * stats[2] + stats[3],
               "rope": halves(x, pos), "attention": attention(x, y, y, 2) if t else torch.zeros_like(x),
               "mha": heads(g, x, y), "swiglu": swiglu(g, "gate", x, 5, ["gate_proj", "up_proj", "down_proj"]),
               "standardise": torch.zeros_like(u), "sines": sinusoid(s, 4),
               "log_sum_exp": torch.logsumexp(scores, 1), "bias": alibi(2, s, t)}
        g.case(f"empty-{b}-{s}-{t}", "empty", {"x": x, "y": y, "u": u, "ids": ids, "pos": pos}, out, 100)
    for b in (0, 1):
        x, t = random((b, 2, 3, 4), 3), random((b, 2, 5), 4)
        w = {n: (g.weight(f"{n}.weight", s), g.weight(f"{n}.bias", s[0]))
             for n, s in {"line": (4, 2, 3), "plane": (4, 2, 3, 3), "group": (2,)}.items()}
        out = {"conv1d": F.conv1d(t, *w["line"]), "conv2d": F.conv2d(x, *w["plane"], padding=1),
               "max_pool2d": F.max_pool2d(x, 2, 2), "up_nearest": F.interpolate(x, scale_factor=2) if b else x.new_zeros(0, 2, 6, 8),
               "group_norm": F.group_norm(x, 2, *w["group"])}
        g.case(f"empty-maps-{b}", "empty_maps", {"x": last(x), "t": last(t)}, {k: last(v) for k, v in out.items()}, 60)
    for scale in (1e18, 1e-18):
        x, m = random((3, 4), 5, scale), random((3, 4, 2, 2), 6, scale)
        w, c = g.weight("large.weight", 4), g.weight("large.bias", 4)
        out = {"layer_norm": F.layer_norm(x, (4,), w, c), "rms_norm": F.rms_norm(x, (4,), w, 1e-6),
               "group_norm": last(F.group_norm(m, 2, w, c)), "l2_normalise": F.normalize(x, dim=1),
               "log_softmax": F.log_softmax(x, 1), "linear": F.linear(x, g.weight("many.weight", (2, 4)), g.weight("many.bias", 2)),
               "resize": last(F.interpolate(m, (3, 3), mode="bilinear", align_corners=False)),
               "average": last(F.avg_pool2d(m, 2, 1))}
        g.case(f"huge-{scale}", "huge", {"x": x, "m": last(m)}, out, 80)
    g.write("extremes")


if __name__ == "__main__":
    extremes()
