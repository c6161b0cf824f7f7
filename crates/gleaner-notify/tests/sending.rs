//! What receivers rely on, tried with real ones: an HTTP server and an SMTP server on this machine, and a name server
//! that changes its mind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use gleaner_notify::network::Resolver;
use gleaner_notify::webhook::{SECRET_BYTES, Secret};
use gleaner_notify::{MailSettings, Message, Sender, Settings, Target};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_596_400, 0).unwrap()
}

fn message() -> Message {
    Message {
        id: "msg_0199".to_owned(),
        at: now(),
        kind: "run.done".to_owned(),
        subject: "“Books”: 3 picks".to_owned(),
        text: "0593655036  ROI 41 %\nB0F7XPYCSJ  ROI 38 %".to_owned(),
        data: json!({"picks": 3}),
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
struct Arrived {
    line: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// An HTTP server that gives the same answer to everybody, and keeps what it got.
struct Receiver {
    port: u16,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Receiver {
    async fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let kept = arrived.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move {
                    let Some(request) = read(stream, answer).await else { return };
                    kept.lock().unwrap().push(request);
                });
            }
        });
        Self { port, arrived }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?x=1", self.port)
    }

    fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }
}

async fn read(stream: TcpStream, answer: &str) -> Option<Arrived> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).await.ok()?;
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).await.ok()?;
        match header.trim().split_once(": ") {
            Some((name, value)) => drop(headers.insert(name.to_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let mut body = vec![0; headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).await.ok()?;
    let request = Arrived { line: line.trim().to_owned(), headers, body };
    reader.get_mut().write_all(answer.as_bytes()).await.ok()?;
    Some(request)
}

const OK: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";

fn settings(allowed: &str) -> Settings {
    Settings { allowed: allowed.parse().unwrap(), timeout: Duration::from_secs(5), ..Settings::default() }
}

fn webhook(url: &str, secret: &Secret) -> Target {
    Target::webhook(url, vec![secret.clone()]).unwrap()
}

/// HMAC-SHA256 by RFC 2104, written out from the hash alone.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let pad =
        |with: u8| -> Vec<u8> { (0..64).map(|place| key.get(place).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

#[tokio::test]
async fn a_receiver_can_check_the_signature_with_its_secret() {
    let receiver = Receiver::answering(OK).await;
    let (new, old) = (Secret::new([7; SECRET_BYTES]), Secret::new([8; SECRET_BYTES]));
    let target = Target::webhook(&receiver.url(), vec![new.clone(), old.clone()]).unwrap();
    let sender = Sender::new(&settings("127.0.0.1")).unwrap();
    assert_eq!(sender.send(&target, &message(), now()).await.unwrap().status, 204);

    let [request] = &receiver.arrived()[..] else { panic!("one request") };
    assert_eq!(request.line, "POST /hook?x=1 HTTP/1.1");
    assert_eq!(request.headers["webhook-id"], "msg_0199");
    assert_eq!(request.headers["webhook-timestamp"], "1767596400");
    assert_eq!(request.headers["content-type"], "application/json");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({"type": "run.done", "timestamp": "2026-01-05T07:00:00Z", "data": {"picks": 3}}));

    let signed = [b"msg_0199.1767596400.".as_slice(), &request.body].concat();
    let signatures: Vec<&str> = request.headers["webhook-signature"].split(' ').collect();
    let expected: Vec<String> = [new, old]
        .iter()
        .map(|secret| {
            let key = BASE64_STANDARD.decode(secret.reveal().strip_prefix("whsec_").unwrap()).unwrap();
            format!("v1,{}", BASE64_STANDARD.encode(hmac(&key, &signed)))
        })
        .collect();
    assert_eq!(signatures, expected);
}

#[tokio::test]
async fn an_address_inside_a_private_network_is_not_connected_to() {
    let receiver = Receiver::answering(OK).await;
    let secret = Secret::new([7; SECRET_BYTES]);
    let sender = Sender::new(&settings("10.0.0.0/8")).unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0"] {
        let url = format!("http://{host}:{}/hook", receiver.port);
        let error = sender.send(&webhook(&url, &secret), &message(), now()).await.unwrap_err();
        assert_eq!(error.code, "private_target", "{host}: {error}");
        assert!(error.message.contains("notify_allow"), "{error}");
    }
    assert!(receiver.arrived().is_empty());
}

/// Says that a name is at a public address the first time, and on this machine afterwards.
#[derive(Default)]
struct Rebinding(Mutex<u32>);

impl Resolver for Rebinding {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let mut asked = self.0.lock().unwrap();
        *asked += 1;
        let address = if *asked == 1 { "192.0.1.1" } else { "127.0.0.1" };
        async move { Ok(vec![address.parse().unwrap()]) }.boxed()
    }
}

/// Says that a name is wherever it is told.
struct At(Vec<&'static str>);

impl Resolver for At {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async move { Ok(self.0.iter().map(|address| address.parse().unwrap()).collect()) }.boxed()
    }
}

#[tokio::test]
async fn a_name_that_comes_to_lead_inside_is_refused_at_that_moment() {
    let receiver = Receiver::answering(OK).await;
    let url = format!("http://rebinding.example:{}/hook", receiver.port);
    let target = webhook(&url, &Secret::new([7; SECRET_BYTES]));
    let settings = Settings { timeout: Duration::from_millis(300), ..settings("") };
    let sender = Sender::resolving(&settings, Arc::new(Rebinding::default())).unwrap();
    // Public: it is connected to, and does not answer here.
    let first = sender.send(&target, &message(), now()).await.unwrap_err();
    assert!(matches!(first.code, "unreachable" | "timeout" | "refused"), "{first}");
    let second = sender.send(&target, &message(), now()).await.unwrap_err();
    assert_eq!(second.code, "private_target", "{second}");
    assert!(receiver.arrived().is_empty());

    // One private address among public ones.
    let mixed = At(vec!["192.0.1.1", "169.254.169.254"]);
    let sender = Sender::resolving(&settings, Arc::new(mixed)).unwrap();
    let error = sender.send(&target, &message(), now()).await.unwrap_err();
    assert_eq!(error.code, "private_target");
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_connected_to() {
    let receiver = Receiver::answering(OK).await;
    let url = format!("http://hook.example:{}/hook", receiver.port);
    let target = webhook(&url, &Secret::new([7; SECRET_BYTES]));
    let sender = Sender::resolving(&settings("127.0.0.1"), Arc::new(At(vec!["127.0.0.1"]))).unwrap();
    sender.send(&target, &message(), now()).await.unwrap();
    assert!(receiver.arrived()[0].headers["host"].starts_with("hook.example:"));
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let inside = Receiver::answering(OK).await;
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://localhost:{}/\r\nconnection: close\r\n\r\n",
        inside.port
    );
    let outside = Receiver::answering(Box::leak(answer.into_boxed_str())).await;
    let target = webhook(&outside.url(), &Secret::new([7; SECRET_BYTES]));
    // Even where the network is allowed.
    let sender = Sender::new(&settings("127.0.0.0/8, ::1")).unwrap();
    let error = sender.send(&target, &message(), now()).await.unwrap_err();
    assert_eq!((error.code, error.status, error.again), ("redirected", Some(307), true));
    assert_eq!(outside.arrived().len(), 1);
    assert!(inside.arrived().is_empty());
}

#[tokio::test]
async fn what_a_receiver_answers_decides_whether_it_is_asked_again() {
    let sender = Sender::new(&settings("127.0.0.1")).unwrap();
    let secret = Secret::new([7; SECRET_BYTES]);
    for (answer, status, again, gone) in [
        ("HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n", 500, true, false),
        ("HTTP/1.1 429 Slow\r\nconnection: close\r\n\r\n", 429, true, false),
        ("HTTP/1.1 410 Gone\r\nconnection: close\r\n\r\n", 410, false, true),
    ] {
        let receiver = Receiver::answering(answer).await;
        let error = sender.send(&webhook(&receiver.url(), &secret), &message(), now()).await.unwrap_err();
        assert_eq!((error.status, error.again, error.gone), (Some(status), again, gone), "{error}");
    }
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/secret-path");
    let error = sender.send(&webhook(&url, &secret), &message(), now()).await.unwrap_err();
    assert_eq!((error.code, error.again), ("unreachable", true));
    assert!(!error.message.contains("secret-path"), "{error}");
}

#[tokio::test]
async fn ntfy_gets_title_text_and_token() {
    let receiver =
        Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
    let url = format!("http://127.0.0.1:{}/my-topic", receiver.port);
    let target = Target::ntfy(&url, Some("tk_secret".to_owned())).unwrap();
    assert!(!format!("{target:?}").contains("tk_secret"));
    let sender = Sender::new(&settings("127.0.0.1")).unwrap();
    sender.send(&target, &message(), now()).await.unwrap();
    let [request] = &receiver.arrived()[..] else { panic!("one request") };
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.headers["authorization"], "Bearer tk_secret");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((&body["topic"], &body["title"]), (&json!("my-topic"), &json!("“Books”: 3 picks")));
    assert!(body["message"].as_str().unwrap().starts_with("0593655036  ROI 41 %"));
}

