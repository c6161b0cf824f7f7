//! Known answers from RFC 7515 (A.2: RS256, A.3: ES256) and RFC 8037 (A.4: `EdDSA`), and tokens signed here.

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Deserialize)]
struct Nothing {}

fn key(value: Value) -> Key {
    serde_json::from_value(value).unwrap()
}

#[test]
fn the_signatures_of_the_standards_examples_are_recognised() {
    let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let es256 = key(json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    }));
    let signature =
        bytes("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
            .unwrap();
    let message = format!("eyJhbGciOiJFUzI1NiJ9.{claims}");
    assert!(es256.signed("ES256", message.as_bytes(), &signature));
    assert!(!es256.signed("ES256", format!("{message}A").as_bytes(), &signature));
    assert!(!es256.signed("RS256", message.as_bytes(), &signature));
    assert!(!es256.signed("none", message.as_bytes(), b""));

    let ed25519 =
        key(json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}));
    let signature =
        bytes("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
            .unwrap();
    assert!(ed25519.signed("EdDSA", b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", &signature));
}

/// Somebody who signs tokens, and the keys as they show them.
fn signer() -> (Ed25519KeyPair, Keys) {
    let secret = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(secret.as_ref()).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "now", "use": "sig", "x": x}]});
    (pair, serde_json::from_value(keys).unwrap())
}

fn token(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes())))
}

#[test]
fn a_token_is_believed_only_when_everything_about_it_is_right() {
    let (pair, keys) = signer();
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let expected = Expected { issuer: "https://id.example", client_id: "gleaner", nonce: "n", now };
    let header = json!({"alg": "EdDSA", "kid": "now"});
    let good = json!({
        "iss": "https://id.example", "sub": "7", "aud": "gleaner", "nonce": "n",
        "exp": 1_800_000_300, "iat": 1_800_000_000
    });
    let check = |header: &Value, claims: &Value| {
        check::<Nothing>(&token(&pair, header, claims), &keys, &expected).map(|claims| claims.sub)
    };
    assert_eq!(check(&header, &good).unwrap(), "7");
    let mut several = good.clone();
    several["aud"] = json!(["other", "gleaner"]);
    several["azp"] = json!("gleaner");
    assert!(check(&header, &several).is_ok());
    for (name, wrong) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("other")),
        ("aud", json!(["other", "gleaner"])),
        ("azp", json!("other")),
        ("nonce", json!("another")),
        ("nonce", json!(null)),
        ("exp", json!(1_799_999_900)),
        ("iat", json!(1_800_000_100)),
        ("sub", json!("")),
    ] {
        let mut claims = good.clone();
        claims[name] = wrong;
        assert!(check(&header, &claims).is_err(), "{name}: {claims}");
    }
    assert!(check(&json!({"alg": "none", "kid": "now"}), &good).is_err());
    assert!(check(&json!({"alg": "EdDSA", "kid": "other"}), &good).is_err());
    let (stranger, _) = signer();
    let forged = token(&stranger, &header, &good);
    assert!(super::check::<Nothing>(&forged, &keys, &expected).is_err());
    for broken in ["", "a", "a.b", "a.b.c", "....", &forged[1..]] {
        assert!(super::check::<Nothing>(broken, &keys, &expected).is_err(), "{broken}");
    }
}
