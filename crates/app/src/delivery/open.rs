//! Opening an instance: again on another device, or for the first time after reinstating.

use super::show::InstanceView;
use super::sitting::Sitting;
use crate::App;
use crate::audit::{Event, Kind};
use crate::caller::Visitor;
use crate::failure::Failure;
use domain::id::InstanceId;
use domain::time::Timestamp;
use storage::Transaction;

impl App {
    /// Opens an instance. After reinstating, the first time lets its clocks run.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; the switches' refusals; `instance_complete`.
    pub async fn open_instance(&self, visitor: &Visitor, instance: &InstanceId) -> Result<InstanceView, Failure> {
        let now = self.now();
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<InstanceView, Failure> {
            let mut sitting = Sitting::load(&app, tx, &visitor, &instance)?;
            sitting.demand_switches()?;
            sitting.open(&app, tx, now)?;
            InstanceView::of_sitting(&app, tx, &sitting, now)
        };
        self.storage().write(write).await
    }
}

impl Sitting {
    /// Opens the instance and keeps what that changed.
    pub(super) fn open(&mut self, app: &App, tx: &mut dyn Transaction, now: Timestamp) -> Result<(), Failure> {
        let clocks_start = self.delivery.open(&self.compiled, now)?;
        let has_locks = self.let_time_pass(app, tx, now)?;
        let event = Event::of_instance(Kind::InstanceOpened, &self.id).with("clocksStart", clocks_start);
        app.record(tx, now, &self.doer, event)?;
        if clocks_start || has_locks {
            self.keep_delivery(app, tx)?;
        }
        Ok(())
    }
}
