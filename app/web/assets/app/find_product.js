/** A product's page: its kinds, its price, who near her has it just now, and what goes with it. */

import { element } from "/assets/client/dom.js";
import { newId } from "/assets/client/tsunagu.js";
import { turns } from "/assets/client/turns.js";
import { chooseStore, piecesIn, setPieces } from "/assets/app/basket.js";
import { client } from "/assets/app/client.js";
import { StoresWithSku } from "/assets/app/find_stores.js";
import { recommendationRow } from "/assets/app/find_rows.js";
import { pictureOf, variantText } from "/assets/app/goods.js";
import { failureText, notify } from "/assets/app/notices.js";
import { addressOf, iconOf } from "/assets/app/pages.js";
import { say } from "/assets/app/shop.words.js";
import { numberText, yenText } from "/assets/app/words.js";

const HEART = "M12 20.5C5.5 16 3 12.5 3 9a4.7 4.7 0 0 1 9-2 4.7 4.7 0 0 1 9 2c0 3.5-2.5 7-9 11.5z";
const MOST_PIECES = 99;

export async function openProduct(page, id) {
  page.title(say("product"));
  const { product, recommendations, me } = await client.run("product_page", { id });
  if (!page.isOpen) {
    return;
  }
  if (!product) {
    page.root.replaceChildren(element("p", { class: "panel" }, say("productGone")));
    return;
  }
  page.title(product.name);
  new ProductPage(page, product, me).show(recommendations);
}

class ProductPage {
  constructor(page, product, me) {
    this.product = product;
    [this.sku] = product.skus;
    this.cart = me.cart;
    this.inTurn = turns();
    this.marked = new Set(me.favourites.map(({ sku }) => sku?.id));
    this.price = element("p", { class: "price" });
    this.heart = element("button", { type: "button", class: "heart", onclick: () => this.#mark() }, iconOf(HEART));
    this.add = element("button", { type: "button", class: "primary", onclick: () => this.inTurn(() => this.#putIn()) }, say("putIn"));
    this.toBasket = element("a", { class: "button primary", href: addressOf("order") }, say("toBasket"));
    this.inBasket = element("p", { class: "soft", role: "status" });
    this.stores = new StoresWithSku(page, product);
    this.page = page;
  }

  show(recommendations) {
    const { product } = this;
    this.page.root.replaceChildren(
      element(
        "section",
        { class: "product" },
        pictureOf(product),
        element("p", { class: "soft" }, product.brand),
        element("div", { class: "head" }, this.price, this.heart),
        this.#choice("colour"),
        this.#choice("size"),
        element("div", { class: "buttons" }, this.add, this.toBasket),
        this.inBasket,
      ),
      this.stores.root,
      this.#about(),
      ...(recommendations.length
        ? [element("section", {}, element("h2", {}, say("goesWith")), element("ul", { class: "rows" }, recommendations.map(recommendationRow)))]
        : []),
    );
    this.#choose(this.sku);
    this.#tell("VIEWED");
  }

  /** The kinds to choose from, by one of the two ways in which they differ; nothing where they do not. */
  #choice(field) {
    const kinds = [...new Set(this.product.skus.map((sku) => sku[field]).filter(Boolean))];
    if (kinds.length < 2) {
      return null;
    }
    const option = (kind) => {
      const pick = () => this.#choose(this.#nearest(field, kind));
      return element("label", { class: "option" }, element("input", { type: "radio", name: field, value: kind, onchange: pick }), element("span", {}, kind));
    };
    return element("fieldset", { class: "options" }, element("legend", {}, say(field)), kinds.map(option));
  }

  /** The SKU of this kind that is otherwise most like the chosen one. */
  #nearest(field, kind) {
    const other = field === "colour" ? "size" : "colour";
    const fitting = this.product.skus.filter((sku) => sku[field] === kind);
    return fitting.find((sku) => sku[other] === this.sku[other]) ?? fitting[0];
  }

  #choose(sku) {
    this.sku = sku;
    this.price.replaceChildren(element("b", {}, yenText(sku.price.amount)), ` ${say("withTax", this.product.taxPercent)}`);
    for (const input of this.page.root.querySelectorAll(".options input")) {
      input.checked = input.value === sku[input.name];
    }
    this.#showHeart();
    this.#showBasket();
    this.stores.show(sku);
  }

  #showHeart() {
    const isMarked = this.marked.has(this.sku.id);
    this.heart.setAttribute("aria-pressed", String(isMarked));
    this.heart.setAttribute("aria-label", say("favourite"));
  }

  #showBasket() {
    const pieces = piecesIn(this.cart.lines, this.sku.id);
    const { store } = this.cart;
    const told = [say("inBasket", numberText(pieces)), store?.name && say("pickUpAt", store.name)];
    this.inBasket.textContent = pieces ? told.filter(Boolean).join(" · ") : "";
    this.toBasket.hidden = !pieces;
    this.add.classList.toggle("primary", !pieces);
    this.add.textContent = say(pieces ? "putInMore" : "putIn");
  }

  /** One piece more. Where no store is chosen yet, it is the nearest that has it: she may change that. */
  async #putIn() {
    const quantity = Math.min(piecesIn(this.cart.lines, this.sku.id) + 1, MOST_PIECES);
    try {
      this.cart = await setPieces(this.sku.id, quantity);
      this.#showBasket();
      const { nearest } = this.stores;
      if (!this.cart.store && nearest) {
        this.cart = await chooseStore(nearest.id);
        this.#showBasket();
      }
    } catch (error) {
      notify(failureText(error), "failed");
    }
  }

  async #mark() {
    const { id } = this.sku;
    const isMarked = !this.marked.has(id);
    isMarked ? this.marked.add(id) : this.marked.delete(id);
    this.#showHeart();
    try {
      await this.#track(isMarked ? "FAVOURITED" : "UNFAVOURITED", id);
    } catch (error) {
      isMarked ? this.marked.delete(id) : this.marked.add(id);
      this.#showHeart();
      notify(failureText(error), "failed");
    }
  }

  /** Tells what she did; it changes nothing for her when that does not arrive. */
  #tell(kind) {
    this.#track(kind, this.sku.id).catch(() => {});
  }

  #track(kind, skuId) {
    const at = new Date(client.now()).toISOString();
    return client.run("track_events", { input: { sentAt: at, events: [{ id: newId(), kind, at, skuId }] } });
  }

  #about() {
    const { description, attributes, category, skus } = this.product;
    const facts = [
      ...attributes,
      ...(category ? [{ name: say("category"), value: category.name }] : []),
      ...skus.map((sku) => ({ name: ["JAN", variantText(sku)].filter(Boolean).join(" · "), value: sku.jan })),
    ];
    return element(
      "section",
      { class: "about" },
      element("h2", {}, say("about")),
      description && element("p", {}, description),
      element(
        "details",
        {},
        element("summary", {}, say("facts")),
        element("dl", {}, facts.map(({ name, value }) => [element("dt", {}, name), element("dd", {}, value)])),
      ),
    );
  }
}
