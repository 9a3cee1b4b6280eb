/** The checkout: when to pick up, what to pay with, and what it comes to, quoted anew at each choice. */

import { element } from "/assets/client/dom.js";
import { Refused, Silence } from "/assets/client/tsunagu.js";
import { readBasket } from "/assets/app/basket.js";
import { client } from "/assets/app/client.js";
import { failureText } from "/assets/app/notices.js";
import { addressOf, go } from "/assets/app/pages.js";
import { couponChoice, paymentChoice, pointChoice } from "/assets/app/order_choices.js";
import { isUnknown, placeOrder } from "/assets/app/order_placing.js";
import { problemList, totalsOf } from "/assets/app/order_sums.js";
import { SlotChoice } from "/assets/app/order_slots.js";
import { say } from "/assets/app/shop.words.js";
import { yenText } from "/assets/app/words.js";

const CHOOSING_MILLISECONDS = 250;

export async function openCheckout(page) {
  page.title(say("checkout"));
  const cart = await readBasket();
  const lines = cart.lines.filter((line) => line.state !== "NOT_FOR_SALE");
  if (!lines.length || !cart.store) {
    go(...(lines.length ? ["order", "store"] : ["order"]));
    return;
  }
  await new Checkout(page, cart.store, lines).open();
}

class Checkout {
  #asked = 0;
  #timer;
  #quote = null;

  constructor(page, store, lines) {
    this.page = page;
    this.store = store;
    this.lines = lines.map(({ skuId, quantity }) => ({ skuId, quantity }));
    this.wish = { usePoints: 0, useBestCoupons: true, couponIds: [], paymentMethod: "PAY_AT_STORE", cardToken: null };
    this.slots = new SlotChoice(store, () => this.#quoteSoon());
    this.sums = element("section", { class: "panel sums", "aria-live": "polite" });
    this.failure = element("p", { class: "failure", role: "alert" });
    this.place = element("button", { type: "button", class: "primary", onclick: () => this.#place() });
  }

  async open() {
    const { me } = await this.slots.start();
    if (!this.page.isOpen) {
      return;
    }
    const choose = (choice) => {
      Object.assign(this.wish, choice);
      this.#quoteSoon();
    };
    this.points = pointChoice(me.points.balance, choose);
    this.coupons = couponChoice(me.coupons.nodes, choose);
    this.page.root.replaceChildren(
      element(
        "section",
        {},
        element("p", { class: "line" }, element("b", {}, say("pickUpAt", this.store.name)), element("a", { href: addressOf("order", "store") }, say("change"))),
        this.slots.root,
      ),
      this.coupons.root,
      this.points.root,
      paymentChoice(choose),
      this.sums,
      element("div", { class: "place" }, this.failure, this.place),
    );
    this.page.whenClosed(() => clearTimeout(this.#timer));
    await this.#quoteNow();
  }

  /** What was quoted before is of another choice: from here on, nothing is ordered by it. */
  #quoteSoon() {
    this.#outdate();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#quoteNow(), CHOOSING_MILLISECONDS);
  }

  #outdate() {
    this.#quote = null;
    this.#showButton();
    return ++this.#asked;
  }

  get #order() {
    const { usePoints, useBestCoupons, couponIds } = this.wish;
    return { storeId: this.store.id, lines: this.lines, pickupSlotId: this.slots.chosen, usePoints, useBestCoupons, couponIds };
  }

  async #quoteNow() {
    const asked = this.#outdate();
    if (!this.slots.chosen) {
      this.sums.replaceChildren(element("p", { class: "soft" }, say("chooseSlot")));
      return;
    }
    try {
      const quote = await client.run("quote_order", { input: this.#order });
      if (asked === this.#asked && this.page.isOpen) {
        this.#quote = quote;
        this.coupons.show(quote.coupons);
        this.points.limit(quote.totals.toPay.amount + quote.totals.pointsUsed);
        this.sums.replaceChildren(...problemList(quote.problems), ...totalsOf(quote));
      }
    } catch (error) {
      if (asked === this.#asked && this.page.isOpen) {
        const again = () => this.#quoteNow();
        this.sums.replaceChildren(
          element("p", { class: "failure" }, failureText(error)),
          element("button", { type: "button", onclick: again }, say("tryAgain")),
        );
      }
    }
    this.#showButton();
  }

  #showButton(isBusy = false) {
    const isReady = Boolean(this.#quote?.isOrderable) && !isBusy;
    this.place.setAttribute("aria-disabled", String(!isReady));
    this.place.textContent = this.#quote ? say("place", yenText(this.#quote.totals.toPay.amount)) : say("placeNothing");
  }

  async #place() {
    if (this.place.getAttribute("aria-disabled") === "true") {
      return;
    }
    this.failure.textContent = "";
    this.#showButton(true);
    const { paymentMethod, cardToken } = this.wish;
    const expectedTotal = this.#quote.totals.total.amount;
    try {
      await placeOrder(this.page, { ...this.#order, paymentMethod, cardToken, isOfCart: true, expectedTotal });
    } catch (error) {
      if (isUnknown(error)) {
        this.page.again(); // it says that the order waits for its answer, and asks for it
        return;
      }
      if (!(error instanceof Refused || error instanceof Silence)) {
        throw error;
      }
      await this.#quoteNow();
      this.failure.textContent = failureText(error);
    }
  }
}
