/** The basket, the orders that are under way, and those before. */

import { element, redraw } from "/assets/client/dom.js";
import { setPieces } from "/assets/app/basket.js";
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
  showBasket(basket, cart);
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

function showBasket(root, cart) {
  const sellable = cart.lines.some((line) => line.state !== "NOT_FOR_SALE");
  redraw(root, [
    element("h2", { id: "basket-heading" }, say("basket")),
    cart.lines.length
      ? [
          element("ul", { class: "rows" }, cart.lines.map((line) => lineRow(root, line))),
          element("p", { class: "line sum" }, element("span", {}, say("sum")), element("b", { class: "amount" }, yenText(cart.total.amount))),
          storeLine(cart.store),
          sellable && element("a", { class: "button primary", href: addressOf("order", cart.store ? "checkout" : "store") }, say("toCheckout")),
        ]
      : [
          element("p", { class: "soft" }, say("emptyBasket")),
          element("a", { class: "button primary", href: addressOf("find") }, say("toFind")),
        ],
  ]);
}

function storeLine(store) {
  return element(
    "p",
    { class: "line" },
    element("span", {}, store ? say("pickUpAt", store.name) : say("noStore")),
    element("a", { href: addressOf("order", "store") }, say(store ? "change" : "choose")),
  );
}

function lineRow(root, line) {
  const { skuId, name, quantity, state, available, amount, sku } = line;
  const change = async (pieces) => {
    try {
      showBasket(root, await setPieces(skuId, pieces));
    } catch (error) {
      notify(failureText(error), "failed");
    }
  };
  const step = (sign, pieces, label) =>
    element(
      "button",
      { type: "button", "aria-label": say(label, name), "data-focus": `${sign} ${skuId}`, onclick: () => change(pieces) },
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
      step("−", quantity - 1, quantity === 1 ? "takeOut" : "oneLess"),
      element("span", { "aria-live": "polite" }, String(quantity)),
      step("＋", Math.min(quantity + 1, MOST_PIECES), "oneMore"),
    ),
  );
}
