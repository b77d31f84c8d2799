#!/usr/bin/env python3
"""Makes golden/positions.npz and golden/attention.npz with PyTorch, in doubles; T5's buckets with transformers."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from transformers.models.t5.modeling_t5 import T5Attention

from golden_file import Golden, random


def sinusoid(s, e):
    """Vaswani et al. 2017, section 3.5."""
    a = torch.arange(s)[:, None] / 10000 ** (2 * torch.arange(e // 2) / e)
    return torch.stack((a.sin(), a.cos()), -1).reshape(s, e)


def angles(pos, d, base):
    return pos[:, None] * base ** (-2 * torch.arange(d // 2) / d)


def halves(x, pos, base=10000.0):
    """As transformers' apply_rotary_pos_emb and rotate_half."""
    a = torch.cat((angles(pos, x.shape[-1], base),) * 2, -1)
    first, second = x.chunk(2, -1)
    return x * a.cos() + torch.cat((-second, first), -1) * a.sin()


def pairs(x, pos, base=10000.0):
    """Su et al. 2021: neighbours are a complex number, which is turned."""
    z = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2).contiguous())
    turned = z * torch.polar(torch.ones(()), angles(pos, x.shape[-1], base))
    return torch.view_as_real(turned).reshape(x.shape)


def slopes(heads):
    """As the authors of ALiBi compute them."""
    def powers(n):
        return [2 ** (-(2 ** -(math.log2(n) - 3)) * (i + 1)) for i in range(n)]
    if math.log2(heads).is_integer():
        return powers(heads)
    closest = 2 ** math.floor(math.log2(heads))
    return powers(closest) + slopes(2 * closest)[0::2][:heads - closest]


def alibi(heads, s, t):
    away = (torch.arange(s)[:, None] + t - s - torch.arange(t)).abs()
    return -torch.tensor(slopes(heads))[:, None, None] * away


def positions():
    g = Golden()
    for b, s in ((1, 1), (2, 5), (1, 513)):
        x = random((b, s, 10), s)
        g.case(f"sines-{s}", "sines", {"x": x}, {"added": x + sinusoid(s, 10), "fixed": sinusoid(9, 4)}, s + 4)
    for b, s in ((1, 1), (2, 5), (3, 31)):
        x, pos = random((b, 3, s, 8), s), torch.arange(s) * 6 + 13
        # The angle is up to 200 and is rounded to f32.
        g.case(f"rotate-{s}", "rotate", {"x": x, "pos": pos}, {
            "halves": halves(x, pos), "halves_far": halves(x, pos, 500000.0),
            "pairs": pairs(x, pos), "pairs_far": pairs(x, pos, 500000.0)}, 200)
        y = random((s, 6), s)
        g.case(f"rows-{s}", "rotate_rows", {"x": y, "pos": pos}, {"halves": halves(y, pos), "pairs": pairs(y, pos)}, 200)
    for name, d in {"near": torch.arange(-400, 400).reshape(1, -1), "wide": torch.arange(-1990, 1990, 11)[:360].reshape(3, -1)}.items():
        # In its own f32, which decides the edges between buckets.
        torch.set_default_dtype(torch.float32)
        bucket = T5Attention._relative_position_bucket
        out = {"both": bucket(d), "past": bucket(d, False), "few": bucket(d, True, 10, 50)}
        torch.set_default_dtype(torch.float64)
        g.case(f"buckets-{name}", "buckets", {"distance": d + 2000}, out, 0)
    for s, t in ((1, 1), (3, 8), (19, 19)):
        g.case(f"slopes-{s}", "slopes", {"x": random((s, t), s)},
               {"eight": alibi(8, s, t), "twelve": alibi(12, s, t), "one": alibi(1, s, t)}, 4)
    g.write("positions")


def attention(q, k, v, heads, mask=None, bias=None, scale=None):
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    bias = torch.zeros(()) if bias is None else bias
    if mask is not None:
        bias = torch.where(mask, bias, -torch.inf)
    shape = (q.shape[0], heads, q.shape[2], k.shape[2])
    y = F.scaled_dot_product_attention(q, k, v, bias.expand(shape), scale=scale)
    return y.transpose(1, 2).flatten(2)


