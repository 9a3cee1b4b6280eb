/** Lets the device in by an enrolment code, and a clerk by staff code and PIN. */

import { byId, element } from "/assets/client/dom.js";
import { Refused } from "/assets/client/tsunagu.js";
import { forget, recall, remember } from "/assets/client/storage.js";
import { failureText } from "/assets/counter/notices.js";
import { say } from "/assets/counter/words.js";

const DEVICE = "counter-device";
const CLERK = "counter-clerk";
const LONGEST_PIN = 12;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "clearPin", "0", "deleteDigit"];

/** The device as it was enrolled: `{ token, name, store }`; null before. */
export function device() {
  return recall(DEVICE);
}

export function clerk() {
  return recall(CLERK);
}

/** Makes the two forms work; `changed` is called when the device is let in, and when a clerk has signed in. */
export function startSignIn(client, changed) {
  for (const key of KEYS) {
    byId("keypad").append(keypadButton(key));
  }
  onSubmit(byId("enrol"), async () => {
    const code = byId("enrolment-code");
    const label = `enrol_device ${code.value}`; // a code is good once: whoever types it again gets the lost answer
    const { deviceToken, device: enrolled } = await client.act("enrol_device", { code: code.value }, label);
    remember(DEVICE, { token: deviceToken, name: enrolled.name, store: enrolled.store });
    code.value = "";
    changed();
  });
  onSubmit(byId("staff"), async () => {
    const [staffCode, pin] = [byId("staff-code"), byId("pin")];
    const input = { deviceToken: device().token, staffCode: staffCode.value, pin: pin.value };
    pin.value = "";
    try {
      const signedIn = await client.run("sign_in_staff", { input });
      client.open(signedIn);
      remember(CLERK, { name: signedIn.staffMember.name });
      staffCode.value = "";
      changed();
    } catch (error) {
      if (error instanceof Refused && error.has("DEVICE_NOT_ENROLLED")) {
        forget(DEVICE);
        changed(failureText(error));
        return;
      }
      pin.focus();
      throw error;
    }
  });
  byId("enrol-anew").addEventListener("click", () => {
    forget(DEVICE);
    changed();
  });
}

/** Puts the focus where the next thing is typed, and says why somebody has to sign in again. */
export function showSignIn(reason = "") {
  const form = byId(device() ? "staff" : "enrol");
  form.querySelector(".failure").textContent = reason;
  form.querySelector("input").focus();
}

function onSubmit(form, act) {
  const failure = form.querySelector(".failure");
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") {
      return;
    }
    failure.textContent = "";
    button.setAttribute("aria-disabled", "true");
    try {
      await act();
    } catch (error) {
      failure.textContent = failureText(error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

function keypadButton(key) {
  const pin = byId("pin");
  const isDigit = /^\d$/.test(key);
  const press = () => {
    if (isDigit) {
      pin.value = (pin.value + key).slice(0, LONGEST_PIN);
    } else {
      pin.value = key === "clearPin" ? "" : pin.value.slice(0, -1);
    }
  };
  const attributes = { type: "button", onclick: press };
  if (isDigit) {
    return element("button", attributes, key);
  }
  return element("button", { ...attributes, "data-label": key, class: "quiet" }, key === "clearPin" ? "C" : "⌫");
}

/** The store's name in the page's language. */
export function storeName(language) {
  return device()?.store?.[language] ?? say("title");
}
