#!/usr/bin/env python3
"""Makes the golden values of MiniLM from Hugging Face transformers.

    python make_golden.py CHECKPOINT_DIR

CHECKPOINT_DIR holds config.json, model.safetensors and tokenizer.json as
published. Writes golden/*.npy and sentences.h beside this file. Needs the
packages of tools/peers/requirements-peers.txt; the tests need NumPy only.

The network is transformers' BertModel, evaluated in double precision and
rounded to float32 at the end; pooling and normalisation are those of the
published model card (mean over kept tokens, then the unit vector). The largest
distance to the same network in float32 is printed.

  texts-*     every paragraph of texts.txt, tokenised, padded to 512
  lengths-*   one sequence of 512 tokens, cut to each of the given lengths
  ragged-*    64 rows of 0 to 96 kept tokens; some with holes in `keep`
  sentences-* the sentences of sentences.txt and their similarity matrix
"""

import pathlib
import sys

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).resolve().parent
LONGEST = 512
CLS, SEP = 101, 102


def paragraphs(path):
    lines = [l for l in path.read_text("utf-8").splitlines() if not l.startswith("#")]
    return [p.replace("\n", " ").strip() for p in "\n".join(lines).split("\n\n") if p.strip()]


def tokenizer(checkpoint):
    t = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    t.no_padding()
    t.enable_truncation(LONGEST)
    return t


def pad(rows, width):
    """Right-padded ids (i32) and keep (bool) of token lists."""
    ids = np.zeros((len(rows), width), np.int32)
    keep = np.zeros((len(rows), width), bool)
    for i, r in enumerate(rows):
        ids[i, : len(r)] = r
        keep[i, : len(r)] = True
    return ids, keep


class Model:
    def __init__(self, checkpoint):
        config = BertConfig.from_json_file(str(checkpoint / "config.json"))
        config._attn_implementation = "eager"
        self.nets = []
        for dtype in (torch.float64, torch.float32):
            net = BertModel(config, add_pooling_layer=True)
            state = load_file(str(checkpoint / "model.safetensors"))
            missing, extra = net.load_state_dict(state, strict=False)
            assert not missing and set(extra) <= {"embeddings.position_ids"}, (missing, extra)
            self.nets.append(net.eval().to(dtype))
        self.distance = 0.0

    @torch.no_grad()
    def __call__(self, ids, keep):
        ids = torch.from_numpy(ids.astype(np.int64))
        mask = torch.from_numpy(keep.astype(np.int64))
        both = []
        for net in self.nets:
            x = net(input_ids=ids, attention_mask=mask).last_hidden_state
            m = mask.unsqueeze(-1).to(x.dtype)
            x = (x * m).sum(1) / torch.clamp(m.sum(1), min=1e-9)
            both.append(torch.nn.functional.normalize(x, p=2, dim=1, eps=1e-12).double().numpy())
        self.distance = max(self.distance, float(np.abs(both[0] - both[1]).max()))
        return both[0]

    def rows(self, ids, keep):
        """One row at a time, without its padding."""
        out = []
        for i in range(len(ids)):
            n = int(keep[i].nonzero()[0].max(initial=0)) + 1
            out.append(self(ids[i : i + 1, :n], keep[i : i + 1, :n])[0])
        return np.stack(out)


def save(name, a):
    np.save(HERE / "golden" / f"{name}.npy", np.ascontiguousarray(a))
    print(f"  {name}.npy {a.dtype}{list(a.shape)}")


def write_sentences_header(sentences, ids, keep):
    def numbers(row):
        return "{" + ", ".join(str(int(v)) for v in row) + "}"

    quoted = ",\n".join('  "' + s.replace("\\", "\\\\").replace('"', '\\"') + '"' for s in sentences)
    text = f"""/* Token ids of the sentences in sentences.txt; written by make_golden.py. */
enum {{ SENTENCES = {ids.shape[0]}, TOKENS = {ids.shape[1]}, WIDTH = 384 }};

static const char *const sentences[SENTENCES] = {{
{quoted}
}};

/* [CLS] tokens [SEP], padded with zeros. */
static const int32_t ids[SENTENCES][TOKENS] = {{
{"".join("  " + numbers(r) + "," + chr(10) for r in ids)}}};

/* 1 where there is a token. */
static const uint8_t keep[SENTENCES][TOKENS] = {{
{"".join("  " + numbers(r) + "," + chr(10) for r in keep)}}};
"""
    (HERE / "sentences.h").write_text(text, "utf-8")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checkpoint = pathlib.Path(sys.argv[1])
    tok, model = tokenizer(checkpoint), Model(checkpoint)
    (HERE / "golden").mkdir(exist_ok=True)

    texts = [tok.encode(p).ids for p in paragraphs(HERE / "texts.txt")]
    ids, keep = pad(texts, LONGEST)
    print("token counts:", sorted(keep.sum(1).tolist()))
    save("texts-ids", ids)
    save("texts-keep", keep)
    save("texts-lengths", keep.sum(1).astype(np.int32))
    save("texts-expected", model.rows(ids, keep).astype(np.float32))

    # Every length up to past the widest tile, then the neighbourhood of
    # multiples of tiles and vectors, and the ends.
    longest = max(texts, key=len)
    assert len(longest) == LONGEST
    lengths = list(range(1, 34))
    for n in (48, 64, 96, 128, 192, 256, 384):
        lengths += [n - 1, n, n + 1]
    lengths += [500, 511, 512]
    save("lengths-ids", np.array([longest], np.int32))
    save("lengths-lengths", np.array(lengths, np.int32))
    one = np.array([longest], np.int32)
    save("lengths-expected", np.concatenate(
        [model(one[:, :n], np.ones((1, n), bool)) for n in lengths]).astype(np.float32))

    # Ragged: cut texts, two rows with holes, one with nothing kept.
    rng = np.random.default_rng(7)
    rows = []
    for i in range(64):
        t = texts[i % len(texts)]
        n = int(min(len(t), rng.integers(2, 97)))
        rows.append(t[: n - 1] + [SEP])
    rows[5], rows[17] = [CLS], longest[:96]
    ids, keep = pad(rows, 96)
    for i in (17, 30):
        keep[i] &= rng.random(96) < 0.6
    keep[44] = False
    save("ragged-ids", ids)
    save("ragged-keep", keep)
    save("ragged-expected", model.rows(ids, keep).astype(np.float32))

    sentences = (HERE / "sentences.txt").read_text("utf-8").splitlines()
    rows = [tok.encode(s).ids for s in sentences]
    ids, keep = pad(rows, max(map(len, rows)))
    vectors = model(ids, keep)
    save("sentences-ids", ids)
    save("sentences-keep", keep)
    save("sentences-similarity", vectors @ vectors.T)
    write_sentences_header(sentences, ids, keep)
    print(f"largest distance between the network in double and in float: {model.distance:.2e}")


if __name__ == "__main__":
    main()
