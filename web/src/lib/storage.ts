/** What this browser remembers for its user; a browser that forbids it forgets, and nothing breaks. */
export const remembered = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(`gleaner.${key}`);
    } catch {
      return null;
    }
  },
  set(key: string, value: string | null) {
    try {
      if (value === null) localStorage.removeItem(`gleaner.${key}`);
      else localStorage.setItem(`gleaner.${key}`, value);
    } catch {
      // Nothing to do: the choice holds until the page is left.
    }
  },
};
