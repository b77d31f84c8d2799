"""twice.py FOLDER COMMAND... -- two commands at once on one empty cache, in FOLDER/0 and FOLDER/1."""

import os
import subprocess
import sys

folder, command = sys.argv[1], sys.argv[2:]
running = []
for i in range(2):
    there = os.path.join(folder, str(i))
    os.makedirs(there)
    running.append(subprocess.Popen(command, cwd=there))
sys.exit(any([process.wait() for process in running]))
