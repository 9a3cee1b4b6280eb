/** The pickup counter's page: lets device and clerk in, and opens the counter for their shift. */

import { startLanguages } from "/assets/language.js";
import { byId } from "/assets/client/dom.js";
import { startSound } from "/assets/counter/attention.js";
import { canReadByCamera, readByCamera } from "/assets/counter/camera.js";
import { client } from "/assets/counter/client.js";
import { Counter } from "/assets/counter/counter.js";
import { closeDialogs } from "/assets/counter/dialogs.js";
import { forgetFailures } from "/assets/counter/notices.js";
import { digitsOf, startScanning } from "/assets/counter/scanning.js";
import { clerk, device, showSignIn, startSignIn, storeName } from "/assets/counter/sign_in.js";
import { language, say, sayAll, showTimesOf } from "/assets/counter/words.js";

const showSound = startSound(byId("sound"));

let counter = null;

/** Shows what is to be done: enrol the device, sign in, or serve at the counter. */
function show(reason = "") {
  closeDialogs();
  forgetFailures();
  counter?.stop();
  counter = null;
  const store = device()?.store;
  const isServing = Boolean(store) && client.isOpen;
  const view = isServing ? "counter" : device() ? "sign-in" : "enrol";
  for (const each of document.querySelectorAll("[data-view]")) {
    each.hidden = each.dataset.view !== view;
  }
  document.body.dataset.shows = view;
  showTimesOf(store?.timeZone);
  sayNames();
  if (isServing) {
    counter = new Counter(store.id, () => show(say("shiftEnded")));
    byId("code").focus();
  } else {
    showSignIn(reason || (device() && !store ? say("noStore") : ""));
  }
}

function sayNames() {
  sayAll(document);
  byId("store").textContent = storeName(language());
  byId("clerk").textContent = clerk()?.name ?? "";
  document.title = say("title");
  showSound();
}

async function signOut() {
  try {
    await client.run("sign_out", {}, { pauses: [] });
  } catch {
    // The session ends here in any case; without an answer, the server ends it with the shift.
  }
  client.close();
  show();
}

client.ended = () => show(say("shiftEnded"));
startSignIn(client, show);
startScanning((digits) => counter.actions.scan(digits), () => counter !== null);
byId("sign-out").addEventListener("click", signOut);
byId("camera").hidden = !canReadByCamera();
byId("camera").addEventListener("click", () => readByCamera((text) => counter?.actions.scan(digitsOf(text))));
addEventListener("storage", ({ key }) => {
  if (key === client.name && client.isOpen !== (counter !== null)) {
    show();
  }
});
startLanguages(() => {
  forgetFailures();
  sayNames();
  counter?.speakAnotherLanguage();
});
show();
