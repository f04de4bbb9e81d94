//! Where operators put what has no room in memory: a folder of this engine, gone with it. What a program that was killed left
//! there, the next removes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

/// Folders are told from those of others by it.
const PREFIX: &str = "flowglass-spill-";
/// Held as long as the program lives.
const LOCK: &str = "lock";
/// A thread that still writes may put a file there while the folder is removed.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// The folder, made when a query first asks for one.
#[derive(Debug, Default)]
pub(crate) struct Spill {
    folder: OnceLock<Option<PathBuf>>,
    held: Mutex<Option<(TempDir, File)>>,
}

impl Spill {
    /// The folder; none where the system's folder for temporary files takes none. That is told when something is to be written.
    pub(crate) fn folder(&self) -> Option<&Path> {
        let made = self.folder.get_or_init(|| self.make(&std::env::temp_dir()));
        made.as_deref()
    }

    fn make(&self, base: &Path) -> Option<PathBuf> {
        remove_left_behind(base);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(base).ok()?;
        let lock = File::create(folder.path().join(LOCK)).ok()?;
        lock.lock().ok()?;
        let path = folder.path().to_owned();
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((folder, lock));
        Some(path)
    }

    /// Removes it with all that is in it, though a query may still be at work.
    pub(crate) fn clear(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((folder, _lock)) = held else { return };
        let path = folder.keep();
        for _ in 0..TRIES {
            if fs::remove_dir_all(&path).is_ok() || !path.exists() {
                return;
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
    }
}

/// Removes folders whose programs are no more.
fn remove_left_behind(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else {
        return;
    };
    let names = entries.filter_map(Result::ok);
    for entry in names.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let lock = File::open(entry.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            // Somebody else may do the same at this moment.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_gone_with_its_engine_and_others_stay() {
        let base = tempfile::tempdir().unwrap();
        let (first, second) = (Spill::default(), Spill::default());
        let of_first = first.make(base.path()).unwrap();
        fs::write(of_first.join("rows"), "1").unwrap();
        // Another program begins: what lives stays.
        let of_second = second.make(base.path()).unwrap();
        assert!(of_first.join("rows").exists());
        first.clear();
        assert!(!of_first.exists() && of_second.exists());
        first.clear();
        // One that was killed held its lock no longer.
        let left = base.path().join(format!("{PREFIX}killed"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(left.join("rows"), "1").unwrap();
        let foreign = base.path().join("other-program");
        fs::create_dir(&foreign).unwrap();
        let third = Spill::default();
        third.make(base.path()).unwrap();
        assert!(!left.exists() && foreign.exists() && of_second.exists());
        second.clear();
        third.clear();
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
    }
}
