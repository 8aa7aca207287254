//! A step in a form: its fields, read into what `app` takes and written from what it gives.

use crate::staff::support::{FormErrors, FormValues};
use app::tasks::{NewConduct, NewPrerequisite, TaskStepView, TaskView};
use domain::access::prerequisite::{MinimumRatio, Prerequisite, ScoreAggregate};
use domain::access::settings::{
    AccessSwitch, AnswerReview, AttemptLimit, ConfirmationMail, FullscreenRules, ResultSharing,
    ResumeRules, ScreenRecording, ShareWhen, WebcamRecording,
};
use domain::id::StepId;
use domain::time::TimeWindow;
use std::fmt::Display;

/// What a step's selects offer: value and words.
pub type SelectOptions = &'static [(&'static str, &'static str)];

/// What a step records by webcam: stored word and label.
pub const WEBCAM: SelectOptions =
    &[("NONE", "Off"), ("PHOTO", "Photos at intervals"), ("VIDEO", "Video")];
/// What a step records of the screen: stored word and label.
pub const SCREEN: SelectOptions =
    &[("NONE", "Off"), ("SCREENSHOT", "Screenshots at intervals"), ("SCREENCAPTURE", "Video")];
/// What candidates see of their result: form value and label.
pub const SHARING: SelectOptions = &[
    ("nothing", "No scores"),
    ("basic", "Score, outcome and level"),
    ("detailed", "Also sections, dimensions and effects"),
];
/// What candidates see of their answers: form value and label.
pub const REVIEW: SelectOptions = &[
    ("none", "No answers"),
    ("answers", "Their answers, right or wrong, with feedback"),
    ("solutions", "Also the right answers"),
];
/// When candidates see it: form value and label.
pub const SHARE_WHEN: SelectOptions = &[
    ("settled", "When everything is graded"),
    ("completed", "As soon as they submit"),
    ("closed", "When the step has closed"),
    ("released", "When staff release the results"),
];
/// Whether a submission is confirmed by e-mail: stored word and label.
pub const CONFIRMATION: SelectOptions = &[
    ("auto", "If this task invites by e-mail"),
    ("always", "Whenever the candidate has an e-mail address"),
    ("never", "Never"),
];
/// Which attempt counts where several are allowed: stored word and label.
pub const FIGURES: SelectOptions = &[("max", "Best"), ("average", "Average"), ("last", "Last")];

/// One step of a form with what was typed and what is wrong with it.
pub struct StepBlock<'form> {
    /// From 1.
    pub number: usize,
    pub title: String,
    /// The other steps that this one may wait for: number and words.
    pub others: Vec<(String, String)>,
    name: String,
    place: String,
    values: &'form FormValues,
    errors: &'form FormErrors,
}

impl<'form> StepBlock<'form> {
    /// A block whose fields are `steps.{index}.…` and whose faults lie under `place`.
    pub fn new(
        index: usize,
        place: impl Display,
        title: &str,
        values: &'form FormValues,
        errors: &'form FormErrors,
    ) -> Self {
        let name = format!("steps.{index}");
        let (number, title, others) = (index + 1, title.to_owned(), Vec::new());
        Self { number, title, others, name, place: format!("/steps/{place}"), values, errors }
    }

    /// Beside the steps of a task that is there.
    pub fn with_task_steps(mut self, task: &TaskView) -> Self {
        let others = task.steps.iter().enumerate().filter(|(index, _)| index + 1 != self.number);
        self.others =
            others.map(|(index, step)| ((index + 1).to_string(), step.title.clone())).collect();
        self
    }

    /// Beside so many steps that are being made.
    pub fn with_new_steps(mut self, count: usize) -> Self {
        let others = (1..=count).filter(|number| *number != self.number);
        self.others = others.map(|number| (number.to_string(), format!("Step {number}"))).collect();
        self
    }

