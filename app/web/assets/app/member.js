/** Who holds the phone: a guest, whose card is made at the first visit, or the member who signed in. */

import { newId, Refused } from "/assets/client/tsunagu.js";
import { client, storage } from "/assets/app/client.js";
import { language } from "/assets/app/words.js";

const DEVICE = "app-device";

/** The phone has a card from here on; at the first visit one is made, and nothing is asked. */
export function becomeMember() {
  return client.isOpen ? null : client.platform.alone("registration", register);
}

/** The guest's device id is a secret, made once: who has it is the guest. */
async function register() {
  if (client.isOpen) {
    return; // another page of this browser was first
  }
  const deviceId = storage.recall(DEVICE) ?? newId();
  storage.remember(DEVICE, deviceId);
  try {
    const input = { deviceId, locale: language(), deviceName: deviceName() };
    client.open(await client.run("register_guest", { input }));
  } catch (error) {
    if (error instanceof Refused && error.has("DEVICE_SIGNED_UP")) {
      storage.forget(DEVICE);
      return register();
    }
    throw error;
  }
}

/** The guest of this device became a member: whoever comes after her is another guest. */
export function leaveGuest() {
  storage.forget(DEVICE);
}

/** What the list of her devices calls this one. */
export function deviceName() {
  const { brands = [], platform } = navigator.userAgentData ?? {};
  const brand = brands.find((each) => !/not.?a.?brand|chromium/i.test(each.brand))?.brand;
  return [brand ?? "Web", platform].filter(Boolean).join(" · ").slice(0, 40);
}
