//! One instance with what belongs to it but is in no list: its test, the candidate's uniqId and
//! entry form.

use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::results::{InstanceSerializer, ListingDetail, authorized_head};
use crate::services::ResultService;
use domain::id::{CandidateId, InstanceId, OrganizationId, StepId, TaskId, TestId};
use domain::media::{MediaPurpose, MediaState};
use domain::role::Right;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::listing;

domain::string_enum! {
    /// What an instance can be expanded by.
    pub enum Expansion {
        Test = "test",
        UniqId = "uniqId",
        CreditCost = "creditCost",
        RoomForm = "roomForm",
        IdentityPhoto = "identityPhoto",
    }
}

/// A detailed instance as printed, with everything it can be expanded by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpandedInstance {
    pub instance: String,
    pub organization: OrganizationId,
    pub test: TestId,
    /// The candidate's.
    pub uniq_id: Option<String>,
    /// Field label to answer; none when the task has no form, empty when it was not filled in.
    pub room_form: Option<BTreeMap<String, String>>,
    /// Where the identity photo can be read for an hour or two; none when there is no photo.
    pub identity_photo: Option<String>,
}

impl ResultService {
    /// One instance, expanded.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`, and without `evidences:read` where an
    /// identity photo is wanted; [`Failure::NotFound`].
    pub async fn expand_instance(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        wanted: &[Expansion],
        print: InstanceSerializer,
    ) -> Result<ExpandedInstance, Failure> {
        require_expansion_scopes(caller, wanted)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (task, instance) = (task.clone(), instance.clone());
        self.read_for(caller, move |work| {
            authorized_head(work.tx, work.caller, &task)?;
            let (mut printed, mut of) = (String::new(), None);
            listing::one(
                work.tx,
                work.organization,
                &task,
                &instance,
                ListingDetail::Detailed,
                &mut |listed| {
                    print(work.caller, &task, &listed, &mut printed);
                    of = Some((
                        StepId::from(listed.step_id),
                        CandidateId::from(listed.candidate_id),
                    ));
                    Ok(())
                },
            )?;
            let (step, candidate) = of.ok_or(Failure::NotFound)?;
            let photo = storage::media::list_of_candidate(
                work.tx,
                &candidate,
                MediaPurpose::IdentityPhoto,
            )?
            .pop();
            let photo = photo.filter(|photo| photo.state == MediaState::Kept);
            let identity_photo =
                photo.map(|photo| work.app.files().media_url(&photo.id, work.now)).transpose()?;
            let expanded = expanded(work.tx, work.caller, &task, printed, &step, &candidate)?;
            Ok(ExpandedInstance { identity_photo, ..expanded })
        })
        .await
    }
}

/// The scopes these need, for telling before anything else is judged.
///
/// # Errors
/// As [`ResultService::expand_instance`].
pub fn require_expansion_scopes(caller: &Caller, wanted: &[Expansion]) -> Result<(), Failure> {
    caller.require(Right::ReadResults)?;
    if wanted.contains(&Expansion::IdentityPhoto) {
        caller.require(Right::ReadEvidences)
    } else {
        Ok(())
    }
}

fn expanded(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    instance: String,
    step: &StepId,
    candidate: &CandidateId,
) -> Result<ExpandedInstance, Failure> {
    let organization = caller.organization.clone();
    let missing = || Failure::internal("an instance's step, task or candidate is missing");
    let test = storage::step::find(tx, &organization, task, step)?.ok_or_else(missing)?.test_id;
    let task_row = storage::task::find(tx, &organization, task)?.ok_or_else(missing)?;
    let candidate =
        storage::candidate::find(tx, &organization, task, candidate)?.ok_or_else(missing)?;
    let filled: Option<BTreeMap<String, String>> =
        candidate.room_form.as_deref().map(from_json).transpose()?;
    let room_form = task_row.access_form.map(|_| filled.unwrap_or_default());
    Ok(ExpandedInstance {
        instance,
        organization,
        test,
        uniq_id: candidate.uniq_id,
        room_form,
        identity_photo: None,
    })
}