    /// The steps whose result may be asked for, behind a line that asks for none.
    pub fn scored(&self) -> Vec<(String, String)> {
        let none = (String::new(), "Any result".to_owned());
        std::iter::once(none).chain(self.others.iter().cloned()).collect()
    }

    /// Whether a field was sent with this value.
    pub fn is_chosen(&self, field: &str, value: &str) -> bool {
        self.values.is(&self.name(field), value)
    }

    /// Whether anything is asked of who wants to start.
    pub fn has_conditions(&self) -> bool {
        ["stages", "programs", "completed", "score0.step"]
            .iter()
            .any(|field| !self.value(field).is_empty())
    }

    /// Whether candidates see anything afterwards, or something about it is wrong.
    pub fn has_sharing(&self) -> bool {
        let is_set = |field: &str, none: &str| !["", none].contains(&self.value(field));
        is_set("sharing", "nothing")
            || is_set("review", "none")
            || is_set("confirmation", "auto")
            || ["sharing", "review", "shareWhen"].iter().any(|field| self.fault(field).is_some())
    }

    /// A field's full name in the form.
    pub fn name(&self, field: &str) -> String {
        format!("{}.{field}", self.name)
    }

    /// A field's text as it was sent; empty without one.
    pub fn value(&self, field: &str) -> &'form str {
        self.values.text(self.name(field))
    }

    /// Whether a checkbox was sent.
    pub fn is_on(&self, field: &str) -> bool {
        self.values.has(&self.name(field))
    }

    /// The sentence about what is wrong with a field or below it.
    pub fn fault(&self, field: &str) -> Option<&'form str> {
        self.errors.within(format!("{}/{field}", self.place))
    }

    /// For a field whose fault stands elsewhere.
    pub fn none(&self) -> Option<&'form str> {
        None
    }

    /// The fields of each condition on a result, with one that is free.
    pub fn scores(&self) -> Vec<ScoreFields> {
        let sent = self.values.block_count(|index| self.name(&format!("score{index}.step")));
        let fields = |index| ScoreFields {
            step: format!("score{index}.step"),
            figure: format!("score{index}.figure"),
            minimum: format!("score{index}.minimum"),
        };
        (0..sent.max(1)).map(fields).collect()
    }

    /// The choices of a list by its short name; those of sharing for any other.
    pub fn options(&self, of: &str) -> SelectOptions {
        match of {
            "webcam" => WEBCAM,
            "screen" => SCREEN,
            "figure" => FIGURES,
            "review" => REVIEW,
            "shareWhen" => SHARE_WHEN,
            "confirmation" => CONFIRMATION,
            _ => SHARING,
        }
    }
}

/// The fields of one condition on a result.
pub struct ScoreFields {
    pub step: String,
    pub figure: String,
    pub minimum: String,
}

/// A step's fields as they were read.
pub struct StepFields {
    pub title: Option<String>,
    pub switch: AccessSwitch,
    pub attempt_limit: AttemptLimit,
    pub conduct: NewConduct,
}

/// Reads the step of an index; `place` is how `app` names it in faults.
pub fn read(values: &FormValues, index: usize, place: &str, errors: &mut FormErrors) -> StepFields {
    let name = |field: &str| format!("steps.{index}.{field}");
    let at = |field: &str| format!("/steps/{place}/{field}");
    let window = TimeWindow {
        after: values.instant(&name("after"), errors, &at("activeAfter")),
        before: values.instant(&name("before"), errors, &at("activeBefore")),
    };
    let attempt_limit = match values.number::<i64>(&name("attempts"), errors, &at("attemptLimit")) {
        None => AttemptLimit::Unlimited,
        Some(number) => AttemptLimit::try_from(number).unwrap_or_else(|_| {
            errors.add(at("attemptLimit"), "Must be at least 1; leave it empty for no limit.");
            AttemptLimit::Unlimited
        }),
    };
    let conduct = NewConduct {
        prerequisites: Some(prerequisites(values, index, place, errors)),
        webcam_recording: WebcamRecording::parse(values.text(name("webcam"))),
        screen_recording: ScreenRecording::parse(values.text(name("screen"))),
        fullscreen: Some(
            values.has(&name("fullscreen")).then(|| fullscreen(values, index, place, errors)),
        ),
        identity_photo: Some(values.has(&name("identity"))),
        documents: Some(values.lines(&name("documents"))),
        practice_mode: Some(values.has(&name("practice"))),
        sharing: ResultSharing::parse(values.text(name("sharing"))),
        review: AnswerReview::parse(values.text(name("review"))),
        share_when: ShareWhen::parse(values.text(name("shareWhen"))),
        confirmation_mail: ConfirmationMail::parse(values.text(name("confirmation"))),
    };
    let switch = AccessSwitch { active: values.has(&name("active")), window };
    StepFields { title: values.non_empty(&name("title")), switch, attempt_limit, conduct }
}

