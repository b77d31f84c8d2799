"""compare_matrix.py PRINTED EXPECTED.npy TOLERANCE: the numbers at the beginning
of each printed line against a matrix."""

import sys

import numpy as np

expected = np.load(sys.argv[2])
with open(sys.argv[1], encoding="utf-8") as f:
    rows = [line.split()[: expected.shape[1]] for line in f]
printed = np.array(rows, np.float64)
if printed.shape != expected.shape:
    sys.exit(f"shape {printed.shape}, expected {expected.shape}")
distance = float(np.abs(printed - expected).max())
print(f"largest distance {distance:.2e}")
if not distance <= float(sys.argv[3]):
    sys.exit(f"over {sys.argv[3]}:\n{printed}\nexpected\n{expected}")
