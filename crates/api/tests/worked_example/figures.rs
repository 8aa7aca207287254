//! The table of the worked example, and the same figures read out of a result.

use serde_json::{Value, json};

/// One column: points / maximum / ratio / questions for each set in the order of the table, then
/// the rest.
pub struct ExpectedColumn {
    pub name: &'static str,
    scoreboards: [&'static str; 8],
    /// Style; Careful; Quick; Drive.
    effects: &'static str,
    pub completed_at: i64,
    pub waiting: u32,
    pub passed: bool,
    pub level: &'static str,
}

pub const A1: ExpectedColumn = ExpectedColumn {
    name: "A1",
    scoreboards: [
        "1.050002 / 10.5 / 0.1 / 4",
        "1.050002 / 6.5 / 0.161539 / 3",
        "0 / 4 / 0 / 1",
        "0.933334 / 7 / 0.133333 / 3",
        "-0.1 / 4 / -0.025 / 2",
        "1.033334 / 3 / 0.344445 / 2",
        "0 / 3 / 0 / 1",
        "0 / 2 / 0 / 1",
    ],
    effects: "2.25; 0; 2; 1.5",
    completed_at: 1_767_225_600,
    waiting: 1,
    passed: false,
    level: "Entry",
};

pub const A2: ExpectedColumn = ExpectedColumn {
    name: "A2",
    scoreboards: [
        "3.550002 / 10.5 / 0.338095 / 4",
        "1.050002 / 6.5 / 0.161539 / 3",
        "2.5 / 4 / 0.625 / 1",
        "0.933334 / 7 / 0.133333 / 3",
        "-0.1 / 4 / -0.025 / 2",
        "1.033334 / 3 / 0.344445 / 2",
        "1.875 / 3 / 0.625 / 1",
        "1.25 / 2 / 0.625 / 1",
    ],
    waiting: 0,
    ..A1
};

pub const A3: ExpectedColumn = ExpectedColumn {
    name: "A3",
    scoreboards: [
        "3.85 / 10.5 / 0.366667 / 4",
        "1.35 / 6.5 / 0.207692 / 3",
        "2.5 / 4 / 0.625 / 1",
        "1.033333 / 7 / 0.147619 / 3",
        "-0.1 / 4 / -0.025 / 2",
        "1.133333 / 3 / 0.377778 / 2",
        "1.875 / 3 / 0.625 / 1",
        "1.25 / 2 / 0.625 / 1",
    ],
    ..A2
};

pub const A4: ExpectedColumn = ExpectedColumn {
    name: "A4",
    scoreboards: [
        "4.1 / 8.5 / 0.482353 / 3",
        "1.6 / 4.5 / 0.355556 / 2",
        "2.5 / 4 / 0.625 / 1",
        "1.533333 / 4 / 0.383333 / 2",
        "0.4 / 1 / 0.4 / 1",
        "1.133333 / 3 / 0.377778 / 2",
        "1.875 / 3 / 0.625 / 1",
        "1.25 / 2 / 0.625 / 1",
    ],
    passed: true,
    level: "Sound",
    ..A2
};

pub const B1: ExpectedColumn = ExpectedColumn {
    name: "B1",
    scoreboards: [
        "3 / 8.5 / 0.352941 / 3",
        "3 / 4.5 / 0.666667 / 2",
        "0 / 4 / 0 / 1",
        "1 / 4 / 0.25 / 2",
        "0 / 1 / 0 / 1",
        "1 / 3 / 0.333333 / 2",
        "0 / 3 / 0 / 1",
        "0 / 2 / 0 / 1",
    ],
    effects: "2.5; 2.5; 0; -1",
    completed_at: 1_767_227_400,
    waiting: 0,
    passed: false,
    level: "Entry",
};

impl ExpectedColumn {
    /// All figures as texts, in the order of [`of`].
    pub fn figures(&self) -> Vec<String> {
        self.scoreboards.iter().copied().chain([self.effects]).map(str::to_owned).collect()
    }
}

/// The figures of a detailed result in the order of the table.
pub fn of(result: &Value) -> Vec<String> {
    let numeracy = &result["dimensions"][0];
    let language = &result["dimensions"][1];
    let boards = [
        &result["scoreboard"],
        &result["sections"][0]["scoreboard"],
        &result["sections"][1]["scoreboard"],
        &numeracy["scoreboard"],
        &numeracy["subDimensions"][0]["scoreboard"],
        &numeracy["subDimensions"][1]["scoreboard"],
        &language["scoreboard"],
        &language["subDimensions"][0]["scoreboard"],
    ];
    let style = &result["effects"][0];
    let scores = [style, &style["subEffects"][0], &style["subEffects"][1], &result["effects"][1]]
        .map(|effect| effect["score"].to_string());
    boards.into_iter().map(board).chain([scores.join("; ")]).collect()
}

/// What the basic mode shows of a detailed result.
pub fn basic(detailed: &Value) -> Value {
    let board = &detailed["scoreboard"];
    let shown = ["pointsAchieved", "maxAchievablePoints", "achievementRatio"]
        .map(|name| (name.to_owned(), board[name].clone()));
    json!({ "completedAt": detailed["completedAt"], "scoreboard": Value::Object(shown.into_iter().collect()) })
}

fn board(board: &Value) -> String {
    ["pointsAchieved", "maxAchievablePoints", "achievementRatio", "noOfQuestions"]
        .map(|name| board[name].to_string())
        .join(" / ")
}
