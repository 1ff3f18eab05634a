# shellcheck shell=sh
# Throw-away roots of Debian. To be read by tests/package.sh.
# shellcheck disable=SC2016,SC2034,SC2154 # it shares its variables; mmdebstrap expands the hooks

build_packages=build-essential,lintian,ca-certificates,passwd
life_packages=openssh-server,openssh-client,oathtool,pamtester,autopkgtest,dpkg-dev,passwd

# Installs what this script needs of the host's Debian, by name.
need_tools() {
    missing=
    command -v mmdebstrap >/dev/null || missing="$missing mmdebstrap"
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
    command -v unshare >/dev/null || missing="$missing util-linux"
    if has_rustup; then
        command -v dh >/dev/null || missing="$missing debhelper"
        command -v debconf-updatepo >/dev/null || missing="$missing po-debconf"
        command -v gcc >/dev/null || missing="$missing gcc"
        [ -e /usr/include/security/pam_modules.h ] || missing="$missing libpam0g-dev"
    fi
    if [ -n "$missing" ]; then
        command -v apt-get >/dev/null || give_up "missing:$missing"
        say "installing$missing"
        apt-get update -q >/dev/null || true
        # shellcheck disable=SC2086 # words
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --no-remove \
            $missing >"$place/said" 2>&1 || { cat "$place/said"; give_up "apt-get could not"; }
    fi
    unshare --mount --pid --fork true ||
        give_up "no namespaces of mounts and processes may be made here"
}

# mirror_of NAME: the host's own mirror of debian or debian-security, or else Debian's.
mirror_of() {
    found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
        /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -v '^ *#' |
        grep -oE '(https?|ftp|file):/[^] ]*' | sed 's,/*$,,' | grep -E "/$1\$" | head -n 1)
    echo "${found:-http://deb.debian.org/$1}"
}

# make_root DIRECTORY SUITE PACKAGES: a minimal Debian with these packages. Nothing is synced to the
# disk on the way, and no daemon is started.
make_root() {
    rm -rf --one-file-system "$1"
    main=$(mirror_of debian)
    cat >"$place/$2.list" <<END
deb $main $2 main
deb $main $2-updates main
deb $(mirror_of debian-security) $2-security main
END
    # Proxies, and what else the host's apt knows of its way to the mirrors.
    apt-config dump 2>/dev/null |
        grep -E '^Acquire::((ftp|https?)::.*|Check-Valid-Until|Check-Date) ' >"$place/apt.conf" || true
    mmdebstrap --quiet --variant=apt --include="$3" --aptopt="$place/apt.conf" \
        --dpkgopt=force-unsafe-io \
        --setup-hook='mkdir -p "$1/usr/sbin"' \
        --setup-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"' \
        --setup-hook='chmod 755 "$1/usr/sbin/policy-rc.d"' \
        "$2" "$1" "$place/$2.list" >"$place/said" 2>&1 || {
        cat "$place/said"
        give_up "mmdebstrap could not make a root of $2"
    }
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    # Certificates that this host trusts besides: behind some proxies nothing is reached without.
    if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1 &&
        [ -d "$1/usr/local/share/ca-certificates" ]; then
        cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates"
        chroot "$1" update-ca-certificates >/dev/null 2>&1 || true
    fi
}

# in_root DIRECTORY COMMAND...: as root in it, with /proc, devices and terminals. When the command
# ends, all that it has started and mounted ends too. Extra options of unshare(1): $unshare_also.
in_root() {
    inner=$1
    shift
    # shellcheck disable=SC2086,SC2016 # words; the inner shell expands
    nice -n 5 unshare --mount --propagation private --pid --fork --kill-child ${unshare_also-} \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TERM=dumb HOME=/root \
        DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} \
        ${https_proxy:+"https_proxy=$https_proxy"} \
        sh -eu -c '
            root=$1
            shift
            mount -t proc proc "$root/proc"
            mkdir -p "$root/dev/pts" "$root/dev/shm"
            mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
            rm -f "$root/dev/ptmx"
            ln -s pts/ptmx "$root/dev/ptmx"
            exec chroot "$root" "$@"
        ' sh "$inner" "$@" </dev/null
}
