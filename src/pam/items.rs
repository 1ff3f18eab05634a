//! The items of a PAM transaction (pam_get_item(3)), read with bounds.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use kapu_core::ports::{MAX_ANSWER, Trouble, TroubleKind};
use kapu_core::secret::Secret;
use pamsm::Pam;
use zeroize::Zeroize;

/// `PAM_SERVICE` of _pam_types.h.
pub(crate) const PAM_SERVICE: c_int = 1;
/// `PAM_TTY`.
pub(crate) const PAM_TTY: c_int = 3;
/// `PAM_RHOST`.
pub(crate) const PAM_RHOST: c_int = 4;
/// `PAM_CONV`.
pub(crate) const PAM_CONV: c_int = 5;
/// `PAM_AUTHTOK`.
pub(crate) const PAM_AUTHTOK: c_int = 6;
/// `PAM_OLDAUTHTOK`.
pub(crate) const PAM_OLDAUTHTOK: c_int = 7;
/// `PAM_RUSER`.
pub(crate) const PAM_RUSER: c_int = 8;
/// `PAM_SUCCESS`.
pub(crate) const PAM_SUCCESS: c_int = 0;

/// Longest text item that is read, in bytes; a longer one is cut.
const MAX_ITEM: usize = 512;

/// `pam_handle_t`, which only libpam can look into.
pub(crate) type Handle = *mut c_void;

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_get_item(handle: Handle, item: c_int, value: *mut *const c_void) -> c_int;
    fn pam_set_item(handle: Handle, item: c_int, value: *const c_void) -> c_int;
    fn pam_get_user(handle: Handle, user: *mut *const c_char, prompt: *const c_char) -> c_int;
    fn pam_getenv(handle: Handle, name: *const c_char) -> *const c_char;
}

/// The raw handle inside `pam`, for the calls that pamsm lacks or gets wrong.
pub(crate) fn handle_of(pam: &Pam) -> Handle {
    const { assert!(size_of::<Pam>() == size_of::<Handle>()) };
    // SAFETY: Pam is #[repr(transparent)] over the pam_handle_t pointer that libpam passed to the
    // hook, so reading a pointer through a reference to it reads exactly that pointer.
    unsafe { *ptr::from_ref(pam).cast::<Handle>() }
}

/// An item as the caller set it, or `None` where it is not set or cannot be had.
///
/// The pointer belongs to libpam and is good until the item is set again.
pub(crate) fn raw_item(pam: &Pam, item: c_int) -> Option<ptr::NonNull<c_void>> {
    let mut value: *const c_void = ptr::null();
    // SAFETY: the handle is the one libpam gave to this hook; pam_get_item writes one pointer to
    // `value`, which outlives the call.
    let code = unsafe { pam_get_item(handle_of(pam), item, &raw mut value) };
    if code != PAM_SUCCESS {
        return None;
    }
    ptr::NonNull::new(value.cast_mut())
}

/// A text item. Bytes that are not UTF-8 are shown as U+FFFD: these texts are compared with
/// nothing, they only describe the login.
pub(crate) fn text_item(pam: &Pam, item: c_int) -> Option<String> {
    let value = raw_item(pam, item)?;
    // SAFETY: pam_get_item(3) promises that the text items hold a NUL-terminated string, and
    // nobody changes the item while this hook runs.
    let text = unsafe { CStr::from_ptr(value.as_ptr().cast::<c_char>()) };
    Some(cut(text))
}

/// PAM_USER as it was typed.
pub(crate) struct TypedUser {
    /// For the log.
    pub(crate) shown: String,
    /// For the account database; `None` for bytes that no account here can be named by. Never a
    /// shortened or repaired name: that could be somebody else's.
    pub(crate) exact: Option<String>,
}

/// PAM_USER; libpam asks for it where the caller did not set it.
///
/// # Errors
/// When there is no name to be had.
pub(crate) fn user(pam: &Pam) -> Result<TypedUser, Trouble> {
    let mut name: *const c_char = ptr::null();
    // SAFETY: as in `raw_item`; a null prompt makes pam_get_user(3) use its own.
    let code = unsafe { pam_get_user(handle_of(pam), &raw mut name, ptr::null()) };
    if code != PAM_SUCCESS || name.is_null() {
        return Err(Trouble::new(TroubleKind::Dialog, "there is no user name"));
    }
    // SAFETY: on success pam_get_user(3) gives a NUL-terminated string that libpam owns and keeps.
    let name = unsafe { CStr::from_ptr(name) };
    let exact = name
        .to_str()
        .ok()
        .filter(|name| name.len() <= MAX_ITEM)
        .map(str::to_owned);
    Ok(TypedUser {
        shown: cut(name),
        exact,
    })
}

/// [`PAM_AUTHTOK`] or [`PAM_OLDAUTHTOK`]: what an earlier module was answered to its question. An item
/// longer than any answer is none of a person's.
pub(crate) fn authtok(pam: &Pam, item: c_int) -> Option<Secret> {
    let value = raw_item(pam, item)?;
    // SAFETY: these items hold a NUL-terminated string (pam_get_item(3)), which nobody changes
    // while this hook copies it.
    let bytes = unsafe { CStr::from_ptr(value.as_ptr().cast::<c_char>()) }.to_bytes();
    (bytes.len() <= MAX_ANSWER).then(|| Secret::copy_of(bytes))
}

/// Whether sshd has checked an ssh key of the user in this login: it lists the methods that
/// succeeded so far, a line each (`ExposeAuthInfo` of sshd_config(5) shows the same list), in the
/// PAM environment before it calls us. Only root's sshd is to be believed, which the caller sees to.
pub(crate) fn names_an_ssh_key(pam: &Pam) -> bool {
    // SAFETY: the handle is the one libpam gave to this hook, and the name is NUL-terminated.
    let value = unsafe { pam_getenv(handle_of(pam), c"SSH_AUTH_INFO_0".as_ptr()) };
    if value.is_null() {
        return false;
    }
    // SAFETY: not null, so a NUL-terminated string that stays until the variable is set again
    // (pam_getenv(3)).
    let methods = unsafe { CStr::from_ptr(value) }.to_bytes();
    methods
        .split(|&byte| byte == b'\n')
        .any(|line| line.starts_with(b"publickey "))
}

/// Sets [`PAM_AUTHTOK`] or [`PAM_OLDAUTHTOK`] to `password`, or clears it. libpam copies the bytes and wipes its copy at
/// the end of the transaction.
pub(crate) fn set_authtok(pam: &Pam, item: c_int, password: Option<&Secret>) {
    let mut bytes = password.map_or_else(Vec::new, |password| {
        let mut bytes = Vec::with_capacity(password.len() + 1);
        bytes.extend_from_slice(password.expose());
        bytes.push(0);
        bytes
    });
    let value = if password.is_some() {
        bytes.as_ptr().cast()
    } else {
        ptr::null()
    };
    // SAFETY: `value` is null or points to a NUL-terminated string that outlives the call, which
    // copies it. An answer of the conversation holds no inner NUL; one would only shorten it.
    unsafe { pam_set_item(handle_of(pam), item, value) };
    bytes.zeroize();
}

fn cut(text: &CStr) -> String {
    let bytes = text.to_bytes();
    String::from_utf8_lossy(bytes.get(..MAX_ITEM).unwrap_or(bytes)).into_owned()
}
