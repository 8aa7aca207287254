//! Where in a document a fault lies, as something that sorts: document order, absent keys last.

use domain::json::{JsonNode, JsonPointer};

/// The indices that lead to a value. An absent key sorts behind every present one, then by its
/// parent's place.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentPosition {
    absent: bool,
    path: Vec<usize>,
}

impl DocumentPosition {
    /// The beginning of a body, before any element.
    pub fn root() -> Self {
        Self::default()
    }

    /// The member or item with this index.
    pub fn child(&self, index: usize) -> Self {
        let path = self.path.iter().copied().chain([index]).collect();
        Self { absent: self.absent, path }
    }

    /// A key this object lacks.
    pub fn missing(&self) -> Self {
        Self { absent: true, path: self.path.clone() }
    }

    /// The place a pointer names in a document.
    pub fn of(root: &JsonNode, pointer: &JsonPointer) -> Self {
        let (mut node, mut position) = (root, Self::root());
        for token in pointer.as_str().split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            let Some((index, child)) = step(node, &name) else { return position.missing() };
            (node, position) = (child, position.child(index));
        }
        position
    }
}

fn step<'node>(node: &'node JsonNode, token: &str) -> Option<(usize, &'node JsonNode)> {
    match node {
        JsonNode::Object(members) => {
            let index = members.iter().position(|(name, _)| name == token)?;
            Some((index, &members[index].1))
        }
        JsonNode::List(items) => {
            let index = token.parse().ok()?;
            Some((index, items.get(index)?))
        }
        _ => None,
    }
}
