//! What `kapu check` may find: one row a finding, in three paragraphs: what is wrong, why that
//! matters, what to do.
//!
//! Besides the rules of `table.rs`: at most 67 columns a line, since the words stand beside labels.
//! What the administrator will type or look for (keys, commands, days as the file writes them) is
//! the same in both languages.

messages! {
    /// What may be found. In JSON each is known by its name, in kebab-case.
    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    Topic:

    // ---- The files.
    ConfigUnusable =>
        "Every login is refused: the configuration cannot be used.\n\n\
         What is not understood, or could be written by others, is refused\n\
         whole: no setting may silently do nothing.\n\n\
         {fix}",
        "Minden belépés sikertelen: a beállítófájl nem használható.\n\n\
         Ami nem érthető vagy mások is írhatják, az egészében elutasításra\n\
         kerül: egyetlen beállítás sem maradhat szó nélkül hatástalan.\n\n\
         {fix}";
    StoreUnusable =>
        "Every login is refused: the store of accounts cannot be used.\n\n\
         It must be there, and nobody but its owner may read or change it.\n\n\
         {fix}",
        "Minden belépés sikertelen: a fiókok tárolója nem használható.\n\n\
         Léteznie kell, és csak a tulajdonosa olvashatja és írhatja.\n\n\
         {fix}";
    HostKeyUnusable =>
        "Every login is refused: the host key cannot be used.\n\n\
         It seals all that is stored, and nobody but its owner may read it.\n\n\
         {fix}",
        "Minden belépés sikertelen: a gép kulcsa nem használható.\n\n\
         Ez titkosít mindent, ami a tárolóban van, és csak a tulajdonosa\n\
         olvashatja.\n\n\
         {fix}";
    QueueUnusable =>
        "Every login is refused: the queue for passwords cannot be used.\n\n\
         Without it nobody may check a password: it keeps a flood of logins\n\
         from taking all memory.\n\n\
         {fix}",
        "Minden belépés sikertelen: a jelszavak várakozási sora nem\n\
         használható.\n\n\
         Enélkül nincs jelszóellenőrzés: ez akadályozza meg, hogy sok\n\
         belépés minden memóriát elvegyen.\n\n\
         {fix}";
    RecordsUnreadable =>
        "These people are refused, their records cannot be read: {count}\n\n\
         What cannot be read is never taken for an account without a device.\n\
         kapu list tells each of them.\n\n\
         Put back from the backup what is named above, record or host key.\n\
         Where there is none: kapu remove --forget USER",
        "Ők nem léphetnek be, mert a bejegyzésük nem olvasható: {count}\n\n\
         Ami nem olvasható, az nem számít eszköz nélküli fióknak.\n\
         Mindet felsorolja: kapu list\n\n\
         Tegye vissza a mentésből, amiről fent szó van: bejegyzést vagy\n\
         kulcsot. Ha nincs mentés: kapu remove --forget NÉV";
    HostKeyInStore =>
        "Whoever copies the store has its key.\n\n\
         The host key makes a copy of the accounts worthless, such as a\n\
         backup. It must not lie among them.\n\n\
         Move it, and say where it is: [store] host-key",
        "Aki lemásolja a tárolót, annak a kulcsa is megvan.\n\n\
         A kulcs teszi értéktelenné a fiókok másolatát, például a mentést.\n\
         Nem állhat közöttük.\n\n\
         Helyezze át, és adja meg az új helyét: [store] host-key";
    HostKeysSeveral =>
        "The host key has keys besides the one that seals: {count}\n\n\
         A rotation was broken off, or the key of a backup was added. What\n\
         they sealed opens to whoever knows them.\n\n\
         kapu key rotate",
        "A titkosító kulcs mellett más kulcsok is vannak a fájlban: {count}\n\n\
         Félbemaradt egy csere, vagy egy mentés kulcsa került bele. Amit\n\
         ezek titkosítottak, azt megnyitja, aki ismeri őket.\n\n\
         kapu key rotate";
    ClockBehind =>
        "The clock is wrong: it is earlier than the configuration.\n\n\
         Codes depend on it; and until it is right nobody without a device\n\
         gets in or sets one up, whatever day the configuration names.\n\n\
         Set the clock. If it is right: touch the file",
        "Rosszul jár az óra: a beállítófájl későbbi nála.\n\n\
         A kódok az órától függnek; és amíg nem jó, senki sem léphet be\n\
         eszköz nélkül és nem is állíthat be, bármilyen nap szerepel itt.\n\n\
         Állítsa be az órát. Ha jól jár, a fájlra: touch";

    // ---- Rules that never decide.
    RuleCoveredByLess =>
        "This rule never decides, and would ask for more.\n\n\
         Each login that it is about is decided before:\n\
         {others}\n\n\
         Put it before them, or take it out.",
        "Ez a szabály sosem dönt, pedig többet kérne.\n\n\
         Minden belépésről, amelyről szól, már előbb döntés születik:\n\
         {others}\n\n\
         Tegye eléjük, vagy törölje.";
    RuleCoveredByMore =>
        "This rule never decides, and would ask for less.\n\n\
         Each login that it is about is decided before:\n\
         {others}\n\n\
         Put it before them, or take it out.",
        "Ez a szabály sosem dönt, pedig kevesebbet kérne.\n\n\
         Minden belépésről, amelyről szól, már előbb döntés születik:\n\
         {others}\n\n\
         Tegye eléjük, vagy törölje.";
    RuleCoveredBySame =>
        "This rule never decides.\n\n\
         Each login that it is about is decided before, and today to the\n\
         same end:\n\
         {others}\n\n\
         Take it out, or put it before them.",
        "Ez a szabály sosem dönt.\n\n\
         Minden belépésről, amelyről szól, már előbb döntés születik, ma\n\
         ugyanúgy:\n\
         {others}\n\n\
         Törölje, vagy tegye eléjük.";
    RuleAboutNobody =>
        "This rule is about nobody.\n\n\
         It has users and groups, so it is about users who are in one of\n\
         the groups, and none of these is.\n\n\
         Make two rules of it, one with the users and one with the groups.",
        "Ez a szabály senkiről sem szól.\n\n\
         Felhasználók és csoportok is vannak benne, így azokról szól, akik\n\
         valamelyik csoport tagjai; de egyikük sem az.\n\n\
         Legyen két szabály: egy a felhasználókkal, egy a csoportokkal.";

    // ---- Rules that reach further than people think.
    ExemptsEverybody =>
        "No code is needed over ssh: this rule exempts everybody.\n\n\
         It names no users and no groups, nor a network that leaves anybody\n\
         out. Only a rule before it can ask for a code.\n\n\
         Name users or groups in it, or take it out.",
        "Az ssh-belépéshez nem kell kód: ez a szabály mindenkit mentesít.\n\n\
         Nem nevez meg sem felhasználót, sem csoportot, sem olyan hálózatot,\n\
         amelyből bárki kimaradna. Kódot csak egy korábbi szabály kérhet.\n\n\
         Nevezzen meg benne felhasználókat vagy csoportokat, vagy törölje.";
    ExemptsRoot =>
        "No code is asked of root over ssh.\n\n\
         Where sshd lets root in at all, it is the name that every guesser\n\
         tries.\n\n\
         Name the services in which it is meant: services = [\"login\"]",
        "A root ssh-belépéséhez nem kell kód.\n\n\
         Ha az sshd beengedi, ez az a név, amelyet minden próbálkozó ismer.\n\n\
         Nevezze meg a szolgáltatást, amelyre gondolt: services = [\"login\"]";

    // ---- Names in rules that this host does not know.
    GroupExemptsNobody =>
        "No group of this host is called {group}.\n\n\
         What cannot be known never exempts: who is meant by it needs a\n\
         code.\n\n\
         Mend the name, or make the group.",
        "Ezen a gépen nincs ilyen csoport: {group}\n\n\
         Ami nem tudható, az nem mentesít: akikre gondolt, azoknak kód kell.\n\n\
         Javítsa ki a nevet, vagy hozza létre a csoportot.";
    GroupHoldsEverybody =>
        "No group of this host is called {group}.\n\n\
         What cannot be known counts as required: this rule takes everybody\n\
         for a member.\n\n\
         Mend the name, or make the group.",
        "Ezen a gépen nincs ilyen csoport: {group}\n\n\
         Ami nem tudható, az megköveteltnek számít: ez a szabály mindenkit\n\
         tagnak vesz.\n\n\
         Javítsa ki a nevet, vagy hozza létre a csoportot.";
    GroupUntilDay =>
        "No group of this host is called {group}.\n\n\
         Until {day} this rule takes nobody for a member, and from that day\n\
         on everybody.\n\n\
         Mend the name, or make the group.",
        "Ezen a gépen nincs ilyen csoport: {group}\n\n\
         E nap előtt ez a szabály senkit sem vesz tagnak, onnantól pedig\n\
         mindenkit: {day}\n\n\
         Javítsa ki a nevet, vagy hozza létre a csoportot.";
    UserUnknown =>
        "No account of this host is called {user}.\n\n\
         This rule says nothing of who is meant by it.\n\n\
         Mend the name, or take it out.",
        "Ezen a gépen nincs ilyen fiók: {user}\n\n\
         Ez a szabály semmit sem mond arról, akire gondolt.\n\n\
         Javítsa ki a nevet, vagy törölje.";
    UserOtherwiseCalled =>
        "The account {user} is called {name} by this host.\n\n\
         Rules compare the name that the host gives: this one says nothing\n\
         of it.\n\n\
         Write it so: {name}",
        "A gép ezt a fiókot ({user}) így hívja: {name}\n\n\
         A szabályok a gép szerinti nevet hasonlítják: ez a szabály nem\n\
         szól róla.\n\n\
         Írja így: {name}";

    // ---- The roll-out.
    DayFarAway =>
        "The day from which a code is required is more than a year away.\n\n\
         Until {day} the password alone lets in who has no device.\n\n\
         Is the year right? Then leave it.",
        "Több mint egy év van addig a napig, amelytől kód kell.\n\n\
         Akinek nincs eszköze, addig egyedül jelszóval lép be: {day}\n\n\
         Jó az évszám? Akkor maradhat.";
    NoSetUp =>
        "From {day} a code is required, and nobody can set it up over ssh.\n\n\
         Who has no device then is refused; + and invitations open nothing.\n\n\
         at-login = true, and sshd's service in services; or enroll\n\
         everybody before that day: kapu enroll USER",
        "Ettől a naptól kód kell, de ssh-n nem lehet beállítani: {day}\n\n\
         Akinek akkor nincs eszköze, nem léphet be; a + és a meghívókód sem\n\
         nyit meg semmit.\n\n\
         at-login = true, és az sshd szolgáltatása a services listában; vagy\n\
         állítson be addig mindenkit: kapu enroll NÉV";
    SetUpEndsTooEarly =>
        "On the first day of codes the password opens no set-up any more.\n\n\
         From {day} who has no device is refused, and needs an invitation\n\
         or an ssh key.\n\n\
         A later enroll-until; or none: then 30 days are left to set up.",
        "A kódok első napján a jelszó már nem nyitja meg a beállítást.\n\n\
         Akinek nincs eszköze, nem léphet be ettől a naptól: {day}\n\
         Csak meghívókód vagy ssh-kulcs segít.\n\n\
         Későbbi enroll-until, vagy hagyja el: akkor 30 nap marad.";
    KeptOut =>
        "Accounts that cannot log in, with no device or invitation: {count}\n\n\
         Nothing that these people have lets them in, or set one up:\n\
         {names}\n\n\
         kapu list --unenrolled shows them. kapu invite USER lets one in.",
        "Fiókok, amelyekkel nem lehet belépni (nincs eszköz, meghívó): {count}\n\n\
         Nincs semmijük, amivel belépnének vagy beállítanának egyet:\n\
         {names}\n\n\
         Lista: kapu list --unenrolled. Beengedés: kapu invite NÉV";

    // ---- Other settings.
    LettersBeyondAscii =>
        "Some ssh clients hang up: a login may send accented letters.\n\n\
         In a locale such as ISO-8859-1 the client of OpenSSH ends the\n\
         connection when it is sent UTF-8.\n\n\
         unicode = false: letters come without accents.",
        "Egyes ssh-kliensek bontják a kapcsolatot: ékezetes betűk jöhetnek.\n\n\
         ISO-8859-1 és hasonló beállítás mellett az OpenSSH kliense bontja a\n\
         kapcsolatot, ha UTF-8 érkezik.\n\n\
         unicode = false: a betűk ékezet nélkül mennek ki.";
    HashesCheap =>
        "Stolen password hashes are cheap to guess.\n\n\
         memory-kib times passes is less than {count}, the least that is\n\
         advised for Argon2id.\n\n\
         The defaults: memory-kib = 19456, passes = 2. Each hash is made\n\
         anew at the next login.",
        "Az ellopott jelszókivonatok könnyen feltörhetők.\n\n\
         memory-kib és passes szorzata kisebb ennél: {count}\n\
         Argon2id esetén ez az ajánlott legkevesebb.\n\n\
         Az alapértékek: memory-kib = 19456, passes = 2. Minden kivonat a\n\
         következő belépéskor megújul.";
    HashesExceedMemory =>
        "Checking passwords may take more memory than the host can spare.\n\n\
         So many are checked at once, with memory-kib for each: {count}\n\
         Who finds no memory is refused, or the kernel ends a process.\n\n\
         Less memory-kib, or fewer at once: simultaneous",
        "A jelszavak ellenőrzése túl sok memóriát vehet el.\n\n\
         Ennyi ellenőrzés futhat egyszerre, mindegyik memory-kib\n\
         memóriával: {count}\n\
         Akinek nem jut, nem léphet be, vagy a rendszer leállít valamit.\n\n\
         Kisebb memory-kib, vagy kevesebb egyszerre: simultaneous";
    PasswordAloneShort =>
        "Where a rule exempts, a short password is all that is asked.\n\n\
         One that is asked without a code should have {count} characters\n\
         (NIST SP 800-63B-4).\n\n\
         min-length = {count}, for passwords chosen from then on.",
        "Ahol egy szabály mentesít, ott csak egy rövid jelszó kell.\n\n\
         Kód nélkül ennyi karakter ajánlott: {count} (NIST SP 800-63B-4).\n\n\
         min-length = {count}, az ezután választott jelszavakra.";
    TimeShort =>
        "There is little time to set up a device within a login.\n\n\
         It takes people two to five minutes, and when the time ends\n\
         nothing is saved.\n\n\
         time-limit = 600, and LoginGraceTime 600 in sshd_config",
        "Kevés az idő arra, hogy valaki belépéskor eszközt állítson be.\n\n\
         Két-öt perc kell hozzá, és ha letelik, semmi sem lesz mentve.\n\n\
         time-limit = 600, és az sshd_config fájlban LoginGraceTime 600";
    CodesUnusual =>
        "Many apps ignore these settings and show wrong codes.\n\n\
         Who has such an app cannot set it up.\n\n\
         The defaults: algorithm = \"SHA1\", digits = 6, period = 30. Leave\n\
         yours if you know every app in use.",
        "Sok alkalmazás nem ismeri ezt, és rossz kódot mutat.\n\n\
         Akinek ilyen van, nem tudja beállítani.\n\n\
         Az alapértékek: algorithm = \"SHA1\", digits = 6, period = 30.\n\
         Maradhat, ha minden használt alkalmazást ismer.";
    NoContact =>
        "Nobody is told whom to ask for help.\n\n\
         Texts say \"Ask your administrator\", and not how.\n\n\
         contact = \"helpdesk@example.org, room 12\"",
        "Senki sem tudja meg, kitől kérhet segítséget.\n\n\
         A szövegek csak ennyit mondanak: „Forduljon a rendszergazdához.”\n\n\
         contact = \"helpdesk@example.org, room 12\"";

    // ---- Accounts of the store beside those of the host.
    AccountOfOtherUid =>
        "These people are refused: they are set up for another uid.\n\n\
         Somebody new with an old name must not inherit a device:\n\
         {names}\n\n\
         kapu remove --forget USER, then kapu invite USER",
        "Ők nem léphetnek be: más uid-hez vannak beállítva.\n\n\
         Egy régi név új gazdája nem örökölhet eszközt:\n\
         {names}\n\n\
         kapu remove --forget NÉV, majd kapu invite NÉV";
    UidOfAnother =>
        "These people are refused: their uid is stored under another name.\n\n\
         An account that was renamed must not pass for a new one:\n\
         {names}\n\n\
         kapu remove --forget USER, for the old name: {old}",
        "Ők nem léphetnek be: az uid-jük más néven van a tárolóban.\n\n\
         Egy átnevezett fiók nem számíthat újnak:\n\
         {names}\n\n\
         kapu remove --forget NÉV, a régi névvel: {old}";
    AccountsGone =>
        "Accounts are stored that this host knows no more: {count}\n\n\
         A new account with the same name or uid would be refused:\n\
         {names}\n\n\
         If they are gone for good: kapu remove --forget USER",
        "Olyan fiókok is tárolva vannak, amelyeket a gép már nem ismer: {count}\n\n\
         Az ilyen nevű vagy uid-jű új fiók nem léphetne be:\n\
         {names}\n\n\
         Ha végleg megszűntek: kapu remove --forget NÉV";
}
