/** The day and the slot of the pickup, on the store's own calendar. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { failureText } from "/assets/app/notices.js";
import { say } from "/assets/app/shop.words.js";
import { dayText, timeText } from "/assets/app/words.js";

const DAYS = 7;
const DAY_MILLISECONDS = 86_400_000;
const FEW_PLACES = 3;

export class SlotChoice {
  #day = 0;
  #slots = [];
  chosen = null;

  constructor(store, changed) {
    this.store = store;
    this.changed = changed;
    this.days = element("div", { class: "chips", role: "group", "aria-label": say("day") });
    this.list = element("fieldset", { class: "options slots" });
    this.root = element("div", { class: "found" }, this.days, this.list);
  }

  /** Reads the first day that has a slot, and what else the checkout wants to know. */
  async start() {
    let read = await this.#read(0);
    if (!this.#slots.some((slot) => slot.isOrderable)) {
      read = await this.#read(1);
    }
    this.#show();
    return read;
  }

  async #read(day) {
    const read = await client.run("checkout", { storeId: this.store.id, date: this.#dateOf(day) });
    this.#day = day;
    this.#slots = read.pickupSlots.filter((slot) => Date.parse(slot.endsAt) > client.now());
    this.chosen = this.#slots.find((slot) => slot.isOrderable)?.id ?? null;
    return read;
  }

  /** The store's day, so many days from now, as in 2026-11-24: by its calendar, for a day may have 23 hours or 25. */
  #dateOf(day) {
    const parts = { timeZone: this.store.timeZone, year: "numeric", month: "2-digit", day: "2-digit" };
    const today = new Intl.DateTimeFormat("en-CA", parts).format(client.now());
    return new Date(Date.parse(today) + day * DAY_MILLISECONDS).toISOString().slice(0, 10);
  }

  async #choose(day) {
    try {
      await this.#read(day);
    } catch (error) {
      this.list.replaceChildren(element("p", { class: "failure", role: "alert" }, failureText(error)));
      return;
    }
    this.#show();
    this.days.querySelector(`[data-day="${day}"]`).focus();
    this.changed();
  }

  #show() {
    const name = (day) => (day < 2 ? say(day ? "tomorrow" : "today") : dayText(this.#dateOf(day), "UTC"));
    const button = (_, day) =>
      element("button", { type: "button", "data-day": day, "aria-pressed": String(day === this.#day), onclick: () => this.#choose(day) }, name(day));
    this.days.replaceChildren(...Array.from({ length: DAYS }, button));
    const open = this.#slots.filter((slot) => slot.isOrderable);
    this.list.replaceChildren(
      element("legend", {}, say("slot")),
      ...(open.length ? open.map((slot) => this.#option(slot)) : [element("p", { class: "soft" }, say("noSlots"))]),
    );
  }

  #option({ id, startsAt, endsAt, capacityLeft }) {
    const pick = () => {
      this.chosen = id;
      this.changed();
    };
    const input = element("input", { type: "radio", name: "slot", value: id, checked: id === this.chosen, onchange: pick });
    const time = (moment) => timeText(moment, this.store.timeZone);
    return element(
      "label",
      { class: "option" },
      input,
      element("span", {}, `${time(startsAt)}–${time(endsAt)}`, capacityLeft <= FEW_PLACES && element("small", {}, say("fewPlaces"))),
    );
  }
}
