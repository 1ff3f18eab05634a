//! One `[[rule]]` of kapu.toml.

use super::error::ConfigError;
use super::sections::{Line, Section};
use super::{SERVICES, Start};
use crate::network::Network;
use crate::rule::{Rule, Says};
use crate::username::account_name_is_sound;

/// Most characters of a rule's name.
const MAX_NAME: usize = 64;
/// Most entries of a list.
const MAX_LIST: usize = 64;

/// What `code` may say.
const CODE: &[(&str, Says)] = &[("required", Says::Required), ("exempt", Says::Exempt)];

/// Reads a rule. It says one thing; and an exemption by network names its services, since an
/// address proves less at some of them than at others.
pub(super) fn read(section: &mut Section<'_>) -> Result<Rule, ConfigError> {
    let mut rule = Rule {
        name: None,
        services: Vec::new(),
        users: Vec::new(),
        groups: Vec::new(),
        networks: Vec::new(),
        says: Says::Required,
    };
    let name = Line {
        max: MAX_NAME,
        but: "",
        allowed: &|_| true,
    };
    let sound = |name: &str| account_name_is_sound(name).then(|| name.to_owned());
    section.text("name", &name, &mut rule.name)?;
    section.names("services", &SERVICES, &mut rule.services)?;
    section.list("users", MAX_LIST, "user names", &mut rule.users, sound)?;
    section.list("groups", MAX_LIST, "group names", &mut rule.groups, sound)?;
    let what = "networks such as \"192.0.2.0/24\" or \"2001:db8::/32\"";
    section.list(
        "networks",
        MAX_LIST,
        what,
        &mut rule.networks,
        Network::parse,
    )?;
    section.word("code", CODE, &mut rule.says)?;
    let mut start = Start::Always;
    section.start("code-required-from", &mut start)?;
    match (section.has("code"), section.has("code-required-from")) {
        (true, false) => {}
        (false, true) => {
            rule.says = match start {
                Start::Always => Says::Required,
                Start::From(day) => Says::RequiredFrom(day),
            }
        }
        _ => return Err(section.fault("code", "either code or code-required-from")),
    }
    if rule.says == Says::Exempt && !rule.networks.is_empty() && rule.services.is_empty() {
        let expected = "services beside networks, where a rule exempts";
        return Err(section.fault("networks", expected));
    }
    Ok(rule)
}
