//! The way from the document's root to one setting.

use std::fmt;

/// A step on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Segment {
    /// Into a mapping.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// A setting, such as `triggers[2].when`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Path(Vec<Segment>);

impl Path {
    /// The root of the document.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The way on into a mapping.
    #[must_use]
    pub(crate) fn key(&self, key: impl Into<String>) -> Self {
        self.then(Segment::Key(key.into()))
    }

    /// The way on into a list.
    #[must_use]
    pub(crate) fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// The same way, begun one step earlier.
    #[must_use]
    pub(crate) fn within(mut self, outer: Segment) -> Self {
        self.0.insert(0, outer);
        self
    }

    /// Both ways, one after the other.
    #[must_use]
    pub(crate) fn join(&self, inner: &Self) -> Self {
        Self(self.0.iter().chain(&inner.0).cloned().collect())
    }

    /// The way on along a text such as `mappings[0].handles`, as [`channels::Problem`] gives it.
    #[must_use]
    pub(crate) fn along(&self, text: &str) -> Self {
        let mut path = self.clone();
        for part in text.split('.') {
            let mut pieces = part.split('[');
            path = path.key(pieces.next().unwrap_or_default());
            for index in pieces.filter_map(|piece| piece.trim_end_matches(']').parse().ok()) {
                path = path.index(index);
            }
        }
        path
    }

    /// The steps, outermost first.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.0
    }

    fn then(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if depth == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_prints_as_it_reads() {
        let path = Path::root().key("sources").along("channel.call-push.mappings[0].handles[1].at");
        assert_eq!(path.to_string(), "sources.channel.call-push.mappings[0].handles[1].at");
        assert_eq!(path.segments().len(), 8);
    }
}
