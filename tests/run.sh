#!/bin/sh
# tests/run.sh: builds kapu and runs its tests. No root is needed.
#
#   sh tests/run.sh              everything
#   sh tests/run.sh NAME...      some of it: "unit", or suites and attacks by their name in
#                                tests/suites/ and tests/attack/
#   sh tests/run.sh --long NAME  the attacks among them at length: see docs/attacks.md
#
# The suites meet the built module and program through the real libpam, sshd and ssh, in
# directories of their own. As root they run twice, beside each other: as "nobody" and as root.
# The attacks run once, and each also against a build without the defence that it is aimed at.
# The last line is "N passed, N failed", with ", N skipped" where something was.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/setup.sh
. tests/setup.sh

passed=0
failed=0
skipped=0
stage=
# What runs beside the rest: its process, and in it the mark of its files.
beside=
mark=

say() {
    printf '\n== %s\n' "$*"
}

finish() {
    say "done"
    if [ "$skipped" -gt 0 ]; then
        echo "skipped: the reason stands beside each above; root can run them all"
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    [ "$failed" -eq 0 ]
}

# Ends a process and all that it began: what runs beside a script does not hear of Ctrl-C.
end_with_children() {
    # shellcheck disable=SC2046 # process ids
    set -- "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null)
    kill "$1" 2>/dev/null || true
    shift
    for child; do
        end_with_children "$child"
    done
}

clean_up() {
    [ -z "$beside" ] || end_with_children "$beside"
    [ -z "$stage" ] || rm -rf "$stage"
}

# Runs a build step; nothing is tested after one that fails.
build() {
    say "$*"
    if ! "$@"; then
        failed=$((failed + 1))
        finish || exit 1
    fi
}

# Runs a command that prints the summaries of Rust's test harness, and adds them up.
# A command that fails without a failed test (it crashed, it did not build) counts as one.
count() {
    {
        status=0
        "$@" 2>&1 || status=$?
        echo "$status" >"$stage/status$mark"
    } | tee "$stage/output$mark"
    # shellcheck disable=SC2046 # three numbers
    set -- $(awk '/^test result:/ { p += $4; f += $6; i += $8 } END { print p+0, f+0, i+0 }' \
        "$stage/output$mark")
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
    if [ "$(cat "$stage/status$mark")" -ne 0 ] && [ "$2" -eq 0 ]; then
        failed=$((failed + 1))
    fi
}

# --- what is to be run -----------------------------------------------------------------------

all_suites=$(cd tests/suites && for file in *.rs; do printf '%s ' "${file%.rs}"; done)
all_attacks=$(cd tests/attack && for file in *.rs; do printf '%s ' "${file%.rs}"; done)
unit=no
suites=
attacks=
long=
# What passes tells how well, where it took long.
figures=
for name; do
    if [ "$name" = --long ]; then
        long=yes
        figures=--show-output
    elif [ "$name" = unit ]; then
        unit=yes
    elif [ -e "tests/suites/$name.rs" ]; then
        suites="$suites $name"
    elif [ -e "tests/attack/$name.rs" ]; then
        attacks="$attacks $name"
    else
        echo "there is no $name; there are: unit $all_suites$all_attacks" >&2
        exit 2
    fi
done
if [ "$unit$suites$attacks" = no ]; then
    unit=yes
    suites=$all_suites
    attacks=$all_attacks
fi

# --- building --------------------------------------------------------------------------------

kapu_setup
export CARGO_TERM_COLOR=never
target=${CARGO_TARGET_DIR:-target}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
stage=$(mktemp -d "${TMPDIR:-/tmp}/kapu-run.XXXXXX")

if [ $unit = yes ]; then
    say "unit tests"
    count cargo test --locked --workspace --exclude kapu-tests --no-fail-fast
    count cargo test --locked -p kapu-tests --lib
fi
if [ -z "$suites$attacks" ]; then
    finish
    exit
fi

build cargo build --locked --release -p pam-kapu -p kapu
# Two more builds of the module, which share what they depend on: one that panics when told to,
# one from which defences can be taken away. Both name the same packages: where only one of two
# is built, some of what they depend on would have other features, and be built twice.
variants=$target/variants
build cargo build --locked -p pam-kapu -p kapu --features pam-kapu/test-panic \
    --target-dir "$variants"
