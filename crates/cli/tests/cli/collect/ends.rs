//! How collectors end, and what they never say.

use std::time::Duration;

use azurite::{Azurite, KEY, Plan, Proxy, Rates};

use super::Scene;

/// Told to end in the middle of what waits for it; what is whole is stored, and the next one finds the rest.
#[test]
fn told_to_end_while_it_stores() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "told-to-end", 30);
    let collecting = scene.collecting(azurite).with(&["--poll", "1"]);
    scene.grow(30);
    for _ in 0..4 {
        let collector = collecting.start();
        collecting.until_said("following");
        std::thread::sleep(Duration::from_millis(scene.moments.next(3000)));
        scene.grow(6);
        collecting.ends_well(collector);
    }
    let collector = collecting.start();
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}

/// Told to end while nothing can be reached: it does not wait for that.
#[test]
fn told_to_end_while_the_account_is_away() {
    let Some(mut azurite) = Azurite::start() else {
        return;
    };
    let mut scene = Scene::new(&azurite, "ends-away", 31);
    scene.account.notices = Some(0);
    let collecting = scene.collecting(&azurite).with_queue(&scene.account);
    let collecting = collecting.with(&["--poll", "1"]).in_account(&scene.account);
    let collector = collecting.start();
    collecting.until_said("following");
    scene.grow(20);
    std::thread::sleep(Duration::from_secs(1));
    azurite.stop();
    std::thread::sleep(Duration::from_secs(3));
    // With 3 if something was waiting to be stored.
    let code = collecting.ends(collector);
    let is_told = collecting.said().contains("were not stored before the end");
    let expected = if is_told { Some(3) } else { Some(0) };
    assert_eq!(code, expected, "{}", collecting.failure("it did not end well"));
    azurite.restart();
    let collector = collecting.start();
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}

/// Neither the key nor a signature is in what it says, in its metrics, or in its table, however much it says and whatever fails.
#[test]
fn no_secret_is_told_or_kept() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "secrets", 32);
    let rates = Rates {
        refused: 100,
        cut: 100,
        lost: 50,
        delayed: 0,
    };
    let proxy = Proxy::start(azurite.blob_port(), Plan::seeded(scene.seed, rates));
    let mut collecting = scene.collecting(azurite);
    collecting.at(&proxy.endpoint(), &azurite.queue_endpoint());
    collecting.set("AZURE_STORAGE_ACCOUNT_KEY", KEY);
    collecting.set("FLOWGLASS_LOG", "trace");
    let collecting = collecting
        .with(&["--poll", "1", "--listen", "127.0.0.1:0"])
        .signed(&proxy.endpoint(), &scene.account);
    let signature = scene.account.signature();
    let (_, own) = signature.split_once("sig=").unwrap();
    let collector = collecting.start();
    scene.grow_all(20);
    collecting.until_stored(&scene.account, &scene.growing);
    let mut texts = vec![("metrics".to_owned(), collecting.asked("/metrics"))];
    texts.push(("readiness".to_owned(), collecting.asked("/readyz")));
    assert!(texts[0].1.contains("flowglass_requests_total"), "{}", texts[0].1);
    let check = collecting.command().arg("--check").output().unwrap();
    for said in [check.stdout, check.stderr] {
        texts.push(("check".to_owned(), String::from_utf8(said).unwrap()));
    }
    collecting.finish(collector, &scene.account, &scene.growing);
    texts.push(("log".to_owned(), collecting.said()));
    for entry in walkdir::WalkDir::new(collecting.folder.join("table")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            texts.push((entry.path().display().to_string(), text));
        }
    }
    assert!(texts.len() > 20, "{}", texts.len());
    let own = own.split('&').next().unwrap();
    let decoded = own.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    for secret in [KEY, own, decoded.as_str(), "sig="] {
        for (place, text) in &texts {
            assert!(
                !text.contains(secret),
                "{}",
                collecting.failure(&format!("a secret is in {place}"))
            );
        }
    }
}
