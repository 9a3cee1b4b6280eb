/** Who holds the phone: a guest, whose card is made at the first visit, or the member who signed in. */

import { newId, Refused, Silence } from "/assets/client/tsunagu.js";
import { forgetSecret } from "/assets/app/card_code.js";
import { client, storage } from "/assets/app/client.js";
import { notify } from "/assets/app/notices.js";
import { askWhoSignedIn, isSigningIn, signedIn, wishToSignIn } from "/assets/app/signing_in.js";
import { language, numberText, say } from "/assets/app/words.js";

/** Under this is kept what Home showed last. */
export const HOME = "app-home";

/** And under this the orders that she looked at last, with their pickup codes. */
export const ORDERS = "app-orders";

const DEVICE = "app-device";
const AT_ONCE = { pauses: [] };

/**
 * The phone has a card from here on; at the first visit one is made, and nothing is asked. Whoever was signing in
 * when the app was closed is signed in first; without a network the card that there is will do.
 */
export async function becomeMember() {
  if (isSigningIn()) {
    const isCardThere = client.isOpen;
    await finishSigningIn(isCardThere ? AT_ONCE : {}).catch((error) =>
      isCardThere && error instanceof Silence ? null : Promise.reject(error));
  }
  return client.isOpen ? null : client.platform.alone("registration", () => client.isOpen || register());
}

/** Begins another session of the same guest. */
export function becomeMemberAgain() {
  return client.platform.alone("registration", register);
}

/** The guest's device id is a secret, made once: who has it is the guest. */
async function register() {
  const deviceId = storage.recall(DEVICE) ?? newId();
  storage.remember(DEVICE, deviceId);
  try {
    const input = { deviceId, locale: language(), deviceName: deviceName() };
    await enter(await client.run("register_guest", { input }, { withToken: false }));
  } catch (error) {
    if (error instanceof Refused && error.has("DEVICE_SIGNED_UP")) {
      storage.forget(DEVICE);
      return register();
    }
    throw error;
  }
}

/** Signs in with a code. Throws Refused, and Silence, after which it goes on by itself when there is a network. */
export function becomeSignedIn(input) {
  wishToSignIn(input);
  return finishSigningIn();
}

/** Whoever comes after her is another guest. */
function finishSigningIn(options) {
  return client.platform.alone("registration", async () => {
    if (isSigningIn()) {
      const answer = await askWhoSignedIn(options);
      storage.forget(DEVICE);
      await enter(answer);
      signedIn();
      welcome(answer);
    }
  });
}

function welcome({ isNew, merge }) {
  const moved = merge?.pointsMoved ?? 0;
  const told = [say(isNew ? "signedUp" : "signedIn"), moved > 0 && say("pointsMoved", numberText(moved))];
  notify(told.filter(Boolean).join(" "), "done");
}

/** Nothing of another session is left when one begins. */
async function enter(tokens) {
  await forgetSecret();
  storage.forget(HOME);
  storage.forget(ORDERS);
  client.open(tokens);
  dispatchEvent(new Event("member"));
}

/** What the list of her devices calls this one. */
export function deviceName() {
  const { brands = [], platform } = navigator.userAgentData ?? {};
  const brand = brands.find((each) => !/not.?a.?brand|chromium/i.test(each.brand))?.brand;
  return [brand ?? "Web", platform].filter(Boolean).join(" · ").slice(0, 40);
}
