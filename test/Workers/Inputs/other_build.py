"""other_build.py FILE COPY -- a copy of a program that the linker seems to have named otherwise."""

import os
import shutil
import sys

shutil.copy(sys.argv[1], sys.argv[2])
with open(sys.argv[2], "r+b") as file:
    start = file.read(1 << 16)
    at = start.index(b"\x14\0\0\0\x03\0\0\0GNU\0") + 12
    file.seek(at)
    file.write(bytes([start[at] ^ 1]))
