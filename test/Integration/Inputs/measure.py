"""measure.py --seconds S --megabytes M COMMAND...: runs the command and fails if it
does, or if it takes longer or more resident memory at its peak."""

import argparse
import resource
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, required=True)
parser.add_argument("--megabytes", type=float, required=True)
parser.add_argument("command", nargs=argparse.REMAINDER)
o = parser.parse_args()
begin = time.monotonic()
code = subprocess.run(o.command, check=False).returncode
seconds = time.monotonic() - begin
megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
print(f"{seconds:.1f} s, {megabytes:.0f} MB at its peak")
if code:
    sys.exit(f"exit code {code}")
if seconds > o.seconds or megabytes > o.megabytes:
    sys.exit(f"allowed are {o.seconds:g} s and {o.megabytes:g} MB")
