/** Which stores near her have a SKU, how many, and live: the numbers change while she looks at them. */

import { element, redraw } from "/assets/client/dom.js";
import { chooseStore } from "/assets/app/basket.js";
import { client } from "/assets/app/client.js";
import { failureText, notify } from "/assets/app/notices.js";
import { distanceText, knownPoint, Nowhere, whereabouts } from "/assets/app/whereabouts.js";
import { variantText } from "/assets/app/goods.js";
import { say } from "/assets/app/shop.words.js";
import { dayText, timeText } from "/assets/app/words.js";

const RADIUS_METERS = 30_000;
const AT_ONCE = 8;

export class StoresWithSku {
  #line = null;
  #asked = 0;
  #counts = new Map();

  /** The nearest store that has the SKU; null while nobody knows. */
  nearest = null;

  constructor(page, product) {
    this.page = page;
    this.product = product;
    this.list = element("div", { class: "found" });
    this.heading = element("h2", { id: "stores-heading", tabindex: "-1" }, say("storesNear"));
    this.root = element("section", { class: "stores", "aria-labelledby": "stores-heading" }, this.heading, this.list);
    page.whenClosed(() => this.#line?.stop());
  }

  /** Shows who has this one; asks where she is only when she wants that. */
  async show(sku) {
    const asked = ++this.#asked;
    this.sku = sku;
    this.nearest = null;
    this.#line?.stop();
    this.#line = null;
    const near = await knownPoint();
    if (asked === this.#asked && this.page.isOpen) {
      await (near ? this.#look(near) : this.#offer());
    }
  }

  #offer() {
    const ask = async () => {
      try {
        const { latitude, longitude } = await whereabouts();
        await this.#look({ latitude, longitude });
      } catch (error) {
        this.list.append(element("p", { class: "failure", role: "alert" }, this.#reason(error)));
      }
    };
    redraw(this.list, element("button", { type: "button", onclick: ask }, say("showStores")), this.heading);
  }

  #reason(error) {
    return error instanceof Nowhere ? say(error.isForbidden ? "placeForbidden" : "placeUnknown") : failureText(error);
  }

  async #look(near) {
    const asked = ++this.#asked;
    const isCurrent = () => asked === this.#asked && this.page.isOpen;
    try {
      const found = await client.run("availability", { skuId: this.sku.id, near, radiusMeters: RADIUS_METERS, first: AT_ONCE });
      if (isCurrent()) {
        this.#draw(found);
        this.#follow([...found.nodes, ...found.elsewhere].map(({ store }) => store.id));
      }
    } catch (error) {
      if (isCurrent()) {
        const again = element("button", { type: "button", "data-focus": "again", onclick: () => this.#look(near) }, say("tryAgain"));
        redraw(this.list, [element("p", { class: "failure", role: "alert" }, failureText(error)), again], this.heading);
      }
    }
  }

  #draw({ nodes, elsewhere, otherSkus, alternatives }) {
    this.#counts.clear();
    this.nearest = nodes.find(({ available }) => available > 0)?.store ?? null;
    const others = otherSkus.filter(({ sku }) => sku.id !== this.sku.id);
    const shown = [
      nodes.length ? this.#rows(nodes) : element("p", {}, say("noStoresNear")),
      elsewhere.length > 0 && [element("h3", {}, say("elsewhere")), this.#rows(elsewhere)],
      others.length > 0 && element("p", {}, say("otherKinds", others.map(({ sku }) => variantText(sku)).join("、"))),
      !elsewhere.length && !others.length && alternatives.length > 0 && element("p", { class: "soft" }, say("seeBelow")),
    ];
    redraw(this.list, shown, this.heading);
  }

  #rows(found) {
    return element("ul", { class: "rows" }, found.map((each) => this.#row(each)));
  }

  #row({ store, distanceMeters, available, level, obtainable, pickupFrom }) {
    const count = element("span", { class: "count" });
    this.#counts.set(store.id, count);
    showCount(count, { available, level });
    const choose = async () => {
      try {
        await chooseStore(store.id);
        notify(say("storeChosen", store.name), "done");
      } catch (error) {
        notify(failureText(error), "failed");
      }
    };
    return element(
      "li",
      { class: "store" },
      element("div", { class: "line" }, element("b", {}, store.name), count),
      element("p", { class: "soft" }, [distanceMeters !== null && distanceText(distanceMeters), hoursText(store)].filter(Boolean).join(" · ")),
      obtainable && element("p", { class: "soft" }, say("byTransfer", obtainable.byTransferFrom.name, dayText(obtainable.readyBy), timeText(obtainable.readyBy))),
      (available > 0 || pickupFrom) && element("button", { type: "button", class: "quiet", onclick: choose }, say("pickUpHere")),
    );
  }

  #follow(storeIds) {
    if (!storeIds.length) {
      return;
    }
    const variables = { skuIds: [this.sku.id], storeIds };
    this.#line = client.follow(() => ({ operation: "stock_changed", variables }), {
      event: (levels) => levels.forEach((level) => this.#counts.has(level.storeId) && showCount(this.#counts.get(level.storeId), level)),
      state: (isOpen) => this.list.classList.toggle("live", isOpen),
    });
  }
}

function showCount(count, { available, level }) {
  count.dataset.level = level;
  count.textContent = say(level, available);
}

function hoursText({ isOpen, opensNext }) {
  return isOpen ? say("open") : opensNext ? say("opens", dayText(opensNext), timeText(opensNext)) : say("closed");
}
