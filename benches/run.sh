#!/bin/sh
# benches/run.sh: what one login costs, beside other PAM modules. Root only: it works in a mount
# namespace of its own, where /etc/kapu, /var/lib/kapu and the accounts are its own.
#
#   sh benches/run.sh          1 and 10,000 accounts
#   sh benches/run.sh --long   also 1,000,000 accounts, and more repetitions
#
# Measures target/release (cargo build --release --locked -p pam-kapu -p kapu) and never builds it.
set -eu
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
module=$target/release/libpam_kapu.so
program=$target/release/kapu

if [ "${1-}" != --inside ]; then
    [ "$(id -u)" = 0 ] || { echo "benches/run.sh needs root, for a mount namespace" >&2; exit 2; }
    for file in "$module" "$program"; do
        [ -x "$file" ] || { echo "build $file first" >&2; exit 2; }
    done
    missing=
    for package in libpam-google-authenticator libpam-oath libpam0g-dev valgrind strace oathtool openssl gcc; do
        dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
    done
    # shellcheck disable=SC2086 # a list of names
    [ -z "$missing" ] || apt-get install -y --no-install-recommends $missing
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    gcc -O2 -o "$work/login" benches/login.c -lpam -ldl
    WORK=$work unshare -m --propagation private sh benches/run.sh --inside "${1-}"
    exit
fi

# --- inside the namespace --------------------------------------------------------------------

long=${2-}
rounds=9
[ -z "$long" ] || rounds=51
login=$WORK/login
pam=$WORK/pam.d
password="seven green lanterns"
secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
hexadecimal=$(printf %s "$secret" | base32 -d | od -An -tx1 | tr -d ' \n')

mkdir "$pam" "$WORK/kapu" "$WORK/var"
chmod 755 "$WORK" "$pam" "$WORK/kapu" "$WORK/var"
# /etc is laid over, so that directories of ours can be made there.
mkdir "$WORK/etc" "$WORK/lib" "$WORK/tmp"
mount -t tmpfs -o mode=755 tmpfs "$WORK/etc"
cp -a /etc/. "$WORK/etc/" 2>/dev/null || true
mount --bind "$WORK/etc" /etc
mount -t tmpfs -o mode=755,nr_inodes=0,size=90% tmpfs "$WORK/lib"
cp -a /var/lib/pam "$WORK/lib/" 2>/dev/null || true
mount --bind "$WORK/lib" /var/lib
mkdir -m 755 /etc/kapu /var/lib/kapu
mkdir -m 700 /var/lib/kapu/accounts
hash=$(openssl passwd -6 "$password")
sed -i '/^bench:/d;/^fresh:/d' /etc/passwd /etc/shadow
printf 'bench:x:64001:64001::/nonexistent:/bin/sh\nfresh:x:64002:64002::/nonexistent:/bin/sh\n' >>/etc/passwd
printf 'bench:%s:19000:0:99999:7:::\n' "$hash" >>/etc/shadow
printf '[password]\nmemory-kib = 8192\npasses = 1\n' >/etc/kapu/kapu.toml
"$program" key >/dev/null
enroll() {
    printf 'password = "%s"\nsecret = "%s"\ntoken = "phone"\nalgorithm = "SHA1"\ndigits = 6\nperiod = 30\n' \
        "$password" "$secret" | "$program" enroll bench --from - --json >/dev/null
}
enroll
cp -a /var/lib/kapu/accounts/bench.64001 "$WORK/enrolled"

service() {
    printf 'auth required %s\naccount required pam_permit.so\n' "$2" >"$pam/$1"
}
service other pam_deny.so
service permit pam_permit.so
service unix pam_unix.so
service google "pam_google_authenticator.so secret=$WORK/google user=root no_increment_hotp"
service oath "pam_oath.so usersfile=$WORK/oath"
service kapu "$module"

# Puts the state of every module back to before its first login.
reset() {
    printf '%s\n" TOTP_AUTH\n" DISALLOW_REUSE\n' "$secret" >"$WORK/google"
    printf 'HOTP/T30/6 bench - %s\n' "$hexadecimal" >"$WORK/oath"
    chmod 400 "$WORK/google"
    chmod 600 "$WORK/oath"
    rm -rf /var/lib/kapu/accounts/bench.64001
    cp -a "$WORK/enrolled" /var/lib/kapu/accounts/bench.64001
}

