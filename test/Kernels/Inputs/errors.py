"""errors.py FILE: heddle-kernel on each part of FILE behind a line of `---`, and what it says.

Prints a line for each part: the message behind the file's name. A part that is accepted, or a signal, is said too. What a part is expected to give is not in its text."""
import re
import subprocess
import sys

for part in open(sys.argv[1], encoding="ascii").read().split("---\n")[1:]:
    text = re.sub(r"(?m)^# CHECK.*\n", "", part)
    done = subprocess.run(["heddle-kernel", "-"], input=text, capture_output=True, text=True)
    said = done.stderr.strip().removeprefix("error: -:")
    print(said if done.returncode == 1 else f"exit code {done.returncode}: {said}")
