//! Who is asking: a program with an API key, one of the staff, the operator at the command line, or
//! a candidate.

use crate::failure::{Failure, MissingRight};
use domain::id::{CandidateId, KeyId, OrganizationId, RequestId, TaskId, UserId};
use domain::instance::{ActorKind, Scope};
use domain::key_limits::KeyLimits;
use domain::role::{Permission, Right, Role};
use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// An API key, one of the staff or the operator at work: the first argument of every use case that
/// acts for an organization.
#[derive(Clone, Debug)]
pub struct Caller {
    pub organization: OrganizationId,
    pub request: RequestId,
    authority: Authority,
}

#[derive(Clone, Debug)]
enum Authority {
    Key(Arc<KeyGrant>),
    User(Arc<UserGrant>),
    Operator,
}

/// What an API key allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGrant {
    pub organization: OrganizationId,
    pub key: KeyId,
    pub scopes: Vec<Scope>,
    /// The key is limited to these tasks.
    pub tasks: Option<Vec<TaskId>>,
    /// The key is limited to tasks in these folders.
    pub folders: Option<Vec<String>>,
    /// When the key ends.
    pub expires_at: Option<Timestamp>,
}

/// What a signed-in user may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserGrant {
    pub organization: OrganizationId,
    pub user: UserId,
    pub roles: Vec<Role>,
    pub permissions: Vec<Permission>,
    /// A joker limited to these tasks.
    pub tasks: Option<Vec<TaskId>>,
    /// A joker limited to tasks in these folders.
    pub folders: Option<Vec<String>>,
}

/// Who is written into events and versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: String,
}

impl Actor {
    /// The server itself, for example a deadline.
    #[must_use]
    pub fn system() -> Self {
        Self { kind: ActorKind::System, id: String::new() }
    }

    #[must_use]
    pub fn candidate(id: &CandidateId) -> Self {
        Self { kind: ActorKind::Candidate, id: id.to_string() }
    }
}

impl Caller {
    #[must_use]
    pub fn with_key(grant: Arc<KeyGrant>, request: RequestId) -> Self {
        Self { organization: grant.organization.clone(), request, authority: Authority::Key(grant) }
    }

    #[must_use]
    pub fn with_user(seat: Arc<UserGrant>, request: RequestId) -> Self {
        Self { organization: seat.organization.clone(), request, authority: Authority::User(seat) }
    }

    /// The operator at the command line: everything within one organization.
    #[must_use]
    pub fn operator(organization: OrganizationId, request: RequestId) -> Self {
        Self { organization, request, authority: Authority::Operator }
    }

    /// The key at work, if it is one.
    #[must_use]
    pub fn key(&self) -> Option<&KeyId> {
        match &self.authority {
            Authority::Key(grant) => Some(&grant.key),
            Authority::User(_) | Authority::Operator => None,
        }
    }

