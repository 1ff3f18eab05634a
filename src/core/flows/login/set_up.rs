//! A device is set up within the login: finishing it is the login.

use std::time::Duration;

use super::Terms;
use crate::config::PasswordMode;
use crate::flows::enrollment::{self, Ending, NewPassword, NewToken, Plan, Setting};
use crate::flows::relay::Relay;
use crate::messages::Message;
use crate::password_rules::Rules;
use crate::ports::{Host, World};
use crate::verdict::{Ground, Permit, Refusal, Verdict};

/// What the first device is called.
const FIRST_DEVICE: &str = "phone";

/// Runs the enrollment that `permit` allows, through the dialog of the login. `answered` is when
/// the last answer came.
pub(super) fn a_device(
    terms: &Terms<'_>,
    permit: Permit,
    answered: Duration,
    world: &mut World<'_>,
) -> Verdict {
    let limit = Duration::from_secs(terms.config.enroll.time_limit.into());
    let ground = permit.ground();
    let site = terms.site(world.host);
    let chooses = ground == Ground::Invitation && terms.config.login.password == PasswordMode::Own;
    let intro = intro(terms, &permit, chooses, limit, world.host);
    let rules = Rules {
        min_length: terms.config.password.min_length,
        user_names: vec![permit.account().name.clone()],
        site_names: vec![site.clone(), world.host.name()],
    };
    let deadline = answered + limit;
    let plan = Plan {
        texts: terms.texts,
        token: NewToken {
            name: FIRST_DEVICE,
            site: &site,
            shape: terms.config.enroll.shape,
            // What an invitation opens is a new beginning.
            replaces: ground == Ground::Invitation,
        },
        password: if chooses {
            NewPassword::Choose(&rules)
        } else {
            NewPassword::Keep
        },
        window: terms.config.login.window,
        setting: Setting::Login {
            intro: &intro,
            deadline,
            rhost: terms.login.rhost.as_deref(),
        },
    };
    let mut relay = Relay::new(&mut *world.dialog, world.host, terms.texts, deadline);
    let ending = enrollment::enroll(
        &mut World {
            store: world.store,
            passwords: world.passwords,
            host: world.host,
            dialog: &mut relay,
        },
        permit,
        &plan,
    );
    relay.say_the_rest();
    match ending {
        Ok(Ending::Done(_)) => Verdict::Accept,
        Ok(Ending::GaveUp | Ending::Conflict) => Verdict::Refuse(Refusal::SetUpFirst),
        Ok(Ending::Stopped(error)) => Verdict::Unavailable(error.into()),
        Err(trouble) => Verdict::Unavailable(trouble),
    }
}

/// What is said first: why a device is wanted, and how much time there is for it.
fn intro(
    terms: &Terms<'_>,
    permit: &Permit,
    chooses: bool,
    limit: Duration,
    host: &dyn Host,
) -> String {
    let texts = &terms.texts;
    let duration = texts.duration(limit.as_secs());
    let site = terms.site(host);
    let values = [
        ("site", site.as_str()),
        ("user", permit.account().name.as_str()),
        ("duration", &duration),
    ];
    let message = match permit.ground() {
        Ground::Invitation if chooses => Message::LoginInvited,
        Ground::Invitation => Message::LoginInvitedApp,
        Ground::Key => Message::LoginSetUpKey,
        Ground::RevocationCode => Message::LoginRevoked,
        Ground::Password | Ground::Owner => Message::LoginSetUp,
    };
    let intro = texts.fill(message, &values);
    let Some(begun) = permit.unfinished() else {
        return intro;
    };
    let when = texts.moment(host.local_time(begun), host.local_time(host.now()));
    let unfinished = texts.fill(Message::LoginUnfinished, &[("when", &when)]);
    format!("{intro}\n{unfinished}")
}
