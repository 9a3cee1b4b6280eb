/** The basket, the orders that are under way, and those before. */

import { element, redraw } from "/assets/client/dom.js";
import { turns } from "/assets/client/turns.js";
import { piecesIn, setPieces } from "/assets/app/basket.js";
import { client } from "/assets/app/client.js";
import { pictureOf, variantText } from "/assets/app/goods.js";
import { failureText, notify } from "/assets/app/notices.js";
import { addressOf } from "/assets/app/pages.js";
import { isUnderWay, stateTag } from "/assets/app/order_states.js";
import { say } from "/assets/app/shop.words.js";
import { dayText, timeText, yenText } from "/assets/app/words.js";

const AT_ONCE = 20;
const MOST_PIECES = 99;

export async function openBasket(page) {
  const [{ cart }, { orders }] = await Promise.all([client.run("my_cart"), client.run("my_orders", { first: AT_ONCE })]);
  if (!page.isOpen) {
    return;
  }
  const basket = element("section", { class: "basket", "aria-labelledby": "basket-heading" });
  page.root.replaceChildren(
    ...orderList("underWay", orders.nodes.filter(isUnderWay)),
    basket,
    ...orderList("before", orders.nodes.filter((order) => !isUnderWay(order))),
  );
  new Basket(basket, cart).show();
}

function orderList(heading, orders) {
  const row = ({ id, state, pickupNumber, pickupFrom, store, totals }) =>
    element(
      "li",
      { class: "order" },
      element(
        "a",
        { href: addressOf("order", id) },
        element("span", { class: "line" }, element("b", {}, `${pickupNumber} · ${store?.name ?? ""}`), stateTag(state)),
        element("span", { class: "soft" }, `${dayText(pickupFrom, store?.timeZone)} ${timeText(pickupFrom, store?.timeZone)} · ${yenText(totals.total.amount)}`),
      ),
    );
  return orders.length
    ? [element("section", {}, element("h2", {}, say(heading)), element("ul", { class: "rows" }, orders.map(row)))]
    : [];
}

class Basket {
  #inTurn = turns();

  constructor(root, cart) {
    this.root = root;
    this.cart = cart;
  }

  show() {
    const { lines, total, store } = this.cart;
    const sellable = lines.some((line) => line.state !== "NOT_FOR_SALE");
    redraw(this.root, [
      element("h2", { id: "basket-heading" }, say("basket")),
      lines.length
        ? [
            element("ul", { class: "rows" }, lines.map((line) => this.#row(line))),
            element("p", { class: "line sum" }, element("span", {}, say("sum")), element("b", { class: "amount" }, yenText(total.amount))),
            storeLine(store),
            sellable && element("a", { class: "button primary", href: addressOf("order", store ? "checkout" : "store") }, say("toCheckout")),
          ]
        : [
            element("p", { class: "soft" }, say("emptyBasket")),
            element("a", { class: "button primary", href: addressOf("find") }, say("toFind")),
          ],
    ]);
  }

  /** Each tap counts on the pieces that the one before has left. */
  #change(skuId, difference) {
    this.#inTurn(async () => {
      const pieces = piecesIn(this.cart.lines, skuId) + difference;
      try {
        this.cart = await setPieces(skuId, Math.min(Math.max(pieces, 0), MOST_PIECES));
        this.show();
      } catch (error) {
        notify(failureText(error), "failed");
      }
    });
  }

  #row(line) {
    const { skuId, name, quantity, state, available, amount, sku } = line;
    const step = (sign, difference, label) =>
      element(
        "button",
        { type: "button", "aria-label": say(label, name), "data-focus": `${sign} ${skuId}`, onclick: () => this.#change(skuId, difference) },
        sign,
      );
    return element(
      "li",
      { class: "basket-line" },
      sku ? pictureOf({ ...sku.product, name }) : null,
      element(
        "div",
        { class: "what" },
        sku ? element("a", { href: addressOf("find", "product", sku.product.id) }, element("b", {}, name)) : element("b", {}, name),
        element("span", { class: "soft" }, sku ? variantText(sku) : ""),
        amount && element("span", { class: "amount" }, yenText(amount.amount)),
        state !== "AVAILABLE" && state !== "FOR_SALE" && element("span", { class: "failure" }, say(state, available)),
      ),
      element(
        "div",
        { class: "steps", role: "group", "aria-label": say("piecesOf", name) },
        step("−", -1, quantity === 1 ? "takeOut" : "oneLess"),
        element("span", { "aria-live": "polite" }, String(quantity)),
        step("＋", 1, "oneMore"),
      ),
    );
  }
}

function storeLine(store) {
  return element(
    "p",
    { class: "line" },
    element("span", {}, store ? say("pickUpAt", store.name) : say("noStore")),
    element("a", { href: addressOf("order", "store") }, say(store ? "change" : "choose")),
  );
}
