/** The server's time: a tablet's own clock may be minutes off, and waiting times must not be. */

let skewMilliseconds = 0;

/** The time in milliseconds, as the server tells it. */
export function now() {
  return Date.now() + skewMilliseconds;
}

/** Learns the time from an answer's `Date`, which is good to the second. */
export function learnTime(response) {
  const told = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(told) && Math.abs(told - now()) > 2_000) {
    skewMilliseconds = told - Date.now();
  }
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
