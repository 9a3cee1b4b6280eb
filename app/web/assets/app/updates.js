/**
 * Keeps the app's files on the phone, and takes an update where nobody has anything in hand: when the app is
 * opened, and when Home is shown. A checkout goes on with the files that it began with.
 */

const SCRIPT = "/app/service-worker.js";
const ASKED_EVERY_MILLISECONDS = 600_000;

let kept = null; // the registration of the service worker
let askedAt = 0;

export async function keepFiles() {
  const workers = navigator.serviceWorker; // none on pages that another machine serves over plain HTTP
  kept = (await workers?.register(SCRIPT, { scope: "/app", updateViaCache: "none" })) ?? null;
  askedAt = Date.now();
  takeUpdate();
}

/** Asks whether there is an update: browsers do so at each visit, and an app on the home screen may never end. */
export function askForUpdate() {
  if (kept && Date.now() - askedAt > ASKED_EVERY_MILLISECONDS) {
    askedAt = Date.now();
    kept.update().catch(() => {}); // without a network
  }
}

/** Begins anew with an update that is there; the page is another one a moment later. */
export function takeUpdate() {
  const workers = navigator.serviceWorker;
  if (kept?.waiting && workers.controller) {
    workers.addEventListener("controllerchange", () => location.reload(), { once: true });
    kept.waiting.postMessage("take over");
  }
}
