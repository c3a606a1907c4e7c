//! Merges and questions in memory.

use super::Store;
use crate::{Journal, StoreError};
use domain::{MergeId, ReviewId};
use identity::{Merge, Review, ReviewState};

impl Journal for Store {
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        Ok(self.read().merges.get(id).cloned())
    }

    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        Ok(self.read().reviews.get(id).cloned())
    }

    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError> {
        let contents = self.read();
        let of_state = contents.reviews.values().filter(|review| review.state.name() == state);
        let mut reviews: Vec<_> = of_state.cloned().collect();
        reviews.sort_by_key(|review| review.opened_at);
        Ok(reviews)
    }

    async fn open_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.write(|contents| {
            let new = !contents.reviews.contains_key(&review.id);
            contents.reviews.entry(review.id.clone()).or_insert_with(|| review.clone());
            new
        })
    }

    async fn close_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.write(|contents| match contents.reviews.get_mut(&review.id) {
            Some(stored) if stored.state == ReviewState::Open => {
                stored.state = review.state.clone();
                true
            }
            Some(_) | None => false,
        })
    }
}
