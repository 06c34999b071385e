//! One value in pages of its own: locked into memory where the system allows, left out of core dumps, wiped when dropped.
//!
//! The only unsafe code of the program. A value moved in leaves its bytes where it was made: make it small and late.

#![allow(unsafe_code)]

use std::alloc::{Layout, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags, mlock, mmap_anonymous, munmap};

/// See the module.
pub struct Locked<T> {
    at: NonNull<T>,
    locked: bool,
}

// SAFETY: `Locked` owns its value as a `Box` does.
unsafe impl<T: Send> Send for Locked<T> {}
// SAFETY: as above; shared access gives `&T` only.
unsafe impl<T: Sync> Sync for Locked<T> {}

impl<T> Locked<T> {
    const SIZE: usize = {
        assert!(size_of::<T>() > 0, "there is nothing to lock");
        assert!(align_of::<T>() <= 4096, "a page starts at a page");
        size_of::<T>()
    };

    /// Moves `value` into locked pages.
    pub fn new(value: T) -> Self {
        // SAFETY: an anonymous private mapping at an address of the system's choice touches nothing that exists.
        let mapped = unsafe {
            mmap_anonymous(
                std::ptr::null_mut(),
                Self::SIZE,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        };
        let Some(at) = mapped.ok().and_then(|at| NonNull::new(at.cast::<T>())) else {
            handle_alloc_error(Layout::new::<T>());
        };
        // SAFETY: the range is the mapping made above; neither call changes its contents.
        let locked = unsafe { mlock(at.as_ptr().cast(), Self::SIZE) }.is_ok();
        #[cfg(target_os = "linux")]
        // SAFETY: as above. A kernel that refuses leaves the core limit of zero, which is set besides.
        let _ = unsafe {
            rustix::mm::madvise(
                at.as_ptr().cast(),
                Self::SIZE,
                rustix::mm::Advice::LinuxDontDump,
            )
        };
        // SAFETY: the mapping is writable, large enough, aligned to a page, and holds no value yet.
        unsafe { at.write(value) };
        Self { at, locked }
    }

    /// True when the system keeps the pages out of swap.
    pub const fn is_locked(&self) -> bool {
        self.locked
    }
}

impl<T> Deref for Locked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `at` holds a value from `new` until `drop`.
        unsafe { self.at.as_ref() }
    }
}

impl<T> DerefMut for Locked<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; `&mut self` makes it the only access.
        unsafe { self.at.as_mut() }
    }
}

impl<T> Drop for Locked<T> {
    fn drop(&mut self) {
        // SAFETY: the value is dropped once, its bytes are wiped before the mapping goes back whole; unmapping unlocks.
        unsafe {
            self.at.drop_in_place();
            zeroize::zeroize_flat_type(self.at.as_ptr());
            let _ = munmap(self.at.as_ptr().cast(), Self::SIZE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_value_lives_in_locked_pages_and_is_dropped_once() {
        let shared = Arc::new(());
        let mut held = Locked::new((7_u64, shared.clone()));
        assert_eq!(held.0, 7);
        held.0 = 8;
        assert_eq!(held.0, 8);
        assert_eq!(Arc::strong_count(&shared), 2);
        drop(held);
        assert_eq!(Arc::strong_count(&shared), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn g11_its_pages_are_locked_and_left_out_of_core_dumps() {
        let held = Locked::new([1_u8; 64]);
        let start = format!("{:x}-", std::ptr::from_ref(&*held).addr());
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let own: Vec<&str> = maps
            .lines()
            .skip_while(|line| !line.starts_with(&start))
            .take_while(|line| line.starts_with(&start) || !line.contains('-'))
            .collect();
        let flags = own
            .iter()
            .find_map(|line| line.strip_prefix("VmFlags:"))
            .unwrap();
        assert!(flags.split_whitespace().any(|flag| flag == "dd"), "{flags}");
        let lo = flags.split_whitespace().any(|flag| flag == "lo");
        assert_eq!(lo, held.is_locked());
    }
}
