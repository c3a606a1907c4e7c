//! The limits of what the command line understands.

use super::*;
use clap::CommandFactory;

fn parse(line: &str) -> Result<Arguments, clap::error::ErrorKind> {
    Arguments::try_parse_from(line.split(' ')).map_err(|error| error.kind())
}

#[test]
fn the_definition_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn global_flags_stand_anywhere() {
    for line in ["omnicord --json --stack s audit", "omnicord audit --stack s --json"] {
        let arguments = parse(line).unwrap();
        assert!(arguments.json && arguments.stack == "s", "{line}");
    }
}

#[test]
fn a_step_is_given_by_its_name() {
    let arguments = parse("omnicord failures list --step tag-update").unwrap();
    let Command::Failures(FailuresCommand::List(ListCommand { chosen, state })) = arguments.command
    else {
        panic!("{arguments:?}");
    };
    assert_eq!((chosen.step, state), (Some(Step::TagUpdate), None));
}

#[test]
fn a_retry_is_narrowed_as_a_list_is() {
    let line = "omnicord failures retry --all --destination crm --class transient";
    let arguments = parse(line).unwrap();
    let Command::Failures(FailuresCommand::Retry(RetryCommand { all, chosen, .. })) =
        arguments.command
    else {
        panic!("{arguments:?}");
    };
    assert!(all && chosen.class == Some(Class::Transient));
    assert_eq!(chosen.destination.as_deref(), Some("crm"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    use clap::error::ErrorKind::{
        ArgumentConflict, InvalidValue, MissingRequiredArgument, UnknownArgument, ValueValidation,
    };
    let cases = [
        ("omnicord failures retry", MissingRequiredArgument),
        ("omnicord failures retry fail_1 --all", ArgumentConflict),
        ("omnicord failures retry --step tag-update", MissingRequiredArgument),
        ("omnicord failures retry fail_1 --step tag-update", ArgumentConflict),
        ("omnicord failures retry fail_1 --destination crm", ArgumentConflict),
        ("omnicord failures retry --source shop", MissingRequiredArgument),
        ("omnicord failures show evt_1", ValueValidation),
        ("omnicord events show fail_1", ValueValidation),
        ("omnicord explain fail_1", ValueValidation),
        ("omnicord review accept fail_1", ValueValidation),
        ("omnicord review list --state parked", InvalidValue),
        ("omnicord review reject rev_1 --record 4", UnknownArgument),
        ("omnicord customer merge cus_1", MissingRequiredArgument),
        ("omnicord customer unmerge cus_1", ValueValidation),
        ("omnicord customer list --most 0", ValueValidation),
        ("omnicord trace fail_1", ValueValidation),
        ("omnicord recipe add sms-on-shipment --set expires", ValueValidation),
        ("omnicord rules test new.yaml --since 30", ValueValidation),
        ("omnicord rules watch --every 0s", ValueValidation),
    ];
    for (line, kind) in cases {
        assert_eq!(parse(line).unwrap_err(), kind, "{line}");
    }
}
