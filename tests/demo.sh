#!/bin/sh
# tests/demo.sh: kapu's main job, before your eyes. No root is needed.
#
#   sh tests/demo.sh                 builds, enrolls you in a throw-away store, and logs you in to
#                                    a private sshd with password and code
#   sh tests/demo.sh --interactive   the same with your own phone and your own hands
#
# All of it happens in a directory of its own that is removed at the end. The sshd listens on
# loopback alone, for as long as this runs. Nothing of the system's PAM or sshd is touched.
# Ends with "demo: all as promised" and exit 0, or says what was not, and exit 1.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/setup.sh
. tests/setup.sh

password='seven green lanterns'
period=30
me=$(id -un)
place=
sshd=
port=

heading() {
    printf '\n--- %s\n\n' "$*"
}

not_as_promised() {
    printf '\ndemo: NOT as promised: %s\n' "$*" >&2
    exit 1
}

# Waits up to five seconds for a command to succeed.
patiently() {
    tries=0
    until "$@" || [ $tries -ge 25 ]; do
        tries=$((tries + 1))
        sleep 0.2
    done
}

clean_up() {
    if [ -n "$sshd" ]; then
        kill "$sshd" 2>/dev/null || true
        wait "$sshd" 2>/dev/null || true
    fi
    [ -z "$place" ] || rm -rf "$place"
}

# --- the site --------------------------------------------------------------------------------

kapu() {
    "$program" --config "$place/kapu.toml" "$@"
}

make_site() {
    place=$(mktemp -d "${TMPDIR:-/tmp}/kapu-demo.XXXXXX")
    mkdir "$place/accounts" "$place/pam.d"
    cp "$target/release/libpam_kapu.so" "$place/pam_kapu.so"
    cat >"$place/kapu.toml" <<END
[store]
path = "$place/accounts"
host-key = "$place/host.key"
END
    cat >"$place/pam.d/sshd" <<END
auth     required  $place/pam_kapu.so  config=$place/kapu.toml
account  required  pam_permit.so
session  required  pam_permit.so
END
    for type in auth account session password; do
        echo "$type required pam_deny.so"
    done >"$place/pam.d/other"
    gcc -O2 -fPIC -shared -o "$place/preload.so" \
        tests/support/devlog.c tests/support/private_host.c -ldl
    kapu key >/dev/null
}

# What is typed at a prompt, and a record of the dialog.
make_askpass() {
    cat >"$place/askpass" <<'END'
#!/bin/sh
case $1 in
*assword:*) answer=$DEMO_PASSWORD shown='(hidden)' ;;
*code:*) answer=$DEMO_CODE shown=$DEMO_CODE ;;
*) exit 1 ;;
esac
printf '    %s%s\n' "$1" "$shown" >>"$DEMO_DIALOG"
printf '%s\n' "$answer"
END
    chmod 700 "$place/askpass"
}

start_sshd() {
    ssh-keygen -q -t ed25519 -N '' -f "$place/sshd.key"
    cat >"$place/sshd_config" <<END
HostKey $place/sshd.key
PidFile none
UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
PubkeyAuthentication no
AuthorizedKeysFile none
PermitRootLogin yes
StrictModes no
PrintMotd no
PrintLastLog no
END
    # From 9.8 on sshd keeps an address waiting that failed before.
    if /usr/sbin/sshd -G -f "$place/sshd_config" -o PerSourcePenalties=no >/dev/null 2>&1; then
        echo "PerSourcePenalties no" >>"$place/sshd_config"
    fi
    for try in 1 2 3 4 5 6 7 8 9; do
        port=$((20000 + ($$ + try * 1009) % 20000))
        LD_PRELOAD=$place/preload.so KAPU_TEST_PAM=$place/pam.d KAPU_TEST_LOG=$place/log \
            KAPU_TEST_SHELL=/bin/sh KAPU_TEST_HOME=$place \
            /usr/sbin/sshd -D -e -f "$place/sshd_config" -o "ListenAddress=127.0.0.1:$port" \
            2>"$place/sshd.log" &
        sshd=$!
        if sshd_listens; then
            echo "sshd $(ssh -V 2>&1 | sed 's/,.*//') listens on 127.0.0.1 port $port."
            return 0
        fi
    done
    cat "$place/sshd.log" >&2
    not_as_promised "sshd does not start"
}

# Whether sshd listens, or has ended instead (its port was taken).
sshd_has_begun() {
    grep -q 'Server listening' "$place/sshd.log" || ! kill -0 "$sshd" 2>/dev/null
}

sshd_listens() {
    patiently sshd_has_begun
    kill -0 "$sshd" 2>/dev/null && return 0
    sshd=
    return 1
}

