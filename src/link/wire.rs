//! Messages as bytes.

use colonnade_protocol::message::{CoordinatorMessage, Envelope, PROTOCOL_VERSION, PageMessage};
use colonnade_protocol::{ErrorInfo, ErrorKind};

/// A message of the page in postcard's form.
///
/// # Errors
/// [`ErrorKind::Internal`] where it cannot be written, which no message of ours can cause.
pub fn encode(generation: u32, message: &PageMessage) -> Result<Vec<u8>, ErrorInfo> {
    let envelope = Envelope { version: PROTOCOL_VERSION, generation, body: message };
    postcard::to_stdvec(&envelope).map_err(|error| ErrorInfo::new(ErrorKind::Internal, error.to_string(), "Reload the page."))
}

/// A message of the coordinator.
///
/// # Errors
/// [`ErrorKind::Internal`] where its version is another one, or where it is no message.
pub fn decode(bytes: &[u8]) -> Result<Envelope<CoordinatorMessage>, ErrorInfo> {
    let two_versions = || {
        let what = "the page and its workers are of two versions";
        ErrorInfo::new(ErrorKind::Internal, what, "Reload the page; if that does not help, clear the site's data.")
    };
    match postcard::take_from_bytes::<u32>(bytes) {
        Ok((PROTOCOL_VERSION, _)) => postcard::from_bytes(bytes).map_err(|_| two_versions()),
        _ => Err(two_versions()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_another_version_is_refused_before_it_is_read() {
        let ready = CoordinatorMessage::Ready { output_options: Vec::new(), file_options: Vec::new(), workers: 2 };
        let envelope = Envelope { version: PROTOCOL_VERSION + 1, generation: 0, body: ready };
        assert!(decode(&postcard::to_stdvec(&envelope).unwrap()).is_err());
        let envelope = Envelope { version: PROTOCOL_VERSION, ..envelope };
        assert_eq!(decode(&postcard::to_stdvec(&envelope).unwrap()), Ok(envelope));
    }
}
