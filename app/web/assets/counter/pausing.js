/** The pause of the store's orders: for how long, until when, and its end. */

import { byId, element } from "/assets/client/dom.js";
import { client } from "/assets/counter/client.js";
import { openDialog } from "/assets/counter/dialogs.js";
import { failureText, notify } from "/assets/counter/notices.js";
import { say, timeText } from "/assets/counter/words.js";

const MINUTES = [10, 20, 60];

export class Pausing {
  #until = null;
  #changes = 0;

  constructor(api, storeId) {
    this.api = api;
    this.storeId = storeId;
    byId("pause").onclick = () => this.#choose();
    byId("resume").onclick = () => this.#resume();
  }

  /** Asks whether orders are paused; another tablet may have done it. What is changed meanwhile here is newer. */
  async read() {
    const changes = this.#changes;
    try {
      const until = await this.api.run("orders_paused_until", { storeId: this.storeId });
      if (changes === this.#changes) {
        this.#until = until;
        this.show();
      }
    } catch (error) {
      failureText(error); // what is shown stays, until there is an answer
    }
  }

  show() {
    const isPaused = this.#until !== null && client.now() < Date.parse(this.#until);
    byId("paused").hidden = !isPaused;
    byId("pause").hidden = isPaused;
    byId("paused-text").textContent = isPaused ? say("pausedUntil", timeText(this.#until)) : "";
  }

  #choose() {
    const actions = MINUTES.map((minutes) => ({
      label: say("minutes", minutes),
      kind: "primary",
      act: () => this.#pause(minutes),
    }));
    const cancel = { label: say("cancel"), kind: "plain", act() {} };
    openDialog(say("pauseHeading"), element("p", {}, say("pauseText")), [cancel, ...actions]);
  }

  async #pause(minutes) {
    this.#changes += 1;
    const { pausedUntil } = await this.api.run("pause_orders", { input: { minutes } });
    this.#changes += 1;
    this.#until = pausedUntil;
    this.show();
  }

  async #resume() {
    try {
      await this.#pause(0);
      byId("pause").focus();
    } catch (error) {
      notify(failureText(error), "failed");
    }
  }
}
