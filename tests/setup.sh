# shellcheck shell=sh
# tests/setup.sh: finds what building and testing kapu needs, and installs what is missing.
#
#   sh tests/setup.sh           finds or installs it
#   sh tests/setup.sh --check   says what is missing, changes nothing; exit 1 when anything is
#   . tests/setup.sh            as run.sh and demo.sh do; then call: kapu_setup
#
# Installs Debian packages by name, as root or by sudo. Where everything is there, it calls no
# package manager and needs no network. It changes neither PAM's nor sshd's configuration.

# totp-rs 6 needs it: see rust-version in Cargo.toml.
KAPU_RUST_MINOR=88

kapu_say() {
    printf '%s\n' "setup: $*"
}

kapu_fail() {
    printf '%s\n' "setup: $*" >&2
    exit 1
}

# --- a compiler that is new enough -----------------------------------------------------------

# The minor number of "cargo 1.96.0 (...)"; nothing where the command does not work.
kapu_minor_of() {
    "$1" --version 2>/dev/null | sed -n 's/^[a-z]* 1\.\([0-9]*\).*/\1/p'
}

# Whether the directory (or PATH, for "") holds a cargo and a rustc that are new enough.
kapu_is_rust() {
    for kapu_tool in cargo rustc; do
        kapu_minor=$(kapu_minor_of "${1:+$1/}$kapu_tool")
        [ "${kapu_minor:-0}" -ge "$KAPU_RUST_MINOR" ] || return 1
    done
}

# Puts the directory of a new enough cargo in front of PATH.
kapu_find_rust() {
    kapu_is_rust "" && return 0
    # The versioned packages of Ubuntu stand outside PATH.
    for kapu_bin in "${CARGO_HOME:-${HOME:-/root}/.cargo}/bin" /usr/lib/rust-1.*/bin; do
        if [ -x "$kapu_bin/cargo" ] && kapu_is_rust "$kapu_bin"; then
            PATH=$kapu_bin:$PATH
            export PATH
            return 0
        fi
    done
    return 1
}

# The minor number of the Rust release that a package would install.
kapu_candidate() {
    LC_ALL=C apt-cache policy "$1" 2>/dev/null |
        sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}1\.\([0-9]*\).*/\2/p'
}

# The packages of a new enough Rust: which of them there is differs by distribution and release.
kapu_rust_packages() {
    for kapu_suffix in "" -web $(apt-cache pkgnames cargo-1. 2>/dev/null |
        sed -n 's/^cargo\(-1\.[0-9]*\)$/\1/p' | sort -t . -k 2 -n -r); do
        kapu_minor=$(kapu_candidate "cargo$kapu_suffix")
        if [ "${kapu_minor:-0}" -ge "$KAPU_RUST_MINOR" ]; then
            printf '%s\n' "cargo$kapu_suffix rustc$kapu_suffix"
            return 0
        fi
    done
    return 1
}

# --- everything else -------------------------------------------------------------------------

