//! The memory of one password hash.
//!
//! Not the heap, for four reasons: a heap that has no room aborts the process, which is sshd;
//! what is freed there is neither wiped nor returned; a core dump or a forked child would hold
//! it; and huge pages, which halve the time of a hash, cannot be asked for.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::slice;

use argon2::Block;
use kapu_core::ports::{Trouble, TroubleKind};
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mlock, mmap_anonymous, munmap};
use zeroize::Zeroize;

/// Size and alignment of a huge page on x86-64 and most other machines. Where it is another, the
/// hash is slower and nothing else.
const HUGE_PAGE: usize = 2 << 20;

const _: () = assert!(HUGE_PAGE.is_multiple_of(align_of::<Block>()));
const _: () = assert!(size_of::<Block>() == Block::SIZE);

/// Blocks of memory, zeroed when made, wiped and given back when dropped.
pub(crate) struct Arena {
    /// All that was mapped: the blocks and the slack that lets them start on a huge page.
    mapping: NonNull<c_void>,
    mapped: NonZeroUsize,
    first: NonNull<Block>,
    count: usize,
}

impl Arena {
    /// Room for `count` blocks of 1 KiB.
    ///
    /// # Errors
    /// When the kernel gives no memory (RLIMIT_AS, strict overcommit) or `count` is absurd. A
    /// cgroup at its limit says nothing here: it kills at the first touch, which no process can
    /// prevent.
    pub(crate) fn new(count: usize) -> Result<Self, Trouble> {
        let used = count
            .checked_mul(Block::SIZE)
            .and_then(|bytes| bytes.checked_next_multiple_of(HUGE_PAGE));
        let mapped = used
            .and_then(|used| used.checked_add(HUGE_PAGE))
            .and_then(NonZeroUsize::new);
        let (Some(used), Some(mapped)) = (used, mapped) else {
            return Err(no_memory(count, "more than there are addresses"));
        };
        // SAFETY: without MAP_FIXED the kernel takes addresses that nobody uses (mmap(2)).
        let mapping = unsafe {
            mmap_anonymous(
                None,
                mapped,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_PRIVATE,
            )
        }
        .map_err(|error| no_memory(count, error.desc()))?;
        let skipped = to_next_huge_page(mapping.addr().get());
        // SAFETY: `skipped` is less than HUGE_PAGE, by which the mapping is longer than `used`.
        let first = unsafe { mapping.byte_add(skipped) };
        advise(mapping, mapped.get());
        // SAFETY: `first` and the `used` bytes after it lie in our mapping, and locking them
        // into memory changes no content. Failure is ignored: it keeps the blocks out of the
        // swap space, and an ordinary user (RLIMIT_MEMLOCK) has to do without.
        let _ = unsafe { mlock(first, used) };
        Ok(Self {
            mapping,
            mapped,
            first: first.cast(),
            count,
        })
    }

    /// The blocks.
    pub(crate) fn blocks(&mut self) -> &mut [Block] {
        // SAFETY: `first` is aligned to a huge page, hence to a Block; `count` blocks from there
        // lie in one private mapping that lives as long as `self`, is readable and writable, and
        // was zeroed by the kernel; any bytes are a valid Block, which is an array of u64; and
        // `&mut self` makes this the only reference.
        unsafe { slice::from_raw_parts_mut(self.first.as_ptr(), self.count) }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        for block in self.blocks() {
            block.zeroize();
        }
        #[cfg(test)]
        tests::see_before_unmapping(self);
        // SAFETY: these are the address and length that mmap gave, and no reference to the
        // blocks outlives `self`. A failure would leave a wiped mapping behind: nothing to do.
        let _ = unsafe { munmap(self.mapping, self.mapped.get()) };
    }
}

/// Asks for a mapping that is not dumped, not inherited and of huge pages.
///
/// Failures are ignored: a kernel built without huge pages or core dumps refuses the advice, and
/// a slower hash, wiped a moment later, is better than nobody getting in.
///
/// DONTFORK rather than WIPEONFORK: a child that another thread of the host forks meanwhile is
/// to have no trace of the mapping, not even its addresses, which it would never give back.
fn advise(mapping: NonNull<c_void>, length: usize) {
    for advice in [
        MmapAdvise::MADV_DONTDUMP,
        MmapAdvise::MADV_DONTFORK,
        MmapAdvise::MADV_HUGEPAGE,
    ] {
        // SAFETY: the range is a mapping of our own, and none of these changes what a read of it
        // gives to this process (madvise(2)).
        let _ = unsafe { madvise(mapping, length, advice) };
    }
}

/// How many bytes after `address` the next huge page starts; none, where one starts there.
const fn to_next_huge_page(address: usize) -> usize {
    address.wrapping_neg() % HUGE_PAGE
}

