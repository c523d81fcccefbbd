/** Results that are made once for each list of names: many charts draw the same. */
export function perNames<T>(make: (names: readonly string[]) => T): (names: readonly string[]) => T {
  const results = new Map<string, T>();
  return (names) => {
    const key = JSON.stringify(names);
    const result = results.has(key) ? (results.get(key) as T) : make(names);
    results.set(key, result);
    return result;
  };
}
