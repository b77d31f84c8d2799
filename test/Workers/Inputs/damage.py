"""damage.py FOLDER -- damages every file of a cache, each in another way; prints how many."""

import pathlib
import sys

files = sorted(pathlib.Path(sys.argv[1]).glob("llvmcache-????*[0-9a-f]"))
for i, file in enumerate(files):
    old = file.read_bytes()
    flipped = bytearray(old)
    flipped[len(old) * i // len(files)] ^= 1
    ways = [b"", old[:-1], old + b"\0", bytes(flipped), old[:40], files[i - 1].read_bytes()]
    file.write_bytes(ways[i % len(ways)])
print(len(files))
