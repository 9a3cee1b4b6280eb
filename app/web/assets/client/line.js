/**
 * A line to the server by which a subscription's events come (graphql-transport-ws). When it drops, it is
 * laid again until it holds. The subscriptions of the API begin with what is, so nothing is missed.
 */

import { SignedOut } from "/assets/client/api.js";
import { forgetHashes, hashOf } from "/assets/client/documents.js";

const PROTOCOL = "graphql-transport-ws";
const SUBSCRIPTION = "1";
const TOKEN_ENDED = 4403;
const PING_EVERY_MILLISECONDS = 10_000;
const ANSWER_WITHIN_MILLISECONDS = 5_000;
const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 10_000;
const PASSING = ["PERSISTED_QUERY_NOT_FOUND", "UNAVAILABLE", "THROTTLED", "TOO_MANY_SUBSCRIPTIONS", "INTERNAL_ERROR"];

export class Line {
  #socket = null;
  #attempt = 0;
  #failures = 0;
  #rejectedToken = null;
  #pingTimer;
  #silenceTimer;
  #retryTimer;

  /**
   * `subscription` gives operation and variables. `tell` may have: `event(data, isFirst)`, where the first one
   * after each beginning says all that is; `state(isOpen)`; `refused(errors)` and `signedOut()`, after which
   * the line stays down.
   */
  constructor(session, subscription, tell) {
    this.session = session;
    this.subscription = subscription;
    this.tell = tell;
  }

  start() {
    addEventListener("online", this.#check);
    addEventListener("offline", this.#check);
    document.addEventListener("visibilitychange", this.#check);
    this.#connect();
  }

  stop() {
    removeEventListener("online", this.#check);
    removeEventListener("offline", this.#check);
    document.removeEventListener("visibilitychange", this.#check);
    this.#hangUp();
  }

  /** Begins again, for instance with other variables. */
  restart() {
    this.#hangUp();
    this.#connect();
  }

  /** Something may have happened to the network: waits no longer, or asks whether anybody is there. */
  #check = () => {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#ping();
    } else if (!this.#socket) {
      this.restart();
    }
  };

  #hangUp() {
    this.#attempt += 1;
    for (const timer of [this.#pingTimer, this.#silenceTimer, this.#retryTimer]) {
      clearTimeout(timer);
    }
    this.#socket?.close();
    this.#socket = null;
  }

  async #connect() {
    const attempt = ++this.#attempt;
    const isCurrent = () => attempt === this.#attempt;
    const { operation, variables } = this.subscription();
    try {
      const token = await this.session.accessToken(this.#rejectedToken);
      const documentId = await hashOf(operation);
      if (isCurrent()) {
        this.#open(token, { documentId, variables }, isCurrent);
      }
    } catch (error) {
      if (isCurrent() && error instanceof SignedOut) {
        this.stop();
        this.tell.signedOut();
      } else if (isCurrent()) {
        this.#drop();
      }
    }
  }

  #open(token, payload, isCurrent) {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/graphql`, PROTOCOL);
    let isFirst = true;
    this.#socket = socket;
    this.#awaitWord();
    socket.onopen = () => send(socket, { type: "connection_init", payload: { authorization: `Bearer ${token}` } });
    socket.onclose = ({ code }) => {
      if (!isCurrent()) {
        return;
      }
      this.#rejectedToken = code === TOKEN_ENDED ? token : null;
      if (code === TOKEN_ENDED && this.#failures === 0) {
        this.#failures = 1; // the next one has to come up with a new token, or wait
        this.restart();
      } else {
        this.#drop();
      }
    };
    socket.onmessage = ({ data }) => {
      if (!isCurrent()) {
        return;
      }
      const message = JSON.parse(data);
      this.#heard();
      if (message.type === "connection_ack") {
        send(socket, { type: "subscribe", id: SUBSCRIPTION, payload });
      } else if (message.type === "ping") {
        send(socket, { type: "pong" });
      } else if (message.type === "next" && message.payload.data) {
        this.#tellEvent(message.payload.data, isFirst);
        isFirst = false;
      } else if (message.type === "next" || message.type === "error") {
        this.#refuse(message.payload.errors ?? message.payload);
      } else if (message.type === "complete") {
        this.#drop();
      }
    };
  }

  #tellEvent(data, isFirst) {
    const [event] = Object.values(data);
    this.tell.event(event, isFirst);
    if (isFirst) {
      this.#failures = 0;
      this.#rejectedToken = null;
      this.tell.state(true);
    }
  }

  #refuse(errors) {
    const codes = errors.map((error) => error.extensions?.code);
    if (codes.includes("PERSISTED_QUERY_NOT_FOUND")) {
      forgetHashes();
    }
    if (codes.some((code) => PASSING.includes(code))) {
      this.#drop();
      return;
    }
    this.stop();
    this.tell.refused(errors.map(({ message, extensions }) => ({ message, code: extensions?.code })));
  }

  /** The line is down: says so, and tries again, each time after a longer pause with some chance in it. */
  #drop() {
    this.#hangUp();
    this.tell.state(false);
    const longest = Math.min(LONGEST_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retryTimer = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  #ping() {
    send(this.#socket, { type: "ping" });
    this.#awaitWord();
  }

  #awaitWord() {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#drop(), ANSWER_WITHIN_MILLISECONDS);
  }

  #heard() {
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#pingTimer);
    this.#pingTimer = setTimeout(() => this.#ping(), PING_EVERY_MILLISECONDS);
  }
}

function send(socket, message) {
  socket.send(JSON.stringify(message));
}
