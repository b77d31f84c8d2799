"""Outputs that must appear whole or not at all, for outputs.test."""
import os
import resource
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
from driver import Driver  # noqa: E402

shutil.rmtree(sys.argv[1], ignore_errors=True)
d = Driver(sys.argv[1])
p = d.folder + "/"


def show():
    for folder, folders, files in sorted(os.walk(d.folder)):
        for name in sorted(files):
            path = os.path.join(folder, name)
            link = " -> " + os.readlink(path) if os.path.islink(path) else ""
            with open(path, "rb") as file:
                print("  %s%s: %s" % (os.path.relpath(path, d.folder), link, file.read(40).decode()))


def case(title, words, fails=False):
    d.run(title, ["outputs"] + words, fails)
    show()


d.write("old", b"before")
case("new and replaced", ["commit", p + "old=after", p + "new=text"])
case("discarded", ["discard", p + "old=x", p + "other=y"])
case("forgotten", ["forget", p + "old=x", p + "other=y"])
case("empty file", ["commit", p + "void="])
case("scratch", ["commit", "scratch:" + p + "new", p + "new=with scratch"])
case("scratch forgotten", ["forget", "scratch:" + p + "new"])
os.symlink("new", p + "link")
case("through a link", ["commit", p + "link=linked"])
os.remove(p + "link")
os.symlink("nowhere", p + "link")
case("dangling link", ["commit", p + "link=made"])

case("no folder", ["commit", p + "none/x=1"], fails=True)
case("a folder", ["commit", d.folder + "=1"], fails=True)
case("a device", ["commit", "/dev/null=1"], fails=True)
case("a name that ends in a slash", ["commit", p + "x/=1"], fails=True)
case("no name", ["commit", "=1"], fails=True)
case("twice", ["commit", p + "x=1", p + "x=2"], fails=True)
case("twice by another spelling", ["commit", p + "x=1", p + "./x=2"], fails=True)
case("second cannot be put in its place", ["commit", p + "new=changed", p + "folder=2", "folder:" + p + "folder"], fails=True)
os.rmdir(p + "folder")
case("second fails, first was not there", ["commit", p + "fresh=1", p + "folder=2", "folder:" + p + "folder"], fails=True)
os.rmdir(p + "folder")

print("== terminated")
done = subprocess.run(["heddle-weights-test", "outputs", "crash", p + "new=x", "scratch:" + p + "new"], stdout=subprocess.DEVNULL)
print("signal", signal.Signals(-done.returncode).name)
show()


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


print("== no space")
done = subprocess.run(["heddle-weights-test", "outputs", "commit", p + "new=lost", "fill:" + p + "big:1000000"],
                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=small_files)
print(done.stdout.decode().replace(p, ""), end="")
print("exit code", done.returncode)
show()

# The superuser may write anywhere.
if os.geteuid() != 0:
    os.mkdir(p + "locked", 0o500)
    done = subprocess.run(["heddle-weights-test", "outputs", "commit", p + "locked/x=1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 1 or b"locked/x: cannot be written: permission denied" not in done.stdout:
        print("UNEXPECTED", done.stdout)
        d.failed = True
d.end()
