/** Short messages above the tabs. What went wrong stays until somebody has read it. */

import { byId, element } from "/assets/client/dom.js";
import { Refused, Silence, SignedOut } from "/assets/client/tsunagu.js";
import { say } from "/assets/app/words.js";

const SHOWN_MILLISECONDS = 6_000;
const MAXIMUM = 2;

/** Shows a message; `kind` is `done`, `news` or `failed`. */
export function notify(text, kind = "news") {
  const notice = element("div", { class: `notice ${kind}` }, element("span", {}, text));
  const dismiss = () => notice.remove();
  notice.append(element("button", { type: "button", "aria-label": say("dismiss"), onclick: dismiss }, "×"));
  const list = byId(kind === "failed" ? "failures" : "notices");
  list.append(notice);
  while (list.children.length > MAXIMUM) {
    list.firstElementChild.remove();
  }
  if (kind !== "failed") {
    setTimeout(dismiss, SHOWN_MILLISECONDS);
  }
}

export function forgetFailures() {
  byId("failures").replaceChildren();
}

/** What to say of an error of the API; any other is a bug, and goes on. */
export function failureText(error) {
  if (error instanceof SignedOut) {
    return say("signedOut");
  }
  if (error instanceof Silence) {
    return say(navigator.onLine ? "silence" : "noNetwork");
  }
  if (!(error instanceof Refused)) {
    throw error;
  }
  return error.message;
}
