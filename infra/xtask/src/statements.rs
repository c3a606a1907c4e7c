//! The IAM statements of `template.yaml`, found in its text so that all else stays as it is.

use std::ops::Range;

/// A statement that has a Sid, in an inline policy of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The logical id of the role.
    pub(crate) role: String,
    pub(crate) sid: String,
    lines: Range<usize>,
}

impl Statement {
    /// `TagUpdateRole/ReadSettings`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.role, self.sid)
    }

    /// The template without this statement.
    pub(crate) fn removed_from(&self, template: &str) -> String {
        let lines = template.split_inclusive('\n').enumerate();
        lines.filter(|(line, _)| !self.lines.contains(line)).map(|(_, text)| text).collect()
    }
}

/// All statements of all roles, from top to bottom.
pub(crate) fn find(template: &str) -> Vec<Statement> {
    let lines: Vec<_> = template.lines().collect();
    let mut resource = "";
    let mut is_role = false;
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if indent(line) == 2 && line.ends_with(':') {
            (resource, is_role) = (line.trim().trim_end_matches(':'), false);
        }
        is_role |= line.trim() == "Type: AWS::IAM::Role";
        let Some(sid) = line.trim().strip_prefix("- ").filter(|_| is_role).and_then(sid) else {
            continue;
        };
        let inside = lines.iter().skip(number + 1).take_while(|next| indent(next) > indent(line));
        let end = number + 1 + inside.count();
        found.push(Statement {
            role: resource.to_owned(),
            sid: sid.to_owned(),
            lines: number..end,
        });
    }
    found
}

/// The Sid that a statement begins with, in block or in flow style.
fn sid(item: &str) -> Option<&str> {
    let rest = item.trim_start_matches("{ ").strip_prefix("Sid: ")?;
    Some(rest.split(',').next().unwrap_or(rest).trim())
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "\
Resources:
  StepRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - { Sid: First, Effect: Allow }
              - Sid: Second
                Effect: Allow
              - { Sid: Third, Effect: Allow }
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Statement:
        - Sid: NotOfARole
";

    #[test]
    fn finds_the_statements_of_roles_alone() {
        let names: Vec<_> = find(TEMPLATE).iter().map(Statement::name).collect();
        assert_eq!(names, ["StepRole/First", "StepRole/Second", "StepRole/Third"]);
    }

    #[test]
    fn removes_one_statement_with_all_its_lines() {
        let second = &find(TEMPLATE)[1];
        let rest = "              - Sid: Second\n                Effect: Allow\n";
        assert_eq!(second.removed_from(TEMPLATE), TEMPLATE.replace(rest, ""));
    }

    #[test]
    fn finds_every_sid_of_the_real_template() {
        let template = include_str!("../../../template.yaml");
        let of_the_topic = 1;
        assert_eq!(find(template).len() + of_the_topic, template.matches("Sid: ").count());
    }
}
