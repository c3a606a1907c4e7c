//! The reading of DynamoDB's errors.

use crate::StoreError;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use std::error::Error;

/// Names what the caller must do. Codes:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
pub(super) fn store_error<E>(error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or("no response").to_owned();
    let source = Box::new(error);
    match code.as_str() {
        "AccessDeniedException"
        | "ResourceNotFoundException"
        | "UnrecognizedClientException"
        | "ExpiredTokenException"
        | "InvalidSignatureException" => StoreError::Misconfigured { code, source },
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TransactionConflictException"
        | "TransactionInProgressException"
        | "TransactionCanceledException"
        | "InternalServerError"
        | "ServiceUnavailable" => StoreError::Unavailable { code, source },
        _ if status.is_none_or(|status| status >= 500 || status == 429) => {
            StoreError::Unavailable { code, source }
        }
        _ => StoreError::Rejected { code, source },
    }
}

/// Whether a transaction was cancelled because a condition did not hold, or because another
/// writer was at the same items: either way the state has to be read again.
pub(super) fn lost_the_race(error: &SdkError<TransactWriteItemsError>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return false;
    };
    let mut codes = cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code);
    codes.any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}

/// Whether the condition of a put did not hold.
pub(super) fn is_refused(error: &SdkError<PutItemError>) -> bool {
    matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_)))
}

/// A request that lacks a required part never leaves the process.
pub(super) fn built<T>(request: Result<T, BuildError>) -> Result<T, StoreError> {
    request.map_err(|source| StoreError::Rejected {
        code: "BuildError".into(),
        source: Box::new(source),
    })
}
