"""Runs heddle-weights-test over many small files and prints what it said.

Each case is a title line "== name", the tool's output with the folder's path
taken out, and nothing else. A case must end with the exit code that it
announces: a crash or a wrong success ends the run with exit code 1.
"""
import os
import subprocess
import sys


class Driver:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.failed = False

    def write(self, name, contents):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(contents)
        return path

    def run(self, title, words, fails=True):
        done = subprocess.run(["heddle-weights-test"] + words, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        text = done.stdout.decode("utf-8", "replace").replace(self.folder + "/", "").replace(self.folder, "FOLDER")
        print("==", title)
        print(text, end="")
        if done.returncode != (1 if fails else 0):
            print("UNEXPECTED exit code", done.returncode)
            self.failed = True

    def end(self):
        sys.exit(1 if self.failed else 0)
