//! Where the reader stands in a document: enough to name the place and to order it among others.

use crate::json::{Node, Pointer};
use std::rc::Rc;

/// A place in the document. Cheap to clone; rendered only when a fault is found there.
#[derive(Clone, Debug)]
pub struct Place<'n>(Option<Rc<Step<'n>>>);

#[derive(Debug)]
struct Step<'n> {
    up: Place<'n>,
    token: Token<'n>,
}

#[derive(Clone, Copy, Debug)]
enum Token<'n> {
    /// The name of a member and its place among the members.
    Member(&'n str, usize),
    Item(usize),
}

impl<'n> Place<'n> {
    pub fn root() -> Self {
        Self(None)
    }

    pub fn member(&self, name: &'n str, position: usize) -> Self {
        self.below(Token::Member(name, position))
    }

    pub fn item(&self, index: usize) -> Self {
        self.below(Token::Item(index))
    }

    fn below(&self, token: Token<'n>) -> Self {
        Self(Some(Rc::new(Step { up: self.clone(), token })))
    }

    pub fn pointer(&self) -> Pointer {
        match &self.0 {
            None => Pointer::root(),
            Some(step) => match step.token {
                Token::Member(name, _) => step.up.pointer().at(name),
                Token::Item(index) => step.up.pointer().at(index),
            },
        }
    }

    /// Sorts places in document order, an object before what is in it.
    pub fn order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut place = self;
        while let Some(step) = &place.0 {
            match step.token {
                Token::Member(_, position) | Token::Item(position) => order.push(position),
            }
            place = &step.up;
        }
        order.reverse();
        order
    }
}

/// A value together with its place.
#[derive(Clone, Debug)]
pub struct Spot<'n> {
    pub node: &'n Node,
    pub place: Place<'n>,
}

/// An object together with its place.
#[derive(Clone, Debug)]
pub struct Object<'n> {
    pub members: &'n [(String, Node)],
    pub place: Place<'n>,
}

impl<'n> Object<'n> {
    pub fn get(&self, name: &str) -> Option<Spot<'n>> {
        let position = self.members.iter().position(|(known, _)| known == name)?;
        let (name, node) = &self.members[position];
        Some(Spot { node, place: self.place.member(name, position) })
    }

    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    /// The place of a member, or of the object that lacks it.
    pub fn place_of(&self, name: &str) -> Place<'n> {
        self.get(name).map_or_else(|| self.place.clone(), |spot| spot.place)
    }
}