cp "$variants/debug/libpam_kapu.so" "$stage/pam_kapu_panic.so"
if [ -n "$attacks" ]; then
    build sh tests/attack/weaken.sh "$target/weak"
    build cargo build --locked -p pam-kapu -p kapu --target-dir "$variants" \
        --manifest-path "$target/weak/Cargo.toml"
    cp "$variants/debug/libpam_kapu.so" "$stage/pam_kapu_weak.so"
    cp "$variants/debug/kapu" "$stage/kapu-weak"
fi
build gcc -Wall -Wextra -O2 -fPIC -shared -o "$stage/preload.so" \
    tests/support/devlog.c tests/support/names.c tests/support/private_host.c -ldl
build gcc -Wall -Wextra -O2 -o "$stage/pam-host" tests/pam-host/pam-host.c -lpam
selection=
for suite in $suites $attacks; do
    selection="$selection --test $suite"
done
# shellcheck disable=SC2086 # words
build cargo test --locked -p kapu-tests $selection --no-run

# Everything goes to one place that any user can read: the checkout may be in somebody's home.
chmod 755 "$stage"
cp "$target/release/libpam_kapu.so" "$stage/pam_kapu.so"
cp "$target/release/kapu" "$target/debug/pam-try" "$stage"
# shellcheck disable=SC2086
cargo test --locked -p kapu-tests $selection --no-run 2>&1 |
    sed -n 's/^ *Executable .*(\(.*\))$/\1/p' |
    while read -r executable; do
        suite=${executable##*/}
        cp "$executable" "$stage/suite-${suite%-*}"
    done

# --- the suites ------------------------------------------------------------------------------

# Runs suites as somebody: "run_suites SUITES ROLE OPTION COMMAND..." where the command becomes
# that somebody. Of the caller's environment nothing is left.
run_suites() {
    which=$1
    role=$2
    option=$3
    shift 3
    for suite in $which; do
        say "suite $suite, as $role"
        # shellcheck disable=SC2086 # $option and $figures are empty, or a word
        count "$@" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
            HOME="$stage/$role" TMPDIR="$stage/$role" \
            KAPU_MODULE="$stage/pam_kapu.so" \
            KAPU_PANIC_MODULE="$stage/pam_kapu_panic.so" \
            KAPU_PROGRAM="$stage/kapu" \
            KAPU_WEAK_MODULE="$stage/pam_kapu_weak.so" \
            KAPU_WEAK_PROGRAM="$stage/kapu-weak" \
            KAPU_ATTACK_LONG="$long" \
            KAPU_PAM_TRY="$stage/pam-try" \
            KAPU_PAM_HOST="$stage/pam-host" \
            KAPU_TEST_SHIM="$stage/preload.so" \
            KAPU_BLESS="${KAPU_BLESS-}" \
            "$stage/suite-$suite" $option $figures
    done
}

# The suites as an ordinary user, told of in a file. What nobody skips, root runs.
suites_of_nobody() {
    trap - EXIT HUP INT TERM
    beside='' mark=-nobody passed=0 failed=0
    run_suites "$suites" nobody "" \
        setpriv --reuid="$(id -u nobody)" --regid="$(id -g nobody)" --clear-groups
    echo "$passed $failed" >"$stage/counts"
}

# Waits for them, shows them, and adds them up. Where they broke off, that is a failure.
join_nobody() {
    wait "$beside" || true
    beside=
    cat "$stage/log-nobody"
    also_passed=0 also_failed=1
    [ ! -e "$stage/counts" ] || read -r also_passed also_failed <"$stage/counts"
    passed=$((passed + also_passed))
    failed=$((failed + also_failed))
}

# Those of both beside each other: they wait for a beat or an ssh client most of the time. The
# attacks, of which some measure time, come after them.
me=$(id -un)
mkdir -m 700 "$stage/$me"
option=
if [ "$(id -u)" -eq 0 ]; then
    mkdir -m 700 "$stage/nobody"
    chown nobody "$stage/nobody"
    option=--include-ignored
    suites_of_nobody >"$stage/log-nobody" 2>&1 &
    beside=$!
fi
run_suites "$suites" "$me" "$option"
[ -z "$beside" ] || join_nobody
run_suites "$attacks" "$me" "$option"
finish