    /// The signed-in user, if it is one.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        match &self.authority {
            Authority::User(seat) => Some(&seat.user),
            Authority::Key(_) | Authority::Operator => None,
        }
    }

    #[must_use]
    pub fn is_operator(&self) -> bool {
        matches!(self.authority, Authority::Operator)
    }

    /// Demands a right: of a key the scope that gives it, of one of the staff the permission. The
    /// operator has them all.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] when neither a role nor the key's scopes give it.
    pub fn require(&self, right: Right) -> Result<(), Failure> {
        match &self.authority {
            Authority::Key(grant) => {
                let (wanted, mut scopes) = (right.scope(), grant.scopes.iter());
                if !scopes.any(|scope| scope.includes(wanted)) {
                    return Err(MissingRight::Scope(wanted).into());
                }
            }
            Authority::User(grant) => {
                if !grant.permissions.contains(&right.permission()) {
                    return Err(MissingRight::Permission(right).into());
                }
            }
            Authority::Operator => {}
        }
        Ok(())
    }

    /// Demands `manage` from a caller that sees all of its organization: settings of the
    /// organization reach every task.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] when the key is narrower.
    pub fn require_whole_organization(&self) -> Result<(), Failure> {
        self.require(Right::Manage)?;
        self.require_unlimited()
    }

    /// Demands a caller that is limited neither to tasks nor to folders.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] when it is.
    pub fn require_unlimited(&self) -> Result<(), Failure> {
        if self.is_limited() { Err(MissingRight::WholeOrganization.into()) } else { Ok(()) }
    }

    /// How far a key may reach that the caller makes, rotates or revokes.
    #[must_use]
    pub fn key_limits(&self) -> KeyLimits {
        let (tasks, folders) = self.limits();
        let (scopes, expires_at) = match &self.authority {
            Authority::Key(grant) => (grant.scopes.clone(), grant.expires_at),
            Authority::User(_) | Authority::Operator => (Scope::ALL.to_vec(), None),
        };
        let scopes = scopes
            .into_iter()
            .filter(|scope| self.require(Right::of_scope(*scope)).is_ok())
            .collect();
        KeyLimits { scopes, tasks: tasks.cloned(), folders: folders.cloned(), expires_at }
    }

    /// Demands that a test, a question of the bank or a user lies within the limits, by its folder.
    /// For whoever is limited to tasks none does: tests, questions and users belong to no task.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when it lies outside.
    pub fn require_folder_access(&self, folder: &str) -> Result<(), Failure> {
        if self.can_access_folder(folder) { Ok(()) } else { Err(Failure::NotFound) }
    }

    /// The same as a question.
    #[must_use]
    pub fn can_access_folder(&self, folder: &str) -> bool {
        let (tasks, folders) = self.limits();
        tasks.is_none() && folders.is_none_or(|folders| folders.iter().any(|entry| entry == folder))
    }

    /// Demands that some folder lies within the limits, for what concerns tests, questions or users
    /// and names none yet.
    ///
    /// # Errors
    /// [`Failure::NotFound`] for whoever is limited to tasks.
    pub fn require_any_folder(&self) -> Result<(), Failure> {
        if self.limits().0.is_none() { Ok(()) } else { Err(Failure::NotFound) }
    }

    /// Demands that a task lies within the key's limits; what lies outside does not exist for it.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when it lies outside.
    pub fn require_task_access(&self, task: &TaskId, folder: &str) -> Result<(), Failure> {
        let (tasks, folders) = self.limits();
        let by_task = tasks.is_none_or(|tasks| tasks.contains(task));
        let by_folder = folders.is_none_or(|folders| folders.iter().any(|entry| entry == folder));
        if by_task && by_folder { Ok(()) } else { Err(Failure::NotFound) }
    }

    fn limits(&self) -> (Option<&Vec<TaskId>>, Option<&Vec<String>>) {
        match &self.authority {
            Authority::Key(grant) => (grant.tasks.as_ref(), grant.folders.as_ref()),
            Authority::User(seat) => (seat.tasks.as_ref(), seat.folders.as_ref()),
            Authority::Operator => (None, None),
        }
    }

    /// The folders that the caller is limited to, if it is.
    #[must_use]
    pub fn folders(&self) -> Option<&[String]> {
        self.limits().1.map(Vec::as_slice)
    }

    /// Whether some tasks may lie out of reach.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        matches!(self.limits(), (Some(_), _) | (_, Some(_)))
    }

    #[must_use]
    pub fn actor(&self) -> Actor {
        match &self.authority {
            Authority::Key(grant) => Actor { kind: ActorKind::Key, id: grant.key.to_string() },
            Authority::User(seat) => Actor { kind: ActorKind::User, id: seat.user.to_string() },
            Authority::Operator => Actor::system(),
        }
    }
}

/// Where somebody knocks from.
#[derive(Clone, Debug)]
pub struct ClientContext {
    /// The client's address, where the connection tells it.
    pub address: Option<IpAddr>,
    pub request: RequestId,
}

/// What a session token is kept as.
#[must_use]
pub fn session_hash(token: &str) -> storage::Sha256Digest {
    Sha256::digest(token.as_bytes()).into()
}

/// A candidate's log-in session at work. What it may do is read inside each transaction, so that a
/// session that was ended, or a code that was renewed, is dead at once.
#[derive(Clone, Debug)]
pub struct CandidateSession {
    /// SHA-256 of the session token.
    pub token_hash: [u8; 32],
    /// Where the client is, as far as that is known; what comes at once is counted by it.
    pub address: Option<IpAddr>,
    pub request: RequestId,
}
