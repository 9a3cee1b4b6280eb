/** What a page remembers between visits. A browser may forbid it; then it lasts as long as the page. */

const rememberedHere = new Map();

/** The value that was remembered under this name, null if there is none. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return rememberedHere.get(name) ?? null;
  }
}

export function remember(name, value) {
  rememberedHere.set(name, value);
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // The next visit begins anew then.
  }
}

export function forget(name) {
  rememberedHere.delete(name);
  try {
    localStorage.removeItem(name);
  } catch {
    // There is nothing to forget.
  }
}
