/** What a clerk does to orders: each act says which version of the order it was decided on. */

import { closeDialogs } from "/assets/counter/dialogs.js";
import { failureText, forgetFailures, isStale, notify } from "/assets/counter/notices.js";
import { say } from "/assets/counter/words.js";

const STEPS = { PLACED: "accept_order", ACCEPTED: "start_preparing", PREPARING: "mark_ready" };
const PICKUP_NUMBER = 4;
const CODES = [20, 24]; // the pickup code, and the card's rotating code

export class Actions {
  busy = new Set();

  /** `show` draws the board anew; `readAgain` has all orders told again; `open` opens an order's dialog. */
  constructor(api, orders, { show, readAgain, open }) {
    this.api = api;
    this.orders = orders;
    this.show = show;
    this.readAgain = readAgain;
    this.open = open;
  }

  /** Takes the order a step further, or asks before it is handed over. */
  async goOn(order) {
    if (order.state === "READY") {
      this.open.handOver(order);
      return;
    }
    try {
      await this.change(order, STEPS[order.state]);
      forgetFailures();
    } catch (error) {
      notify(`${order.pickupNumber}: ${failureText(error)}`, "failed");
    }
  }

  /** Runs an operation on the order as it is seen here; false while another one runs. Throws refusals. */
  async change(order, operation, input = {}) {
    if (this.busy.has(order.id)) {
      return false;
    }
    this.busy.add(order.id);
    this.show();
    try {
      const wish = { orderId: order.id, version: order.version, ...input };
      const { order: changed } = await this.api.run(operation, { input: wish });
      this.orders.take([changed]);
      return true;
    } catch (error) {
      if (isStale(error)) {
        this.readAgain();
      }
      throw error;
    } finally {
      this.busy.delete(order.id);
      this.show();
    }
  }

  /** Hands the order over without a code: its number and name were looked at. */
  async handOver(order) {
    this.busy.add(order.id);
    try {
      const { order: collected } = await this.api.run("collect_order", { input: { orderId: order.id } });
      this.#handedOver(collected);
    } finally {
      this.busy.delete(order.id);
      this.show();
    }
  }

  /** What to do with the digits that were scanned or typed. */
  async scan(digits) {
    forgetFailures();
    if (digits.length === PICKUP_NUMBER) {
      this.#find(digits);
    } else if (CODES.includes(digits.length)) {
      await this.#collect(digits);
    } else {
      notify(say("scanUnknown"), "failed");
    }
  }

  #find(number) {
    const order = this.orders.withNumber(number);
    if (!order) {
      notify(say("numberUnknown", number), "failed");
    } else if (order.state === "READY") {
      this.open.handOver(order);
    } else {
      this.open.details(order);
    }
  }

  async #collect(code) {
    try {
      // The code is good once, and a scan that got no answer may be sent again, by its key.
      const { order } = await this.api.act("collect_order", { code }, `collect_order ${code}`);
      closeDialogs();
      this.#handedOver(order);
    } catch (error) {
      notify(failureText(error), "failed");
    }
  }

  #handedOver(order) {
    this.orders.take([order]);
    this.show();
    notify(say("handedOver", order.pickupNumber), "done");
  }
}
