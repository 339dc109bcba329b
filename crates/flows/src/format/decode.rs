//! From the tree to the types: a serde deserializer whose errors know their place and say what to write.
//!
//! It is kind where YAML is not: a text stays as written (`no`, `007`, `1.10`), one thing may stand where a
//! list is wanted, and a variant without settings may be a plain word.

mod variant;

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use variant::{Variant, is_elsewhere, noun, two_kinds};

use super::{
    problem::{Place, Problem, hint},
    tree::{Entry, Kind, Node},
};

/// Why a value was refused; the place is that of the innermost value that was being read.
#[derive(Debug)]
pub(crate) struct Refusal {
    place: Option<Place>,
    message: String,
}

impl Refusal {
    fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into() }
    }

    fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }

    pub fn into_problem(self) -> Problem {
        Problem::new(self.place.unwrap_or(Place { line: 1, column: 1 }), self.message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown key `{field}`{}", hint(field, expected.iter().copied())))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown word `{variant}`{}", hint(variant, expected.iter().copied())))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("`{field}:` is missing; add it"))
    }
}

/// Reads `node` as a `T`.
pub(crate) fn decode<'de, T: de::Deserialize<'de>>(node: &'de Node) -> Result<T, Problem> {
    T::deserialize(node).map_err(Refusal::into_problem)
}

impl Node {
    fn wanted(&self, what: &str) -> Refusal {
        Refusal::new(format!("{what} is wanted here, not {}", self.is_what())).at(self.place)
    }

    fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    fn whole<T: std::str::FromStr>(&self) -> Result<T, Refusal> {
        let read = self.scalar().and_then(|t| t.parse().ok());
        read.ok_or_else(|| self.wanted("a whole number"))
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident),+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            visitor.$visit(self.whole()?).map_err(|e: Refusal| e.at(self.place))
        }
    )+};
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.kind {
            Kind::Scalar { text, is_plain } => {
                if self.is_nothing() {
                    return visitor.visit_unit();
                }
                match (is_plain, text.parse::<i64>(), text.parse::<f64>(), text.as_str()) {
                    (true, Ok(whole), ..) => visitor.visit_i64(whole),
                    (true, _, Ok(number), _) => visitor.visit_f64(number),
                    (true, _, _, "true") => visitor.visit_bool(true),
                    (true, _, _, "false") => visitor.visit_bool(false),
                    _ => visitor.visit_str(text),
                }
            }
            Kind::List(items) => visitor.visit_seq(Items(items.iter())),
            Kind::Map(entries) => visitor.visit_map(Entries::new(entries)),
        }
        .map_err(|e: Refusal| e.at(self.place))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.scalar() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => Err(self.wanted("`true` or `false`")),
        }
    }

    whole_numbers!(
        deserialize_i8 visit_i8, deserialize_i16 visit_i16, deserialize_i32 visit_i32,
        deserialize_i64 visit_i64, deserialize_u8 visit_u8, deserialize_u16 visit_u16,
        deserialize_u32 visit_u32, deserialize_u64 visit_u64
    );

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let number = self.scalar().and_then(|t| t.parse::<f64>().ok()).filter(|n| n.is_finite());
        visitor.visit_f64(number.ok_or_else(|| self.wanted("a number"))?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.is_nothing() {
            return Err(self.wanted("a text"));
        }
        let text = self.scalar().ok_or_else(|| self.wanted("a text"))?;
        visitor.visit_borrowed_str(text).map_err(|e: Refusal| e.at(self.place))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.is_nothing() { visitor.visit_unit() } else { Err(self.wanted("nothing")) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self).map_err(|e: Refusal| e.at(self.place))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.kind {
            Kind::List(items) => visitor.visit_seq(Items(items.iter())),
            _ if self.is_nothing() => Err(self.wanted("a list")),
            _ => visitor.visit_seq(Items(std::slice::from_ref(self).iter())),
        }
        .map_err(|e: Refusal| e.at(self.place))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let Kind::Map(entries) = &self.kind else {
            return Err(self.wanted("a list of `key: value`"));
        };
        visitor.visit_map(Entries::new(entries)).map_err(|e: Refusal| e.at(self.place))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let Kind::Map(entries) = &self.kind else {
            return Err(self.wanted(&format!("`{}: …`", fields.first().unwrap_or(&"key"))));
        };
        visitor.visit_map(Entries::new(entries)).map_err(|e: Refusal| e.at(self.place))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let (key, place, value) = match &self.kind {
            Kind::Scalar { text, .. } if !text.is_empty() => (text, self.place, None),
            Kind::Map(entries) => match entries.as_slice() {
                [one] => (&one.key, one.key_place, Some(&one.value)),
                [] => return Err(self.wanted(&format!("one of `{}`", variants.join("`, `")))),
                [first, second, ..] => return Err(two_kinds(first, second, name, variants)),
            },
            _ => return Err(self.wanted(&format!("one of `{}`", variants.join("`, `")))),
        };
        if !variants.contains(&key.as_str()) {
            let said = is_elsewhere(name, key).map_or_else(
                || format!("unknown {} `{key}`{}", noun(name), hint(key, variants.iter().copied())),
                str::to_owned,
            );
            return Err(Refusal::new(said).at(place));
        }
        visitor.visit_enum(Variant { key, place, value }).map_err(|e: Refusal| e.at(place))
    }

    serde::forward_to_deserialize_any! {
        bytes byte_buf unit_struct tuple tuple_struct ignored_any
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refusal> {
        let Some(node) = self.0.next() else { return Ok(None) };
        seed.deserialize(node).map(Some).map_err(|e| e.at(node.place))
    }
}

struct Entries<'de> {
    rest: std::slice::Iter<'de, Entry>,
    value: Option<&'de Node>,
}

impl<'de> Entries<'de> {
    fn new(entries: &'de [Entry]) -> Self {
        Self { rest: entries.iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some(&entry.value);
        seed.deserialize(Key(&entry.key)).map(Some).map_err(|e| e.at(entry.key_place))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let node = self.value.take().ok_or_else(|| Refusal::new("a value without a key"))?;
        seed.deserialize(node).map_err(|e| e.at(node.place))
    }
}

/// A key: a text, or a word of an enum.
struct Key<'de>(&'de str);

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let word: de::value::BorrowedStrDeserializer<'de, Refusal> =
            de::value::BorrowedStrDeserializer::new(self.0);
        visitor.visit_enum(word)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
