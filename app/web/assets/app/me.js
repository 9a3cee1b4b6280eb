/** Me: who the member is, and the ways to all that she has done, was told and has allowed. */

import { chooseLanguage } from "/assets/language.js";
import { element } from "/assets/client/dom.js";
import { client, storage } from "/assets/app/client.js";
import { once } from "/assets/app/lists.js";
import { HOME } from "/assets/app/member.js";
import { coupons } from "/assets/app/me_coupons.js";
import { devices, endSession } from "/assets/app/me_devices.js";
import { history } from "/assets/app/me_history.js";
import { inbox } from "/assets/app/me_inbox.js";
import { points } from "/assets/app/me_points.js";
import { consents, profile } from "/assets/app/me_profile.js";
import { signIn } from "/assets/app/me_sign_in.js";
import { addressOf, go } from "/assets/app/pages.js";
import { language, say } from "/assets/app/words.js";

const PARTS = { history, points, coupons, inbox, profile, consents, devices, signIn };
const LISTED = ["history", "points", "coupons", "inbox", "profile", "consents", "devices"];

export async function open(page) {
  const part = page.path[0];
  if (Object.hasOwn(PARTS, part ?? "")) {
    page.title(say(part));
    await PARTS[part](page);
  } else {
    await overview(page);
  }
}

async function overview(page) {
  const me = await client.run("my_profile");
  if (page.isOpen) {
    page.root.append(
      whoSection(me),
      element("ul", { class: "rows ways" }, LISTED.map((part) => element("li", {}, way(part, me)))),
      languageSection(),
      ...(me.isGuest ? [] : [signOutButton()]),
    );
  }
}

function whoSection({ isGuest, nickname, number, signInAddresses }) {
  return element(
    "section",
    { class: "panel who", "aria-label": say("me") },
    element("h2", {}, nickname ?? say(isGuest ? "guest" : "member")),
    element("p", { class: "soft" }, number.replace(/(.{4})(?=.)/g, "$1 ")),
    signInAddresses.map(({ destination }) => element("p", { class: "soft" }, destination)),
    isGuest && [
      element("p", {}, say("whySignIn")),
      element("a", { class: "button primary", href: addressOf("me", "signIn") }, say("signIn")),
    ],
  );
}

function way(part, { unreadMessages }) {
  const unread = part === "inbox" && unreadMessages > 0;
  return element(
    "a",
    { class: "way", href: addressOf("me", part) },
    element("span", {}, say(part)),
    unread && element("span", { class: "tag good" }, say("unread", unreadMessages)),
  );
}

function languageSection() {
  const choice = (value, name) =>
    element(
      "button",
      { type: "button", lang: value, "aria-pressed": String(language() === value), onclick: () => choose(value) },
      name,
    );
  return element(
    "section",
    { role: "group", "aria-labelledby": "language" },
    element("h2", { id: "language" }, say("language")),
    element("div", { class: "buttons" }, choice("ja", "日本語"), choice("en", "English")),
  );
}

/** The page speaks it at once; the retailer writes in it from now on. */
async function choose(value) {
  chooseLanguage(value);
  storage.forget(HOME); // its texts are in the other language
  await client.run("update_profile", { input: { locale: value } }).catch(() => {}); // asked again at the next choice
}

function signOutButton() {
  const button = element("button", { type: "button" }, say("signOut"));
  button.onclick = () => once(button, async () => {
    await endSession("sign_out");
    go("home");
  });
  return button;
}
