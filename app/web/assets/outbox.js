/** The outbox: looks every two seconds whether there is something new, while somebody looks at the page. */

import { startLanguages } from "/assets/language.js";

const REFRESH_MILLISECONDS = 2_000;
const TIMEOUT_MILLISECONDS = 5_000;

const messages = document.getElementById("messages");
const stale = document.getElementById("stale");

/** The list as the server has it now; null if it gives no answer. */
async function freshMessages() {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store", signal });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    return fresh.getElementById("messages");
  } catch {
    return null;
  }
}

async function refresh() {
  if (!document.hidden) {
    const fresh = await freshMessages();
    stale.hidden = fresh !== null;
    // What is unchanged stays, with whatever a developer selected in it.
    if (fresh && fresh.innerHTML !== messages.innerHTML) {
      messages.replaceChildren(...fresh.children);
    }
  }
  setTimeout(refresh, REFRESH_MILLISECONDS);
}

startLanguages();
setTimeout(refresh, REFRESH_MILLISECONDS);
