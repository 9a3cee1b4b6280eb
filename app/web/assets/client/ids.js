/** Random names: for a device, or for a request that is to happen once however often it is sent. */

/** A name that nobody can guess. */
export function newId() {
  if (crypto.randomUUID) {
    return crypto.randomUUID();
  }
  // Browsers keep randomUUID from pages that another machine serves over plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
