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

const OPERATION = "place_order";
const AGAIN_MILLISECONDS = 4_000;

/** Whether nothing is known of it yet: nobody answered, or the bank has not. */
export function isUnknown(error) {
  return error instanceof Silence || client.unanswered(OPERATION) !== null;
}

/** Sends the order and shows it once it is placed. Throws Refused when it is not, Silence when nobody knows. */
export async function placeOrder(input) {
  const result = await client.act(OPERATION, input);
  if (!result.order) {
    throw new Error("the payment wants to be confirmed, which needs the gateway's own software");
  }
  go("order", result.order.id);
}

/** Shows that an order waits for its answer, and asks for it until it is there; false if none waits. */
export async function sendAgain(page) {
  if (client.unanswered(OPERATION) === null) {
    return false;
  }
  page.title(say("sending"));
  const status = element("p", { role: "status" }, say("sendingHelp"));
  const again = element("button", { type: "button", class: "primary", onclick: () => page.again() }, say("askNow"));
  page.root.replaceChildren(element("section", { class: "panel" }, element("h2", {}, say("sending")), status, again));
  try {
    await placeOrder({});
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
      status.textContent = failureText(error);
      again.textContent = say("backToBasket");
    }
  }
  return true;
}
