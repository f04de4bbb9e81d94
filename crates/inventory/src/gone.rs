//! What a plan deletes: it is not there afterwards, and so is no fact, but who asks what would change has to know it.

use model::facts::ArmId;

/// Something that a plan or a what-if deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// A resource, or a rule of a group.
    Resource(ArmId),
    /// No group guards this subnet or interface any more.
    SecurityGroupOf(ArmId),
    /// An interface is not in an application security group any more.
    ApplicationGroupOf {
        /// The interface.
        interface: ArmId,
        /// The group.
        group: ArmId,
    },
}
