# shellcheck shell=sh
# People who are enrolled and log in, within a throw-away root. To be read by life.sh.
# shellcheck disable=SC2034 # it shares its variables

password='seven green lanterns'
port=2222
sshd=
# Where answers wait for the file "go" to be there.
waiting=/proof/waiting

# secret_of USER: made up at the first call.
secret_of() {
    [ -e "/proof/$1.secret" ] || head -c 20 /dev/urandom | base32 >"/proof/$1.secret"
    cat "/proof/$1.secret"
}

# enroll USER: an account of the system with a password there too, and its phone.
enroll() {
    id "$1" >/dev/null 2>&1 || useradd --create-home --shell /bin/sh "$1"
    echo "$1:the password of the system" | chpasswd
    printf 'password = "%s"\nsecret = "%s"\n' "$password" "$(secret_of "$1")" |
        kapu enroll "$1" --from - >/dev/null
}

code_of() {
    oathtool --totp --base32 "$(secret_of "$1")"
}

# Six digits that no step near now has.
wrong_code_of() {
    near=$(oathtool --totp --base32 --now="@$(($(date +%s) - 90))" --window=6 "$(secret_of "$1")")
    guess=123456
    while echo "$near" | grep -q $guess; do
        guess=$((guess + 1))
    done
    echo $guess
}

# A code is good once: waits for the next one of USER, after the one given.
next_code_of() {
    while [ "$(code_of "$1")" = "$2" ]; do
        sleep 1
    done
    code_of "$1"
}

# --- over ssh --------------------------------------------------------------------------------

make_askpass() {
    cat >/proof/askpass <<'END'
#!/bin/sh
case $1 in
*assword:*) echo "$PROOF_PASSWORD" ;;
*code:*)
    if [ -n "$PROOF_WAITING" ]; then
        : >"$PROOF_WAITING.asked"
        until [ -e "$PROOF_WAITING" ]; do sleep 0.1; done
        PROOF_CODE=$(oathtool --totp --base32 "$PROOF_SECRET")
    fi
    echo "$PROOF_CODE"
    ;;
*) exit 1 ;;
esac
END
    chmod 700 /proof/askpass
}

# The root's own sshd with the root's own configuration, but on loopback alone.
start_sshd() {
    more=
    if /usr/sbin/sshd -T -o PerSourcePenalties=no >/dev/null 2>&1; then
        more="-o PerSourcePenalties=no"
    fi
    while :; do
        : >/proof/sshd.log
        # shellcheck disable=SC2086 # none, or two words
        /usr/sbin/sshd -D -e -o ListenAddress=127.0.0.1:$port $more 2>/proof/sshd.log &
        sshd=$!
        until grep -q 'Server listening' /proof/sshd.log || ! kill -0 $sshd 2>/dev/null; do
            sleep 0.1
        done
        kill -0 $sshd 2>/dev/null && return 0
        grep -q 'Address already in use' /proof/sshd.log || { cat /proof/sshd.log; return 1; }
        port=$((port + 1))
    done
}

stop_sshd() {
    kill "$sshd"
    wait "$sshd" 2>/dev/null || true
}

# ssh_in USER PASSWORD CODE [FILE]: whether that gets in. With FILE the answer to the second
# question waits until it is there, and is the code of then.
ssh_in() {
    PROOF_PASSWORD=$2 PROOF_CODE=$3 PROOF_WAITING=${4-} PROOF_SECRET=$(secret_of "$1") \
        SSH_ASKPASS=/proof/askpass SSH_ASKPASS_REQUIRE=force \
        ssh -F none -p $port -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 \
        -o PreferredAuthentications=keyboard-interactive,password \
        -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/proof/known_hosts \
        "$1@127.0.0.1" 'echo in as $(id -un)' 2>&1 </dev/null | tee /proof/ssh.said
    grep -q "^in as $1\$" /proof/ssh.said
}

# --- through another service -----------------------------------------------------------------

# pam_in SERVICE USER ANSWER...: whether these answers get in.
pam_in() {
    service=$1 user=$2
    shift 2
    printf '%s\n' "$@" | pamtester "$service" "$user" authenticate acct_mgmt 2>&1
}
