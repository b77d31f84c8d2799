"""A generated header as a table in C, which probe.c runs: calls.py HEADER MODEL > table.h"""
import re
import sys

ENTRY = re.compile(r"Example: ([^.]*)\.[^}]*?\*/\ntypedef struct \{\n(.*?)\n\} (\w+)_args;", re.S)
FIELD = re.compile(r"  (const )?(\w+) (\*?)(\w+)(?:\[192\])?; +/\* (.*) \*/")

MODEL = """#include "%(model)s.h"
#define MODEL(x) %(model)s_##x
typedef %(model)s handle;
typedef %(model)s_options options;
"""

FUNCTIONS = """
static size_t %(entry)s_count(const int64_t *d, int i) {
  %(bind)s
  switch (i) {
  %(counts)s
  }
  return 0;
}
static int64_t %(entry)s_most(const int64_t *d, int i) {
  %(bind)s
  switch (i) {
  %(limits)s
  }
  return 8;
}
static size_t %(entry)s_space(const int64_t *d) {
  %(bind)s
  return MODEL(%(entry)s_workspace)(%(dims)s);
}
static int32_t %(entry)s_call(const void *model, const int64_t *d, void *const *data, void *space,
                              size_t size, char *message) {
  MODEL(%(entry)s_args) args = {%(fields)s};
  int32_t status = MODEL(%(entry)s)(model, &args, space, size);
  memcpy(message, args.message, sizeof args.message);
  return status;
}
"""

LINE = """  {"%(entry)s", %(batch)d, %(compared)d, %(num_dims)d, {%(sizes)s},
   %(num_tensors)d, {%(tensors)s},
   %(entry)s_count, %(entry)s_most, %(entry)s_space, %(entry)s_call},
"""


def read_header(text, model):
    """[(name, dims, tensors)]: dims are (name, most, example or None)."""
    entries = []
    for example, body, function in ENTRY.findall(text):
        examples = {name: int(value) for name, value in re.findall(r"(\w+) = (\d+)", example)}
        dims, tensors = [], []
        for line in body.splitlines():
            constant, kind, pointer, name, comment = FIELD.fullmatch(line).groups()
            if name == "message":
                continue
            if not pointer:
                if kind != "int64_t":
                    raise ValueError(f"{function}: this field cannot be made up: {line}")
                most = int(re.match(r"\d+ \.\. (\d+)", comment).group(1))
                dims.append((name, most, examples.get(name)))
                continue
            limit = re.search(r"(?:^|, )0 \.\. ([^;]*)", comment)
            tensors.append({
                "name": name, "type": kind, "result": not constant,
                "shape": re.findall(r"\[([^\]]*)\]", re.match(r"(\[[^\]]*\])*", comment).group()),
                "most": limit.group(1) if limit and constant else None,
                "kind": "BOOL" if "0 is false" in comment else
                        "REAL" if kind == "float" else "INTEGER"})
        entries.append((function.removeprefix(model + "_"), dims, tensors))
    if not entries or len(entries) != len(re.findall(r"\} \w+_args;", text)):
        raise ValueError("the header has entries that are not understood")
    return entries


def has_rows(entry, tensor, across):
    """Whether the first axis of `tensor` is the batch, and row r belongs to sample r alone.

    Else there must be a reason in `across`, or nothing of the batch in the shape.
    """
    name, shape = tensor["name"], tensor["shape"]
    if entry in across or f"{entry}.{name}" in across:
        return False
    leads = shape[:1] == ["B"]
    if (tensor["result"] and not leads) or "B" in re.findall(r"\w+", " ".join(shape[leads:])):
        raise ValueError(f"{entry}: {name} is not made of rows, and the table does not say why")
    return leads


def write_table(text, model, sizes, across):
    """The C source that probe.c includes, for the header `text` of `model`."""
    out, lines = MODEL % {"model": model}, ""
    for entry, dims, tensors in read_header(text, model):
        names = [name for name, _, _ in dims]
        if "B" not in names:
            raise ValueError(f"{entry} has no batch B")
        numbered = list(enumerate(tensors))
        values = {name: min(3, most) if name == "B" else sizes.get(name, example)
                  for name, most, example in dims}
        if missing := [name for name, value in values.items() if value is None]:
            raise ValueError(f"{entry}: neither example nor table has a size for {missing}")
        fields = [f".{name} = d[{i}]" for i, name in enumerate(names)]
        described = [f'{{"{t["name"]}", sizeof({t["type"]}), {t["result"]:d}, '
                     f"{has_rows(entry, t, across):d}, {t['kind']}}}" for t in tensors]
        shapes = [" * ".join(f"({extent})" for extent in t["shape"]) or "1" for t in tensors]
        words = {
            "entry": entry, "batch": names.index("B"), "compared": entry not in across,
            "bind": "\n  ".join(f"int64_t {n} = d[{i}];\n  (void){n};"
                                for i, n in enumerate(names)),
            "counts": "\n  ".join(f"case {i}: return (size_t)({s});"
                                  for i, s in enumerate(shapes)),
            "limits": "\n  ".join(f"case {i}: return {t['most']};"
                                  for i, t in numbered if t["most"]),
            "dims": ", ".join(names),
            "fields": ", ".join(fields + [f".{t['name']} = data[{i}]" for i, t in numbered]),
            "num_dims": len(dims), "sizes": ", ".join(map(str, values.values())),
            "num_tensors": len(tensors), "tensors": ", ".join(described)}
        out += FUNCTIONS % words
        lines += LINE % words
    return f"{out}\nstatic const entry entries[] = {{\n{lines}}};\n"


if __name__ == "__main__":
    print(write_table(open(sys.argv[1], encoding="utf-8").read(), sys.argv[2], {}, {}))
