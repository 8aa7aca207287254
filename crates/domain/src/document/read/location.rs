//! Where the reader stands in a document: enough to name the place and to order it among others.

use crate::json::{JsonNode, JsonPointer};
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

    fn below(&self, token: LocationToken<'n>) -> Self {
        Self(Some(Rc::new(LocationStep { up: self.clone(), token })))
    }

    /// The place as faults tell it.
    pub fn pointer(&self) -> JsonPointer {
        match &self.0 {
            None => JsonPointer::root(),
            Some(step) => match step.token {
                LocationToken::Member(name, _) => step.up.pointer().at(name),
                LocationToken::Item(index) => step.up.pointer().at(index),
            },
        }
    }

    /// Sorts places in document order, an object before what is in it.
    pub fn order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut place = self;
        while let Some(step) = &place.0 {
            match step.token {
                LocationToken::Member(_, position) | LocationToken::Item(position) => {
                    order.push(position)
                }
            }
            place = &step.up;
        }
        order.reverse();
        order
    }
}

/// A value together with its place.
#[derive(Clone, Debug)]
pub struct LocatedNode<'n> {
    pub node: &'n JsonNode,
    pub place: NodeLocation<'n>,
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

    /// Whether there is such a member, `null` included.
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(entry, _)| entry == name)
    }

    /// The place of a member, or of the object that lacks it.
    pub fn location_of(&self, name: &str) -> NodeLocation<'n> {
        self.get(name).map_or_else(|| self.place.clone(), |spot| spot.place)
    }
}
