#!/usr/bin/env python3
"""names_test.py STD.heddle LANGUAGE.md: each definition of the library has a comment and its place in the language's
table, with the parameters that it has, and the other way round."""

import re
import sys


def words(text):
    """Parameters by name: what stands behind the name is not compared."""
    depth, parts = 0, [""]
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if c == "," and not depth:
            parts.append("")
        else:
            parts[-1] += c
    return [re.match(r"\w+", part.strip())[0] for part in parts if part.strip()]


def signatures(text):
    """Names with the text in the parentheses behind them."""
    for m in re.finditer(r"(\w+)(?:\[\w+\])?\(", text):
        depth, end = 1, m.end()
        while depth and end < len(text):
            depth += (text[end] == "(") - (text[end] == ")")
            end += 1
        yield m[1], text[m.end():end - 1]


def main():
    std, language = (open(path, encoding="utf-8").read() for path in sys.argv[1:3])
    problems = []
    defined = {}
    for m in re.finditer(r"^(fn|block) (\w+)", std, re.M):
        name, parameters = next(signatures(std[m.start(2):]))
        defined[name] = words(parameters)
        # A comment stands above it, or above the functions that are one paragraph with it.
        above = std[:m.start()].rstrip("\n").split("\n\n")[-1] if std[m.start() - 2] != "\n" else ""
        if not above.lstrip().startswith("#"):
            problems.append(f"{name} has no comment")
    section = language[language.index("## 5."):language.index("## 6.")]
    if f"is {len(defined)} definitions" not in section:
        problems.append(f"the library has {len(defined)} definitions")
    told = set()
    for row in re.findall(r"^\| (`.*?) \| ", section, re.M):
        for code in re.findall(r"`([^`]*)`", row):
            for name, parameters in list(signatures(code.split("->")[0])) or [(code, None)]:
                if name not in defined:
                    problems.append(f"the table has {name}, which the library has not")
                    continue
                told.add(name)
                if parameters is not None and words(parameters) != defined[name]:
                    problems.append(f"{name} takes {', '.join(defined[name])}, the table says {', '.join(words(parameters))}")
    problems += [f"{name} is not in the table" for name in defined if name not in told]
    print("\n".join(problems) or f"{len(defined)} definitions, each in the table")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
