"""Every model under test/Models, on what must hold of all: zoo.py COMMAND FOLDER [NAME...]

    covered    each file in FOLDER is in table.py, and what it says is refused is
    bits       the same bits on 1, 2 and 5 threads and of each row alone; nothing outside of a
               buffer is touched. Runtime and program under AddressSanitizer and UBSan
    races      two callers with five threads each, under ThreadSanitizer
    verify     `heddle verify` is clean
    compile    the first object takes less than 60 s; `bits` and `races` do this where they must

Models are compiled once into FOLDER, with weights made from their names. With NAMEs, only those.
"""
import pathlib
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent
REPOSITORY = MODELS.parent.parent
sys.path[:0] = [str(MODELS), str(HERE)]
from calls import write_table  # noqa: E402
from seeded import weights_of, write_safetensors  # noqa: E402
from table import MODELS as TABLE, REFUSED, REFUSED_SETS  # noqa: E402

SANITIZERS = {"bits": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
              "races": ["-fsanitize=thread"]}
MOST_SECONDS = 60  # until a model's first object is there


def options_of(model):
    words = [word for text in model.sets.split() for word in ("--set", text)]
    path = MODELS / model.file
    return words + (["--config", str(path.parent / model.config)] if model.config else [])


def run(*command):
    """What the command prints, and None or what it said last if it failed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          errors="replace")
    return done.stdout, (done.stdout + done.stderr)[-3000:] if done.returncode else None


def check_covered(folder):
    """What is wrong with the table for the models in `folder`, as lines."""
    files = {str(path.relative_to(folder)) for path in folder.glob("*/*.heddle")}
    listed = {model.file for model in TABLE} | set(REFUSED)
    bad = [f"{name}: not in zoo/table.py" for name in sorted(files - listed)]
    bad += [f"{name}: in zoo/table.py, but there is no such file"
            for name in sorted(listed - files)]
    names = [model.name for model in TABLE]
    bad += [f"{name}: twice in zoo/table.py" for name in set(names) if names.count(name) > 1]
    for name, message in REFUSED.items():
        if name not in files:
            continue
        sets = [w for text in REFUSED_SETS.get(name, "").split() for w in ("--set", text)]
        _, problem = run("heddle", "compile", folder / name, "--emit=kernels", *sets)
        if not problem:
            bad.append(f"{name}: compiles by now; move it to MODELS in zoo/table.py")
        elif message not in problem:
            bad.append(f"{name}: does not say {message!r}, but\n{problem}")
    return bad


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Zoo:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.runtime = {}  # objects by sanitizer

    def weights(self, model):
        path = self.folder / model.name / "seeded.safetensors"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_safetensors(path, weights_of(str(MODELS / model.file), options_of(model)))
        return path

    def compile(self, model):
        """None, or what is wrong. The weights are a file of their own, so they can be guarded.

        Seconds of the processor count, which do not depend on what else runs.
        """
        out, stem = self.folder / model.name, pathlib.Path(model.file).stem
        weights, before = self.weights(model), cpu_seconds()
        _, problem = run("heddle", "compile", MODELS / model.file, *options_of(model),
                         "--weights", weights, "--weights-file", out / f"{stem}.weights",
                         "-o", out / f"{stem}.a")
        seconds = cpu_seconds() - before
        print(f"{model.name}: compiled in {seconds:.1f} s", flush=True)
        if not problem and seconds >= MOST_SECONDS:
            return f"compiled in {seconds:.0f} s, wanted less than {MOST_SECONDS}"
        return problem

    def runtime_objects(self, command):
        """The runtime with a sanitizer; linked before an archive, it replaces the archive's."""
        if command not in self.runtime:
            out = self.folder / f"runtime-{command}"
            out.mkdir(parents=True, exist_ok=True)
            objects = []
            for source in sorted((REPOSITORY / "runtime/lib").glob("*.c")):
                objects.append(out / f"{source.stem}.o")
                _, problem = run("clang-22", "-std=c11", "-g", "-O1", "-c", *SANITIZERS[command],
                                 "-I", REPOSITORY / "runtime/include", source, "-o", objects[-1])
                if problem:
                    sys.exit(problem)
            self.runtime[command] = objects
        return self.runtime[command]

    def probe(self, model, command):
        out, stem = self.folder / model.name, pathlib.Path(model.file).stem
        if not (out / f"{stem}.a").exists() and (problem := self.compile(model)):
            return problem
        header = (out / f"{stem}.h").read_text()
        try:
            (out / "table.h").write_text(write_table(header, stem, model.sizes, model.across))
        except ValueError as error:
            return str(error)
        program = out / f"probe-{command}"
        _, problem = run("clang-22", "-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror",
                         *SANITIZERS[command], "-I", out,
                         "-I", REPOSITORY / "test/Integration/Inputs", HERE / "probe.c",
                         *self.runtime_objects(command), out / f"{stem}.a",
                         "-lm", "-lpthread", "-o", program)
        if problem:
            return problem
        text, problem = run(program, command, out / f"{stem}.weights")
        print("".join(f"{model.name}: {line}\n" for line in text.splitlines()), end="", flush=True)
        return problem

    def check(self, model, command):
        """None, or what is wrong."""
        if command in SANITIZERS:
            return self.probe(model, command)
        if command == "compile":
            return self.compile(model)
        text, problem = run("heddle", "verify", MODELS / model.file, *options_of(model),
                            "--weights", self.weights(model))
        print(f"{model.name}: {text.splitlines()[-1] if text else ''}", flush=True)
        return problem


def main():
    command, folder, *names = sys.argv[1:]
    if command == "covered":
        sys.exit("\n".join(check_covered(pathlib.Path(folder))) or 0)
    if command not in ("bits", "races", "verify", "compile"):
        sys.exit(__doc__)
    zoo = Zoo(folder)
    bad = []
    for model in TABLE:
        if names and model.name not in names:
            continue
        if problem := zoo.check(model, command):
            bad.append(f"{model.name}: {problem}")
    sys.exit("\n".join(bad) or 0)


if __name__ == "__main__":
    main()
