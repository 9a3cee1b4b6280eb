/** The board: four columns of cards. Only what has changed is drawn anew, and the focus stays where it was. */

import { byId, element } from "/assets/client/dom.js";
import { cardContent, orderCard, writeTimes } from "/assets/counter/cards.js";
import { COLUMNS } from "/assets/counter/orders.js";
import { say } from "/assets/counter/words.js";

export class Board {
  #cards = new Map(); // by order: its card, and what the card shows

  constructor(orders, actions, act) {
    this.orders = orders;
    this.actions = actions;
    this.act = act;
    byId("board").replaceChildren(...COLUMNS.map(columnElement));
  }

  show() {
    const focused = focusedButton();
    const shown = new Set();
    for (const column of COLUMNS) {
      const list = byId(`orders-${column}`);
      const cards = this.orders.in(column).map((order) => this.#card(order));
      cards.forEach((card) => shown.add(card.dataset.order));
      putInOrder(list, cards);
      byId(`count-${column}`).textContent = cards.length;
      byId(`heading-${column}`).textContent = say(`column${column}`);
      byId(`empty-${column}`).textContent = cards.length ? "" : say(`empty${column}`);
    }
    for (const id of this.#cards.keys()) {
      if (!shown.has(id)) {
        this.#cards.delete(id);
      }
    }
    this.showTimes();
    focusAgain(focused);
  }

  showTimes() {
    for (const [id, { card }] of this.#cards) {
      writeTimes(card, this.orders.get(id));
    }
  }

  #card(order) {
    const isBusy = this.actions.busy.has(order.id);
    const content = cardContent(order, isBusy);
    const known = this.#cards.get(order.id);
    if (known?.content === content) {
      return known.card;
    }
    const card = orderCard(order, isBusy, this.act);
    known?.card.remove();
    this.#cards.set(order.id, { card, content });
    return card;
  }
}

function columnElement(column) {
  return element(
    "section",
    { class: "column", "data-column": column, "aria-labelledby": `heading-${column}` },
    element(
      "header",
      {},
      element("h2", { id: `heading-${column}` }),
      element("p", { class: "count", id: `count-${column}` }, "0"),
    ),
    element("ul", { class: "orders", id: `orders-${column}`, "aria-labelledby": `heading-${column}` }),
    element("p", { class: "empty", id: `empty-${column}` }),
  );
}

/** Makes these the list's children, moving none that stands right. */
function putInOrder(list, cards) {
  const wanted = new Set(cards);
  for (const child of [...list.children]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  cards.forEach((card, index) => {
    if (list.children[index] !== card) {
      list.insertBefore(card, list.children[index] ?? null);
    }
  });
}

function focusedButton() {
  const button = document.activeElement?.closest("#board [data-act]");
  return button && { order: button.closest("[data-order]").dataset.order, act: button.dataset.act };
}

/** The card may have been drawn anew, or have moved to another column with its order. */
function focusAgain(focused) {
  if (!focused || document.activeElement?.closest("#board [data-act]")) {
    return;
  }
  const card = document.querySelector(`#board [data-order="${CSS.escape(focused.order)}"]`);
  (card?.querySelector(`[data-act="${focused.act}"]`) ?? byId("code")).focus({ preventScroll: !card });
}
