//! What one hook leaves for a later one of the same transaction (pam_set_data(3)).

use std::any::Any;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;

use pamsm::Pam;

use crate::items::{Handle, PAM_SUCCESS, handle_of};

/// `cleanup` of pam_set_data(3).
type Cleanup = unsafe extern "C" fn(Handle, *mut c_void, c_int);

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_set_data(
        handle: Handle,
        name: *const c_char,
        data: *mut c_void,
        cleanup: Option<Cleanup>,
    ) -> c_int;
    fn pam_get_data(handle: Handle, name: *const c_char, data: *mut *const c_void) -> c_int;
}

/// What the data points to: a value that knows its type.
type Slot = Box<dyn Any>;

/// Its address belongs to this loaded copy of the module alone. Another copy in the same stack, of
/// another version perhaps, has other ideas of what our types look like.
static COPY: u8 = 0;

/// The name of a value: libpam keeps one list for all modules of the transaction.
fn name_of(kind: &str) -> Option<CString> {
    CString::new(format!("pam_kapu.{:p}.{kind}", &raw const COPY)).ok()
}

/// Leaves `value`, called `kind`, in place of one left before. Answers whether libpam has taken it.
pub(crate) fn leave<T: Any>(pam: &Pam, kind: &str, value: T) -> bool {
    let Some(name) = name_of(kind) else {
        return false;
    };
    let slot: Slot = Box::new(value);
    let data = Box::into_raw(Box::new(slot));
    // SAFETY: the handle is the one libpam gave to this hook; it copies the name, and keeps `data`
    // until it hands it to `drop_slot`, once.
    let code = unsafe { pam_set_data(handle_of(pam), name.as_ptr(), data.cast(), Some(drop_slot)) };
    if code != PAM_SUCCESS {
        // SAFETY: from Box::into_raw above, and libpam has not taken it.
        drop(unsafe { Box::from_raw(data) });
    }
    code == PAM_SUCCESS
}

/// Takes back what was left under `kind`, if anything, and wipes it.
pub(crate) fn forget(pam: &Pam, kind: &str) {
    if let Some(name) = name_of(kind) {
        // SAFETY: as in `leave`; without data there is nothing to clean up. libpam hands what was there
        // to the cleanup that it came with.
        unsafe { pam_set_data(handle_of(pam), name.as_ptr(), ptr::null_mut(), None) };
    }
}

/// Looks at what was left under `kind`.
pub(crate) fn left<T: Any + Clone>(pam: &Pam, kind: &str) -> Option<T> {
    let name = name_of(kind)?;
    let mut data: *const c_void = ptr::null();
    // SAFETY: the handle is the one libpam gave to this hook; pam_get_data writes one pointer to
    // `data`, which outlives the call.
    let code = unsafe { pam_get_data(handle_of(pam), name.as_ptr(), &raw mut data) };
    if code != PAM_SUCCESS || data.is_null() {
        return None;
    }
    // SAFETY: under this name nobody but `leave` of this copy of the module has set anything, and what it
    // set points to a Slot that lives until libpam hands it to `drop_slot`.
    let slot = unsafe { &*data.cast::<Slot>() };
    slot.downcast_ref().cloned()
}

/// The `cleanup` of what [`leave`] has left.
///
/// # Safety
/// `data` is what `leave` gave to pam_set_data(3), and it is called once.
unsafe extern "C" fn drop_slot(_handle: Handle, data: *mut c_void, _status: c_int) {
    if !data.is_null() {
        // SAFETY: by our contract from Box::into_raw in `leave`, and not freed before.
        drop(unsafe { Box::from_raw(data.cast::<Slot>()) });
    }
}