# --- logging in ------------------------------------------------------------------------------

client() {
    ssh -F none -p "$port" -o PubkeyAuthentication=no \
        -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$place/known_hosts" \
        -o GlobalKnownHostsFile=none -o LogLevel=ERROR "$@"
}

code_now() {
    oathtool --totp --base32 "$secret"
}

# Waits until the code is another than the one given, so that a fresh one can be typed.
wait_for_another_than() {
    left=$((period - $(date +%s) % period))
    echo "The code $1 is spent. The app shows the next one in $left seconds ..."
    while [ "$(code_now)" = "$1" ]; do
        sleep 1
    done
}

# Six digits that the app does not show now, nor a step or two away.
code_of_nobody() {
    now=$(date +%s)
    near=$(oathtool --totp --base32 --now="@$((now - 2 * period))" --window=5 "$secret")
    guess=123456
    while echo "$near" | grep -q "$guess"; do
        guess=$((guess + 1))
    done
    echo $guess
}

# What the module wrote to the log; the client may have heard of it first.
show_log() {
    patiently grep -q event=login "$place/log"
    printf '\nIn the log:\n'
    sed 's/^<[0-9]*> /    /' "$place/log"
}

# Logs in with a code: "try CODE in" or "try CODE out REASON", REASON as the log has it.
try() {
    : >"$place/dialog"
    : >"$place/log"
    echo "    \$ ssh -p $port $me@127.0.0.1 'echo Hello from \$(hostname), \$(id -un)'"
    came=out
    # shellcheck disable=SC2016 # the remote shell is to expand it
    if SSH_ASKPASS=$place/askpass SSH_ASKPASS_REQUIRE=force DEMO_DIALOG=$place/dialog \
        DEMO_PASSWORD=$password DEMO_CODE=$1 \
        client -o NumberOfPasswordPrompts=1 "$me@127.0.0.1" 'echo "Hello from $(hostname), $(id -un)"' \
        </dev/null >"$place/output" 2>&1; then
        came=in
    fi
    cat "$place/dialog"
    sed 's/^/    /' "$place/output"
    show_log
    [ "$came" = "$2" ] || not_as_promised "the login was let $came"
    case $2 in
    in) grep -q "^Hello from" "$place/output" || not_as_promised "the command printed nothing" ;;
    out) grep -q "reason=$3\( \|\$\)" "$place/log" || not_as_promised "the reason was to be $3" ;;
    esac
}

# --- the two demos ---------------------------------------------------------------------------

by_itself() {
    heading "1. Enrolling $me, as a script does it"
    secret=$(head -c 20 /dev/urandom | base32)
    printf 'password = "%s"\nsecret = "%s"\n' "$password" "$secret" >"$place/enrollment.toml"
    echo "    \$ kapu enroll $me --from enrollment.toml --qr utf8"
    kapu enroll "$me" --from "$place/enrollment.toml" --qr utf8

    heading "2. A private sshd that asks for password and code"
    start_sshd

    heading "3. The right password and the right code"
    code=$(code_now)
    try "$code" in

    heading "4. The right password and a wrong code"
    try "$(code_of_nobody)" out code

    heading "5. The right password and the code of before: each works once"
    try "$code" out replay

    heading "6. The next code"
    wait_for_another_than "$code"
    try "$(code_now)" in

    heading "7. What kapu knows of $me now"
    kapu status "$me"
}

by_hand() {
    [ -t 0 ] || not_as_promised "--interactive needs a terminal"
    heading "1. Enrolling you: have your authenticator app at hand"
    kapu enroll "$me"

    heading "2. A private sshd that asks for password and code"
    start_sshd

    heading "3. Log in; leave the session with: exit"
    echo "The code you enrolled with is spent: wait for the next one."
    while :; do
        echo "    \$ ssh -p $port $me@127.0.0.1"
        : >"$place/log"
        client "$me@127.0.0.1" || true
        show_log
        printf '\nOnce more? [y/N] '
        read -r more || more=n
        case $more in
        [yY]*) ;;
        *) break ;;
        esac
    done
    echo "You can delete the entry in the app now."
}

how=by_itself
case ${1-} in
--interactive) how=by_hand ;;
"") ;;
*)
    echo "usage: sh tests/demo.sh [--interactive]" >&2
    exit 2
    ;;
esac

trap clean_up EXIT
trap 'exit 1' HUP INT TERM
heading "What is needed"
kapu_setup
heading "Building"
cargo build --locked --release -p pam-kapu -p kapu
target=${CARGO_TARGET_DIR:-target}
program=$target/release/kapu
# What follows is nobody else's business.
umask 077
make_site
make_askpass
$how
printf '\ndemo: all as promised\n'
