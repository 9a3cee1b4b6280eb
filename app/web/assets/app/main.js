/** The member app: starts the page, and keeps it up with the language, the network and the session. */

import { startLanguages } from "/assets/language.js";
import { byId } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { notify } from "/assets/app/notices.js";
import { showPage } from "/assets/app/pages.js";
import { say, sayAll } from "/assets/app/words.js";

function showNetwork() {
  byId("offline").textContent = navigator.onLine ? "" : say("offline");
}

client.ended = () => {
  notify(say("signedOut"));
  showPage();
};

startLanguages(() => {
  sayAll(document);
  showNetwork();
  showPage();
});

addEventListener("hashchange", () => showPage({ isMove: true }));
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
