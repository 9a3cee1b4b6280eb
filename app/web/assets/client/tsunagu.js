/**
 * The client of Tsunagu's API: all that an app needs to speak to it, and nothing of any page.
 *
 * To port it to Swift or Kotlin, go from top to bottom. What it wants of the platform is handed in: `fetch`,
 * `WebSocket`, a `storage` that outlives the app's end (`recall`, `remember`, `forget`: Keychain, Keystore),
 * and `alone(name, act)`, by which one process of the app at a time does something. It keeps five promises:
 *
 * 1. No query is sent. A call names an official operation, and its hash goes over the wire.
 * 2. What got no answer is sent again, the same word for word; whoever calls hears of the answer alone.
 * 3. What must happen once has a key before it is first sent, and keeps it, over restarts, until an answer.
 * 4. However many calls find the access token too old, the session is renewed once.
 * 5. Times are the server's: a phone's own clock may be minutes off.
 */

const CALL = { timeout: 10_000, pauses: [400, 1_200, 3_000], withToken: true }; // all times in milliseconds
// All tries must fall within the 10 s in which a spent refresh token gets the same answer again.
const RENEWAL = { timeout: 2_500, pauses: [200, 800, 1_000], withToken: false };
const RENEWED_BEFORE = 30_000;
const NOTICED_SKEW = 2_000; // an answer's `Date` is good to the second
const LINE = { pingAfter: 10_000, answerWithin: 5_000, firstPause: 500, longestPause: 10_000, tokenEnded: 4403 };
const OF_THE_NETWORK = ["online", "offline", "visibilitychange"];
// With these the API has decided nothing: the same call may be answered another time.
const PASSING = ["PERSISTED_QUERY_NOT_FOUND", "UNAVAILABLE", "THROTTLED", "TOO_MANY_SUBSCRIPTIONS", "INTERNAL_ERROR", "PAYMENT_PENDING"];

/** The API refused; each of `errors` has a `message` for people and a `code` for programs. */
export class Refused extends Error {
  constructor(errors) {
    super(errors.map((error) => error.message).join(" "));
    this.errors = errors.map((error) => ({ code: error.extensions?.code, ...error }));
    this.isPassing = PASSING.some((code) => this.has(code));
  }

  has(code) {
    return this.errors.some((error) => error.code === code);
  }
}

/** Nobody answered: whether it happened is not known. */
export class Silence extends Error {}

/** There is no session, or no longer. */
export class SignedOut extends Error {}

export class Tsunagu {
  ended = () => {}; // called when the session has ended, whoever ended it
  #hashes = null;
  #renewal = null;

  /** `name` is what the session is kept under; `language` gives the person's, `ja` or `en`. */
  constructor(name, { language, storage, address = location.origin, ...platform }) {
    // Browsers keep locks from pages that another machine serves over plain HTTP.
    const alone = (what, act) => (navigator.locks ? navigator.locks.request(what, act) : act());
    Object.assign(this, { name, language, storage, address, wishes: `${name}-unanswered` });
    this.platform = { fetch: (...call) => fetch(...call), WebSocket, alone, ...platform };
    this.skew = storage.recall(`${name}-skew`) ?? 0;
  }

  /** The time in milliseconds, as the server tells it. */
  now() {
    return Date.now() + this.skew;
  }

  /**
   * Runs an official operation: gives its one field, or all by their names if there are several. It must be safe
   * to send twice, by a version or by its nature; else use `act`. Throws Refused, Silence or SignedOut.
   */
  async run(operation, variables = {}, options = {}) {
    const call = { ...CALL, ...options };
    for (let silences = 0; ; silences += 1) {
      try {
        return await this.#ask(operation, variables, call);
      } catch (error) {
        const isOver = !(error instanceof Silence) || silences === call.pauses.length;
        await (isOver ? Promise.reject(error) : pause(call.pauses[silences]));
      }
    }
  }

