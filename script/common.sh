# Shared by the scripts beside it. Sourced, never run.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
stamps=$venv/.xiangyin
cd "$root"

say()  { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
warn() { printf '\033[33m !!\033[0m %s\n' "$*" >&2; }
die()  { printf '\033[31m !!\033[0m %s\n' "$*" >&2; exit 1; }

# What the environment was made from: the pinned versions, the package definition, the place (a venv does not survive a
# move) and the machine. A change of any of them makes the stamp differ and the work is done again.
fingerprint() {
    { cat "$@" setup.py pyproject.toml; printf '%s\n' "$root" "$(uname -m)"; } | sha256sum | cut -d' ' -f1
}

stamped() { [[ -x $venv/bin/python && -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }

stamp() { mkdir -p "$stamps"; printf '%s' "$2" >"$stamps/$1"; }
