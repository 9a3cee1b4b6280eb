/** Offers another SKU in place of a line: one that the store has now. */

import { element } from "/assets/client/dom.js";
import { itemText } from "/assets/counter/cards.js";
import { openDialog } from "/assets/counter/dialogs.js";
import { failureText } from "/assets/counter/notices.js";
import { say, yenText } from "/assets/counter/words.js";

const LONGEST_QUERY = 100;

export function offerSubstitute(api, actions, order, line, storeId) {
  const list = new FoundGoods(api, line, storeId);
  openDialog(
    say("substituteHeading", itemText(line.item)),
    list.content,
    [
      { label: say("cancel"), kind: "plain", act() {} },
      { label: say("offer"), kind: "primary", act: () => offer(actions, order, line, list) },
    ],
    { order },
  );
  list.search();
}

async function offer(actions, order, line, list) {
  const skuId = list.chosen();
  if (!skuId) {
    list.tell(say("chooseFirst"));
    return false;
  }
  return actions.change(order, "substitute_line", { lineId: line.id, skuId, quantity: list.quantity });
}

/** What was found in the store, of which one thing can be chosen, and how many pieces of it. */
class FoundGoods {
  #searches = 0;

  constructor(api, line, storeId) {
    this.api = api;
    this.line = line;
    this.storeId = storeId;
    this.quantity = line.quantity;
    this.query = element("input", { type: "text", enterkeyhint: "search", maxlength: LONGEST_QUERY, value: line.item.name });
    this.results = element("div", { class: "results", role: "radiogroup", "aria-label": say("linesHeading") });
    this.status = element("p", { class: "status-text", role: "status" });
    this.content = element("div", {}, element("p", {}, say("substituteText")), this.#form(), this.status);
    this.content.append(this.results, this.#stepper());
  }

  async search() {
    const search = ++this.#searches;
    this.tell(say("searching"));
    try {
      const variables = { query: this.query.value.trim() || null, storeId: this.storeId };
      const { nodes } = await this.api.run("substitutes", variables);
      if (search === this.#searches) {
        this.#show(nodes);
      }
    } catch (error) {
      this.tell(failureText(error));
    }
  }

  chosen() {
    return this.results.querySelector("input:checked")?.value;
  }

  tell(text) {
    this.status.textContent = text;
  }

  #show(products) {
    const offered = products.flatMap((product) => product.skus.map((sku) => ({ product, sku })));
    const inStock = offered.filter(({ sku }) => sku.availabilityAt.available > 0 && sku.id !== this.line.item.sku?.id);
    this.tell(inStock.length ? "" : say("nothingFound"));
    this.results.replaceChildren(...inStock.map(choice));
  }

  #form() {
    const search = (event) => {
      event.preventDefault();
      this.search();
    };
    return element(
      "form",
      { class: "search", onsubmit: search },
      element("label", { class: "field" }, element("span", {}, say("search")), this.query),
      element("button", { type: "submit", class: "plain" }, say("searchNow")),
    );
  }

  #stepper() {
    const shown = element("output", { "aria-live": "polite" }, String(this.quantity));
    const step = (by) => () => {
      this.quantity = Math.min(99, Math.max(1, this.quantity + by));
      shown.textContent = String(this.quantity);
    };
    const button = (label, sign, by) =>
      element("button", { type: "button", class: "plain", "aria-label": say(label), onclick: step(by) }, sign);
    return element(
      "div",
      { class: "stepper", role: "group", "aria-label": say("quantity") },
      element("span", {}, say("quantity")),
      button("fewer", "−", -1),
      shown,
      button("more", "+", 1),
    );
  }
}

function choice({ product, sku }) {
  const kind = [product.brand, sku.colour, sku.size].filter(Boolean).join(" · ");
  return element(
    "label",
    { class: "choice" },
    element("input", { type: "radio", name: "sku", value: sku.id }),
    element("span", { class: "item" }, element("b", {}, product.name), element("small", {}, kind)),
    element(
      "span",
      { class: "facts" },
      element("b", {}, yenText(sku.price.amount)),
      element("small", {}, say("available", sku.availabilityAt.available)),
    ),
  );
}
