//! Signatures: nobody gets in with what no holder of the secret has sent.

use crate::genuine::{self, Source};
use crate::wire;
use channels::{ChannelSettings, Method, Request};

/// A request is let in only if a genuine one has all that the proof covers.
pub(crate) fn holds(bytes: &[u8]) {
    let Some((name, request)) = wire::read(bytes) else { return };
    let Some(source) = genuine::source(name) else { return };
    if let Some(verified) = source.verify(&request) {
        let proved = proved(source, &request);
        let genuine = source.requests.iter().any(|genuine| {
            let theirs = source.verify(genuine).expect("genuine");
            let same_text = theirs.body() == verified.body();
            self::proved(source, genuine) == proved
                && (same_text || !covers_the_body(source, &request))
        });
        assert!(genuine, "let in, and nobody has sent it");
    }
}

/// What the proof covers beside the body.
fn proved<'r>(source: &Source, request: &'r Request) -> Vec<Option<&'r str>> {
    match &source.channel {
        ChannelSettings::Wechat(_) if request.method == Method::Get => {
            ["signature", "timestamp", "nonce"].map(|name| request.query(name)).into()
        }
        ChannelSettings::Wechat(settings) if settings.mode == channels::wechat::Mode::Plain => {
            ["signature", "timestamp", "nonce"].map(|name| request.query(name)).into()
        }
        ChannelSettings::Wechat(_) | ChannelSettings::Wecom(_) => {
            ["msg_signature", "timestamp", "nonce"].map(|name| request.query(name)).into()
        }
        ChannelSettings::StandardWebhooks(_) => {
            ["webhook-id", "webhook-timestamp"].map(|name| request.header(name)).into()
        }
        ChannelSettings::CallPush(_) => vec![request.path_key.as_deref()],
    }
}

/// Whether the vendor's scheme covers the body: WeChat's handshake and plain mode do not, nor does
/// a phone system that signs nothing.
fn covers_the_body(source: &Source, request: &Request) -> bool {
    match &source.channel {
        ChannelSettings::Wechat(settings) => {
            settings.mode == channels::wechat::Mode::Safe && request.method == Method::Post
        }
        ChannelSettings::Wecom(_) | ChannelSettings::StandardWebhooks(_) => true,
        ChannelSettings::CallPush(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_genuine_request_is_let_in_as_text_too() {
        let text = "POST /call-push/example-path-key-0123456789\ncontent-type: text/plain\n\n{}";
        let (name, request) = wire::read(text.as_bytes()).unwrap();
        assert!(genuine::source(name).unwrap().verify(&request).is_some());
        holds(text.as_bytes());
    }
}