  /**
   * Does what must happen once, such as placing an order. While an earlier wish under this label has no answer,
   * that one is sent, word for word, and not this one: it may have happened. Throws as `run` does; after
   * Silence the wish stays `unanswered`, over restarts too, until `act` gets its answer.
   */
  async act(operation, input, label = operation) {
    const wish = this.unanswered(label) ?? { operation, input: { ...input, idempotencyKey: newId() } };
    const keep = (kept) => this.storage.remember(this.wishes, { ...this.storage.recall(this.wishes), [label]: kept });
    keep(wish);
    try {
      const result = await this.run(wish.operation, { input: wish.input });
      result.__typename === "PaymentToConfirm" || keep(undefined); // sent again once the bank has her word
      return result;
    } catch (error) {
      isFinal(error) && keep(undefined);
      throw error;
    }
  }

  /** The wish under this label that has no answer yet: `{ operation, input }`, or null. */
  unanswered(label) {
    return this.storage.recall(this.wishes)?.[label] ?? null;
  }

  /** Hears a subscription's events; gives `stop` and `restart`. See `lay`. */
  follow(subscription, tell) {
    return lay(this, subscription, { event() {}, state() {}, refused() {}, signedOut() {}, ...tell });
  }

  get isOpen() {
    return this.storage.recall(this.name) !== null;
  }

  /** Begins a session. What was wished for in another one is nobody's any more. */
  open(tokens) {
    this.storage.forget(this.wishes);
    this.#keep(tokens);
  }

  close() {
    this.storage.forget(this.wishes);
    this.storage.forget(this.name);
    this.ended();
  }

  /** A token that is good for a while, another one than the rejected; null when nobody is signed in. */
  async accessToken(rejected = null) {
    if (!this.isOpen && !rejected) {
      return null;
    }
    const renew = () => this.platform.alone(`renewal of ${this.name}`, () => this.#renew(rejected));
    return this.#goodToken(rejected) ?? (this.#renewal ??= renew().finally(() => { this.#renewal = null; }));
  }

  #goodToken(rejected) {
    const tokens = this.storage.recall(this.name);
    const isGood = tokens && Date.parse(tokens.expiresAt) - this.now() > RENEWED_BEFORE;
    return isGood && tokens.accessToken !== rejected ? tokens.accessToken : null;
  }

  /** A refresh token is spent by its use, and using it later again ends the session: the newest is kept for all. */
  async #renew(rejected) {
    const good = this.#goodToken(rejected); // another process may have been first
    const spent = this.storage.recall(this.name)?.refreshToken;
    if (good || !spent) {
      return good ?? Promise.reject(new SignedOut());
    }
    try {
      return this.#keep(await this.run("refresh_session", { input: { refreshToken: spent } }, RENEWAL));
    } catch (error) {
      isFinal(error) && this.storage.recall(this.name)?.refreshToken === spent && this.close();
      throw isFinal(error) ? new SignedOut() : error;
    }
  }

  #keep({ accessToken, refreshToken, expiresAt }) {
    this.storage.remember(this.name, { accessToken, refreshToken, expiresAt });
    return accessToken;
  }

  async #ask(operation, variables, { timeout, withToken }) {
    const token = withToken ? await this.accessToken() : null;
    let answer = await this.#post(operation, variables, token, timeout);
    if (answer.status === 401 && token) {
      answer = await this.#post(operation, variables, await this.accessToken(token), timeout);
    }
    if (answer.status === 401) {
      token && this.close();
      throw new SignedOut();
    }
    if (answer.errors) {
      const refused = new Refused(answer.errors);
      this.forgetHashes(refused);
      throw refused.has("PERSISTED_QUERY_NOT_FOUND") || refused.has("UNAVAILABLE") ? new Silence() : refused;
    }
    const fields = Object.values(answer.data);
    if (fields.length === 1 && fields[0]?.__typename === "Rejected") {
      throw new Refused(fields[0].errors);
    }
    return fields.length === 1 ? fields[0] : answer.data;
  }

  async #post(operation, variables, token, timeout) {
    const headers = { "Content-Type": "application/json", "Accept-Language": this.language() };
    try {
      const body = JSON.stringify({ documentId: await this.hashOf(operation), variables });
      const call = { method: "POST", headers, body, signal: AbortSignal.timeout(timeout) };
      Object.assign(headers, token && { Authorization: `Bearer ${token}` });
      const response = await this.platform.fetch(`${this.address}/graphql`, call);
      const told = Date.parse(response.headers.get("Date") ?? "");
      if (Math.abs(told - this.now()) > NOTICED_SKEW) {
        this.skew = told - Date.now();
        this.storage.remember(`${this.name}-skew`, this.skew);
      }
      return { status: response.status, ...(await response.json()) };
    } catch {
      throw new Silence();
    }
  }

  /** The hash of the operation with this name; the list of all is fetched once, and anew when that fails. */
  hashOf(operation) {
    this.#hashes ??= this.platform.fetch(`${this.address}/operations.json`).then((answer) => answer.json());
    return this.#hashes.then((hashes) => hashes[operation], () => { this.#hashes = null; throw new Silence(); });
  }

  /** After the server was updated an operation may have another hash. */
  forgetHashes(refused) {
    this.#hashes = refused.has("PERSISTED_QUERY_NOT_FOUND") ? null : this.#hashes;
  }
}

