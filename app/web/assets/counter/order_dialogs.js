/** The dialogs of one order: all there is to it, and what can be done beside its next step. */

import { element } from "/assets/client/dom.js";
import { itemText, nameText, paymentText, slotText } from "/assets/counter/cards.js";
import { ask, closeDialogs, openDialog } from "/assets/counter/dialogs.js";
import { offerSubstitute } from "/assets/counter/substitutes.js";
import { say, yenText } from "/assets/counter/words.js";

const LONGEST_REASON = 200;

/** `actions` changes orders; `api` searches for substitutes at the store. */
export class OrderDialogs {
  constructor(api, actions, storeId) {
    this.api = api;
    this.actions = actions;
    this.storeId = storeId;
  }

  details(order) {
    const isChangeable = order.state !== "READY";
    const further = isChangeable
      ? { label: say("rejectOrder"), kind: "danger", act: () => this.#then(() => this.reject(order)) }
      : { label: say("noShow"), kind: "danger", act: () => this.#then(() => this.noShow(order)) };
    const handOver = { label: say("doREADY"), kind: "primary", act: () => this.#then(() => this.handOver(order)) };
    const close = { label: say("close"), kind: "plain", act() {} };
    const actions = isChangeable ? [further, close] : [further, close, handOver];
    openDialog(say("orderHeading", order.pickupNumber), this.#content(order, isChangeable), actions, {
      className: "details",
      order,
    });
  }

  handOver(order) {
    const text = element(
      "div",
      {},
      element("p", { class: "who" }, element("b", {}, order.pickupNumber), element("span", {}, nameText(order))),
      element("p", { class: "payment" }, paymentText(order)),
      element("p", {}, say("handOverText")),
    );
    ask(order, say("handOverHeading", order.pickupNumber), text, {
      label: say("handOver"),
      kind: "primary",
      act: () => this.actions.handOver(order),
    });
  }

  noShow(order) {
    ask(order, say("noShowHeading", order.pickupNumber), say("noShowText"), {
      label: say("noShow"),
      kind: "danger",
      act: () => this.actions.change(order, "mark_no_show"),
    });
  }

  rejectLine(order, line) {
    ask(order, say("rejectLineHeading", itemText(line.item)), say("rejectLineText"), {
      label: say("rejectLine"),
      kind: "danger",
      act: () => this.actions.change(order, "reject_line", { lineId: line.id }),
    });
  }

  reject(order) {
    const other = element("input", { type: "text", maxlength: LONGEST_REASON, id: "other-reason" });
    const choices = say("reasons").map((reason, index) =>
      element(
        "label",
        { class: "choice" },
        element("input", { type: "radio", name: "reason", value: reason, checked: index === 0 }),
        element("span", {}, reason),
      ),
    );
    const content = element(
      "div",
      {},
      element("p", {}, say("rejectText")),
      element("fieldset", {}, element("legend", {}, say("reason")), choices),
      element("label", { class: "field" }, element("span", {}, say("otherReason")), other),
    );
    const reject = () => {
      const chosen = content.querySelector("input[name=reason]:checked").value;
      return this.actions.change(order, "reject_order", { reason: other.value.trim() || chosen });
    };
    ask(order, say("rejectHeading", order.pickupNumber), content, {
      label: say("reject"),
      kind: "danger",
      act: reject,
    });
  }

  #content(order, isChangeable) {
    return element(
      "div",
      {},
      element("p", { class: "who" }, element("span", {}, nameText(order)), element("span", {}, slotText(order))),
      order.note && element("p", { class: "order-note" }, order.note),
      element("h3", {}, say("linesHeading")),
      element("ul", { class: "lines" }, order.lines.map((line) => this.#line(order, line, isChangeable))),
      totals(order),
    );
  }

  #line(order, line, isChangeable) {
    const canAct = isChangeable && line.quantity > 0;
    const substitute = () => this.#then(() => offerSubstitute(this.api, this.actions, order, line, this.storeId));
    return element(
      "li",
      { class: line.quantity ? "" : "left-out" },
      element("p", { class: "item" }, itemText(line.item)),
      element("p", { class: "pieces" }, line.quantity ? `×${line.quantity}` : say("rejected")),
      element("p", { class: "amount" }, yenText(line.amount.amount)),
      line.substitution && element("p", { class: "offer" }, say("offered", itemText(line.substitution.item))),
      canAct &&
        element(
          "div",
          { class: "buttons" },
          element("button", { type: "button", class: "plain", onclick: substitute }, say("substitute")),
          element(
            "button",
            { type: "button", class: "plain", onclick: () => this.#then(() => this.rejectLine(order, line)) },
            say("rejectLine"),
          ),
        ),
    );
  }

  /** One dialog takes the place of another. */
  #then(open) {
    closeDialogs();
    open();
  }
}

function totals(order) {
  const { total, pointsUsed, toPay } = order.totals;
  const row = (key, value) => [element("dt", {}, say(key)), element("dd", {}, value)];
  return element(
    "dl",
    { class: "totals" },
    row("total", yenText(total.amount)),
    pointsUsed > 0 && row("pointsUsed", pointsUsed.toLocaleString("en-US")),
    row("toPay", toPay.amount ? paymentText(order) : say("paid")),
  );
}
