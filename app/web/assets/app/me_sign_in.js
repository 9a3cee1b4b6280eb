/** Signing up and signing in, which are one: a code is sent to an address, and proves that it is hers. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { field, formOf } from "/assets/app/lists.js";
import { becomeSignedIn, deviceName } from "/assets/app/member.js";
import { go } from "/assets/app/pages.js";
import { say } from "/assets/app/words.js";

export async function signIn(page) {
  askAddress(page);
}

function askAddress(page) {
  const address = field(say("address"), { name: "address", maxlength: 254, autocomplete: "email", autocapitalize: "off", spellcheck: "false" });
  const send = async ({ address: typed }) => {
    const destination = typed.normalize("NFKC").trim();
    const channel = destination.includes("@") ? "EMAIL" : "SMS";
    const sent = await client.act("request_sign_in_code", { channel, destination }, `code for ${destination}`);
    askCode(page, sent.challengeId, destination);
  };
  page.root.replaceChildren(
    element("section", { class: "panel" }, element("p", {}, say("signInText")), formOf([address], say("sendCode"), send)),
  );
}

function askCode(page, challengeId, destination) {
  const code = field(say("code"), { name: "code", class: "code-field", maxlength: 12, inputmode: "numeric", autocomplete: "one-time-code" });
  const give = async ({ code: typed }) => {
    await becomeSignedIn({ challengeId, code: typed, deviceName: deviceName() });
    go("me");
  };
  const back = element("button", { type: "button", class: "quiet", onclick: () => askAddress(page) }, say("anotherAddress"));
  page.root.replaceChildren(
    element("section", { class: "panel" }, element("p", { role: "status" }, say("codeSent", destination)), formOf([code], say("signIn"), give), back),
  );
  page.root.querySelector("input").focus();
}
