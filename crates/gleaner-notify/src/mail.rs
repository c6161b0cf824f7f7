//! Mail, through the SMTP server of the configuration.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MessageId};
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use crate::{MailSettings, Message, SendError, Sent, SetupError};

#[derive(Clone)]
pub(crate) struct Mailer {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    pub(crate) fn new(settings: &MailSettings, timeout: Duration) -> Result<Self, SetupError> {
        let from = settings.from.parse().map_err(|_| {
            SetupError::Mail(format!(
                "mail_from: '{}' is no address such as Gleaner <gleaner@example.com>",
                settings.from
            ))
        })?;
        // The address holds a password: the reason must not repeat it.
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(settings.url.expose_secret())
            .map_err(|_| {
                SetupError::Mail(
                    "smtp_url: must be like smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST:587?tls=required \
                     (it is not shown here)"
                        .to_owned(),
                )
            })?
            .timeout(Some(timeout))
            .build();
        Ok(Self { server, from })
    }

    pub(crate) async fn send(&self, to: &Mailbox, message: &Message) -> Result<Sent, SendError> {
        let text = if message.text.is_empty() { &message.subject } else { &message.text };
        let domain = self.from.email.domain();
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(to.clone())
            .subject(one_line(&message.subject))
            .date(message.at.into())
            // The same for every attempt, so that mail programs know one that came twice.
            .header(MessageId::from(format!("<{}@{domain}>", message.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(text.clone())
            .map_err(|error| {
                SendError::gave_up("invalid_message", format!("no mail can be made of it: {error}"))
            })?;
        match self.server.send(mail).await {
            Ok(answer) => Ok(Sent { status: status(answer.code()) }),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// A line break in a subject would begin the next header.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn status(code: lettre::transport::smtp::response::Code) -> u16 {
    code.into()
}

fn failed(error: &Error) -> SendError {
    let status = error.status().map(status);
    let told = match (status, std::error::Error::source(error)) {
        (_, Some(source)) => format!("the mail server refused: {source}"),
        (Some(status), None) => format!("the mail server answered {status}"),
        (None, None) => format!("the mail server cannot be reached: {error}"),
    };
    let code = if error.is_timeout() {
        "timeout"
    } else if status.is_some() {
        "refused"
    } else {
        "unreachable"
    };
    SendError { status, again: !error.is_permanent(), ..SendError::failed(code, told) }
}
