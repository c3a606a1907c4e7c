//! What a replay would change, laid out.

use super::foreseen::{Count, Foreseen};
use crate::output::{Verdict, View};
use crate::page::Page;
use std::collections::BTreeMap;
use std::fmt::Write;

impl Foreseen {
    fn changes(&self, page: &Page) -> String {
        let mut sheet = page.table(["what", "name", "customers", "for example"]);
        let rows: [(&str, &BTreeMap<String, Count>); 4] = [
            ("tag set", &self.tags_set),
            ("tag taken off", &self.tags_taken_off),
            ("field", &self.fields),
            ("counter or fact", &self.counters),
        ];
        for (what, counts) in rows {
            for (name, count) in counts {
                let samples: Vec<_> = count.samples.iter().map(ToString::to_string).collect();
                let customers = count.customers.to_string();
                sheet.row([what.to_owned(), name.clone(), customers, samples.join(" ")]);
            }
        }
        sheet.or("no tag, field or counter of any customer changes")
    }

    fn effects(&self, page: &Page) -> String {
        if !self.with_effects {
            return "nothing goes out without --effects\n".to_owned();
        }
        let mut sheet = page.table(["rule", "action", "effects", "for example"]);
        for (rule, actions) in &self.effects {
            for (action, sent) in actions {
                let samples: Vec<_> = sent.samples.iter().map(ToString::to_string).collect();
                let effects = sent.effects.to_string();
                sheet.row([rule.clone(), action.clone(), effects, samples.join(" ")]);
            }
        }
        sheet.or("nothing new goes out")
    }
}

impl View for Foreseen {
    fn text(&self, page: &Page) -> String {
        let Self { config_version, events, customers, changed, failed, dismissed, .. } = self;
        let mut text = format!(
            "{events} events of {customers} customers, {changed} of whom change by configuration \
             {config_version}\n\n"
        );
        text += &self.changes(page);
        text += "\n";
        text += &self.effects(page);
        if *failed > 0 {
            let _ = writeln!(text, "\n{failed} events could not be tried");
        }
        if *dismissed > 0 {
            let _ = writeln!(text, "\n{dismissed} events are left alone: a person dismissed them");
        }
        text + "\nnothing was changed; to do it, leave out --dry-run\n"
    }

    fn verdict(&self) -> Verdict {
        if self.changed == 0 && self.failed == 0 { Verdict::Clean } else { Verdict::Finding }
    }
}