/// A mail server for one connection: `refusing` the recipient or taking the mail, which it returns.
async fn mail_server(refusing: Option<&'static str>) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let session = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream.get_mut().write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
        let (mut lines, mut data) = (Vec::new(), false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return lines;
            }
            let line = line.trim_end().to_owned();
            lines.push(line.clone());
            let answer = match line.split(' ').next().unwrap() {
                _ if data => {
                    if line != "." {
                        continue;
                    }
                    data = false;
                    "250 taken"
                }
                "EHLO" => "250 mail.example",
                "RCPT" => refusing.unwrap_or("250 ok"),
                "DATA" => {
                    data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
    });
    (port, session)
}

fn mailing(port: u16) -> Sender {
    let url = format!("smtp://127.0.0.1:{port}").into();
    let mail = MailSettings { url, from: "Gleaner <gleaner@example.com>".to_owned() };
    Sender::new(&Settings { mail: Some(mail), ..settings("") }).unwrap()
}

#[tokio::test]
async fn mail_reaches_the_mailbox_with_its_words() {
    let (port, session) = mail_server(None).await;
    let target = Target::mail("You <you@example.com>").unwrap();
    let sender = mailing(port);
    let hostile = Message { subject: "3 picks\r\nBcc: thief@example.com".to_owned(), ..message() };
    assert_eq!(sender.send(&target, &hostile, now()).await.unwrap().status, 250);
    drop(sender);
    let lines = session.await.unwrap();
    assert!(lines.contains(&"MAIL FROM:<gleaner@example.com>".to_owned()), "{lines:?}");
    assert!(lines.contains(&"RCPT TO:<you@example.com>".to_owned()), "{lines:?}");
    assert!(lines.contains(&"Message-ID: <msg_0199@example.com>".to_owned()), "{lines:?}");
    assert!(lines.contains(&"Subject: 3 picks Bcc: thief@example.com".to_owned()), "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("Bcc")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("0593655036  ROI 41")), "{lines:?}");
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_not_asked_again_and_a_full_one_is() {
    for (answer, again) in [("550 no such user", false), ("452 mailbox full", true)] {
        let (port, _session) = mail_server(Some(answer)).await;
        let target = Target::mail("you@example.com").unwrap();
        let error = mailing(port).send(&target, &message(), now()).await.unwrap_err();
        assert_eq!(error.again, again, "{error}");
        assert_eq!(error.status, answer[..3].parse().ok(), "{error}");
    }
    let error = Sender::new(&settings("")).unwrap();
    let error = error.send(&Target::mail("you@example.com").unwrap(), &message(), now()).await.unwrap_err();
    assert_eq!((error.code, error.again), ("mail_not_set_up", false));
}

#[test]
fn a_wrong_mail_server_is_told_without_its_password() {
    let mail = |url: &str, from: &str| MailSettings { url: url.to_owned().into(), from: from.to_owned() };
    let error = mail("http://me:pa55@mail.example", "a@b.example").check().unwrap_err().to_string();
    assert!(error.contains("smtp_url") && !error.contains("pa55"), "{error}");
    assert!(mail("smtps://mail.example", "nobody").check().unwrap_err().to_string().contains("mail_from"));
    assert!(mail("smtps://me:pa55@mail.example", "Gleaner <a@b.example>").check().is_ok());
}
