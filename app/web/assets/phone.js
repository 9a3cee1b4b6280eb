/** A phone that speaks to the API, as the member app does. */

import { newId } from "/assets/client/tsunagu.js";

const TIMEOUT_MILLISECONDS = 15_000;
const UMEDA = { latitude: 34.7025, longitude: 135.4959 };
const RADIUS_METERS = 2_000_000;
const MAXIMUM_STORES = 12;
const ACCURACY_METERS = 10;
const NOTICED_MILLISECONDS = 2_000; // an answer's `Date` is good to the second
const THREE_KILOMETERS_IN_DEGREES = 0.027;

const REGISTER_GUEST = `mutation RegisterGuest($input: RegisterGuestInput!) {
  registerGuest(input: $input) {
    __typename
    ... on GuestRegistered {
      accessToken
      expiresAt
      member {
        nickname
        card { number rank }
        points { balance }
      }
    }
    ... on Rejected { errors { code message } }
  }
}`;

const STORES = `query Stores($near: GeoPointInput!, $radiusMeters: Int!, $first: Int!) {
  stores(near: $near, radiusMeters: $radiusMeters, first: $first) {
    nodes {
      id
      ja: name(locale: "ja")
      en: name(locale: "en")
      isOpen
      distanceMeters
      location { latitude longitude }
    }
  }
}`;

const CHECK_IN = `mutation CheckIn($input: CheckInInput!) {
  checkIn(input: $input) {
    __typename
    ... on CheckedIn { pointsAwarded pointBalance }
    ... on Rejected { errors { code message } }
  }
}`;

/** The API refused; each error has a message for people and a code for programs. */
export class Refused extends Error {
  constructor(errors) {
    super(errors.map((error) => error.code).join(", "));
    this.errors = errors;
  }
}

/** Nobody answered. */
export class Silence extends Error {}

// The page goes by the server's time, which development can move.
let aheadOfBrowser = 0;

function now() {
  return Date.now() + aheadOfBrowser;
}

/** Where a phone is that stands in the store, plays the trick `away`, or admits to `mock`. */
function locationAt(store, trick) {
  const away = trick === "away" ? THREE_KILOMETERS_IN_DEGREES : 0;
  return {
    latitude: store.location.latitude + away,
    longitude: store.location.longitude,
    accuracyMeters: ACCURACY_METERS,
    measuredAt: new Date(now()).toISOString(),
    isMock: trick === "mock",
  };
}

export class Phone {
  #session = null;
  #unanswered = new Map();

  /** `showExchange` is called with each request and its answer, `language` gives the person's language. */
  constructor(deviceId, language, showExchange) {
    this.deviceId = deviceId;
    this.language = language;
    this.showExchange = showExchange;
  }

  /** Gets the device's card, a new one if it has none, and signs it in. */
  async register() {
    const input = { deviceId: this.deviceId };
    const { registerGuest } = await this.#ask(REGISTER_GUEST, { input });
    this.#session = accepted(registerGuest);
    return this.#session.member;
  }

  /** Stores that are open now, the nearest to Umeda first. */
  async openStores() {
    const variables = { near: UMEDA, radiusMeters: RADIUS_METERS, first: MAXIMUM_STORES };
    const { stores } = await this.#ask(STORES, variables);
    return stores.nodes.filter((store) => store.isOpen);
  }

  /** Checks in at the store; the trick is `same` (none), `away` or `mock`. */
  async checkIn(store, trick) {
    await this.#staySignedIn();
    const wish = `${store.id} ${trick}`;
    const { checkIn } = await this.#ask(CHECK_IN, { input: this.#inputFor(wish, store, trick) });
    this.#unanswered.delete(wish);
    return accepted(checkIn);
  }

  /** The wish's input, kept until it is answered: repeated word for word, it happens once. */
  #inputFor(wish, store, trick) {
    if (!this.#unanswered.has(wish)) {
      const input = { storeId: store.id, location: locationAt(store, trick), idempotencyKey: newId() };
      this.#unanswered.set(wish, input);
    }
    return this.#unanswered.get(wish);
  }

  async #staySignedIn() {
    if (Date.parse(this.#session.expiresAt) <= now()) {
      this.#session = null;
      await this.register();
    }
  }

  /** The answer's data. Throws Refused or Silence. */
  async #ask(query, variables) {
    const headers = { "Content-Type": "application/json", "Accept-Language": this.language() };
    if (this.#session) {
      headers.Authorization = `Bearer ${this.#session.accessToken}`;
    }
    const answer = await answerTo(headers, { query, variables });
    this.showExchange({ headers, query, variables, answer: answer?.body ?? null });
    if (answer === null) {
      throw new Silence();
    }
    return dataOf(answer);
  }
}

/** The status and body of the answer, null if none came. */
async function answerTo(headers, content) {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  try {
    const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(content), signal });
    const told = Date.parse(response.headers.get("Date") ?? "");
    aheadOfBrowser = Math.abs(told - Date.now()) > NOTICED_MILLISECONDS ? told - Date.now() : 0;
    return { status: response.status, body: parsed(await response.text()) };
  } catch {
    return null;
  }
}

/** The value that the JSON text stands for, or the text itself if it is none. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function dataOf({ status, body }) {
  if (body?.errors) {
    const reasons = body.errors.map(({ message, extensions }) => ({ message, code: extensions?.code ?? "" }));
    throw new Refused(reasons);
  }
  if (!body?.data) {
    throw new Refused([{ message: String(body), code: `HTTP ${status}` }]);
  }
  return body.data;
}

/** The result, if it is not a refusal. */
function accepted(result) {
  if (result.__typename === "Rejected") {
    throw new Refused(result.errors);
  }
  return result;
}
