#!/bin/sh
# fuzz/run.sh: throws generated input at one part of kapu, or at all of them.
#
#   sh fuzz/run.sh TARGET [SECONDS]    one of fuzz/targets, for 60 seconds unless told otherwise
#   sh fuzz/run.sh all [SECONDS]       each of them, as many at once as there are processor cores
#   sh fuzz/run.sh --weak [SECONDS]    the whole login without its floor of spent steps: that the
#                                      target "login" finds it; exit 1 where it does not
#
# It begins with fuzz/seeds/TARGET. What it learns stays in fuzz/target/corpus/TARGET; an input
# that breaks something stays in fuzz/target/found. libFuzzer works with a stable compiler: the
# flags are what cargo-fuzz sets, but for the address sanitizer, which only a nightly one has.
# A C++ compiler is needed. docs/fuzzing.md says what each target looks for.
set -eu
cd "$(dirname "$0")"
# shellcheck source=../tests/setup.sh
. ../tests/setup.sh

# The defence that is missing where --weak is given.
weakness=no-floor

target=${1:?usage: sh fuzz/run.sh TARGET|all|--weak [SECONDS]}
seconds=${2:-60}
here=$PWD
case $target in
all) targets=$(cd targets && for file in *.rs; do printf '%s ' "${file%.rs}"; done) ;;
--weak) targets=login ;;
*) targets=$target ;;
esac
for name in $targets; do
    if [ ! -e "targets/$name.rs" ]; then
        echo "there is no target $name" >&2
        exit 2
    fi
done
kapu_setup_for_fuzzing

# Builds the targets of the directory. With --target the flags do not reach build scripts, which
# could not be linked with them.
triple=$(rustc -vV | sed -n 's/^host: //p')
build() {
    bins=
    for name in $targets; do
        bins="$bins --bin $name"
    done
    # shellcheck disable=SC2086 # words
    RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1" \
        cargo build --locked --release --target "$triple" --target-dir "$here/target" $bins
}

# Runs one target; what libFuzzer says is shown when it is over.
run() {
    mkdir -p "target/corpus/$1" target/found
    status=0
    "target/$triple/release/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="target/found/$1-" -print_final_stats=1 -verbosity=0 \
        "target/corpus/$1" "seeds/$1" >"target/log-$1" 2>&1 || status=$?
    echo "== $1, $seconds seconds"
    cat "target/log-$1"
    return $status
}

if [ "$target" = --weak ]; then
    weak=target/weak
    sh ../tests/attack/weaken.sh "$weak"
    mkdir -p "$weak/fuzz"
    cp -Rp Cargo.toml Cargo.lock targets support "$weak/fuzz"
    gcc -O2 -fPIC -shared -o target/preload.so ../tests/support/*.c -ldl
    (cd "$weak/fuzz" && build)
    # Without seeds and with a corpus of its own, or it would begin where another has succeeded.
    rm -rf target/corpus/weak target/found-weak
    mkdir -p target/corpus/weak target/found-weak
    echo "== login without $weakness, at most $seconds seconds"
    if LD_PRELOAD="$here/target/preload.so" KAPU_TEST_WEAKNESS=$weakness \
        "target/$triple/release/login" -max_total_time="$seconds" -verbosity=0 \
        -artifact_prefix=target/found-weak/ target/corpus/weak >target/log-weak 2>&1
    then
        echo "it was not found: the target proves nothing" >&2
        exit 1
    fi
    grep -m 1 "panicked at" target/log-weak || { cat target/log-weak && exit 1; }
    echo "found"
    exit
fi

build
failed=0
if [ "$target" != all ]; then
    run "$target" || failed=1
else
    # Half of the targets beside the other half would do on two cores, and more on more.
    running=0
    pids=
    for name in $targets; do
        run "$name" &
        pids="$pids $!"
        running=$((running + 1))
        if [ $running -ge "$(nproc)" ]; then
            for pid in $pids; do
                wait "$pid" || failed=1
            done
            running=0
            pids=
        fi
    done
    for pid in $pids; do
        wait "$pid" || failed=1
    done
fi
exit $failed