# Prints the packages of the files and programs that are not there.
kapu_missing_packages() {
    command -v gcc >/dev/null || echo gcc
    [ -e /usr/include/stdio.h ] || echo libc6-dev
    [ -e /usr/include/security/pam_modules.h ] || echo libpam0g-dev
    [ -x /usr/sbin/sshd ] || echo openssh-server
    { command -v ssh && command -v ssh-keygen; } >/dev/null || echo openssh-client
    ls /usr/lib/*/pam_wrapper/pam_matrix.so >/dev/null 2>&1 || echo libpam-wrapper
    command -v oathtool >/dev/null || echo oathtool
    command -v zbarimg >/dev/null || echo zbar-tools
    command -v tmux >/dev/null || echo tmux
    # For the recipes: a network of its own, and what people copy files by.
    command -v ip >/dev/null || echo iproute2
    command -v rsync >/dev/null || echo rsync
    # With it localedef(1) makes a locale that is not UTF-8.
    [ -e /usr/share/i18n/locales/en_US ] || echo locales
    command -v setpriv >/dev/null || echo util-linux
    # They read the manual pages. A minimal Ubuntu has a man that is none, and no lexgrog.
    command -v mandoc >/dev/null || echo mandoc
    command -v lexgrog >/dev/null || echo man-db
    command -v fail2ban-server >/dev/null || echo fail2ban
    # With it fail2ban reads the journal.
    [ -e /usr/lib/python3/dist-packages/systemd ] || echo python3-systemd
    # For the attacks: they break off system calls, weaken copies of the source, look into memory.
    command -v strace >/dev/null || echo strace
    command -v patch >/dev/null || echo patch
    command -v valgrind >/dev/null || echo valgrind
    [ -z "${kapu_also-}" ] || command -v c++ >/dev/null || echo "$kapu_also"
    # cargo fetches crates over https.
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
}

# --- installing ------------------------------------------------------------------------------

# Prints what to put before a command that root must run; fails where there is no way.
kapu_root_prefix() {
    if [ "$(id -u)" -eq 0 ]; then
        return 0
    fi
    command -v sudo >/dev/null || return 1
    if sudo -n true 2>/dev/null; then
        echo "sudo -n"
    elif [ -t 0 ]; then
        echo sudo
    else
        return 1
    fi
}

# Installs packages without a daemon being started: Debian asks /usr/sbin/policy-rc.d.
# In a subshell, so that its traps are its own. What apt-get says is shown when it fails.
kapu_install() (
    kapu_policy=/usr/sbin/policy-rc.d
    kapu_mine=
    kapu_log=$(mktemp)
    # shellcheck disable=SC2086,SC2317 # $kapu_root is empty, or words; the trap calls this
    kapu_put_back() {
        rm -f "$kapu_log"
        [ -z "$kapu_mine" ] || $kapu_root rm -f $kapu_policy
    }
    trap kapu_put_back EXIT
    trap 'exit 1' HUP INT TERM
    # shellcheck disable=SC2086
    if [ ! -e $kapu_policy ]; then
        kapu_mine=yes
        printf '#!/bin/sh\nexit 101\n' | $kapu_root tee $kapu_policy >/dev/null
        $kapu_root chmod 755 $kapu_policy
    fi
    # --no-remove: a compiler that somebody chose is not replaced behind their back.
    # shellcheck disable=SC2086
    $kapu_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends --no-remove "$@" >"$kapu_log" 2>&1 || {
        cat "$kapu_log" >&2
        exit 1
    }
)

# Installs what is missing: $kapu_packages, and Rust where $kapu_rust is "no".
kapu_install_missing() {
    command -v apt-get >/dev/null ||
        kapu_fail "there is no apt-get here; install by hand what these Debian packages hold:" \
            "$kapu_packages cargo and rustc 1.$KAPU_RUST_MINOR or newer"
    if ! kapu_root=$(kapu_root_prefix); then
        if [ $kapu_rust = no ]; then
            kapu_packages="$kapu_packages $(kapu_rust_packages || echo 'cargo rustc')"
        fi
        kapu_fail "missing, and only root can install it:" \
            "apt-get install --no-install-recommends $kapu_packages"
    fi
    kapu_say "reading the package lists (apt-get update)"
    # shellcheck disable=SC2086
    $kapu_root apt-get update -q >/dev/null || kapu_say "the package lists are those of earlier"
    if [ $kapu_rust = no ]; then
        kapu_packages="$kapu_packages $(kapu_rust_packages)" ||
            kapu_fail "no package here has Rust 1.$KAPU_RUST_MINOR or newer:" \
                "install it from https://rustup.rs and run this again"
    fi
    kapu_say "installing $kapu_packages"
    # shellcheck disable=SC2086
    kapu_install $kapu_packages || kapu_fail "apt-get could not install them"
    # Only the programs are wanted: a machine that did not listen on port 22, or shut out
    # addresses, shall not begin to.
    case " $kapu_packages " in
    *" openssh-server "*) kapu_keep_off sshd ssh.service ssh.socket ;;
    esac
    case " $kapu_packages " in
    *" fail2ban "*) kapu_keep_off fail2ban fail2ban.service ;;
    esac
}

# Keeps a new daemon from being started at boot: "kapu_keep_off NAME UNIT...".
kapu_keep_off() {
    command -v systemctl >/dev/null || return 0
    kapu_say "keeping the new $1 from being started at boot"
    shift
    # shellcheck disable=SC2086
    $kapu_root systemctl -q disable "$@" 2>/dev/null || true
}

kapu_setup() {
    kapu_packages=$(kapu_missing_packages | tr '\n' ' ')
    kapu_packages=${kapu_packages% }
    kapu_rust=yes
    kapu_find_rust || kapu_rust=no
    if [ -n "$kapu_packages" ] || [ $kapu_rust = no ]; then
        kapu_install_missing
        kapu_find_rust || kapu_fail "cargo 1.$KAPU_RUST_MINOR is still not to be found"
        kapu_packages=$(kapu_missing_packages | tr '\n' ' ')
        [ -z "$kapu_packages" ] || kapu_fail "still missing: $kapu_packages"
    fi
    kapu_say "everything is there, with $(cargo --version)"
    # As root, sshd insists on this directory; its service makes it at each boot.
    if [ "$(id -u)" -eq 0 ] && [ ! -d /run/sshd ]; then
        kapu_say "making /run/sshd"
        mkdir -m 0755 /run/sshd
    fi
}

# As kapu_setup, with what fuzz/run.sh needs besides: libFuzzer is C++.
kapu_setup_for_fuzzing() {
    kapu_also=
    command -v c++ >/dev/null || kapu_also=g++
    kapu_setup
}

kapu_check() {
    kapu_packages=$(kapu_missing_packages | tr '\n' ' ')
    kapu_missing=${kapu_packages% }
    kapu_find_rust || kapu_missing="$kapu_missing cargo (1.$KAPU_RUST_MINOR or newer)"
    [ -z "$kapu_missing" ] || kapu_fail "missing: ${kapu_missing# }"
    kapu_say "everything is there, with $(cargo --version)"
}

case ${0##*/} in
setup.sh)
    set -eu
    case ${1-} in
    --check) kapu_check ;;
    "") kapu_setup ;;
    *) kapu_fail "usage: sh tests/setup.sh [--check]" ;;
    esac
    ;;
esac
