/** One order, followed live until it is collected: what becomes of it, and what she has to do. */

import { element, redraw } from "/assets/client/dom.js";
import { newId, Refused } from "/assets/client/tsunagu.js";
import { client, storage } from "/assets/app/client.js";
import { ORDERS } from "/assets/app/member.js";
import { failureText, notify } from "/assets/app/notices.js";
import { qrPicture } from "/assets/app/qr.js";
import { isUnderWay, progressOf, stateTag } from "/assets/app/order_states.js";
import { totalsOf } from "/assets/app/order_sums.js";
import { Nowhere, whereabouts } from "/assets/app/whereabouts.js";
import { say } from "/assets/app/shop.words.js";
import { dayText, numberText, timeText, yenText } from "/assets/app/words.js";

const KEPT_AT_MOST = 5;
const CANCELLABLE = ["PLACED", "ACCEPTED"];

/** Draws the order as it was last seen, for the code must open without a network too, and then as it is. */
export async function openOrder(page, id) {
  page.title(say("order"));
  const kept = keptOrders().find((order) => order.id === id);
  const shown = new OrderPage(page, kept ?? null);
  const order = await client.run("order", { id }).catch((error) => {
    if (!kept) {
      throw error;
    }
    notify(failureText(error), "failed");
    return kept;
  });
  if (!page.isOpen) {
    return;
  }
  if (!order) {
    page.root.replaceChildren(element("p", { class: "panel" }, say("orderGone")));
    return;
  }
  shown.take(order);
  shown.follow();
}

function keptOrders() {
  return storage.recall(ORDERS) ?? [];
}

function keep(order) {
  const others = keptOrders().filter((each) => each.id !== order.id);
  storage.remember(ORDERS, [order, ...others].slice(0, KEPT_AT_MOST));
}

class OrderPage {
  #failure = element("p", { class: "failure", role: "alert" });
  #news = element("p", { class: "unseen", role: "status" }); // for those who do not see the page change

  constructor(page, kept) {
    this.page = page;
    this.order = kept;
    if (kept) {
      this.#show();
    }
  }

  /** The order as it is now; what a shorter answer leaves out stays, and what is older changes nothing. */
  take(order) {
    if (this.order && order.version < this.order.version) {
      return;
    }
    const before = this.order;
    const isNews = before && order.state !== before.state;
    this.order = { ...before, ...order };
    keep(this.order);
    // What is told again takes no button away from under her finger.
    if (this.page.isOpen && JSON.stringify(this.order) !== JSON.stringify(before)) {
      this.#show();
      if (isNews) {
        this.#news.textContent = say("isNow", say(order.state));
      }
    }
  }

  follow() {
    const line = client.follow(() => ({ operation: "order_changed", variables: { orderId: this.order.id } }), {
      event: (order) => this.take(order),
    });
    this.page.whenClosed(() => line.stop());
  }

  #show() {
    const { order } = this;
    this.page.title(say("orderNumber", order.pickupNumber));
    redraw(this.page.root, [
      this.#head(),
      this.#questions(),
      this.#news,
      this.#failure,
      isUnderWay(order) ? [this.#acts(), this.#code()] : this.#after(),
      element("section", {}, element("h2", {}, say("whatYouOrdered")), element("div", { class: "panel sums" }, totalsOf(order), this.#paid())),
    ]);
  }

  #head() {
    const { state, store, pickupFrom, pickupUntil, pickupNumber, arrivedAt } = this.order;
    const time = (moment) => timeText(moment, store?.timeZone);
    const when = `${dayText(pickupFrom, store?.timeZone)} ${time(pickupFrom)}–${time(pickupUntil)}`;
    return element(
      "section",
      { class: "panel pickup" },
      element("p", { class: "line" }, stateTag(state), arrivedAt && isUnderWay(this.order) && element("span", { class: "tag good" }, say("arrived"))),
      element("p", { class: "number" }, element("span", { class: "unseen" }, say("pickupNumber")), pickupNumber),
      element("p", {}, say(`${state}_TEXT`, store?.name ?? "", when)),
      isUnderWay(this.order) && progressOf(state),
    );
  }

  /** What the counter scans, or a clerk types. */
  #code() {
    const { pickupCode } = this.order;
    const digits = element("b", {}, pickupCode.replace(/(.{4})(?=.)/g, "$1 "));
    return element("figure", { class: "panel code" }, qrPicture(pickupCode, say("pickupCode")), element("figcaption", {}, say("pickupCode"), " ", digits));
  }

