#!/bin/sh
# crates.sh [OPTION]...: the crates that the module and the program are linked from, each with its
# licence, for the package's documentation. The options are Cargo's; it runs after the build, so
# that every crate is there.
set -eu

# directory_of NAME VERSION
directory_of() {
    for directory in "vendor/$1-$2" "vendor/$1" "$CARGO_HOME"/registry/src/*/"$1-$2"; do
        if grep -qs "^version = \"$2\"" "$directory/Cargo.toml"; then
            echo "$directory"
            return 0
        fi
    done
    echo "crates.sh: $1 $2 is nowhere" >&2
    return 1
}

# Of several licences to choose from it is MIT's; the GPL is in /usr/share/common-licenses.
texts_of() {
    case $2 in
    GPL*) return 0 ;;
    esac
    set -- "$1"/LICENSE-MIT* "$1"/license-mit* "$1"/LICENSES/MIT* "$1"/LICENSE* "$1"/COPYING*
    for text; do
        [ -f "$text" ] || continue
        printf '\n'
        cat "$text"
        case $text in
        *[Mm][Ii][Tt]*) return 0 ;;
        esac
    done
}

echo "pam_kapu.so and kapu are linked from these crates of crates.io, each under its own licence."
cargo tree "$@" --edges normal,no-proc-macro --prefix none --format '{p};{l}' -p pam-kapu -p kapu |
    sed -n 's/ (\*)$//; s/^\([^ ]*\) v\([^ ;]*\);/\1;\2;/p' | LC_ALL=C sort -u >debian/crates.list
while IFS=';' read -r name version licence; do
    printf '\n\n=== %s %s: %s\n' "$name" "$version" "$licence"
    directory=$(directory_of "$name" "$version")
    texts_of "$directory" "$licence"
done <debian/crates.list
