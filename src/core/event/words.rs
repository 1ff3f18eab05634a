//! The words of the log. Each stands in docs/logging.md, which a test compares with these lists.

/// A word of ours that a line may hold: it needs no escaping.
pub trait Word: Copy {
    /// As it is written.
    fn word(self) -> &'static str;
}

/// Declares an enum each of whose variants is a word, with the list of all of them.
macro_rules! words {
    (
        $(#[$about:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$about_it:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[$about_it])* $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in the log.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::event::Word for $name {
            fn word(self) -> &'static str {
                Self::word(self)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a line is about.
    pub enum What {
        /// A login ended.
        Login = "login",
        /// A login changed where the account stands.
        Status = "status",
        /// What is in force.
        Debug = "debug",
        /// A device is set up.
        Enroll = "enroll",
        /// An invitation is made, or made void.
        Invite = "invite",
        /// New recovery codes.
        RecoveryCodes = "recovery-codes",
        /// A new revocation code.
        RevocationCode = "revocation-code",
        /// A device is taken away.
        TokenRemove = "token-remove",
        /// A device is called otherwise.
        TokenRename = "token-rename",
        /// Every device ends.
        Revoke = "revoke",
        /// Remembered places end.
        ForgetPlaces = "forget-places",
        /// A lock or lock-out ends.
        Unlock = "unlock",
        /// Steps and times are brought to the present.
        Clock = "clock",
        /// An account is locked.
        Lock = "lock",
        /// An account is erased.
        Remove = "remove",
        /// A password is changed.
        Passwd = "passwd",
        /// A document from a backup is taken over.
        Adopt = "adopt",
        /// Everything is sealed anew.
        KeyRotate = "key-rotate",
    }
}

words! {
    /// What a value says.
    pub enum Field {
        /// How it ended.
        Result = "result",
        /// Why not.
        Reason = "reason",
        /// The part of a dialog that was come to.
        Step = "step",
        /// The account.
        User = "user",
        /// PAM_SERVICE.
        Service = "service",
        /// PAM_RHOST.
        Rhost = "rhost",
        /// PAM_TTY.
        Tty = "tty",
        /// The name of a device.
        Token = "token",
        /// What it rests on, or who did it.
        By = "by",
        /// Whether it is the first login after a change.
        First = "first",
        /// How many wrong codes there were.
        WrongCodes = "wrong-codes",
        /// How long it took.
        Seconds = "seconds",
        /// Which file, which error.
        Detail = "detail",
        /// The status before.
        From = "from",
        /// The status after.
        To = "to",
        /// Whether a code of the device was seen.
        Confirmed = "confirmed",
        /// Until when it is good.
        Until = "until",
        /// How many devices.
        Tokens = "tokens",
        /// How many recovery codes.
        RecoveryCodes = "recovery-codes",
        /// How many places.
        Places = "places",
        /// How many accounts.
        Accounts = "accounts",
        /// Whether waits and dates were changed.
        Times = "times",
        /// Whether the tombstone is erased too.
        Forget = "forget",
        /// The configuration in force.
        Config = "config",
        /// Whose password is asked.
        Password = "password",
        /// What is asked.
        Asks = "asks",
        /// Whether an earlier module has asked.
        FirstPass = "first-pass",
        /// The uid of the program's process.
        Uid = "uid",
        /// The uid that the session began with.
        LoginUid = "loginuid",
        /// Whom sudo worked for.
        SudoUser = "sudo-user",
    }
}

words! {
    /// How something ended.
    pub enum Ended {
        /// Let in.
        Accept = "accept",
        /// Not let in, or not allowed.
        Refuse = "refuse",
        /// Something of ours does not work.
        Unavailable = "unavailable",
        /// Not decided by us.
        NotOurs = "not-ours",
        /// It has begun.
        Begun = "begun",
        /// It is done.
        Done = "done",
        /// The person gave up.
        Abandoned = "abandoned",
        /// Somebody else was faster.
        Conflict = "conflict",
        /// Made void.
        Withdrawn = "withdrawn",
        /// From now on to be replaced.
        Expired = "expired",
    }
}

words! {
    /// What a login went by, other than by a device; and who did something.
    pub enum Means {
        /// A recovery code.
        RecoveryCode = "recovery-code",
        /// Enter, at a remembered place.
        Place = "place",
        /// The password alone, before the day.
        PasswordAlone = "password-alone",
        /// A device that was set up in the login.
        Enrollment = "enrollment",
        /// The revocation code.
        RevocationCode = "revocation-code",
        /// The owner of the store.
        Owner = "owner",
        /// The person the account belongs to.
        Person = "person",
    }
}

words! {
    /// The part of the dialog that an enrollment has come to.
    pub enum Step {
        /// The password is chosen.
        Password = "password",
        /// The app is set up.
        App = "app",
        /// The revocation code is noted.
        RevocationCode = "revocation-code",
        /// All is stored.
        Store = "store",
    }
}

words! {
    /// What a login is asked for.
    pub enum Asks {
        /// Two questions.
        Both = "password,code",
        /// One question for both.
        Joined = "joined",
        /// The code alone.
        Code = "code",
    }
}

words! {
    /// Where the answer to the first question comes from.
    pub enum FirstPass {
        /// From us.
        Ask = "ask",
        /// From an earlier module, where one has asked.
        Try = "try",
        /// From an earlier module.
        Use = "use",
    }
}

words! {
    /// Whether something is so.
    pub enum YesNo {
        /// It is.
        Yes = "yes",
        /// It is not.
        No = "no",
    }
}

impl From<bool> for YesNo {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}
