#!/usr/bin/env python3
"""Lists the messages of the compiler that no test expects.

    error_texts.py [-v] [FILE...]      exit 1 if there are any; -v lists them all

A message is what stands in a call of a reporting function (REPORTERS), is assigned
to a variable that becomes one (ASSIGNED), or is a sentence that a function returns. Of its string literals the
longest identifies it; the two sides of a conditional `c ? "a" : "b"` are messages
of their own if they are long enough to be. A test expects a message if a FileCheck
line, the head of a hostile case, an expected-error (warning, note, remark) or a string of a C++ test holds that
literal.

With FILEs, those are looked at instead of the compiler's.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = [
    "compiler/Syntax", "compiler/Frontend", "compiler/Weights", "compiler/Driver",
    "compiler/Package", "compiler/Workers", "tools/heddle", "passes", "dialects",
]

# Calls whose strings are read by people.
REPORTERS = (
    "error fail note warning unsupported mismatch expected "
    "emitOpError emitError emitWarning emitRemark createStringError "
    "expect expectName string pathError formatv missed notFused stays usedAlone"
).split()
# `return` of a sentence: a reason, which the caller reports.
SENTENCE = 3  # words
# Variables whose strings end in a message.
ASSIGNED = "error message reason why hint what".split()
LEAST = 8  # characters that tell one message from another

# Messages that no input can bring about: literal -> why.
FAULT = "a fault of the compiler; no input is known that leads here"
ALLOWED = {
    "lowering failed; this is a fault of heddle": FAULT,
    ", which the runtime does not have (": FAULT + ": kernels call only what the runtime has",
    "the model cannot be opened: status": FAULT + ": the options are the compiler's own",
    "nothing says how large": FAULT + ": every dimension has a size by then",
    "is not known; give --dim": FAULT + ": every dimension has a size by then",
    ": is not a scratch file": FAULT + ": the caller's own file",
    '" in the checkpoint; give it with --weights': FAULT + ": the check has found every weight",
    "this cannot stand here": FAULT + ": every form of expression has a case of its own",
    "expected a text, this is": FAULT + ": the parser takes nothing else where a text stands",
    "expected dense results, got": FAULT + ": a kernel returns results of comprehensions, which are dense",
    "behind the brackets of an axis operator": FAULT + ": the parser has seen the bracket",
    "an erroneous value": FAULT + ": what is erroneous is not described",
    "has no name": FAULT + ": the parser wants names of all that C sees",
    "' has an entry without a name": FAULT + ": the parser wants names of all that C sees",
    "the first that departs:": FAULT + ": a kernel whose results are wrong",
    "cannot be found": "a folder that vanishes between two looks at it",
    "this processor has less than x86-64-v2; give --target": "depends on the machine",
    "a .npy header takes at most": "thousands of axes: more than a tensor can have",
    "the module is invalid": FAULT + ": what is imported has been checked",
    "no process can be made for it:": "a machine with no room for another process",
    "no temporary file can be made": "a full disk while a phase crashes",
    # Promises of callers inside the compiler, checked all the same.
    "elements have 0 bytes, wanted at least 1": FAULT,
    "packed tensor has more bytes than 63 bits can count": FAULT + ": shapes are checked before",
    "packed tensor has": FAULT,
    "bytes, the dense tensor another number": FAULT,
}

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"\((?P<rawtext>.*?)\)")
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<char>'(?:[^'\\\n]|\\.)+')
      | (?P<word>[A-Za-z_]\w*)
      | (?P<punct><<=?|[-+*/<>=!&|]=|::|->|&&|\|\||\S)""",
    re.S | re.X,
)
ESCAPES = {"n": "\n", "t": "\t", "0": "\0", '"': '"', "\\": "\\", "'": "'"}


def unescape(literal):
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), literal)


def tokens_of(text):
    """(kind, text, offset) of C++ tokens; neighbouring strings are one."""
    result = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != "rawtext" else "raw"
        if kind == "comment":
            continue
        value = match[0]
        if kind == "string":
            value = unescape(value[1:-1])
            if result and result[-1][0] == "string":
                result[-1] = ("string", result[-1][1] + value, result[-1][2])
                continue
        elif kind == "raw":
            kind, value = "string", match["rawtext"]
        result.append((kind, value, match.start()))
    return result


def end_of_call(tokens, opening):
    """The token behind a call's closing bracket and the `<<` that follow it."""
    depth = 0
    for i in range(opening, len(tokens)):
        if tokens[i][0] != "punct":
            continue
        if tokens[i][1] in "([{":
            depth += 1
        elif tokens[i][1] in ")]}":
            depth -= 1
            if depth < 0:
                return i
        # An argument list's end; a stream goes on to the end of its statement.
        if depth == 0 and tokens[i][1] in ")]}":
            if i + 1 < len(tokens) and tokens[i + 1][1] == "<<":
                continue
            return i
        if depth == 0 and tokens[i][1] == ";":
            return i
    return len(tokens)


