/** Who holds the phone: a guest, whose card is made at the first visit, or the member who signed in. */

import { newId, Refused } from "/assets/client/tsunagu.js";
import { forgetSecret } from "/assets/app/card_code.js";
import { client, storage } from "/assets/app/client.js";
import { language } from "/assets/app/words.js";

/** Under this is kept what Home showed last. */
export const HOME = "app-home";

/** And under this the orders that she looked at last, with their pickup codes. */
export const ORDERS = "app-orders";

const DEVICE = "app-device";

/** The phone has a card from here on; at the first visit one is made, and nothing is asked. */
export function becomeMember() {
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

/** The member of these tokens signed in with a code: whoever comes after her is another guest. */
export async function becomeSignedIn(signedIn) {
  storage.forget(DEVICE);
  await enter(signedIn);
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
