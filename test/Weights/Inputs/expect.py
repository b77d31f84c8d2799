"""Rewrites the CHECK lines of the .test files from what the tool says now; read the difference before keeping it.

Usage: expect.py TEST FOLDER, with heddle-weights-test on PATH.
"""
import os
import subprocess
import sys

test, folder = sys.argv[1:]
script = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.path.splitext(os.path.basename(test))[0] + ".py")
done = subprocess.run([sys.executable, script, folder], stdout=subprocess.PIPE, check=True)
with open(test) as file:
    kept = [line for line in file if not line.startswith("CHECK")]
with open(test, "w") as file:
    file.writelines(kept)
    first = True
    for line in done.stdout.decode().splitlines():
        file.write("%s %s\n" % ("CHECK:" if first else "CHECK-NEXT:", line) if line else "CHECK-EMPTY:\n")
        first = False
