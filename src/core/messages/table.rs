//! The table: one row a message, English and Hungarian side by side.
//!
//! Rules of a row. At most 79 columns a line with names of twelve characters; one idea a line: what
//! happened, then what to do next. A value stands as `{name}`, the same names in both languages.
//! Where the Hungarian would need *a* or *az* before a value, the sentence is turned so that it
//! needs none. No row has a place for a secret: keys and codes are shown on lines of their own, so
//! that they never pass through a plain string. Prompts end in a space; `{ask}` is a sentence of
//! its own, made by [`Texts::ask`](super::Texts::ask).

messages! {
    /// Everything that kapu says to people, by meaning; what `kapu check` finds is in `findings.rs`.
    Message:

    // ---- Whom to ask: a sentence of its own, `{ask}` in other rows.
    AskAdministrator =>
        "Ask your administrator.",
        "Forduljon a rendszergazdához.";
    AskContact =>
        "Ask your administrator: {contact}",
        "Forduljon a rendszergazdához: {contact}";

    // ---- A login: the prompts, and what everybody may see.
    PasswordPrompt =>
        "Password: ",
        "Jelszó: ";
    CodePrompt =>
        "Verification code: ",
        "Hitelesítő kód: ";
    /// Both in one answer, the code last.
    JoinedPrompt =>
        "Password and verification code: ",
        "Jelszó és hitelesítő kód: ";
    Refusal =>
        "\nThose details are not correct. Each code works once: use a new one.\n\
         Phone lost? Type the revocation code in place of the code.\n",
        "\nAz adatok nem megfelelők. Minden kód csak egyszer használható: írjon be újat.\n\
         Elveszett a telefon? A kód helyére írja a törlőkódot.\n";
    /// Where codes on paper cannot be typed, or prove nothing.
    RefusalWithoutPaper =>
        "\nThose details are not correct. Each code works once: use a new one.\n",
        "\nAz adatok nem megfelelők. Minden kód csak egyszer használható: írjon be újat.\n";
    PaperTypo =>
        "\nThat looks like a mistyped revocation or recovery code.\n\
         Check it and try again.\n",
        "\nEz elgépelt törlőkódnak vagy pótkódnak látszik.\n\
         Ellenőrizze, és próbálja újra.\n";

    /// In front of the question for the code, while a device may be set up on the password.
    CodeHint =>
        "\nNo code yet? Press Enter.\n",
        "\nNincs még kódja? Nyomjon Entert.\n";

    // ---- A login before the roll-out date, of who has no code yet.
    DaysLeft =>
        "{days} days left: from {day} {site} also asks for a code.",
        "Még {days} nap. Ettől a naptól kód is kell ide ({site}): {day}";
    LastDay =>
        "Last day: from tomorrow {site} also asks for a code.",
        "Utolsó nap: holnaptól kód is kell ide: {site}";
    SetUpByPlus =>
        "To set it up, type + in place of the code next time.",
        "A beállításhoz legközelebb a kód helyére írja ezt: +";

    // ---- A login in which a device is set up.
    LoginSetUp =>
        "Your password is right, but {site} also needs a code.\n\
         Set up an authenticator app now. You have {duration};\n\
         nothing is saved until the last step.",
        "A jelszó helyes, de ide kód is kell: {site}.\n\
         Állítson be most egy hitelesítő alkalmazást. Erre {duration} van;\n\
         mentés csak az utolsó lépésben.";
    LoginSetUpKey =>
        "Your ssh key is right, but {site} also needs a code.\n\
         Set up an authenticator app now. You have {duration};\n\
         nothing is saved until the last step.",
        "Az ssh-kulcs jó, de ide kód is kell: {site}.\n\
         Állítson be most egy hitelesítő alkalmazást. Erre {duration} van;\n\
         mentés csak az utolsó lépésben.";
    /// An invitation, where the password is one of our own.
    LoginInvited =>
        "Welcome, {user}. You have {duration};\n\
         nothing is saved until the last step.\n\
         First choose a password for {site}.",
        "Üdvözöljük, {user}. Erre {duration} van;\n\
         mentés csak az utolsó lépésben.\n\
         Először válasszon jelszót ehhez: {site}.";
    /// An invitation, where it is not.
    LoginInvitedApp =>
        "Welcome, {user}. {site} also needs a code.\n\
         Set up an authenticator app now. You have {duration};\n\
         nothing is saved until the last step.",
        "Üdvözöljük, {user}. Ide kód is kell: {site}.\n\
         Állítson be most egy hitelesítő alkalmazást. Erre {duration} van;\n\
         mentés csak az utolsó lépésben.";
    LoginNowApp =>
        "Now the authenticator app.",
        "Most a hitelesítő alkalmazás.";
    LoginUnfinished =>
        "Your last attempt ({when}) was not finished:\n\
         delete its entry in the app.",
        "A legutóbbi próbálkozás ({when}) félbemaradt:\n\
         törölje a bejegyzését az alkalmazásból.";
    LoginRevoked =>
        "Revocation code accepted. Your devices no longer work here.\n\
         Keep the code until the new device is set up: then you get a new one.\n\n\
         Set up the new device now. You have {duration}.\n\
         No device at hand? Press Ctrl-C. Later log in with the password and this\n\
         same revocation code to go on.",
        "Törlőkód elfogadva. Az eszközök itt már nem használhatók.\n\
         A törlőkódot őrizze meg, amíg az új eszköz nincs kész: akkor újat kap.\n\n\
         Állítsa be most az új eszközt. Erre {duration} van.\n\
         Nincs kéznél? Megszakítás: Ctrl-C. Később a jelszóval és ugyanezzel\n\
         a törlőkóddal folytathatja.";
    LoginStepApp =>
        "1. Open the app (none yet? Aegis, Google or Microsoft Authenticator, FreeOTP;\n\
        \x20  on a computer KeePassXC), choose \"enter a key\", and type:",
        "1. Nyissa meg az alkalmazást (nincs még? NISZ Hitelesítő, Aegis, Google vagy\n\
        \x20  Microsoft Authenticator; számítógépen KeePassXC), válassza a „kulcs\n\
        \x20  megadása” lehetőséget, és írja be:";
    LoginStepQr =>
        "   To scan a QR code instead, type qr below (or qra if it comes out broken).\n\
        \x20  On this computer:",
        "   Ha inkább QR-kódot olvasna be, írja ide: qr (ha torzan látszik: qra).\n\
        \x20  Ezen a számítógépen:";
    LoginStepCode =>
        "2. Type the code that the app shows now.",
        "2. Írja be az alkalmazásban most látható kódot.";
    LoginAppCodePrompt =>
        "Code: ",
        "Kód: ";
    LoginEnlarge =>
        "Enlarge the window until the whole square is visible.",
        "Nagyítsa az ablakot, amíg az egész négyzet látszik.";
    LoginStepRevocation =>
        "3. This is your revocation code. Write it on paper or put it in a password\n\
        \x20  manager. Not on the phone: you need it when the phone is gone.",
        "3. Ez a törlőkód. Írja fel papírra, vagy tegye jelszókezelőbe. Ne a telefonra:\n\
        \x20  akkor lesz rá szükség, ha a telefon nincs meg.";
    LoginTimeLeft =>
        "About {duration} left.",
        "Körülbelül {duration} van hátra.";
    LoginTooLate =>
        "Too little time left to finish. Nothing was saved: log in again.\n\
         Delete \"{site} ({user})\" in the app.",
        "Kevés az idő a befejezéshez. Semmi sem lett mentve: lépjen be újra.\n\
         Törölje az alkalmazásból ezt a bejegyzést: „{site} ({user})”";
    LoginNotSetUp =>
        "Not set up; nothing was saved. Delete \"{site} ({user})\" in the app\n\
         and log in again.",
        "Nem sikerült; semmi sem lett mentve. Törölje az alkalmazásból ezt a bejegyzést:\n\
         „{site} ({user})”, és lépjen be újra.";
    /// Where no device can be set up within the login.
    SetUpFirst =>
        "\nYour password is right, but {site} now needs a code\n\
         and you have none yet.\n{ask}\n",
        "\nA jelszó helyes, de ide már kód is kell ({site}),\n\
         és még nincs beállítva.\n{ask}\n";

    // ---- A login: what only the right password and the right code bring up.
    Revoked =>
        "\nRevocation code accepted. Your devices no longer work here.\n\
         To log in again you need a new one.\n{ask}\n",
        "\nTörlőkód elfogadva. Az eszközök itt már nem használhatók.\n\
         A belépéshez új eszközt kell beállítani.\n{ask}\n";
    NoticeWrongCode =>
        "1 wrong code with your correct password on {day},\nfrom {from}.",
        "1 hibás kódot írtak be a helyes jelszóval ({day}),\ninnen: {from}.";
    NoticeWrongCodes =>
        "{count} wrong codes with your correct password since {day},\nlast from {from}.",
        "{count} hibás kódot írtak be a helyes jelszóval {day} óta, utoljára\ninnen: {from}.";
    NoticeReplay =>
        "A used code was typed again with your correct password on {day},\nfrom {from}.",
        "Egy már felhasznált kódot írtak be újra a helyes jelszóval ({day}),\ninnen: {from}.";
    NoticeReplays =>
        "A used code was typed {count} times with your correct password since {day},\n\
         last from {from}.",
        "{count} használt kódot írtak be újra a helyes jelszóval {day} óta, utoljára\n\
         innen: {from}.";
    NoticeWrongPaper =>
        "1 wrong revocation or recovery code with your correct password on {day},\nfrom {from}.",
        "1 hibás törlőkódot vagy pótkódot írtak be a helyes jelszóval ({day}),\ninnen: {from}.";
    NoticeWrongPapers =>
        "{count} wrong revocation or recovery codes with your correct password\n\
         since {day}, last\nfrom {from}.",
        "{count} hibás törlőkódot vagy pótkódot írtak be a helyes jelszóval\n\
         {day} óta, utoljára\ninnen: {from}.";
    NoticeRecovered =>
        "The revocation code was used ({when}),\nfrom {from}.",
        "Felhasználták a törlőkódot ({when}),\ninnen: {from}.";
    NoticeDeviceAdded =>
        "A device was added ({when}):\n{device}",
        "Új eszköz került a fiókhoz ({when}):\n{device}";
    NoticeClockSlow =>
        "The clock of your phone seems to be about {duration} slow.\n\
         Turn on \"set time automatically\" in its settings.",
        "A telefon órája, úgy látszik, késik (körülbelül {duration}).\n\
         Kapcsolja be rajta az automatikus időbeállítást.";
    NoticeClockFast =>
        "The clock of your phone seems to be about {duration} fast.\n\
         Turn on \"set time automatically\" in its settings.",
        "A telefon órája, úgy látszik, siet (körülbelül {duration}).\n\
         Kapcsolja be rajta az automatikus időbeállítást.";
    NoticeNoRevocationCode =>
        "You have no revocation code yet, for when the phone is lost.\n{ask}",
        "Még nincs törlőkódja arra az esetre, ha elveszne a telefon.\n{ask}";
    NotYou =>
        "Not you? Then somebody knows your password.\n{ask}",
        "Nem Ön volt? Akkor valaki ismeri a jelszavát.\n{ask}";
    /// Stands for `{from}` where a login came over no network.
    ThisMachine =>
        "this machine",
        "ez a gép";
    RecoveryAccepted =>
        "Recovery code accepted; {count} left.",
        "Pótkód elfogadva; még {count} maradt.";
    RecoveryAcceptedLast =>
        "Recovery code accepted. It was the last one.",
        "Pótkód elfogadva. Ez volt az utolsó.";
    NoRevocationCode =>
        "You have no revocation code.\nIf the phone is lost, only the administrator can help.",
        "Nincs törlőkódja.\nHa a telefon elvész, csak a rendszergazda segíthet.";

    // ---- kapu enroll, screen 1: password and app.
    EnrollIntro =>
        "Set up an authenticator app for {user} on {site}.\n\
         About two minutes; nothing is saved until the last step. Ctrl-C stops.",
        "Hitelesítő alkalmazás beállítása: {user}, {site}.\n\
         Körülbelül két perc; mentés csak az utolsó lépésben. Megszakítás: Ctrl-C.";
    EnrollIntroReplace =>
        "Set up a new authenticator app for {user} on {site}.\n\
         About two minutes; the old one works until the last step. Ctrl-C stops.",
        "Új hitelesítő alkalmazás beállítása: {user}, {site}.\n\
         Körülbelül két perc; a régi az utolsó lépésig működik. Megszakítás: Ctrl-C.";
    NewPassword =>
        "New password ({min} or more characters): ",
        "Új jelszó (legalább {min} karakter): ";
    Again =>
        "Type it again: ",
        "Még egyszer: ";
    PasswordTooShort =>
        "Too short: at least {min} characters, this has {length}. Several words are fine.",
        "Túl rövid: {length} karakter, de legalább {min} kell. Több szóból is állhat.";
    PasswordTooLong =>
        "Too long: at most {max} characters.",
        "Túl hosszú: legfeljebb {max} karakter lehet.";
    PasswordUnusable =>
        "It holds a character that cannot stand in a password. Choose something else.",
        "Olyan karakter van benne, amely jelszóban nem szerepelhet. Válasszon másikat.";
    PasswordHoldsUser =>
        "Too easy to guess: it holds your user name. Choose something else.",
        "Könnyen kitalálható: benne van a felhasználónév. Válasszon másikat.";
    PasswordHoldsSite =>
        "Too easy to guess: it holds the name of this site. Choose something else.",
        "Könnyen kitalálható: benne van a gép neve. Válasszon másikat.";
    PasswordCommon =>
        "Too easy to guess: it is a common password. Choose something else.",
        "Könnyen kitalálható: gyakori jelszó. Válasszon másikat.";
    PasswordRepeats =>
        "Too easy to guess: it repeats or counts up. Choose something else.",
        "Könnyen kitalálható: ismétlődő vagy egymást követő jelek. Válasszon másikat.";
    PasswordsDiffer =>
        "The two were not the same. Type the new password again.",
        "A két jelszó nem egyezik. Írja be újra az új jelszót.";
    PasswordWrong =>
        "That is not the password of {user}.",
        "Ez nem ennek a fióknak a jelszava: {user}.";
    OpenApp =>
        "Open the app on your phone and press Enter.",
        "Nyissa meg a telefonon az alkalmazást, és nyomjon Entert.";
    NoAppYet =>
        "No app yet? Any of these, free: Aegis, Google Authenticator, Microsoft\n\
         Authenticator, FreeOTP; on a computer: KeePassXC.",
        "Nincs még? Ingyenes: NISZ Hitelesítő, Aegis, Google Authenticator, Microsoft\n\
         Authenticator; számítógépen: KeePassXC.";

    // ---- kapu enroll, screen 2: beside the QR code, at most 33 columns.
    AsideScan =>
        "Scan this with the app.",
        "Olvassa be az alkalmazással.";
    AsideCannotScan =>
        "Cannot scan? Choose \"enter a\nkey\" in the app and type:",
        "Nem tudja beolvasni? Válassza az\nalkalmazásban a „kulcs megadása”\nlehetőséget, és írja be:";
    AsideName =>
        "Name: {site} ({user})",
        "Név: {site} ({user})";
    AsideType =>
        "Type: time-based",
        "Típus: időalapú";
    AsideTypeCounter =>
        "Type: counter-based",
        "Típus: számlálóalapú";
    /// Only where the codes are not the usual ones.
    AsideShape =>
        "{algorithm}, {digits} digits, {period} seconds",
        "{algorithm}, {digits} számjegy, {period} mp";
    AsideShapeCounter =>
        "{algorithm}, {digits} digits",
        "{algorithm}, {digits} számjegy";
    AsideSecret =>
        "The key is a secret: do not\nphotograph, mail or paste it.",
        "A kulcs titok: ne fényképezze le,\nne küldje el, ne másolja sehová.";
    AsideBroken =>
        "QR looks broken? Type\n  i    inverted\n  a    plain letters (ASCII)\n  u    the otpauth:// address",
        "Rosszul látszik? Írja be:\n  i    fordított színek\n  a    egyszerű karakterek\n  u    otpauth:// cím";
    /// Where the window is too small for the QR code beside the words.
    QrOnRequest =>
        "For the QR code enlarge the window and type q.",
        "A QR-kódhoz nagyítsa meg az ablakot, és írja be: q";
    AppCodePrompt =>
        "Code the app shows now: ",
        "Az alkalmazásban most látható kód: ";

    // ---- kapu enroll: the confirming code was not right.
    ConfirmWrong =>
        "That is not the code of this key. Wait for the next one and type it.",
        "Ez nem ennek a kulcsnak a kódja. Várja meg a következőt, és azt írja be.";
    ConfirmWrongCounter =>
        "That is not the code of this key. Have the next one shown and type it.",
        "Ez nem ennek a kulcsnak a kódja. Kérje a következőt, és azt írja be.";
    ClockSlow =>
        "Right key, but the phone's clock is about {duration} slow. Turn on\n\
         automatic time in the phone's settings, then type a new code.",
        "A kulcs jó, de a telefon órája körülbelül {duration}et késik. Kapcsolja be\n\
         a telefonon az automatikus időbeállítást, majd írjon be egy új kódot.";
    ClockFast =>
        "Right key, but the phone's clock is about {duration} fast. Turn on\n\
         automatic time in the phone's settings, then type a new code.",
        "A kulcs jó, de a telefon órája körülbelül {duration}et siet. Kapcsolja be\n\
         a telefonon az automatikus időbeállítást, majd írjon be egy új kódot.";
    AppIgnoresAlgorithm =>
        "This app ignores the setting {algorithm}. Use another app.",
        "Ez az alkalmazás nem ismeri ezt a beállítást: {algorithm}. Használjon másikat.";
    ConfirmNotACode =>
        "A code has {digits} digits. Type it without the name of the account.",
        "A kód {digits} számjegyből áll. Csak a számjegyeket írja be.";
    NotSetUp =>
        "Not set up; nothing was saved. Delete \"{site} ({user})\"\n\
         in the app and start again: kapu enroll",
        "Nem sikerült; semmi sem lett mentve. Törölje az alkalmazásból ezt a bejegyzést:\n\
         „{site} ({user})”, majd kezdje újra: kapu enroll";

    // ---- kapu enroll, screen 3: the revocation code. The code stands between the two.
    CodeRight =>
        "The code is right.",
        "A kód helyes.";
    RevocationIntro =>
        "This is your revocation code. Write it on paper or put it in a password\n\
         manager. Not on the phone: you need it when the phone is gone.",
        "Ez a törlőkód. Írja fel papírra, vagy tegye jelszókezelőbe. Ne a telefonra:\n\
         akkor lesz rá szükség, ha a telefon nincs meg.";
    GroupPrompt =>
        "Saved it? Type its {asked} group (or all of it): ",
        "Feljegyezte? Írja be {asked} csoportját (vagy az egészet): ";
    GroupOther =>
        "That is the {typed} group. Type the {asked}: ",
        "Ez {typed} csoport. Írja be {asked} csoportot: ";
    GroupWrong =>
        "That is not in the code. Type its {asked} group: ",
        "Ez nincs benne a kódban. Írja be {asked} csoportját: ";
    GroupFirst => "first", "az első";
    GroupSecond => "second", "a második";
    GroupThird => "third", "a harmadik";
    GroupFourth => "fourth", "a negyedik";
    GroupFifth => "fifth", "az ötödik";
    Done =>
        "Done. From now on {site} asks for your password and a code.",
        "Kész. Mostantól jelszóval és kóddal lehet belépni ide: {site}.";
    DoneReplaced =>
        "The devices you had before no longer work here.",
        "A korábbi eszközök itt már nem használhatók.";
    DonePhoneLost =>
        "Phone lost? Log in with the revocation code in place of the code.",
        "Elveszett a telefon? Belépéskor a kód helyére írja a törlőkódot.";

    // ---- kapu enroll: recovery codes.
    RecoveryQuestion =>
        "{count} recovery codes to print, for days without the phone? [y/N] ",
        "Kér {count} nyomtatható pótkódot arra az esetre, ha nincs kéznél a telefon? [i/N] ";
    RecoveryPage =>
        "Recovery codes of {user} for {site}.\n\
         Each works once, in place of the code. Keep them away from the phone.",
        "Pótkódok: {user}, {site}.\n\
         Mindegyik egyszer használható a kód helyett. Ne a telefonnal együtt tartsa.";
    RecoverySaved =>
        "Press Enter when you have saved them: the screen is cleared. ",
        "Ha elmentette, nyomjon Entert: a képernyő törlődik. ";

    // ---- kapu enroll: how else it may end.
    Stopped =>
        "Stopped. Nothing was saved. If you added \"{site} ({user})\"\n\
         to the app, delete it there.",
        "Megszakítva. Semmi sem lett mentve. Ha már felvette az alkalmazásba ezt a\n\
         bejegyzést: „{site} ({user})”, törölje onnan.";
    AlreadyEnrolled =>
        "{user} is already enrolled ({device}, since {date}).\n\
         A second device: kapu device add. A new phone: kapu enroll --replace",
        "{user} már be van állítva ({device}, {date} óta).\n\
         Második eszköz: kapu device add. Új telefon: kapu enroll --replace";
    Changed =>
        "The account was changed meanwhile. Nothing was saved: start again.",
        "A fiók közben megváltozott. Semmi sem lett mentve: kezdje újra.";
    NoTerminal =>
        "kapu enroll asks questions and needs a terminal.\n\
         For scripts: kapu enroll --from FILE",
        "A kapu enroll kérdez, ezért terminál kell hozzá.\n\
         Szkriptekhez: kapu enroll --from FÁJL";
    NoPasswordYet =>
        "{user} has no password here yet: leave out --code-only.",
        "{user} itt még nem kapott jelszót: hagyja el ezt: --code-only";

    // ---- Any command.
    NoSuchAccount =>
        "No account \"{user}\" on this host.\nCreate it first, or check the spelling.",
        "Nincs ilyen fiók ezen a gépen: „{user}”.\nHozza létre, vagy ellenőrizze a nevet.";
    NotEnrolled =>
        "{user} is not enrolled on {site}. Set up: kapu enroll",
        "{user} még nincs beállítva ({site}). Beállítás: kapu enroll";
    Young =>
        "{user} was set up on {site} with the password alone, and lately.\n\
         No device is added and no revocation code renewed until {date}.\n\
         Was it somebody else? The administrator ends it:\n\
         kapu revoke {user} --force",
        "{user} beállítása itt csak jelszóval történt, nem régen ({site}).\n\
         Eddig nem kap új eszközt, sem új törlőkódot: {date}\n\
         Más állította be? A rendszergazda véget vet neki:\n\
         kapu revoke {user} --force";
    DevicesClosed =>
        "The devices of {user} do not work on {site} at present.\n\
         Why: kapu status",
        "{user} eszközei itt jelenleg nem használhatók ({site}).\n\
         Az oka: kapu status";
    OnlyOwner =>
        "Only {owner} can do this here.\n{ask}",
        "Ezt itt csak ez a felhasználó teheti meg: {owner}.\n{ask}";

    // ---- kapu revoke, kapu unlock, kapu key.
    RevokeIntro =>
        "This revokes every device of {user} on {site}: {devices}",
        "Az összes eszköz visszavonása ({user}, {site}): {devices}";
    RevokeQuestion =>
        "Revoke every device of {user} on {site}? [y/N] ",
        "Visszavonja az összes eszközt? ({user}, {site}) [i/N] ";
    RevocationCodePrompt =>
        "Revocation code: ",
        "Törlőkód: ";
    RevokeRefused =>
        "The password or the revocation code is not correct. Nothing was changed.",
        "A jelszó vagy a törlőkód nem megfelelő. Semmi sem változott.";
    RevokeDone =>
        "Done. These devices no longer work on {site}: {devices}",
        "Kész. Ezek az eszközök itt már nem használhatók ({site}): {devices}";
    RevokeKeepCode =>
        "Keep the revocation code until a new device is set up: then you get a new one.",
        "A törlőkódot őrizze meg, amíg az új eszköz nincs kész: akkor újat kap.";
    RevokeTakenBack =>
        "It was set up with the password alone: its revocation code is void too.\n\
         The way in is an invitation: kapu invite {user}",
        "A beállítása csak jelszóval történt: a törlőkódja sem jó többé.\n\
         Belépni meghívókóddal lehet: kapu invite {user}";
    RevokeNoTerminal =>
        "kapu revoke asks questions and needs a terminal.\n\
         For scripts of the administrator: kapu revoke USER --force --yes",
        "A kapu revoke kérdez, ezért terminál kell hozzá.\n\
         A rendszergazda szkriptjeihez: kapu revoke NÉV --force --yes";
    RevokeElsewhere =>
        "Passwords are not checked here, so a revocation code alone revokes nothing.\n\
         The administrator can: kapu revoke --force",
        "Itt nincs jelszóellenőrzés, így a törlőkód önmagában nem von vissza semmit.\n\
         A rendszergazda megteheti: kapu revoke --force";
    RevokeNothing =>
        "{user} has no device on {site}: nothing to revoke.",
        "{user} itt nem használ eszközt ({site}): nincs mit visszavonni.";
    UnlockDone =>
        "{user} can log in again on {site}.",
        "{user} újra beléphet ide: {site}.";
    UnlockNothing =>
        "{user} is not locked out: nothing to do.",
        "{user} nincs kizárva: nincs teendő.";
    PlacesForgotten =>
        "{user} needs a code from everywhere again on {site}.",
        "{user} mindenhonnan kóddal léphet be újra ide: {site}.";
    PlacesNone =>
        "{user} has no remembered place: nothing to do.",
        "{user} fiókjának nincs megjegyzett helye: nincs teendő.";
    KeyMade =>
        "Made the host key: {path}",
        "Elkészült a gép kulcsa: {path}";
    KeyThere =>
        "The host key is there already: {path}",
        "A gép kulcsa már megvan: {path}";

    // ---- kapu invite.
    InviteDone =>
        "Invitation for {user} on {site}, good once until {when}:",
        "Meghívókód ({user}, {site}), egyszer használható.\n\
         Érvényes eddig: {when}";
    InviteHowTo =>
        "Give it in person or by phone. It is typed at the question for the\n\
         password, and Enter at the one for the code.\n\
         Withdraw it: kapu invite {user} --cancel",
        "Személyesen vagy telefonon adja át. A jelszó helyére kell írni,\n\
         a kód helyén pedig Entert nyomni.\n\
         Visszavonás: kapu invite {user} --cancel";
    InviteEnrolled =>
        "{user} is enrolled already. kapu invite {user} --replace\n\
         makes an invitation that ends the present devices when it is used.",
        "{user} már be van állítva. Olyan meghívókód, amely felhasználásakor\n\
         leváltja a mostani eszközöket: kapu invite {user} --replace";
    InviteLocked =>
        "{user} is locked out of {site}. First: kapu unlock {user}",
        "{user} zárolva van: {site}. Előbb: kapu unlock {user}";
    InviteElsewhere =>
        "Here kapu asks for no password ([login] password = \"elsewhere\"),\n\
         so there is no question that an invitation could answer.",
        "Itt a kapu nem kér jelszót ([login] password = \"elsewhere\"),\n\
         így nincs kérdés, amelyre a meghívókód válaszolhatna.";
    InviteNoDialog =>
        "Here nobody sets up a device within a login ([enroll] at-login = false),\n\
         so an invitation would open nothing. Use kapu enroll USER.",
        "Itt belépéskor nem lehet eszközt beállítani ([enroll] at-login = false),\n\
         így a meghívókód semmit sem nyitna meg. Helyette: kapu enroll USER";
    InviteWithdrawn =>
        "The invitation of {user} on {site} is withdrawn.",
        "A meghívókód visszavonva ({user}, {site}).";
    InviteNone =>
        "{user} has no invitation on {site}.",
        "Nincs meghívókódja itt ({site}): {user}";
    InviteNobody =>
        "Nobody is left to invite.",
        "Nincs több meghívandó fiók.";

    // ---- kapu token, kapu recovery-codes, kapu revocation-code.
    TokenRemoved =>
        "{device} of {user} works no more on {site}.",
        "Az eszköz itt már nem használható: {device} ({user}, {site})";
    TokenRenamed =>
        "The device of {user} is now called {device}.",
        "Az eszköz új neve ({user}): {device}";
    TokenNoSuch =>
        "{user} has no device {device} on {site}.\n\
         Look: kapu status {user}",
        "Nincs ilyen eszköz: {device} ({user}, {site}).\n\
         Lista: kapu status {user}";
    TokenLast =>
        "{device} is the only device of {user}. A new one in its place:\n\
         kapu enroll {user} --replace. The phone is gone: kapu revoke {user}",
        "Ez az egyetlen eszköz: {device} ({user}). Új eszköz helyette:\n\
         kapu enroll {user} --replace. Elveszett: kapu revoke {user}";
    TokenTaken =>
        "{user} has a device called {device} already.",
        "Ilyen nevű eszköz már van ({user}): {device}";
    TokenTooMany =>
        "{user} has as many devices as there may be ({max}).\n\
         Take one away first: kapu device remove NAME",
        "Több eszköz nem lehet ({user}): {max}.\n\
         Előbb vegyen el egyet: kapu device remove NÉV";
    TokenElsewhere =>
        "Here kapu asks for no password ([login] password = \"elsewhere\"),\n\
         so nobody could prove who they are. Use kapu enroll --replace.",
        "Itt a kapu nem kér jelszót ([login] password = \"elsewhere\"),\n\
         így senki sem igazolhatná magát. Helyette: kapu enroll --replace";
    TokenNoTerminal =>
        "kapu device add asks questions and needs a terminal.",
        "A kapu device add kérdez, ezért terminál kell hozzá.";
    RevocationPage =>
        "New revocation code of {user} for {site}. The old one is void.\n\
         Not on the phone: it is needed when the phone is gone.",
        "Új törlőkód: {user}, {site}. A korábbi már nem jó.\n\
         Ne a telefonra: akkor lesz rá szükség, ha a telefon nincs meg.";
    RecoveryNone =>
        "{site} gives no recovery codes ([enroll] recovery-codes = 0).",
        "Itt nincsenek pótkódok: {site} ([enroll] recovery-codes = 0).";

    // ---- kapu lock, kapu unlock --clock, kapu remove.
    LockDone =>
        "{user} is locked out of {site}. Sessions that are open go on.\n\
         Undo: kapu unlock {user}",
        "{user} zárolva: {site}. A futó munkamenetek folytatódnak.\n\
         Feloldás: kapu unlock {user}";
    LockAlready =>
        "{user} is locked already.",
        "{user} már zárolva van.";
    LockNothing =>
        "{user} is not set up on {site}: there is nothing to lock.\n\
         To lock the whole account: usermod --expiredate 1 {user}",
        "{user} itt nincs beállítva ({site}): nincs mit zárolni.\n\
         A teljes fiók zárolása: usermod --expiredate 1 {user}";
    ClockDevices =>
        "From their next code on these devices of {user} work again: {devices}",
        "A következő kódtól kezdve újra használhatók ({user}): {devices}";
    ClockTimes =>
        "Waits and dates of {user} that lay in the future are set to the present.",
        "A jövőbe eső várakozások és időpontok a jelenre állítva ({user}).";
    ClockNothing =>
        "Nothing of {user} lies in the future: nothing to do.",
        "{user} adataiban semmi sem esik a jövőbe: nincs teendő.";
    RemoveQuestion =>
        "Erase password and devices of {user} on {site}? [y/N] ",
        "Törli a jelszót és az eszközöket? ({user}, {site}) [i/N] ";
    ForgetQuestion =>
        "Erase all that is known of {user} on {site}? [y/N] ",
        "Töröl mindent, ami ismert? ({user}, {site}) [i/N] ";
    RemoveDone =>
        "{user} is removed from {site}. Sessions that are open go on.\n\
         Set up anew: kapu enroll {user}",
        "{user} eltávolítva: {site}. A futó munkamenetek folytatódnak.\n\
         Új beállítás: kapu enroll {user}";
    RemoveAlready =>
        "{user} is removed already.\n\
         Erase the last trace too: kapu remove --forget {user}",
        "{user} már el van távolítva.\n\
         Teljes törlés: kapu remove --forget {user}";
    RemoveNothing =>
        "Nothing is known of {user} on {site}: nothing to remove.",
        "{user} itt ismeretlen ({site}): nincs mit eltávolítani.";
    ForgetDone =>
        "All that was known of {user} on {site} is erased.",
        "{user} minden adata törölve: {site}.";
    RemoveNoTerminal =>
        "kapu remove asks a question and needs a terminal.\n\
         For scripts: kapu remove USER --yes",
        "A kapu remove kérdez, ezért terminál kell hozzá.\n\
         Szkriptekhez: kapu remove NÉV --yes";

    // ---- kapu passwd, kapu adopt, kapu key rotate.
    PasswdIntro =>
        "A new password for {user} on {site}.",
        "Új jelszó: {user}, {site}.";
    PasswordExpired =>
        "Your password for {site} has expired: choose a new one now.",
        "A jelszava lejárt ({site}): válasszon most újat.";
    CurrentPassword =>
        "Current password: ",
        "Jelenlegi jelszó: ";
    PasswordSame =>
        "That is the present password. Choose another one.",
        "Ez a jelenlegi jelszó. Válasszon másikat.";
    PasswdExpires =>
        "{user} must choose a new password for {site} at the next login.",
        "{user} a következő belépéskor új jelszót választ ({site}).";
    PasswdNone =>
        "{user} has no kapu password on {site}.",
        "{user} itt nem használ kapu-jelszót ({site}).";
    PasswdDone =>
        "Done. {user} has a new password on {site}.",
        "Kész. Az új jelszó érvényes: {user}, {site}.";
    PasswdNoDevice =>
        "There is no device yet. Set one up: kapu enroll {user}",
        "Eszköz még nincs. Beállítás: kapu enroll {user}";
    PasswdRemoved =>
        "{user} was removed from {site}.\n\
         Set up anew: kapu enroll {user}",
        "{user} el lett távolítva innen: {site}.\n\
         Új beállítás: kapu enroll {user}";
    PasswdNotOurs =>
        "On {site} the password is not kapu's.\n\
         The system's own: passwd {user}",
        "A jelszót itt nem a kapu kezeli ({site}).\n\
         A rendszeré: passwd {user}";
    PasswdStopped =>
        "Stopped. The password was not changed.",
        "Megszakítva. A jelszó nem változott.";
    PasswdNoTerminal =>
        "kapu passwd asks questions and needs a terminal.\n\
         For scripts: kapu passwd USER --from FILE",
        "A kapu passwd kérdez, ezért terminál kell hozzá.\n\
         Szkriptekhez: kapu passwd NÉV --from FÁJL";
    AdoptDone =>
        "{user}: codes up to now are used up. Recovery codes made void: {count}",
        "{user}: az eddigi kódok már nem jók. Érvénytelenített pótkódok: {count}";
    /// Counter-based devices: nobody knows how many codes they have shown since.
    AdoptCounter =>
        "{user}: counter-based devices: {count}. Their next {codes} codes are used up, too:\n\
         have that many shown before the next login.",
        "{user}: számlálóalapú eszközök: {count}. A következő {codes} kódjuk sem jó már:\n\
         a következő belépés előtt ennyit kell kérni az eszköztől.";
    AdoptNothing =>
        "{user} has no password or device on {site}: nothing to adopt.",
        "{user} itt nem használ jelszót vagy eszközt ({site}): nincs teendő.";
    KeyProgress =>
        "Sealed anew: {left} of {count}",
        "Újratitkosítva: {left}/{count}";
    KeyRotated =>
        "There is a new host key: {path}\n\
         Accounts sealed with it: {count}. Make a new backup of the key and the accounts.",
        "Új kulcsa van a gépnek: {path}\n\
         Újratitkosított fiókok: {count}. Készítsen új mentést a kulcsról és a fiókokról.";

    // ---- kapu list.
    ListUser => "USER", "NÉV";
    ListCode => "CODE", "KÓD";
    ListDevices => "DEVICES", "ESZKÖZ";
    ListLastLogin => "LAST LOGIN", "UTOLSÓ BELÉPÉS";
    ListNote => "NOTE", "MEGJEGYZÉS";
    CodeRequired => "required", "kell";
    CodeExempt => "exempt", "mentes";
    CodeFrom => "from {day}", "ettől: {day}";
    NoteUnenrolled => "not enrolled", "nincs beállítva";
    NoteInvited => "invited", "meghívva";
    NoteInvitedUntil => "invited until {date}", "meghívva eddig: {date}";
    NoteYoung => "set up with the password alone", "csak jelszóval állították be";
    NoteRevoked => "devices revoked, no new one", "visszavonva, új eszköz nincs";
    NoteDisabled => "off: too many wrong codes", "kikapcsolva: túl sok hibás kód";
    NoteLocked => "locked", "zárolva";
    NoteRemoved => "removed", "eltávolítva";
    NoteUnreadable => "cannot be read", "nem olvasható";
    NoteGone => "no such account on this host", "nincs ilyen fiók ezen a gépen";
    NoteOtherUid => "set up for another uid", "más uid-hez van beállítva";
    ListSummary =>
        "Enrolled: {left} of {count}.",
        "Beállítva: {left}/{count}.";
    ListEmpty =>
        "Nobody is enrolled yet. Start: kapu enroll USER",
        "Még senki sincs beállítva. Az első: kapu enroll NÉV";
    ListNoYoung =>
        "Nobody was set up with the password alone lately.",
        "Mostanában senkit sem állítottak be csak jelszóval.";
    ListAllEnrolled =>
        "Everybody who can log in here is enrolled.",
        "Aki itt beléphet, az már be van állítva.";

    // ---- kapu status: headline.
    StatusLive =>
        "{user} on {site}: password and code",
        "{user}, {site}: jelszó és kód";
    StatusNever =>
        "{user} on {site}: not set up yet. Set up: kapu enroll",
        "{user}, {site}: még nincs beállítva. Beállítás: kapu enroll";
    StatusNotYet =>
        "{user} on {site}: password only. Days left: {days}\n\
         A code is needed from: {date}\n\
         Set up: kapu enroll, or + in place of the code at a login",
        "{user}, {site}: csak jelszó. Hátralévő napok: {days}\n\
         Kód kell ettől a naptól: {date}\n\
         Beállítás: kapu enroll, vagy belépéskor a kód helyére: +";
    StatusExempt =>
        "{user} on {site}: password only, by a rule of the configuration",
        "{user}, {site}: csak jelszó, a beállítások egyik szabálya szerint";
    StatusInvited =>
        "{user} on {site}: invited, not set up yet",
        "{user}, {site}: meghívva, még nincs beállítva";
    StatusRevoked =>
        "{user} on {site}: devices revoked {when}, no new one yet",
        "{user}, {site}: visszavonva ({when}), új még nincs";
    StatusDisabled =>
        "{user} on {site}: switched off after too many wrong codes",
        "{user}, {site}: kikapcsolva túl sok hibás kód miatt";
    StatusDisabledAdvice =>
        "Recovery codes still work. Switch on again, as root: kapu unlock {user}",
        "A pótkódok továbbra is jók. Visszakapcsolás (root): kapu unlock {user}";
    StatusLocked =>
        "{user} on {site}: locked by the administrator",
        "{user}, {site}: a rendszergazda zárolta";
    StatusRemoved =>
        "{user} on {site}: removed by the administrator",
        "{user}, {site}: a rendszergazda eltávolította";

    // ---- kapu status: the left column, and what stands beside it.
    LabelDevices => "devices", "eszközök";
    LabelRecovery => "recovery codes", "pótkódok";
    LabelRevocation => "revocation code", "törlőkód";
    LabelWrongCodes => "wrong codes", "hibás kódok";
    LabelPlaces => "Enter is enough", "elég az Enter";
    PlaceUntil => "{place},\nuntil {when}", "{place},\neddig: {when}";
    LabelPassword => "password", "jelszó";
    NoneOfThem => "none", "nincs";
    DeviceSince => "since {date}", "{date} óta";
    DeviceLastUsed => "last used {when}", "utoljára {when}";
    DeviceNeverUsed => "never used", "még nem használta";
    DeviceCounter => "counter-based", "számlálóalapú";
    DeviceSwitchedOff => "switched off", "kikapcsolva";
    RecoveryLeft => "{left} of {count} left", "{count} közül {left} maradt";
    RevocationSaved => "saved {date}", "mentve: {date}";
    WrongCodesNone =>
        "none since your last login",
        "a legutóbbi belépés óta nincs";
    /// The line end is where it may be broken.
    WrongCodesSome =>
        "{count}, last {when}\nfrom {from}",
        "{count}, utoljára {when},\ninnen: {from}";
    NextTry => "next try from {when}", "újra próbálható: {when}";
    PasswordChangedExpired =>
        "changed {date},\na new one at the next login",
        "megváltoztatva: {date},\na következő belépéskor új kell";
    PasswordChanged => "changed {date}", "megváltoztatva: {date}";

    // ---- kapu check: all but the findings themselves.
    CheckConfig => "config ok", "beállítások rendben";
    CheckDefaults =>
        "no config file, so the defaults",
        "beállítófájl nincs, így az alapértékek";
    CheckStore =>
        "store ok, records: {count}",
        "tároló rendben, bejegyzések: {count}";
    GravityDanger => "DANGER", "VESZÉLY";
    GravityLockout => "LOCKOUT", "KIZÁRÁS";
    GravityLeak => "LEAK", "SZIVÁROG";
    GravityNote => "NOTE", "TANÁCS";
    LabelWhere => "where", "hol";
    LabelWhy => "why", "miért";
    LabelFix => "fix", "teendő";
    CheckNone => "No findings.", "Nincs találat.";
    CheckOne => "1 finding: {list}.", "1 találat: {list}.";
    CheckSome => "{count} findings: {list}.", "{count} találat: {list}.";
    CheckNotOwner =>
        "Skipped: {list}. Run as {owner} for these.",
        "Kimaradt: {list}. Ehhez futtassa így: {owner}";
    CheckMendFirst =>
        "Skipped: {list}. Mend the above first.",
        "Kimaradt: {list}. Előbb a fentieket javítsa ki.";
    CheckNoAnswer =>
        "Skipped: {list}. The account database does not answer.",
        "Kimaradt: {list}. A fiókok adatbázisa nem válaszol.";
    PartRules => "rules", "szabályok";
    PartNames => "names in rules", "nevek a szabályokban";
    PartStore => "store", "tároló";
    PartHostKey => "host key", "a gép kulcsa";
    PartQueue => "queue", "várakozási sor";
    PartRecords => "records", "bejegyzések";
    PartAccounts => "accounts of the host", "a gép fiókjai";
    /// The fix of a file for which no command can be named.
    CheckMendIt =>
        "Mend what is said beside \"where\".",
        "Javítsa ki, ami a „hol” mellett áll.";
    CheckFromBackup =>
        "Put it back from the backup.",
        "Tegye vissza a mentésből.";

    // ---- Words for time.
    Today => "today {time}", "ma {time}";
    Second => "1 second", "1 másodperc";
    Seconds => "{count} seconds", "{count} másodperc";
    Minute => "1 minute", "1 perc";
    Minutes => "{count} minutes", "{count} perc";
}
