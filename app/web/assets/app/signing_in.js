/**
 * Signing in happens once, however its answer gets lost: it has its key before it is first sent, and keeps it, over
 * restarts, until there is an answer. A guest's session ends by it; who asks again has none any more.
 */

import { newId, Refused, SignedOut } from "/assets/client/tsunagu.js";
import { client, storage } from "/assets/app/client.js";

const WISH = "app-signing-in";

/** Whether it is not known yet who holds the phone. */
export function isSigningIn() {
  return storage.recall(WISH) !== null;
}

/** From here on it is asked for; the same code given again is the same wish. */
export function wishToSignIn(input) {
  const kept = storage.recall(WISH);
  const isSame = kept?.challengeId === input.challengeId && kept.code === input.code;
  storage.remember(WISH, isSame ? kept : { ...input, idempotencyKey: newId() });
}

/** Asks who signed in. Keep the tokens before `signedIn()`. Throws Refused, once and for all, or Silence. */
export async function askWhoSignedIn(options) {
  const input = storage.recall(WISH);
  try {
    return await client.run("sign_in", { input }, options).catch((error) =>
      error instanceof SignedOut ? client.run("sign_in", { input }, { ...options, withToken: false }) : Promise.reject(error));
  } catch (error) {
    if (error instanceof Refused && !error.isPassing) {
      signedIn();
    }
    throw error;
  }
}

/** It has its answer. */
export function signedIn() {
  storage.forget(WISH);
}
