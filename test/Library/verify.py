#!/usr/bin/env python3
"""heddle verify at several sizes and by every instruction set of this machine: verify.py MODEL [OPTION...] --sizes SIZES...

Each of SIZES is `NAME=N,NAME=N`; each entry takes those that it has. Prints what failed and exits with 1, or the number of runs."""

import re
import subprocess
import sys

NEEDS = {"x86-64-v2": ["sse4_2"], "x86-64-v3": ["avx2", "fma"],
         "x86-64-v4": ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]}


def main():
    at = sys.argv.index("--sizes")
    model, *options = sys.argv[1:at]
    with open(model, encoding="utf-8") as file:
        entries = re.findall(r"^entry (\w+)\((.*?)\)\s*->", file.read(), re.S | re.M)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next(line for line in file if line.startswith("flags")).split()
    runs = failed = 0
    for target in [t for t, needs in NEEDS.items() if all(n in flags for n in needs)]:
        for sizes in sys.argv[at + 1:]:
            for name, parameters in entries:
                dims = [w for size in sizes.split(",") if re.search(rf"[\[ ]{size.split('=')[0]}[,\]]", parameters)
                        for w in ("--dim", size)]
                run = subprocess.run(["heddle", "verify", model, "--entry", name, "--target", target, *dims, *options],
                                     capture_output=True, text=True)
                runs += 1
                if run.returncode or "within their bounds" not in run.stdout:
                    failed += 1
                    print(f"{target}, {name} at {sizes}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
    print(f"{runs - failed} of {runs} are within their bounds")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
