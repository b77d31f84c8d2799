"""negate.py IN.safetensors OUT.safetensors: the same tensors with the other sign."""

import sys

import numpy as np

with open(sys.argv[1], "rb") as f:
    data = f.read()
end = 8 + int.from_bytes(data[:8], "little")
with open(sys.argv[2], "wb") as f:
    f.write(data[:end] + (-np.frombuffer(data[end:], "<f4")).tobytes())