  /** The store offers something else instead: she takes it or does without. */
  #questions() {
    return this.order.lines
      .filter((line) => line.substitution)
      .map((line) => {
        const { item, quantity } = line.substitution;
        const answer = (isTaken) => () => this.#act("answer_substitution", { orderId: this.order.id, lineId: line.id, isTaken });
        return element(
          "section",
          { class: "panel question", role: "alert" },
          element("h2", {}, say("substitution")),
          element("p", {}, say("substitutionText", line.item.name, [item.name, item.variant].filter(Boolean).join(" "), quantity, yenText(item.unitPrice.amount * quantity))),
          element(
            "div",
            { class: "buttons" },
            element("button", { type: "button", class: "primary", onclick: answer(true) }, say("take")),
            element("button", { type: "button", onclick: answer(false) }, say("doWithout")),
          ),
        );
      });
  }

  #acts() {
    const { state, arrivedAt, id } = this.order;
    const isCancellable = CANCELLABLE.includes(state);
    return (!arrivedAt || isCancellable) && element(
      "div",
      { class: "buttons" },
      !arrivedAt && element("button", { type: "button", class: "primary", "data-focus": "arrive", onclick: () => this.#arrive() }, say("iAmHere")),
      isCancellable && element("button", { type: "button", class: "danger", "data-focus": "cancel", onclick: () => this.#askToCancel(id) }, say("cancel")),
    );
  }

  #after() {
    return this.order.state === "COLLECTED"
      ? element("div", { class: "buttons" }, element("button", { type: "button", onclick: () => this.#openReceipt() }, say("receipt")))
      : null;
  }

  #paid() {
    const { paymentMethod, refunds = [], amountOwed, note } = this.order;
    return [
      element("p", { class: "soft" }, say(`${paymentMethod}_TEXT`)),
      amountOwed?.amount > 0 && element("p", { class: "failure" }, say("owed", yenText(amountOwed.amount))),
      ...refunds.map(({ money, points }) => element("p", { class: "soft" }, say("refunded", yenText(money.amount), numberText(points)))),
      note && element("p", { class: "soft" }, note),
    ];
  }

  #askToCancel(orderId) {
    const dialog = element(
      "dialog",
      { "aria-label": say("cancel"), onclose: () => dialog.remove() },
      element("p", {}, say("cancelQuestion")),
      element(
        "div",
        { class: "buttons" },
        element("button", { type: "button", onclick: () => dialog.close() }, say("keepIt")),
        element("button", { type: "button", class: "danger", onclick: () => { dialog.close(); return this.#act("cancel_order", { orderId }); } }, say("cancel")),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }

  async #arrive() {
    try {
      const location = await whereabouts();
      await this.#act("announce_arrival", { orderId: this.order.id, location });
    } catch (error) {
      if (!(error instanceof Nowhere)) {
        throw error;
      }
      this.#failure.textContent = say(error.isForbidden ? "placeForbidden" : "placeUnknown");
    }
  }

  /** Does what changes the order; each may be sent twice, for it says what shall be and not what to add. */
  async #act(operation, input) {
    this.#failure.textContent = "";
    try {
      const { order } = await client.run(operation, { input }).catch((error) => this.#afterAll(error));
      this.take(order);
    } catch (error) {
      this.#failure.textContent = failureText(error);
      this.#failure.scrollIntoView({ block: "center" });
    }
  }

  /** What is asked no more was answered: by her, if the answer got lost, and in any case the order says how. */
  async #afterAll(error) {
    if (!(error instanceof Refused && error.has("SUBSTITUTION_NOT_OFFERED"))) {
      throw error;
    }
    return { order: await client.run("order", { id: this.order.id }) };
  }

  async #openReceipt() {
    const tab = window.open("", `receipt-${newId()}`);
    try {
      const { receipt } = await client.run("receipt", { orderId: this.order.id });
      tab ? tab.location.replace(receipt.page) : location.assign(receipt.page);
    } catch (error) {
      tab?.close();
      this.#failure.textContent = failureText(error);
    }
  }
}
