//! Logins that ask less than both questions.

use super::*;

fn of_form(form: Form) -> Site {
    let mut site = Site::new();
    site.form = form;
    site
}

/// A site where another module or an ssh key decides about the password.
fn elsewhere(proof: Proof) -> Site {
    let site = of_form(Form::Code);
    site.passwords.decided.set(Some(proof));
    site
}

impl Site {
    fn answer(&self, answer: &str) -> Verdict {
        self.login_as(&ssh_login(), &[answer]).0
    }
}

#[test]
fn one_answer_holds_password_and_code() {
    let site = of_form(Form::Joined);
    let answer = format!("{PASSWORD}{}", site.code(0));
    let (verdict, heard) = site.login_as(&ssh_login(), &[&answer]);
    assert_eq!(verdict, Verdict::Accept);
    assert_eq!(heard, ["Password and verification code: "]);
    assert_eq!(site.answer(&answer), refused(Refusal::Replay));
    site.pass(30);
    for (answer, why) in [
        (format!("{PASSWORD}{}", wrong_code(&site)), Refusal::Code),
        (format!("wrong{}", site.code(0)), Refusal::Password),
        (format!("{}{PASSWORD}", site.code(0)), Refusal::Password),
        (PASSWORD.to_owned(), Refusal::NotACode),
        (site.code(0), Refusal::Password),
    ] {
        assert_eq!(site.answer(&answer), refused(why), "{answer}");
    }
}

#[test]
fn an_answer_that_is_known_is_not_asked_for() {
    let site = Site::new();
    let login = |form, known: String, answers: &[&str]| {
        let mut person = Person::who_types(answers);
        let mut world = World {
            store: &site.store,
            passwords: &site.passwords,
            host: &site.host,
            dialog: &mut person,
        };
        let questions = Questions {
            form,
            known: Some(Secret::from(known)),
        };
        let outcome = super::super::login(&site.config, &ssh_login(), questions, &mut world);
        (outcome, person.heard)
    };
    let (outcome, heard) = login(Form::Both, PASSWORD.to_owned(), &[&site.code(0)]);
    assert_eq!(outcome.verdict, Verdict::Accept);
    assert_eq!(heard, ["Verification code: "]);

    site.pass(30);
    let answer = format!("{PASSWORD}{}", site.code(0));
    let (outcome, heard) = login(Form::Joined, answer, &[]);
    assert_eq!(outcome.verdict, Verdict::Accept);
    assert_eq!(heard, [""; 0]);
    let handed_on = outcome.password.unwrap();
    assert_eq!(handed_on.expose(), PASSWORD.as_bytes(), "without the code");
}

#[test]
fn where_the_password_is_a_matter_of_others_only_the_code_is_asked() {
    for proof in [Proof::Elsewhere, Proof::Right] {
        let site = elsewhere(proof);
        let code = site.code(0);
        let (verdict, heard) = site.login_as(&ssh_login(), &[&code]);
        assert_eq!(verdict, Verdict::Accept);
        assert_eq!(heard, ["Verification code: "]);
        assert_eq!(site.answer(&code), refused(Refusal::Replay));
        assert_eq!(site.answer(""), refused(Refusal::NotACode));
    }
}

#[test]
fn without_a_proof_a_code_teaches_no_place_and_ends_no_delay() {
    let site = elsewhere(Proof::Elsewhere);
    assert_eq!(site.answer(&site.code(0)), Verdict::Accept);
    assert_eq!(site.state().throttle, State::new(Status::Live).throttle);

    for _ in 0..3 {
        assert_eq!(site.answer(&wrong_code(&site)), refused(Refusal::Code));
    }
    let opens = site.state().throttle.shared_opens_at();
    assert!(opens > site.host.time.get(), "a delay");
    assert_eq!(site.state().throttle.units, 0, "and nothing else");
    assert!(site.state().notices.wrong_codes.is_none());
    assert_eq!(site.answer(&site.code(0)), refused(Refusal::Throttled));

    site.pass(opens - site.host.time.get());
    let delayed = site.state().throttle;
    assert_eq!(site.answer(&site.code(0)), Verdict::Accept);
    assert_eq!(site.state().throttle, delayed);
}

#[test]
fn an_ssh_key_teaches_the_place() {
    let site = elsewhere(Proof::Key);
    assert_eq!(site.answer(&site.code(0)), Verdict::Accept);
    assert_ne!(site.state().throttle, State::new(Status::Live).throttle);
}

#[test]
fn a_paper_code_does_nothing_without_a_proof() {
    let host = FakeHost::at(NOON);
    let paper = PaperCode::mint(PaperKind::Revocation, &host).unwrap();
    let typed = paper.text().expose_text().unwrap().to_owned();
    let mut record = record_of(anna());
    record.revocation = Some(paper.hash(&host).unwrap());
    let mut site = Site::of(record, Status::Live);
    site.form = Form::Code;
    site.passwords.decided.set(Some(Proof::Elsewhere));
    let before = site.state();
    assert_eq!(site.answer(&typed), refused(Refusal::PaperCode));
    assert_eq!(site.state(), before);
    site.passwords.decided.set(Some(Proof::Key));
    site.config.enroll.at_login = false;
    assert_eq!(site.answer(&typed), refused(Refusal::RevokedNow));
}

#[test]
fn a_refusal_speaks_of_paper_only_where_paper_can_be_typed() {
    let speaks = |form| {
        let site = of_form(form);
        let (_, heard) = site.login_as(&ssh_login(), &["x", "x"]);
        heard.last().unwrap().contains("revocation code")
    };
    assert!(speaks(Form::Both));
    assert!(!speaks(Form::Joined));
    assert!(!speaks(Form::Code));
}
