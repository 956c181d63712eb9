#!/bin/sh
# Prepares a machine for `make demo` and `make test`: finds a Python, installs tshark and the venv
# module where they are missing, makes the virtual environment named by the first argument.
set -eu
venv=$1

say() { printf '%s\n' "$*" >&2; }
die() { say "tcpwin: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- Python -----------------------------------------------------------------------------------
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        echo "$name"
        return
    done
    die "needs Python 3.11 or newer, found $(python3 --version 2>/dev/null || echo none);" \
        "install one (it may sit beside the old one, as python3.12) and run make again."
}

# --- what the system must provide ---------------------------------------------------------------
list_missing() {
    have tshark || echo tshark
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

quietly() {
    "$@" >>"$log" 2>&1 </dev/null || { cat "$log" >&2; return 1; }
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=120 "$@"; }

install_missing() {
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if as_root true 2>/dev/null && have apt-get; then
        say "Installing" $missing "with apt-get ..."
        quietly apt update || true # one broken source is no reason to stop
        quietly apt install --no-install-recommends $missing
    elif as_root true 2>/dev/null && have dnf; then
        say "Installing wireshark-cli with dnf ..."
        quietly as_root dnf -qy install wireshark-cli
    elif [ "$missing" = tshark ] && have brew; then
        say "Installing wireshark with brew ..."
        quietly brew install --quiet wireshark
    else
        return 1
    fi
}

advise() {
    say "tcpwin needs" $missing "and could not install that here by itself. Run the one that fits:"
    say "    sudo apt-get install" $missing
    say "    sudo dnf install wireshark-cli"
    say "    brew install wireshark"
    say "    winget install WiresharkFoundation.Wireshark"
    say "and then make again."
    exit 1
}

check_tshark() {
    version=$(tshark --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
    case $version in
        '' | [0-2].* | 3.[0-5]) die "needs tshark 3.6 or newer, found ${version:-one without a version} at" \
            "$(command -v tshark); update Wireshark and run make again." ;;
    esac
}

python=$(find_python)
missing=$(list_missing)
if [ -n "$missing" ]; then
    install_missing || advise
    [ -z "$(list_missing)" ] || advise
fi
check_tshark
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$venv"
