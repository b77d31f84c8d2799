"""interrupt.py SIGNAL COMMAND...

Runs COMMAND, whose workers wait once they have a kernel, in a folder of its own, and
sends it SIGNAL. Neither a process nor a file may be left, and the command ends by
the signal.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"  # whoever adopts orphans here may be slow to take note of their end


number = signal.Signals[sys.argv[1]]
with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as marks:
    environment = dict(os.environ, TMPDIR=scratch, MARK=os.path.join(marks, "at"), FAULT="wait",
                       HEDDLE_KERNEL_WORKER="heddle-worker-test")
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)  # commands in the background of a shell ignore interrupts
    command = subprocess.Popen(sys.argv[2:], env=environment, cwd=scratch)
    if not wait_for(lambda: len(os.listdir(marks)) == 2):
        sys.exit("two workers were to begin")
    pids = [int(name.split("-")[1]) for name in os.listdir(marks)]
    parents = [int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]) for pid in pids]
    os.kill(command.pid, number)
    print("code", command.wait(60))
    for pid in pids + parents:
        if not wait_for(lambda: not is_running(pid)):
            sys.exit(f"process {pid} is left")
    print("left:", os.listdir(scratch))