# Runs a login by SERVICE, after the words in $before (strace, valgrind).
before=
transaction() {
    reset
    code=$(oathtool --totp -b "$secret")
    case $1 in
    kapu) set -- "$1" bench "$password" "$code" ;;
    refused) set -- kapu bench "$password x" "$code" ;;
    unenrolled) set -- kapu fresh "$password" "$code" ;;
    unix) set -- unix bench "$password" ;;
    google | oath) set -- "$1" bench "$code" ;;
    permit) set -- permit bench ;;
    esac
    # shellcheck disable=SC2086 # words
    $before "$login" "$pam" "$@"
}

calls_of() {
    before="strace -f -o $WORK/strace"
    transaction "$1" >/dev/null
    before=
    awk '/getppid/ { n++; next } n == 1 && !/resumed>|^[0-9]+ [-+]/ { c++ } END { print c+0 }' "$WORK/strace"
}

# Instructions of the program's main, the hash among them.
all_instructions_of() {
    before="valgrind --tool=callgrind --callgrind-out-file=$WORK/callgrind --toggle-collect=main -q"
    transaction "$1" >/dev/null 2>&1
    before=
    awk '/^(summary|totals):/ { print $2; exit }' "$WORK/callgrind"
}

hash_memory() {
    printf '[password]\nmemory-kib = %s\npasses = 1\n' "$1" >/etc/kapu/kapu.toml
}

# Instructions without kapu's hash. One pass costs by its memory, so an unenrolled login, which
# hashes as the configuration says, with twice the memory tells what the hash takes.
instructions_of() {
    case $1 in
    kapu | refused | unenrolled) echo $(($(all_instructions_of "$1") - hashing)) ;;
    *) all_instructions_of "$1" ;;
    esac
}

measure_hash() {
    once=$(all_instructions_of unenrolled)
    hash_memory 16384
    hashing=$(($(all_instructions_of unenrolled) - once))
    hash_memory 8192
}

median() {
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

table() {
    all="permit unix google oath kapu refused unenrolled"
    for one in $all; do : >"$WORK/time-$one"; : >"$WORK/peak-$one"; done
    transaction kapu >/dev/null
    for _ in $(seq "$rounds"); do
        for one in $all; do
            # shellcheck disable=SC2046 # three numbers
            set -- $(transaction "$one")
            echo "$1" >"$WORK/result-$one"
            echo "$2" >>"$WORK/time-$one"
            echo "$3" >>"$WORK/peak-$one"
        done
    done
    base=$(median <"$WORK/time-permit")
    printf '%-12s %6s %12s %9s %12s %10s\n' login result "system calls" "x permit" instructions "peak KiB"
    for one in $all; do
        printf '%-12s %6s %12s %9s %12s %10s\n' "$one" "$(cat "$WORK/result-$one")" "$(calls_of "$one")" \
            "$(median <"$WORK/time-$one" | awk -v b="$base" '{ printf "%.1f", $1 / b }')" \
            "$(instructions_of "$one")" "$(median <"$WORK/peak-$one")"
    done
}

# Directories as of other accounts, until there are COUNT; nothing but their names is read. A million
# of them take half a minute and 1.5 GiB of memory.
others=0
populate() {
    (cd /var/lib/kapu/accounts && umask 077 &&
        seq $((100000 + others)) $((99999 + $1)) | sed 's/.*/other&.&/' | xargs mkdir)
    others=$1
}

transaction kapu >/dev/null
measure_hash
echo "one account; the instructions are without kapu's hash of 8 MiB, $hashing"
table
echo
echo "dlopen in microseconds, the median of fresh processes"
for file in "$module" pam_unix pam_google_authenticator pam_oath; do
    case $file in /*) ;; *) file=$(ls /lib/*/security/$file.so | head -n 1) ;; esac
    printf '%-32s %s\n' "$(basename "$file")" \
        "$(for _ in $(seq "$rounds"); do "$login" --load "$file"; done | median | awk '{ printf "%.0f", $1 / 1000 }')"
done
for count in 10000 ${long:+1000000}; do
    populate "$count"
    printf '\n%s accounts\n' "$count"
    table
done
