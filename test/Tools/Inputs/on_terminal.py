"""on_terminal.py [--columns N] COMMAND...: runs a command whose stderr is a terminal, prints
what the terminal was sent (\r and \x1b visible), then what is left on its screen, and exits as
the command does. stdout is passed on to a file, out.txt."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

arguments = sys.argv[1:]
columns = 80
if arguments[0] == "--columns":
    columns = int(arguments[1])
    arguments = arguments[2:]
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
environment = dict(os.environ)
environment.setdefault("TERM", "xterm")
with open("out.txt", "wb") as out:
    process = subprocess.Popen(arguments, stdout=out, stderr=theirs, env=environment)
os.close(theirs)
sent = b""
while True:
    try:
        data = os.read(ours, 65536)
    except OSError:  # the other side is closed
        break
    if not data:
        break
    sent += data
code = process.wait()
text = sent.decode()
print("SENT:", text.replace("\r\n", "\n").replace("\x1b", "<ESC>").replace("\r", "\n<CR>"))

# A terminal that knows \r, \n and "erase to the end of the line".
lines, at = [""], 0
i = 0
while i < len(text):
    if text.startswith("\x1b[K", i):
        lines[-1] = lines[-1][:at]
        i += 3
        continue
    if text[i] == "\r":
        at = 0
    elif text[i] == "\n":
        lines.append("")
    else:
        lines[-1] = lines[-1][:at].ljust(at) + text[i] + lines[-1][at + 1:]
        at += 1
        assert at <= columns, "the line is broken in two"
    i += 1
print("LEFT:", "\n".join(lines).rstrip() or "nothing")
sys.exit(code)
