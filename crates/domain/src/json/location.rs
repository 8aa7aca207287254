//! Where a reader stands in a JSON document: enough to name the place and to order it among others.

use super::{JsonNode, JsonPointer};
use std::rc::Rc;

/// A place in the document. Cheap to clone; rendered only when a fault is found there.
#[derive(Clone, Debug)]
pub struct NodeLocation<'n>(Option<Rc<LocationStep<'n>>>);

#[derive(Debug)]
struct LocationStep<'n> {
    up: NodeLocation<'n>,
    token: LocationToken<'n>,
}

#[derive(Clone, Copy, Debug)]
enum LocationToken<'n> {
    /// The name of a member and its place among the members.
    Member(&'n str, usize),
    Item(usize),
    /// A member that is not there and should be.
    Missing(&'n str),
}

/// Where a place stands among those of its document: in the order of the text, and behind all of
/// it what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentOrder {
    is_missing: bool,
    path: Vec<usize>,
}

impl DocumentOrder {
    /// The order of the place that a pointer names.
    #[must_use]
    pub fn of_pointer(root: &JsonNode, pointer: &JsonPointer) -> Self {
        let (mut node, mut path) = (root, Vec::new());
        for token in pointer.as_str().split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            let Some((index, child)) = child(node, &name) else {
                return Self { is_missing: true, path };
            };
            node = child;
            path.push(index);
        }
        Self { is_missing: false, path }
    }
}

fn child<'node>(node: &'node JsonNode, token: &str) -> Option<(usize, &'node JsonNode)> {
    match node {
        JsonNode::Object(members) => {
            let index = members.iter().position(|(name, _)| name == token)?;
            Some((index, &members[index].1))
        }
        JsonNode::List(items) => {
            let index = token.parse().ok()?;
            Some((index, items.get(index)?))
        }
        JsonNode::Null | JsonNode::Bool(_) | JsonNode::Number(_) | JsonNode::Text(_) => None,
    }
}

impl<'n> NodeLocation<'n> {
    /// The document itself.
    pub fn root() -> Self {
        Self(None)
    }

    /// A member of the object here; `position` orders faults as the text does.
    pub fn member(&self, name: &'n str, position: usize) -> Self {
        self.below(LocationToken::Member(name, position))
    }

    /// An item of the list here, from 0.
    pub fn item(&self, index: usize) -> Self {
        self.below(LocationToken::Item(index))
    }

    /// A member that the object here lacks.
    pub fn missing(&self, name: &'n str) -> Self {
        self.below(LocationToken::Missing(name))
    }

    fn below(&self, token: LocationToken<'n>) -> Self {
        Self(Some(Rc::new(LocationStep { up: self.clone(), token })))
    }

    /// The place as faults tell it.
    pub fn pointer(&self) -> JsonPointer {
        match &self.0 {
            None => JsonPointer::root(),
            Some(step) => match step.token {
                LocationToken::Member(name, _) | LocationToken::Missing(name) => {
                    step.up.pointer().at(name)
                }
                LocationToken::Item(index) => step.up.pointer().at(index),
            },
        }
    }

    /// Sorts places in document order, an object before what is in it.
    pub fn order(&self) -> DocumentOrder {
        let mut order = DocumentOrder::default();
        let mut place = self;
        while let Some(step) = &place.0 {
            match step.token {
                LocationToken::Member(_, position) | LocationToken::Item(position) => {
                    order.path.push(position);
                }
                LocationToken::Missing(_) => order.is_missing = true,
            }
            place = &step.up;
        }
        order.path.reverse();
        order
    }
}

/// A value together with its place.
#[derive(Clone, Debug)]
pub struct LocatedNode<'n> {
    pub node: &'n JsonNode,
    pub place: NodeLocation<'n>,
}

impl<'n> LocatedNode<'n> {
    /// The items, each with its place, if this is a list.
    pub fn items(&self) -> Option<impl ExactSizeIterator<Item = LocatedNode<'n>> + use<'n>> {
        let JsonNode::List(nodes) = self.node else { return None };
        let place = self.place.clone();
        let item = move |(index, node)| LocatedNode { node, place: place.item(index) };
        Some(nodes.iter().enumerate().map(item))
    }

    /// The members with their places, if this is an object.
    pub fn object(&self) -> Option<LocatedObject<'n>> {
        let JsonNode::Object(members) = self.node else { return None };
        Some(LocatedObject { members, place: self.place.clone() })
    }
}

/// An object together with its place.
#[derive(Clone, Debug)]
pub struct LocatedObject<'n> {
    pub members: &'n [(String, JsonNode)],
    pub place: NodeLocation<'n>,
}

impl<'n> LocatedObject<'n> {
    /// A member with its place; the first of that name.
    pub fn get(&self, name: &str) -> Option<LocatedNode<'n>> {
        let position = self.members.iter().position(|(entry, _)| entry == name)?;
        let (name, node) = &self.members[position];
        Some(LocatedNode { node, place: self.place.member(name, position) })
    }

    /// The places at which a member stands: more than one when it was written twice.
    pub fn all(&self, name: &str) -> impl Iterator<Item = LocatedNode<'n>> {
        let place = self.place.clone();
        self.members.iter().enumerate().filter(move |(_, (entry, _))| entry == name).map(
            move |(position, (name, node))| LocatedNode {
                node,
                place: place.member(name, position),
            },
        )
    }

    /// Every member with its place, in the order written.
    pub fn entries(&self) -> impl Iterator<Item = (&'n str, LocatedNode<'n>)> {
        self.members.iter().enumerate().map(|(position, (name, node))| {
            (name.as_str(), LocatedNode { node, place: self.place.member(name, position) })
        })
    }

    /// Whether there is such a member, `null` included.
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(entry, _)| entry == name)
    }

    /// The place of a member, or of the object that lacks it.
    pub fn location_of(&self, name: &str) -> NodeLocation<'n> {
        self.get(name).map_or_else(|| self.place.clone(), |spot| spot.place)
    }
}
