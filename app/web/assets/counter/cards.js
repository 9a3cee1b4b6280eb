/** The card of one order on the board. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/counter/client.js";
import { awaitsAnswer, minutesSince } from "/assets/counter/orders.js";
import { dayText, language, say, timeText, yenText } from "/assets/counter/words.js";

const LINES_SHOWN = 4;
const SOON_MINUTES = 10;
const LONG_WAIT_MINUTES = 5;

/** `act` has `goOn(order)` and `details(order)`. */
export function orderCard(order, isBusy, act) {
  const headingId = `order-${order.id}`;
  const stepLabel = isBusy ? say("working") : say(`do${order.state}`);
  const waitsForAnswer = order.state === "PREPARING" && awaitsAnswer(order);
  return element(
    "li",
    { class: "order", "data-order": order.id, "data-state": order.state },
    element(
      "article",
      { "aria-labelledby": headingId },
      element(
        "header",
        {},
        element("h3", { id: headingId, class: "number" }, order.pickupNumber),
        element("p", { class: "name" }, nameText(order)),
        element("p", { class: "state" }, say(order.state)),
      ),
      element(
        "p",
        { class: "times" },
        element("span", { class: "slot" }, slotText(order)),
        element("span", { class: "due", "data-due": order.id }),
        element("span", { class: "waiting", "data-waiting": order.id }),
      ),
      goods(order),
      order.note && element("p", { class: "order-note" }, order.note),
      offers(order),
      element("p", { class: "payment" }, paymentText(order)),
      element(
        "div",
        { class: "buttons" },
        element(
          "button",
          {
            type: "button",
            class: "primary",
            "data-act": "step",
            "aria-disabled": isBusy || waitsForAnswer ? "true" : null,
            title: waitsForAnswer ? say("offerFirst") : null,
            onclick: () => !isBusy && !waitsForAnswer && act.goOn(order),
          },
          stepLabel,
        ),
        element(
          "button",
          { type: "button", class: "plain", "data-act": "details", onclick: () => act.details(order) },
          say("details"),
        ),
      ),
    ),
  );
}

/** What a card shows, beside times: while it stays the same, the card stays. */
export function cardContent(order, isBusy) {
  return JSON.stringify([order, isBusy, language(), dayText(order.pickupFrom, client.now())]);
}

/** Writes how long the order has been waiting and when it is due; `late` and `soon` mark what hurries. */
export function writeTimes(card, order) {
  write(card.querySelector("[data-due]"), due(order));
  write(card.querySelector("[data-waiting]"), waiting(order));
}

function write(place, { text = "", urgency = "none" }) {
  place.textContent = text;
  place.dataset.urgency = urgency;
}

/** When it has to be ready, or until when it is kept. */
function due(order) {
  if (order.state === "READY") {
    return { text: say("keptUntil", timeText(order.collectBy)) };
  }
  const minutes = -minutesSince(order.pickupFrom);
  if (minutes < 0) {
    return { text: say("lateMinutes", spanText(-minutes)), urgency: "late" };
  }
  return { text: say("inMinutes", spanText(minutes)), urgency: minutes < SOON_MINUTES ? "soon" : "none" };
}

/** How long the customer stands there, or nobody has taken the order on. */
function waiting(order) {
  if (order.arrivedAt) {
    const minutes = Math.max(0, minutesSince(order.arrivedAt));
    const text = minutes ? say("arrivedSince", spanText(minutes)) : say("arrivedJustNow");
    return { text, urgency: minutes < LONG_WAIT_MINUTES ? "none" : "late" };
  }
  if (order.state === "PLACED") {
    const minutes = Math.max(0, minutesSince(order.placedAt));
    const text = minutes ? say("waitsSince", spanText(minutes)) : say("waitsNow");
    return { text, urgency: minutes < LONG_WAIT_MINUTES ? "none" : "soon" };
  }
  return {};
}

export function nameText(order) {
  return order.customerName ? say("honorific", order.customerName) : say("guest");
}

export function itemText({ name, variant }) {
  return variant ? `${name} ${variant}` : name;
}

export function slotText(order) {
  const day = dayText(order.pickupFrom, client.now());
  const times = say("pickup", timeText(order.pickupFrom), timeText(order.pickupUntil));
  return day ? `${day} ${times}` : times;
}

export function paymentText({ paymentMethod, totals }) {
  const amount = totals.toPay.amount;
  if (!amount) {
    return say("paid");
  }
  return say(paymentMethod === "PAY_AT_STORE" ? "payAtStore" : "payByCard", yenText(amount));
}

function goods(order) {
  const lines = order.lines.filter((line) => line.quantity);
  const shown = lines.slice(0, LINES_SHOWN);
  const rest = lines.slice(LINES_SHOWN).reduce((sum, line) => sum + line.quantity, 0);
  return element(
    "ul",
    { class: "goods" },
    shown.map((line) =>
      element(
        "li",
        {},
        element("span", {}, itemText(line.item)),
        element("b", { "aria-label": say("pieces", line.quantity) }, `×${line.quantity}`),
      ),
    ),
    rest > 0 && element("li", { class: "rest" }, say("moreLines", rest)),
  );
}

function offers(order) {
  return order.lines
    .filter((line) => line.substitution)
    .map(({ substitution }) => element("p", { class: "offer" }, say("offered", itemText(substitution.item))));
}

function spanText(minutes) {
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  return say("span", days, hours, minutes % 60) || say("minutes", 0);
}