def mha(g, path, x, memory, heads, names, biases, mask=None, bias=None):
    """nn.MultiheadAttention with the weights of this path."""
    e, m = x.shape[-1], memory.shape[-1]
    layer = nn.MultiheadAttention(e, heads, bias=biases, kdim=m, vdim=m, batch_first=True).eval()
    w = [g.weight(f"{path}.{n}.weight", (e, w)) for n, w in zip(names, (e, m, m, e))]
    with torch.no_grad():
        if layer.in_proj_weight is None:
            layer.q_proj_weight.copy_(w[0])
            layer.k_proj_weight.copy_(w[1])
            layer.v_proj_weight.copy_(w[2])
        else:
            layer.in_proj_weight.copy_(torch.cat(w[:3]))
        layer.out_proj.weight.copy_(w[3])
        if biases:
            c = [g.weight(f"{path}.{n}.bias", e) for n in names]
            layer.in_proj_bias.copy_(torch.cat(c[:3]))
            layer.out_proj.bias.copy_(c[3])
    if mask is not None:
        bias = torch.where(mask, bias, -torch.inf).flatten(0, 1)
    return layer(x, memory, memory, attn_mask=bias, need_weights=False)[0]


def swiglu(g, path, x, f, names):
    gate, up = (F.linear(x, g.weight(f"{path}.{n}.weight", (f, x.shape[-1]))) for n in names[:2])
    return F.linear(F.silu(gate) * up, g.weight(f"{path}.{names[2]}.weight", (x.shape[-1], f)))


def attentions():
    g = Golden()
    for b, s, t in ((1, 1, 1), (2, 5, 7), (3, 19, 33)):
        q, k, v, x = random((b, s, 12), s), random((b, t, 12), s + 1), random((b, t, 21), s + 2), random((b, s, 12), s + 3)
        terms = 2 * t + 60
        g.case(f"plain-{s}", "plain", {"q": q, "k": k, "v": v},
               {"usual": attention(q, k, v, 3), "scaled": attention(q, k, v, 3, scale=1.5)}, terms)
        v, bias = v[..., :8], random((b, 4, s, t), s + 4)
        mask = random((b, 4, s, t), s + 5) > 0
        mask[..., 0] = True
        g.case(f"masked-{s}", "masked", {"q": q, "k": k, "v": v, "mask": mask, "bias": bias}, {
            "mask_only": attention(q, k, v, 4, mask), "bias_only": attention(q, k, v, 4, None, bias),
            "both": attention(q, k, v, 4, mask, bias)}, terms)
        keep = random((b, s), s + 6) > 0
        keep[:, 0] = True
        causal = torch.ones(s, s, dtype=torch.bool).tril()
        far = -0.25 * (torch.arange(s)[:, None] - torch.arange(s)).abs()
        g.case(f"formulas-{s}", "formulas", {"x": x, "keep": keep}, {
            "padding": attention(x, x, x, 4, keep[:, None, None]), "causal": attention(x, x, x, 4, causal),
            "biased": attention(x, x, x, 4, None, far)}, terms)
        names = ["q_proj", "k_proj", "v_proj", "out_proj"]
        g.case(f"heads-{s}", "heads", {"x": x}, {"result": mha(g, "self", x, x, 3, names, True)}, terms + 60)
        memory, bias, mask = random((b, t, 10), s + 7), bias[:, :2], mask[:, :2]
        g.case(f"cross-{s}", "cross", {"x": x, "memory": memory, "mask": mask, "bias": bias},
               {"result": mha(g, "cross", x, memory, 2, ["q", "k", "v", "o"], False, mask, bias)}, terms + 60)
        g.case(f"gated-{s}", "gated", {"x": x}, {
            "usual": swiglu(g, "gated", x, 17, ["gate_proj", "up_proj", "down_proj"]),
            "named": swiglu(g, "named", x, 9, ["w1", "w3", "w2"])}, 60)
    # Rows without any key are 0; scores of 1e4 do not overflow.
    q, k, v = random((1, 3, 12), 1, 100.0), random((1, 4, 12), 2, 100.0), random((1, 4, 8), 3)
    mask = torch.ones(1, 4, 3, 4, dtype=torch.bool)
    mask[0, 0] = mask[0, 2, 1] = False
    bias = torch.zeros(1, 4, 3, 4)
    both = attention(q, k, v, 4, mask)
    assert not both.isnan().any()
    g.case("nothing", "masked", {"q": q, "k": k, "v": v, "mask": mask, "bias": bias},
           {"mask_only": both, "bias_only": attention(q, k, v, 4), "both": both}, 60000)
    g.write("attention")


if __name__ == "__main__":
    positions()
    attentions()
