/** The states of an order, as a member sees them. */

import { element } from "/assets/client/dom.js";
import { say } from "/assets/app/shop.words.js";

const STEPS = ["PLACED", "ACCEPTED", "PREPARING", "READY", "COLLECTED"];

export function isUnderWay({ state }) {
  return STEPS.indexOf(state) >= 0 && state !== "COLLECTED";
}

export function stateTag(state) {
  return element("span", { class: state === "READY" || state === "COLLECTED" ? "tag good" : "tag" }, say(state));
}

/** How far the order has come. */
export function progressOf(state) {
  const reached = STEPS.indexOf(state);
  return element(
    "ol",
    { class: "progress", "aria-label": say("progress") },
    STEPS.map((step, number) =>
      element("li", { "aria-current": number === reached ? "step" : null, class: number <= reached ? "done" : null }, say(`STEP_${step}`))),
  );
}
