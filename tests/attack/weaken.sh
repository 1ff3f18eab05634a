#!/bin/sh
# tests/attack/weaken.sh TREE: makes a copy of the source in TREE from which every defence that an
# attack is aimed at can be taken away, one at a time, by naming it in KAPU_TEST_WEAKNESS.
#
# Each file of tests/attack/weak says which defence it takes away, and is a patch. An attack that
# does not succeed against the weakened build proves nothing against the real one; so a patch that
# does not fit any more ends this with an error.
set -eu
tree=${1:?usage: sh tests/attack/weaken.sh TREE}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

rm -rf "$tree"
mkdir -p "$tree"
# With their times: what did not change is not compiled again.
cp -Rp "$root/Cargo.toml" "$root/Cargo.lock" "$root/src" "$tree"
# The tests are members of the workspace; nothing of them is built here.
mkdir -p "$tree/tests"
cp -Rp "$root/tests/Cargo.toml" "$root/tests/support" "$root/tests/pam-try" "$root/tests/suites" \
    "$root/tests/attack" "$tree/tests"
cp -p "$here/weak/switch.rs" "$tree/src/core/weak.rs"
cat >>"$tree/src/core/lib.rs" <<'RUST'
#[allow(missing_docs, unsafe_code)]
pub mod weak;
RUST
sed -i 's/^#!\[forbid(unsafe_code)\]$//' "$tree/src/core/lib.rs"
for patch in "$here"/weak/*.patch; do
    (cd "$tree" && patch --quiet --no-backup-if-mismatch --strip=1 --fuzz=2 <"$patch") || {
        echo "$patch does not fit the source any more: make it anew" >&2
        exit 1
    }
done
