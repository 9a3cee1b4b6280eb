/** The member app: starts the page, and keeps it up with the language, the network and the session. */

import { startLanguages } from "/assets/language.js";
import { byId } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { notify } from "/assets/app/notices.js";
import { showPage } from "/assets/app/pages.js";
import { isSigningIn } from "/assets/app/signing_in.js";
import { followInbox } from "/assets/app/unread.js";
import { say, sayAll } from "/assets/app/words.js";

function showNetwork() {
  byId("offline").textContent = navigator.onLine ? "" : say("offline");
}

client.ended = () => {
  if (!isSigningIn()) {
    notify(say("signedOut"));
  }
  showPage();
};

startLanguages(() => {
  sayAll(document);
  showNetwork();
  showPage();
});

/** Keeps the app's files on the phone; the next visit begins with those of an update, if there is one by then. */
async function keepFiles() {
  const workers = navigator.serviceWorker; // none on pages that another machine serves over plain HTTP
  const registration = await workers?.register("/app/service-worker.js", { scope: "/app" });
  if (registration?.waiting && workers.controller) {
    workers.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting.postMessage("take over");
  }
}

if (client.isOpen && !isSigningIn()) {
  followInbox();
}

addEventListener("member", followInbox); // another one holds the phone
addEventListener("load", () => keepFiles().catch(() => {})); // without it the app wants a network, no more
addEventListener("hashchange", () => showPage({ isMove: true }));
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
