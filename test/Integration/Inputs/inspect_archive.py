"""inspect_archive.py ARCHIVE: what every archive of the compiler keeps to.

No section that a program could write to, no undefined symbol outside the C
library, no allocation by a kernel, and less than 1 MB beside the weights.
"""

import json
import os
import subprocess
import sys

# What the runtime takes from libc, and the copies that compilers emit.
LIBRARY = {
    "__errno_location", "clock_gettime", "close", "free", "fstat", "getenv", "malloc", "memcmp",
    "memcpy", "memmove", "memset", "mmap", "munmap", "open", "posix_memalign", "strcmp",
    "sysconf", "sigdelset", "sigfillset", "_GLOBAL_OFFSET_TABLE_",
}
MOST_CODE = 1_000_000
WEIGHTS = 16_000_000  # a member over this size holds weights


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    archive = sys.argv[1]
    problems = []

    defined, undefined = set(), set()
    for line in run("llvm-nm", "--format=posix", "--quiet", archive).splitlines():
        words = line.split()
        if len(words) < 2 or len(words[1]) != 1:
            continue  # the name of a member
        (undefined if words[1] in "Uwv" else defined).add(words[0])
    if not defined:
        problems.append("no symbols")
    for name in sorted(undefined - defined):
        if name not in LIBRARY and not name.startswith("pthread_"):
            problems.append(f"needs the symbol {name}")

    for file in json.loads(run("llvm-readobj", "--elf-output-style=JSON", "--sections", archive)):
        for entry in file["Sections"]:
            section = entry["Section"]
            flags = {f["Name"] for f in section["Flags"]["Flags"]}
            name = section["Name"]["Name"]
            # Relocated by the loader, then read-only.
            if name.startswith(".data.rel.ro"):
                continue
            if "SHF_WRITE" in flags and section["Size"]:
                problems.append(f"writable section {name} of {section['Size']} bytes in "
                                f"{file['FileSummary']['File']}")

    sizes = [int(line.split()[2]) for line in run("llvm-ar", "tv", archive).splitlines()]
    code = sum(s for s in sizes if s <= WEIGHTS)
    print(f"{len(sizes)} members, {code} bytes without weights, {os.path.getsize(archive)} in all")
    if code >= MOST_CODE:
        problems.append(f"{code} bytes without weights, allowed are {MOST_CODE}")
    for p in problems:
        print(f"{archive}: {p}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
