#!/bin/sh
# packages.sh -- install what a purpose needs of Debian's packages and this machine lacks.
#
# usage: tools/packages.sh PURPOSE...     (make, build, test, bench, format, lint, leaks, soak, fresh)
#
# Silent and quick when nothing is missing.  Where there is no apt-get, or no way to be root,
# it prints the list and ends with status 1.
set -eu

packages()
{
    case $1 in
        make)   echo make ;;
        # The build configures the tests too, hence cmocka.
        build)  echo gcc libc6-dev libcmocka-dev libncurses-dev libpython3-dev libreadline-dev \
                     libsqlite3-0 libsqlite3-dev \
                     meson ninja-build pkg-config python3 ;;
        test)   packages build
                echo python3-matplotlib python3-numpy python3-pandas python3-pexpect python3-pyte \
                     python3-pyqt5 python3-pytest python3-tk python3-twisted \
                     python3.11-examples less tmux \
                     xvfb ;;
        bench)  packages build
                echo ipython3 python3-objgraph ;;
        format) echo clang-format ;;
        # clang-query, for tools/lint_refs.sh, is in clang-tools.
        lint)   packages build
                packages format
                echo clang clang-tidy clang-tools ;;
        leaks)  packages test
                echo python3.11-dbg ;;
        soak)   packages test
                echo valgrind ;;
        fresh)  echo debootstrap git ;;
        *)      echo "packages.sh: no such purpose: $1" >&2; exit 2 ;;
    esac
}

wanted=$(for purpose; do packages "$purpose"; done)
wanted=$(echo "$wanted" | tr ' ' '\n' | sort -u)
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
            sed -n 's/^installed //p')
missing=$(echo "$wanted" | grep -vxF "$installed" | paste -sd ' ')
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    root=
elif command -v sudo >/dev/null; then
    root=sudo
else
    root=none
fi
if [ "$root" = none ] || ! command -v apt-get >/dev/null; then
    echo "packages.sh: please install these first (by Debian's names): $missing" >&2
    exit 1
fi

echo "packages.sh: installing $missing"
$root apt-get update -qq </dev/null
$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 $missing </dev/null >/dev/null
