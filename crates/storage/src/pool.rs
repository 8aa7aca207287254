//! Which of the reading threads a read is for.

/// The reading threads, apart by what they are for, each with connections of its own: what is long
/// never stands in the way of what is short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadPool {
    /// What somebody waits for: [`crate::StorageOptions::readers`] threads.
    #[default]
    Requests,
    /// Health and the sweep of deadlines: short reads that must never wait for anybody else.
    Vital,
    /// Exports: seconds each.
    Exports,
    /// Statistics and their pictures: many short slices, one after another.
    Statistics,
}

impl ReadPool {
    /// All pools, in the order of the queues.
    pub(crate) const ALL: [Self; 4] =
        [Self::Requests, Self::Vital, Self::Exports, Self::Statistics];

    /// Its place among the queues.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// How many threads it has where `readers` serve requests. One thread for each kind of long
    /// work, so that a machine of two processors always has one for candidates.
    pub(crate) fn threads(self, readers: usize) -> usize {
        if matches!(self, Self::Requests) { readers.max(1) } else { 1 }
    }

    pub(crate) const fn thread_name(self) -> &'static str {
        match self {
            Self::Requests => "storage-reader",
            Self::Vital => "storage-vital",
            Self::Exports => "storage-export",
            Self::Statistics => "storage-figures",
        }
    }
}
