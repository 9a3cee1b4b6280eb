/** What a page remembers between visits. A browser may forbid it; then it lasts as long as the page. */

const rememberedHere = new Map();

// The demo shows two persons in one browser: in development, `?as=NAME` keeps what a page remembers apart.
const isDevelopment = document.documentElement.dataset.environment === "development";
const person = isDevelopment ? new URLSearchParams(location.search).get("as") : null;

/** The name under which a page of this person keeps something in the browser. */
export function named(name) {
  return person ? `${person} ${name}` : name;
}

/** The value that was remembered under this name, null if there is none. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(named(name)));
  } catch {
    return rememberedHere.get(name) ?? null;
  }
}

export function remember(name, value) {
  rememberedHere.set(name, value);
  try {
    localStorage.setItem(named(name), JSON.stringify(value));
  } catch {
    // The next visit begins anew then.
  }
}

export function forget(name) {
  rememberedHere.delete(name);
  try {
    localStorage.removeItem(named(name));
  } catch {
    // There is nothing to forget.
  }
}
