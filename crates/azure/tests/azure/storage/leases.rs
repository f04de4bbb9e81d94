//! Leases: one holder, and what others may not do meanwhile.

use azure::storage::{Condition, LeaseState, Problem};
use bytes::Bytes;

use super::{block, emulator, fresh};

const OURS: &str = "6f0a7d2e-2c3d-4a5b-8c6d-7e8f90a1b2c3";
const THEIRS: &str = "11111111-2222-4333-8444-555555555555";

#[test]
fn one_holds_it() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let blobs = fresh(azurite, "leases").await;
        let bytes = Bytes::from_static(b"x");
        blobs.put("a", bytes.clone(), &Condition::Any).await.unwrap();
        blobs.lease("a", OURS, 60).await.unwrap();
        assert_eq!(blobs.properties("a").await.unwrap().lease, LeaseState::Leased);
        let listed = blobs.list("", None, None, 10).await.unwrap();
        assert_eq!(listed.blobs[0].lease, LeaseState::Leased);
        // Again under the same id; not under another.
        blobs.lease("a", OURS, 60).await.unwrap();
        let failure = blobs.lease("a", THEIRS, 60).await.unwrap_err();
        assert_eq!(failure.problem, Problem::Leased, "{failure}");
        blobs.renew("a", OURS).await.unwrap();
        assert_eq!(
            blobs.renew("a", THEIRS).await.unwrap_err().problem,
            Problem::LeaseLost
        );

        // Others may read it, and neither write nor remove it.
        blobs.range("a", 0..1, None).await.unwrap();
        let failure = blobs.put("a", bytes.clone(), &Condition::Any).await.unwrap_err();
        assert_eq!(failure.problem, Problem::Leased, "{failure}");
        assert_eq!(
            blobs.delete("a", None).await.unwrap_err().problem,
            Problem::Leased
        );
        let held = Condition::Held(THEIRS.to_owned());
        let failure = blobs.put("a", bytes.clone(), &held).await.unwrap_err();
        assert_eq!(failure.problem, Problem::LeaseLost, "{failure}");
        let held = Condition::Held(OURS.to_owned());
        blobs.put("a", bytes.clone(), &held).await.unwrap();

        // Broken at once, it is the next one's.
        assert_eq!(blobs.break_lease("a", 0).await, Ok(0));
        assert_eq!(
            blobs.renew("a", OURS).await.unwrap_err().problem,
            Problem::LeaseLost
        );
        blobs.lease("a", THEIRS, 60).await.unwrap();
        let failure = blobs.put("a", bytes, &held).await.unwrap_err();
        assert_eq!(failure.problem, Problem::LeaseLost, "{failure}");
        blobs.release("a", THEIRS).await.unwrap();
        assert_eq!(
            blobs.release("a", THEIRS).await.unwrap_err().problem,
            Problem::LeaseLost
        );
        blobs.delete("a", None).await.unwrap();
        let failure = blobs.lease("a", OURS, 60).await.unwrap_err();
        assert_eq!(failure.problem, Problem::NoBlob);
    });
}
