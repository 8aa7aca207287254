//! The story of the demo: who takes which test, and what becomes of it.

/// What a person does with a test, and staff with the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateScript {
    /// Is registered and never comes.
    Absent,
    Submits,
    /// Starts and is still at it: a test without limits only.
    LeavesOpen,
    /// Lets the time run out.
    RunsOut,
    /// Is closed by staff.
    IsClosed,
    /// Submits, and staff reopen it.
    IsReopened,
    /// Submits, and staff put it aside.
    IsIgnored,
    /// Submits, is put aside, and comes again.
    ComesAgain,
    /// Submits twice.
    ComesTwice,
    /// Submits what needs a person's evaluation, and gets it.
    IsEvaluated,
}

use CandidateScript::{
    Absent, ComesAgain, ComesTwice, IsClosed, IsEvaluated, IsIgnored, IsReopened, LeavesOpen,
    RunsOut, Submits,
};

/// One task of the demo.
pub struct DemoPlan {
    pub title: &'static str,
    /// The test, in YAML.
    pub document: &'static str,
    pub folder: &'static str,
    pub attempts: u32,
    pub courses: &'static [CandidateScript],
}

/// A skills test, an inventory, and a mixed test with an essay.
pub const PLANS: [DemoPlan; 3] = [
    DemoPlan {
        title: "Numeracy and language, autumn",
        document: include_str!("../../demo/numeracy-and-language.yaml"),
        folder: "Hiring",
        attempts: 2,
        courses: &[
            Submits, Submits, ComesTwice, RunsOut, Submits, IsClosed, ComesAgain, Submits,
            IsReopened, Submits, Absent, Submits, RunsOut, Submits, IsIgnored, Submits,
        ],
    },
    DemoPlan {
        title: "Working style, whole team",
        document: include_str!("../../demo/working-style.yaml"),
        folder: "Development",
        attempts: 1,
        courses: &[
            Submits, Submits, LeavesOpen, Submits, IsIgnored, Submits, Submits, LeavesOpen,
            Submits, Submits, Absent, Submits,
        ],
    },
    DemoPlan {
        title: "Support desk, second round",
        document: include_str!("../../demo/support-desk.yaml"),
        folder: "Hiring",
        attempts: 1,
        courses: &[
            IsEvaluated,
            Submits,
            IsEvaluated,
            RunsOut,
            Submits,
            IsEvaluated,
            IsReopened,
            Submits,
            IsClosed,
            Submits,
            IsEvaluated,
            Absent,
        ],
    },
];

/// How many registrations there are.
pub const COUNT: usize = PLANS[0].courses.len() + PLANS[1].courses.len() + PLANS[2].courses.len();

/// First names of made-up candidates.
pub const FIRST_NAMES: [&str; 20] = [
    "Ada", "Bruno", "Chiara", "Deniz", "Emre", "Freya", "Goran", "Hana", "Ines", "Jonas", "Kenji",
    "Leyla", "Mateo", "Nadia", "Oskar", "Petra", "Quentin", "Rosa", "Sami", "Tilda",
];
/// Last names of made-up candidates.
pub const LAST_NAMES: [&str; 7] =
    ["Aydin", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia"];
/// Answers to the access form's question about the city.
pub const CITIES: [&str; 5] = ["Izmir", "Tokyo", "Lisbon", "Hamburg", "Oslo"];
/// Groups that made-up candidates are spread over.
pub const GROUPS: [&str; 3] = ["default", "north", "south"];
/// Labels that some made-up candidates have.
pub const LABELS: [&str; 4] = ["evening", "remote", "returning", "referred"];

/// A name for a number; the same number is always the same person.
pub fn fullname(number: usize) -> String {
    let last = LAST_NAMES[(number * 3 + number / FIRST_NAMES.len()) % LAST_NAMES.len()];
    format!("{} {last}", FIRST_NAMES[number % FIRST_NAMES.len()])
}

/// An address nobody has.
pub fn email(number: usize) -> String {
    format!("{}@example.com", fullname(number).to_lowercase().replace(' ', "."))
}
