#!/usr/bin/env python3
"""Makes golden/linear.npz, convolution.npz, pools.npz and norms.npz with PyTorch, in doubles."""

import torch
import torch.nn.functional as F

from golden_file import Golden, random


def linear():
    g = Golden()
    for b, s in ((1, 1), (2, 5), (3, 19)):
        x, w, c = random((b, s, 13), s), random((7, 13), s + 1), random(7, s + 2)
        g.case(f"affine-{s}", "affine_given", {"x": x, "w": w, "b": c},
               {"with": F.linear(x, w, c), "without": F.linear(x, w)}, 15)
        y = F.linear(x, g.weight("biased.weight", (33, 13)), g.weight("biased.bias", 33))
        g.case(f"leading-{s}", "leading", {"x": x}, {"two": y, "one": y[:, 0], "none": y[0, 0]}, 15)
        g.case(f"unbiased-{s}", "unbiased", {"x": x}, {"result": F.linear(x, g.weight("unbiased.weight", (1, 13)))}, 15)
        x = random((b, s, 3, 5), s)
        g.case(f"four-{s}", "four", {"x": x},
               {"result": F.linear(x, g.weight("four.weight", (11, 5)), g.weight("four.bias", 11))}, 7)
        ids = (random((b, s), s).abs() * 9).long() % 19
        e = F.embedding(ids, g.weight("table.weight", (19, 6)))
        g.case(f"embed-{s}", "embed", {"ids": ids}, {"two": e, "one": e[:, 0]}, 0, reference_terms=0)
    g.write("linear")


def last(x):
    """Channels last."""
    return x.movedim(1, -1)


def convolution():
    g = Golden()

    def layer(path, outs, ins, *kernel, bias=True):
        return g.weight(path + ".weight", (outs, ins, *kernel)), g.weight(path + ".bias", outs) if bias else None

    for b, t in ((1, 5), (2, 6), (3, 17)):
        x = random((b, 5, t), t)
        g.case(f"one-{t}", "one", {"x": last(x)}, {
            "same": last(F.conv1d(x, *layer("same", 7, 5, 3), padding=1)),
            "half": last(F.conv1d(x, *layer("half", 3, 5, 4, bias=False), stride=2, padding=2)),
            "point": last(F.conv1d(x, *layer("point", 2, 5, 1))),
            "valid": last(F.conv1d(x, *layer("valid", 1, 5, 5)))}, 27)
    for b, m, n in ((1, 3, 3), (2, 7, 6), (1, 8, 13)):
        x = random((b, 3, m, n), n)
        g.case(f"two-{n}", "two", {"x": last(x)}, {
            "same": last(F.conv2d(x, *layer("plane_same", 4, 3, 3, 3), padding=1)),
            "half": last(F.conv2d(x, *layer("plane_half", 9, 3, 3, 3), stride=2, padding=1)),
            "third": last(F.conv2d(x, *layer("plane_third", 5, 3, 2, 2, bias=False), stride=3))}, 29)
        x = random((b, 6, m, n), n + 1)
        g.case(f"depthwise-{n}", "depthwise", {"x": last(x)}, {
            "same": last(F.conv2d(x, *layer("depth_same", 6, 1, 3, 3), padding=1, groups=6)),
            "small": last(F.conv2d(x, *layer("depth_small", 6, 1, 2, 2, bias=False), groups=6))}, 11)

    def transposed(path, ins, outs, *kernel, bias=True):
        return g.weight(path + ".weight", (ins, outs, *kernel)), g.weight(path + ".bias", outs) if bias else None

    for b, t in ((1, 2), (2, 7), (3, 16)):
        x = random((b, 5, t), t + 3)
        g.case(f"transposed-{t}", "transposed", {"x": last(x)}, {
            "twice": last(F.conv_transpose1d(x, *transposed("up_double", 5, 4, 4), stride=2, padding=1)),
            "same": last(F.conv_transpose1d(x, *transposed("up_same", 5, 3, 3))),
            "triple": last(F.conv_transpose1d(x, *transposed("up_triple", 5, 2, 5), stride=3, padding=2)),
            "gaps": last(F.conv_transpose1d(x, *transposed("up_gaps", 5, 2, 2), stride=3))}, 17)
    for b, m, n in ((1, 2, 2), (2, 5, 4), (1, 3, 13)):
        x = random((b, 3, m, n), n + 5)
        g.case(f"transposed-two-{n}", "transposed_two", {"x": last(x)}, {
            "twice": last(F.conv_transpose2d(x, *transposed("plane_twice", 3, 4, 4, 4), stride=2, padding=1)),
            "gaps": last(F.conv_transpose2d(x, *transposed("plane_gaps", 3, 2, 2, 2, bias=False), stride=3))}, 29)
    g.write("convolution")


