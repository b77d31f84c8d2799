"""heddle verify over sizes and instruction sets: sweep.py MODEL NAMES SIZES TARGET...

NAMES: dimensions, with commas; all of them take each of SIZES. Prints what failed and exits with 1, or the number of runs."""
import subprocess
import sys

model, names, sizes, *targets = sys.argv[1:]
runs = failed = 0
for target in targets:
    for size in sizes.split(","):
        dims = [word for name in names.split(",") for word in ("--dim", f"{name}={size}")]
        run = subprocess.run(["heddle", "verify", model, "--target", target, *dims], capture_output=True, text=True)
        runs += 1
        if run.returncode or "within their bounds" not in run.stdout:
            failed += 1
            print(f"{target}, {names} = {size}: exit code {run.returncode}\n{run.stdout}{run.stderr}")
print(f"{runs - failed} of {runs} are within their bounds")
sys.exit(failed > 0)
