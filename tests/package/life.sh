#!/bin/sh
# The life of the package in a throw-away root: tests/package.sh runs this in it, as root, with
# old.deb, new.deb (the next version) and the source beside it. Each promise is a line "ok: ..." or
# "FAILED: ...", with what was said before the latter.
set -eu
cd /proof
# shellcheck source=tests/package/people.sh
. /proof/people.sh

module=$(dpkg --contents old.deb | sed -n 's,.* \./\(usr/lib/.*/pam_kapu\.so\)$,/\1,p')
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
readme=/usr/share/doc/libpam-kapu/README.Debian

# check WHAT COMMAND...; what the command of the check before said is in said.last.
check() {
    what=$1
    shift
    mv said said.last 2>/dev/null || true
    if "$@" >/proof/said 2>&1; then
        echo "ok: $codename: $what"
    else
        sed 's/^/    /' /proof/said
        echo "FAILED: $codename: $what"
    fi
}

not() {
    ! "$@"
}

# Checksums, modes and owners of what decides about logins.
logins() {
    find /etc/pam.d /etc/pam.conf /etc/ssh ! -type d -exec md5sum {} + -exec stat -c '%n %a %U %G' {} + |
        sort -k 2
}

keep_logins() {
    logins >"/proof/logins.$1"
    rm -rf "/proof/pam.$1"
    cp -a /etc/pam.d "/proof/pam.$1"
}

same_logins() {
    logins | diff "/proof/logins.$1" - || { diff -r "/proof/pam.$1" /etc/pam.d; return 1; }
}

apt_get() {
    apt-get -y -q -o Dpkg::Options::=--force-confdef "$@"
}

has_mode() {
    [ "$(stat -c '%a %U %G' "$2")" = "$1 root root" ] || { stat "$2"; return 1; }
}

# Whether removing is refused, with the module left and the package whole, and naming the line.
refuses_for() {
    outcome=0
    apt_get remove libpam-kapu >/proof/refusal 2>&1 || outcome=$?
    # apt gives the scripts a terminal, which ends lines in its own way.
    sed -i 's/\r$//' /proof/refusal
    cat /proof/refusal
    [ $outcome -ne 0 ] && grep -qE "^  $1" /proof/refusal && [ -s "$module" ] &&
        dpkg-query -W -f '${Status}\n' libpam-kapu | grep ' ok installed'
}

# --- installing ------------------------------------------------------------------------------

installing() {
    keep_logins before
    check "a login by the system's password, before" pam_in proof anna "the password of the system"
    check "apt-get install" apt_get install ./old.deb
    # The rules that say whether a password is right are new, and no login's.
    logins | grep -v ' */etc/pam\.d/kapu-password' | sort -k 2 >logins.now
    check "it changes nothing of /etc/pam.d and /etc/ssh" diff logins.before logins.now
    keep_logins installed
    check "the same login after it" pam_in proof anna "the password of the system"
    check "the profile is there and off" not grep -rE '^[^#]*pam_kapu' /etc/pam.d
    grep -q '^Default: no$' /usr/share/pam-configs/kapu || echo "FAILED: $codename: Default: no"
    check "/etc/kapu" has_mode 755 /etc/kapu
    check "/var/lib/kapu" has_mode 700 /var/lib/kapu
    check "/var/lib/kapu/accounts" has_mode 700 /var/lib/kapu/accounts
    check "/etc/kapu/host.key" has_mode 400 /etc/kapu/host.key
    check "kapu check finds nothing dangerous" kapu check
    sha256sum /etc/kapu/host.key >key.sum
}

# --- enabling for sshd -----------------------------------------------------------------------

# Runs the lines of README.Debian that contain a text, as they stand there.
by_the_readme() {
    sed -n 's/^ *[0-9]  sudo //p' $readme | grep -e "$1" >lines
    grep -q . lines
    sh -eux lines
}

enabling() {
    check "kapu enroll" enroll anna
    check "README.Debian: sshd" by_the_readme sshd_config.d/\$
    if grep -q '^#PAMServiceName' /etc/ssh/sshd_config.d/10-kapu.conf &&
        /usr/sbin/sshd -T -o PAMServiceName=kapu-sshd >/dev/null 2>&1; then
        rules=/etc/pam.d/kapu-sshd
        check "README.Debian: a file of its own" by_the_readme examples/pam.d/kapu-sshd
        check "README.Debian: sshd takes it" by_the_readme PAMServiceName
    else
        rules=/etc/pam.d/sshd
        check "README.Debian: the line of an older sshd" by_the_readme "pam\.d/sshd"
    fi
    check "sshd -t" /usr/sbin/sshd -t
    make_askpass
    start_sshd
    code=$(code_of anna)
    check "a login over ssh with password and code" ssh_in anna "$password" "$code"
    check "not with the same code again" not ssh_in anna "$password" "$code"
    check "not with a wrong code" not ssh_in anna "$password" "$(wrong_code_of anna)"
    check "not with the system's password" not ssh_in anna "the password of the system" \
        "$(next_code_of anna "$code")"
}

