/** The counter's client of the API. */

import * as storage from "/assets/client/storage.js";
import { Tsunagu } from "/assets/client/tsunagu.js";
import { language } from "/assets/counter/words.js";

export const client = new Tsunagu("counter-session", { language, storage });
