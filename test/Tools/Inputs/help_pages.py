"""help_pages.py: every option that heddle's shells complete is on its command's page, and
every page has its parts. Both are printed from one table; this reads what is printed."""

import re
import subprocess


def heddle(*words):
    return subprocess.run(["heddle", *words], capture_output=True, text=True, check=True).stdout


script = heddle("completion", "bash")
commands = re.search(r"_heddle_words '([a-z ]+) --help", script)[1].split()
overview = heddle("--help")
count = 0
for command in commands:
    assert f"  heddle {command} " in overview, command
    page = heddle("help", command)
    assert page == heddle(command, "--help"), command
    for part in ("Usage:", "Exit codes:\n  0 ", "  1 ", "  70 ", f"Example:\n  heddle {command} "):
        assert part in page, (command, part)
    case = script.split(f"\n  {command})\n")[1]
    options = re.search(r"_heddle_words '([^']*) --help'", case)
    for option in options[1].split() if options else []:
        assert re.search(rf"(?m)^  {option}(?: [A-Z][\w=.]*)? ", page), (command, option)
        count += 1
    assert ("--json" in page) == ("With --json:" in page), command
    assert max(map(len, page.splitlines())) <= 120, command
print(len(commands), "commands,", count, "options")