fn fullscreen(
    values: &FormValues,
    index: usize,
    place: &str,
    errors: &mut FormErrors,
) -> FullscreenRules {
    let mut number = |field: &str| {
        values.number(
            &format!("steps.{index}.{field}"),
            errors,
            &format!("/steps/{place}/fullscreen"),
        )
    };
    let (count, seconds) = (number("resumeCount"), number("resumeSeconds"));
    let resume = count.or(seconds).map(|_| ResumeRules {
        max_count: count.unwrap_or(u32::MAX),
        max_seconds: seconds.unwrap_or(u32::MAX),
    });
    FullscreenRules {
        resume,
        terminate_after_count: number("leaveCount"),
        terminate_after_seconds: number("leaveSeconds"),
        terminate_after_total_seconds: number("leaveTotal"),
        flag_after_total_seconds: number("leaveFlag"),
    }
}

fn prerequisites(
    values: &FormValues,
    index: usize,
    place: &str,
    errors: &mut FormErrors,
) -> Vec<NewPrerequisite> {
    let name = |field: &str| format!("steps.{index}.{field}");
    let at = format!("/steps/{place}/prerequisites");
    let mut list = Vec::new();
    let split =
        |line: &String| line.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    list.extend(
        values
            .lines(&name("stages"))
            .iter()
            .map(|line| NewPrerequisite::Stage { stages: split(line) }),
    );
    list.extend(
        values
            .lines(&name("programs"))
            .iter()
            .map(|line| NewPrerequisite::Program { programs: split(line) }),
    );
    for number in values.all(&name("completed")) {
        match number.parse() {
            Ok(step) => list.push(NewPrerequisite::Completion { step }),
            Err(_) => errors.add(&at, "Must name other steps of the task."),
        }
    }
    let scores = values.block_count(|score| name(&format!("score{score}.step")));
    for score in 0..scores {
        let field = |what: &str| name(&format!("score{score}.{what}"));
        let Some(step) = values.number(&field("step"), errors, &at) else { continue };
        let figure =
            ScoreAggregate::parse(values.text(field("figure"))).unwrap_or(ScoreAggregate::Max);
        match MinimumRatio::try_from(values.text(field("minimum")).trim().to_owned()) {
            Ok(minimum) => list.push(NewPrerequisite::Score { step, figure, minimum }),
            Err(_) => errors.add(&at, "Must have a minimum from -1 to 1, such as 0.6."),
        }
    }
    list
}

/// Writes the defaults of a new step of a test, which may be still to choose.
pub fn write_new(values: &mut FormValues, index: usize, test: &str) {
    let name = |field: &str| format!("steps.{index}.{field}");
    values.set(name("test"), test);
    values.set_if(name("active"), true);
    values.set(name("attempts"), "1");
    values.set(name("score0.step"), "");
}

