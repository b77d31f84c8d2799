"""Writes a checkpoint of random weights for a model: random_weights.py MODEL OUT.safetensors [OPTION...]

The weights' names and shapes are read from the imported module, so any model will do; OPTIONs are heddle's."""
import array
import json
import random
import re
import struct
import subprocess
import sys


def main():
    model, output, *options = sys.argv[1:]
    text = subprocess.run(["heddle", "compile", model, "--emit=import", *options],
                          check=True, capture_output=True, text=True).stdout
    random.seed(1)
    header, data, offset = {}, [], 0
    for name, dims in re.findall(r'graph\.weight "([^"]+)" : !graph\.tensor<\[([^\]]*)\], f32>', text):
        if name in header:
            continue
        shape = [int(d) for d in dims.split(",") if d.strip()]
        count = 1
        for extent in shape:
            count *= extent
        # Matrices keep the size of what goes through them; norms scale by about 1.
        spread = (count / shape[0]) ** -0.5 if len(shape) > 1 else 0.3
        shift = 1 if len(shape) == 1 and name.endswith("weight") else 0
        raw = array.array("f", [random.gauss(shift, spread) for _ in range(count)]).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    with open(output, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


main()
