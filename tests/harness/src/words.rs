//! What the table of faults says about each class.

use crate::fault::{Fault, Status};

impl Fault {
    /// How the harness makes it.
    pub(crate) fn made(self) -> &'static str {
        match self {
            Self::KilledBeforeWrite => {
                "`kill -9` of the function that asks for a write, which is not handed on"
            }
            Self::KilledAfterWrite => {
                "`kill -9` of the function once its write is done, before it hears so"
            }
            Self::KilledBeforeSend => "`kill -9` before a message, an SMS or an alarm is handed on",
            Self::KilledAfterSend => "`kill -9` once it was sent, before the function hears so",
            Self::Frozen => {
                "`SIGSTOP` for 7 s with visibility timeouts of 5 s, and a second worker on each \
                 queue that takes over meanwhile"
            }
            Self::MessageDuplicated => "sent once more under another deduplication id",
            Self::MessageDelayed => "acknowledged at once, sent 2 to 10 s later",
            Self::MessagesReordered => {
                "held back until others have passed; a batch is sent in the opposite order"
            }
            Self::MessageTruncated => {
                "only the first part of the body is sent; a person later sends the whole"
            }
            Self::StoreThrottled => "`ProvisionedThroughputExceededException`, up to 6 in a row",
            Self::StoreRepeated => {
                "each write reaches DynamoDB twice, and the answer is the second one's: a condition \
                 that the first made false"
            }
            Self::StoreTimeout => "the request is carried out, the answer never comes",
            Self::StorePartial => "`BatchGetItem` leaves keys unprocessed",
            Self::QueuePartial => "`SendMessageBatch` takes only some of the entries",
            Self::TextUnanswered => {
                "the SMS leaves; the connection then ends, or stands until the client gives up"
            }
            Self::Crm(Status(429)) => "the status, with `Retry-After: 2`, up to 6 in a row",
            Self::Crm(_) => {
                "the status, up to 6 in a row; half of the time after it has done as asked"
            }
            Self::CrmSlow => "half of an answer, and the rest after the deadline",
            Self::CrmOtherType => "200 with a page of HTML",
            Self::CrmErrorInside => "200 with an error in its JSON",
            Self::CrmReset => "the connection ends without an answer",
            Self::CrmTls => "half of the events meet a server that ends every TLS handshake",
            Self::CrmDns => "half of the events look for a name that does not exist",
            Self::SecretRotated => {
                "the shop's secret changes half-way, its sender signs with the new one at once"
            }
            Self::CrmKeyRotated => "the CRM takes only another key from half-way on",
            Self::ConfigurationChanged => "`omnicord config apply` half-way, `rollback` at the end",
            Self::Deployed => "every function becomes another build half-way, whatever it is at",
            Self::ClockSkew => {
                "sources whose clocks are 10 minutes off, in what they tell and in signatures"
            }
            Self::PoisonBody => "deliveries that are authentic and make no sense",
            Self::PoisonMessage => "a message in each queue that no version reads",
        }
    }

    /// What of the pipeline holds it.
    pub(crate) fn held_by(self) -> &'static str {
        match self {
            Self::KilledBeforeWrite | Self::KilledAfterWrite => {
                "derived ids and conditional writes: the next receive finds what was done"
            }
            Self::KilledBeforeSend | Self::KilledAfterSend => {
                "what was decided is stored first and sent again; a text is left to a person \
                 (`outcome_unknown`)"
            }
            Self::Frozen => "conditional writes; the lease of an effect",
            Self::MessageDuplicated => "the event's and the effect's own key",
            Self::MessageDelayed | Self::MessagesReordered => {
                "a profile is a function of the set of its events, each value with its time"
            }
            Self::MessageTruncated | Self::PoisonMessage => {
                "parked as `unreadable_message`; the rest of its group goes on"
            }
            Self::StoreThrottled | Self::StoreTimeout => {
                "the client's own repetition, then the queue's, then error-reconciler's"
            }
            Self::StoreRepeated => "a failed condition is answered with what is stored",
            Self::StorePartial => "what is left unprocessed is asked for again",
            Self::QueuePartial => "what was not taken is sent again, under the same id",
            Self::TextUnanswered => {
                "nothing that cannot be told from its repetition is repeated: `outcome_unknown`"
            }
            Self::Crm(Status(400 | 404 | 422)) | Self::CrmErrorInside => {
                "parked with the CRM's word; `failures retry` finds what was done"
            }
            Self::Crm(Status(401 | 403)) | Self::CrmKeyRotated => {
                "the whole destination waits; nothing is parked"
            }
            Self::Crm(_) | Self::CrmSlow | Self::CrmOtherType | Self::CrmReset => {
                "tried again; the connector looks for its own trace first; the breaker"
            }
            Self::CrmTls | Self::CrmDns => "nothing was sent: tried again; the breaker",
            Self::SecretRotated => {
                "a signature that does not fit has the secret read anew; 401, and the source resends"
            }
            Self::ConfigurationChanged => {
                "a decision is stored with its version, and not made twice"
            }
            Self::Deployed => "as a function that is killed; what is in the queues has defaults",
            Self::ClockSkew => {
                "a stale signature is 401; times are the source's, and only compared"
            }
            Self::PoisonBody => "parked by the receiver, which answers 200",
        }
    }
}
