# lit's configuration for the whole suite; test/README.md says how to run it.

import os
import platform

import lit.formats

config.name = "heddle"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".heddle", ".test", ".c", ".kernel"]
config.excludes = ["Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.heddle_build, "test")

# heddle, heddle-opt and the test tools; then FileCheck, not, llvm-*; then lit's
# own environment.
path = [
    os.path.join(config.heddle_build, "bin"),
    config.llvm_tools,
    os.path.dirname(config.python),
    config.environment.get("PATH", ""),
]
config.environment["PATH"] = os.pathsep.join(path)
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
# Compiled kernels are kept in the build folder, for all tests and runs: most of them
# compile what an earlier run of the same build compiled. Any change to the compiler
# makes another build, whose kernels are compiled anew; tests of what compiling does
# say --no-cache or have a cache of their own.
config.environment["HEDDLE_CACHE_DIR"] = os.path.join(config.test_exec_root, "kernel-cache")
config.environment["HEDDLE_CACHE_SIZE"] = "200"

config.substitutions += [
    ("%cc", config.c_compiler),
    ("%python", config.python),
    ("%checkpoint", config.checkpoint),
    # minilm.a and minilm.h, compiled once for all tests that link them.
    ("%minilm", os.path.join(config.heddle_build, "test", "Models", "minilm")),
    ("%models", os.path.join(config.test_source_root, "Models")),
    ("%build", config.heddle_build),
    ("%repository", os.path.dirname(config.test_source_root)),
]

if os.path.exists(os.path.join(config.checkpoint, "model.safetensors")):
    config.available_features.add("minilm-checkpoint")

if config.sanitized:
    config.available_features.add("sanitized")
if config.has_fuzzers:
    config.available_features.add("fuzzers")
if "HEDDLE_FUZZ_SECONDS" in os.environ:
    config.environment["HEDDLE_FUZZ_SECONDS"] = os.environ["HEDDLE_FUZZ_SECONDS"]

config.available_features.add(platform.machine())  # x86_64, aarch64
try:
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        flags = next((l for l in f if l.startswith("flags")), "").split()
except OSError:
    flags = []
for feature, needed in {
    "avx2": ["avx2", "fma"],
    "avx512": ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"],
}.items():
    if all(n in flags for n in needed):
        config.available_features.add(feature)
