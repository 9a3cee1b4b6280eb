/**
 * The card's rotating code, drawn from the device's secret without asking anybody (RFC 6238, HMAC-SHA-256).
 * The secret is given once. It is kept as a key that computes and that no script can read, this one included.
 */

import { client, storage } from "/assets/app/client.js";

const DATABASE = "tsunagu-app";
const STORE = "keys";
const KEY = `card of ${client.name}`;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Whether the secret is wanted: there is none yet, and the browser can keep one. */
export async function wantsSecret() {
  return canKeepKeys() && (await kept()) === null;
}

/** Keeps the secret that the API gave for the card with this number. */
export async function keepSecret(number, { secret, periodSeconds, digits, algorithm }) {
  const hash = algorithm.replace(/^SHA(?=\d)/, "SHA-");
  const key = await crypto.subtle.importKey("raw", bytesOf(secret), { name: "HMAC", hash }, false, ["sign"]);
  await inStore("readwrite", (store) => store.put({ key, number, periodSeconds, digits }, KEY));
}

/** Another session has another secret. */
export async function forgetSecret() {
  if (canKeepKeys()) {
    await inStore("readwrite", (store) => store.delete(KEY)).catch(() => {});
  }
}

/** The code of this moment and when it ends, in milliseconds; null where the secret is not known. */
export async function codeNow() {
  const card = canKeepKeys() ? await kept() : null;
  if (!card) {
    return null;
  }
  const period = card.periodSeconds * 1_000;
  const step = Math.floor(client.now() / period);
  const code = card.number + (await oneTimeCode(card.key, step, card.digits));
  return { code, endsAt: (step + 1) * period, period };
}

async function oneTimeCode(key, step, digits) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const hash = new DataView(await crypto.subtle.sign("HMAC", key, counter));
  const truncated = hash.getUint32(hash.getUint8(hash.byteLength - 1) & 15) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}

/** Browsers keep cryptography from pages that another machine serves over plain HTTP. */
function canKeepKeys() {
  return Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
}

function bytesOf(base32) {
  const bits = [...base32].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g), (each) => parseInt(each, 2));
}

async function kept() {
  return (await inStore("readonly", (store) => store.get(KEY)).catch(() => null)) ?? null;
}

async function inStore(mode, act) {
  const opening = indexedDB.open(storage.named(DATABASE), 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
