/**
 * A session and its tokens. A refresh token is spent by its use, and one that was spent long ago ends the
 * session: so the newest is kept for all pages of this browser, and one page at a time renews it.
 */

import { Refused, SignedOut } from "/assets/client/api.js";
import { now } from "/assets/client/clock.js";
import { forget, recall, remember } from "/assets/client/storage.js";

const RENEWED_BEFORE_MILLISECONDS = 30_000;

// All tries must fall within the 10 s in which a spent token gets the same answer again.
const RENEWAL = { timeout: 2_500, pauses: [200, 800, 1_000] };

export class Session {
  #name;
  #api;
  #ended;
  #renewal = null;

  /** `name` is what it is kept under; `api` is one without a session; `ended` is called when it is over. */
  constructor(name, api, ended = () => {}) {
    this.#name = name;
    this.#api = api;
    this.#ended = ended;
  }

  get isOpen() {
    return recall(this.#name) !== null;
  }

  open({ accessToken, refreshToken, expiresAt }) {
    remember(this.#name, { accessToken, refreshToken, expiresAt });
  }

  close() {
    forget(this.#name);
    this.#ended();
  }

  /** A token that is good for a while, another one than the rejected. Throws Silence or SignedOut. */
  async accessToken(rejected = null) {
    const token = this.#goodToken(rejected);
    if (token) {
      return token;
    }
    this.#renewal ??= alone(`renewal of ${this.#name}`, () => this.#renew(rejected)).finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  #goodToken(rejected) {
    const tokens = recall(this.#name);
    const isGood = tokens && Date.parse(tokens.expiresAt) - now() > RENEWED_BEFORE_MILLISECONDS;
    return isGood && tokens.accessToken !== rejected ? tokens.accessToken : null;
  }

  async #renew(rejected) {
    const renewedElsewhere = this.#goodToken(rejected);
    if (renewedElsewhere) {
      return renewedElsewhere;
    }
    const tokens = recall(this.#name);
    if (!tokens) {
      throw new SignedOut();
    }
    try {
      const input = { refreshToken: tokens.refreshToken };
      this.open(await this.#api.run("refresh_session", { input }, RENEWAL));
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      if (recall(this.#name)?.refreshToken === tokens.refreshToken) {
        this.close();
      }
      throw new SignedOut();
    }
    return recall(this.#name).accessToken;
  }
}

/** Does this while no other page of this browser does what has the same name. */
function alone(name, act) {
  // Browsers keep locks from pages that another machine serves over plain HTTP.
  return navigator.locks ? navigator.locks.request(name, act) : act();
}