/// Writes a kept step into its fields.
pub fn write(values: &mut FormValues, index: usize, task: &TaskView, step: &TaskStepView) {
    let name = |field: &str| format!("steps.{index}.{field}");
    values.set(name("title"), &step.title);
    values.set_if(name("active"), step.switch.active);
    values.set_instant(name("after"), step.switch.window.after);
    values.set_instant(name("before"), step.switch.window.before);
    if let AttemptLimit::AtMost(limit) = step.attempt_limit {
        values.set(name("attempts"), limit.to_string());
    }
    let conduct = &step.conduct;
    values.set(name("webcam"), conduct.webcam_recording.as_str());
    values.set(name("screen"), conduct.screen_recording.as_str());
    values.set(name("sharing"), conduct.sharing.as_str());
    values.set(name("review"), conduct.review.as_str());
    values.set(name("shareWhen"), conduct.share_when.as_str());
    values.set(name("confirmation"), conduct.confirmation_mail.as_str());
    values.set_if(name("identity"), conduct.identity_photo);
    values.set_if(name("practice"), conduct.practice_mode);
    values.set(name("documents"), conduct.documents.join("\n"));
    if let Some(full) = &conduct.fullscreen {
        write_fullscreen(values, index, full);
    }
    write_prerequisites(values, index, task, &conduct.prerequisites);
}

fn write_fullscreen(values: &mut FormValues, index: usize, full: &FullscreenRules) {
    values.set_if(format!("steps.{index}.fullscreen"), true);
    let shown = |number: u32| Some(number).filter(|number| *number != u32::MAX);
    let numbers = [
        ("resumeCount", full.resume.and_then(|resume| shown(resume.max_count))),
        ("resumeSeconds", full.resume.and_then(|resume| shown(resume.max_seconds))),
        ("leaveCount", full.terminate_after_count),
        ("leaveSeconds", full.terminate_after_seconds),
        ("leaveTotal", full.terminate_after_total_seconds),
        ("leaveFlag", full.flag_after_total_seconds),
    ];
    for (field, number) in numbers {
        values.set(
            format!("steps.{index}.{field}"),
            number.map(|number| number.to_string()).unwrap_or_default(),
        );
    }
}

fn write_prerequisites(
    values: &mut FormValues,
    index: usize,
    task: &TaskView,
    list: &[Prerequisite],
) {
    let name = |field: &str| format!("steps.{index}.{field}");
    let number = |id: &StepId| {
        task.steps.iter().position(|step| step.id == *id).map(|at| (at + 1).to_string())
    };
    let (mut stages, mut programs, mut completed, mut scores) =
        (Vec::new(), Vec::new(), Vec::new(), 0);
    for prerequisite in list {
        match prerequisite {
            Prerequisite::Stage { stages: names } => {
                stages.push(names.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
            }
            Prerequisite::Program { programs: uuids } => {
                let names = task.programs.iter().filter(|program| uuids.contains(&program.uuid));
                programs.push(
                    names.map(|program| program.name.as_str()).collect::<Vec<_>>().join(", "),
                );
            }
            Prerequisite::Completion { step } => completed.extend(number(step)),
            Prerequisite::Score { step, figure, minimum } => {
                values.set(name(&format!("score{scores}.step")), number(step).unwrap_or_default());
                values.set(name(&format!("score{scores}.figure")), figure.as_str());
                values.set(name(&format!("score{scores}.minimum")), String::from(*minimum));
                scores += 1;
            }
        }
    }
    values.set(name("stages"), stages.join("\n"));
    values.set(name("programs"), programs.join("\n"));
    for step in completed {
        values.set(name("completed"), step);
    }
    values.set(name(&format!("score{scores}.step")), "");
}

/// Whether the prerequisites in two forms read the same, so that they need not be written anew.
pub fn has_same_prerequisites(one: &FormValues, other: &FormValues, index: usize) -> bool {
    let of = |values: &FormValues| {
        let mut errors = FormErrors::default();
        prerequisites(values, index, "", &mut errors)
    };
    of(one) == of(other)
}
