//! kapu.toml: whatever stands in it, no error shows a value of it.
#![no_main]

use kapu_core::config::Config;
use libfuzzer_sys::fuzz_target;

/// What people may have put on the wrong line. It does not look like the name of a key, which an
/// error may show.
const PASSWORD: &str = "Seven7 Lanterns";
/// Stands for the password in the inputs, so that it is never torn apart.
const ITS_PLACE: char = '~';

fuzz_target!(|text: &str| {
    let text = text.replace(ITS_PLACE, PASSWORD);
    match Config::parse(&text) {
        Ok(config) => {
            assert!((1..=2).contains(&config.login.window));
            assert!((8_192..=1_048_576).contains(&config.password.memory_kib));
            assert!(config.store.path.starts_with('/'));
            let texts = &config.texts;
            for prompt in [&texts.password_prompt, &texts.code_prompt]
                .into_iter()
                .flatten()
            {
                assert!(texts.unicode || prompt.is_ascii());
            }
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.contains(PASSWORD), "{shown}");
            assert!(!shown.contains(char::is_control), "{shown:?}");
            assert!((1..=1 + text.matches('\n').count()).contains(&error.line));
        }
    }
});
