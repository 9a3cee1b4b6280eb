/** Calls the API: each call runs one official operation and gives its one field. */

import { learnTime, pause } from "/assets/client/clock.js";
import { forgetHashes, hashOf } from "/assets/client/documents.js";

const TIMEOUT_MILLISECONDS = 10_000;
const PAUSES_MILLISECONDS = [400, 1_200, 3_000];

/** The API refused; each error has a message for people and a code for programs. */
export class Refused extends Error {
  constructor(errors) {
    super(errors.map((error) => error.message).join(" "));
    this.errors = errors;
  }

  has(code) {
    return this.errors.some((error) => error.code === code);
  }
}

/** Nobody answered: whether it happened is not known. The same call again happens once. */
export class Silence extends Error {}

/** There is no session, or no longer. */
export class SignedOut extends Error {}

export class Api {
  /** `session` gives the tokens; null for what needs none. `language` gives the person's language. */
  constructor(language, session = null) {
    this.language = language;
    this.session = session;
  }

  /**
   * The operation's result. What got no answer is sent again, the same word for word: every mutation carries
   * a version or a key by which it happens once. Throws Refused, Silence or SignedOut.
   */
  async run(operation, variables = {}, options = {}) {
    const { timeout = TIMEOUT_MILLISECONDS, pauses = PAUSES_MILLISECONDS } = options;
    let silences = 0;
    for (;;) {
      try {
        return await this.#ask(operation, variables, timeout);
      } catch (error) {
        if (!(error instanceof Silence) || silences === pauses.length) {
          throw error;
        }
        await pause(pauses[silences]);
        silences += 1;
      }
    }
  }

  async #ask(operation, variables, timeout) {
    let token = await this.session?.accessToken();
    let answer = await this.#post(operation, variables, token, timeout);
    if (answer.status === 401 && token) {
      token = await this.session.accessToken(token);
      answer = await this.#post(operation, variables, token, timeout);
    }
    if (answer.status === 401) {
      this.session?.close();
      throw new SignedOut();
    }
    if (codesOf(answer).includes("PERSISTED_QUERY_NOT_FOUND")) {
      forgetHashes();
      answer = await this.#post(operation, variables, token, timeout);
    }
    return resultOf(answer);
  }

  async #post(operation, variables, token, timeout) {
    const headers = { "Content-Type": "application/json", "Accept-Language": this.language() };
    if (token) {
      headers.Authorization = `Bearer ${token}`;
    }
    try {
      const body = JSON.stringify({ documentId: await hashOf(operation), variables });
      const signal = AbortSignal.timeout(timeout);
      const response = await fetch("/graphql", { method: "POST", headers, body, signal });
      learnTime(response);
      return { status: response.status, body: await response.json() };
    } catch {
      throw new Silence();
    }
  }
}

function codesOf({ body }) {
  return (body.errors ?? []).map((error) => error.extensions?.code);
}

function resultOf(answer) {
  if (codesOf(answer).includes("UNAVAILABLE")) {
    throw new Silence();
  }
  if (answer.body.errors) {
    throw new Refused(answer.body.errors.map(({ message, extensions }) => ({ message, code: extensions?.code })));
  }
  const [result] = Object.values(answer.body.data);
  if (result?.__typename === "Rejected") {
    throw new Refused(result.errors);
  }
  return result;
}
