/** The card over the whole screen, for the till: white and large, as long as it is open the screen stays on. */

import { element } from "/assets/client/dom.js";
import { livingCode } from "/assets/app/card.js";
import { say } from "/assets/app/words.js";

/** Shows the card; Escape, its button and the way back close it. */
export function enlargeCard(page, { card, nickname }) {
  const dialog = element("dialog", { class: "big-card", "aria-label": say("card"), onclose: () => dialog.remove() });
  const { figure } = livingCode({ whenClosed: (end) => dialog.addEventListener("close", end) });
  dialog.append(
    element("p", { class: "holder" }, element("b", {}, say(card.rank)), nickname ? element("span", {}, say("holder", nickname)) : null),
    figure,
    element("p", { class: "number" }, card.number.replace(/(.{4})(?=.)/g, "$1 ")),
    element("button", { type: "button", onclick: () => dialog.close() }, say("dismiss")),
  );
  document.body.append(dialog);
  dialog.showModal();
  page.whenClosed(() => dialog.close());
  closeOnTheWayBack(dialog);
  keepAwake(dialog);
}

/** The way back, by gesture or button, leads from the large card to the page below it. */
function closeOnTheWayBack(dialog) {
  history.pushState({ isCardLarge: true }, "");
  const close = () => dialog.close();
  addEventListener("popstate", close);
  dialog.addEventListener("close", () => {
    removeEventListener("popstate", close);
    if (history.state?.isCardLarge) {
      history.back();
    }
  });
}

/** Where browsers can: the screen stays on, also after she has looked at something else in between. */
function keepAwake(dialog) {
  let lock = null;
  const take = async () => {
    lock = document.hidden || !dialog.open ? null : await navigator.wakeLock?.request("screen").catch(() => null);
    dialog.open || lock?.release();
  };
  document.addEventListener("visibilitychange", take);
  dialog.addEventListener("close", () => {
    document.removeEventListener("visibilitychange", take);
    lock?.release();
  });
  take();
}
