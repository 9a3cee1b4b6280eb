/**
 * Keeps the files of the member app, so that it opens without a network and at once with one. Each version of the
 * files has a store of its own, filled before it is used: a page is made of one version, never of two.
 */

const FILES = {{files}};
const PREFIX = "tsunagu-app ";
const STORE = PREFIX + "{{version}}";

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("message", ({ data }) => data === "take over" && skipWaiting());
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "GET" && origin === location.origin && FILES.includes(pathname)) {
    event.respondWith(kept(event.request));
  }
});

async function fill() {
  const store = await caches.open(STORE);
  await store.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== STORE).map((name) => caches.delete(name)));
  await clients.claim();
}

async function kept(request) {
  const store = await caches.open(STORE);
  return (await store.match(request, { ignoreSearch: true })) ?? fetch(request);
}
