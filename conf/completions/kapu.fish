# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kapu_global_optspecs
    string join \n config= h/help V/version
end

function __fish_kapu_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kapu_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kapu_using_subcommand
    set -l cmd (__fish_kapu_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kapu -n "__fish_kapu_needs_command" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_needs_command" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_needs_command" -s V -l version -d 'Print version'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "enroll" -d 'Set up an authenticator app: password, QR code, revocation code'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "invite" -d 'Make an invitation, with which somebody sets up the account at the first login'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "status" -d 'Show what is set up for an account, and whether it can log in'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "list" -d 'List the accounts: who is enrolled, and who is not'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "passwd" -d 'Choose a new kapu password: your own, or for an account'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "expire-password" -d 'Make the next login choose a new kapu password'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "token" -d 'Set up one more device, list them, take one away, call one by another name'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "device" -d 'Set up one more device, list them, take one away, call one by another name'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "recovery-codes" -d 'Make new recovery codes to print; the old ones are void'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "revocation-code" -d 'Make a new revocation code; the old one is void'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "forget-places" -d 'Ask for a code again where it was enough to press Enter'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "lock" -d 'Keep an account out until it is unlocked'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "unlock" -d 'End a lock, or a lock-out after wrong codes'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "revoke" -d 'End every device of an account: the phone is gone'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "remove" -d 'Erase what is set up for an account'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "adopt" -d 'Make accounts safe that came back from a backup'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "key" -d 'Make the host key of a new installation, or check the one there is'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "check" -d 'Look for what lets somebody in who should not, keeps somebody out, or does nothing'
complete -c kapu -n "__fish_kapu_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l token -d 'What to call the new device [default: phone]' -r
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l issuer -d 'The name under which the app shows this host [default: [site] issuer]' -r
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l qr -d 'How to draw the QR code' -r -f -a "auto\t'As the locale allows'
utf8\t'With half blocks'
inverse\t'With half blocks, light and dark exchanged'
ascii\t'With # only'
none\t'Not at all'"
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l from -d 'Ask nothing: read a TOML document from FILE, or from standard input (-)' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l code-only -d 'Leave the password as it is'
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l hotp -d 'Counter-based codes (HOTP), as of a key fob with a button, in place of time-based ones'
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l replace -d 'End the devices there are once the new one is set up'
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l if-absent -d 'Do nothing, and call it done, where the account is set up already'
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -l json -d 'With --from: print what was made as JSON'
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kapu -n "__fish_kapu_using_subcommand invite" -l valid -d 'How long it is good: so many hours (12h) or days (5d), 30d at most [default: 5d, or [enroll] invitation-valid]' -r
complete -c kapu -n "__fish_kapu_using_subcommand invite" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand invite" -l replace -d 'Also where devices are set up: they end when the invitation is used'
complete -c kapu -n "__fish_kapu_using_subcommand invite" -l cancel -d 'Withdraw the invitation'
complete -c kapu -n "__fish_kapu_using_subcommand invite" -l all-unenrolled -d 'With --csv: everybody who has still to set up a device, and has no invitation that is good'
complete -c kapu -n "__fish_kapu_using_subcommand invite" -l csv -d 'With --all-unenrolled: print lines of user, invitation, and until when (seconds since 1970)'
complete -c kapu -n "__fish_kapu_using_subcommand invite" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand status" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand status" -l json -d 'Print the report as JSON; times are seconds since 1970'
complete -c kapu -n "__fish_kapu_using_subcommand status" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand list" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand list" -l unenrolled -d 'Only those who have still to set up a device'
complete -c kapu -n "__fish_kapu_using_subcommand list" -l young -d 'Only those whose first device was set up with the password alone within the last seven days: ask them whether it was they'
complete -c kapu -n "__fish_kapu_using_subcommand list" -l json -d 'Print the list as JSON; times are seconds since 1970'
complete -c kapu -n "__fish_kapu_using_subcommand list" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand passwd" -l from -d 'Ask nothing: read password = "..." from FILE, or from standard input (-)' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand passwd" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand passwd" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand expire-password" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand expire-password" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand token; and not __fish_seen_subcommand_from add list remove rename help" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand token; and not __fish_seen_subcommand_from add list remove rename help" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand token; and not __fish_seen_subcommand_from add list remove rename help" -f -a "add" -d 'Set up one more device: password, a code of a present one, then the new one'
complete -c kapu -n "__fish_kapu_using_subcommand token; and not __fish_seen_subcommand_from add list remove rename help" -f -a "list" -d 'Show the devices, as kapu status does'
complete -c kapu -n "__fish_kapu_using_subcommand token; and not __fish_seen_subcommand_from add list remove rename help" -f -a "remove" -d 'Take a device away. The last one stays: kapu revoke, or kapu enroll --replace'
complete -c kapu -n "__fish_kapu_using_subcommand token; and not __fish_seen_subcommand_from add list remove rename help" -f -a "rename" -d 'Call a device by another name'
complete -c kapu -n "__fish_kapu_using_subcommand token; and not __fish_seen_subcommand_from add list remove rename help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from add" -l user -d 'The account; without it, yours' -r -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from add" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from add" -l hotp -d 'Counter-based codes (HOTP), as of a key fob with a button, in place of time-based ones'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from list" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from list" -l json -d 'Print the report as JSON; times are seconds since 1970'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from remove" -l user -d 'The account; without it, yours' -r -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from remove" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from rename" -l user -d 'The account; without it, yours' -r -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from rename" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "add" -d 'Set up one more device: password, a code of a present one, then the new one'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show the devices, as kapu status does'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take a device away. The last one stays: kapu revoke, or kapu enroll --replace'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Call a device by another name'
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand device; and not __fish_seen_subcommand_from add list remove rename help" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand device; and not __fish_seen_subcommand_from add list remove rename help" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand device; and not __fish_seen_subcommand_from add list remove rename help" -f -a "add" -d 'Set up one more device: password, a code of a present one, then the new one'
complete -c kapu -n "__fish_kapu_using_subcommand device; and not __fish_seen_subcommand_from add list remove rename help" -f -a "list" -d 'Show the devices, as kapu status does'
complete -c kapu -n "__fish_kapu_using_subcommand device; and not __fish_seen_subcommand_from add list remove rename help" -f -a "remove" -d 'Take a device away. The last one stays: kapu revoke, or kapu enroll --replace'
complete -c kapu -n "__fish_kapu_using_subcommand device; and not __fish_seen_subcommand_from add list remove rename help" -f -a "rename" -d 'Call a device by another name'
complete -c kapu -n "__fish_kapu_using_subcommand device; and not __fish_seen_subcommand_from add list remove rename help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from add" -l user -d 'The account; without it, yours' -r -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from add" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from add" -l hotp -d 'Counter-based codes (HOTP), as of a key fob with a button, in place of time-based ones'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from list" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from list" -l json -d 'Print the report as JSON; times are seconds since 1970'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from remove" -l user -d 'The account; without it, yours' -r -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from remove" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from rename" -l user -d 'The account; without it, yours' -r -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from rename" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "add" -d 'Set up one more device: password, a code of a present one, then the new one'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show the devices, as kapu status does'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take a device away. The last one stays: kapu revoke, or kapu enroll --replace'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Call a device by another name'
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand recovery-codes" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand recovery-codes" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand revocation-code" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand revocation-code" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand forget-places" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand forget-places" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand lock" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand lock" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand unlock" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand unlock" -l clock -d 'Only bring to the present what lies in the future, after a clock that ran ahead was set back'
complete -c kapu -n "__fish_kapu_using_subcommand unlock" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand revoke" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand revoke" -l force -d 'Without password and revocation code'
complete -c kapu -n "__fish_kapu_using_subcommand revoke" -l yes -d 'With --force: do not ask whether to go on'
complete -c kapu -n "__fish_kapu_using_subcommand revoke" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand remove" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand remove" -l forget -d 'Erase the tombstone as well'
complete -c kapu -n "__fish_kapu_using_subcommand remove" -l yes -d 'Do not ask whether to go on'
complete -c kapu -n "__fish_kapu_using_subcommand remove" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand adopt" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand adopt" -l all -d 'Everybody in the store'
complete -c kapu -n "__fish_kapu_using_subcommand adopt" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand key; and not __fish_seen_subcommand_from rotate help" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand key; and not __fish_seen_subcommand_from rotate help" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand key; and not __fish_seen_subcommand_from rotate help" -f -a "rotate" -d 'Make a new key and seal everything with it'
complete -c kapu -n "__fish_kapu_using_subcommand key; and not __fish_seen_subcommand_from rotate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand key; and __fish_seen_subcommand_from rotate" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand key; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Make a new key and seal everything with it'
complete -c kapu -n "__fish_kapu_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand check" -l config -d 'The configuration file [default: /etc/kapu/kapu.toml]' -r -F
complete -c kapu -n "__fish_kapu_using_subcommand check" -l json -d 'Print the findings as JSON'
complete -c kapu -n "__fish_kapu_using_subcommand check" -s h -l help -d 'Print help'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "enroll" -d 'Set up an authenticator app: password, QR code, revocation code'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "invite" -d 'Make an invitation, with which somebody sets up the account at the first login'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "status" -d 'Show what is set up for an account, and whether it can log in'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "list" -d 'List the accounts: who is enrolled, and who is not'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "passwd" -d 'Choose a new kapu password: your own, or for an account'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "expire-password" -d 'Make the next login choose a new kapu password'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "token" -d 'Set up one more device, list them, take one away, call one by another name'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "recovery-codes" -d 'Make new recovery codes to print; the old ones are void'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "revocation-code" -d 'Make a new revocation code; the old one is void'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "forget-places" -d 'Ask for a code again where it was enough to press Enter'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "lock" -d 'Keep an account out until it is unlocked'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "unlock" -d 'End a lock, or a lock-out after wrong codes'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "revoke" -d 'End every device of an account: the phone is gone'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "remove" -d 'Erase what is set up for an account'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "adopt" -d 'Make accounts safe that came back from a backup'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "key" -d 'Make the host key of a new installation, or check the one there is'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "check" -d 'Look for what lets somebody in who should not, keeps somebody out, or does nothing'
complete -c kapu -n "__fish_kapu_using_subcommand help; and not __fish_seen_subcommand_from enroll invite status list passwd expire-password token recovery-codes revocation-code forget-places lock unlock revoke remove adopt key check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kapu -n "__fish_kapu_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "add" -d 'Set up one more device: password, a code of a present one, then the new one'
complete -c kapu -n "__fish_kapu_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "list" -d 'Show the devices, as kapu status does'
complete -c kapu -n "__fish_kapu_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "remove" -d 'Take a device away. The last one stays: kapu revoke, or kapu enroll --replace'
complete -c kapu -n "__fish_kapu_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "rename" -d 'Call a device by another name'
complete -c kapu -n "__fish_kapu_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "rotate" -d 'Make a new key and seal everything with it'
complete -c kapu -n "__fish_kapu_using_subcommand enroll" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand invite" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand status" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand passwd" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand expire-password" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand token; and __fish_seen_subcommand_from list" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand device; and __fish_seen_subcommand_from list" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand recovery-codes" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand revocation-code" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand forget-places" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand lock" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand unlock" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand revoke" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand remove" -f -a "(__fish_complete_users)"
complete -c kapu -n "__fish_kapu_using_subcommand adopt" -f -a "(__fish_complete_users)"