# --- upgrading -------------------------------------------------------------------------------

# Looks for the module without a pause until told to stop; each look that it is not there, or is
# no module that can be loaded, is a line.
watch_the_module() {
    looks=0
    until [ -e /proof/watched ]; do
        [ -s "$module" ] || echo absent
        LD_PRELOAD=$module /bin/true 2>&1
        looks=$((looks + 1))
    done
    echo $looks >/proof/looks
}

# Installs a package while bela's login is at its code prompt, in a process that has loaded the
# module that goes.
change_under_a_login() {
    rm -f $waiting $waiting.asked watched
    ssh_in "$1" "$password" later $waiting >ssh.waiting &
    login=$!
    until [ -e $waiting.asked ]; do sleep 0.1; done
    watch_the_module >watched.said 2>&1 &
    watch=$!
    check "$2" apt_get install --allow-downgrades "./$3"
    sleep 0.5
    : >watched
    wait $watch || true
    check "the module was never absent, in $(cat looks) looks" not grep . watched.said
    check "the login under way has the module of before" \
        grep -qs "pam_kapu.*(deleted)" /proc/[0-9]*/maps
    : >$waiting
    if wait $login; then
        echo "ok: $codename: and it gets in"
    else
        cat ssh.waiting
        echo "FAILED: $codename: and it gets in"
    fi
}

upgrading() {
    enroll bela
    enroll cili
    keep_logins enabled
    change_under_a_login bela "apt-get install of the next version, a login under way" new.deb
    check "the program is the next one" sh -c "kapu --version | grep '0\.1\.1'"
    check "the upgrade changes nothing of /etc/pam.d and /etc/ssh" same_logins enabled
    check "nor the host key" sha256sum -c key.sum
    check "a login after it" ssh_in cili "$password" "$(code_of cili)"
}

downgrading() {
    enroll dora
    code=$(code_of dora)
    check "dora, of the next version, logs in there" ssh_in dora "$password" "$code"
    enroll emil
    change_under_a_login emil "apt-get install of the version before" old.deb
    check "the program is the one before" sh -c "kapu --version | grep '0\.1\.0'"
    check "it reads what the next one wrote" kapu status dora
    check "not the code that dora used there" not ssh_in dora "$password" "$code"
    check "the next one" ssh_in dora "$password" "$(next_code_of dora "$code")"
    check "the host key is the same" sha256sum -c key.sum
    check "reinstalling changes nothing" apt_get install --reinstall ./old.deb
    check "of /etc/pam.d and /etc/ssh" same_logins enabled
}

# --- removing --------------------------------------------------------------------------------

refusing() {
    check "removing is refused, by file and line" refuses_for "$rules:[0-9]+: auth .*pam_kapu\.so"
    if [ $rules = /etc/pam.d/kapu-sshd ]; then
        check "and the line of sshd is named" grep -E "^  /etc/ssh/sshd_config.d/10-kapu.conf:[0-9]+: PAMS" refusal
    fi
    check "a login after that" ssh_in cili "$password" "$(next_code_of cili "$(code_of cili)")"
    check "and nothing has changed" same_logins enabled
    stop_sshd
    rm /etc/ssh/sshd_config.d/10-kapu.conf
    if [ $rules = /etc/pam.d/kapu-sshd ]; then
        rm $rules
    else
        sed -i 's/^auth requisite pam_kapu.so$/@include common-auth/' $rules
    fi
    check "undone by hand, all is as it was installed" same_logins installed
}