fn no_memory(count: usize, why: &str) -> Trouble {
    Trouble::new(
        TroubleKind::Hash,
        format!("no {count} KiB of memory for the password hash: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs;

    use super::*;

    thread_local! {
        static LEFT_UNWIPED: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// Called by `drop` on what it is about to give back.
    pub(super) fn see_before_unmapping(arena: &mut Arena) {
        let words = arena.blocks().iter().flat_map(|block| block.as_ref());
        LEFT_UNWIPED.set(Some(words.filter(|word| **word != 0).count()));
    }

    /// The lines of smaps(5) about the mapping that holds `address`.
    fn mapping_of(address: usize) -> Option<String> {
        let mut found = None;
        for line in fs::read_to_string("/proc/self/smaps").unwrap().lines() {
            let range = line.split(' ').next().and_then(|word| word.split_once('-'));
            let number = |text| usize::from_str_radix(text, 16).ok();
            if let Some((Some(start), Some(end))) = range.map(|(a, b)| (number(a), number(b))) {
                if found.is_some() {
                    break;
                }
                if (start..end).contains(&address) {
                    found = Some(String::new());
                }
            }
            if let Some(text) = &mut found {
                text.push_str(line);
                text.push('\n');
            }
        }
        found
    }

    /// Whether this process may lock so many bytes more into memory; in many containers not even
    /// root may.
    fn may_lock(bytes: usize) -> bool {
        let mut room = vec![0_u8; bytes];
        let start = NonNull::new(room.as_mut_ptr().cast()).unwrap();
        // SAFETY: the range is within `room`, and locking changes no content.
        unsafe { mlock(start, bytes).is_ok() }
    }

    fn address_of(arena: &mut Arena) -> usize {
        arena.blocks().as_ptr().addr()
    }

    fn fill(arena: &mut Arena) {
        for block in arena.blocks() {
            block.as_mut().fill(0x5ec7);
        }
    }

    #[test]
    fn the_blocks_are_zeroed_and_start_on_a_huge_page() {
        for count in [1, 2048, 2049, 19456] {
            let mut arena = Arena::new(count).unwrap();
            assert_eq!(arena.blocks().len(), count);
            assert_eq!(address_of(&mut arena) % HUGE_PAGE, 0);
            assert!(
                arena
                    .blocks()
                    .iter()
                    .all(|block| block.as_ref().iter().all(|word| *word == 0))
            );
        }
    }

    #[test]
    fn the_next_huge_page_is_found_from_any_address() {
        // Recent kernels align such mappings themselves, so the test above may see no slack.
        for address in [0, 4096, HUGE_PAGE - 4096, HUGE_PAGE, 0x7f12_3456_7000] {
            let slack = to_next_huge_page(address);
            assert!(slack < HUGE_PAGE);
            assert_eq!((address + slack) % HUGE_PAGE, 0);
        }
    }

    #[test]
    fn every_block_is_wiped_before_it_is_given_back() {
        let mut arena = Arena::new(3000).unwrap();
        fill(&mut arena);
        drop(arena);
        assert_eq!(LEFT_UNWIPED.take(), Some(0));
    }

    #[test]
    fn the_blocks_are_wiped_after_a_panic_too() {
        let panicked = std::panic::catch_unwind(|| {
            let mut arena = Arena::new(3000).unwrap();
            fill(&mut arena);
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.is_err());
        assert_eq!(LEFT_UNWIPED.take(), Some(0));
    }

    #[test]
    fn the_blocks_are_neither_dumped_nor_inherited_and_are_of_huge_pages() {
        let mut arena = Arena::new(4096).unwrap();
        let mapping = mapping_of(address_of(&mut arena)).unwrap();
        let flags: Vec<_> = mapping
            .lines()
            .find_map(|line| line.strip_prefix("VmFlags:"))
            .unwrap()
            .split_whitespace()
            .collect();
        assert!(flags.contains(&"dd"), "do not dump: {flags:?}");
        assert!(flags.contains(&"dc"), "do not copy at fork: {flags:?}");
        if fs::exists("/sys/kernel/mm/transparent_hugepage").unwrap() {
            assert!(flags.contains(&"hg"), "huge pages advised: {flags:?}");
        }
        if may_lock(4096 * Block::SIZE) {
            assert!(flags.contains(&"lo"), "locked: {flags:?}");
        }
    }

    #[test]
    fn nothing_stays_mapped() {
        crate::in_child::run("arena::tests::nothing_stays_mapped", || {
            let mut arena = Arena::new(4096).unwrap();
            let ends = [
                arena.mapping.addr().get(),
                arena.mapping.addr().get() + arena.mapped.get() - 1,
                address_of(&mut arena),
            ];
            assert!(ends.iter().all(|address| mapping_of(*address).is_some()));
            drop(arena);
            assert!(ends.iter().all(|address| mapping_of(*address).is_none()));
        });
    }

    #[test]
    fn an_absurd_size_is_refused_without_an_overflow() {
        // The second would wrap around to one block.
        let wraps = usize::MAX / Block::SIZE + 2;
        for count in [usize::MAX, wraps, usize::MAX / Block::SIZE, 1 << 50] {
            let trouble = Arena::new(count).err().unwrap();
            assert_eq!(trouble.kind, TroubleKind::Hash);
        }
    }
}
