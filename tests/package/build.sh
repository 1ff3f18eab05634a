# shellcheck shell=sh
# Building the package, and looking at what came out. To be read by tests/package.sh.
# shellcheck disable=SC2034,SC2154 # it shares its variables

# The next version, to upgrade to.
new_version=0.1.1~next

# An ordinary user, who has no other home than the one it builds in.
make_builder() {
    chroot "$place/build" useradd --create-home builder
    # A cargo registry that this host has configured, for where only a mirror is reached.
    for file in "${CARGO_HOME:-/root/.cargo}/config.toml" "${CARGO_HOME:-/root/.cargo}/config"; do
        if [ -e "$file" ]; then
            mkdir -p "$place/build/home/builder/.cargo"
            cp "$file" "$place/build/home/builder/.cargo/config.toml"
        fi
    done
    chroot "$place/build" chown -R builder: /home/builder
}

# as_builder DIRECTORY COMMAND: in the root, from that directory of the builder's home.
as_builder() {
    where=$1
    shift
    in_root "$place/build" setpriv --reuid=builder --regid=builder --init-groups \
        env HOME=/home/builder CARGO_TERM_COLOR=never ${options:+"DEB_BUILD_OPTIONS=$options"} \
        sh -c "cd '/home/builder/$where' && $*"
}

# unpack DIRECTORY: the source there.
unpack() {
    mkdir -p "$place/build/home/builder/$1"
    tar -C "$place/build/home/builder/$1" -xf "$place/source.tar"
    if [ -d "$place/build/home/builder/vendor" ]; then
        cp -a "$place/build/home/builder/vendor" "$place/build/home/builder/$1/vendor"
    fi
    chroot "$place/build" chown -R builder: /home/builder
}

# The two packages that a build has left beside DIRECTORY.
debs_beside() {
    (cd "$1/.." && ls libpam-kapu_*.deb libpam-kapu-dbgsym_*.deb)
}

# same_debs A B: whether two builds made the same bytes.
same_debs() {
    [ "$(debs_beside "$1")" = "$(debs_beside "$2")" ] || return 1
    for deb in $(debs_beside "$1"); do
        cmp "$1/../$deb" "$2/../$deb" || return 1
    done
}

# nothing_of_lintian: no tag, however small, is left.
nothing_of_lintian() {
    as_builder one "lintian --pedantic --display-info --display-experimental --tag-display-limit 0 *.changes" \
        >"$place/lintian" || true
    cat "$place/lintian"
    ! grep -q '^[EWIPX]: ' "$place/lintian" && ! grep -qi 'internal error' "$place/lintian"
}

# is_hardened FILE: RELRO with everything bound at the start, no executable stack, code that can lie
# anywhere, and no path to look for libraries in.
is_hardened() {
    as_builder one/kapu/debian/libpam-kapu "readelf -W -h -l -d $1" >"$place/elf" || return 1
    cat "$place/elf"
    grep -q 'Type: *DYN' "$place/elf" && grep -q GNU_RELRO "$place/elf" &&
        grep -qE 'FLAGS.*(BIND_NOW|NOW)' "$place/elf" &&
        grep -qE 'GNU_STACK .* RW +0x' "$place/elf" &&
        ! grep -qE 'RPATH|RUNPATH|TEXTREL' "$place/elf"
}

# Whether the places of building are to be seen in a package's files.
names_no_place() {
    ! grep -rlaE '/home/builder|/usr/local|/\.cargo/' \
        "$place/build/home/builder/one/kapu/debian/libpam-kapu/usr/bin" \
        "$place/build/home/builder/one/kapu/debian/libpam-kapu/usr/lib"
}

# What is built for a Debian; leaves old.deb and new.deb. Fails where nothing was built.
build_packages_of() {
    home=$place/build/home/builder
    way="crates of the registry"
    unshare_also=
    unpack fetched
    check "$1: apt-get build-dep" in_root "$place/build" sh -c \
        "apt-get update -q && apt-get build-dep -y -q --no-install-recommends /home/builder/fetched"
    if [ "$1" = trixie ]; then
        way="vendored crates, no network"
        check "$1: cargo vendor" as_builder fetched "cargo vendor --locked ../vendor"
    fi
    rm -rf "$home/fetched"
    unpack one/kapu
    unpack two/deeper/another-name
    if [ "$1" = trixie ]; then
        unshare_also=--net
        rm -rf "$home/.cargo"
    fi
    options=
    check "$1: dpkg-buildpackage with its tests ($way, $(chroot "$place/build" rustc --version))" \
        as_builder one/kapu "dpkg-buildpackage -us -uc -b"
    debs_beside "$home/one/kapu" >/dev/null || return 1
    grep -h 'test result' "$place/said" || true
    options=nocheck
    check "$1: once more, elsewhere" as_builder two/deeper/another-name "dpkg-buildpackage -us -uc -b"
    check "$1: the same bytes both times" same_debs "$home/one/kapu" "$home/two/deeper/another-name"
    rm -rf "$home/two"
    check "$1: lintian has nothing to say" nothing_of_lintian
    for file in usr/bin/kapu 'usr/lib/*/security/pam_kapu.so'; do
        check "$1: $file is hardened" is_hardened "$file"
    done
    check "$1: no place of building is named in them" names_no_place
    mv "$home/one/libpam-kapu_"*.deb "$place/old.deb"
    build_the_next "$1"
    unshare_also=
}

# The next version, of the program too: what is compiled already is used again.
build_the_next() {
    mv "$home/one/kapu/debian/target" "$home/one/target"
    sed -i "1s/(.*)/($new_version)/" "$home/one/kapu/debian/changelog"
    sed -i 's/^version = "0\.1\.0"$/version = "0.1.1"/' "$home/one/kapu/Cargo.toml"
    sed -i '/^name = "\(pam-\)\{0,1\}kapu\(-[a-z]*\)\{0,1\}"$/{n;s/0\.1\.0/0.1.1/}' "$home/one/kapu/Cargo.lock"
    check "$1: the next version" as_builder one/kapu \
        "debian/rules clean && mv ../target debian/target && dpkg-buildpackage -us -uc -b -nc"
    mv "$home/one/libpam-kapu_"*.deb "$place/new.deb"
}

# --- rustup ----------------------------------------------------------------------------------

has_rustup() {
    command -v cargo >/dev/null && command -v rustc >/dev/null && ! dpkg -S "$(command -v cargo)" >/dev/null 2>&1
}

# The same with the compiler of this host, where it is none of Debian's. dpkg knows packages alone,
# so it is told not to look (-d).
prove_rustup() {
    has_rustup || return 0
    say "rustup: building on this host with $(rustc --version)"
    for where in host-one/kapu host-two/deeper/another-name; do
        mkdir -p "$place/$where"
        tar -C "$place/$where" -xf "$place/source.tar"
        check "rustup: dpkg-buildpackage in $where" env -C "$place/$where" DEB_BUILD_OPTIONS=nocheck \
            nice -n 5 dpkg-buildpackage -us -uc -b -d
    done
    check "rustup: the same bytes both times" \
        same_debs "$place/host-one/kapu" "$place/host-two/deeper/another-name"
}