def pools():
    g = Golden()
    for b, m, n in ((1, 2, 2), (2, 7, 6), (3, 8, 13)):
        # Below zero, so that a padding of 0 would win.
        x = random((b, 5, m, n), n) - 4
        g.case(f"pool-{n}", "pool", {"x": last(x)}, {
            "plain": last(F.max_pool2d(x, 2, 2)), "padded": last(F.max_pool2d(x, 3, 2, 1))}, 0, reference_terms=0)
        g.case(f"average-{n}", "average", {"x": last(x)}, {
            "plain": last(F.avg_pool2d(x, 2, 2)), "padded": last(F.avg_pool2d(x, 3, 2, 1)),
            "inside": last(F.avg_pool2d(x, 3, 2, 1, count_include_pad=False))}, 11)
    for b, m, n in ((1, 1, 1), (2, 7, 6), (1, 4, 19)):
        x = random((b, 3, m, n), n)
        g.case(f"enlarge-{n}", "enlarge", {"x": last(x)}, {
            "two": last(F.interpolate(x, scale_factor=2)), "three": last(F.interpolate(x, scale_factor=3))},
            0, reference_terms=0)
        sizes = {"larger": (13, 17), "smaller": (3, 2), "mixed": (5, 20), "one": (1, 1)}
        g.case(f"resize-{n}", "resize", {"x": last(x)}, {
            k: last(F.interpolate(x, size, mode="bilinear", align_corners=False)) for k, size in sizes.items()}, 80)
    g.write("pools")


def norms():
    g = Golden()
    for b, s in ((1, 1), (2, 5), (3, 19)):
        x = random((b, s, 13), s, 2.0, 0.5)
        w, c = g.weight("layer.weight", 13, 0.3, 1), g.weight("layer.bias", 13)
        norm = lambda x, eps: F.layer_norm(x, (13,), w, c, eps)
        g.case(f"layer-{s}", "layer", {"x": x},
               {"usual": norm(x, 1e-5), "large": norm(x, 0.1), "row": norm(x[:, 0], 1e-12)}, 40)
        w = g.weight("root.weight", 13, 0.3, 1)
        g.case(f"root-{s}", "root", {"x": x},
               {"usual": F.rms_norm(x, (13,), w, 1e-6), "large": F.rms_norm(x, (13,), w, 0.1)}, 40)
        if "weight|batch.running_var" not in g.arrays:
            g.arrays["weight|batch.running_var"] = (random(13, 77).abs() + 0.1).float().numpy()
        w, c = g.weight("batch.weight", 13, 0.3, 1), g.weight("batch.bias", 13)
        mu, var = g.weight("batch.running_mean", 13), g.weight("batch.running_var", 13)
        norm = lambda eps: F.batch_norm(x.movedim(-1, 1), mu, var, w, c, eps=eps).movedim(1, -1)
        g.case(f"batch-{s}", "batch", {"x": x}, {"usual": norm(1e-5), "large": norm(0.1)}, 12)
    for b, m, n in ((1, 1, 2), (2, 3, 5), (1, 6, 7)):
        x = random((b, 12, m, n), n, 2.0, 0.5)
        w, c = g.weight("group.weight", 12, 0.3, 1), g.weight("group.bias", 12)
        norm = lambda groups, eps: last(F.group_norm(x, groups, w, c, eps))
        g.case(f"group-{n}", "group", {"x": last(x)},
               {"three": norm(3, 1e-5), "one": norm(1, 0.1), "each": norm(12, 1e-3)}, 12 * m * n + 32)
    g.write("norms")


if __name__ == "__main__":
    linear()
    convolution()
    pools()
    norms()
