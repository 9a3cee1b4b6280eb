/** What the member says of herself, and what she allows. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { field, formOf, once } from "/assets/app/lists.js";
import { notify } from "/assets/app/notices.js";
import { dateText, say } from "/assets/app/words.js";

const TEXT_VERSION = "app-1"; // of the words beside the switches

export async function profile(page) {
  const me = await client.run("my_profile");
  const fields = [
    field(say("nickname"), { name: "nickname", value: me.nickname ?? "", maxlength: 40, autocomplete: "nickname" }),
    field(say("birthday"), { name: "birthday", type: "date", value: me.birthday ?? "", min: "1900-01-01", autocomplete: "bday" }),
    field(
      say("postalCode"),
      { name: "postalCode", value: me.postalCode ?? "", maxlength: 8, inputmode: "numeric", autocomplete: "postal-code", placeholder: "530-0001" },
    ),
  ];
  const save = async ({ nickname, birthday, postalCode }) => {
    const input = { nickname: nickname || null, birthday: birthday || null, postalCode: postalCode || null };
    await client.run("update_profile", { input });
    notify(say("saved"), "done");
  };
  page.root.append(element("section", { class: "panel" }, formOf(fields, say("save"), save)));
}

export async function consents(page) {
  const me = await client.run("my_consents", { first: 1 });
  page.root.append(
    element("p", { class: "soft" }, say("consentsText")),
    element("ul", { class: "rows" }, me.consents.map((consent) => element("li", {}, consentRow(consent)))),
  );
}

/** A switch shows what the server has, not what was wished for. */
function consentRow(consent) {
  const { kind } = consent;
  const since = element("p", { class: "soft" });
  const button = element("button", { type: "button", role: "switch", class: "switch", "aria-labelledby": `consent-${kind}` });
  const show = ({ isGiven, decision }) => {
    button.setAttribute("aria-checked", String(isGiven));
    since.textContent = decision ? say(isGiven ? "allowedOn" : "declinedOn", dateText(decision.decidedAt)) : "";
  };
  button.onclick = () => once(button, async () => {
    const isGiven = button.getAttribute("aria-checked") !== "true";
    const input = { consents: [{ kind, isGiven }], textVersion: TEXT_VERSION };
    const { consents: standing } = await client.run("set_consents", { input });
    show(standing.find((each) => each.kind === kind));
  });
  show(consent);
  return element(
    "div",
    { class: "consent" },
    element("div", {}, element("h3", { id: `consent-${kind}` }, say(kind)), element("p", {}, say(`${kind}_TEXT`)), since),
    button,
  );
}
