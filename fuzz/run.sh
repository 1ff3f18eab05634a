#!/bin/sh
# fuzz/run.sh: throws generated input at one reader of kapu, or at all of them.
#
#   sh fuzz/run.sh TARGET [SECONDS]    one of fuzz/targets, for 60 seconds unless told otherwise
#   sh fuzz/run.sh all [SECONDS]       each of them, one after the other
#
# It begins with fuzz/seeds/TARGET. What it learns stays in fuzz/target/corpus/TARGET; an input
# that breaks something stays in fuzz/target/found. libFuzzer works with a stable compiler: these
# flags are what cargo-fuzz sets, but for the address sanitizer, which only a nightly one has.
set -eu
cd "$(dirname "$0")"
# shellcheck source=../tests/setup.sh
. ../tests/setup.sh
kapu_find_rust

target=${1:?usage: sh fuzz/run.sh TARGET|all [SECONDS]}
seconds=${2:-60}
if [ "$target" = all ]; then
    targets=$(cd targets && for file in *.rs; do printf '%s ' "${file%.rs}"; done)
elif [ -e "targets/$target.rs" ]; then
    targets=$target
else
    echo "there is no target $target" >&2
    exit 2
fi

# With --target the flags do not reach build scripts, which could not be linked with them.
triple=$(rustc -vV | sed -n 's/^host: //p')
for target in $targets; do
    RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1" \
        cargo build --locked --release --target "$triple" --bin "$target"
    mkdir -p "target/corpus/$target" target/found
    echo "== $target, $seconds seconds"
    "target/$triple/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="target/found/$target-" -print_final_stats=1 -verbosity=0 \
        "target/corpus/$target" "seeds/$target"
done
