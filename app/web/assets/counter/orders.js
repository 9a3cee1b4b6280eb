/** The open orders of the store as this page knows them, and where on the board each belongs. */

import { client } from "/assets/counter/client.js";

export const COLUMNS = ["New", "Preparing", "Ready", "Arrived"];
const COLUMN_OF_STATE = { PLACED: "New", ACCEPTED: "Preparing", PREPARING: "Preparing", READY: "Ready" };
const MINUTE_MILLISECONDS = 60_000;

export class Orders {
  #open = new Map();
  #endedVersions = new Map();

  /** All that is open now; what is not among them has ended meanwhile. Gives what has changed. */
  replace(orders) {
    const stillOpen = new Set(orders.map((order) => order.id));
    for (const id of this.#open.keys()) {
      if (!stillOpen.has(id)) {
        this.#open.delete(id);
      }
    }
    return this.take(orders);
  }

  /** Orders that have changed. Gives `[{ kind: "new" | "arrived" | "ended", order }]`; old news changes nothing. */
  take(orders) {
    return orders.map((order) => this.#takeOne(order)).filter(Boolean);
  }

  #takeOne(told) {
    const known = this.#open.get(told.id);
    if (told.version <= (this.#endedVersions.get(told.id) ?? 0) || told.version < (known?.version ?? 0)) {
      return null;
    }
    const order = { ...known, ...told };
    if (!columnOf(order)) {
      this.#open.delete(order.id);
      this.#endedVersions.set(order.id, order.version);
      return known ? { kind: "ended", order } : null;
    }
    this.#open.set(order.id, order);
    if (!known && order.state === "PLACED") {
      return { kind: "new", order };
    }
    return order.arrivedAt && !known?.arrivedAt ? { kind: "arrived", order } : null;
  }

  get(id) {
    return this.#open.get(id);
  }

  /** The orders of a column, the most urgent first. */
  in(column) {
    const urgency = (order) => (column === "Arrived" ? order.arrivedAt : order.pickupFrom) + order.placedAt;
    const orders = [...this.#open.values()].filter((order) => columnOf(order) === column);
    return orders.sort((one, other) => (urgency(one) < urgency(other) ? -1 : 1));
  }

  /** The order with this pickup number, which is unique on a day: of several, the one of the earliest slot. */
  withNumber(number) {
    const found = [...this.#open.values()].filter((order) => order.pickupNumber === number);
    return found.sort((one, other) => (one.pickupFrom < other.pickupFrom ? -1 : 1))[0];
  }
}

/** The column that an order stands in, none once it has ended. Who has arrived waits, whatever the state. */
function columnOf(order) {
  const column = COLUMN_OF_STATE[order.state];
  return column && order.arrivedAt ? "Arrived" : column;
}

export function awaitsAnswer(order) {
  return order.lines.some((line) => line.substitution);
}

/** How many minutes ago a moment was; negative for one to come. */
export function minutesSince(moment) {
  return Math.floor((client.now() - Date.parse(moment)) / MINUTE_MILLISECONDS);
}
