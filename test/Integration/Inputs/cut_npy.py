"""cut_npy.py IN.npy OUT.npy ROWS COLUMNS: a part of a matrix, such as 0:2 0:7."""

import sys

import numpy as np


def part(text):
    begin, end = text.split(":")
    return slice(int(begin), int(end))


whole = np.load(sys.argv[1])
np.save(sys.argv[2], np.ascontiguousarray(whole[part(sys.argv[3]), part(sys.argv[4])]))
