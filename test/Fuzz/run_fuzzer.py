"""run_fuzzer.py PROGRAM DIR DICTIONARY|- SEED..: runs a fuzzer for a while from its seeds.

It runs HEDDLE_FUZZ_SECONDS (10 if that is not set) from a fixed seed, on a copy of the SEEDs
in DIR. What it finds stays there; its report is printed, and the exit code is 1."""
import os
import pathlib
import shutil
import subprocess
import sys

program, folder, dictionary, *seeds = sys.argv[1:]
seconds = os.environ.get("HEDDLE_FUZZ_SECONDS", "10")
shutil.rmtree(folder, ignore_errors=True)
corpus = pathlib.Path(folder, "corpus")
corpus.mkdir(parents=True)
for number, seed in enumerate(seeds):
    shutil.copy(seed, corpus / f"{number}-{pathlib.Path(seed).name}")
words = [program, str(corpus), "-seed=1", f"-max_total_time={seconds}", "-max_len=4096", "-timeout=180",
         "-rss_limit_mb=3000", f"-artifact_prefix={folder}/", "-print_final_stats=1"]
if dictionary != "-":
    words.append(f"-dict={dictionary}")
# The packaged LLVM is not instrumented: its containers poison in inlined headers only.
options = "detect_container_overflow=0:allow_user_poisoning=0"
done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "ASAN_OPTIONS": options})
text = done.stdout.decode(errors="replace")
if done.returncode:
    print(text[-8000:])
    print(f"found something; it is in {folder}")
    sys.exit(1)
print(next(line for line in text.splitlines() if "number_of_executed_units" in line))
