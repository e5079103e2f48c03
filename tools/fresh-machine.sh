#!/bin/sh
# fresh-machine.sh -- prove that the README's two commands are enough on an empty Debian 12.
#
# usage: tools/fresh-machine.sh [REPOSITORY]    (a folder or an address; default: this one)
#
# A machine is a minimal Debian in a folder, with git and ca-certificates and nothing else,
# entered by chroot.  On one, root clones the repository's HEAD and types the commands; on
# a second, a user who has sudo does.  Packages come from where this machine's come from.
# The mounts and processes live in namespaces of their own and so end with them, always.
# The first machine takes a minute to make; later ones are unpacked from a cache.
set -eu
[ "$(id -u)" = 0 ] || { echo "fresh-machine.sh: only root can make machines" >&2; exit 1; }

suite=bookworm
repository=${1:-$(dirname "$0")/..}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mainspring
base=$cache/$suite.tar.gz
log=$cache/fresh-machine.log

machines=$(mktemp -d /var/tmp/fresh-machine.XXXXXX)
trap 'rm -rf --one-file-system "$machines"' EXIT
trap 'exit 130' INT TERM HUP

# One line for each of Debian's own sources on this machine.
sources()
{
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' | grep -E " $suite(-updates|-security)? "
}

make_base()
{
    echo "fresh-machine.sh: making a minimal $suite, kept in $base"
    mirror=$(sources | sed -n "s/^deb \(.*\) $suite .*/\1/p" | head -n 1)
    debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$machines/base" \
        "$mirror" >"$machines/base.log" || { tail "$machines/base.log"; exit 1; }
    tar -C "$machines/base" --exclude='./var/cache/apt/archives/*.deb' \
        -czf "$base.new" --one-file-system .
    mv "$base.new" "$base"
    rm -rf --one-file-system "$machines/base"
}

# unpack MACHINE: a new machine, with this one's network and package settings.
unpack()
{
    mkdir "$1"
    tar -C "$1" -xzf "$base"
    cp -L /etc/resolv.conf /etc/hosts "$1/etc"
    sources >"$1/etc/apt/sources.list"
    apt-config dump | grep '^Acquire::' >"$1/etc/apt/apt.conf.d/host"
    for folder in auth.conf.d keyrings trusted.gpg.d; do
        cp -a "/etc/apt/$folder/." "$1/etc/apt/$folder"
    done
}

# on MACHINE USER COMMAND: what USER sees who logs in and types COMMAND.
on()
{
    unshare --mount --pid --fork --kill-child sh -ec '
        mount -t proc proc "$1/proc"
        mount -t tmpfs tmpfs "$1/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=666 devpts "$1/dev/pts"
        exec chroot "$1" su --whitelist-environment=http_proxy,https_proxy --login "$2" \
            --command "$3"' on "$@"
}

# try MACHINE USER COMMAND: a line of report and the last lines of the output.
failures=0
try()
{
    began=$(date +%s)
    status=0
    on "$@" >"$machines/output" 2>&1 || status=$?
    [ "$status" = 0 ] || failures=$((failures + 1))
    echo "$2: $3: status $status after $(($(date +%s) - began)) s"
    tail -n 3 "$machines/output" | sed 's/^/    /'
    { echo "$2: $3"; cat "$machines/output"; } >>"$log"
}

try_commands()
{
    if [ -d "$repository" ]; then
        source=/srv/mainspring
        branch=$(git -C "$repository" symbolic-ref --quiet HEAD) || branch=
        git -C "$repository" bundle create --quiet "$1$source" HEAD ${branch:+"$branch"}
    else
        source=$repository
    fi
    try "$1" "$2" "git clone $source mainspring"
    try "$1" "$2" "cd mainspring && ./make run </dev/null"
    try "$1" "$2" "cd mainspring && ./make test"
}

"$(dirname "$0")/packages.sh" fresh
mkdir -p "$cache"
[ -e "$base" ] || make_base
: >"$log"

unpack "$machines/root"
try_commands "$machines/root" root

unpack "$machines/user"
on "$machines/user" root 'apt-get update -qq && apt-get install -qq -y sudo >/dev/null &&
    useradd --create-home newcomer &&
    echo "newcomer ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/newcomer' 2>"$machines/sudo.log" ||
    { cat "$machines/sudo.log"; exit 1; }
try_commands "$machines/user" newcomer

echo "$failures of 6 commands failed; their whole output is in $log"
[ "$failures" = 0 ]
