/**
 * Keeps the files of the member app, so that it opens without a network and at once with one. Each version of the
 * files has a store of its own, filled before it is used: a page is made of one version, never of two. The version
 * is the hash of its files: those that were fetched in the middle of an update are not kept.
 */

const FILES = {{files}};
const VERSION = "{{version}}";
const PREFIX = "tsunagu-app ";
const STORE = PREFIX + VERSION;

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(begin()));
addEventListener("message", (event) => event.data === "take over" && event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "GET" && origin === location.origin && FILES.includes(pathname)) {
    event.respondWith(kept(event.request));
  }
});

/** Throws what is not of this version, and the browser tries again at the next visit. */
async function fill() {
  const answers = await Promise.all(FILES.map((file) => fetch(file, { cache: "no-cache" })));
  if (!answers.every((answer) => answer.ok) || (await versionOf(answers)) !== VERSION) {
    throw new Error("these files are of more than one version");
  }
  const store = await caches.open(STORE);
  await Promise.all(answers.map((answer, number) => store.put(FILES[number], answer)));
}

async function versionOf(answers) {
  const content = new Blob(await Promise.all(answers.map((answer) => answer.clone().blob())));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await content.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, VERSION.length);
}

/** Begins before its time, as one page wishes; not while another one is open, which is of the version before. */
async function takeOver() {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const pages = windows.filter(({ url }) => new URL(url).pathname === FILES[0]);
  if (pages.length === 1) {
    skipWaiting();
  }
}

async function begin() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== STORE).map((name) => caches.delete(name)));
  await clients.claim();
}

async function kept(request) {
  const store = await caches.open(STORE);
  return (await store.match(request, { ignoreSearch: true })) ?? fetch(request);
}
