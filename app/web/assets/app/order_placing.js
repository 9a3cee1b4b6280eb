/**
 * Places an order once and for all: its key is made before the first try and kept until there is an answer. Until
 * then the app asks again, whenever it is opened and whenever the network is back.
 */

import { element } from "/assets/client/dom.js";
import { Silence } from "/assets/client/tsunagu.js";
import { client } from "/assets/app/client.js";
import { failureText } from "/assets/app/notices.js";
import { go } from "/assets/app/pages.js";
import { say } from "/assets/app/shop.words.js";
import { language } from "/assets/app/words.js";

const OPERATION = "place_order";
const AGAIN_MILLISECONDS = 4_000;

/** Whether nothing is known of it yet: nobody answered, or the bank has not. */
export function isUnknown(error) {
  return error instanceof Silence || client.unanswered(OPERATION) !== null;
}

/** Sends the order and shows it once it is placed. Throws Refused when it is not, Silence when nobody knows. */
export async function placeOrder(page, input) {
  const { order, clientSecret } = await client.act(OPERATION, input);
  order ? go("order", order.id) : showConfirmation(page, clientSecret);
}

/**
 * The bank wants to hear from her first; then the same order is sent again. The sandbox has a page for that, where
 * real cards have the gateway's own software.
 */
function showConfirmation(page, secret) {
  const here = location.pathname + location.search + location.hash;
  const bank = `/dev/bank?${new URLSearchParams({ secret, back: here, language: language() })}`;
  page.title(say("confirmPayment"));
  page.root.replaceChildren(
    element(
      "section",
      { class: "panel" },
      element("h2", {}, say("bankAsks")),
      element("p", { role: "status" }, say("bankAsksHelp")),
      element("a", { class: "button primary", href: bank }, say("toBank")),
      element("button", { type: "button", onclick: () => page.again() }, say("hasConfirmed")),
    ),
  );
}

/** Shows that an order waits for its answer, and asks for it until it is there; false if none waits. */
export async function sendAgain(page) {
  if (client.unanswered(OPERATION) === null) {
    return false;
  }
  page.title(say("sending"));
  const status = element("p", { role: "status" }, say("sendingHelp"));
  const again = element("button", { type: "button", class: "primary", onclick: () => page.again() }, say("askNow"));
  const heading = element("h2", {}, say("sending"));
  page.root.replaceChildren(element("section", { class: "panel" }, heading, status, again));
  try {
    await placeOrder(page, {});
  } catch (error) {
    if (isUnknown(error)) {
      const timer = setTimeout(() => page.again(), AGAIN_MILLISECONDS);
      const now = () => page.again();
      addEventListener("online", now);
      page.whenClosed(() => {
        clearTimeout(timer);
        removeEventListener("online", now);
      });
    } else {
      heading.textContent = say("notOrdered");
      status.textContent = failureText(error);
      again.textContent = say("backToBasket");
    }
  }
  return true;
}
