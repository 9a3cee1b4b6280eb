/** The member app: starts the page, and keeps it up with the language, the network and the session. */

import { startLanguages } from "/assets/language.js";
import { byId } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { notify } from "/assets/app/notices.js";
import { showPage } from "/assets/app/pages.js";
import { isSigningIn } from "/assets/app/signing_in.js";
import { followInbox } from "/assets/app/unread.js";
import { askForUpdate, keepFiles, takeUpdate } from "/assets/app/updates.js";
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

/** Home is where an update is taken, and a move there may be the first for days. */
function move() {
  askForUpdate();
  ["", "#/", "#/home"].includes(location.hash) && takeUpdate();
  return showPage({ isMove: true });
}

if (client.isOpen && !isSigningIn()) {
  followInbox();
}

addEventListener("member", followInbox); // another one holds the phone
addEventListener("load", () => keepFiles().catch(() => {})); // without it the app wants a network, no more
addEventListener("hashchange", move);
addEventListener("visibilitychange", () => document.hidden || askForUpdate());
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
