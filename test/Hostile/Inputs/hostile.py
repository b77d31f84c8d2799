"""hostile.py DIR: runs what the *.cases files beside this say, and prints how many were refused.

A case begins with `=== NAME: KIND: MESSAGE`; what follows is the content of its file, or, behind
`@ `, a Python expression over make.py for it. KIND is one of KINDS below. The command must end
with exit code 1 and one message (of a model's text: a list of them) that holds MESSAGE,
printable and short, within 10 seconds of processor time and 2 GB, and write nothing. What is
otherwise is printed with the case's name; the work is done in DIR."""
import concurrent.futures
import os
import re
import resource
import shutil
import subprocess
import sys

import make

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS, MEMORY = 10, 2 << 30
MOST_LINE, MOST_LINES = 1000, 100

# FILE is the case's file, OUT a folder that stays empty, BODY the file's content.
KINDS = {
    "check": "heddle check FILE",
    "format": "heddle format FILE",
    "compile": "heddle compile FILE -o OUT/m.a",
    "reference": "heddle run FILE --random --reference --output-dir OUT/results",
    "config": f"heddle check {HERE}/config.heddle --config FILE",
    "weights": f"heddle compile {HERE}/weights.heddle --weights FILE -o OUT/m.a",
    "index": f"heddle compile {HERE}/weights.heddle --weights FILE -o OUT/m.a",
    "input": f"heddle run {HERE}/input.heddle --input x=FILE --output-dir OUT/results",
    "set": f"heddle check {HERE}/config.heddle --set BODY",
    "words": "heddle BODY",
    "kernel": "heddle-kernel FILE",
}
SUFFIX = {"config": ".json", "index": ".json", "weights": ".safetensors", "input": ".npy", "kernel": ".kernel"}
TEXTS = ("check", "format", "compile", "reference")


def read_cases():
    for name in sorted(os.listdir(HERE)):
        if not name.endswith(".cases"):
            continue
        with open(os.path.join(HERE, name), encoding="utf-8", newline="") as f:
            for part in re.split(r"(?m)^=== ", f.read())[1:]:
                head, body = part.split("\n", 1)
                yield [*head.split(": ", 2), body]


def limit(memory):
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def complaints(kind, message, done, out):
    """What is not as it should be, as texts."""
    said = done.stderr
    if done.returncode != 1:
        yield f"exit code {done.returncode}"
    if message.encode() not in said:
        yield f"{message!r} is not said"
    if done.stdout:
        yield f"{len(done.stdout)} bytes on the standard output"
    if os.listdir(out):
        yield f"{os.listdir(out)} is written"
    lines = said.split(b"\n")[:-1]
    if len(lines) > MOST_LINES:
        yield f"{len(lines)} lines are said"
    if kind not in TEXTS and sum(b"error: " in line for line in lines) != 1:
        yield "not one error is said"
    if any(len(line) > MOST_LINE for line in lines):
        yield f"a line of {max(map(len, lines))} bytes is said"
    if re.search(rb"[^\n -~\x80-\xff]", said):
        yield "what is said has control characters"


def run(number, case, folder, memory):
    name, kind, message, body = case
    here = os.path.join(folder, f"{number}-{name}")
    out = os.path.join(here, "out")
    os.makedirs(out)
    file = os.path.join(here, name + SUFFIX.get(kind, ".heddle"))
    if body.startswith("@ "):
        body = eval(body[2:].strip(), vars(make))  # the cases are our own
    if callable(body):
        body(file)
    elif kind not in ("set", "words"):
        with open(file, "wb") as f:
            f.write(body if isinstance(body, bytes) else body.encode())
    words = []
    for word in KINDS[kind].split():
        if word == "BODY" and kind == "words":
            words += [w.replace("OUT", out) for w in (body if isinstance(body, list) else body.split())]
        else:
            words.append(word.replace("FILE", file).replace("OUT", out) if word != "BODY" else body.strip())
    try:
        done = subprocess.run(words, capture_output=True, timeout=20 * SECONDS, stdin=subprocess.DEVNULL,
                              preexec_fn=lambda: limit(memory), cwd=here)
        wrong = list(complaints(kind, message, done, out))
        said = done.stderr[:400].decode(errors="replace")
    except subprocess.TimeoutExpired:
        wrong, said = ["it does not end"], ""
    except OSError as error:  # the command line itself is too long for the system
        wrong, said = [str(error)], ""
    shutil.rmtree(here)
    return f"{name}: {'; '.join(wrong)}: {said!r}" if wrong else None


def main(folder, only=None):
    # A sanitizer's shadow memory is larger than any limit.
    probe = subprocess.run(["heddle", "--version"], capture_output=True, preexec_fn=lambda: limit(True))
    memory = probe.returncode == 0
    cases = [case for case in read_cases() if not only or re.search(only, case[0])]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda job: run(*job, folder, memory), enumerate(cases)))
    for wrong in filter(None, results):
        print(wrong)
    print(f"{results.count(None)} of {len(cases)} refused")


main(*sys.argv[1:])
