/** Short messages at the bottom of the page, and what is said of errors. */

import { notifier } from "/assets/client/notices.js";
import { Refused, Silence, SignedOut } from "/assets/client/tsunagu.js";
import { say } from "/assets/counter/words.js";

export { forgetFailures } from "/assets/client/notices.js";

/** Shows a message; `kind` is `done`, `news` or `failed`. */
export const notify = notifier(() => say("dismiss"), 3);

/** What to say of an error of the API; any other is a bug, and goes on. */
export function failureText(error) {
  if (error instanceof SignedOut) {
    return say("shiftEnded");
  }
  if (error instanceof Silence) {
    return say("silence");
  }
  if (!(error instanceof Refused)) {
    throw error;
  }
  return isStale(error) ? say("changed") : error.message;
}

/** Whether the order was changed by somebody else since this page looked at it. */
export function isStale(error) {
  return error instanceof Refused && (error.has("ORDER_CHANGED") || error.has("ORDER_MOVE_ILLEGAL"));
}
