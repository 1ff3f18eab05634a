//! A device is set up within the login: finishing it is the login.

use std::time::Duration;

use super::Terms;
use super::relay::Relay;
use crate::flows::enrollment::{self, Ending, NewPassword, NewToken, Plan, Setting};
use crate::messages::Message;
use crate::ports::World;
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
    let intro = intro(terms, ground, limit);
    let deadline = answered + limit;
    let plan = Plan {
        texts: terms.texts,
        token: NewToken {
            name: FIRST_DEVICE,
            site: &terms.site,
            shape: terms.config.enroll.shape,
            replaces: false,
        },
        password: NewPassword::Keep,
        window: terms.config.login.window,
        by: ground.word(),
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

fn intro(terms: &Terms<'_>, ground: Ground, limit: Duration) -> String {
    let duration = terms.texts.duration(limit.as_secs());
    let values = [("site", terms.site.as_str()), ("duration", &duration)];
    let message = match ground {
        Ground::Key => Message::LoginSetUpKey,
        Ground::RevocationCode => Message::LoginRevoked,
        Ground::Password | Ground::Owner => Message::LoginSetUp,
    };
    terms.texts.fill(message, &values)
}