def end_of_stream(tokens, at):
    """The `;` that ends the statement at `at`, or the bracket that closes around it."""
    depth = 0
    for i in range(at, len(tokens)):
        if tokens[i][0] != "punct":
            continue
        if tokens[i][1] in "([{":
            depth += 1
        elif tokens[i][1] in ")]}":
            depth -= 1
            if depth < 0:
                return i
        elif tokens[i][1] == ";" and depth == 0:
            return i
    return len(tokens)


def literals(tokens):
    """The strings that identify the messages in `tokens`: (string, offset)."""
    # Of a formatv text, what stands between its {0}, {1}, ..
    strings = [(i, piece, at) for i, (kind, value, at) in enumerate(tokens)
               if kind == "string" for piece in re.split(r"\{\d[^}]*\}", value)
               if len(piece.strip()) >= LEAST and not re.search(r"\n|/\*", piece.strip())]
    if not strings:
        return []
    chosen = {max(strings, key=lambda s: len(s[1].strip()))}
    for i, value, at in strings:
        beside = {tokens[j][1] for j in (i - 1, i + 1) if 0 <= j < len(tokens)}
        if beside & {"?", ":"}:
            chosen.add((i, value, at))
    return [(value.strip(), at) for i, value, at in chosen]


def messages_of(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".td":
        return {}
    tokens = tokens_of(text)
    found = {}
    for i, (kind, value, at) in enumerate(tokens[:-1]):
        if kind == "string" and value.startswith("error: "):
            found.setdefault(value[7:].strip(), text.count("\n", 0, at) + 1)
        if kind != "word":
            continue
        following = tokens[i + 1][1]
        if value in REPORTERS and following == "(":
            end = end_of_call(tokens, i + 1)
            if end + 1 < len(tokens) and tokens[min(end, len(tokens) - 1)][1] == ")":
                if tokens[end + 1][1] == "<<":
                    end = end_of_stream(tokens, end + 1)
        elif value in ASSIGNED and following in ("=", "+=", "<<"):
            end = end_of_stream(tokens, i + 2)
        elif value == "return":
            end = end_of_stream(tokens, i + 1)
            if {t[1] for t in tokens[i + 1:end]} & {"{", "notifyMatchFailure", *REPORTERS} or not any(
                    t[0] == "string" and len(t[1].split()) >= SENTENCE for t in tokens[i + 1:end]):
                continue
        else:
            continue
        for literal, offset in literals(tokens[i + 1:end]):
            found.setdefault(literal, text.count("\n", 0, offset) + 1)
    return found


CHECK = re.compile(r"^[\s#/;*]*(?:RUN:|[A-Z][A-Z0-9_-]*:)(.*)$")
EXPECTED = re.compile(r"expected-(?:error|warning|note|remark)[^{]*\{\{(.*?)\}\}")


def expectations():
    """All that the tests expect, as one text."""
    parts = []
    for path in sorted((ROOT / "test").rglob("*")):
        if path.suffix in (".cpp", ".c", ".h"):
            parts += [v for kind, v, _ in tokens_of(path.read_text(encoding="utf-8"))
                      if kind == "string"]
        elif path.suffix in (".test", ".heddle", ".mlir"):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if match := EXPECTED.search(line):
                    parts.append(match[1])
                elif match := CHECK.match(line):
                    parts.append(re.sub(r"\{\{\\([\[\]{}])\}\}", r"\1", match[1]))
        elif path.suffix == ".cases":  # of test/Hostile
            parts += re.findall(r"(?m)^=== [^:]*: [^:]*: (.*)$", path.read_text(encoding="utf-8"))
    return "\n".join(parts)


def main():
    arguments = sys.argv[1:]
    verbose = "-v" in arguments
    paths = [pathlib.Path(a).resolve() for a in arguments if a != "-v"]
    if not paths:
        for folder in SOURCES:
            paths += sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in (".cpp", ".h"))
    expected = expectations()
    missing = total = 0
    for path in paths:
        for literal, line in sorted(messages_of(path).items(), key=lambda item: (item[1], item[0])):
            if literal in ALLOWED:
                continue
            total += 1
            is_expected = literal in expected
            missing += not is_expected
            if verbose or not is_expected:
                name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name
                print(f"{name}:{line}: {'expected' if is_expected else 'no test expects'}: {literal}")
    print(f"{total} messages, {missing} that no test expects")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
