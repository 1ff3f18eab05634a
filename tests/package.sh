#!/bin/sh
# tests/package.sh: builds the Debian package and lives through its life in throw-away roots.
#
#   sh tests/package.sh                     Debian 12 and 13
#   sh tests/package.sh bookworm | trixie   one of them
#
# For root, on Debian or Ubuntu. What is built is the last commit, as a clean clone has it. Each
# Debian gets two roots of its own, made by mmdebstrap under ${TMPDIR:-/var/tmp}: in one the package
# is built, twice, by an ordinary user (bookworm: with crates from the registry; trixie: with
# vendored ones and without any network); in the other it is installed, enabled, upgraded,
# downgraded, removed and purged, with logins over ssh (tests/package/life.sh). Where rustup's cargo
# is found here, it builds the package as well. Nothing of this machine is changed but for packages
# that are missing: mmdebstrap, and debhelper and po-debconf beside a rustup.
#
# Mounts and processes live in namespaces that end with each step. 4 GB of disk, a quarter of an
# hour to half an hour. The last line is "N passed, N failed".
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/package/roots.sh
. tests/package/roots.sh
# shellcheck source=tests/package/build.sh
. tests/package/build.sh

place=

say() {
    printf '\n== %s: %s\n' "$(date +%H:%M:%S)" "$*"
}

# Within the run it is told as a failure too: a pipeline hides how its parts end.
give_up() {
    [ -z "$place" ] || echo "FAILED: $*"
    echo "package: $*" >&2
    exit 1
}

# check WHAT COMMAND...: shows the end of what the command said where it failed.
check() {
    what=$1
    shift
    if "$@" >"$place/said" 2>&1; then
        echo "ok: $what"
    else
        tail -n 80 "$place/said" | sed 's/^/    /'
        echo "FAILED: $what"
    fi
}

clean_up() {
    [ -z "$place" ] || rm -rf --one-file-system "$place"
}

# What happens for one Debian.
prove() {
    suite=$1
    say "$suite: a root to build in"
    make_root "$place/build" "$suite" "$build_packages"
    make_builder
    say "$suite: building"
    build_packages_of "$suite"
    say "$suite: a root to live in"
    make_root "$place/life" "$suite" "$life_packages"
    mkdir "$place/life/proof"
    cp tests/package/life.sh tests/package/people.sh "$place/life/proof"
    mkdir "$place/life/proof/source"
    tar -C "$place/life/proof/source" -xf "$place/source.tar"
    cp "$place/old.deb" "$place/new.deb" "$place/life/proof"
    say "$suite: the life of the package"
    if ! in_root "$place/life" sh /proof/life.sh; then
        echo "FAILED: $suite: the proof was broken off"
    fi
}

case " $* " in
*" -"*) give_up "usage: sh tests/package.sh [bookworm|trixie]..." ;;
esac
[ $# -gt 0 ] || set -- bookworm trixie
for suite; do
    case $suite in
    bookworm | trixie) ;;
    *) give_up "there is no $suite here; there are bookworm and trixie" ;;
    esac
done
[ "$(id -u)" -eq 0 ] || give_up "only root can make roots"
git rev-parse HEAD >/dev/null 2>&1 || give_up "this is no git checkout"
[ -z "$(git status --porcelain)" ] ||
    echo "package: what is not committed is not in the package that is built here"

trap clean_up EXIT
trap 'exit 1' HUP INT TERM
place=$(mktemp -d "${TMPDIR:-/var/tmp}/kapu-package.XXXXXX")
chmod 755 "$place"
need_tools
git archive --prefix= HEAD >"$place/source.tar"
{
    for suite; do
        # In no condition, where "set -e" would not hold.
        set +e
        (
            set -e
            prove "$suite"
        )
        outcome=$?
        set -e
        [ $outcome -eq 0 ] || echo "FAILED: $suite: broken off"
        rm -rf --one-file-system "$place/build" "$place/life"
    done
    prove_rustup
    : >"$place/complete"
} 2>&1 | tee "$place/log"
passed=$(grep -c '^ok: ' "$place/log") || true
failed=$(grep -c '^FAILED: ' "$place/log") || true
say "done"
grep '^FAILED: ' "$place/log" || true
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] && [ -e "$place/complete" ]
