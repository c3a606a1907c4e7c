//! Tasks of the module `project`, with their owners of the module `project_plan`.
//!
//! A task of Tryton's has no assignee by itself; an allocation of `project_plan` plans an employee's
//! time for it, and shows in the task's form. Its day is the constraint on its finish.
//!
//! Source: `trytond/modules/project/work.py` and `trytond/modules/project_plan/{work,allocation}.py`
//! of 8.2.

use super::Tryton;
use super::client::Search;
use super::handles::literal;
use super::wire::{Model, Record, Work};
use crate::{ContactId, CrmError, Task, TaskId, Tasks};
use domain::EffectKey;
use jiff::civil::Date;
use serde_json::{Value, json};

impl Tasks for Tryton {
    async fn task(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        task: &Task,
    ) -> Result<TaskId, CrmError> {
        let party = self.current(contact).await?.id;
        let mark = format!("[{key}]");
        if let Some(work) = self.work(&mark).await? {
            return Ok(TaskId::new(work.id.to_string()));
        }
        let allocations = match task.owner.as_ref().or(self.ticket_owner.as_ref()) {
            Some(name) => json!([["create", [{ "employee": self.employee(name).await? }]]]),
            None => json!([]),
        };
        let values = json!({
            "type": "task",
            "name": task.title,
            "company": self.company,
            "party": party,
            "comment": format!("{}\n\n{mark}", task.text),
            "constraint_finish_date": task.due.map(day),
            "allocations": allocations,
        });
        Ok(TaskId::new(self.client.create::<Work>(&values).await?.id.to_string()))
    }
}

impl Tryton {
    /// The task that an earlier try has made.
    async fn work(&self, mark: &str) -> Result<Option<Work>, CrmError> {
        let domain = json!([
            ["comment", "like", format!("%{}", literal(mark))],
            ["company", "=", self.company]
        ]);
        match self.first::<Work>(domain).await {
            Ok(Some(other)) if !other.comment.as_ref().is_some_and(|it| it.ends_with(mark)) => {
                Err(CrmError::Unfiltered { record: Work::MODEL })
            }
            // Tryton answers alike for a model that it does not know, and for a fault of its own.
            Err(CrmError::Broken { .. }) if !self.plans_work().await? => {
                Err(CrmError::ModuleMissing { module: "project_plan" })
            }
            other => other,
        }
    }

    async fn plans_work(&self) -> Result<bool, CrmError> {
        let search = Search::new(json!([["name", "=", "project.allocation"]]), 1);
        Ok(!self.client.search::<Model>(&search).await?.is_empty())
    }
}

/// A day as Tryton's JSON writes it.
fn day(day: Date) -> Value {
    json!({ "__class__": "date", "year": day.year(), "month": day.month(), "day": day.day() })
}
