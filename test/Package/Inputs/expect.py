"""expect.py CHECKPOINT RESULT...: is each RESULT of app.c what small.heddle says?"""

import json
import struct
import sys

import numpy as np

with open(sys.argv[1], "rb") as f:
    (size,) = struct.unpack("<Q", f.read(8))
    header = json.loads(f.read(size))
    data = f.read()


def weight(name):
    begin, end = header[name]["data_offsets"]
    return np.frombuffer(data[begin:end], "<f4").reshape(header[name]["shape"]).astype(np.float64)


rows = 7
x = ((np.arange(rows * 20) * 37 % 101) / 101 - 0.5).reshape(rows, 20)
z = x @ weight("first.weight").T + weight("first.bias")
expected = np.maximum(z, 0.5 * z) @ weight("second.weight").T + weight("second.bias")
for path in sys.argv[2:]:
    result = np.fromfile(path, "<f4").reshape(expected.shape)
    # 70 products of numbers around 1: 70 roundings at most, each 2^-24 of the sum.
    distance = np.abs(result - expected).max()
    if not distance <= 70 * 2.0**-24 * max(1, np.abs(expected).max()):
        sys.exit(f"{path}: {distance:.2e} from what is expected")
