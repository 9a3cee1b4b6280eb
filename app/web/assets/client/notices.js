/** Short messages on a page. What went wrong stays until somebody has read it. */

import { byId, element } from "/assets/client/dom.js";

const SHOWN_MILLISECONDS = 7_000;

/**
 * What shows a page's messages, `maximum` of them at a time: given a text and its kind, which is `done`, `news`
 * or `failed`. `dismissal` says what the button on each does.
 */
export function notifier(dismissal, maximum) {
  return (text, kind = "news") => {
    const notice = element("div", { class: `notice ${kind}` }, element("span", {}, text));
    const dismiss = () => {
      const hadFocus = notice.contains(document.activeElement);
      notice.remove();
      hadFocus && byId("title")?.focus({ preventScroll: true });
    };
    notice.append(element("button", { type: "button", "aria-label": dismissal(), onclick: dismiss }, "×"));
    const list = byId(kind === "failed" ? "failures" : "notices");
    list.append(notice);
    while (list.children.length > maximum) {
      list.firstElementChild.remove();
    }
    if (kind !== "failed") {
      setTimeout(() => notice.contains(document.activeElement) || dismiss(), SHOWN_MILLISECONDS);
    }
  };
}

export function forgetFailures() {
  byId("failures").replaceChildren();
}
