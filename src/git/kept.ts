/** What was read last, up to a weight. */
export interface Kept<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): void;
}

/**
 * Keeps values of at most `most` together, and of half of that at least those last set or asked for. There are two
 * generations, and an old one is dropped whole: a `Map` that loses its oldest entry with every new one walks over the
 * places of all that it lost before.
 */
export function keeping<K, V>(most: number, weigh: (value: V) => number): Kept<K, V> {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  let weight = 0;
  const set = (key: K, value: V): void => {
    const before = young.get(key);
    weight += weigh(value) - (before === undefined ? 0 : weigh(before));
    if (weight * 2 > most) {
      old = young;
      young = new Map();
      weight = weigh(value);
    }
    young.set(key, value);
  };
  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const former = old.get(key);
      if (former !== undefined) {
        old.delete(key);
        set(key, former);
      }
      return former;
    },
    set,
    delete(key) {
      const before = young.get(key);
      if (before !== undefined) weight -= weigh(before);
      young.delete(key);
      old.delete(key);
    },
  };
}