# The profile of pam-auth-update, and a removal that must not forget it.
the_profile() {
    check "pam-auth-update --enable kapu" pam-auth-update --enable kapu
    keep_logins profile
    code=$(next_code_of bela "$(code_of bela)")
    check "login asks for kapu's password and code" pam_in proof bela "$password" "$code"
    check "and takes no other" not pam_in proof bela "the password of the system" 000000
    check "who is not enrolled is out" not pam_in proof nobody x 000000
    echo 'auth required pam_kapu.so # by hand' >/etc/pam.d/another
    printf 'auth\tinclude\t/proof/far/away\n' >/etc/pam.d/yet-another
    mkdir -p far
    printf '\n-auth [success=1 default=ignore] \\\n %s config=x\n' "$module" >far/away
    check "a line elsewhere refuses the removal" refuses_for "/etc/pam\.d/another:1: auth required"
    check "and so does one far away" grep -E '^  /proof/far/away:3: ' refusal
    rm /etc/pam.d/another /etc/pam.d/yet-another
    check "which has not forgotten the choice" same_logins profile
    sed -i '/^# end of pam-auth-update config/a auth optional pam_kapu.so' /etc/pam.d/common-auth
    check "a line below the managed block refuses" refuses_for "/etc/pam\.d/common-auth:[0-9]+: auth optional"
    check "the choice stands" grep -E 'success=[0-9]+ default=die.*pam_kapu' /etc/pam.d/common-auth
    sed -i '/^auth optional pam_kapu.so/d' /etc/pam.d/common-auth
    check "as it was" same_logins profile
    sed -i '/^auth.*pam_kapu/i auth optional pam_warn.so' /etc/pam.d/common-auth
    keep_logins by-hand
    check "a block edited by hand refuses" refuses_for "/etc/pam\.d/common-auth:[0-9]+: auth.*pam_kapu"
    check "and stays as it was edited" same_logins by-hand
    code=$(next_code_of bela "$code")
    check "a login still works" pam_in proof bela "$password" "$code"
    check "what the refusal names helps" sh -ex -c "$(sed -n 's/.*by: \(pam-auth-update .*\)/\1/p' refusal)"
    rm -f /etc/pam.d/*.pam-old
    check "all is as it was installed" same_logins installed
    check "the profile once more, and not by hand" pam-auth-update --enable kapu
    check "then the removal goes through" apt_get remove libpam-kapu
    check "the profile is off, all is as it was installed" same_logins installed
    check "and the system's password is asked" pam_in proof bela "the password of the system"
}

# What is left of the package, but for what other programs log and remember.
traces() {
    find / -xdev \( -path /proof -o -path /proc -o -path /var/log -o -path /var/cache -o -path /home \) -prune \
        -o \( -name '*kapu*' -o -path '/etc/kapu/*' -o -path '/var/lib/kapu/*' \) -print | sort
    grep -l kapu /var/lib/dpkg/status /var/lib/pam/* /var/cache/debconf/*.dat || true
}

leaves_nothing() {
    traces >left
    ! grep . left
}

# At a terminal, as a person does it: "purge_and_say y".
purge_and_say() {
    echo "$1" | DEBIAN_FRONTEND=readline script -qec "dpkg --purge libpam-kapu" /dev/null >purge.said
    cat purge.said
}

purging() {
    check "purging, with nobody to ask" apt_get purge libpam-kapu
    check "says where the enrollments stay" grep -q /var/lib/kapu said.last
    check "they are there, with the key" test -d /var/lib/kapu/accounts -a -s /etc/kapu/host.key
    check "of the package's own files nothing is" not test -e /etc/kapu/kapu.toml -o -e /etc/pam.d/kapu-password
    check "of logins all is as it was before" same_logins before
    check "installed anew" apt_get install ./old.deb
    check "the key is the one of before" sha256sum -c key.sum
    check "and so are the people" kapu status bela
    check "purging asks" purge_and_say n
    check "in a person's words" grep -q 'Delete the enrollments of all users' purge.said
    check "and keeps them, told no" kapu_is_kept
    check "installed anew once more" apt_get install ./old.deb
    check "purging, told yes" purge_and_say y
    check "leaves nothing" leaves_nothing
    check "and of logins all is as it was before" same_logins before
    check "installed with nobody enrolled" apt_get install ./old.deb
    check "there is another key" not sha256sum -c key.sum
    check "it is purged without a question" apt_get purge libpam-kapu
    check "which leaves nothing either" leaves_nothing
}

kapu_is_kept() {
    [ -d /var/lib/kapu/accounts ] && sha256sum -c key.sum
}

# --- and Debian's own way of testing an installed package --------------------------------------

testing() {
    check "autopkgtest -- null" autopkgtest --no-built-binaries ./old.deb ./source -- null
    grep -E '^(login|as promised)' said || true
}

# A service that has the host's rules for passwords, as sudo and the console have.
printf '@include common-auth\n@include common-account\n' >/etc/pam.d/proof
mkdir -p /run/sshd
useradd --create-home --shell /bin/sh anna
echo "anna:the password of the system" | chpasswd
installing
enabling
upgrading
downgrading
refusing
the_profile
purging
testing
