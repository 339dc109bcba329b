//! One of several: `ask: …`, `photo`, `{ share: 20 }`. What stands in for serde's enums.

use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::{Entries, Refusal};
use crate::format::{
    problem::Place,
    tree::{Entry, Node},
};

/// A key that does not belong is the likelier mistake than two kinds at once.
pub(super) fn two_kinds(first: &Entry, second: &Entry, name: &str, variants: &[&str]) -> Refusal {
    let stray = [first, second].into_iter().find(|e| !variants.contains(&e.key.as_str()));
    match stray {
        Some(e) => {
            let inner = format!(
                "`{}` does not stand beside `{}`; indent it below",
                e.key,
                if std::ptr::eq(e, first) { &second.key } else { &first.key }
            );
            Refusal::new(inner).at(e.key_place)
        }
        None => Refusal::new(format!(
            "one {} at a time, not `{}` and `{}`; make two of it",
            noun(name),
            first.key,
            second.key
        ))
        .at(second.key_place),
    }
}

/// What an author calls the thing that this type of ours stands for.
pub(super) fn noun(name: &str) -> &'static str {
    match name {
        "Step" => "step",
        "Wanted" => "kind of answer",
        "Trigger" => "trigger",
        "Condition" => "condition",
        "Deed" => "act",
        "Source" => "source",
        "Rollout" => "roll-out",
        _ => "word",
    }
}

/// What was a word here once, or could be taken for one, and how it is done.
pub(super) fn is_elsewhere(name: &str, key: &str) -> Option<&'static str> {
    match (name, key) {
        ("Deed", "return") => Some(
            "an act opens no return; look it up in a step of its own: `look_up: { in: { return: open }, with: { order: …, item: … }, … }`",
        ),
        ("Deed", "visit") => Some(
            "an act arranges no visit; offer times with `look_up: { in: { visit: slots }, … }` and take one with `look_up: { in: { visit: book }, … }`, in steps of their own",
        ),
        _ => None,
    }
}

pub(super) struct Variant<'de> {
    pub key: &'de str,
    pub place: Place,
    pub value: Option<&'de Node>,
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Refusal> {
        let word: de::value::StrDeserializer<'_, Refusal> = self.key.into_deserializer();
        Ok((seed.deserialize(word).map_err(|e| e.at(self.place))?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'de> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        match self.value {
            Some(node) if !node.is_nothing() => {
                Err(Refusal::new(format!("`{}` stands alone; leave out what follows it", self.key))
                    .at(node.place))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refusal> {
        match self.value {
            Some(node) if !node.is_nothing() => seed.deserialize(node).map_err(|e| e.at(node.place)),
            _ => seed.deserialize(Alone(self.key)),
        }
        .map_err(|e: Refusal| e.at(self.place))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        match self.value {
            Some(node) => node.deserialize_seq(visitor),
            None => Err(Refusal::new(format!("`{}:` needs a value", self.key)).at(self.place)),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match self.value {
            Some(node) if !node.is_nothing() => node.deserialize_struct("", fields, visitor),
            _ => visitor.visit_map(Entries::new(&[])),
        }
        .map_err(|e: Refusal| e.at(self.place))
    }
}

/// A word without settings: everything as it is by default. What has no default says what is missing.
struct Alone<'de>(&'de str);

impl<'de> Deserializer<'de> for Alone<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refusal> {
        Err(Refusal::new(format!("`{}:` needs something after it", self.0)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_map(Entries::new(&[]))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit newtype_struct
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
