# Shared first-use set-up, sourced by scripts/run and scripts/test; not run by itself.
# Makes .venv from requirements.lock, once, and again when the lock (or the folder) changes.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv="$root/.venv"
stamp="$venv/strata-setup"

# Nothing that Strata stands on calls home.
export DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1 GX_ANALYTICS_ENABLED=false

say() { printf '%s\n' "$*" >&2; }

die() {
    say "strata: $1"
    shift
    local line
    for line in "$@"; do say "        $line"; done
    exit 1
}

# What the environment is made of: the lock, and the folder (an environment does not move).
fingerprint() {
    { cat "$root/requirements.lock" && printf '%s\n' "$root"; } |
        { sha256sum 2>/dev/null || shasum -a 256; } | cut -d ' ' -f 1
}

is_ready() {
    [[ -f $stamp && $(<"$stamp") == "$1" ]] && "$venv/bin/python" -c '' 2>/dev/null
}

# Tries each by running it: a name on the path may be an empty shim or lack venv.
find_python() {
    local candidate found=""
    for candidate in ${STRATA_PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
                printf '%s\n' "$candidate"
                return
            fi
            found=$candidate
        fi
    done
    if [[ -n $found ]]; then
        die "$found cannot make virtual environments." \
            "On Debian or Ubuntu: apt-get install python3-venv, then try again." \
            "Or name another Python: STRATA_PYTHON=/path/to/python3.12 $0"
    fi
    die "Python 3.11 or newer is needed; none was found on the path." \
        "On Debian or Ubuntu: apt-get install python3 python3-venv" \
        "On macOS: brew install python@3.13" \
        "Or name one: STRATA_PYTHON=/path/to/python3.12 $0"
}

# Runs pip with its output in a log; says how far it has come, and how it failed.
install_packages() {
    local log="$venv/strata-setup.log" total state next=10 began=$SECONDS pid
    total=$(grep -c '==' "$root/requirements.lock")
    # The lock is complete, so nothing is resolved; wheels only, so no C is compiled.
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
        --progress-bar off --no-compile --no-deps --require-hashes --only-binary :all: \
        -r "$root/requirements.lock" >"$log" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        ((SECONDS - began < next)) && continue
        next=$((next + 10))
        state="$(grep -cE '^(Collecting|Processing)' "$log" || true) of $total fetched"
        grep -q '^Installing collected' "$log" && state="unpacking all of them"
        say "      $((SECONDS - began)) s: $state"
    done
    wait "$pid" && return
    tail -n 15 "$log" >&2
    die "installing the packages failed (above: the end of what pip said)." \
        "If it found no network: give it an index it can reach (PIP_INDEX_URL)." \
        "Then run the same command again: the set-up starts afresh."
}

make_environment() {
    local wanted=$1 python=$2
    say "strata: first use, or requirements.lock changed: setting up .venv (about a minute)"
    # Without the stamp a killed set-up counts for nothing and is done again from the start.
    rm -f "$stamp"
    say "[1/3] making an environment with $("$python" -V) (5 s)"
    "$python" -m venv --clear "$venv" || die "$python could not make $venv (see above)."
    say "[2/3] installing $(grep -c '==' "$root/requirements.lock") packages (1 to 3 minutes)"
    install_packages
    # pip would do it on one core. Not left to the first import: where bytecode is not to be
    # written (PYTHONDONTWRITEBYTECODE), every process would compile anew. What is meant for
    # another Python does not compile, and is not imported.
    "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null || true
    say "[3/3] installing the command strata (5 s)"
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --quiet \
        --no-index --no-deps --no-build-isolation --editable "$root" >&2 ||
        die "installing the command strata failed (see above)."
    printf '%s\n' "$wanted" >"$stamp.new"
    mv "$stamp.new" "$stamp"
    say "strata: .venv is ready (${SECONDS} s)"
}

# One set-up at a time. The lock sits on the project folder itself and the kernel drops it
# when its holder dies; Python takes it because not every system has a flock command.
take_setup_lock() {
    local python=$1
    exec 9<"$root"
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null &&
        return
    say "strata: another set-up of this folder is under way; waiting for it to end"
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
}

ensure_environment() {
    local wanted python
    wanted=$(fingerprint)
    is_ready "$wanted" && return
    # Every failure ends the script by itself: the caller may not run under `set -e`.
    python=$(find_python) || exit 1
    take_setup_lock "$python" || die "cannot lock $root (is it on a network file system?)."
    # Whoever held the lock may have done the work.
    is_ready "$wanted" || make_environment "$wanted" "$python"
    exec 9<&-
}
