//! A map and a set that are ordered by key, each in one sorted vector.
//!
//! Theory of operation. The engine's maps hold a few gauges or, at worst, thousands of processes.
//! They are read far more often than they grow, and they mostly grow at the end, where a sorted
//! vector is as fast as a `BTreeMap`. The reason to prefer it is build time: the compiler
//! instantiates a map's functions for each pair of types, about 12,000 lines of intermediate code
//! for a `BTreeMap` and 500 for this. With two dozen pairs that was more than a third of this
//! crate. Large values should be boxed, since an insertion moves all entries behind it.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A map. It is serialized as a map; for keys that are not strings use [`pairs`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table<K, V>(Vec<(K, V)>, Hint);

/// Index of the key found last. One observation looks up the same server and lineage a dozen times,
/// and these lookups are the largest part of its cost. The hint is not part of a table's value.
#[derive(Debug, Default)]
struct Hint(AtomicUsize);

impl Clone for Hint {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Hint {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Vec::new(), Hint::default())
    }
}

impl<K: Ord, V> Table<K, V> {
    /// The index of a key, or where it would be inserted.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.find_by(|other| other.borrow().cmp(key))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// The value of the key for which `compare` returns equal; for keys that own what they are
    /// looked up by.
    pub(super) fn get_by(&self, compare: impl FnMut(&K) -> Ordering) -> Option<&V> {
        let at = self.find_by(compare).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Like `get_by`, but inserts the entry if it is missing.
    pub(super) fn get_or_insert_by(
        &mut self,
        compare: impl FnMut(&K) -> Ordering,
        make: impl FnOnce() -> (K, V),
    ) -> &mut V {
        let at = self.find_by(compare).unwrap_or_else(|at| {
            self.0.insert(at, make());
            self.1 = Hint(AtomicUsize::new(at));
            at
        });
        &mut self.0[at].1
    }

    fn find_by(&self, mut compare: impl FnMut(&K) -> Ordering) -> Result<usize, usize> {
        let Hint(last) = &self.1;
        let at = last.load(Relaxed);
        if self.0.get(at).is_some_and(|(other, _)| compare(other).is_eq()) {
            return Ok(at);
        }
        let found = self.0.binary_search_by(|(other, _)| compare(other));
        if let Ok(at) = found {
            last.store(at, Relaxed);
        }
        found
    }

    /// Sets the value of a key, and returns the old one.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                self.1 = Hint(AtomicUsize::new(at));
                None
            }
        }
    }

    /// The value of a key, inserted if it is missing.
    pub(super) fn get_or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        let at = self.find(&key).unwrap_or_else(|at| {
            self.0.insert(at, (key, value()));
            self.1 = Hint(AtomicUsize::new(at));
            at
        });
        &mut self.0[at].1
    }

    /// The value of a key, with the default inserted if it is missing.
    pub(super) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.get_or_insert_with(key, V::default)
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Removes the entry of least worth; on a tie the first.
    pub(super) fn remove_least<W: Ord>(&mut self, worth: impl Fn(&V) -> W) {
        let least = self.0.iter().enumerate().min_by_key(|(_, (_, value))| worth(value));
        if let Some((at, _)) = least {
            self.0.remove(at);
        }
    }

    pub(super) fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    pub(super) fn retain(&mut self, mut keeps: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| keeps(key, value));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    pub(super) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// The entries from this key on; the key itself may be missing.
    pub(super) fn from(&self, key: &K) -> impl Iterator<Item = (&K, &V)> {
        let at = self.find(key).unwrap_or_else(|at| at);
        self.0.get(at..).unwrap_or_default().iter().map(|(key, value)| (key, value))
    }

    /// Appends a deserialized entry, which must not be out of order. If a key comes twice, the
    /// later value is used.
    fn push(&mut self, key: K, value: V) -> Result<(), &'static str> {
        match self.0.last_mut() {
            Some((last, _)) if *last > key => return Err("keys that are not in their order"),
            Some((last, old)) if *last == key => *old = value,
            _ => self.0.push((key, value)),
        }
        Ok(())
    }
}

impl<K, V> IntoIterator for Table<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(from: I) -> Self {
        let mut made = Self::default();
        for (key, value) in from {
            made.insert(key, value);
        }
        made
    }
}

impl<K: Serialize, V: Serialize> Serialize for Table<K, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Table<K, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
            type Value = Table<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut made = Table::default();
                // The order of the serialized keys, as words, differs from that of the keys.
                while let Some((key, value)) = entries.next_entry()? {
                    made.insert(key, value);
                }
                Ok(made)
            }
        }

        from.deserialize_map(Entries(PhantomData))
    }
}

/// Serializes tables whose keys are not strings: as a list of pairs in the order of the keys.
pub(super) mod pairs {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Table};
    use serde::de::Error as _;

    pub(in crate::engine) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        table: &Table<K, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(&table.0)
    }

    pub(in crate::engine) fn deserialize<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Table<K, V>, D::Error> {
        let mut made = Table::default();
        for (key, value) in Vec::<(K, V)>::deserialize(from)? {
            made.push(key, value).map_err(D::Error::custom)?;
        }
        Ok(made)
    }
}

/// A set. It is serialized as a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<K>", bound(deserialize = "K: Deserialize<'de> + Ord"))]
pub(super) struct Set<K>(Vec<K>);

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord> Set<K> {
    /// The index of a key, or where it would be inserted.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|other| other.borrow().cmp(key))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Returns whether the key is new.
    pub(super) fn insert(&mut self, key: K) -> bool {
        let place = self.0.binary_search(&key);
        if let Err(at) = place {
            self.0.insert(at, key);
        }
        place.is_err()
    }

    /// Returns whether the key was present.
    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        let place = self.find(key);
        if let Ok(at) = place {
            self.0.remove(at);
        }
        place.is_ok()
    }

    pub(super) fn retain(&mut self, keeps: impl FnMut(&K) -> bool) {
        self.0.retain(keeps);
    }

    /// Removes all keys and keeps the allocation.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, K> {
        self.0.iter()
    }
}

impl<K: Ord> Extend<K> for Set<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K: Ord> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut made = Self::default();
        made.extend(keys);
        made
    }
}

impl<K: Ord> From<Vec<K>> for Set<K> {
    fn from(mut keys: Vec<K>) -> Self {
        // Already sorted, unless another program wrote it.
        if !keys.is_sorted() {
            keys.sort_unstable();
        }
        keys.dedup();
        Self(keys)
    }
}

impl<K> IntoIterator for Set<K> {
    type Item = K;
    type IntoIter = std::vec::IntoIter<K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K> IntoIterator for &'a Set<K> {
    type Item = &'a K;
    type IntoIter = std::slice::Iter<'a, K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
