//! Seeds that once found a violation.

/// A seed's wave, with the classes that struck it.
#[derive(Debug)]
pub(crate) struct Regression {
    pub(crate) seed: u64,
    pub(crate) faults: &'static [&'static str],
}

/// All of them, each below a line that says what it found.
pub(crate) const ALL: [Regression; 2] = [
    // A change of a tag that had to wait came to the CRM after the one that took it back.
    Regression {
        seed: 0x0d,
        faults: &[
            "secret-rotated",
            "crm-error-inside",
            "killed-before-write",
            "crm-401",
            "crm-502",
            "crm-reset",
            "message-delayed",
            "crm-503",
        ],
    },
    // A text whose answer was late was sent again by the client of AWS.
    Regression { seed: 0x3c, faults: &["frozen", "text-unanswered"] },
];
