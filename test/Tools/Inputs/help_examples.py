"""help_examples.py: runs the example of each page of heddle's help in this folder."""

import re
import shlex
import subprocess


def heddle(*words):
    return subprocess.run(["heddle", *words], capture_output=True, text=True, check=True).stdout


for command in re.findall(r"(?m)^  heddle (\w+)", heddle("--help")):
    example = heddle("help", command).split("Example:\n  ")[1].strip()
    print(example, flush=True)
    subprocess.run(shlex.split(example), stdout=subprocess.DEVNULL, check=True)
print("all examples work")
