/** The counter of one shift: its orders, its board, and the line by which it hears of them. */

import { byId } from "/assets/client/dom.js";
import { Actions } from "/assets/counter/actions.js";
import { chime, showNumber, speak } from "/assets/counter/attention.js";
import { Board } from "/assets/counter/board.js";
import { nameText, slotText } from "/assets/counter/cards.js";
import { client } from "/assets/counter/client.js";
import { warnOfChanges } from "/assets/counter/dialogs.js";
import { notify } from "/assets/counter/notices.js";
import { OrderDialogs } from "/assets/counter/order_dialogs.js";
import { Orders } from "/assets/counter/orders.js";
import { Pausing } from "/assets/counter/pausing.js";
import { language, say, timeWithSecondsText } from "/assets/counter/words.js";

const TICK_MILLISECONDS = 15_000;
const MINUTE_MILLISECONDS = 60_000;
const TOLD_ENDS = ["CANCELLED", "EXPIRED", "NO_SHOW"];

export class Counter {
  #orders = new Orders();
  #lostAt = null;
  #hasBeenOpen = false;
  #isStopped = false;

  /** `signedOut` is called when the session has ended. */
  constructor(storeId, signedOut) {
    const dialogs = {
      details: (order) => this.dialogs.details(order),
      handOver: (order) => this.dialogs.handOver(order),
    };
    this.actions = new Actions(client, this.#orders, {
      show: () => this.show(),
      readAgain: () => this.line.restart(),
      open: dialogs,
    });
    this.dialogs = new OrderDialogs(client, this.actions, storeId);
    this.board = new Board(this.#orders, this.actions, {
      goOn: (order) => this.actions.goOn(order),
      details: dialogs.details,
    });
    this.pausing = new Pausing(client, storeId);
    const subscription = () => ({
      operation: "counter_order_changed",
      variables: { storeId, locale: language() },
    });
    this.line = client.follow(subscription, {
      event: (orders, isFirst) => this.#told(orders, isFirst),
      state: (isOpen) => this.#lineIs(isOpen),
      refused: (errors) => notify(errors.map((error) => error.message).join(" "), "failed"),
      signedOut,
    });
    this.timers = [
      setInterval(() => this.show(), TICK_MILLISECONDS),
      setInterval(() => this.pausing.read(), MINUTE_MILLISECONDS),
    ];
    this.show();
    this.#showLine("connecting");
    this.pausing.read();
  }

  stop() {
    this.#isStopped = true;
    this.timers.forEach(clearInterval);
    this.line.stop();
    showNumber(0);
  }

  show() {
    if (this.#isStopped) {
      return; // an answer came after the clerk had gone
    }
    this.board.show();
    this.pausing.show();
    showNumber(this.#orders.in("New").length);
  }

  /** The page's language is another one: goods have to be told anew in it. */
  speakAnotherLanguage() {
    this.show();
    this.#showLine(byId("line").dataset.line);
    this.#showLoss();
    this.line.restart();
  }

  #told(orders, isFirst) {
    const changes = isFirst ? this.#orders.replace(orders) : this.#orders.take(orders);
    this.show();
    warnOfChanges(orders.filter((order) => !this.actions.busy.has(order.id)));
    const of = (kind) => changes.filter((change) => change.kind === kind).map((change) => change.order);
    this.#announceNew(of("new"));
    this.#announceArrivals(of("arrived"));
    for (const order of of("ended")) {
      if (TOLD_ENDS.includes(order.state) && !this.actions.busy.has(order.id)) {
        notify(say("ended", order.pickupNumber, say(order.state)));
      }
    }
  }

  #announceNew(orders) {
    if (orders.length) {
      chime("new");
      const [order] = orders;
      const text = say("newOrder", order.pickupNumber, slotText(order));
      speak(orders.length === 1 ? text : say("newOrders", orders.length));
    }
  }

  #announceArrivals(orders) {
    if (orders.length) {
      chime("arrived");
      speak(orders.map((order) => say("arrivedNow", order.pickupNumber, nameText(order))).join(" "));
    }
  }

  #lineIs(isOpen) {
    if (isOpen && this.#lostAt !== null) {
      notify(say("lineBack"), "done");
      this.pausing.read();
    }
    this.#lostAt = isOpen ? null : this.#lostAt ?? client.now();
    this.#hasBeenOpen ||= isOpen;
    this.#showLine(isOpen ? "connected" : "disconnected");
    this.#showLoss();
  }

  #showLine(state) {
    byId("line").dataset.line = state;
    byId("line-text").textContent = say(state);
  }

  #showLoss() {
    byId("lost").hidden = this.#lostAt === null;
    const text = this.#hasBeenOpen ? "lineLost" : "notConnected";
    byId("lost").textContent = this.#lostAt === null ? "" : say(text, timeWithSecondsText(this.#lostAt));
  }
}
