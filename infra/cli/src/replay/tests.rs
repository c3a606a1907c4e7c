//! What replays do to the queues and to their own records.
