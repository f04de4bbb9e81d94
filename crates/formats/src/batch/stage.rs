//! The newest rows, in arrays of fixed size, so that entering one checks no capacity.

/// Rows at most: all arrays together stay in the first-level cache.
pub(super) const STAGE_ROWS: usize = 256;

/// One row, but for what its record says.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) time: i64,
    pub(super) source: i32,
    pub(super) destination: i32,
    pub(super) source_port: u16,
    pub(super) destination_port: u16,
    pub(super) protocol: u8,
    pub(super) direction: u8,
    /// -1 where there is none.
    pub(super) state: i8,
    pub(super) status: u8,
    pub(super) encryption: i32,
    pub(super) counters: [i64; 4],
    pub(super) reported: u8,
    pub(super) format: u8,
    pub(super) tuple_index: i32,
}

pub(super) struct Stage {
    pub(super) rows: usize,
    pub(super) time: [i64; STAGE_ROWS],
    pub(super) source: [i32; STAGE_ROWS],
    pub(super) destination: [i32; STAGE_ROWS],
    pub(super) source_port: [i32; STAGE_ROWS],
    pub(super) destination_port: [i32; STAGE_ROWS],
    pub(super) protocol: [u8; STAGE_ROWS],
    pub(super) direction: [i32; STAGE_ROWS],
    pub(super) state: [i32; STAGE_ROWS],
    pub(super) status: [i32; STAGE_ROWS],
    pub(super) encryption: [i32; STAGE_ROWS],
    pub(super) counters: [[i64; STAGE_ROWS]; 4],
    pub(super) reported: [u8; STAGE_ROWS],
    pub(super) format: [i32; STAGE_ROWS],
    pub(super) tuple_index: [i32; STAGE_ROWS],
}

impl Stage {
    pub(super) fn new() -> Box<Self> {
        Box::new(Self {
            rows: 0,
            time: [0; STAGE_ROWS],
            source: [0; STAGE_ROWS],
            destination: [0; STAGE_ROWS],
            source_port: [0; STAGE_ROWS],
            destination_port: [0; STAGE_ROWS],
            protocol: [0; STAGE_ROWS],
            direction: [0; STAGE_ROWS],
            state: [0; STAGE_ROWS],
            status: [0; STAGE_ROWS],
            encryption: [0; STAGE_ROWS],
            counters: [[0; STAGE_ROWS]; 4],
            reported: [0; STAGE_ROWS],
            format: [0; STAGE_ROWS],
            tuple_index: [0; STAGE_ROWS],
        })
    }

    /// Enters a row. True if there is no room for another.
    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "the index is below the arrays' length by its mask"
    )]
    pub(super) fn push(&mut self, row: &Row) -> bool {
        let at = self.rows & (STAGE_ROWS - 1);
        self.time[at] = row.time;
        self.source[at] = row.source;
        self.destination[at] = row.destination;
        self.source_port[at] = i32::from(row.source_port);
        self.destination_port[at] = i32::from(row.destination_port);
        self.protocol[at] = row.protocol;
        self.direction[at] = i32::from(row.direction);
        self.state[at] = i32::from(row.state);
        self.status[at] = i32::from(row.status);
        self.encryption[at] = row.encryption;
        self.counters[0][at] = row.counters[0];
        self.counters[1][at] = row.counters[1];
        self.counters[2][at] = row.counters[2];
        self.counters[3][at] = row.counters[3];
        self.reported[at] = row.reported;
        self.format[at] = i32::from(row.format);
        self.tuple_index[at] = row.tuple_index;
        self.rows = at + 1;
        self.rows == STAGE_ROWS
    }
}