/**
 * Lays a line: a subscription on a WebSocket of its own (graphql-transport-ws). When it drops it is laid again,
 * each time after a longer pause, until it holds. The API's subscriptions begin with what is: nothing is missed.
 * `subscription` gives operation and variables. `tell` has `event(data, isFirst)`, where the first one after
 * each beginning says all that is; `state(isOpen)`; `refused(errors)` and `signedOut()`, which end it.
 */
function lay(client, subscription, tell) {
  let [socket, isUp, attempt, failures, rejected, timer] = [null, false, 0, 0, null, null];
  const next = (act, after) => { clearTimeout(timer); timer = setTimeout(act, after); };
  const send = (message) => socket.send(JSON.stringify(message));
  const ping = () => { send({ type: "ping" }); next(drop, LINE.answerWithin); };
  const hangUp = () => { attempt += 1; clearTimeout(timer); socket?.close(); socket = null; };
  const restart = () => { hangUp(); connect(); };
  const stop = () => { OF_THE_NETWORK.forEach((what) => removeEventListener(what, check)); hangUp(); };
  const end = (how, ...said) => { stop(); tell[how](...said); };
  // Something may have happened to the network: waits no longer, or asks whether anybody is there.
  const check = () => (socket?.readyState === WebSocket.OPEN ? ping() : socket || restart());

  function drop() {
    hangUp();
    tell.state(false);
    next(connect, Math.min(LINE.longestPause, LINE.firstPause * 2 ** failures) * (0.5 + Math.random() / 2));
    failures += 1;
  }

  async function connect() {
    const current = attempt;
    const { operation, variables } = subscription();
    try {
      const token = await client.accessToken(rejected);
      const documentId = await client.hashOf(operation);
      if (current === attempt) {
        open(token, { documentId, variables });
      }
    } catch (error) {
      if (current === attempt) {
        error instanceof SignedOut ? end("signedOut") : drop();
      }
    }
  }

  function open(token, payload) {
    const opened = new client.platform.WebSocket(`${client.address.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    [socket, isUp] = [opened, false];
    next(drop, LINE.answerWithin);
    socket.onopen = () => send({ type: "connection_init", payload: token ? { authorization: `Bearer ${token}` } : {} });
    socket.onclose = ({ code }) => {
      if (socket === opened) {
        rejected = code === LINE.tokenEnded ? token : null;
        // With a token that has ended the next line is laid at once, with a new one; after that it waits.
        rejected && failures === 0 ? (failures = 1, restart()) : drop();
      }
    };
    socket.onmessage = ({ data }) => socket === opened && hear(JSON.parse(data), payload);
  }

  function hear({ type, payload: told }, payload) {
    next(ping, LINE.pingAfter);
    if (type === "connection_ack") {
      send({ type: "subscribe", id: "1", payload });
    } else if (type === "ping") {
      send({ type: "pong" });
    } else if (type === "next" && told.data) {
      const wasDown = !isUp;
      [isUp, failures] = [true, 0];
      tell.event(Object.values(told.data)[0], wasDown);
      wasDown && tell.state(true);
    } else if (type === "next" || type === "error") {
      const refused = new Refused(told.errors ?? told);
      client.forgetHashes(refused);
      refused.isPassing ? drop() : end("refused", refused.errors);
    } else if (type === "complete") {
      drop();
    }
  }

  OF_THE_NETWORK.forEach((what) => addEventListener(what, check));
  connect();
  return { stop, restart };
}

/** A name that nobody can guess: for a device, or for a wish. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const isFinal = (error) => error instanceof Refused && !error.isPassing;
