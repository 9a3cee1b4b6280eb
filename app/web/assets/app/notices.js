/** Short messages above the tabs, and what is said of errors. */

import { notifier } from "/assets/client/notices.js";
import { Refused, Silence, SignedOut } from "/assets/client/tsunagu.js";
import { say } from "/assets/app/words.js";

export { forgetFailures } from "/assets/client/notices.js";

/** Shows a message; `kind` is `done`, `news` or `failed`. */
export const notify = notifier(() => say("dismiss"), 2);

/** What to say of an error of the API; any other is a bug, and goes on. */
export function failureText(error) {
  if (error instanceof SignedOut) {
    return say("signedOut");
  }
  if (error instanceof Silence) {
    return say(navigator.onLine ? "silence" : "noNetwork");
  }
  if (!(error instanceof Refused)) {
    throw error;
  }
  return error.message;
}
