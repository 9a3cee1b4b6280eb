/** The pickup counter's page: lets device and clerk in, and opens the counter for their shift. */

import { startLanguages } from "/assets/language.js";
import { Api } from "/assets/client/api.js";
import { byId } from "/assets/client/dom.js";
import { Session } from "/assets/client/session.js";
import { startSound } from "/assets/counter/attention.js";
import { canReadByCamera, readByCamera } from "/assets/counter/camera.js";
import { Counter } from "/assets/counter/counter.js";
import { closeDialogs } from "/assets/counter/dialogs.js";
import { forgetFailures } from "/assets/counter/notices.js";
import { digitsOf, startScanning } from "/assets/counter/scanning.js";
import { clerk, device, showSignIn, startSignIn, storeName } from "/assets/counter/sign_in.js";
import { language, say, sayAll, showTimesOf } from "/assets/counter/words.js";

const SESSION = "counter-session";

const strangersApi = new Api(language);
const session = new Session(SESSION, strangersApi, () => show(say("shiftEnded")));
const api = new Api(language, session);
const showSound = startSound(byId("sound"));

let counter = null;

/** Shows what is to be done: enrol the device, sign in, or serve at the counter. */
function show(reason = "") {
  closeDialogs();
  forgetFailures();
  counter?.stop();
  counter = null;
  const store = device()?.store;
  const isServing = Boolean(store) && session.isOpen;
  const view = isServing ? "counter" : device() ? "sign-in" : "enrol";
  for (const each of document.querySelectorAll("[data-view]")) {
    each.hidden = each.dataset.view !== view;
  }
  document.body.dataset.shows = view;
  showTimesOf(store?.timeZone);
  sayNames();
  if (isServing) {
    counter = new Counter(api, session, store.id, () => show(say("shiftEnded")));
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
    await api.run("sign_out", {}, { pauses: [] });
  } catch {
    // The session ends here in any case; without an answer, the server ends it with the shift.
  }
  session.close();
  show();
}

startSignIn(strangersApi, session, show);
startScanning((digits) => counter.actions.scan(digits), () => counter !== null);
byId("sign-out").addEventListener("click", signOut);
byId("camera").hidden = !canReadByCamera();
byId("camera").addEventListener("click", () => readByCamera((text) => counter?.actions.scan(digitsOf(text))));
addEventListener("storage", ({ key }) => {
  if (key === SESSION && session.isOpen !== (counter !== null)) {
    show();
  }
});
startLanguages(() => {
  forgetFailures();
  sayNames();
  counter?.speakAnotherLanguage();
});
show();
