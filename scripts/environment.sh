# Sourced by the other scripts: makes .venv with what a lock file pins, and does nothing when that is done already.

# say_help "$@": tells what the script says of itself on its first lines, where that is asked for.
say_help() {
    case ${1:-} in
        -h | --help)
            sed -n '2,/^[^#]/s/^# //p' "scripts/$(basename "$0")"
            exit
            ;;
    esac
}

# The first Python that will do, or the one that PYTHON names.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Tsunagu needs Python 3.11 or newer; none of these is: ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}" >&2
    return 1
}

# prepare_environment LOCK_FILE: installs what it pins, each file checked against its hash.
prepare_environment() {
    local lock_file=$1 python wanted stamp=.venv/installed-$1
    if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
        python=.venv/bin/python
    else
        python=$(find_python) || return 1
        "$python" -m venv --clear .venv || {
            echo "Python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2
            return 1
        }
    fi
    wanted=$(cat "$lock_file" | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
    echo "Installing what $lock_file pins …" >&2
    rm -f .venv/installed-*
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r "$lock_file" || return 1
    echo "$wanted" > "$stamp"
}

# What serving needs; a development environment has all of it and is left as it is.
prepare_environment_to_serve() {
    if [ -e .venv/installed-requirements-dev.lock ]; then
        prepare_environment requirements-dev.lock
    else
        prepare_environment requirements.lock
    fi
}
