/** Short messages at the bottom of the page. What went wrong stays until somebody has read it. */

import { byId, element } from "/assets/client/dom.js";
import { Refused, Silence, SignedOut } from "/assets/client/tsunagu.js";
import { say } from "/assets/counter/words.js";

const SHOWN_MILLISECONDS = 7_000;
const MAXIMUM = 3;

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
    return say("shiftEnded");
  }
  if (error instanceof Silence) {
    return say("silence");
  }
  if (!(error instanceof Refused)) {
    throw error;
  }
  return isStale(error) ? say("changed") : error.message;
}

/** Whether the order was changed by somebody else since this page looked at it. */
export function isStale(error) {
  return error instanceof Refused && (error.has("ORDER_CHANGED") || error.has("ORDER_MOVE_ILLEGAL"));
}
